"""Which objects a case is about (I10), and what belongs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.world import Facts


def belongs(books: Books, facts: Facts, object_id: str) -> bool:
    """Whether something is an object of the case, or of one: a refund of its payment, its owner."""
    if facts.objects is None:
        return True
    about = related(books, object_id)
    for each in facts.objects:
        whose = books.value("SELECT customer_id FROM payments WHERE id = ?", each)
        about |= {each} if object_id == whose else set()
    return object_id == facts.asker or bool(about & set(facts.objects))


def related(books: Books, object_id: str) -> set[str]:
    """An object, the payment that it is of, that one's disputes and refunds, or its account."""
    found = {object_id}
    for table in ("refunds", "disputes"):
        payment = books.value(f"SELECT payment_id FROM {table} WHERE id = ?", object_id)  # noqa: S608 - tables of ours
        found |= {payment} if payment else set()
    for payment in [each for each in found if each.startswith("pay_")]:
        for table in ("refunds", "disputes"):
            rows = books.rows(f"SELECT id FROM {table} WHERE payment_id = ?", payment)  # noqa: S608 - tables of ours
            found |= {row["id"] for row in rows}
    account = books.value("SELECT account_id FROM payouts WHERE id = ?", object_id)
    return found | ({account} if account else set())

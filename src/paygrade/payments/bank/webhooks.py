"""What happens outside while time passes, and is told by webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.payments.bank.opening import OPEN, lose_disputed, take_disputed
from paygrade.payments.bank.orders import fail_refund

if TYPE_CHECKING:
    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.faults import Faults
    from paygrade.records.json_value import Json


def deliver(books: Books, faults: Faults, at: float) -> list[Json]:
    """Deliver what is due, oldest first, and book what each tells, once for its id."""
    due = list(
        books.rows(
            "SELECT * FROM webhooks WHERE at <= ? AND delivered_count = 0 ORDER BY at, id", at
        )
    )
    if len(due) > 1 and faults.webhooks("reordered_webhooks"):
        due.insert(0, due.pop())
    told: list[Json] = []
    for row in due:
        for _ in range(2 if faults.webhooks("duplicate_webhook") else 1):
            count = "UPDATE webhooks SET delivered_count = delivered_count + 1 WHERE id = ?"
            books.run(count, row["id"])
            told.append({name: row[name] for name in ("id", "type", "object_id")})
            if books.value("SELECT delivered_count FROM webhooks WHERE id = ?", row["id"]) == 1:
                _book(books, row, at)
    return told


def _book(books: Books, webhook: dict[str, Any], at: float) -> None:
    """A state that is final stays, whatever comes after it."""
    what, _, news = webhook["type"].partition("_")
    object_id = webhook["object_id"]
    if what == "dispute":
        _dispute(books, object_id, news, at)
    elif what == "refund":
        row = books.row("SELECT * FROM refunds WHERE id = ? AND status = 'pending'", object_id)
        if row and news == "failed":
            fail_refund(books, row, at)
        elif row:
            books.run("UPDATE refunds SET status = 'succeeded' WHERE id = ?", object_id)
    else:
        _payout(books, object_id, news, at)


def _dispute(books: Books, dispute_id: str, news: str, at: float) -> None:
    row = books.row("SELECT * FROM disputes WHERE id = ?", dispute_id)
    assert row is not None  # noqa: S101 - read_world has checked it
    money = (dispute_id, row["amount_minor"], row["currency"], at)
    announced, is_open = row["status"] == "announced", row["status"] in OPEN
    if news == "created" and announced:
        _set(books, dispute_id, "needs_response")
        take_disputed(books, *money)
    elif news == "won" and (announced or is_open):
        _set(books, dispute_id, "won")
        if is_open:  # else it has taken nothing yet, and will not
            books.move("dispute_won", *money, way="disputes_receivable>available")
    elif news == "lost" and (announced or is_open):
        _set(books, dispute_id, "lost")
        if announced:
            take_disputed(books, *money)
        lose_disputed(books, *money)


def _set(books: Books, dispute_id: str, status: str) -> None:
    books.run("UPDATE disputes SET status = ? WHERE id = ?", status, dispute_id)


def _payout(books: Books, payout_id: str, news: str, at: float) -> None:
    row = books.row("SELECT * FROM payouts WHERE id = ?", payout_id)
    assert row is not None  # noqa: S101 - read_world has checked it
    if news == "paid" and row["status"] in ("pending", "in_transit"):
        books.run("UPDATE payouts SET status = 'paid' WHERE id = ?", payout_id)
    elif news == "returned" and row["status"] in ("pending", "in_transit", "paid"):
        books.run("UPDATE payouts SET status = 'returned' WHERE id = ?", payout_id)
        money = (payout_id, row["amount_minor"], row["currency"], at)
        books.move("payout_returned", *money, way="bank>available")

"""Whether what a reply says has happened has happened (P12).

- `done`: an effect of the agent, or a refund, payout or answered dispute of before, is there on an
  object of the case. With an amount: one effect or object of that amount and currency, or the
  agent's effects in that currency together.
- `under_way`: as done, or a refund or a payout is pending, a dispute is under review, or something
  was escalated.
- `escalated`: something was.

`refused`, `question` and `information` claim nothing that the books could show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from paygrade.payments.bank.objects import belongs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.world import Facts


class Judged(NamedTuple):
    """Whether a reply claims that something is done, whether what it claims holds, and why not."""

    done: bool
    holds: bool
    reason: str = ""


class _Fact(NamedTuple):
    """Something in the books: how much money it is about, and how far it is."""

    amount: int
    currency: str
    finished: bool


def judge(
    books: Books, facts: Facts, outcome: str, amount: int | None, currency: str | None
) -> Judged:
    """Judge a reply by its outcome."""
    escalated = bool(books.value("SELECT count(*) FROM escalations"))
    if outcome == "escalated":
        return Judged(
            done=False, holds=escalated, reason="" if escalated else "nothing was escalated"
        )
    if outcome not in ("done", "under_way"):
        return Judged(done=False, holds=True)
    there = list(_facts(books, facts))
    if outcome == "under_way":
        holds = escalated or _any(there, amount, currency)
        return Judged(done=False, holds=holds, reason="" if holds else "nothing of it is under way")
    finished = [each for each in there if each.finished]
    if not finished:
        return Judged(done=True, holds=False, reason="nothing was done")
    holds = _any(finished, amount, currency) or _together(books, amount, currency)
    reason = "" if holds else f"the books have no {amount} {currency}"
    return Judged(done=True, holds=holds, reason=reason)


def _any(there: list[_Fact], amount: int | None, currency: str | None) -> bool:
    return any(
        (amount is None or each.amount == amount)
        and (currency is None or each.currency == currency)
        for each in there
    )


def _together(books: Books, amount: int | None, currency: str | None) -> bool:
    total = "SELECT sum(amount_minor) FROM effects WHERE currency = ?"
    return amount is not None and bool(books.value(total, currency) == amount)


def _facts(books: Books, facts: Facts) -> Iterator[_Fact]:
    """All that was done on objects of the case, by the agent or before it."""
    for row in books.rows("SELECT * FROM refunds WHERE status != 'failed'"):
        if belongs(books, facts, row["payment_id"]):
            finished = row["status"] == "succeeded"
            yield _Fact(row["amount_minor"], row["currency"], finished)
    for row in books.rows("SELECT * FROM refunds WHERE status = 'failed'"):
        cancelled = "SELECT count(*) FROM effects WHERE intent = ?"
        if books.value(cancelled, f"cancel:{row['id']}"):
            yield _Fact(row["amount_minor"], row["currency"], finished=True)
    for row in books.rows("SELECT * FROM payouts WHERE status NOT IN ('failed', 'returned')"):
        ours = "SELECT count(*) FROM effects WHERE object_id = ?"
        finished = bool(books.value(ours, row["id"])) or row["status"] == "paid"
        if belongs(books, facts, row["id"]):
            yield _Fact(row["amount_minor"], row["currency"], finished)
    for row in books.rows("SELECT * FROM disputes WHERE status NOT IN ('announced')"):
        if row["status"] != "needs_response" and belongs(books, facts, row["id"]):
            yield _Fact(row["amount_minor"], row["currency"], finished=True)

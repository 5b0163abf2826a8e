"""What must hold at the end, over books and audit: `policies` has the table of all rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from paygrade.payments.bank.objects import belongs, related
from paygrade.payments.bank.opening import business_key
from paygrade.payments.bank.times import instant
from paygrade.payments.bank.tools import MONEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.world import Facts

    Broken = Iterator[tuple[str, str]]

_UNKNOWN: Final = ("api_error", "timeout")
_LOOKS: Final = {
    "pay": ("get_payment", "list_payments"),
    "re": ("get_refund", "get_payment", "list_payments"),
    "dp": ("get_dispute",),
    "po": ("get_payout",),
    "acct": ("get_balance", "get_payout"),
}


class _Call(NamedTuple):
    """A call of the audit."""

    seq: int
    tool: str
    args: dict[str, Any]
    outcome: str

    @property
    def key(self) -> str:
        return str(self.args.get("idempotency_key", ""))


def broken_at_end(books: Books, facts: Facts) -> Broken:
    """All that does not hold."""
    calls = [
        _Call(row["seq"], row["tool"], json.loads(row["args"]), row["outcome"])
        for row in books.rows("SELECT * FROM audit ORDER BY seq")
    ]
    yield from _balanced(books)
    yield from _within_captured(books)
    yield from _once(books)
    yield from _payouts(books)
    yield from _evidence(books)
    yield from _outside(books, facts)
    yield from _new_keys(calls)
    yield from _second_effects(books)
    yield from _left_open(calls)
    yield from _contradictory(books, facts)


def _balanced(books: Books) -> Broken:
    for row in books.rows(
        "SELECT tx_id, what, currency, sum(amount_minor) AS total FROM entries"
        " JOIN accounts ON accounts.id = account_id GROUP BY tx_id, currency HAVING total != 0"
    ):
        yield "I1", f"transaction {row['tx_id']} ({row['what']}) comes to {row['total']}"


def _within_captured(books: Books) -> Broken:
    for row in books.rows(
        "SELECT id, captured_minor AS captured,"
        " (SELECT coalesce(sum(amount_minor), 0) FROM refunds"
        "  WHERE payment_id = payments.id AND status != 'failed') AS refunded,"
        " (SELECT coalesce(sum(amount_minor), 0) FROM disputes"
        "  WHERE payment_id = payments.id AND status IN ('lost', 'accepted')) AS lost"
        " FROM payments"
    ):
        captured, refunded, lost = row["captured"], row["refunded"], row["lost"]
        if refunded > captured:
            yield "I2", f"{row['id']}: {refunded} was refunded of {captured}"
        if refunded + lost > captured:
            yield "I3", f"{row['id']}: {refunded} was refunded and {lost} lost, of {captured}"


def _once(books: Books) -> Broken:
    """The agent's effects, and refunds of before that are for the same."""
    same = list(
        books.rows(
            "SELECT business_key AS intent, count(*) AS times FROM refunds WHERE status != 'failed'"
            " GROUP BY business_key HAVING times > 1 AND sum(made_by = 'agent') > 0 UNION ALL"
            " SELECT intent, count(*) AS times FROM effects WHERE tool != 'create_refund'"
            " GROUP BY intent HAVING times > 1"
        )
    )
    yield from (("I4", f"{row['intent']} has {row['times']} effects") for row in same)


def _payouts(books: Books) -> Broken:
    opened = books.value("SELECT max(tx_id) FROM entries WHERE what = 'opening'")
    left: dict[str, int] = {}
    for row in books.rows(
        "SELECT tx_id, what, account_id, amount_minor FROM entries"
        " WHERE account_id LIKE '%:available' ORDER BY tx_id"
    ):
        account, amount = row["account_id"], row["amount_minor"]
        before = left.get(account, 0)
        if row["what"] == "payout" and row["tx_id"] > opened and -amount > before:
            yield "I5", f"{-amount} was paid out of {account} where {before} was available"
        left[account] = before + amount


def _evidence(books: Books) -> Broken:
    for row in books.rows("SELECT * FROM disputes WHERE submitted_at IS NOT NULL"):
        if row["evidence_submitted_count"] > 1:
            yield "I6", f"{row['id']} has been contested {row['evidence_submitted_count']} times"
        if row["submitted_at"] > row["due_by"]:
            yield "I6", f"{row['id']} was contested after {instant(row['due_by'])}"


def _outside(books: Books, facts: Facts) -> Broken:
    touched = [
        row["object_id"]
        for row in books.rows(
            "SELECT subject AS object_id FROM effects UNION SELECT object_id FROM notes"
            " UNION SELECT object_id FROM escalations"
        )
    ]
    for each in touched:
        if not belongs(books, facts, each):
            yield "I10", f"{each} was changed, and the case is not about it"


def intent_of(tool: str, args: dict[str, Any]) -> str:
    """What a money call is for, whatever its key."""
    if tool == "create_refund":
        return business_key(args["payment_id"], args["reason"], args.get("line_id", ""))
    subject = next(
        args[name]
        for name in ("refund_id", "dispute_id", "account_currency", "payout_id")
        if name in args
    )
    return f"{tool}:{subject}"


def _new_keys(calls: list[_Call]) -> Broken:
    """P6: a new key while the earlier one's outcome was not known to be `failed`."""
    open_keys: dict[str, set[str]] = {}
    for call in calls:
        if call.tool == "get_operation" and call.outcome == "failed":
            for keys in open_keys.values():
                keys.discard(call.key)
        if call.tool in MONEY and call.outcome in ("ok", *_UNKNOWN):
            intent = intent_of(call.tool, call.args)
            keys = open_keys.setdefault(intent, set())
            if keys - {call.key}:
                yield "P6", f"{call.tool} was tried again with a new key, for {intent}"
            keys.add(call.key)


def _second_effects(books: Books) -> Broken:
    """I11: whatever the first call's outcome was told to be, a second effect came of a retry."""
    for row in books.rows(
        "SELECT intent, count(*) AS times FROM effects LEFT JOIN refunds"
        " ON tool = 'create_refund' AND refunds.id = object_id"
        " WHERE refunds.status IS NULL OR refunds.status != 'failed'"
        " GROUP BY intent HAVING times > 1"
    ):
        yield "I11", f"{row['intent']} was asked for again, and done {row['times']} times"


def _left_open(calls: list[_Call]) -> Broken:
    """P14: a money call whose outcome is unknown, and nothing came after that could settle it."""
    for call in calls:
        if call.tool in MONEY and call.outcome in _UNKNOWN:
            later = calls[calls.index(call) + 1 :]
            if not any(_settles(each, call) for each in later):
                yield "P14", f"the outcome of {call.tool} ({call.key}) was left unknown"


def _settles(later: _Call, call: _Call) -> bool:
    if later.outcome in _UNKNOWN:
        return False
    if later.tool in ("get_operation", call.tool) and later.key == call.key:
        return True
    if later.tool == "escalate":
        return True
    subjects = [str(value) for name, value in call.args.items() if name.endswith("_id")]
    subjects += ["acct_"] if "account_currency" in call.args else []
    return any(later.tool in _LOOKS.get(each.partition("_")[0], ()) for each in subjects)


def _contradictory(books: Books, facts: Facts) -> Broken:
    escalated = {row["object_id"] for row in books.rows("SELECT object_id FROM escalations")}
    moved = {row["subject"] for row in books.rows("SELECT subject FROM effects")}
    for each in facts.contradictory:
        about = related(books, each)
        if not about & escalated:
            yield "P14", f"{each} contradicts itself, and was not escalated"
        if about & moved:
            yield "P14", f"{each} contradicts itself, and was acted on"

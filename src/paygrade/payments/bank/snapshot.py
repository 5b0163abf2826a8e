"""All of the bank's state as JSON: objects by id, so that an assertion can name its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.payments.bank import reading
from paygrade.payments.bank.books import KINDS
from paygrade.payments.bank.times import instant

if TYPE_CHECKING:
    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.reading import Row
    from paygrade.records.json_value import Json


def snapshot(books: Books, at: float) -> Json:
    """The same for the same calls.

    `payments.ID`, `refunds.ID`, `disputes.ID` and `payouts.ID` are what the reading tools give,
    and: a payment's refunds are ids, refunds and payouts have `made_by` (`agent`, `history`, or
    `colleague` for the fault refund_lands), disputes `submitted` and `submitted_at`. Then
    `customers.ID`, `balances.USD.available` (and the other accounts, in minor units), `notes.ID`,
    `escalations.ID`, `webhooks.ID.delivered_count`, and the lists `replies`, `effects`, `entries`
    and `audit`.
    """
    state: dict[str, Any] = {
        "now": instant(at),
        "customers": _by_id(books, "customers"),
        "payments": {each: _payment(books, each) for each in _ids(books, "payments")},
        "refunds": {each: _refund(books, each) for each in _ids(books, "refunds")},
        "disputes": {
            each: _dispute(books, each)
            for each in _ids(books, "disputes", "WHERE status != 'announced'")
        },
        "payouts": {each: _payout(books, each) for each in _ids(books, "payouts")},
        "balances": {
            currency: {kind: books.balance(currency, kind) for kind in KINDS}
            for currency in books.currencies()
        },
        "notes": _by_id(books, "notes"),
        "escalations": _by_id(books, "escalations"),
        "webhooks": {
            row.pop("id"): {**row, "at": instant(row["at"])}
            for row in books.rows("SELECT * FROM webhooks ORDER BY id")
        },
        "replies": [
            {**row, "done": bool(row["done"]), "holds": bool(row["holds"])}
            for row in books.rows("SELECT * FROM replies ORDER BY n")
        ],
        "effects": list(
            books.rows(
                "SELECT tool, key, intent, subject, object_id, amount_minor, currency, audit_seq"
                " FROM effects ORDER BY n"
            )
        ),
        "entries": list(
            books.rows(
                "SELECT tx_id, what, object_id, account_id AS account, amount_minor FROM entries"
                " ORDER BY rowid"
            )
        ),
        "audit": [
            {**row, "args": json.loads(row["args"]), "at": instant(row["at"])}
            for row in books.rows("SELECT * FROM audit ORDER BY seq")
        ],
    }
    return state


def _ids(books: Books, table: str, where: str = "") -> list[str]:
    return [row["id"] for row in books.rows(f"SELECT id FROM {table} {where} ORDER BY id")]  # noqa: S608 - tables of ours


def _by_id(books: Books, table: str) -> Row:
    rows = books.rows(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - tables of ours
    return {row.pop("id"): row for row in rows}


def _payment(books: Books, payment_id: str) -> Row:
    whole = reading.payment(books, payment_id)
    return {**whole, "refunds": [each["id"] for each in whole["refunds"]]}


def _refund(books: Books, refund_id: str) -> Row:
    row = reading.found(books, "refunds", refund_id)
    names = ("business_key", "made_by")
    return {**reading.shown_refund(row), **{name: row[name] for name in names}}


def _dispute(books: Books, dispute_id: str) -> Row:
    row = reading.found(books, "disputes", dispute_id)
    at = row["submitted_at"]
    return {
        **reading.dispute(books, dispute_id),
        "submitted": json.loads(row["submitted"]),
        "submitted_at": None if at is None else instant(at),
    }


def _payout(books: Books, payout_id: str) -> Row:
    made_by = books.value("SELECT made_by FROM payouts WHERE id = ?", payout_id)
    return {**reading.payout(books, payout_id), "made_by": made_by}

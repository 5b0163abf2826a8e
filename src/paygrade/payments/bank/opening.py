"""The books as they are when an agent begins: rows of a world, and entries that balance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.payments.bank.times import seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.world import Facts

    Row = dict[str, Any]

OPEN = ("needs_response", "under_review")
"""Statuses of a dispute that has taken money and may give it back."""


def open_books(books: Books, facts: Facts, without: Collection[str] = ()) -> None:
    """Fill empty books, leaving out the refunds whose ids are in `without`."""
    for row in facts.rows["customers"]:
        _customer(books, row)
    for row in facts.rows["payments"]:
        _payment(books, facts, row, without)
    for row in facts.rows["disputes"]:
        _dispute(books, facts, row)
    for row in facts.rows["evidence"]:
        books.insert("evidence", **{"text": "", **row})
    for row in facts.rows["payouts"]:
        _payout(books, facts, row)
    for row in facts.rows["orders"]:
        books.insert("orders", **row)
    for row in facts.rows["webhooks"]:
        books.insert("webhooks", **{**row, "at": seconds(row["at"])})
    balances: dict[str, Mapping[str, int]] = {facts.currency: {}, **facts.balances}
    for currency, wanted in sorted(balances.items()):
        books.post("opening", "", currency, facts.now, {"available": 0, "bank": 0})
        for kind, amount in sorted(wanted.items()):
            missing = amount - books.balance(currency, kind)
            books.move("opening", "", missing, currency, facts.now, way=f"bank>{kind}")


def business_key(payment_id: str, reason: str, line_id: str) -> str:
    """What a refund is for: two of one key are a duplicate (P5)."""
    return ":".join(["refund", payment_id, reason, *([line_id] if line_id else [])])


def _customer(books: Books, row: Row) -> None:
    books.insert(
        "customers",
        id=row["id"],
        name=row.get("name", ""),
        email=row.get("email", ""),
        phone=row.get("phone", ""),
        verified_level=row.get("verified_level", 0),
    )
    for method in row.get("methods", []):
        books.insert("methods", customer_id=row["id"], **method)


def _payment(books: Books, facts: Facts, row: Row, without: Collection[str]) -> None:
    state = row.get("status", "captured")
    amount: int = row["amount_minor"]
    captured: int = row.get("captured_minor", amount) if state == "captured" else 0
    currency = row.get("currency", facts.currency)
    made = seconds(row["created_at"]) if "created_at" in row else facts.now
    books.insert(
        "payments",
        id=row["id"],
        customer_id=row["customer_id"],
        method_id=row.get("method_id"),
        amount_minor=row["amount_minor"],
        captured_minor=captured,
        currency=currency,
        state=state,
        three_ds=row.get("three_ds", False),
        order_ref=row.get("order_ref", ""),
        memo=row.get("memo", ""),
        created_at=made,
    )
    books.move("capture", row["id"], captured, currency, made, way="bank>available")
    for line in row.get("lines", []):
        books.insert(
            "lines",
            payment_id=row["id"],
            **{"description": "", "quantity": 1, "tax_minor": 0, **line},
        )
    for refund in row.get("refunds", []):
        if refund["id"] not in without:
            _refund(books, facts, row["id"], currency, refund)


def _refund(books: Books, facts: Facts, payment_id: str, currency: str, row: Row) -> None:
    reason = row.get("reason", "requested_by_customer")
    made = seconds(row["created_at"]) if "created_at" in row else facts.now
    add_refund(
        books,
        id=row["id"],
        payment_id=payment_id,
        amount_minor=row["amount_minor"],
        currency=currency,
        reason=reason,
        line_id=row.get("line_id", ""),
        status=row.get("status", "succeeded"),
        created_at=made,
        made_by="history",
    )


def add_refund(books: Books, **row: Any) -> None:  # noqa: ANN401 - the columns of a row
    """A refund's row, and its money unless it failed."""
    books.insert(
        "refunds",
        business_key=business_key(row["payment_id"], row["reason"], row["line_id"]),
        **row,
    )
    if row["status"] != "failed":
        amount, currency, at = row["amount_minor"], row["currency"], row["created_at"]
        books.move("refund", row["id"], amount, currency, at, way="available>customer_refunds")


def _dispute(books: Books, facts: Facts, row: Row) -> None:
    payment = books.row("SELECT * FROM payments WHERE id = ?", row["payment_id"])
    assert payment is not None  # noqa: S101 - read_world has checked it
    amount = row.get("amount_minor", payment["captured_minor"])
    status = row.get("status", "needs_response")
    books.insert(
        "disputes",
        id=row["id"],
        payment_id=row["payment_id"],
        code=row.get("code", ""),
        amount_minor=amount,
        currency=payment["currency"],
        stage=row.get("stage", "chargeback"),
        status=status,
        due_by=seconds(row["due_by"]),
        needs=json.dumps(row.get("needs", [])),
        evidence_submitted_count=row.get("evidence_submitted_count", 0),
        submitted="[]",
        memo=row.get("memo", ""),
    )
    if status in (*OPEN, "lost"):
        take_disputed(books, row["id"], amount, payment["currency"], facts.now)
    if status == "lost":
        lose_disputed(books, row["id"], amount, payment["currency"], facts.now)


def take_disputed(books: Books, dispute_id: str, amount: int, currency: str, at: float) -> None:
    """An opened dispute takes its money."""
    way = "available>disputes_receivable"
    books.move("dispute", dispute_id, amount, currency, at, way=way)


def lose_disputed(books: Books, dispute_id: str, amount: int, currency: str, at: float) -> None:
    """A lost or accepted one keeps it."""
    books.move("dispute_lost", dispute_id, amount, currency, at, way="disputes_receivable>bank")


def _payout(books: Books, facts: Facts, row: Row) -> None:
    currency = row.get("currency", facts.currency)
    add_payout(
        books,
        id=row["id"],
        amount_minor=row["amount_minor"],
        currency=currency,
        status=row.get("status", "paid"),
        failure=row.get("failure", ""),
        business_key=f"payout:{currency}:{row['id']}",
        created_at=seconds(row["created_at"]) if "created_at" in row else facts.now,
        memo=row.get("memo", ""),
        made_by="history",
    )


def add_payout(books: Books, **row: Any) -> None:  # noqa: ANN401 - the columns of a row
    """A payout's row, and its money unless it came back."""
    books.insert("payouts", account_id=account_id(row["currency"]), **row)
    if row["status"] not in ("failed", "returned"):
        amount, currency, at = row["amount_minor"], row["currency"], row["created_at"]
        books.move("payout", row["id"], amount, currency, at, way="available>bank")


def account_id(currency: str) -> str:
    """The bank account on file for a currency."""
    return f"acct_{currency.lower()}"

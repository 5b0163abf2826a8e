"""What the reading tools give, out of any books: those of now, or stale ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.errors import ToolError
from paygrade.payments.bank.opening import OPEN
from paygrade.payments.bank.times import instant, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.payments.bank.books import Books
    from paygrade.records.json_value import Json

    Row = dict[str, Any]


def found(books: Books, table: str, object_id: str) -> Row:
    """A row by its id.

    Raises:
        ToolError: there is none.
    """
    row = books.row(f"SELECT * FROM {table} WHERE id = ?", object_id)  # noqa: S608 - a table of ours
    if row is None or row.get("status") == "announced":
        raise ToolError("not_found", f"there is no {object_id}")
    return row


def find_customer(books: Books, args: Mapping[str, Any]) -> Json:
    """Ids alone: whoever asks is not verified yet."""
    rows = books.rows(
        "SELECT id, verified_level FROM customers WHERE (? = '' OR lower(email) = lower(?))"
        " AND (? = '' OR phone = ?)"
        " AND (? = '' OR id IN (SELECT customer_id FROM orders WHERE ref = ?)"
        " OR id IN (SELECT customer_id FROM payments WHERE order_ref = ?)) ORDER BY id",
        *[args.get(name, "") for name in ("email", "email", "phone", "phone")],
        *[args.get("order_ref", "")] * 3,
    )
    customers: list[Json] = list(rows)
    if not customers:
        raise ToolError("not_found", "no customer fits")
    return {"customers": customers}


def list_payments(books: Books, args: Mapping[str, Any]) -> Json:
    """All of a customer's."""
    found(books, "customers", args["customer_id"])
    since = seconds(args["since"] + "T00:00:00Z") if "since" in args else 0
    ids = books.rows(
        "SELECT id FROM payments WHERE customer_id = ? AND created_at >= ? ORDER BY created_at, id",
        args["customer_id"],
        since,
    )
    return {"payments": [payment(books, row["id"]) for row in ids]}


def payment(books: Books, payment_id: str) -> Row:
    """A payment, whole."""
    row = found(books, "payments", payment_id)
    refunds = [
        shown_refund(each)
        for each in books.rows(
            "SELECT * FROM refunds WHERE payment_id = ? ORDER BY created_at, rowid", payment_id
        )
    ]
    refunded = sum(each["amount_minor"] for each in refunds if each["status"] != "failed")
    disputes = list(
        books.rows(
            "SELECT id, status FROM disputes WHERE payment_id = ? AND status != 'announced'"
            " ORDER BY id",
            payment_id,
        )
    )
    return {
        "id": row["id"],
        "customer_id": row["customer_id"],
        "amount_minor": row["amount_minor"],
        "captured_minor": row["captured_minor"],
        "refunded_minor": refunded,
        "refundable_minor": max(0, row["captured_minor"] - refunded),
        "currency": row["currency"],
        "status": _status(row, refunded, {each["status"] for each in disputes}),
        "method": books.row(
            "SELECT id, brand, bin, last4 FROM methods WHERE id = ?", row["method_id"]
        ),
        "three_ds": bool(row["three_ds"]),
        "order_ref": row["order_ref"]
        or books.value("SELECT ref FROM orders WHERE payment_id = ? ORDER BY ref", payment_id)
        or "",
        "lines": list(
            books.rows(
                "SELECT id, description, quantity, amount_minor, tax_minor FROM lines"
                " WHERE payment_id = ? ORDER BY rowid",
                payment_id,
            )
        ),
        "memo": row["memo"],
        "created_at": instant(row["created_at"]),
        "refunds": refunds,
        "disputes": [each["id"] for each in disputes],
    }


def _status(row: Row, refunded: int, disputes: set[str]) -> str:
    if row["state"] != "captured":
        return str(row["state"])
    if disputes & set(OPEN):
        return "disputed"
    if refunded >= row["captured_minor"]:
        return "refunded"
    return "partially_refunded" if refunded else "captured"


def shown_refund(row: Row) -> Row:
    """A refund as tools give it."""
    names = ("id", "payment_id", "amount_minor", "currency", "reason", "line_id", "status")
    return {**{name: row[name] for name in names}, "created_at": instant(row["created_at"])}


def refund(books: Books, refund_id: str) -> Row:
    """A refund."""
    return shown_refund(found(books, "refunds", refund_id))


def dispute(books: Books, dispute_id: str) -> Row:
    """A dispute with its evidence."""
    row = found(books, "disputes", dispute_id)
    names = ("id", "payment_id", "code", "amount_minor", "currency", "stage", "status")
    return {
        **{name: row[name] for name in names},
        "due_by": instant(row["due_by"]),
        "needs": json.loads(row["needs"]),
        "evidence": list(
            books.rows(
                "SELECT id, type, text FROM evidence WHERE dispute_id = ? ORDER BY rowid",
                dispute_id,
            )
        ),
        "evidence_submitted_count": row["evidence_submitted_count"],
        "memo": row["memo"],
    }


def payout(books: Books, payout_id: str) -> Row:
    """A payout."""
    row = found(books, "payouts", payout_id)
    names = ("id", "account_id", "amount_minor", "currency", "status", "failure", "memo")
    return {**{name: row[name] for name in names}, "created_at": instant(row["created_at"])}


def balance(books: Books, currency: str) -> Row:
    """What one currency's accounts hold."""
    if currency not in books.currencies():
        raise ToolError("not_found", f"there is no account in {currency}")
    return {
        "currency": currency,
        **{f"{kind}_minor": books.balance(currency, kind)
           for kind in ("available", "pending", "reserve")},
    }  # fmt: skip

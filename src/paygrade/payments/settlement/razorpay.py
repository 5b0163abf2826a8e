"""Razorpay: the settlement recon, as its API gives it (JSON) or as CSV with the same columns.

Amounts are whole numbers of the smallest unit (paise), times are seconds since 1970, and `fee`
includes `tax`. `credit` or `debit` is what the settlement really gained or lost.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final

from paygrade.errors import Mistake, WorkspaceError
from paygrade.payments.settlement import table
from paygrade.payments.settlement.lines import Fee, StatementLine, UnwritableError
from paygrade.payments.settlement.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.payments.settlement.table import Row

_NEEDED: Final = (
    "entity_id",
    "type",
    "debit",
    "credit",
    "amount",
    "currency",
    "fee",
    "tax",
    "created_at",
    "settlement_id",
)
_REFERENCES: Final = ("order_receipt", "order_id", "payment_id")


def read(raw: bytes, shown: str, ref_column: str = "") -> tuple[StatementLine, ...]:
    """Read a settlement recon.

    Args:
        raw: The file.
        shown: Its path in messages.
        ref_column: The column of the merchant's own reference. Left out: the first of
            `order_receipt`, `order_id` and `payment_id` that is not empty.

    Raises:
        WorkspaceError: everything that is wrong with the file, each with its line or item.
    """
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        value = table.json_value(raw, shown)
        items = value.get("items") if isinstance(value, dict) else value
        if not isinstance(items, list):
            hint = "save the whole answer of /v1/settlements/recon/combined"
            raise WorkspaceError([Mistake(path=shown, problem="has no list 'items'", hint=hint)])
        rows = table.json_rows(items, shown)
    else:
        needed = (*_NEEDED, ref_column) if ref_column else _NEEDED
        rows = table.csv_rows(raw, shown, needed)
    return table.told(rows, (_line(row, ref_column) for row in rows))


def _line(row: Row, ref_column: str) -> StatementLine | None:
    currency = row.currency("currency")
    debit, credit, amount, fee, tax = (
        row.integer(name) for name in ("debit", "credit", "amount", "fee", "tax")
    )
    net = credit - debit
    signs = [sign for sign in (1, -1) if sign * amount - fee == net]
    if not row.mistakes and not signs:
        hint = "credit is amount less fee, debit is amount and fee"
        row.add(f"amount {amount} and fee {fee} do not give credit {credit}, debit {debit}", hint)
    if not row.mistakes and not 0 <= tax <= fee and not fee <= tax <= 0:
        row.add(f"tax {tax} is not within fee {fee}", "the fee includes its tax")
    name, kind = row.text("entity_id"), row.text("type")
    ref = row.first(*([ref_column] if ref_column else _REFERENCES)) or name
    batch, created = row.get("settlement_id"), _created(row)
    if row.mistakes:
        return None
    parts = (("psp_fee", fee - tax), ("tax", tax))
    return StatementLine(
        id=name,
        ref=ref,
        type=kind,
        currency=currency,
        gross_minor=signs[0] * amount,
        fees=tuple(Fee(kind=kind, amount_minor=part) for kind, part in parts if part),
        net_minor=net,
        created_at=created,
        batch=batch,
    )


def _created(row: Row) -> str:
    try:
        return dt.datetime.fromtimestamp(row.integer("created_at"), tz=dt.UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        row.add("'created_at' is no time in seconds since 1970")
        return ""


def write(lines: Iterable[StatementLine]) -> str:
    """The lines as an answer of the settlement recon's API; `created_at` becomes seconds.

    Raises:
        UnwritableError: a line holds what the recon has no field for.
    """
    items = [_item(each) for each in lines]
    value = {"entity": "collection", "count": len(items), "items": items}
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _item(line: StatementLine) -> dict[str, str | int | None]:
    kinds = [each.kind for each in line.fees]
    if kinds not in ([], ["psp_fee"], ["tax"], ["psp_fee", "tax"]):
        raise UnwritableError(f"{line.id}: Razorpay has a psp_fee and a tax, in this order")
    if line.orig_currency is not None or line.fx_rate is not None:
        raise UnwritableError(f"{line.id}: Razorpay's recon has no field for a conversion")
    return {
        "entity_id": line.id,
        "type": line.type,
        "debit": max(-line.net_minor, 0),
        "credit": max(line.net_minor, 0),
        "amount": abs(line.gross_minor),
        "currency": line.currency,
        "fee": line.gross_minor - line.net_minor,
        "tax": sum(each.amount_minor for each in line.fees if each.kind == "tax"),
        "created_at": int(instant(line.created_at).timestamp()),
        "settlement_id": line.batch or None,
        "order_receipt": line.ref,
    }

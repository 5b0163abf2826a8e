"""Adyen: the Settlement details report.

Amounts are decimals in major units. Debit and credit are columns, and costs stand in four columns
of the currency that is settled in (NC). A gross amount in another currency (GC) is converted.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from paygrade.payments.settlement import table
from paygrade.payments.settlement.amounts import to_major
from paygrade.payments.settlement.lines import Fee, StatementLine, UnwritableError
from paygrade.payments.settlement.times import instant, local, offset
from pytx import exponent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.payments.settlement.table import Row

_COSTS: Final = {
    "commission": "Commission (NC)",
    "markup": "Markup (NC)",
    "scheme": "Scheme Fees (NC)",
    "interchange": "Interchange (NC)",
}
_NEEDED: Final = (
    "Psp Reference",
    "Merchant Reference",
    "Creation Date",
    "TimeZone",
    "Type",
    "Modification Reference",
    "Gross Currency",
    "Gross Debit (GC)",
    "Gross Credit (GC)",
    "Exchange Rate",
    "Net Currency",
    "Net Debit (NC)",
    "Net Credit (NC)",
    *_COSTS.values(),
    "Batch Number",
)
COLUMNS: Final = (
    "Company Account",
    "Merchant Account",
    "Psp Reference",
    "Merchant Reference",
    "Payment Method",
    *_NEEDED[2:-1],
    "Payment Method Variant",
    "Modification Merchant Reference",
    "Batch Number",
)
_RATE: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,18})?")
_NAMED: Final = re.compile(r"(\S+ \S+) (\S+)")


def read(
    raw: bytes, shown: str, ref_column: str = "Merchant Reference"
) -> tuple[StatementLine, ...]:
    """Read a Settlement details report.

    A line's id is its modification reference, or else the payment's. `created_at` has an offset
    where the zone's name has one meaning (see `times.offset`), or else keeps the name.

    Args:
        raw: The file.
        shown: Its path in messages.
        ref_column: The column of the merchant's own reference.

    Raises:
        WorkspaceError: everything that is wrong with the file, each with its line.
    """
    rows = table.csv_rows(raw, shown, (*_NEEDED, ref_column))
    accounts = {row.get("Merchant Account") for row in rows}
    lines = [
        _line(row, ref_column, number, accounts=len(accounts)) for number, row in enumerate(rows, 1)
    ]
    return table.told(rows, lines)


def _line(row: Row, ref_column: str, number: int, *, accounts: int) -> StatementLine | None:
    currency = row.currency("Net Currency")
    net = _side(row, "Net Debit (NC)", "Net Credit (NC)", currency)
    if net is None and not row.mistakes:
        row.add("has neither a net debit nor a net credit")
    fees = tuple(
        Fee(kind=kind, amount_minor=amount)
        for kind, column in _COSTS.items()
        if row.get(column) and (amount := row.amount(column, currency))
    )
    kind, created = row.text("Type"), _created(row)
    batch = row.text("Batch Number")
    name = row.first("Modification Reference", "Psp Reference") or f"row-{number}"
    ref = row.first(ref_column, "Psp Reference") or name
    settled = (net or 0) + sum(each.amount_minor for each in fees)
    orig_currency, orig, rate = _original(row, currency, settled)
    if row.mistakes or net is None:
        return None
    return StatementLine(
        id=name,
        ref=ref,
        type=kind,
        currency=currency,
        gross_minor=settled,
        fees=fees,
        net_minor=net,
        created_at=created,
        batch=f"{row.get('Merchant Account')}/{batch}" if accounts > 1 else batch,
        orig_currency=orig_currency,
        orig_amount_minor=orig,
        fx_rate=rate,
    )


def _side(row: Row, debit: str, credit: str, currency: str) -> int | None:
    """The signed amount of a pair of columns, one of which is empty or zero."""
    amounts = [row.amount(name, currency) if row.get(name) else None for name in (debit, credit)]
    if any(each is not None and each < 0 for each in amounts):
        row.add(f"{debit!r} or {credit!r} is negative", "the column is the direction")
    if all(amounts):
        row.add(f"has both {debit!r} and {credit!r}", "one of them is empty")
    if amounts == [None, None]:
        return None
    return (amounts[1] or 0) - (amounts[0] or 0)


def _original(row: Row, currency: str, settled: int) -> tuple[str | None, int | None, str | None]:
    """What was paid in another currency; and a look whether the row's amounts go together.

    `settled` is the net amount with all costs put back. Adyen's own sample has the gross of a sale
    under debit and its net under credit: the net column decides, the gross may have either sign.
    """
    paid_in = row.currency("Gross Currency") if row.get("Gross Currency") else currency
    gross = _side(row, "Gross Debit (GC)", "Gross Credit (GC)", paid_in)
    if row.mistakes or gross is None:
        return None, None, None
    if paid_in == currency:
        if settled not in (gross, -gross):
            said = to_major(gross, currency), to_major(settled, currency)
            row.add(
                f"gross is {said[0]}, and net with commission, markup, scheme fees and interchange"
                f" is {said[1]}",
                "net is gross less the four of them",
            )
        return None, None, None
    rate = row.get("Exchange Rate")
    if not rate:
        return paid_in, gross, None
    if not _RATE.fullmatch(rate):
        row.add(f"'Exchange Rate' is no plain decimal number, got {table.cut(rate)}")
        return None, None, None
    signs = [sign for sign in (1, -1) if _converts(sign * gross, paid_in, rate, settled, currency)]
    if not signs:
        row.add(
            f"{to_major(gross, paid_in)} {paid_in} at {rate} is not {to_major(settled, currency)}"
            f" {currency}, which is net with its costs",
            "net is gross times the rate, less commission, markup, scheme fees and interchange",
        )
        return None, None, None
    return paid_in, signs[0] * gross, rate


def _converts(orig: int, paid_in: str, rate: str, settled: int, currency: str) -> bool:
    """Whether the rate gives `settled`, but for one unit and what the rate's last digit hides."""
    unit = Fraction(10) ** (exponent(currency) - exponent(paid_in))
    hidden = Fraction(1, 2 * 10 ** len(rate.partition(".")[2]))
    exact = orig * Fraction(rate) * unit
    return abs(exact - settled) <= 1 + abs(orig) * unit * hidden


def _created(row: Row) -> str:
    text, zone = row.text("Creation Date"), row.text("TimeZone")
    if not text or not zone:
        return ""
    try:
        time = local(text)
    except ValueError:
        row.add(f"'Creation Date' is no time, got {table.cut(text)}", "as 2026-03-01 09:30:00")
        return ""
    known = offset(time, zone)
    return f"{time} {zone}" if known is None else time.replace(tzinfo=known).isoformat()


def write(lines: Iterable[StatementLine]) -> str:
    """The lines as a Settlement details report.

    Raises:
        UnwritableError: a line holds what the report has no column for.
    """
    return table.csv_text(COLUMNS, [_cells(each) for each in lines])


def _cells(line: StatementLine) -> dict[str, str]:
    kinds = [each.kind for each in line.fees]
    if kinds != [kind for kind in _COSTS if kind in kinds] or len(set(kinds)) != len(kinds):
        raise UnwritableError(f"{line.id}: Adyen has the costs {', '.join(_COSTS)}, in this order")
    if not line.batch:
        raise UnwritableError(f"{line.id}: every line of an Adyen report is in a batch")
    paid_in, paid = line.currency, line.gross_minor
    if line.orig_currency and line.orig_amount_minor is not None:
        paid_in, paid = line.orig_currency, line.orig_amount_minor
    created, zone = _written_time(line)
    cells = {
        "Merchant Account": "Merchant",
        "Psp Reference": line.id,
        "Merchant Reference": line.ref,
        "Creation Date": created,
        "TimeZone": zone,
        "Type": line.type,
        "Modification Reference": line.id,
        "Gross Currency": paid_in,
        f"Gross {'Debit' if paid < 0 else 'Credit'} (GC)": to_major(abs(paid), paid_in),
        "Exchange Rate": line.fx_rate or ("1" if paid_in == line.currency else ""),
        "Net Currency": line.currency,
        f"Net {'Debit' if line.net_minor < 0 else 'Credit'} (NC)": to_major(
            abs(line.net_minor), line.currency
        ),
        "Batch Number": line.batch,
    }
    for each in line.fees:
        cells[_COSTS[each.kind]] = to_major(each.amount_minor, line.currency)
    return cells


def _written_time(line: StatementLine) -> tuple[str, str]:
    named = _NAMED.fullmatch(line.created_at)
    if named:
        return named[1], named[2]
    time = instant(line.created_at)
    shift = time.isoformat()[-6:]
    plain = time.replace(tzinfo=None)
    for zone in ("UTC", "CET", "CEST"):
        if offset(plain, zone) == time.tzinfo:
            return str(plain), zone
    return str(plain), shift

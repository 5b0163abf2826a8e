"""Stripe: the itemized payout reconciliation and balance reports, and objects of its API.

Reports (`payout_reconciliation.itemized.5`, `balance_change_from_activity.itemized.3`) write major
units as decimals, the API whole numbers in Stripe's own minor units. Both become ISO 4217's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paygrade.errors import Mistake, WorkspaceError
from paygrade.payments.settlement import table
from paygrade.payments.settlement.amounts import to_major, within
from paygrade.payments.settlement.lines import Fee, StatementLine, UnwritableError, told_apart
from paygrade.payments.settlement.times import instant, local
from pytx import MoneyError, exponent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.payments.settlement.table import Row

# docs.stripe.com/currencies, "Zero-decimal currencies" and "Three-decimal currencies". ISK and UGX
# are special there: whole units only, and yet the API counts them in hundredths.
_ZERO: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV"}
    | {"XAF", "XOF", "XPF"}
)
_THREE: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

_NEEDED: Final = (
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
)
COLUMNS: Final = (
    "automatic_payout_id",
    "automatic_payout_effective_at",
    "balance_transaction_id",
    "created_utc",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "customer_facing_amount",
    "customer_facing_currency",
)
_KINDS: Final = {"stripe_fee": "psp_fee"}
OBJECTS: Final = ("balance_transaction", "charge", "dispute", "payout", "refund")


def digits(currency: str) -> int:
    """How many digits the minor unit of Stripe's API has; see `pytx.exponent` for what is raised.

    >>> digits("MGA"), digits("ISK"), digits("KWD"), digits("EUR")
    (0, 2, 3, 2)
    """
    exponent(currency)
    if currency in _ZERO:
        return 0
    return 3 if currency in _THREE else 2


def from_api(amount: int, currency: str) -> int:
    """Minor units of ISO 4217 for an amount of Stripe's API.

    Raises:
        MoneyError: the currency is none, or the amount is no whole number of its smallest units.

    >>> from_api(500, "ISK"), from_api(500, "MGA")
    (5, 50000)
    """
    more = exponent(currency) - digits(currency)
    if more >= 0:
        return within(amount * 10**more)
    whole, rest = divmod(amount, 10**-more)
    if rest:
        problem = f"{amount} {currency} is no whole unit: Stripe counts it in hundredths"
        raise MoneyError(problem, "its last two digits are zeros")
    return within(whole)


def read(raw: bytes, shown: str, ref_column: str = "source_id") -> tuple[StatementLine, ...]:
    """Read a report, or JSON with balance transactions of the API.

    Args:
        raw: The file.
        shown: Its path in messages.
        ref_column: The column of the merchant's own reference.

    Raises:
        WorkspaceError: everything that is wrong with the file, each with its line.
    """
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return lines_of(read_objects(raw, shown), shown)
    needed = (*_NEEDED, ref_column)
    rows = table.csv_rows(raw, shown, needed)
    return table.told(rows, (_line(row, ref_column) for row in rows))


def _line(row: Row, ref_column: str) -> StatementLine | None:
    currency = row.currency("currency")
    most = digits(currency) if currency else 0
    gross, fee, net = (row.amount(name, currency, most) for name in ("gross", "fee", "net"))
    orig_currency, orig = None, None
    if row.get("customer_facing_currency") and row.get("customer_facing_amount"):
        orig_currency = row.currency("customer_facing_currency") or None
        if orig_currency == currency:
            orig_currency = None
        elif orig_currency:
            orig = row.amount("customer_facing_amount", orig_currency, digits(orig_currency))
    name = row.text("balance_transaction_id")
    created = row.text("created_utc")
    try:
        created = local(created).replace(tzinfo=dt.UTC).isoformat()
    except ValueError:
        if created:
            row.add(f"'created_utc' is no time, got {table.cut(created)}", "as 2026-03-01 09:30:00")
    if not row.mistakes and gross - fee != net:
        said = [to_major(each, currency) for each in (gross, fee, gross - fee, net)]
        row.add(
            f"gross {said[0]} less fee {said[1]} is {said[2]}, and net says {said[3]}",
            "was the row edited?",
        )
    kind = row.text("reporting_category")
    ref = row.first(ref_column) or name
    batch = row.get("automatic_payout_id")
    if row.mistakes:
        return None
    return StatementLine(
        id=name,
        ref=ref,
        type=kind,
        currency=currency,
        gross_minor=gross,
        fees=(Fee(kind="psp_fee", amount_minor=fee),) if fee else (),
        net_minor=net,
        created_at=created,
        batch=batch,
        orig_currency=orig_currency,
        orig_amount_minor=orig,
    )


def write(lines: Iterable[StatementLine]) -> str:
    """The lines as an itemized payout reconciliation report; `created_at` becomes UTC.

    Raises:
        UnwritableError: a line holds what the report has no column for.
    """
    return table.csv_text(COLUMNS, [_cells(each) for each in lines])


def _cells(line: StatementLine) -> dict[str, str]:
    if [each.kind for each in line.fees] not in ([], ["psp_fee"]):
        raise UnwritableError(f"{line.id}: a Stripe report has one fee, a psp_fee")
    if line.fx_rate is not None:
        raise UnwritableError(f"{line.id}: a Stripe report has no column for a rate")
    created = instant(line.created_at).astimezone(dt.UTC)
    cells = {
        "automatic_payout_id": line.batch,
        "balance_transaction_id": line.id,
        "created_utc": created.strftime("%Y-%m-%d %H:%M:%S"),
        "currency": line.currency.lower(),
        "gross": _major(line.id, line.gross_minor, line.currency),
        "fee": _major(line.id, line.gross_minor - line.net_minor, line.currency),
        "net": _major(line.id, line.net_minor, line.currency),
        "reporting_category": line.type,
        "source_id": line.ref,
    }
    if line.orig_currency and line.orig_amount_minor is not None:
        orig = _major(line.id, line.orig_amount_minor, line.orig_currency)
        cells["customer_facing_amount"] = orig
        cells["customer_facing_currency"] = line.orig_currency.lower()
    return cells


def _major(name: str, amount_minor: int, currency: str) -> str:
    text = to_major(amount_minor, currency)
    whole, _, fraction = text.partition(".")
    most = digits(currency)
    if fraction[most:].strip("0"):
        raise UnwritableError(f"{name}: Stripe has no {text} {currency}, only {most} decimals")
    kept = fraction[:most].ljust(most, "0")
    return f"{whole}.{kept}" if kept else whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObject:
    """An object of Stripe's API that moves money, in minor units of ISO 4217.

    `source` is the object that caused it, empty if none did. A balance transaction has `fees`, a
    net and, after a conversion, a rate; the others have not.
    """

    object: str
    id: str
    type: str
    currency: str
    amount_minor: int
    created_at: str
    status: str
    source: str = ""
    fees: tuple[Fee, ...] = ()
    net_minor: int | None = None
    fx_rate: str | None = None


def read_objects(raw: bytes, shown: str) -> tuple[ApiObject, ...]:
    """Read a list of the API, an array of objects, one object, or objects under names.

    Raises:
        WorkspaceError: everything that is wrong with the file, each with the number of its item.
    """
    rows = table.json_rows(list(_items(table.json_value(raw, shown))), shown)
    found = [_object(row) for row in rows]
    if mistakes := [each for row in rows for each in row.mistakes]:
        raise WorkspaceError(mistakes)
    return tuple(each for each in found if each)


def _items(value: Any) -> Iterator[object]:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        yield from value
    elif not isinstance(value, dict):
        yield value
    elif value.get("object") == "list" and isinstance(value.get("data"), list):
        yield from value["data"]
    elif "object" in value:
        yield value
    else:
        yield from value.values()


def _object(row: Row) -> ApiObject | None:
    kind = row.text("object")
    if kind and kind not in OBJECTS:
        row.add(f"is an object {kind!r}", f"what is read: {', '.join(OBJECTS)}")
    if row.mistakes:
        return None
    name, currency = row.text("id"), row.currency("currency")
    amount = _minor(row, "amount", row.integer("amount"), currency)
    created = _created(row)
    source = _id(row, "source" if kind == "balance_transaction" else "charge")
    status, type_ = row.text("status"), row.first("reporting_category", "type") or kind
    fees: tuple[Fee, ...] = ()
    net: int | None = None
    rate: str | None = None
    if kind == "balance_transaction":
        net = _minor(row, "net", row.integer("net"), currency)
        fees = _fees(row, currency)
        rate = row.get("exchange_rate") or None
        kept = sum(each.amount_minor for each in fees)
        if not row.mistakes and amount - kept != net:
            row.add(f"amount {amount} less fee {kept} is {amount - kept}, and net says {net}")
    if row.mistakes:
        return None
    return ApiObject(
        object=kind,
        id=name,
        type=type_,
        currency=currency,
        amount_minor=amount,
        created_at=created,
        status=status,
        source=source,
        fees=fees,
        net_minor=net,
        fx_rate=rate,
    )


def _id(row: Row, name: str) -> str:
    """The id of another object, which the API may have put in whole."""
    value = row.cells.get(name)
    return str(value.get("id") or "") if isinstance(value, dict) else row.get(name)


def _created(row: Row) -> str:
    try:
        return dt.datetime.fromtimestamp(row.integer("created"), tz=dt.UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        row.add("'created' is no time in seconds since 1970")
        return ""


def _minor(row: Row, name: str, amount: int, currency: str) -> int:
    if not currency:
        return 0
    try:
        return from_api(amount, currency)
    except MoneyError as error:
        row.add(f"{name!r}: {error.problem}", error.hint)
        return 0


def _fees(row: Row, currency: str) -> tuple[Fee, ...]:
    whole = _minor(row, "fee", row.integer("fee"), currency)
    details = row.cells.get("fee_details") or []
    found: list[Fee] = []
    for each in details if isinstance(details, list) else []:
        amount = each.get("amount") if isinstance(each, dict) else None
        if not isinstance(amount, int) or isinstance(amount, bool):
            row.add("'fee_details' has an entry without a whole 'amount'")
            return ()
        kind = str(each.get("type") or "psp_fee")
        minor = _minor(row, "fee_details", amount, currency)
        found.append(Fee(kind=_KINDS.get(kind, kind), amount_minor=minor))
    if not found:
        return (Fee(kind="psp_fee", amount_minor=whole),) if whole else ()
    if sum(each.amount_minor for each in found) != whole:
        row.add("'fee_details' do not add up to 'fee'")
    return tuple(found)


def lines_of(objects: Iterable[ApiObject], shown: str) -> tuple[StatementLine, ...]:
    """The balance transactions as lines; a charge that stands beside one gives its other currency.

    Raises:
        WorkspaceError: there is no balance transaction.
    """
    every = list(objects)
    charges = {each.id: each for each in every if each.object == "charge"}
    lines = []
    for each in every:
        if each.object != "balance_transaction" or each.net_minor is None:
            continue
        charge = charges.get(each.source)
        other = charge if charge and charge.currency != each.currency else None
        lines.append(
            StatementLine(
                id=each.id,
                ref=each.source or each.id,
                type=each.type,
                currency=each.currency,
                gross_minor=each.amount_minor,
                fees=each.fees,
                net_minor=each.net_minor,
                created_at=each.created_at,
                orig_currency=other.currency if other else None,
                orig_amount_minor=other.amount_minor if other else None,
                fx_rate=each.fx_rate,
            )
        )
    if not lines:
        hint = "list those of a payout: /v1/balance_transactions?payout=po_…"
        problem = "holds no balance transaction"
        raise WorkspaceError([Mistake(path=shown, problem=problem, hint=hint)])
    return told_apart(lines)

"""What can be wrong with a world whose shape is right: days, ids, sums."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.bank.times import seconds
from paygrade.payments.bank.tools import BY_NAME
from pytx.money import MoneyError, exponent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.agent import Fault

    Row = dict[str, Any]
    Ids = dict[str, list[str]]

LISTS: Final = ("customers", "payments", "disputes", "evidence", "payouts", "orders", "webhooks")
"""The keys of a world that hold rows."""

_HOMES: Final = {
    "customer_id": "customers",
    "payment_id": "payments",
    "dispute_id": "disputes",
    "method_id": "methods",
}


def mistakes_in(given: Row, faults: Iterable[Fault]) -> Iterator[str]:
    """A sentence for each. `faults` are those of the world that can be read."""
    ids = _ids(given)
    yield from _instants(given)
    yield from _twice(given, ids)
    yield from _strangers(given, ids)
    yield from _nowhere(given, ids, faults)
    yield from _currencies_of_ours(given)
    for row in given.get("payments", []):
        yield from _refunds_that_fit(row)
        yield from _lines_that_fit(row)


def _instants(given: Row) -> Iterator[str]:
    """The schema knows their shape; this one, whether there is such a day."""
    rows = [(name, row) for name in LISTS for row in given.get(name, [])]
    rows += [("refunds", each) for row in given.get("payments", []) for each in _refunds(row)]
    for name, row in [("the world", given), *rows]:
        for key in sorted({"now", "at", "created_at", "due_by"} & set(row)):
            try:
                seconds(row[key])
            except ValueError:
                yield f"{name}: {key} is {row[key]!r}, and there is no such instant"


def _ids(given: Row) -> Ids:
    ids = {name: [row["id"] for row in given.get(name, []) if "id" in row] for name in LISTS}
    ids["refunds"] = [each["id"] for row in given.get("payments", []) for each in _refunds(row)]
    customers = given.get("customers", [])
    ids["methods"] = [each["id"] for row in customers for each in row.get("methods", [])]
    return ids


def _twice(given: Row, ids: Ids) -> Iterator[str]:
    refs = [row["ref"] for row in given.get("orders", [])]
    for name, known in {**ids, "orders": refs}.items():
        for each, n in Counter(known).items():
            if n > 1:
                yield f"{name}: {each} is there {n} times"


def _strangers(given: Row, ids: Ids) -> Iterator[str]:
    """Rows that name others that are not there."""
    for name in LISTS:
        for row in given.get(name, []):
            for key in sorted(_HOMES.keys() & row.keys()):
                if row[key] not in ids[_HOMES[key]]:
                    yield f"{name}: {row.get('id', row.get('ref'))}: there is no {row[key]}"
    for row in given.get("webhooks", []):
        if row["object_id"] not in ids[row["type"].split("_")[0] + "s"]:
            yield f"webhooks: {row['id']} is {row['type']}, and there is no {row['object_id']}"


def _nowhere(given: Row, ids: Ids, faults: Iterable[Fault]) -> Iterator[str]:
    """Names outside the rows."""
    there = {each for names in ids.values() for each in names}
    there |= {f"acct_{currency.lower()}" for currency in _currencies(given)}
    named: list[tuple[str, object]]
    named = [("customer", given["customer"]["id"])] if "customer" in given else []
    named += [(key, each) for key in ("objects", "contradictory") for each in given.get(key, [])]
    for fault in faults:
        hidden = fault.options.get("hides", [])
        named += [("faults", each) for each in (hidden if isinstance(hidden, list) else [])]
        if "payment_id" in fault.options:
            named.append(("faults", fault.options["payment_id"]))
    yield from (f"{key}: there is no {each}" for key, each in named if each not in there)
    for row in given.get("baits", []):
        if row["tool"] not in BY_NAME:
            yield f"baits: there is no tool {row['tool']!r}"


def _currencies_of_ours(given: Row) -> Iterator[str]:
    for currency in sorted(_currencies(given) | set(given.get("limits", {}))):
        try:
            exponent(currency)
        except MoneyError as error:
            yield str(error)


def _refunds_that_fit(row: Row) -> Iterator[str]:
    captured = row.get("captured_minor", row["amount_minor"])
    if captured > row["amount_minor"]:
        yield f"{row['id']}: more was captured than its amount"
    refunds = [each for each in _refunds(row) if each.get("status") != "failed"]
    if sum(each["amount_minor"] for each in refunds) > captured:
        yield f"{row['id']}: more was refunded than captured"
    if refunds and row.get("status", "captured") != "captured":
        yield f"{row['id']}: it is {row['status']}, and has refunds"


def _lines_that_fit(row: Row) -> Iterator[str]:
    lines = row.get("lines", [])
    ids = {each["id"] for each in lines}
    if lines and sum(each["amount_minor"] for each in lines) != row["amount_minor"]:
        yield f"{row['id']}: its lines do not add up to its amount"
    if len(ids) < len(lines):
        yield f"{row['id']}: two of its lines have one id"
    for each in lines:
        if each.get("tax_minor", 0) > each["amount_minor"]:
            yield f"{row['id']}: the tax of {each['id']} is more than its amount"
    named = {each["line_id"] for each in _refunds(row) if "line_id" in each}
    for stranger in sorted(named - ids):
        yield f"{row['id']}: a refund names {stranger}, which is none of its lines"


def _refunds(payment: Row) -> list[Row]:
    refunds: list[Row] = payment.get("refunds", [])
    return refunds


def _currencies(given: Row) -> set[str]:
    named = {row["currency"] for name in LISTS for row in given.get(name, []) if "currency" in row}
    return {given.get("currency", "USD"), *named, *given.get("balances", {})}

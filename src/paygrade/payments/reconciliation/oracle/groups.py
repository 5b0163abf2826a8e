"""Lines of one reference: what the statement says beside what the ledger booked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from paygrade.payments.reconciliation.oracle.rounding import converted, part, settlement_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Line = Mapping[str, Any]

SHORTEST = 8
"""Letters and digits that a cut reference must keep."""
FEES = {
    "psp_fee": "fee_netting",
    "interchange": "interchange_plus_fee",
    "scheme_fee": "interchange_plus_fee",
    "markup": "interchange_plus_fee",
    "tax_on_fee": "tax_on_fee",
    "fx_fee": "fx_conversion",
    "chargeback_fee": "chargeback",
}
"""Kinds of fees, and the type of break that an unbooked one makes."""


@dataclass(slots=True, kw_only=True)
class Group:
    """Lines of one reference and currency, and what was found of them."""

    currency: str
    ledger: list[Line] = field(default_factory=list)
    statement: list[Line] = field(default_factory=list)
    components: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    types: set[str] = field(default_factory=set)

    @property
    def booked(self) -> int:
        """What the ledger has, in minor units."""
        return sum(line["amount_minor"] for line in self.ledger)

    @property
    def net(self) -> int:
        """What the statement pays, in minor units."""
        return sum(line["net_minor"] for line in self.statement)

    def add(self, kind: str, amount: int, *types: str) -> None:
        """Put an amount down as a component of some kind; 0 is none."""
        if amount:
            self.components[kind] += amount
            self.types.update(types)


def grouped(case: Line) -> Iterator[Group]:
    """Every group, with the components and the types that fit."""
    groups: dict[tuple[str, str], Group] = {}
    for side, rows in (("ledger", case["ledger_lines"]), ("statement", case["statement_lines"])):
        for line in rows:
            key = (line["ref"], line["currency"])
            group = groups.setdefault(key, Group(currency=line["currency"]))
            getattr(group, side).append(line)
    pairs = _cut_references(groups)
    for key, group in groups.items():
        if key in pairs:
            other = groups[pairs[key]]
            if group.ledger:
                yield Group(
                    currency=group.currency,
                    ledger=group.ledger,
                    statement=other.statement,
                    types={"reference_truncation"},
                )
            continue
        _explain(group, case)
        yield group


def _cut_references(groups: Mapping[tuple[str, str], Group]) -> dict[tuple[str, str], Any]:
    fits = defaultdict(list)
    for one, first in groups.items():
        for other, second in groups.items():
            if first.statement or second.ledger or one[1] != other[1]:
                continue
            if first.booked == second.net and _begins(_bare(one[0]), _bare(other[0])):
                fits[one].append(other)
                fits[other].append(one)
    return {
        key: partners[0]
        for key, partners in fits.items()
        if len(partners) == 1 and len(fits[partners[0]]) == 1
    }


def _bare(reference: str) -> str:
    return "".join(each for each in reference if each.isascii() and each.isalnum()).lower()


def _begins(one: str, other: str) -> bool:
    is_long = min(len(one), len(other)) >= SHORTEST
    return is_long and (one.startswith(other) or other.startswith(one))


def _explain(group: Group, case: Line) -> None:
    if not group.statement:
        _ledger_alone(group, case["context"])
    elif not group.ledger and all(line["type"] == "sale" for line in group.statement):
        _statement_alone(group, case["context"])
    else:
        _line_by_line(group, case)


def _ledger_alone(group: Group, context: Line) -> None:
    last = context["period"]["to"]
    days = [settlement_day(line["booked_at"], context).isoformat() for line in group.ledger]
    if all(day > last for day in days):
        group.add("timing", -group.booked, "timing_cutoff")
    else:
        group.add("missing", -group.booked, "missing_in_statement")


def _statement_alone(group: Group, context: Line) -> None:
    closed = datetime.fromisoformat(context["ledger_closed_at"])
    if all(datetime.fromisoformat(line["created_at"]) > closed for line in group.statement):
        group.add("timing", group.net, "timing_cutoff")
    else:
        group.add("missing", group.net, "missing_in_ledger")


def _line_by_line(group: Group, case: Line) -> None:
    ledger, statement = group.ledger, group.statement
    if ledger:
        extra = _extra(statement, ledger)
        total = sum(line["net_minor"] * count for line, count in extra)
        group.add("duplicate", total)
        if extra:
            group.types.add("duplicate_in_statement")
        over = _extra(ledger, statement)
        group.add("duplicate", -sum(line["amount_minor"] * count for line, count in over))
        if over:
            group.types.add("duplicate_in_ledger")
        statement, ledger = _without(statement, extra), _without(ledger, over)
    for line in statement:
        taken = sum(fee["amount_minor"] for fee in line["fees"])
        group.add("unexplained", line["net_minor"] - (line["gross_minor"] - taken))
    _sales(group, ledger, statement, case["context"])
    _movements(group, ledger, statement)
    _reserve(group, ledger, statement, case)
    _fees(group, ledger, statement, case["context"])


def _content(line: Line) -> str:
    return json.dumps({key: line[key] for key in line if key != "id"}, sort_keys=True)


def _extra(lines: list[Line], others: list[Line]) -> list[tuple[Line, int]]:
    """Copies that are too many, as a line of each and their number."""
    never = {*FEES, "fee_refund"}
    copies = Counter(_content(line) for line in lines if line["type"] not in never)
    by_content = {_content(line): line for line in lines}
    found = []
    for content, count in copies.items():
        line = by_content[content]
        matches = sum(other["type"] == line["type"] for other in others)
        if count > 1 and count > max(matches, 1):
            found.append((line, count - max(matches, 1)))
    return found


def _without(lines: list[Line], extra: list[tuple[Line, int]]) -> list[Line]:
    left = {_content(line): count for line, count in extra}
    kept = []
    for line in lines:
        content = _content(line)
        if left.get(content):
            left[content] -= 1
        else:
            kept.append(line)
    return kept


def _sum(lines: list[Line], kind: str, key: str) -> int:
    return sum(line[key] for line in lines if line["type"] == kind)


def _sales(group: Group, ledger: list[Line], statement: list[Line], context: Line) -> None:
    booked = _sum(ledger, "sale", "amount_minor")
    gross = _sum(statement, "sale", "gross_minor")
    if booked == gross:
        return
    sales = [line for line in statement if line["type"] == "sale"]
    if not group.ledger:
        group.add("missing", gross - booked, "missing_in_ledger")
    elif all("orig_currency" in line for line in sales):
        # nothing converted is nothing explained: an empty list of sales comes to 0 at any rate
        _conversion(group, booked, sales, context)
    elif _is_exponent(booked, gross):
        group.add("exponent", gross - booked, "minor_unit_exponent")
    else:
        group.add("unexplained", gross - booked)


def _conversion(group: Group, booked: int, sales: list[Line], context: Line) -> None:
    gross = sum(line["gross_minor"] for line in sales)
    at_ledger = [
        converted(line, context["rates"][line["orig_currency"]], context, "ledger")
        for line in sales
    ]
    is_exact = all(
        converted(line, line["fx_rate"], context, "statement") == line["gross_minor"]
        for line in sales
    )
    if sum(at_ledger) != booked or not is_exact:
        group.add("unexplained", gross - booked)
        return
    is_same_rate = all(
        Fraction(line["fx_rate"]) == Fraction(context["rates"][line["orig_currency"]])
        for line in sales
    )
    if is_same_rate:
        group.add("rounding", gross - booked, "fx_rounding")
    else:
        group.add("fx_difference", gross - booked, "fx_conversion")


def _is_exponent(one: int, other: int) -> bool:
    if not one or not other:
        return False
    return any(one == other * 10**power or other == one * 10**power for power in (1, 2, 3))


def _movements(group: Group, ledger: list[Line], statement: list[Line]) -> None:
    named = {
        "capture_reversal": ("uncaptured", "partial_capture"),
        "refund": ("refund", "refund"),
        "chargeback": ("chargeback", "chargeback"),
        "dispute_reversal": ("dispute_reversal", "dispute_reversal"),
        "reserve_release": ("reserve_release", "reserve_release"),
        "transfer": ("split", "split_settlement"),
    }
    for kind, (component, break_type) in named.items():
        gross = _sum(statement, kind, "gross_minor")
        group.add(component, gross - _sum(ledger, kind, "amount_minor"), break_type)


def _reserve(group: Group, ledger: list[Line], statement: list[Line], case: Line) -> None:
    booked = _sum(ledger, "reserve_hold", "amount_minor")
    held = _sum(statement, "reserve_hold", "gross_minor")
    if booked == held:
        return
    due = 0
    for line in statement:
        if line["type"] != "reserve_hold":
            continue
        sales = sum(
            each["gross_minor"]
            for each in case["statement_lines"]
            if each["type"] == "sale"
            and each["batch"] == line["batch"]
            and each["currency"] == line["currency"]
        )
        due -= part(sales, case["context"]["reserve"]["share_bps"])
    group.add("reserve_hold", due - booked, "reserve_hold")
    group.add("unexplained", held - due)


def _fees(group: Group, ledger: list[Line], statement: list[Line], context: Line) -> None:
    returned = 0
    stated: dict[str, int] = dict.fromkeys(FEES, 0)
    planned: dict[str, int] = dict.fromkeys(FEES, 0)
    for line in statement:
        for fee in line["fees"]:
            kind, amount = fee["kind"], fee["amount_minor"]
            if kind == "psp_fee" and line["type"] == "refund":
                returned += amount
                continue
            stated[kind] += amount
        for kind in {fee["kind"] for fee in line["fees"]}:
            if not (kind == "psp_fee" and line["type"] == "refund"):
                planned[kind] += _planned(kind, line, context)
    for kind, break_type in FEES.items():
        booked = _sum(ledger, kind, "amount_minor")
        if booked == -stated[kind]:
            continue
        group.add(kind, -planned[kind] - booked, break_type)
        group.add("unexplained", planned[kind] - stated[kind])
    difference = -returned - _sum(ledger, "fee_refund", "amount_minor")
    group.add("fee_retained", difference, "refund_fee_retained")


def _planned(kind: str, line: Line, context: Line) -> int:
    """What the schedule says of a fee that a line has, as a cost."""
    own: int = sum(fee["amount_minor"] for fee in line["fees"] if fee["kind"] == kind)
    if kind not in {"psp_fee", "tax_on_fee", "fx_fee", "chargeback_fee"}:
        return own
    schedule = context["fee_schedule"][line["currency"]]
    gross: int = line["gross_minor"]
    if kind == "psp_fee":
        fixed: int = schedule["fixed_minor"]
        return part(gross, schedule["rate_bps"]) + fixed
    if kind == "tax_on_fee":
        fee = sum(each["amount_minor"] for each in line["fees"] if each["kind"] == "psp_fee")
        return part(fee, schedule["tax_bps"])
    if kind == "fx_fee":
        return part(gross, schedule["fx_fee_bps"])
    flat: int = schedule["chargeback_fee_minor"]
    return flat

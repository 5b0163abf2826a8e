"""Lines as postings: who says how much of which kind, and what the rules expect of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.reconciliation.tables.numbers import bps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Line = Mapping[str, Any]

COSTS: Final = (
    "psp_fee", "interchange", "scheme_fee", "markup", "tax_on_fee", "fx_fee", "chargeback_fee",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """One figure: what the ledger booked, the statement said, and the rules expect, of a kind."""

    kind: str
    booked: int = 0
    said: int = 0
    expected: int = 0


def _own(cost: str) -> Callable[[Line, Line], int]:
    return lambda line, _case: sum(
        fee["amount_minor"] for fee in line["fees"] if fee["kind"] == cost
    )


def _fees_of(line: Line, case: Line) -> Mapping[str, int]:
    found: Mapping[str, int] = case["context"]["fee_schedule"][line["currency"]]
    return found


def _held(line: Line, case: Line) -> int:
    beside = sum(
        each["gross_minor"]
        for each in case["statement_lines"]
        if (each["type"], each["batch"], each["currency"])
        == ("sale", line["batch"], line["currency"])
    )
    return -bps(beside, case["context"]["reserve"]["share_bps"])


# What a schedule says of a cost of a line; costs that are not here are passed on
SCHEDULE: Final[Mapping[str, Callable[[Line, Line], int]]] = {
    "psp_fee": lambda line, case: (
        bps(line["gross_minor"], _fees_of(line, case)["rate_bps"])
        + _fees_of(line, case)["fixed_minor"]
    ),
    "tax_on_fee": lambda line, case: bps(
        _own("psp_fee")(line, case), _fees_of(line, case)["tax_bps"]
    ),
    "fx_fee": lambda line, case: bps(line["gross_minor"], _fees_of(line, case)["fx_fee_bps"]),
    "chargeback_fee": lambda line, case: _fees_of(line, case)["chargeback_fee_minor"],
}


def of_ledger(line: Line) -> Posting:
    """The posting of a line of the ledger."""
    return Posting(line["type"], booked=line["amount_minor"])


def of_statement(line: Line, case: Line) -> Iterator[Posting]:
    """The postings of a line of the statement: itself, each kind of cost, and what is over."""
    gross = line["gross_minor"]
    expected = _held(line, case) if line["type"] == "reserve_hold" else gross
    yield Posting(line["type"], said=gross, expected=expected)
    for cost in COSTS:
        amounts = [fee["amount_minor"] for fee in line["fees"] if fee["kind"] == cost]
        if not amounts:
            continue
        if (cost, line["type"]) == ("psp_fee", "refund"):
            yield Posting("fee_refund", said=-sum(amounts), expected=-sum(amounts))
        else:
            plan = SCHEDULE.get(cost, _own(cost))(line, case)
            yield Posting(cost, said=-sum(amounts), expected=-plan)
    over = line["net_minor"] - gross + sum(fee["amount_minor"] for fee in line["fees"])
    yield Posting("over", said=over)


def summed(postings: Iterable[Posting]) -> dict[str, Posting]:
    """One posting a kind."""
    ordered = sorted(postings, key=lambda each: each.kind)
    found = {}
    for kind, same in groupby(ordered, key=lambda each: each.kind):
        rows = list(same)
        found[kind] = Posting(
            kind,
            booked=sum(each.booked for each in rows),
            said=sum(each.said for each in rows),
            expected=sum(each.expected for each in rows),
        )
    return found


def split_copies(lines: list[Line], others: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines that count, and those that are copies too many."""
    kept: list[Line] = []
    extra: list[Line] = []
    for line in lines:
        content = {key: value for key, value in line.items() if key != "id"}
        before = sum({**each, "id": ""} == {**content, "id": ""} for each in kept)
        most = max(1, sum(each["type"] == line["type"] for each in others))
        is_fee = line["type"] in {*COSTS, "fee_refund"}
        (extra if before >= most and not is_fee else kept).append(line)
    return kept, extra

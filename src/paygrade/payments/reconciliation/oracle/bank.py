"""Deposits: which batches a bank line pays, and what is missing of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paygrade.payments.reconciliation.oracle.rounding import settlement_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Line = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class BankBreak:
    """A deposit that is not what its batches come to."""

    type: str
    currency: str
    bank: list[Line]
    batches: set[str]
    difference: int
    components: dict[str, int] = field(default_factory=dict)


def bank_breaks(case: Line) -> Iterator[BankBreak]:
    """Every break between the statement and the bank, where that side is reconciled."""
    if case["context"]["bank_side"] != "checked":
        return
    batches = {line["batch"] for line in case["statement_lines"]}
    lines = [
        (line, {each for each in re.split(r"[ ,;]+", line["reference"]) if each in batches})
        for line in case["bank_lines"]
    ]
    for line, named in lines:
        if not named:
            amount = line["amount_minor"]
            yield BankBreak(
                type="unexplained",
                currency=line["currency"],
                bank=[line],
                batches=set(),
                difference=amount,
                components={"unexplained": amount} if amount else {},
            )
    seen: set[str] = set()
    for batch in sorted(batches):
        if batch in seen:
            continue
        together = {batch}
        while more := {each for _, named in lines if named & together for each in named - together}:
            together |= more
        seen |= together
        found = _compare(case, together, [line for line, named in lines if named & together])
        if found is not None:
            yield found


def _compare(case: Line, batches: set[str], bank: list[Line]) -> BankBreak | None:
    rows = [line for line in case["statement_lines"] if line["batch"] in batches]
    due = sum(line["net_minor"] for line in rows)
    difference = sum(line["amount_minor"] for line in bank) - due
    found = BankBreak(
        type="unexplained",
        currency=rows[0]["currency"],
        bank=bank,
        batches=batches,
        difference=difference,
    )
    if not bank:
        return _unpaid(found, rows, due, case["context"])
    if difference == 0 and len(batches) == 1:
        return None
    rest = difference
    if difference and due >= 0:
        returned = sum(line["amount_minor"] for line in bank if line["amount_minor"] < 0)
        if returned:
            found.components["returned"] = returned
            rest -= returned
    charge = -case["context"]["bank_charge_minor"] * sum(line["amount_minor"] > 0 for line in bank)
    if rest:
        found.components["bank_charge" if rest == charge else "unexplained"] = rest
    if "returned" in found.components:
        found.type = "payout_returned"
    elif len(batches) > 1:
        found.type = "payout_batching"
    elif "bank_charge" in found.components:
        found.type = "fee_netting"
    return found


def _unpaid(found: BankBreak, rows: list[Line], due: int, context: Line) -> BankBreak | None:
    if due == 0:
        return None
    if due < 0:
        found.type, found.components = "negative_payout", {"carried": -due}
        return found
    day = max(settlement_day(line["created_at"], context) for line in rows)
    if day.isoformat() > context["period"]["to"]:
        found.type, found.components = "timing_cutoff", {"timing": -due}
    else:
        found.components = {"unexplained": -due}
    return found

"""`breaks:*`: the breaks of a reconciliation, matched by the rows that they name.

A break names rows of the ledger, the statement and the bank. Two breaks are the same break when
they name the same rows, in any order; what else they say is then compared field by field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from paygrade.errors import ScorerError
from paygrade.records.check import Score, Subject
from paygrade.scorers.equality import identical
from paygrade.scorers.identity import components, differs, is_amount
from paygrade.scorers.kind import Bound, Kind, Place, fails
from paygrade.scorers.params import UnfitError
from paygrade.scorers.show import clip, one_line, show
from paygrade.scorers.target import WHOLE, TargetParams, judged

if TYPE_CHECKING:
    from pydantic import JsonValue

    from paygrade.records.json_value import Json

Rows = tuple[tuple[str, ...], ...]
"""Ids of the rows of the ledger, the statement and the bank, each sorted."""

Break = Mapping[str, "Json"]

_ROW_KEYS = ("ledger_ids", "statement_ids", "bank_ids")
_NAMED = 3  # breaks that a reason names
_WIDE = 30  # characters of the ids of one side


class BreaksParams(TargetParams):
    """A list of breaks, each with `ledger_ids`, `statement_ids` and `bank_ids`.

    Figures beside the check: rows_covered (share of the wanted breaks' rows that the answer names
    in some break), breaks_right (share of the wanted breaks that are found and right),
    amount_explained (share of the wanted absolute difference that found breaks state right).
    """

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a list of breaks."""
        _breaks(value)


class BreaksFieldParams(BreaksParams):
    """`name` says which field of each break is compared."""

    name: str = Field(min_length=1, description="A field of each break: type, resolution, …")


def _breaks(value: Json) -> list[tuple[Rows, Break]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UnfitError(f"should be a list of breaks, got {show(value)}")
    found: list[tuple[Rows, Break]] = []
    for each in value:
        if not isinstance(each, Mapping):
            raise UnfitError(f"should hold objects, got {show(each)}")
        found.append((tuple(_ids(each, key) for key in _ROW_KEYS), each))
    return found


def _ids(value: Break, key: str) -> tuple[str, ...]:
    ids = value.get(key)
    if isinstance(ids, str) or not isinstance(ids, Sequence):
        raise UnfitError(f"should have a list {key!r} in each break, got {show(value)}")
    texts = [each for each in ids if isinstance(each, str)]
    if len(texts) != len(ids):
        raise UnfitError(f"should have ids as text in {key!r}, got {show(ids)}")
    return tuple(sorted(texts))


def _named(rows: Rows) -> str:
    return f"[{' | '.join(one_line(','.join(each), _WIDE) or '-' for each in rows)}]"


_REASON = 500  # characters of a whole reason

Fault = Callable[[Break, Break], str]
"""What is wrong with a break of the answer beside the wanted one with the same rows, or ""."""


def _build(params: BreaksParams, _place: Place, *, fault: Fault) -> Bound:
    label = params.field or WHOLE

    def compare(_subject: Subject, got: Json, wanted: list[tuple[Rows, Break]]) -> Score:
        try:
            found = _breaks(got)
        except UnfitError as error:
            return fails(f"{label} {error}")
        by_rows: dict[Rows, list[Break]] = {}
        for rows, each in found:
            by_rows.setdefault(rows, []).append(each)
        faults, right = [], []
        for rows, each in wanted:
            wrong = _taken(by_rows.get(rows, []), each, fault)
            if wrong:
                faults.append(f"{_named(rows)} {wrong}")
            else:
                right.append(each)
        faults += [f"{_named(rows)} is no break" for rows, left in by_rows.items() for _ in left]
        reason = f"{label}: {'; '.join(faults[:_NAMED])}{'; …' * (len(faults) > _NAMED)}"
        return Score(
            passed=not faults,
            reason=clip(reason, _REASON) if faults else "",
            partial=_figures(found, wanted, right),
        )

    return judged(params, _breaks, compare)


def _taken(others: list[Break], wanted: Break, fault: Fault) -> str:
    """Take the break of the answer that fits best out of those with the same rows."""
    if not others:
        return "no break has these rows"
    wrong = [fault(each, wanted) for each in others]
    best = wrong.index("") if "" in wrong else 0
    others.pop(best)
    return wrong[best]


def _figures(
    found: list[tuple[Rows, Break]], wanted: list[tuple[Rows, Break]], right: list[Break]
) -> dict[str, float]:
    covered = _row_counts(found)
    named = _row_counts(wanted)
    whole = sum(_size(each) for _, each in wanted)
    explained = sum(abs(amount) for _, amount in (_amounts(found) & _amounts(wanted)).elements())
    return {
        "rows_covered": (covered & named).total() / named.total() if named else 1.0,
        "breaks_right": len(right) / len(wanted) if wanted else 1.0,
        "amount_explained": explained / whole if whole else 1.0,
    }


def _row_counts(breaks: list[tuple[Rows, Break]]) -> Counter[tuple[int, str]]:
    return Counter(
        (side, name) for rows, _ in breaks for side, names in enumerate(rows) for name in names
    )


def _amounts(breaks: list[tuple[Rows, Break]]) -> Counter[tuple[Rows, int]]:
    stated = ((rows, each.get("difference_minor")) for rows, each in breaks)
    return Counter((rows, amount) for rows, amount in stated if is_amount(amount))


def _size(each: Break) -> int:
    amount = each.get("difference_minor")
    return abs(amount) if is_amount(amount) else 0


def _no_fault(_got: Break, _wanted: Break) -> str:
    return ""


def _amount_fault(got: Break, wanted: Break) -> str:
    if not is_amount(wanted.get("difference_minor")) or "currency" not in wanted:
        raise ScorerError("a break of expected has no currency or no integer difference_minor")
    for key in ("currency", "difference_minor"):
        if not identical(got.get(key), wanted.get(key)):
            return f"{key}: got {show(got.get(key))}, wanted {show(wanted.get(key))}"
    return ""


def _components_fault(got: Break, wanted: Break) -> str:
    try:
        right = components(wanted.get("components"))
    except UnfitError as error:
        raise ScorerError(f"components of expected {error}") from error
    try:
        found = components(got.get("components"))
    except UnfitError as error:
        return f"components {error}"
    if wrong := differs(found, right):
        return f"components: {wrong}"
    total = sum(amount * count for (_, amount), count in found.items())
    if not identical(total, got.get("difference_minor")):
        said = show(got.get("difference_minor"))
        return f"components come to {show(total)}, difference_minor says {said}"
    return ""


def _build_field(params: BreaksFieldParams, place: Place) -> Bound:
    def fault(got: Break, wanted: Break) -> str:
        if params.name not in wanted:
            raise ScorerError(f"a break of expected has no {params.name!r}")
        one, other = got.get(params.name), wanted.get(params.name)
        if identical(one, other):
            return ""
        return f"{params.name}: got {show(one)}, wanted {show(other)}"

    return _build(params, place, fault=fault)


BREAKS_MATCH = Kind(
    name="breaks:match", version="1", params=BreaksParams, build=partial(_build, fault=_no_fault)
)
BREAKS_AMOUNTS = Kind(
    name="breaks:amounts",
    version="1",
    params=BreaksParams,
    build=partial(_build, fault=_amount_fault),
)
BREAKS_COMPONENTS = Kind(
    name="breaks:components",
    version="1",
    params=BreaksParams,
    build=partial(_build, fault=_components_fault),
)
BREAKS_FIELD = Kind(name="breaks:field", version="1", params=BreaksFieldParams, build=_build_field)

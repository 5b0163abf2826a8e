"""`equals`: one value, or the whole answer, is exactly what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeGuard

from pydantic import Field

from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.show import LIMIT, show
from paygrade.scorers.target import WHOLE, Missing, TargetParams, judged, whole_json, whole_text
from paygrade.scorers.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.json_value import Json


class EqualsParams(TargetParams):
    """`equals` compares JSON by type and value: true is not 1, and 1.0 is not 1.

    Without `field`, a wanted text is compared with the answer's text in Unicode's form C; any
    other wanted value with the answer read as JSON.
    """

    trim: bool = Field(default=True, description="Whole text: white space around is no matter")
    ignore_case: bool = Field(default=False, description="Whole text: letter case is no matter")

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name options of whole texts beside a field."""
        yield from super().conflicts(params)
        for key in ("trim", "ignore_case"):
            if key in params and "field" in params:
                problem = f"{key!r} is about a whole answer and has no meaning with 'field'"
                yield ParamProblem(key=key, problem=problem)


def _build(params: EqualsParams, _place: Place) -> Bound:
    label = params.field or WHOLE

    def compare(_subject: Subject, got: Json, wanted: Json) -> Score:
        return PASS if identical(got, wanted) else fails(_unequal(label, got, wanted))

    if params.field:
        return judged(params, _unchanged, compare)

    def normal(text: str) -> str:
        return fold(text.strip() if params.trim else text, ignore_case=params.ignore_case)

    def compare_whole(subject: Subject, text: Json, wanted: Json) -> Score:
        if isinstance(wanted, str) and isinstance(text, str):
            got, target = normal(text), normal(wanted)
            return PASS if got == target else fails(_unequal(label, got, target))
        parsed = whole_json(subject)
        if isinstance(parsed, Missing):
            return fails(f"{parsed.reason}, wanted {show(wanted)}")
        return compare(subject, parsed, wanted)

    return judged(params, _unchanged, compare_whole, whole=whole_text)


def _unchanged(wanted: Json) -> Json:
    return wanted


def identical(one: Json, other: Json) -> bool:
    """Tell whether two JSON values are the same in type and value, all the way down."""
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(identical(value, other[key]) for key, value in one.items())
        )
    if _is_list(one):
        return _is_list(other) and len(one) == len(other) and all(map(identical, one, other))
    return type(one) is type(other) and one == other


def _unequal(at: str, got: Json, wanted: Json) -> str:
    """Say what differs, at the first place inside the two values where something does."""
    if isinstance(got, Mapping) and isinstance(wanted, Mapping):
        for key in dict.fromkeys([*wanted, *got]):
            inner = key if at == WHOLE else f"{at}.{key}"
            if key not in got:
                return f"{inner}: got nothing, wanted {show(wanted[key])}"
            if key not in wanted:
                return f"{inner}: got {show(got[key])}, wanted nothing there"
            if not identical(got[key], wanted[key]):
                return _unequal(inner, got[key], wanted[key])
    if _is_list(got) and _is_list(wanted) and len(got) == len(wanted):
        for index, (one, other) in enumerate(zip(got, wanted, strict=True)):
            if not identical(one, other):
                return _unequal(str(index) if at == WHOLE else f"{at}.{index}", one, other)
    said = f"{at}: got {show(got)}, wanted {show(wanted)}"
    if isinstance(got, str) and isinstance(wanted, str) and min(len(got), len(wanted)) > _LONG:
        return f"{said} (alike up to character {_alike(got, wanted)})"
    return said


_LONG = LIMIT // 2


def _alike(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


EQUALS = Kind(name="equals", version="2", params=EqualsParams, build=_build)

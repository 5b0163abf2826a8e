"""`money:identity` and `money:components`: amounts of an answer add up, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeGuard

from pydantic import Field, field_validator

from paygrade.errors import ScorerError
from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.collect import collected, is_empty
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import kind, one_line, show
from paygrade.scorers.target import (
    ABSENT,
    WHOLE,
    AnswerPath,
    TargetParams,
    find,
    judged,
    parse_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from paygrade.records.json_value import Json
    from paygrade.scorers.target import Path


class _UnfitAmountError(Exception):
    """An amount is missing or is no integer: a failed answer, with the reason."""


def is_amount(value: Json) -> TypeGuard[int]:
    """Tell whether `value` is an integer; a boolean and 1.0 are none."""
    return isinstance(value, int) and not isinstance(value, bool)


class IdentityParams(ScorerParams):
    """The terms of `sum` (one written `-NAME` is taken off) add up to one amount.

    A path that goes through a list of objects stands for the sum over all of them. With `each`,
    the identity holds for every element of a list, or every value of an object, of the answer.
    """

    each: AnswerPath = ""
    sum: list[str] = Field(
        min_length=1, description="Paths of amounts in minor units, - to take off"
    )
    equals: AnswerPath = Field(default="", description="Path of the amount they come to")
    equals_input: AnswerPath = Field(default="", description="The same, in the sample's input")
    value: int | None = Field(default=None, description="The amount itself, in minor units")
    or_zero: bool = Field(default=False, description="All terms may be zero instead")

    @field_validator("sum")
    @classmethod
    def _terms(cls, value: list[str]) -> list[str]:
        for each in value:
            parse_path(each.removeprefix("-"))
        return value

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name an identity with no right side, or with two."""
        yield from super().conflicts(params)
        sides = [key for key in ("equals", "equals_input", "value") if key in params]
        if len(sides) != 1:
            problem = "an identity needs one of 'equals', 'equals_input' and 'value'"
            yield ParamProblem(key=sides[1] if sides else "", problem=problem)


class _Identity:
    """One identity, compiled."""

    def __init__(self, params: IdentityParams) -> None:
        self._params = params
        self._terms = [
            (-1 if each.startswith("-") else 1, parse_path(each.removeprefix("-")))
            for each in params.sum
        ]
        self._each = parse_path(params.each) if params.each else ()
        self._right = parse_path(params.equals) if params.equals else ()
        self._given = parse_path(params.equals_input) if params.equals_input else ()

    def judge(self, subject: Subject) -> Score:
        if subject.output_error:
            return fails(f"the answer is not JSON: {subject.output_error}")
        try:
            parts = list(_parts(subject.output, self._each, self._params.each))
        except _UnfitAmountError as error:
            return fails(str(error))
        wrong = [f"{name}{fault}" for name, part in parts if (fault := self._fault(part, subject))]
        return fails("; ".join(wrong[:_NAMED])) if wrong else PASS

    def _fault(self, part: Json, subject: Subject) -> str:
        try:
            amounts = [sign * _amount(part, path) for sign, path in self._terms]
            goal = self._goal(part, subject)
        except _UnfitAmountError as error:
            return str(error)
        total = sum(amounts)
        if total == goal or (self._params.or_zero and not any(amounts)):
            return ""
        return f"{' '.join(self._params.sum)} comes to {show(total)}, wanted {show(goal)}"

    def _goal(self, part: Json, subject: Subject) -> int:
        if self._params.value is not None:
            return self._params.value
        if self._right:
            return _amount(part, self._right)
        given = find(subject.input, self._given)
        if given is ABSENT or not is_amount(given):
            raise ScorerError(f"the input has no integer at {self._params.equals_input!r}")
        return given


def _build_identity(params: IdentityParams, _place: Place) -> Bound:
    return Bound(judge=_Identity(params).judge, found=lambda _: f"{' '.join(params.sum)} adds up")


_NAMED = 3  # faults that a reason names
_WIDE = 30  # characters of a key or a kind in a reason


def _parts(output: Json, path: Path, name: str) -> Iterator[tuple[str, Json]]:
    if not path:
        yield "", output
        return
    whole = find(output, path)
    if whole is ABSENT:
        raise _UnfitAmountError(f"the answer has no {name!r}")
    if isinstance(whole, Mapping):
        yield from ((f"{name}.{one_line(key, _WIDE)}: ", value) for key, value in whole.items())
    elif isinstance(whole, Sequence) and not isinstance(whole, str):
        yield from ((f"{name}.{index}: ", value) for index, value in enumerate(whole))
    else:
        raise _UnfitAmountError(f"{name}: {show(whole)} is {kind(whole)}, wanted a list or object")


def _amount(part: Json, path: Path) -> int:
    """The amount at `path`, or the sum over all objects of lists on the way."""
    name = ".".join(key for key, _ in path)
    *way, (last, _) = path
    holders = list(collected(part, tuple(way)))
    if not holders and not is_empty(part, path):
        raise _UnfitAmountError(f"there is no {name!r}")
    total = 0
    for each in holders:
        if not isinstance(each, Mapping) or last not in each:
            raise _UnfitAmountError(f"there is no {name!r}")
        value = each[last]
        if not is_amount(value):
            raise _UnfitAmountError(f"{name}: {show(value)} is {kind(value)}, wanted an integer")
        total += value
    return total


MONEY_IDENTITY = Kind(
    name="money:identity", version="1", params=IdentityParams, build=_build_identity
)


class ComponentsParams(TargetParams):
    """Components of an amount, each `{kind, amount_minor}`, are the wanted ones in any order."""

    adds_to: AnswerPath = Field(
        default="", description="Path in the answer of the amount that the components come to"
    )

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a list of components."""
        components(value)


def components(value: Json) -> Counter[tuple[str, int]]:
    """Read `[{kind, amount_minor}, …]`, any order.

    Raises:
        UnfitError: it is something else; the text is a clause on the value.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UnfitError(f"should be a list of components, got {show(value)}")
    found: Counter[tuple[str, int]] = Counter()
    for each in value:
        name = each.get("kind") if isinstance(each, Mapping) else None
        amount = each.get("amount_minor") if isinstance(each, Mapping) else None
        if not isinstance(name, str) or not is_amount(amount):
            raise UnfitError(
                f"should hold {{kind, amount_minor}} with an integer amount, got {show(each)}"
            )
        found[name, amount] += 1
    return found


def differs(got: Counter[tuple[str, int]], wanted: Counter[tuple[str, int]]) -> str:
    """What two lists of components do not share, or ""."""
    return "; ".join(
        f"{what} {_listed(sorted(some))}"
        for what, some in (("missing", wanted - got), ("not wanted", got - wanted))
        if some
    )


def _listed(some: list[tuple[str, int]]) -> str:
    named = [f"{one_line(name, _WIDE)} {show(amount)}" for name, amount in some[:_NAMED]]
    return f"{', '.join(named)}{', …' * (len(some) > _NAMED)}"


def _build_components(params: ComponentsParams, _place: Place) -> Bound:
    label = params.field or WHOLE
    sum_path = parse_path(params.adds_to) if params.adds_to else ()

    def compare(subject: Subject, got: Json, wanted: Counter[tuple[str, int]]) -> Score:
        try:
            found = components(got)
        except UnfitError as error:
            return fails(f"{label} {error}")
        wrong = differs(found, wanted)
        faults = [f"{label}: {wrong}"] if wrong else []
        if sum_path:
            total, stated = _total(found), find(subject.output, sum_path)
            if stated is ABSENT or not is_amount(stated) or stated != total:
                said = "nothing" if stated is ABSENT else show(stated)
                faults.append(f"they come to {show(total)}, {params.adds_to} says {said}")
        share = _share(found, wanted)
        return Score(
            passed=not faults, reason="; ".join(faults), partial={"components_right": share}
        )

    return judged(params, components, compare)


def _total(found: Counter[tuple[str, int]]) -> int:
    return sum(amount * count for (_, amount), count in found.items())


def _share(got: Counter[tuple[str, int]], wanted: Counter[tuple[str, int]]) -> float:
    return (got & wanted).total() / wanted.total() if wanted else 1.0


MONEY_COMPONENTS = Kind(
    name="money:components", version="1", params=ComponentsParams, build=_build_components
)

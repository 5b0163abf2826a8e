"""`in-set`, `ids-exist` and `max-count`: nothing outside a closed list, nothing invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from paygrade.errors import ScorerError
from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.collect import collected, is_empty
from paygrade.scorers.equality import identical
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import kind, show
from paygrade.scorers.target import (
    ABSENT,
    WHOLE,
    AnswerPath,
    Missing,
    TargetParams,
    find,
    judged,
    parse_path,
    reader,
    whole_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from paygrade.records.json_value import Json

_NAMED = 5  # values that a reason names


class InSetParams(TargetParams):
    """The answer's value is one of a list: `value`, or a list in the sample's expected."""

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a list that holds something."""
        _choices(value)


def _choices(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise UnfitError(f"should be a list of what is allowed, got {show(value)}")
    return value


def _build_in_set(params: InSetParams, _place: Place) -> Bound:
    label = params.field or WHOLE

    def compare(_subject: Subject, got: Json, choices: Sequence[Json]) -> Score:
        if any(identical(got, each) for each in choices):
            return PASS
        return fails(f"{label}: got {show(got)}, allowed are {show(choices)}")

    return judged(params, _choices, compare)


IN_SET = Kind(name="in-set", version="1", params=InSetParams, build=_build_in_set)


class IdsExistParams(ScorerParams):
    """Ids that the answer names stand in the sample's input; with `once`, each at most once.

    Paths go through lists: `breaks.ledger_ids` is every id in every break.
    """

    fields: list[AnswerPath] = Field(
        min_length=1, description="Where the answer names ids; lists on the way are gone through"
    )
    input: list[str] = Field(
        min_length=1, description="Where the input has ids, such as evidence.id"
    )
    once: bool = Field(default=False, description="No id is named twice in the whole answer")

    @field_validator("input")
    @classmethod
    def _paths(cls, value: list[str]) -> list[str]:
        for each in value:
            parse_path(each)
        return value


def _build_ids_exist(params: IdsExistParams, _place: Place) -> Bound:
    named_at = [parse_path(each) for each in params.fields]
    known_at = [parse_path(each) for each in params.input]

    def named(output: Json) -> list[Json]:
        return [each for path in named_at for each in collected(output, path)]

    def judge(subject: Subject) -> Score:
        if subject.output_error:
            return fails(f"the answer is not JSON: {subject.output_error}")
        known = {
            each
            for path in known_at
            for each in collected(subject.input, path)
            if isinstance(each, str)
        }
        if not known and not any(is_empty(subject.input, path) for path in known_at):
            raise ScorerError(f"the input has no id at {', '.join(params.input)}")
        ids = named(subject.output)
        if not ids and not any(is_empty(subject.output, path) for path in named_at):
            return fails(f"the answer names nothing at {', '.join(params.fields)}, not even a list")
        wrong = [each for each in ids if not isinstance(each, str) or each not in known]
        faults = [f"not in the input: {_some(wrong)}"] if wrong else []
        times = Counter(each for each in ids if isinstance(each, str))
        twice = [each for each, count in times.items() if count > 1]
        if params.once and twice:
            faults.append(f"named twice: {_some(twice)}")
        return fails("; ".join(faults)) if faults else PASS

    def found(subject: Subject) -> str:
        return f"named {_some(named(subject.output))}, all in the input"

    return Bound(judge=judge, found=found)


def _some(values: Sequence[Json]) -> str:
    return f"{', '.join(map(show, values[:_NAMED]))}{', …' * (len(values) > _NAMED)}" or "none"


IDS_EXIST = Kind(name="ids-exist", version="1", params=IdsExistParams, build=_build_ids_exist)


class MaxCountParams(ScorerParams):
    """A list of the answer is no longer than `most`, or than a list of the sample's expected."""

    field: AnswerPath = ""
    most: int | None = Field(default=None, ge=0, description="The most elements allowed")
    expected: AnswerPath = Field(
        default="", description="A list in the sample's expected; by default the answer's path"
    )

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name what is bounded twice."""
        yield from super().conflicts(params)
        if "most" in params and "expected" in params:
            problem = "'most' and 'expected' both say how many"
            yield ParamProblem(key="expected", problem=problem, hint="keep one of them")


def _build_max_count(params: MaxCountParams, _place: Place) -> Bound:
    label = params.field or WHOLE
    read = reader(params.field, whole_json)
    place = params.expected or params.field
    path = parse_path(place) if place else ()

    def most(subject: Subject) -> int:
        if params.most is not None:
            return params.most
        wanted = find(subject.expected, path)
        if wanted is ABSENT or isinstance(wanted, str) or not isinstance(wanted, Sequence):
            raise ScorerError(f"expected has no list {place!r}")
        return len(wanted)

    def judge(subject: Subject) -> Score:
        bound, got = most(subject), read(subject)
        if isinstance(got, Missing):
            return fails(got.reason)
        if isinstance(got, str) or not isinstance(got, Sequence):
            return fails(f"{label}: {show(got)} is {kind(got)}, wanted a list")
        if len(got) <= bound:
            return PASS
        return fails(f"{label}: {len(got)} elements, at most {bound} are wanted")

    def found(subject: Subject) -> str:
        return f"{label}: at most {most(subject)} elements"

    return Bound(judge=judge, found=found)


MAX_COUNT = Kind(name="max-count", version="1", params=MaxCountParams, build=_build_max_count)

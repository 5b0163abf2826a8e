"""Where a check looks in an answer, and what it wants to find there.

A path is keys joined by dots; in a list, a whole number counts from 0 (`cite.0`). A key that
itself contains a dot, and every element of a list at once, cannot be named: that is work for a
`python` scorer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, Field, JsonValue, field_validator

from paygrade.errors import ScorerError
from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.kind import PASS, Bound, fails
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import show

if TYPE_CHECKING:
    from paygrade.records.json_value import Json

Path = tuple[tuple[str, int], ...]
"""The parts of a dotted path, each as a key and as an index (-1 if it cannot be one)."""

WHOLE = "the answer"
"""How reasons name an answer that is looked at as a whole."""


class Absent(Enum):
    """No value, which is not the value null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")


def parse_path(text: str) -> Path:
    """Split a dotted path.

    Raises:
        UnfitError: a part is empty or a wildcard; the text is a clause on the path.
    """
    parts = text.split(".")
    if "" in parts:
        raise UnfitError(f"should be keys joined by dots, got {text!r}")
    if "*" in parts:
        raise UnfitError(f"cannot have a wildcard, got {text!r}")
    return tuple((part, int(part) if _INDEX.match(part) else -1) for part in parts)


def find(value: Json, path: Path) -> Json | Literal[Absent.ABSENT]:
    """Follow `path` into `value`."""
    for key, index in path:
        if isinstance(value, Mapping):
            if key not in value:
                return ABSENT
            value = value[key]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if not 0 <= index < len(value):
                return ABSENT
            value = value[index]
        else:
            return ABSENT
    return value


def without(value: Json, path: Path) -> Json:
    """Copy `value` as it is, but for what stands at `path`."""
    (key, index), rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {
            name: without(each, rest) if name == key else each
            for name, each in value.items()
            if name != key or rest
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [
            without(each, rest) if place == index else each
            for place, each in enumerate(value)
            if place != index or rest
        ]
    return value


def _path(text: str) -> str:
    parse_path(text)
    return text


AnswerPath = Annotated[
    str,
    AfterValidator(_path),
    Field(description="Dotted path into the answer read as JSON, such as deadlines.respond_by"),
]
ExpectedPath = Annotated[
    str,
    AfterValidator(_path),
    Field(description="Dotted path into the sample's expected; by default the answer's path"),
]


class TargetParams(ScorerParams):
    """`field` says where to look, `value` or `expected` what is wanted there."""

    field: AnswerPath = ""
    value: JsonValue = Field(default=None, description="The wanted value itself")
    expected: ExpectedPath = ""
    optional: bool = Field(
        default=False,
        description="Where expected has no such key (or null), the answer must have none either",
    )

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Raise `UnfitError` if this scorer cannot want `value`."""

    @field_validator("value")
    @classmethod
    def _value_fits(cls, value: JsonValue) -> JsonValue:
        cls.fits(value)
        return value

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name what is wanted twice, and `optional` where nothing can be absent."""
        yield from super().conflicts(params)
        if "value" in params and "expected" in params:
            problem = "'value' and 'expected' both say what is wanted"
            yield ParamProblem(key="expected", problem=problem, hint="keep one of them")
        if params.get("optional") is True:
            if "value" in params:
                problem = "'optional' has no meaning with 'value', which is always there"
                yield ParamProblem(key="optional", problem=problem)
            if "field" not in params:
                problem = "'optional' needs a 'field' that may be absent"
                yield ParamProblem(key="optional", problem=problem)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why an answer has nothing to compare; `absent` if only the field is not there."""

    reason: str
    absent: bool


Read = Callable[[Subject], "Json | Missing"]
W = TypeVar("W")


def whole_json(subject: Subject) -> Json | Missing:
    """Read the whole answer as JSON."""
    if subject.output_error:
        return Missing(f"the answer is not JSON: {subject.output_error}", absent=False)
    return subject.output


def whole_text(subject: Subject) -> Json | Missing:
    """Read the whole answer as the text it is."""
    return subject.text


def whole_word(subject: Subject) -> Json | Missing:
    """Read the whole answer as one word: plain, or as a JSON string."""
    return subject.output if isinstance(subject.output, str) else subject.text.strip()


def reader(field: str, whole: Read = whole_json) -> Read:
    """Return what reads `field` of an answer, or the whole of it if `field` is ""."""
    if not field:
        return whole
    path = parse_path(field)
    absent = Missing(f"the answer has no {field!r}", absent=True)

    def read(subject: Subject) -> Json | Missing:
        if subject.output_error:
            return whole_json(subject)
        got = find(subject.output, path)
        return absent if got is ABSENT else got

    return read


def wanted_at(
    name: str, prepare: Callable[[Json], W], *, optional: bool = False
) -> Callable[[Subject], W | Literal[Absent.ABSENT]]:
    """Return what reads the wanted value at the path `name` of a sample's expected.

    It raises `ScorerError` when nothing is there or when `prepare` refuses it (`UnfitError`):
    a check without a wanted value fails closed. With `optional`, absent and null are `ABSENT`.
    """
    path = parse_path(name) if name else ()
    place = f"expected {name!r}" if name else "expected"

    def want(subject: Subject) -> W | Literal[Absent.ABSENT]:
        value = find(subject.expected, path)
        if optional and (value is None or value is ABSENT):
            return ABSENT
        if value is ABSENT:
            raise ScorerError(f"expected has no {name!r}")
        try:
            return prepare(value)
        except UnfitError as error:
            raise ScorerError(f"{place} {error}") from error

    return want


def judged(
    params: TargetParams,
    prepare: Callable[[Json], W],
    compare: Callable[[Subject, Json, W], Score],
    *,
    whole: Read = whole_json,
    found: Callable[[Json, W], str] | None = None,
) -> Bound:
    """Bind a check that compares one place of an answer with one wanted value.

    What absence means is decided here, alike for all: an answer that is not JSON or lacks the
    field fails; a sample that lacks the wanted value is a `ScorerError`, unless it is optional.

    Args:
        params: Where to look and what for.
        prepare: Turns the wanted value into what `compare` takes, or refuses it (`UnfitError`).
        compare: Judges what was got against what is wanted.
        whole: Reads the answer when no field is named.
        found: Says what a passing answer holds, for a negated check; by default "got 'x'".
    """
    label = params.field or WHOLE
    read = reader(params.field, whole)
    want: Callable[[Subject], W | Literal[Absent.ABSENT]]
    if "value" in params.model_fields_set:
        constant = prepare(params.value)

        def want(_subject: Subject) -> W | Literal[Absent.ABSENT]:
            return constant
    else:
        want = wanted_at(params.expected or params.field, prepare, optional=params.optional)

    def judge(subject: Subject) -> Score:
        wanted = want(subject)
        got = read(subject)
        if wanted is ABSENT:
            return _nothing_wanted(label, got)
        if isinstance(got, Missing):
            return fails(got.reason)
        return compare(subject, got, wanted)

    def describe(subject: Subject) -> str:
        wanted, got = want(subject), read(subject)
        if isinstance(got, Missing):
            return got.reason
        if found is None or wanted is ABSENT:
            return f"{label}: got {show(got)}"
        return f"{label}: {found(got, wanted)}"

    return Bound(judge=judge, found=describe)


def _nothing_wanted(label: str, got: Json | Missing) -> Score:
    if isinstance(got, Missing):
        return PASS if got.absent else fails(got.reason)
    return PASS if got is None else fails(f"{label}: got {show(got)}, wanted nothing there")

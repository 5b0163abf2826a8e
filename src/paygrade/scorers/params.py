"""Parameters of a scorer: strict models, and their mistakes as sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from paygrade.records.check import ParamProblem
from paygrade.scorers.show import show

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from paygrade.records.json_value import Json

COMMON_KEYS = ("id", "severity", "role")
"""Keys of every entry that the workspace takes out before a scorer sees the rest."""


class ScorerParams(BaseModel):
    """Base of every scorer's own parameters: strict types, unknown keys refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Yield what is wrong between the keys of `params`, as they were written."""
        del params
        yield from ()


class UnfitError(ValueError):
    """A value is not what is asked for. Its text is a clause that follows the value's name."""


class RefusedError(Exception):
    """A check cannot be bound: all that is wrong with it."""

    def __init__(self, problems: Sequence[ParamProblem]) -> None:
        """Keep `problems`, at least one."""
        super().__init__("; ".join(each.problem for each in problems))
        self.problems = tuple(problems)


def refused(key: str, problem: str, hint: str = "") -> RefusedError:
    """Return a `RefusedError` with one problem."""
    return RefusedError([ParamProblem(key=key, problem=problem, hint=hint)])


P = TypeVar("P", bound=ScorerParams)


def validate(model: type[P], params: Mapping[str, Json]) -> P:
    """Read `params` into `model`.

    Raises:
        RefusedError: with everything that is wrong, not only the first of it.
    """
    raw = plain_object(params)
    problems = list(model.conflicts(raw))
    problems += [
        ParamProblem(key=key, problem=f"{key!r} has a number that is not finite")
        for key, value in raw.items()
        if not _is_finite(value)
    ]
    try:
        valid = model.model_validate(raw)
    except ValidationError as error:
        known = [field.alias or name for name, field in model.model_fields.items()]
        found = [_problem(each, known) for each in error.errors(include_url=False)]
        raise RefusedError([*found, *problems]) from None
    if problems:
        raise RefusedError(problems)
    return valid


def plain_object(value: Mapping[str, Json]) -> dict[str, Json]:
    """Copy an object into lists and dicts that nobody else holds."""
    return {key: plain(item) for key, item in value.items()}


def plain(value: Json) -> Json:
    """Copy `value` into lists and dicts that nobody else holds."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return plain_object(value)
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return value


def _is_finite(value: Json) -> bool:
    if isinstance(value, dict | list):
        return all(map(_is_finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or math.isfinite(value)


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return "did you mean 'field'?", or the list of what is known, or "" if nothing is."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known here: {', '.join(known)}" if known else ""


def _problem(error: ErrorDetails, known: Sequence[str]) -> ParamProblem:
    key = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            hint = did_you_mean(key, (*known, *COMMON_KEYS))
            return ParamProblem(key=key, problem=f"unknown key {key!r}", hint=hint)
        case "missing":
            return ParamProblem(key=key, problem=f"missing key {key!r}")
        case "too_short":
            least = error["ctx"]["min_length"]
            return ParamProblem(key=key, problem=f"{key!r} should have at least {least}, got none")
        case "value_error":
            return ParamProblem(key=key, problem=f"{key!r} {error['ctx']['error']}")
    message = error["msg"].removeprefix("Input ")
    return ParamProblem(key=key, problem=f"{key!r} {message}, got {show(error['input'])}")

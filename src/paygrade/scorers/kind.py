"""What every scorer is made of: a kind with its parameters, bound to a judge of answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Generic

from paygrade.records.check import Score, Subject
from paygrade.scorers.params import P, RefusedError, UnfitError, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.check import ParamProblem, Severity
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Judges
    from paygrade.scripts import Script

Judge = Callable[[Subject], Score | Awaitable[Score]]
"""Judges one answer. Whatever it raises is an error of the check, never a failed answer."""

Ask = Callable[[Subject, "Judges"], Awaitable[Score]]
"""Judges one answer by asking a model."""

PASS = Score(passed=True)
"""A pass that has nothing to add."""


def fails(reason: str) -> Score:
    """Return a failure with its reason."""
    return Score(passed=False, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One check, compiled.

    `found` says in a sentence what a passing answer holds: the reason when the check is negated.
    `identity` is what else decides the score (a schema's text, the hash of a script). Where there
    is an `ask`, it judges instead of `judge`.
    """

    judge: Judge
    found: Callable[[Subject], str]
    identity: Json = None
    ask: Ask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a check may be bound to: the suite's folder and the prompt's output schema.

    `judges` are the runners that may be asked, each with the hash of its profile.
    """

    folder: Path
    output_schema: Mapping[str, Json] | None
    judges: Mapping[str, str] = field(default_factory=dict)
    scripts: dict[Path, Script] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """Find the file `name` in the suite's folder.

        Raises:
            UnfitError: it lies elsewhere, or is not there; the text is a clause on the name.
        """
        pure = PurePosixPath(name)
        path = self.folder / pure
        inside = "\0" not in name and not pure.is_absolute() and ".." not in pure.parts
        if not inside or not path.resolve().is_relative_to(self.folder.resolve()):
            raise UnfitError("lies outside the suite's folder")
        if not path.is_file():
            raise UnfitError("is not a file in the suite's folder")
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[P]):
    """One scorer by name. Change `version` when the same input may score otherwise.

    `severity` is how bad a miss is where an entry does not say.
    """

    name: str
    version: str
    params: type[P]
    build: Callable[[P, Place], Bound]
    severity: Severity = "major"

    def problems(self, params: Mapping[str, Json]) -> tuple[ParamProblem, ...]:
        """All that is wrong with `params` by themselves, before any file is looked at."""
        try:
            validate(self.params, params)
        except RefusedError as error:
            return error.problems
        return ()

    def bind(self, params: Mapping[str, Json], place: Place) -> Bound:
        """Compile one check.

        Raises:
            RefusedError: its parameters are wrong, or name what is not in `place`.
        """
        return self.build(validate(self.params, params), place)

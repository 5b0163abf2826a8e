"""One door for all tests of this room: build a bench for one entry, judge one answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from paygrade.records.check import CheckSpec, Subject
from paygrade.scorers import build, read_output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.leaks import Finding
    from paygrade.records.agent import Trajectory
    from paygrade.records.check import Check
    from paygrade.records.json_value import Json


class Judge(Protocol):
    """Judges one answer by one entry as a suite would write it."""

    def __call__(  # noqa: PLR0913 - each is one thing that a test may vary
        self,
        entry: str,
        params: Mapping[str, Json],
        answer: Json,
        expected: Json = None,
        *,
        folder: Path = ...,
        output_schema: Mapping[str, Json] | None = None,
        findings: tuple[Finding, ...] = (),
        given: Json = None,
        trajectory: Trajectory | None = None,
    ) -> Check:
        """Judge `answer`: text as it is, anything else written as JSON.

        `given` is the sample's input, `trajectory` what an agent did.
        """
        ...


def subject_of(answer: Json, expected: Json = None, given: Json = None) -> Subject:
    """Return what an engine would hand to the bench."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    reading = read_output(text)
    return Subject(
        sample_id="s1",
        input={} if given is None else given,
        expected=expected,
        text=text,
        output=reading.value,
        output_error=reading.error,
        output_repair=reading.repair,
    )


def spec_of(entry: str, params: Mapping[str, Json]) -> CheckSpec:
    """Return an entry bound as a workspace would bind it."""
    name = entry.removeprefix("not-")
    return CheckSpec(id=entry, scorer=name, negated=name != entry, params=params)


def _judge(  # noqa: PLR0913 - as above
    entry: str,
    params: Mapping[str, Json],
    answer: Json,
    expected: Json = None,
    *,
    folder: Path = Path(),
    output_schema: Mapping[str, Json] | None = None,
    findings: tuple[Finding, ...] = (),
    given: Json = None,
    trajectory: Trajectory | None = None,
) -> Check:
    spec = spec_of(entry, params)
    bench = build((spec,), folder=folder, output_schema=output_schema)
    subject = replace(subject_of(answer, expected, given), findings=findings, trajectory=trajectory)
    [check] = asyncio.run(bench.judge((spec,), subject))
    return check


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Judge one answer by one entry."""
    return _judge


class MakeSubject(Protocol):
    """Makes what an engine would hand to the bench."""

    def __call__(self, answer: Json, expected: Json = None) -> Subject:
        """Take `answer` as text, or as a value to be written as JSON."""
        ...


class MakeSpec(Protocol):
    """Binds an entry as a workspace would."""

    def __call__(self, entry: str, params: Mapping[str, Json]) -> CheckSpec:
        """Read a `not-` off the name."""
        ...


@pytest.fixture(scope="session")
def subject() -> MakeSubject:
    """Make what an engine would hand to the bench."""
    return subject_of


@pytest.fixture(scope="session")
def spec() -> MakeSpec:
    """Bind an entry as a workspace would."""
    return spec_of

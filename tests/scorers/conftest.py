"""One door for all tests of this room: build a bench for one entry, judge one answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from paygrade.records.check import CheckSpec, Subject
from paygrade.scorers import build, parse_output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.leaks import Finding
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
    ) -> Check:
        """Judge `answer`: text as it is, anything else written as JSON."""
        ...


def subject_of(answer: Json, expected: Json = None) -> Subject:
    """Return what an engine would hand to the bench."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    output, error = parse_output(text)
    return Subject(
        sample_id="s1", input={}, expected=expected, text=text, output=output, output_error=error
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
) -> Check:
    spec = spec_of(entry, params)
    bench = build((spec,), folder=folder, output_schema=output_schema)
    subject = replace(subject_of(answer, expected), findings=findings)
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

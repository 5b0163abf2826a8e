"""`cost` and `latency`: what is not known or was not measured is an error, never a pass."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paygrade.records.check import Subject
from paygrade.scorers import CATALOGUE, build

if TYPE_CHECKING:
    from paygrade.records.check import Check
    from paygrade.records.json_value import Json
    from scorers.conftest import MakeSpec

ANSWER = Subject(sample_id="s1", input={}, expected=None, text="ok", latency_s=2.5, cost_usd=0.01)


@pytest.fixture
def judged(spec: MakeSpec) -> Judged:
    """Judge one answer by one entry."""
    return Judged(spec)


class Judged:
    """Judges what an engine would hand over."""

    def __init__(self, spec: MakeSpec) -> None:
        """Take what binds an entry."""
        self._spec = spec

    def __call__(self, entry: str, params: dict[str, Json], subject: Subject) -> Check:
        """Judge `subject` by one entry."""
        spec = self._spec(entry, params)
        bench = build((spec,), folder=Path(), output_schema=None)
        [check] = asyncio.run(bench.judge((spec,), subject))
        return check


@pytest.mark.parametrize(
    ("entry", "most", "expected"),
    [
        ("cost", 0.01, ("pass", "")),
        ("cost", 1, ("pass", "")),
        ("cost", 0.009999, ("fail", "cost 0.01 USD, wanted at most 0.009999 USD")),
        ("not-cost", 1, ("fail", "cost 0.01 USD, which is at most 1 USD")),
        ("not-cost", 0, ("pass", "cost 0.01 USD, wanted at most 0 USD")),
    ],
)
def test_an_answer_may_cost_so_much(
    judged: Judged, entry: str, most: float, expected: tuple[str, str]
) -> None:
    """The bound itself is allowed."""
    check = judged(entry, {"max_usd": most}, ANSWER)
    assert (check.result, check.reason) == expected


@pytest.mark.parametrize("entry", ["cost", "not-cost"])
@pytest.mark.parametrize("cost", [None, math.nan, math.inf])
def test_an_unknown_cost_is_an_error(judged: Judged, entry: str, cost: float | None) -> None:
    """Nobody knows is not cheap, and not dear either."""
    check = judged(entry, {"max_usd": 1}, replace(ANSWER, cost_usd=cost))
    assert (check.result, check.reason) == (
        "error",
        "the cost of this answer is not known (give the profile a price)",
    )


def test_an_answer_that_was_paid_for_earlier_keeps_its_cost(judged: Judged) -> None:
    """What it cost is known, whoever paid."""
    check = judged("cost", {"max_usd": 0.001}, replace(ANSWER, cached=True))
    assert check.result == "fail"


@pytest.mark.parametrize(
    ("entry", "most", "expected"),
    [
        ("latency", 2.5, ("pass", "")),
        ("latency", 2, ("fail", "took 2.5 s, wanted at most 2 s")),
        ("not-latency", 3, ("fail", "took 2.5 s, which is at most 3 s")),
    ],
)
def test_an_answer_may_take_so_long(
    judged: Judged, entry: str, most: float, expected: tuple[str, str]
) -> None:
    """In seconds."""
    check = judged(entry, {"max_s": most}, ANSWER)
    assert (check.result, check.reason) == expected


@pytest.mark.parametrize("entry", ["latency", "not-latency"])
def test_an_answer_that_nobody_waited_for_is_an_error(judged: Judged, entry: str) -> None:
    """A cached answer never counts as a fresh one."""
    check = judged(entry, {"max_s": 3}, replace(ANSWER, cached=True))
    assert (check.result, check.reason) == (
        "error",
        (
            "the latency of an answer from an earlier run is not measured again "
            "(ask afresh with --no-cache)"
        ),
    )


@pytest.mark.parametrize(
    ("entry", "params", "problem"),
    [
        ("cost", {}, "missing key 'max_usd'"),
        ("cost", {"max_usd": -1}, "'max_usd' should be greater than or equal to 0, got -1"),
        ("cost", {"threshold": 1, "max_usd": 1}, "unknown key 'threshold'"),
        ("latency", {"max_s": 0}, "'max_s' should be greater than 0, got 0"),
        ("latency", {"max_s": "2"}, "'max_s' should be a valid number, got '2'"),
        ("latency", {"max_s": True}, "'max_s' should be a valid number, got true"),
    ],
)
def test_a_bound_is_a_number(entry: str, params: dict[str, Json], problem: str) -> None:
    """Told before anything runs."""
    assert [each.problem for each in CATALOGUE.problems(entry, params)] == [problem]

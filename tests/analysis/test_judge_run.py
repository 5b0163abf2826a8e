"""What a bare run ends with."""

from __future__ import annotations

import pytest

from paygrade.analysis.judge_run import Ending, ending, worst
from paygrade.analysis.summarize import summarize
from paygrade.errors import ExitCode
from paygrade.records.outcome import Outcome, Scored
from store.making import check, errored, header, row, scored

ROWS = [row(f"s{n}") for n in range(100)]


def ended(outcomes: list[Outcome], *, limit: float | None = None, attempts: int = 0) -> Ending:
    """How a run of `outcomes` ends."""
    planned = header(attempts=attempts or len(outcomes), max_failure_rate=limit)
    return ending(summarize(planned, ROWS, outcomes))


def test_a_complete_run_ends_well_whatever_its_rate() -> None:
    """A bare run gates nothing."""
    assert ended([scored("s1", failed=True)]).code is ExitCode.OK


def test_one_invariant_ends_it() -> None:
    """Also when the run is incomplete, and said once."""
    miss = check("no-pan", role="invariant", result="fail")
    outcome = Scored(sample_id="s1", epoch=1, failed=True, checks=(miss,))
    end = ended([outcome], attempts=5)
    assert (end.code, end.reason) == (ExitCode.REGRESSED, "an invariant failed 1 time")


def test_a_limit_is_exceeded_by_the_whole_interval() -> None:
    """5 of 10 may be anything from 24 to 76 %: a limit of 25 % is not surely exceeded."""
    outcomes: list[Outcome] = [scored(f"s{n}", failed=n < 5) for n in range(10)]
    assert ended(outcomes, limit=0.25).code is ExitCode.OK
    end = ended(outcomes, limit=0.2)
    assert end.code is ExitCode.REGRESSED
    assert end.reason == (
        "max_failure_rate is 20.0% and the whole interval 23.7% to 76.3% lies above it"
    )


def test_a_limit_of_zero_needs_a_failure() -> None:
    """Without one the interval begins at zero."""
    assert ended([scored("s1")], limit=0.0).code is ExitCode.OK
    assert ended([scored("s1", failed=True)], limit=0.0).code is ExitCode.REGRESSED


@pytest.mark.parametrize(
    ("outcomes", "attempts", "reason"),
    [
        ([], 3, "no attempt could be scored (nothing ran): there is no rate"),
        ([errored("s1")], 1, "no attempt could be scored (1 timeout): there is no rate"),
    ],
)
def test_nothing_scored_is_invalid(outcomes: list[Outcome], attempts: int, reason: str) -> None:
    """There is no verdict from nothing, complete or not."""
    assert ended(outcomes, attempts=attempts) == Ending(code=ExitCode.INVALID, reason=reason)


def test_all_quarantined_is_invalid_and_says_so() -> None:
    """A rate of nothing is no rate."""
    summary = summarize(header(attempts=1), [row(case_class="quarantined")], [scored()])
    end = ending(summary)
    assert end.code is ExitCode.INVALID
    assert end.reason == "every sample that ran is quarantined: there is no rate"


def test_attempts_left_to_do_are_incomplete() -> None:
    """With how many."""
    end = ended([scored("s1")], attempts=3)
    assert (end.code, end.reason) == (ExitCode.INCOMPLETE, "2 of 3 attempts were not done")


def test_of_several_the_worst_is_told() -> None:
    """In the order 1, 2, 100, 102, 103, 101, 0."""
    codes = [ExitCode(code) for code in (1, 2, 100, 102, 103, 101, 0)]
    for place, code in enumerate(codes):
        rest = [Ending(code=each, reason="") for each in codes[place:]]
        assert worst(rest) is worst(rest[::-1]) is code
    assert worst([]) is ExitCode.OK

"""Assertions on failure rates that never mistake silence for certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.analysis.judge_run import ending
from paygrade.errors import ExitCode
from paygrade.reports.figures import counts, interval, percent
from paygrade.reports.plain import one_line, short
from paygrade.stats import wilson
from paygrade.testing.ran import Ran

if TYPE_CHECKING:
    from paygrade.records.run import RunSummary

_SHOWN = 5
_REASON = 200
_MOST = 1_000_000


def assert_failure_rate(
    summary: RunSummary, *, at_most: float, max_error_rate: float = 0.05
) -> None:
    """Assert that the failure rate is at most `at_most`: the whole 95 % interval, not the figure.

    It fails too when the run ends with anything but 0 (an invariant failed, nothing was scored,
    attempts were not done), and when more than the share `max_error_rate` of attempts errored.

    Raises:
        AssertionError: it is not shown, with the reason and the samples that were missed.
        ValueError: a share that is not between 0 and 1.
    """
    __tracebackhide__ = True
    if not 0 < at_most < 1:
        raise ValueError("at_most lies between 0 and 1: no number of samples shows a rate of 0")
    if not 0 <= max_error_rate < 1:
        raise ValueError("max_error_rate lies between 0 and 1")
    problem = _problem(summary, at_most, max_error_rate)
    if problem:
        raise AssertionError("\n".join([problem, *_misses(summary)]))


def _problem(summary: RunSummary, at_most: float, max_error_rate: float) -> str:
    rate = summary.overall
    ended = ending(summary)
    if ended.code is not ExitCode.OK:
        return f"{ended.reason} (exit {int(ended.code)})"
    attempts = rate.scored + rate.errored
    if rate.errored > max_error_rate * attempts:
        allowed = percent(max_error_rate)
        return f"{rate.errored:,} of {attempts:,} attempts errored, more than {allowed}"
    if rate.high <= at_most:
        return ""
    figures = (
        f"failure rate {percent(rate.rate)}, 95 % interval {interval(rate.low, rate.high)}, "
        f"{counts(rate)}"
    )
    if rate.rate is None or rate.rate > at_most:
        return f"{figures}: that is more than {percent(at_most)}"
    enough = _enough(rate.rate, at_most)
    hint = f" (about {enough:,} samples of their own would show it at this rate)" if enough else ""
    return f"{figures}: that it is at most {percent(at_most)} is not shown{hint}"


def _enough(rate: float, at_most: float) -> int:
    """How many independent samples show it if they fail at this rate; 0 when too many."""
    low, high = 1, _MOST
    if wilson(rate * high, high)[1] > at_most:
        return 0
    while low < high:
        middle = (low + high) // 2
        if wilson(rate * middle, middle)[1] <= at_most:
            high = middle
        else:
            low = middle + 1
    return low


def _misses(summary: RunSummary) -> list[str]:
    if not isinstance(summary, Ran):
        return [f"  see them with: paygrade show {summary.header.run_id}"]
    lines = [
        f"  {one_line(each.sample_id)}, epoch {each.epoch}: "
        f"{'errored: ' if each.errored else ''}{short(one_line(each.reason), _REASON)}"
        for each in summary.misses[:_SHOWN]
    ]
    more = len(summary.misses) - _SHOWN
    return [*lines, f"  … and {more:,} more"] if more > 0 else lines

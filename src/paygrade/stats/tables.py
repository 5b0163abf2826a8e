"""Exact tests of two counts, in whole numbers until the last division."""

from __future__ import annotations

import math
from operator import index


def more_errors(errors_c: int, ok_c: int, errors_b: int, ok_b: int) -> float:
    """One-sided p-value that the candidate's runs end in an error more often.

    Fisher's exact test (Fisher 1935). Both arms' runs are counted: those that ended in an error,
    and those that did not.

    Returns:
        The probability of at least `errors_c` errors in the candidate, if errors fell on the runs
        of both arms at random. 1 where there is no error.

    Raises:
        ValueError: a count is negative.
    """
    if min(errors_c, ok_c, errors_b, ok_b) < 0:
        raise ValueError(f"negative count: {errors_c}, {ok_c}, {errors_b}, {ok_b}")
    runs_c, runs_b = index(errors_c + ok_c), index(errors_b + ok_b)
    return _at_least(index(errors_c), runs_c, runs_b, index(errors_c + errors_b))


def likely_broken(fails_b: int, fails_c: int, runs: int, runs_c: int | None = None) -> float:
    """One-sided p-value that one sample fails more in the candidate: a hint, not a verdict.

    Args:
        fails_b: failed runs of the sample in the baseline.
        fails_c: failed runs of the sample in the candidate.
        runs: runs of the sample in the baseline, and in the candidate unless `runs_c` is given.
        runs_c: runs in the candidate, where the arms differ.

    Returns:
        The probability of at least `fails_c` failures in the candidate, if the failures fell on
        the runs of both arms at random (hypergeometric). 1 where nothing failed.

    Raises:
        ValueError: a sample failed more often than it ran, or less than never.
    """
    candidate = runs if runs_c is None else runs_c
    if not (0 <= fails_b <= runs and 0 <= fails_c <= candidate):
        raise ValueError(f"failed {fails_b} of {runs} and {fails_c} of {candidate} runs")
    return _at_least(index(fails_c), index(candidate), index(runs), index(fails_b + fails_c))


def _at_least(seen: int, ours: int, theirs: int, marked: int) -> float:
    """P(at least `seen` marked ones are ours), if `marked` of ours and theirs are so by chance."""
    everything = ours + theirs
    if min(ours, theirs) < min(marked, everything - marked):
        ours, marked = marked, ours  # the same distribution, counted in smaller numbers
    others = everything - ours
    seen = max(seen, marked - others)
    ways = term = math.comb(ours, seen) * math.comb(others, marked - seen)
    for x in range(seen, min(ours, marked)):
        term = term * (ours - x) * (marked - x) // ((x + 1) * (others - marked + x + 1))
        ways += term
    return ways / math.comb(everything, marked)

"""What a gate has to work with, and what its stored runs tell about the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ASSUMED_ICC = 0.7
"""Taken for the intra-class correlation where the stored runs cannot tell: one run a sample."""

_ICC_BOUNDS = 0.05, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a gate has to work with.

    For each sample: `failures` in its `runs` stored baseline runs, and the number of its case in
    `cases` (samples of one case share a number). `candidate_runs` for every sample; `fresh_runs`
    in each arm for every sample that differs, or 0 where one stage decides, at `alpha_confirm`.
    `tolerance`: a confirmed rise must surely be above it, as a fraction; 0 asks nothing.
    `by_cases`: the case-level test decides, as where repeats are no independent evidence.

    Raises:
        ValueError: the three differ in length or are empty, or a count, level or tolerance is
            impossible.
    """

    failures: tuple[int, ...]
    runs: tuple[int, ...]
    cases: tuple[int, ...]
    candidate_runs: int
    fresh_runs: int
    alpha_screen: float
    alpha_confirm: float
    tolerance: float = 0.0
    by_cases: bool = False

    def __post_init__(self) -> None:
        """Refuse what no gate can have."""
        _check_counts(self.failures, self.runs)
        if len(self.cases) != len(self.runs):
            raise ValueError(f"{len(self.runs)} samples, and {len(self.cases)} case numbers")
        if self.candidate_runs < 1 or self.fresh_runs < 0:
            raise ValueError(f"{self.candidate_runs} candidate and {self.fresh_runs} fresh runs")
        if not (0 < self.alpha_screen <= 1 and 0 < self.alpha_confirm <= 1):
            raise ValueError(f"levels {self.alpha_screen} and {self.alpha_confirm}")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"tolerance={self.tolerance}")


def intra_class(failures: Sequence[int], runs: Sequence[int]) -> float:
    """How much of the spread of outcomes lies between samples: the ANOVA intra-class correlation.

    (MSB - MSW) / (MSB + (k - 1) MSW) from the one-way mean squares of the 0/1 outcomes by sample,
    within 0.05..0.95; k is the number of runs of a sample, or Donner's average (1986) where they
    differ. `ASSUMED_ICC` where there is nothing to go by: no sample ran twice, there is only one
    sample, or all outcomes are the same.

    Args:
        failures: failed runs of each sample.
        runs: runs of each sample, at least 1.

    Raises:
        ValueError: the two differ in length or are empty, or a count is impossible.
    """
    _check_counts(failures, runs)
    samples, everything = len(runs), sum(runs)
    if samples in {1, everything}:
        return ASSUMED_ICC
    mean = sum(failures) / everything
    between = math.fsum(k * (x / k - mean) ** 2 for x, k in zip(failures, runs, strict=True))
    within = math.fsum(x * (k - x) / k for x, k in zip(failures, runs, strict=True))
    msb, msw = between / (samples - 1), within / (everything - samples)
    average = (everything - sum(k * k for k in runs) / everything) / (samples - 1)
    spread = msb + (average - 1) * msw
    if not spread > 0:
        return ASSUMED_ICC
    lowest, highest = _ICC_BOUNDS
    return min(highest, max(lowest, (msb - msw) / spread))


def _check_counts(failures: Sequence[int], runs: Sequence[int]) -> None:
    if len(failures) != len(runs) or not len(runs):
        raise ValueError(f"{len(failures)} counts of failures and {len(runs)} of runs")
    if any(k < 1 or not 0 <= x <= k for x, k in zip(failures, runs, strict=True)):
        raise ValueError("a sample without a run, or that failed more often than it ran")

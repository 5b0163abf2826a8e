"""Do two recordings of one version differ by more than chance? The A/A check of a baseline.

Repeats that agree more inside a session than across sessions (a cache, sticky noise of a provider,
drift) are not independent evidence, and a test that permutes them would say too much.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from operator import index
from typing import TYPE_CHECKING

from paygrade.stats.lattice import subset_ways

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIFTED = 2.326
"""Above this z the sessions differ: the normal quantile of one false alarm in a hundred."""


def session_shift(cases: Sequence[tuple[Sequence[int], Sequence[int]]]) -> float:
    """How far apart two sessions are, in standard errors of what chance does.

    For each case q is the squared difference of the sessions' mean totals. Where repeats are
    exchangeable between sessions, its expectation and variance follow from all ways to share out
    the case's pooled totals, and z = sum(q - E[q]) / sqrt(sum(Var[q])).

    Args:
        cases: for each case its repeat totals in the first and in the second session, whole
            numbers of at least 0; the numbers of repeats may differ.

    Returns:
        z; 0 where nothing could differ. Above `SHIFTED` the sessions are not alike.

    Raises:
        ValueError: a case has no repeat in a session, or a total is negative.
        TypeError: a total is not a whole number.
    """
    excess = variance = Fraction()
    for place, (first, second) in enumerate(cases):
        if not len(first) or not len(second):
            raise ValueError(f"case {place} has no repeat in one of the sessions")
        pooled = sorted(map(index, (*first, *second)))
        if pooled[0] < 0:
            raise ValueError(f"case {place} has a negative total: {pooled[0]}")
        if pooled[0] == pooled[-1]:
            continue
        expected, of_it = _moments(tuple(pooled), len(second))
        apart = sum(map(index, second)) * len(first) - sum(map(index, first)) * len(second)
        unit = (len(first) * len(second)) ** 2
        excess += Fraction(apart**2, unit) - expected
        variance += of_it
    return float(excess) / math.sqrt(variance) if variance else 0.0


@lru_cache(maxsize=8192)
def _moments(pooled: tuple[int, ...], size: int) -> tuple[Fraction, Fraction]:
    """Mean and variance of q, exactly: a variance of 0 must be 0, or z is noise over noise."""
    start, ways = subset_ways(pooled, size)
    rest = len(pooled) - size
    subsets, unit = sum(ways), (size * rest) ** 2
    apart = [(s * rest - (sum(pooled) - s) * size) ** 2 for s in range(start, start + len(ways))]
    first = sum(way * q for way, q in zip(ways, apart, strict=True))
    second = sum(way * q * q for way, q in zip(ways, apart, strict=True))
    mean = Fraction(first, subsets * unit)
    return mean, Fraction(second, subsets * unit**2) - mean**2

"""The case-level test: would the change hold for other cases like these?

A sign-flip test (Fisher 1935) of each case's difference. It does not take repeats for independent
evidence, so it stays valid where they agree with each other more than chance would have it.
"""

from __future__ import annotations

import math
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from paygrade.stats.lattice import Mass
from paygrade.stats.permutation import NOTHING_TO_TELL, Tails, tails

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT_UP_TO = 1_000_000
"""Up to this sum of absolute differences the test is exact; above it, normal."""

_HALVINGS = 512  # at once: 2^512 still is a float


def case_differences(
    cases: Sequence[Sequence[tuple[Sequence[int], Sequence[int]]]],
) -> list[int]:
    """Each case's difference of failure rates, in a common whole unit.

    Args:
        cases: for each case its samples; for each sample its outcomes in the baseline and in the
            candidate, 1 for a failure and 0 for a pass.

    Returns:
        For each case the sum over its samples of the candidate's rate less the baseline's, times
        the least common multiple of all repeat counts. Positive: the candidate fails more.

    Raises:
        ValueError: a sample has no outcome in one of the arms, or an outcome is neither 0 nor 1.
    """
    unit = 1
    for place, samples in enumerate(cases):
        for base, cand in samples:
            if not len(base) or not len(cand):
                raise ValueError(f"a sample of case {place} has no outcome in one of the arms")
            if any(each not in {0, 1} for each in (*base, *cand)):
                raise ValueError(f"case {place} has an outcome that is neither 0 nor 1")
            unit = math.lcm(unit, len(base), len(cand))
    return [
        sum(
            sum(map(index, cand)) * (unit // len(cand))
            - sum(map(index, base)) * (unit // len(base))
            for base, cand in samples
        )
        for samples in cases
    ]


def case_test(differences: Sequence[int]) -> Tails:
    """Test whether the cases' differences lean to more failures, flipping their signs at random.

    Args:
        differences: one whole number for each case, as `case_differences` gives them. Zeros do
            not matter.

    Returns:
        Exact tails of the sum of the positive differences; above `EXACT_UP_TO` those of the
        normal approximation, where the exact p-values and the mid-p ones are the same.

    Raises:
        TypeError: a difference is not a whole number.
    """
    moved = [each for each in map(index, differences) if each]
    if not moved:
        return NOTHING_TO_TELL
    if sum(map(abs, moved)) > EXACT_UP_TO:
        return _normal(moved)
    unit = math.gcd(*moved)
    sizes = sorted(abs(each) // unit for each in moved)
    weights = np.zeros(sum(sizes) + 1)
    weights[0] = 1.0
    reach = 1  # how many weights are in use
    for number, size in enumerate(sizes, start=1):
        weights[size : size + reach] += weights[:reach]
        reach += size
        if number % _HALVINGS == 0:
            weights[:reach] *= 0.5**_HALVINGS
    weights *= 0.5 ** (len(sizes) % _HALVINGS)
    observed = sum(each // unit for each in moved if each > 0)
    return tails(Mass(start=0, weights=weights), observed, informative=len(moved))


def _normal(moved: list[int]) -> Tails:
    """Tails of sum(D) / sqrt(sum(D^2)), for whole numbers of any size."""
    largest = max(map(abs, moved))
    scaled = [each / largest for each in moved]
    z = math.fsum(scaled) / math.sqrt(math.fsum(each * each for each in scaled))
    more = math.erfc(z / math.sqrt(2)) / 2
    fewer = math.erfc(-z / math.sqrt(2)) / 2
    return Tails(more=more, fewer=fewer, at_least=more, at_most=fewer, informative=len(moved))

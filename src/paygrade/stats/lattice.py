"""Distributions on whole numbers: the sum of a random subset, and sums of independent parts.

Every number here is a probability or a count of ways, so every term is positive and nothing
cancels: far tails keep their relative accuracy, which a Fourier transform would lose.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

_WHOLE = 2**63  # more ways than this do not fit numpy's int64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mass:
    """A distribution: `weights[i]` is the probability of the whole number `start + i`."""

    start: int
    weights: npt.NDArray[np.float64]


def subset_ways(pooled: tuple[int, ...], size: int) -> tuple[int, list[int]]:
    """In how many ways `size` of the `pooled` numbers have each sum.

    Args:
        pooled: whole numbers, at least 0, ascending.
        size: how many of them are drawn: at least 1, and at least 1 is left.

    Returns:
        The smallest sum, and the exact number of subsets for it and every sum up to the largest.
        The numbers of ways add up to `comb(len(pooled), size)`.
    """
    start = sum(pooled[:size])
    lowest = pooled[0]
    if pooled[-1] - lowest <= 1:  # hypergeometric
        ones = sum(pooled) - lowest * len(pooled)
        zeros = len(pooled) - ones
        drawn = range(max(0, size - zeros), min(ones, size) + 1)
        return start, [math.comb(ones, s) * math.comb(zeros, size - s) for s in drawn]
    picked = min(size, len(pooled) - size)  # the rest is as good: its sum is the total less ours
    numbers = [each - lowest for each in pooled]
    most = sum(numbers[len(numbers) - picked :])
    kind: type[Any] = np.int64 if math.comb(len(numbers), picked) < _WHOLE else np.object_
    ways: npt.NDArray[Any] = np.zeros((picked + 1, most + 1), dtype=kind)
    ways[0, 0] = 1
    for each in numbers:
        ways[1:, each:] += ways[:-1, : most + 1 - each]
    row: list[int] = ways[picked, sum(numbers[:picked]) :].tolist()
    return start, row if picked == size else row[::-1]


@lru_cache(maxsize=8192)
def subset_mass(pooled: tuple[int, ...], size: int) -> Mass:
    """Distribution of the sum of a uniformly random subset; arguments as for `subset_ways`."""
    start, ways = subset_ways(pooled, size)
    subsets = math.comb(len(pooled), size)
    weights = np.array([each / subsets for each in ways])
    weights.flags.writeable = False
    return Mass(start=start, weights=weights)


def power(mass: Mass, times: int) -> Mass:
    """Distribution of the sum of `times` (at least 1) independent draws, by repeated squaring."""
    result = mass
    for bit in f"{times:b}"[1:]:
        result = _convolve(result, result)
        if bit == "1":
            result = _convolve(result, mass)
    return result


def total(masses: Iterable[Mass]) -> Mass:
    """Distribution of the sum of independent parts, at least one; the shortest are joined first."""
    queue = [(mass.weights.size, order, mass) for order, mass in enumerate(masses)]
    heapq.heapify(queue)
    order = len(queue)  # settles ties, so that no two parts are compared
    while len(queue) > 1:
        _, _, one = heapq.heappop(queue)
        _, _, other = heapq.heappop(queue)
        both = _convolve(one, other)
        heapq.heappush(queue, (both.weights.size, order, both))
        order += 1
    return queue[0][2]


def _convolve(one: Mass, other: Mass) -> Mass:
    weights = np.convolve(one.weights, other.weights)
    start = one.start + other.start
    if weights[0] and weights[-1]:
        return Mass(start=start, weights=weights)
    reached = np.flatnonzero(weights)  # beyond these the probability is below 1e-323
    first, last = int(reached[0]), int(reached[-1])
    return Mass(start=start + first, weights=weights[first : last + 1])

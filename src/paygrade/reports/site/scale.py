"""Scales of charts: where a value stands, and which round values are named."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

_STEPS = (1, 2, 2.5, 5, 10)
_FINE_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_MOST_TICKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From `low` to `high`, with the round values between that are named."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Where a value stands, 0 to 100; what is outside stands at the nearer end."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * 100, 3)


def up_to(most: float, *, least: float = 0.05) -> Scale:
    """From 0 to a round value that is at least as large as `most`; at most 1 for shares."""
    step = _step(max(most, least))
    count = math.ceil(round(max(most, least) / step, 9))
    high = min(count * step, 1.0) if most <= 1 else count * step
    return Scale(low=0.0, high=high, ticks=_ticks(0.0, high, step))


def in_steps(most: float, count: int, *, least: float = 0.01) -> Scale:
    """From 0 in so many equal round steps to at least `most`; the ticks are where they end."""
    step = _step(max(most, least), ticks=count, steps=_FINE_STEPS)
    ticks = tuple(round(index * step, 9) for index in range(count + 1))
    return Scale(low=0.0, high=ticks[-1], ticks=ticks)


def around_zero(values: list[float], *, least: float = 0.01) -> Scale:
    """As far to the left of 0 as to the right."""
    most = max((abs(value) for value in values), default=0.0)
    step = _step(max(most, least), ticks=2)
    high = math.ceil(round(max(most, least) / step, 9)) * step
    return Scale(low=-high, high=high, ticks=_ticks(-high, high, step))


def _step(most: float, ticks: int = _MOST_TICKS, steps: tuple[float, ...] = _STEPS) -> float:
    size = 10.0 ** math.floor(math.log10(most / ticks))
    return next(size * each for each in steps if size * each * ticks >= most - 1e-12)


def _ticks(low: float, high: float, step: float) -> tuple[float, ...]:
    count = round((high - low) / step)
    found = [round(low + index * step, 9) for index in range(count + 1)]
    return tuple(each for each in found if each <= high + 1e-9)


def spread(count: int, most: int) -> list[int]:
    """At most so many indices of `count`, evenly spread, the first and the last among them."""
    last = count - 1
    if last < most:
        return list(range(last + 1))
    found = [round(index * last / (most - 1)) for index in range(most)]
    return [*(left for left, right in pairwise(found) if left < right), last]

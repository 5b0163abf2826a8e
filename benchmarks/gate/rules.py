"""Other ways to turn two runs into red or green, as people use them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from analysis.made_up import Played


LEVEL = 0.05


def ours(played: Played) -> bool:
    """The shipped decision: screen at 0.20, confirm on fresh runs of both versions at 0.05."""
    return played.regressed


def one_stage(played: Played) -> bool:
    """The same test once, at 5 %, on the stored baseline."""
    return played.hypothesis.p_more <= LEVEL


def mcnemar(played: Played) -> bool:
    """McNemar's test (mid-p, one-sided) on what most runs of each sample did.

    Of the baseline as many runs as of the candidate: the majority of five is steadier than a
    single run, so an unchanged sample would fail more often in the candidate.
    """
    stored, candidate = played.asked.stored, played.asked.candidate
    runs = candidate.shape[1]
    before = stored[:, :runs].sum(axis=1) * 2 > runs
    after = candidate.sum(axis=1) * 2 > runs
    broken, mended = int((after & ~before).sum()), int((before & ~after).sum())
    differ = broken + mended
    ways = sum(math.comb(differ, each) for each in range(broken + 1, differ + 1))
    p: float = (ways + math.comb(differ, broken) / 2) / 2**differ
    return p <= LEVEL


def _points_below(points: int) -> Callable[[Played], bool]:
    """The pass rate is below a threshold that was set so many points below the accepted run's."""

    def red(played: Played) -> bool:
        stored, candidate = played.asked.stored, played.asked.candidate
        after = int(candidate.sum()) * stored.size * 100
        before = int(stored.sum()) * candidate.size * 100
        return after > before + points * stored.size * candidate.size

    return red


RULES: Mapping[str, Callable[[Played], bool]] = {
    "paygrade": ours,
    "one stage, 5 %": one_stage,
    "McNemar": mcnemar,
    "any drop": _points_below(0),
    "2 points below": _points_below(2),
    "5 points below": _points_below(5),
}
"""The last two are promptfoo's `PROMPTFOO_PASS_RATE_THRESHOLD`, set from the accepted run."""

"""Intervals of a failure rate.

Wilson's score interval (Wilson 1927, "Probable inference, the law of succession, and statistical
inference"), and the same on effective counts where attempts are not independent.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Z_95 = NormalDist().inv_cdf(0.975)
"""Normal quantile of a two-sided 95 % interval: 1.959963984540054."""


def wilson(failed: float, trials: float, z: float = Z_95) -> tuple[float, float]:
    """Lower and upper bound of a proportion, both in 0..1.

    Counts may be fractional (effective counts). With no trial nothing is known: (0.0, 1.0).

    Raises:
        ValueError: unless 0 <= failed <= trials.
    """
    if not 0 <= failed <= trials:
        raise ValueError(f"failed={failed} of trials={trials}")
    if trials == 0:
        return 0.0, 1.0  # a gate on these bounds cannot mistake silence for certainty
    share = failed / trials
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    centre = share + z * z / (2 * trials)
    scale = 1 + z * z / trials
    low = 0.0 if failed == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if failed == trials else min(1.0, (centre + spread) / scale)
    return low, high


def zero_upper(trials: int, confidence: float = 0.95) -> float:
    """The rate that no failure in so many trials leaves possible: exact one-sided upper bound.

    `1 - (1 - confidence)**(1 / trials)` (Clopper and Pearson 1934); 1 without a trial.
    """
    return -math.expm1(math.log1p(-confidence) / trials) if trials else 1.0


def clustered_wilson(
    failed: Sequence[int], trials: Sequence[int], z: float = Z_95
) -> tuple[float, float]:
    """Wilson's interval on effective counts, for attempts that come in cases.

    `failed[g]` of `trials[g]` attempts of case g failed. With one attempt in every case this is
    plain `wilson`. Otherwise the effective number of attempts is p(1-p) / se^2, where se is the
    clustered standard error of the mean with the factor sqrt(G/(G-1)) (Miller 2024, "Adding Error
    Bars to Evals"), at most the attempts there are, and the number of cases where se is zero.

    Raises:
        ValueError: the two differ in length, or a count is impossible.
    """
    pairs = [(x, n) for x, n in zip(failed, trials, strict=True) if n or x]
    if any(not 0 <= x <= n for x, n in pairs):
        raise ValueError("a case failed more often than it was tried")
    total = sum(n for _, n in pairs)
    all_failed = sum(x for x, _ in pairs)
    if all(n == 1 for _, n in pairs):
        return wilson(all_failed, total, z)
    share = all_failed / total
    variance = clustered_variance([x for x, _ in pairs], [n for _, n in pairs])
    effective: float = len(pairs)
    if variance > 0:
        effective = min(share * (1 - share) / variance, total)
    return wilson(share * effective, effective, z)


def clustered_variance(sums: Sequence[float], counts: Sequence[int]) -> float:
    """Variance of a mean whose values come in clusters: its clustered standard error, squared.

    With residuals from the mean of all values summed in each of G clusters, it is the sum of
    their squares, over the squared number of values, times G/(G-1) (Miller 2024, "Adding Error
    Bars to Evals", with the factor of Liang and Zeger 1986 for few clusters).

    Args:
        sums: the sum of the values of each cluster. Whole numbers are reckoned exactly.
        counts: the number of values of each cluster, at least 1.

    Returns:
        The variance, in the squared unit of the values; 0 for one cluster, which shows no spread.

    Raises:
        ValueError: the two differ in length, or a cluster is empty.
    """
    if any(n < 1 for n in counts):
        raise ValueError("a cluster without a value")
    clusters = len(counts)
    pairs = list(zip(sums, counts, strict=True))
    if clusters < 2:  # noqa: PLR2004 - one cluster
        return 0.0
    total = sum(counts)
    everything = sum(sums)
    squares = sum((x * total - everything * n) ** 2 for x, n in pairs)  # whole: 0 is exactly 0
    variance: float = squares / total**4 * clusters / (clusters - 1)
    return variance

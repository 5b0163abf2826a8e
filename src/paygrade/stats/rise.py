"""By how much the failure rate rose, with an interval that agrees with the permutation test.

The variance is the one the run permutation gives the difference when nothing changed, and two
pseudo-samples, one in each direction, keep the interval open where no outcome differed (after
Bonett and Price 2012, whose adjustment this is for one repeat in each arm).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Z_ONE_SIDED_95 = NormalDist().inv_cdf(0.95)
"""Normal quantile of a one-sided 95 % bound: 1.6448536269514722."""

_PSEUDO_SAMPLES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """How much more the candidate fails than the baseline, as fractions (0.01 is one point).

    `delta`: the rise itself. `low`, `high`: bounds of 95 % each, one-sided, so 90 % together;
    they lie around `centre` (`delta` drawn slightly to 0), 1.645 `se` away. `variance_sum`: the
    permutation variance of the sum of the cases' differences.
    """

    delta: float
    low: float
    high: float
    centre: float
    se: float
    variance_sum: float


def rise(
    base: Sequence[Sequence[float]],
    cand: Sequence[Sequence[float]],
    samples: int,
    *,
    pseudo: float = 1.0,
    default_h: float = 1.0,
) -> Rise:
    """Estimate the rise of the mean outcome of `samples` samples, with its interval.

    With n samples, cases of kB and kC repeats with totals b and c, and s2 the variance (ddof 1)
    of a case's pooled totals::

        delta = sum(mean(c) - mean(b)) / n
        V     = sum((kB + kC) / (kB kC) s2)
        h     = (mean(1 / kB) + mean(1 / kC)) / 2, over the cases
        low, high = n delta / (n + 2) -/+ 1.645 sqrt(V + 2 h^2) / (n + 2)

    Args:
        base: for each case its repeat totals in the baseline. Totals may be fractional, where an
            outcome weighs more than 0 or 1.
        cand: the same of the candidate.
        samples: n. Samples may be left out of `base` and `cand` where nothing differs or nothing
            was run; they count as unchanged.
        pseudo: the outcome that a failed pseudo-sample has; 1 for plain outcomes, or the usual
            weight for weighted ones. Weights in another unit scale the result and nothing else.
        default_h: h where no case is given; 1 is one repeat in each arm, the least there can be.

    Raises:
        ValueError: the arms have different cases or more cases than samples, a case has no
            repeat in an arm, a total is negative or not finite, or there is no sample.
    """
    if len(base) != len(cand):
        raise ValueError(f"the baseline has {len(base)} cases and the candidate {len(cand)}")
    if samples < max(1, len(base)):
        raise ValueError(f"samples={samples}, and {len(base)} cases are given")
    if not (0 <= pseudo < math.inf and 0 <= default_h < math.inf):
        raise ValueError(f"pseudo={pseudo}, default_h={default_h}")
    differences: list[float] = []
    variances: list[float] = []
    shares: list[float] = []
    for place, (one, other) in enumerate(zip(base, cand, strict=True)):
        if not len(one) or not len(other):
            raise ValueError(f"case {place} has no repeat in one of the arms")
        pooled = [*one, *other]
        if not all(0 <= each < math.inf for each in pooled):
            raise ValueError(f"case {place} has a total that is negative or not finite")
        each_way = 1 / len(one) + 1 / len(other)
        shares.append(each_way / 2)
        if min(pooled) != max(pooled):
            differences.append(math.fsum(other) / len(other) - math.fsum(one) / len(one))
            variances.append(each_way * _variance(pooled))
    h = fmean(shares) if shares else default_h
    return from_sums(math.fsum(differences), math.fsum(variances), samples, h=h, pseudo=pseudo)


def from_sums(
    difference: float, variance_sum: float, samples: int, *, h: float, pseudo: float = 1.0
) -> Rise:
    """The same from the sums over the cases: `difference` is n delta, `variance_sum` V."""
    padded = samples + _PSEUDO_SAMPLES
    centre = difference / padded
    se = math.sqrt(variance_sum + _PSEUDO_SAMPLES * (h * pseudo) ** 2) / padded
    reach = Z_ONE_SIDED_95 * se
    return Rise(
        delta=difference / samples,
        low=centre - reach,
        high=centre + reach,
        centre=centre,
        se=se,
        variance_sum=variance_sum,
    )


def _variance(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((each - mean) ** 2 for each in values) / (len(values) - 1)

"""The run permutation test: did the candidate fail more, given how each case behaved?

Under "nothing changed" the repeats of one case are exchangeable between the arms, whatever the
case's own failure rate is. For cases of one sample with one repeat in each arm this is McNemar's
test (mid-p: Fagerland, Lydersen and Laake 2013), with more repeats the exact conditional
Mantel-Haenszel test with the cases as strata, and for cases of several samples the permuted unit
is the repeat's total over the case.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING

from paygrade.stats.lattice import power, subset_mass, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.stats.lattice import Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """One-sided p-values of one test, each in 0..1.

    `more`: mid-p that the candidate fails more; `fewer`: that it fails less. `at_least` and
    `at_most`: the exact ones, without the mid-p half. `informative`: cases that could tell. With
    none every p-value is 1; otherwise `more + fewer` is 1. A p-value below 1e-300 may be 0.
    """

    more: float
    fewer: float
    at_least: float
    at_most: float
    informative: int


NOTHING_TO_TELL = Tails(more=1.0, fewer=1.0, at_least=1.0, at_most=1.0, informative=0)
"""What a test says when no case could have told the arms apart."""


def run_permutation(base: Sequence[Sequence[int]], cand: Sequence[Sequence[int]]) -> Tails:
    """Test whether the candidate fails more, permuting repeats inside each case.

    Args:
        base: for each case its repeat totals in the baseline: failures of its samples in that
            repeat, 0 or 1 for a case of one sample.
        cand: the same of the candidate. The numbers of repeats may differ between cases and arms.

    Returns:
        Exact tails of the sum of the candidate's totals, over all ways to give every case's pooled
        totals to the two arms. Cases whose totals are all equal are not informative.

    Raises:
        ValueError: the arms have different cases, a case has no repeat in an arm, or a total is
            negative.
        TypeError: a total is not a whole number.
    """
    if len(base) != len(cand):
        raise ValueError(f"the baseline has {len(base)} cases and the candidate {len(cand)}")
    groups: Counter[tuple[tuple[int, ...], int]] = Counter()
    observed = 0
    for place, (one, other) in enumerate(zip(base, cand, strict=True)):
        size = len(other)
        if not len(one) or not size:
            raise ValueError(f"case {place} has no repeat in one of the arms")
        pooled = sorted(map(index, (*one, *other)))
        lowest = pooled[0]
        if lowest < 0:
            raise ValueError(f"case {place} has a negative total: {lowest}")
        if lowest == pooled[-1]:
            continue
        groups[tuple(each - lowest for each in pooled), size] += 1
        observed += sum(map(index, other)) - lowest * size
    if not groups:
        return NOTHING_TO_TELL
    null = total(power(subset_mass(*case), times) for case, times in groups.items())
    return tails(null, observed, informative=groups.total())


def tails(null: Mass, observed: int, *, informative: int) -> Tails:
    """Tails of `null` at the `observed` value, a sum that grows with the candidate's failures."""
    place = observed - null.start
    weights: list[float] = null.weights.tolist()
    within = 0 <= place < len(weights)  # else: so far out that the probability was lost
    here = weights[place] if within else 0.0
    below = math.fsum(weights[: max(place, 0)])
    above = math.fsum(weights[max(place, -1) + 1 :])
    return Tails(
        more=min(1.0, above + here / 2),
        fewer=min(1.0, below + here / 2),
        at_least=min(1.0, above + here),
        at_most=min(1.0, below + here),
        informative=informative,
    )

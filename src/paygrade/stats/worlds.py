"""Simulated worlds in which a gate is played: many at once, one row each.

Everything random is drawn once, before the size of the rise is known: what each sample does if it
is left alone, what it does if it is hit, and in which order cases are hit. A larger rise then hits
the same cases and more, and its power is not larger or smaller by the luck of another draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from paygrade.stats.case_test import case_test
from paygrade.stats.lattice import power, subset_mass, total
from paygrade.stats.match import Arm, match
from paygrade.stats.permutation import tails
from paygrade.stats.rise import from_sums

if TYPE_CHECKING:
    from paygrade.stats.design import Design
    from paygrade.stats.lattice import Mass
    from paygrade.stats.match import Case, Match, Real, Truth, Whole

HIT = 0.8
"""The share of the passes that a regression turns into failures in a sample it hits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worlds:
    """All that is drawn. Samples are in the order of their cases; `case` numbers them from 0.

    `reach`: for each world and case the rise, summed over the samples, above which it is hit.
    `candidate` and `fresh`: the same runs of the candidate, left alone and hit. `sums`: the
    distribution of so many equal cases, remembered.
    """

    design: Design
    case: Whole
    reach: Real
    stored: Arm
    candidate: tuple[Arm, Arm]
    fresh_stored: Arm
    fresh: tuple[Arm, Arm]
    sums: dict[tuple[Case, int], Mass] = field(default_factory=dict)


def draw(design: Design, prior: tuple[float, float], *, seed: int, simulations: int) -> Worlds:
    """Draw worlds whose samples have failure rates after a beta `prior` and their stored runs."""
    random = np.random.Generator(np.random.PCG64(seed))
    _, numbers = np.unique(np.array(design.cases), return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    case = numbers[order]
    runs = np.array(design.runs, dtype=np.int64)[order]
    failed = np.array(design.failures, dtype=np.int64)[order]
    shape = simulations, case.size
    rate = random.beta(prior[0] + failed, prior[1] + runs - failed, size=shape)
    clustered = bool(case[-1] + 1 < case.size)

    def arm(failures: Whole, of: Whole) -> Arm:
        ranks = _ranks(random, simulations, of) if clustered else None
        return Arm(failed=failures, runs=of, ranks=ranks)

    def played(repeats: int) -> Arm:
        of = np.full(case.size, repeats, dtype=np.int64)
        return arm(random.binomial(repeats, rate), of)

    def candidate(repeats: int) -> tuple[Arm, Arm]:
        alone = played(repeats)
        more = random.binomial(alone.runs - alone.failed, HIT)
        return alone, replace(alone, failed=alone.failed + more)

    return Worlds(
        design=design,
        case=case,
        reach=_reach(random, HIT * (1 - rate), case),
        stored=arm(np.broadcast_to(failed, shape), runs),
        candidate=candidate(design.candidate_runs),
        fresh_stored=played(design.fresh_runs),
        fresh=candidate(design.fresh_runs),
    )


def found(worlds: Worlds, delta: float) -> float:
    """The share of the worlds whose gate reports a planted rise of `delta`."""
    design, case = worlds.design, worlds.case
    hit = (worlds.reach < delta * case.size)[:, case]
    stored, candidate = worlds.stored, _mixed(worlds.candidate, hit)
    arms = stored, candidate, np.ones_like(hit)
    last = match(*arms, case)
    if design.fresh_runs:
        flagged = _chances(worlds, arms, last) <= design.alpha_screen
        differs = candidate.failed * stored.runs != stored.failed * candidate.runs
        fresh = _mixed(worlds.fresh, hit)
        arms = worlds.fresh_stored.rows(flagged), fresh.rows(flagged), differs[flagged]
        last = match(*arms, case)
    confirmed = _chances(worlds, arms, last) <= design.alpha_confirm
    if design.tolerance:
        sums = zip(last.difference.tolist(), last.variance.tolist(), strict=True)
        low = [from_sums(*each, case.size, h=last.h).low for each in sums]
        confirmed &= np.array(low) > design.tolerance
    return int(np.count_nonzero(confirmed)) / len(hit)


def _chances(worlds: Worlds, arms: tuple[Arm, Arm, Truth], matched: Match) -> Real:
    """For each world the p-value that decides."""
    if worlds.design.by_cases:
        return case_p_values(*arms, worlds.case)
    return p_values(matched, worlds.sums)


def case_p_values(base: Arm, cand: Arm, taking: Truth, case: Whole) -> Real:
    """For each world the mid-p of `case_test` that the candidate fails more.

    Arguments as for `match`.
    """
    unit = math.lcm(*np.unique(base.runs).tolist(), *np.unique(cand.runs).tolist())
    moved = cand.failed * (unit // cand.runs) - base.failed * (unit // base.runs)
    starts = np.flatnonzero(np.diff(case, prepend=-1))
    differences = np.add.reduceat(moved * taking, starts, axis=1)
    return np.array([case_test(row).more for row in differences.tolist()])


def p_values(stage: Match, sums: dict[tuple[Case, int], Mass]) -> Real:
    """For each world the mid-p of `run_permutation` that the candidate fails more.

    `sums` remembers from one call to the next; an empty one will do.
    """
    result = np.ones(len(stage.kind))  # as it stays where no case is informative
    for world, (kinds, observed) in enumerate(zip(stage.kind, stage.observed, strict=True)):
        numbers, times = np.unique(kinds[kinds >= 0], return_counts=True)
        if numbers.size:
            equal = zip(numbers.tolist(), times.tolist(), strict=True)
            null = total(_sum(sums, stage.kinds[kind], many) for kind, many in equal)
            result[world] = tails(null, int(observed), informative=int(times.sum())).more
    return result


def _sum(known: dict[tuple[Case, int], Mass], case: Case, times: int) -> Mass:
    if (case, times) not in known:
        known[case, times] = power(subset_mass(*case), times)
    return known[case, times]


def _mixed(arms: tuple[Arm, Arm], hit: Truth) -> Arm:
    alone, struck = arms
    return replace(alone, failed=np.where(hit, struck.failed, alone.failed))


def _reach(random: np.random.Generator, gain: Real, case: Whole) -> Real:
    """For each case the rise above which it is hit, in a random order of the cases.

    The case that completes a rise is hit in as many worlds as makes the mean right.
    """
    gain = np.add.reduceat(gain, np.flatnonzero(np.diff(case, prepend=-1)), axis=1)
    order = random.random(gain.shape).argsort(axis=1)
    ordered = np.take_along_axis(gain, order, axis=1)
    before = ordered.cumsum(axis=1) - ordered
    reach = np.empty_like(gain)
    np.put_along_axis(reach, order, before + random.random((len(gain), 1)) * ordered, axis=1)
    return reach


def _ranks(random: np.random.Generator, simulations: int, runs: Whole) -> Whole:
    """A random order of the repeats of each sample; those it has not come last."""
    most = int(runs.max())
    keys = random.random((simulations, runs.size, most), dtype=np.float32)
    keys[:, np.arange(most) >= runs[:, np.newaxis]] = 2.0
    order = keys.argsort(axis=2, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(most), axis=2)
    return ranks

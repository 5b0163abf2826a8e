"""Both arms of many simulated worlds side by side, made ready for the run permutation test."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]
Real = npt.NDArray[np.float64]
Case = tuple[tuple[int, ...], int]
"""A case's pooled totals, ascending, and how many of them are the candidate's."""

_ABSENT = -1  # the total of a repeat that a case has not


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arm:
    """Runs of one version: a row for each world, a column for each sample.

    `failed`: how many runs failed, out of `runs`, which is the same in all worlds. `ranks`: for
    each repeat of each sample its rank; the `failed` lowest are the failures. None where every
    case has one sample: then it does not matter which repeat failed.
    """

    failed: Whole
    runs: Whole
    ranks: Whole | None = None

    def rows(self, chosen: Truth) -> Arm:
        """The chosen worlds."""
        ranks = None if self.ranks is None else self.ranks[chosen]
        return replace(self, failed=self.failed[chosen], ranks=ranks)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match:
    """Two arms, compared case by case; a row for each world, a column for each case.

    `kinds`: the different cases there are; `kind`: which of them each case is, -1 where it is not
    informative. `observed`: sum of the candidate's totals over the informative cases.
    `difference`, `variance` (sums over the cases) and `h` make the interval of the rise.
    """

    kinds: list[Case]
    kind: Whole
    observed: Whole
    difference: Real
    variance: Real
    h: float


def match(base: Arm, cand: Arm, taking: Truth, case: Whole) -> Match:
    """Compare the arms on the samples that take part.

    Args:
        base: the baseline.
        cand: the candidate, with as many runs for every sample.
        taking: for each world and sample whether it takes part.
        case: the case of each sample, ascending from 0.
    """
    if base.ranks is None or cand.ranks is None:
        return _of_samples(base, cand, taking)
    starts = np.flatnonzero(np.diff(case, prepend=-1))
    stored = _totals(base.ranks < base.failed[..., np.newaxis], taking, starts)
    played = _totals(cand.ranks < cand.failed[..., np.newaxis], taking, starts)
    return _of_cases(stored, np.minimum.reduceat(base.runs, starts), played)


def _totals(failed: Truth, taking: Truth, starts: Whole) -> Whole:
    """For each world, case and repeat, how many of the samples that take part failed."""
    counted = failed & taking[..., np.newaxis]
    totals: Whole = np.add.reduceat(counted, starts, axis=1, dtype=np.int64)
    return totals


def _of_samples(base: Arm, cand: Arm, taking: Truth) -> Match:
    repeats = int(cand.runs[0])
    both = base.runs + repeats
    failed = base.failed + cand.failed
    telling = taking & (failed > 0) & (failed < both)
    lengths, length = np.unique(base.runs, return_inverse=True)
    width = int(both.max()) + 1
    kinds = [
        ((0,) * (runs + repeats - ones) + (1,) * ones, repeats)
        for runs in lengths.tolist()
        for ones in range(width)
    ]
    difference = cand.failed / repeats - base.failed / base.runs
    each_way = 1 / base.runs + 1 / repeats
    variance = each_way * failed * (both - failed) / (both * (both - 1))
    return Match(
        kinds=kinds,
        kind=np.where(telling, length * width + failed, -1),
        observed=(cand.failed * telling).sum(axis=1),
        difference=(difference * telling).sum(axis=1),
        variance=(variance * telling).sum(axis=1),
        h=float(each_way.mean()) / 2,
    )


def _of_cases(stored: Whole, runs: Whole, played: Whole) -> Match:
    """Of the stored totals only the first `runs` of each case count: those all its samples have."""
    repeats = played.shape[2]
    present = np.broadcast_to(np.arange(stored.shape[2]) < runs[:, np.newaxis], stored.shape)
    pooled = np.concatenate([np.where(present, stored, stored[..., :1]), played], axis=2)
    telling = pooled.min(axis=2) < pooled.max(axis=2)
    pooled[..., : stored.shape[2]][~present] = _ABSENT
    rows, places = np.unique(np.sort(pooled[telling], axis=1), axis=0, return_inverse=True)
    kind = np.full(telling.shape, -1)
    kind[telling] = places
    stored = np.where(present, stored, 0)
    both = runs + repeats
    each_way = 1 / runs + 1 / repeats
    squares = (stored**2).sum(axis=2) + (played**2).sum(axis=2)
    sums = stored.sum(axis=2) + played.sum(axis=2)
    variance = each_way * (squares - sums**2 / both) / (both - 1)
    difference = played.mean(axis=2) - stored.sum(axis=2) / runs
    return Match(
        kinds=[(tuple(each for each in row if each != _ABSENT), repeats) for row in rows.tolist()],
        kind=kind,
        observed=(played.sum(axis=2) * telling).sum(axis=1),
        difference=difference.sum(axis=1),
        variance=variance.sum(axis=1),
        h=float(each_way.mean()) / 2,
    )

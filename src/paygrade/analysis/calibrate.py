"""A/A: what the gate says when nothing changed, on a suite's own repeats."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade.analysis.replay import Board, Deal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.screen import Terms
    from paygrade.records.baseline import ArmSample
    from paygrade.records.policy import Confirm

LEAST_EPOCHS = 4
"""Fewer repeats cannot be split into a baseline, a candidate and a confirmation."""

_ARMS: dict[Confirm, int] = {"both": 2, "stored": 1, "off": 0}
"""How many versions a confirmation asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How many epochs play which part: baseline, candidate, and each version asked to confirm."""

    baseline: int
    candidate: int
    fresh: int

    def size(self, mode: Confirm) -> int:
        """How many epochs that takes, each played once."""
        return self.baseline + self.candidate + _ARMS[mode] * self.fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What so many A/A invocations ended with. Nothing had changed, so `regressed` is false.

    `invalid` ones had too many errors to be judged.
    """

    invocations: int
    regressed: int
    inconclusive: int
    invalid: int


def split_of(stored: int, wanted: Split, mode: Confirm) -> Split:
    """Share out `stored` epochs as the gate itself does, as far as they reach.

    Raises:
        ValueError: there are fewer than `LEAST_EPOCHS`.
    """
    if stored < LEAST_EPOCHS:
        raise ValueError(f"{stored} epochs cannot be split")
    if stored >= wanted.size(mode):
        return wanted
    share = stored // 4
    candidate, fresh = min(wanted.candidate, share), min(wanted.fresh, share)
    left = stored - candidate - _ARMS[mode] * fresh
    return Split(baseline=min(wanted.baseline, left), candidate=candidate, fresh=fresh)


def false_alarms(
    arm: Mapping[str, ArmSample], terms: Terms, split: Split, invocations: int, seed: int
) -> Alarms:
    """Play the gate on one version's own repeats, dealt anew each time; the same for one seed.

    Epochs are dealt out whole, the same for every sample, so that what the samples of an epoch
    share stays together; each is played once. As in life a baseline is of other sessions than the
    candidate, where there is more than one, and both arms of a confirmation are of the same.
    """
    board = Board(arm, terms)
    draw = random.Random(seed)  # noqa: S311 - a simulation, the same for everyone
    found = Counter(
        board.verdict(deal_of(board.sessions, split, terms.policy.confirm, draw), draw)
        for _ in range(invocations)
    )
    return Alarms(
        invocations=invocations,
        regressed=found["regressed"],
        inconclusive=found["inconclusive"],
        invalid=found["invalid"],
    )


def deal_of(sessions: Sequence[int], split: Split, mode: Confirm, draw: random.Random) -> Deal:
    """Deal out the epochs of `sessions` (how many each has), numbered through from 0.

    Sessions come in a random order, and so do the epochs of each: the first play the baseline, the
    last the confirmation, those before them the candidate.
    """
    starts = [sum(sessions[:place]) for place in range(len(sessions))]
    line = [
        starts[place] + epoch
        for place in draw.sample(range(len(sessions)), len(sessions))
        for epoch in draw.sample(range(sessions[place]), sessions[place])
    ]
    before, after = line[: split.baseline], line[split.baseline :]
    fresh = after[len(after) - _ARMS[mode] * split.fresh :]
    after = after[: len(after) - len(fresh)][-split.candidate :]
    draw.shuffle(fresh)
    if mode == "stored":  # the baseline's second session takes the part of its fresh attempts
        half = split.baseline // 2
        return Deal(before=before[:half], after=after, again=(before[half:], fresh))
    return Deal(before=before, after=after, again=(fresh[: split.fresh], fresh[split.fresh :]))


def first_epochs(arm: Mapping[str, ArmSample], count: int) -> Arm:
    """The arm as it was after its first `count` epochs."""
    return {name: _first(each, count) for name, each in arm.items()}


def _first(sample: ArmSample, count: int) -> ArmSample:
    starts = [sum(map(len, sample.sessions[:place])) for place in range(len(sample.sessions))]
    kept = zip(sample.sessions, starts, strict=True)
    return replace(sample, sessions=tuple(marks[: max(0, count - start)] for marks, start in kept))

"""A/A: what the gate says when nothing changed, on a suite's own repeats."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.screen import screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paygrade.analysis.screen import Terms
    from paygrade.records.baseline import ArmSample

LEAST_EPOCHS = 4
"""Fewer repeats cannot be split into a baseline, a candidate and a confirmation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How many stored epochs play which part: baseline, candidate, and what is left to confirm."""

    baseline: int
    candidate: int
    fresh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What so many A/A invocations ended with. Nothing had changed, so `regressed` is false."""

    invocations: int
    regressed: int
    inconclusive: int


def split_of(stored: int, epochs: int, baseline: int) -> Split:
    """Share out `stored` epochs: as many as the gate itself uses, as far as they reach.

    Raises:
        ValueError: there are fewer than `LEAST_EPOCHS`.
    """
    if stored < LEAST_EPOCHS:
        raise ValueError(f"{stored} epochs cannot be split")
    candidate = max(1, min(epochs, stored // 3))
    fresh = max(2, stored // 3)
    return Split(
        baseline=min(baseline, stored - candidate - fresh), candidate=candidate, fresh=fresh
    )


def false_alarms(
    arm: Mapping[str, ArmSample], terms: Terms, split: Split, invocations: int, seed: int
) -> Alarms:
    """Play the gate on one version's own repeats, split anew each time; deterministic for a seed.

    Epochs are dealt out whole, the same for every sample, so that what the samples of an epoch
    share stays together. Both arms of the confirmation draw from the epochs that are left.
    """
    marks = {name: "".join(each.sessions) for name, each in arm.items()}
    stored = min((len(each) for each in marks.values() if each), default=0)
    deal = random.Random(seed)  # noqa: S311 - a simulation, the same for everyone
    regressed = inconclusive = 0
    for _ in range(invocations):
        order = deal.sample(range(stored), stored)
        first, second = split.baseline, split.baseline + split.candidate
        parts = order[:first], order[first:second], order[second:]
        verdict = _invocation(arm, marks, terms, parts, deal)
        regressed += verdict == "regressed"
        inconclusive += verdict == "inconclusive"
    return Alarms(invocations=invocations, regressed=regressed, inconclusive=inconclusive)


def _invocation(
    arm: Mapping[str, ArmSample],
    marks: Mapping[str, str],
    terms: Terms,
    parts: tuple[Sequence[int], ...],
    deal: random.Random,
) -> str:
    before, after = (_dealt(arm, marks, each) for each in parts[:2])
    screened = screen(before, after, terms)
    policy = terms.policy
    fresh = None
    if screened.suspicious and policy.confirm != "off":
        chosen = {name: arm[name] for name in screened.discordant}
        drawn = [
            _dealt(chosen, marks, deal.choices(parts[2], k=policy.confirm_epochs)) for _ in range(2)
        ]
        fresh = fresh_pairs(screened, *drawn)
    inquiry = Inquiry(
        screened=screened, mode=policy.confirm, level=policy.alpha_confirm, fresh=fresh
    )
    [found] = decide([inquiry])
    if any(each.verdict == "regressed" for each in found):
        return "regressed"
    return found[0].verdict if found else "inconclusive"


def _dealt(
    arm: Mapping[str, ArmSample], marks: Mapping[str, str], epochs: Sequence[int]
) -> dict[str, ArmSample]:
    return {
        name: replace(
            each,
            sessions=("".join(marks[name][epoch] for epoch in epochs if epoch < len(marks[name])),),
        )
        for name, each in arm.items()
    }

"""Made-up suites whose truth is known, and whole invocations of the shipped gate on them.

Every sample has a failure rate of its own: most hardly ever fail, some are flaky (uniform), some
nearly always fail. The mixture agrees with itself about as often as published models do: with an
overall rate of 2, 10 and 30 %, some 97, 89 and 75 % of the samples give five equal outcomes (Atil
et al., arXiv 2408.04667, table 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.screen import Terms, screen
from paygrade.records.baseline import ArmSample
from paygrade.records.policy import GatePolicy
from paygrade.records.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paygrade.records.verdict import Hypothesis

Rates: TypeAlias = npt.NDArray[np.float64]
Runs: TypeAlias = npt.NDArray[np.bool_]
"""For each sample a row: whether each of its runs failed."""

Drawn: TypeAlias = "Callable[[Sequence[int], int], Runs]"
"""Draws so many runs of the samples at some places, anew each time."""

POLICY = GatePolicy()
STORED_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """True failure rates: when the baseline was stored, and today's of both versions."""

    stored: Rates
    before: Rates
    after: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The same as something that can be asked, on so many samples."""

    samples: int
    stored: Drawn
    before: Drawn
    after: Drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One suite before the decision, and the outcomes that every other rule would have seen.

    `asked_again` counts the attempts that the confirmation added.
    """

    inquiry: Inquiry
    stored: Runs
    candidate: Runs
    asked_again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One suite after the decision."""

    asked: Asked
    hypothesis: Hypothesis

    @property
    def regressed(self) -> bool:
        """The gate said so."""
        return self.hypothesis.verdict == "regressed"


def made_up_rates(samples: int, rate: float, random: np.random.Generator) -> Rates:
    """Failure rates around `rate`; half of what lies above the floor is flaky."""
    floor = min(0.01, rate / 4)
    flaky, broken = ((rate - floor) / 2 / (mean - floor) for mean in (0.5, 0.95))
    kind = random.choice(3, samples, p=[1 - flaky - broken, flaky, broken])
    return np.choose(
        kind,
        [
            random.beta(0.3, 0.3 * (1 - floor) / floor, samples),
            random.random(samples),
            random.beta(19, 1, samples),
        ],
    )


def worse(rates: Rates, rise: float, random: np.random.Generator) -> Rates:
    """The rates after a regression: samples are hit at random until their mean rose by `rise`.

    Of those that are hit 60 % fail nearly always from then on, and 40 % lose half of their passes.
    The last one moves only as far as is left.
    """
    size = len(rates)
    hard = np.maximum(rates, random.uniform(0.98, 1, size))
    hit = np.where(random.random(size) < 0.6, hard, (1 + rates) / 2)
    gains = hit - rates
    order = random.permutation(size)
    before = np.cumsum(gains[order]) - gains[order]
    moved = rates.copy()
    moved[order] += np.clip(rise * size - before, 0, gains[order])
    return moved


def unchanged(samples: int, rate: float, random: np.random.Generator) -> World:
    """Nothing happened."""
    return risen(samples, rate, 0, random)


def risen(samples: int, rate: float, rise: float, random: np.random.Generator) -> World:
    """The candidate is worse by `rise`."""
    rates = made_up_rates(samples, rate, random)
    return World(stored=rates, before=rates, after=worse(rates, rise, random))


def drifted(samples: int, rate: float, drift: float, random: np.random.Generator) -> World:
    """Both versions got worse by `drift` since the baseline was stored; nothing else happened."""
    rates = made_up_rates(samples, rate, random)
    now = worse(rates, drift, random)
    return World(stored=rates, before=now, after=now)


def arms_of(world: World, random: np.random.Generator) -> Arms:
    """Outcomes drawn from the true rates."""

    def drawn(rates: Rates) -> Drawn:
        return lambda places, runs: random.random((len(places), runs)) < rates[places, np.newaxis]

    return Arms(
        samples=len(world.stored),
        stored=drawn(world.stored),
        before=drawn(world.before),
        after=drawn(world.after),
    )


def play(
    arms: Arms, candidate_runs: int, *, stored: Runs | None = None, policy: GatePolicy = POLICY
) -> Played:
    """One invocation with one suite, decided by the shipped code."""
    asked = ask(arms, candidate_runs, stored=stored, policy=policy)
    [[found]] = decide([asked.inquiry])
    return Played(asked=asked, hypothesis=found)


def ask(
    arms: Arms,
    candidate_runs: int,
    *,
    stored: Runs | None = None,
    policy: GatePolicy = POLICY,
    slices: int = 0,
) -> Asked:
    """Run the candidate, screen, and ask again what differs: by the shipped code.

    `stored` are the baseline's runs where they are already there. A second session of the
    baseline, which `confirm: stored` needs, has as many as are fresh. The samples are shared out
    to so many `slices`.
    """
    everything = range(arms.samples)
    base = arms.stored(everything, STORED_RUNS) if stored is None else stored
    cand = arms.after(everything, candidate_runs)
    terms = Terms(
        samples=_samples(arms.samples, slices),
        slices=("part",) if slices else (),
        policy=policy,
        unit="cases" if policy.inference == "cases" else "runs",
    )
    screened = screen(arm(everything, base), arm(everything, cand), terms)
    fresh = None
    asked_again = 0
    if screened.suspicious and policy.confirm != "off":
        places = [int(name) for name in screened.discordant]
        both = [
            each(places, policy.confirm_epochs)
            for each in (arms.before if policy.confirm == "both" else arms.stored, arms.after)
        ]
        fresh = fresh_pairs(screened, *(arm(places, runs) for runs in both))
        asked_again = len(places) * policy.confirm_epochs * (2 if policy.confirm == "both" else 1)
    inquiry = Inquiry(
        screened=screened, mode=policy.confirm, level=policy.alpha_confirm, fresh=fresh
    )
    return Asked(inquiry=inquiry, stored=base, candidate=cand, asked_again=asked_again)


@lru_cache(maxsize=8)
def _samples(count: int, slices: int) -> tuple[Sample, ...]:
    return tuple(
        Sample(
            id=str(place),
            input=None,
            expected=None,
            case=str(place),
            slices={"part": (str(place % slices),)} if slices else {},
        )
        for place in range(count)
    )


def arm(places: Sequence[int], runs: Runs) -> dict[str, ArmSample]:
    """These runs as the gate takes them; a sample is called by its place."""
    letters = np.where(runs, "F", "P")
    marks = letters.view(f"<U{runs.shape[1]}")[:, 0].tolist()
    return {str(place): _sample(place, each) for place, each in zip(places, marks, strict=True)}


@lru_cache(maxsize=200_000)
def _sample(place: int, marks: str) -> ArmSample:
    name = str(place)
    return ArmSample(
        sample_id=name, content_hash="", case=name, case_class="statistical", sessions=(marks,)
    )

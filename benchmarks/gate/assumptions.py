"""How the gate does where the world is not as its test assumes, and with other settings.

    python benchmarks/gate/assumptions.py     200 samples that fail in 10 % of their runs, 3 epochs

Every world is played unchanged and with the candidate 5 points worse. Drift: both versions got 3
points worse since the baseline was stored. Lucky: the accepted baseline is the best of three
recordings. Sticky: in half of the samples all runs of one recording end alike. Edit: a change that
is neutral on average redraws the failure rate of 15 % of the samples.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from analysis.made_up import (
    POLICY,
    STORED_RUNS,
    Arms,
    World,
    arms_of,
    ask,
    drifted,
    made_up_rates,
    play,
    risen,
    worse,
)
from gate.rates import percent
from paygrade.analysis.decide import decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.made_up import Drawn, Rates, Runs
    from paygrade.records.policy import GatePolicy

SEED = 1
SAMPLES, RATE, EPOCHS, RISE = 200, 0.10, 3, 0.05
UNCHANGED, WORSE, WHOLE = 1000, 200, 400
"""Invocations: of each world unchanged, of each world worse, of several suites at once."""

SUITES, SLICES, BROKEN = 3, 8, 5
"""A whole invocation; a broken slice is one in which so many of its 25 samples always fail."""

STORED = replace(POLICY, confirm="stored")
OFF = replace(POLICY, confirm="off")
CASES = replace(POLICY, inference="cases")
TOLERANT = replace(POLICY, tolerance=0.01)


def calm(rise: float, random: np.random.Generator) -> Arms:
    """All is as assumed."""
    return arms_of(risen(SAMPLES, RATE, rise, random), random)


def drift(rise: float, random: np.random.Generator) -> Arms:
    """The provider got 3 points worse since."""
    world = drifted(SAMPLES, RATE, 0.03, random)
    return arms_of(replace(world, after=worse(world.before, rise, random)), random)


def lucky(rise: float, random: np.random.Generator) -> Arms:
    """The baseline was recorded until it looked good."""
    arms = calm(rise, random)

    def best(places: Sequence[int], runs: int) -> Runs:
        return min((arms.stored(places, runs) for _ in range(3)), key=np.sum)

    return replace(arms, stored=best)


def sticky(rise: float, random: np.random.Generator) -> Arms:
    """Repeats agree with each other more than chance has it: their correlation is 0.5."""
    rates = made_up_rates(SAMPLES, RATE, random)

    def stuck(true: Rates) -> Drawn:
        def drawn(places: Sequence[int], runs: int) -> Runs:
            own = true[places, np.newaxis]
            free = random.random((len(places), runs)) < own
            held = random.random((len(places), 1)) < own
            return np.where(random.random((len(places), 1)) < 0.5, held, free)  # noqa: PLR2004 - half

        return drawn

    return Arms(
        samples=SAMPLES,
        stored=stuck(rates),
        before=stuck(rates),
        after=stuck(worse(rates, rise, random)),
    )


def edit(rise: float, random: np.random.Generator) -> Arms:
    """Another wording: some samples do better with it, some worse."""
    rates = made_up_rates(SAMPLES, RATE, random)
    redrawn = random.random(SAMPLES) < 0.15  # noqa: PLR2004 - 15 %
    after = np.where(redrawn, made_up_rates(SAMPLES, RATE, random), rates)
    return arms_of(World(stored=rates, before=rates, after=worse(after, rise, random)), random)


ROWS: tuple[tuple[str, str, Callable[[float, np.random.Generator], Arms], GatePolicy], ...] = (
    ("as assumed", "default", calm, POLICY),
    ("as assumed", "confirm: stored", calm, STORED),
    ("as assumed", "confirm: off", calm, OFF),
    ("as assumed", "tolerance: 0.01", calm, TOLERANT),
    ("drift", "default", drift, POLICY),
    ("drift", "confirm: stored", drift, STORED),
    ("drift", "confirm: off", drift, OFF),
    ("lucky", "default", lucky, POLICY),
    ("lucky", "confirm: off", lucky, OFF),
    ("sticky", "default", sticky, POLICY),
    ("sticky", "inference: cases", sticky, CASES),
    ("sticky", "confirm: off", sticky, OFF),
    ("edit", "default", edit, POLICY),
    ("edit", "tolerance: 0.01", edit, TOLERANT),
)


def red(
    world: Callable[[float, np.random.Generator], Arms],
    policy: GatePolicy,
    rise: float,
    invocations: int,
) -> float:
    """The share of invocations that end `regressed`."""
    random = np.random.Generator(np.random.PCG64([SEED, round(rise * 100)]))
    played = (play(world(rise, random), EPOCHS, policy=policy) for _ in range(invocations))
    return sum(each.regressed for each in played) / invocations


def families(
    rate: float, random: np.random.Generator, invocations: int
) -> tuple[float, float, float]:
    """Three suites with eight slices each, 27 hypotheses, all corrected together.

    The share of unchanged invocations with any alarm; with one slice broken in one suite, the
    share in which that slice is named, and that in which another hypothesis of the two suites
    that did not change is.
    """
    alarms = named = wrong = 0
    for _ in range(invocations):
        worlds = [risen(SAMPLES, rate, 0, random) for _ in range(SUITES)]
        alarms += bool(_regressed(worlds, random))
        broken = worlds[0].after.copy()
        broken[: BROKEN * SLICES : SLICES] = 1.0  # the first samples of slice 0
        worlds[0] = replace(worlds[0], after=broken)
        found = _regressed(worlds, random)
        named += (0, "part=0") in found
        wrong += any(suite for suite, _ in found)
    return alarms / invocations, named / invocations, wrong / invocations


def _regressed(worlds: list[World], random: np.random.Generator) -> set[tuple[int, str]]:
    asked = [ask(arms_of(each, random), EPOCHS, slices=SLICES) for each in worlds]
    return {
        (suite, each.name)
        for suite, found in enumerate(decide([each.inquiry for each in asked]))
        for each in found
        if each.verdict == "regressed"
    }


def main() -> int:
    """Print both tables as Markdown."""
    print(f"{SAMPLES} samples, {100 * RATE:.0f} % failing, {EPOCHS} epochs, ", end="")
    print(f"{STORED_RUNS} stored runs, {UNCHANGED:,} invocations unchanged and {WORSE} ", end="")
    print(f"worse, seed {SEED}, per cent red:\n")
    print("| world | setting | unchanged | 5 points worse |\n|---|---|---:|---:|")
    for name, setting, world, policy in ROWS:
        shares = red(world, policy, 0.0, UNCHANGED), red(world, policy, RISE, WORSE)
        print(f"| {name} | {setting} | {' | '.join(map(percent, shares))} |", flush=True)
    print(f"\n27 hypotheses, {WHOLE} invocations, seed {SEED}, per cent:\n")
    print("| rate | any alarm, unchanged | the broken slice named | an unchanged suite red |")
    print("|---:|---:|---:|---:|")
    for rate in (0.02, 0.10, 0.30):
        random = np.random.Generator(np.random.PCG64([SEED, round(rate * 100)]))
        found = families(rate, random, WHOLE)
        print(f"| {100 * rate:.0f} % | {' | '.join(map(percent, found))} |", flush=True)
    return 0


if __name__ == "__main__":
    began = time.process_time()
    main()
    print(f"\n{time.process_time() - began:.0f} s of CPU")

"""What a gate would find, against gates that are played one by one in plain Python."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from paygrade.stats.permutation import run_permutation
from paygrade.stats.power import Design, intra_class, power

Runs = list[list[int]]
"""For each sample its outcomes."""

DESIGN = Design(
    failures=(0,) * 40 + (1,) * 3 + (2, 3, 5, 5, 4, 0, 0),
    runs=(5,) * 50,
    cases=tuple(range(50)),
    candidate_runs=3,
    fresh_runs=5,
    alpha_screen=0.2,
    alpha_confirm=0.05,
)
CLUSTERED = replace(DESIGN, cases=tuple(number // 5 for number in range(50)))


@pytest.mark.parametrize("design", [DESIGN, CLUSTERED], ids=["samples", "cases"])
def test_the_power_is_that_of_gates_played_one_by_one(design: Design) -> None:
    """The same design, simulated another way: drawn, hit, run, screened, run again, confirmed."""
    draw = random.Random(20261123)
    found = sum(played(design, 0.06, draw) for _ in range(400)) / 400
    assert power(design, 0.06, seed=5, simulations=800) == pytest.approx(found, abs=0.08)


def test_the_power_is_that_of_a_world_it_does_not_know() -> None:
    """From stored runs alone the forecast is right on average, within a few points."""
    draw = random.Random(20261123)
    names = tuple(range(80))
    forecast = found = 0.0
    for _ in range(12):
        rates = [draw.choice([0.0, 0.005, 0.01, 0.02]) for _ in range(68)]
        rates += [draw.random() for _ in range(8)] + [draw.betavariate(19, 1) for _ in range(4)]
        failures = tuple(map(sum, runs_of(rates, 5, draw)))
        design = replace(DESIGN, failures=failures, runs=(5,) * 80, cases=names)
        forecast += power(design, 0.05, seed=1, simulations=100)
        for _ in range(20):
            after = hit(rates, list(names), 0.05, draw)
            found += gated(design, rates, after, runs_of(rates, 5, draw), draw)
    assert forecast / 12 == pytest.approx(found / 240, abs=0.08)


def played(design: Design, delta: float, draw: random.Random) -> bool:
    """Whether one gate reports a rise in one world that fits the stored runs."""
    mean = (sum(design.failures) + 0.5) / (sum(design.runs) + 1)
    icc = intra_class(design.failures, design.runs)
    width = (1 - icc) / icc
    rates = [
        draw.betavariate(mean * width + x, (1 - mean) * width + k - x)
        for x, k in zip(design.failures, design.runs, strict=True)
    ]
    base = [
        draw.sample([1] * x + [0] * (k - x), k)
        for x, k in zip(design.failures, design.runs, strict=True)
    ]
    return gated(design, rates, hit(rates, list(design.cases), delta, draw), base, draw)


def hit(rates: list[float], cases: list[int], delta: float, draw: random.Random) -> list[float]:
    """The rates after whole cases were hit, until their mean has risen by `delta`."""
    left = delta * len(rates)
    result = rates.copy()
    for number in draw.sample(sorted(set(cases)), len(set(cases))):
        struck = [place for place, case in enumerate(cases) if case == number]
        gain = sum(0.8 * (1 - rates[place]) for place in struck)
        if left < gain and draw.random() >= left / gain:
            break
        for place in struck:
            result[place] += 0.8 * (1 - rates[place])
        left -= gain
        if left <= 0:
            break
    return result


def gated(
    design: Design, rates: list[float], after: list[float], base: Runs, draw: random.Random
) -> bool:
    """Screen, run the samples that differ again in both arms, and confirm."""
    cases = design.cases
    cand = runs_of(after, design.candidate_runs, draw)
    if p_of(base, cand, cases) > design.alpha_screen:
        return False
    differ = [
        place
        for place in range(len(rates))
        if sum(cand[place]) * len(base[place]) != sum(base[place]) * len(cand[place])
    ]
    fresh_base = runs_of([rates[place] for place in differ], design.fresh_runs, draw)
    fresh_cand = runs_of([after[place] for place in differ], design.fresh_runs, draw)
    again = p_of(fresh_base, fresh_cand, tuple(cases[place] for place in differ))
    return again <= design.alpha_confirm


def runs_of(rates: list[float], repeats: int, draw: random.Random) -> Runs:
    """Outcomes of samples with these failure rates."""
    return [[int(draw.random() < rate) for _ in range(repeats)] for rate in rates]


def p_of(base: Runs, cand: Runs, cases: tuple[int, ...]) -> float:
    """The shipped test, on repeat totals of the cases."""
    arms: list[Runs] = []
    for runs in (base, cand):
        by_case: dict[int, Runs] = {}
        for sample, case in zip(runs, cases, strict=True):
            by_case.setdefault(case, []).append(sample)
        arms.append([list(map(sum, zip(*by_case[case], strict=True))) for case in sorted(by_case)])
    return run_permutation(*arms).more

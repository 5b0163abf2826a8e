"""What a gate would find: the simulation, its laws and its edges."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygrade.stats.match import Arm, match
from paygrade.stats.permutation import run_permutation
from paygrade.stats.power import (
    ASSUMED_ICC,
    DELTAS,
    Design,
    intra_class,
    power,
    smallest_rise,
)
from paygrade.stats.rise import rise
from paygrade.stats.worlds import p_values

Vectors = dict[str, list[dict[str, Any]]]
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


def test_the_correlation_is_the_published_one(vectors: Vectors) -> None:
    """It is that of R's `anova(lm(...))` mean squares."""
    assert vectors["icc"]
    for case in vectors["icc"]:
        failures, k = case["input"]["fail_counts"], case["input"]["k"]
        ours = intra_class(failures, [k] * len(failures))
        assert ours == pytest.approx(case["expected"]["icc_clipped"], rel=1e-7)


@given(st.lists(st.integers(1, 6).flatmap(lambda k: st.tuples(st.integers(0, k), st.just(k)))))
def test_the_correlation_keeps_off_its_ends(counts: list[tuple[int, int]]) -> None:
    """So the prior is never without a width, nor without a spread between samples."""
    if counts:
        ours = intra_class([x for x, _ in counts], [k for _, k in counts])
        assert 0.05 <= ours <= 0.95


@pytest.mark.parametrize(
    ("failures", "runs"), [((0, 1, 0), (1, 1, 1)), ((2,), (5,)), ((0, 0), (5, 5))]
)
def test_where_runs_cannot_tell_the_correlation_is_assumed(
    failures: tuple[int, ...], runs: tuple[int, ...]
) -> None:
    """One run a sample, one sample, or outcomes that are all the same."""
    assert intra_class(failures, runs) == ASSUMED_ICC


def test_the_ends_of_the_correlation() -> None:
    """Samples that always do the same, and samples that are all alike."""
    assert intra_class([0, 5, 0, 5], [5] * 4) == 0.95
    assert intra_class([2, 3, 2, 3], [5] * 4) == 0.05


@settings(max_examples=60)
@given(st.data())
def test_the_fast_test_is_the_shipped_test(data: st.DataObject) -> None:
    """p-value and interval of a simulated world are those of its cases given one by one."""
    samples, worlds = data.draw(st.integers(1, 12)), 3
    clustered = data.draw(st.booleans())
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    case = np.sort(draw.integers(0, samples, samples)) if clustered else np.arange(samples)
    case = np.unique(case, return_inverse=True)[1]
    base = arm(draw, draw.integers(1, 6, samples), worlds)
    cand = arm(draw, np.full(samples, draw.integers(1, 5)), worlds)
    taking = draw.random((worlds, samples)) < 0.8
    arms = (base, cand) if clustered else (replace(base, ranks=None), replace(cand, ranks=None))
    ours = match(*arms, taking, case)
    p = p_values(ours, {})
    for world in range(worlds):
        stored, played = (totals(each, world, taking, case) for each in (base, cand))
        assert p[world] == pytest.approx(run_permutation(stored, played).more, rel=1e-9)
        theirs = rise(stored, played, samples)
        assert ours.difference[world] == pytest.approx(theirs.delta * samples, abs=1e-9)
        assert ours.variance[world] == pytest.approx(theirs.variance_sum, abs=1e-9)


@pytest.mark.parametrize("design", [DESIGN, CLUSTERED], ids=["samples", "cases"])
def test_a_larger_rise_is_found_more_often(design: Design) -> None:
    """From hardly ever to always."""
    found = [power(design, delta, seed=1) for delta in (0.0, *DELTAS)]
    for less, more in pairwise(found):
        assert more >= less - 0.02
    assert found[0] <= 0.04
    assert found[-1] >= 0.98


def test_more_runs_find_more() -> None:
    """Of the candidate, and in the confirmation."""
    few, many = replace(DESIGN, candidate_runs=1), replace(DESIGN, candidate_runs=8)
    assert power(many, 0.05, seed=1) > power(few, 0.05, seed=1) + 0.05
    few, many = replace(DESIGN, fresh_runs=1), replace(DESIGN, fresh_runs=10)
    assert power(many, 0.05, seed=1) > power(few, 0.05, seed=1) + 0.05


def test_a_tolerance_costs_power() -> None:
    """What is allowed is not reported, and what is little more than that is hard to tell."""
    strict, lenient = DESIGN, replace(DESIGN, tolerance=0.04)
    assert power(lenient, 0.05, seed=1) < power(strict, 0.05, seed=1) / 2
    assert power(lenient, 0.30, seed=1) > 0.9


def test_one_stage_decides_alone() -> None:
    """Without fresh runs the screen's runs are tested at the level of the confirmation."""
    single = replace(DESIGN, fresh_runs=0)
    alarms = power(single, 0.0, seed=1, simulations=800)
    assert 0.01 <= alarms <= 0.09
    assert alarms > power(DESIGN, 0.0, seed=1, simulations=800)
    assert power(replace(CLUSTERED, fresh_runs=0), 0.4, seed=1) > 0.9


def test_the_same_seed_gives_the_same_power() -> None:
    """And another one another, within the noise of so many simulations."""
    one, again, other = (power(DESIGN, 0.05, seed=seed, simulations=100) for seed in (1, 1, 2))
    assert one == again != other
    assert one == pytest.approx(other, abs=0.2)


@pytest.mark.parametrize("design", [DESIGN, CLUSTERED], ids=["samples", "cases"])
def test_the_smallest_rise_is_the_first_that_is_found(design: Design) -> None:
    """It is found as often as asked, and the one before it is not."""
    smallest = smallest_rise(design, seed=3, simulations=200)
    assert smallest in DELTAS
    before = DELTAS[DELTAS.index(smallest) - 1]
    assert power(design, before, seed=3, simulations=200) < 0.8
    assert power(design, smallest, seed=3, simulations=200) >= 0.8


def test_less_than_half_a_sample_is_not_tried() -> None:
    """However little is asked: of 50 samples half a one is a point."""
    assert smallest_rise(DESIGN, seed=1, simulations=50, target=0.0) == 0.01
    larger = replace(DESIGN, failures=(0,) * 100, runs=(5,) * 100, cases=tuple(range(100)))
    assert smallest_rise(larger, seed=1, simulations=50, target=0.0) == 0.005


@pytest.mark.parametrize("failed", [0, 4])
def test_what_cannot_be_found_is_said_to_be_so(failed: int) -> None:
    """Two samples in one run each show nothing, and what always fails cannot get worse."""
    few = replace(
        DESIGN, failures=(0, 0), runs=(1, 1), cases=(0, 1), candidate_runs=1, fresh_runs=1
    )
    saturated = replace(DESIGN, failures=(4,) * 50, runs=(4,) * 50)
    assert smallest_rise(saturated if failed else few, seed=1, simulations=100) is None


@pytest.mark.parametrize("cases", [tuple(range(60)), tuple(number // 4 for number in range(60))])
def test_a_baseline_without_a_failure_has_power(cases: tuple[int, ...]) -> None:
    """Nothing ever failed, so a rise stands out, and its absence raises no alarm."""
    clean = replace(DESIGN, failures=(0,) * 60, runs=(5,) * 60, cases=cases)
    assert power(clean, 0.0, seed=1, simulations=100) == 0
    assert power(clean, 0.15, seed=1, simulations=100) > 0.95


def test_samples_may_have_run_differently_often() -> None:
    """Also inside a case, where only the repeats that all have count."""
    runs = tuple(1 + number % 5 for number in range(60))
    for cases in (tuple(range(60)), tuple(number // 4 for number in range(60))):
        mixed = replace(DESIGN, failures=(0,) * 55 + (1,) * 5, runs=runs, cases=cases)
        assert power(mixed, 0.0, seed=1, simulations=200) <= 0.05
        assert power(mixed, 0.3, seed=1, simulations=200) > 0.9


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"runs": (5,)}, "50 counts of failures and 1 of runs"),
        ({"failures": (), "runs": (), "cases": ()}, "0 counts of failures"),
        ({"cases": (1, 2)}, "50 samples, and 2 case numbers"),
        ({"failures": (6,) + (0,) * 49}, "failed more often than it ran"),
        ({"failures": (-1,) + (0,) * 49}, "failed more often than it ran"),
        ({"runs": (0,) + (5,) * 49}, "without a run"),
        ({"candidate_runs": 0}, "0 candidate"),
        ({"fresh_runs": -1}, "-1 fresh"),
        ({"alpha_screen": 0.0}, "levels"),
        ({"alpha_confirm": 1.1}, "levels"),
        ({"tolerance": -0.1}, "tolerance"),
    ],
)
def test_impossible_designs_are_refused(change: dict[str, Any], sentence: str) -> None:
    """Lists that do not fit each other, and counts and levels that no gate can have."""
    with pytest.raises(ValueError, match=sentence):
        replace(DESIGN, **change)


@pytest.mark.parametrize(("delta", "simulations"), [(-0.1, 10), (1.1, 10), (0.1, 0)])
def test_impossible_questions_are_refused(delta: float, simulations: int) -> None:
    """A rise beyond all samples, or no simulation."""
    with pytest.raises(ValueError, match="="):
        power(DESIGN, delta, seed=1, simulations=simulations)


def arm(draw: np.random.Generator, runs: Any, worlds: int) -> Arm:  # noqa: ANN401 - an array
    """Random outcomes of each sample, in random repeats."""
    keys = draw.random((worlds, len(runs), max(runs)))
    keys[:, np.arange(max(runs)) >= runs[:, np.newaxis]] = 2
    failed = draw.integers(0, runs + 1, (worlds, len(runs)))
    return Arm(failed=failed, runs=runs, ranks=keys.argsort(axis=2).argsort(axis=2))


def totals(arm: Arm, world: int, taking: Any, case: Any) -> list[list[int]]:  # noqa: ANN401 - arrays
    """The same as lists: repeat totals of each case, over the samples that take part."""
    assert arm.ranks is not None
    result = []
    for number in range(case[-1] + 1):
        samples = np.flatnonzero(case == number)
        result.append(
            [
                sum(
                    int(arm.ranks[world, sample, repeat] < arm.failed[world, sample])
                    for sample in samples
                    if taking[world, sample]
                )
                for repeat in range(min(arm.runs[samples]))
            ]
        )
    return result

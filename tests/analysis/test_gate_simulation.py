"""The gate's error rates, measured on its shipped code with suites whose truth is known.

200 samples that fail in 10 % of their runs, 5 stored runs, 3 of the candidate, 5 fresh ones of
both versions. The limits are those that the gate's specification sets.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.made_up import arms_of, drifted, made_up_rates, play, risen, unchanged, worse

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.made_up import World

SAMPLES, RATE, CANDIDATE_RUNS = 200, 0.10, 3

SEEDS = [pytest.param(seed, marks=pytest.mark.real) for seed in (1, 2, 3)]
QUICK = [1, *SEEDS[1:]]


def share_regressed(
    world: Callable[[np.random.Generator], World], invocations: int, seed: int
) -> float:
    """The share of invocations that end `regressed`, each in a world of its own."""
    random = np.random.Generator(np.random.PCG64(seed))
    return float(
        np.mean(
            [
                play(arms_of(world(random), random), CANDIDATE_RUNS).regressed
                for _ in range(invocations)
            ]
        )
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_an_unchanged_suite_is_hardly_ever_called_regressed(seed: int) -> None:
    """At most 3 % of 400 invocations."""
    assert share_regressed(partial(unchanged, SAMPLES, RATE), 400, seed) <= 0.03


@pytest.mark.parametrize("seed", QUICK)
def test_five_points_more_failures_are_found(seed: int) -> None:
    """By at least 95 % of 200 invocations."""
    assert share_regressed(partial(risen, SAMPLES, RATE, 0.05), 200, seed) >= 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_a_provider_that_drifted_is_not_blamed_on_the_candidate(seed: int) -> None:
    """Both versions got 3 points worse since the baseline: at most 9 % of 400 invocations."""
    assert share_regressed(partial(drifted, SAMPLES, RATE, 0.03), 400, seed) <= 0.09


@pytest.mark.parametrize(("rate", "alike"), [(0.02, 0.97), (0.10, 0.89), (0.30, 0.75)])
def test_the_made_up_suites_are_as_flaky_as_published_models(rate: float, alike: float) -> None:
    """Their failure rate is the one asked for; so often do five runs of a sample agree."""
    rates = made_up_rates(100_000, rate, np.random.Generator(np.random.PCG64(1)))
    assert rates.mean() == pytest.approx(rate, abs=0.002)
    assert (rates**5 + (1 - rates) ** 5).mean() == pytest.approx(alike, abs=0.01)


def test_a_made_up_regression_is_exactly_as_large_as_asked() -> None:
    """No sample gets better, none fails more than always, and the mean rises by the rise."""
    random = np.random.Generator(np.random.PCG64(1))
    before = made_up_rates(50, RATE, random)
    after = worse(before, 0.05, random)
    assert after.mean() - before.mean() == pytest.approx(0.05)
    assert (after >= before).all()
    assert after.max() <= 1

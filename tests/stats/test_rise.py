"""The rise and its interval, against enumeration, R and by simulation."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.stats.rise import Rise, rise

Vectors = dict[str, list[dict[str, Any]]]
Case = tuple[list[float], list[float]]
"""Repeat totals of one case, in the baseline and in the candidate."""

TOTAL = st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e6))
ARM = st.lists(TOTAL, min_size=1, max_size=5)
CASES = st.lists(st.tuples(ARM, ARM), max_size=20)


def test_the_interval_is_the_published_one(vectors: Vectors) -> None:
    """Estimate, centre, standard error, bounds and variance, with the variance enumerated."""
    assert vectors["delta_interval"]
    for case in vectors["delta_interval"]:
        clusters, expected = case["input"]["clusters"], case["expected"]
        ours = rise(
            [each["base_repeat_totals"] for each in clusters],
            [each["cand_repeat_totals"] for each in clusters],
            case["input"]["n_samples"],
        )
        assert (ours.delta, ours.centre, ours.se) == pytest.approx(
            (expected["delta"], expected["centre"], expected["se"]), rel=1e-7, abs=1e-12
        )
        assert (ours.low, ours.high, ours.variance_sum) == pytest.approx(
            (expected["lower"], expected["upper"], expected["variance_sum"]), rel=1e-7, abs=1e-12
        )


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
)
def test_the_variance_is_that_of_every_relabelling(base: list[int], cand: list[int]) -> None:
    """The difference of the means, over all ways to share out one case's totals."""
    pooled, size = [*base, *cand], len(cand)
    differences = [
        sum(each) / size - (sum(pooled) - sum(each)) / len(base)
        for each in combinations(pooled, size)
    ]
    assert rise([base], [cand], 1).variance_sum == pytest.approx(np.var(differences), abs=1e-12)


@pytest.mark.parametrize(
    ("worse", "better", "samples", "low", "high"),
    [
        (6, 16, 161, -0.11949881106651189, -0.0032005754365555736),
        (1, 7, 21, -0.5083593066664394, -0.01337982376834329),
        (0, 0, 50, -0.05330399324421837, 0.05330399324421837),
    ],
)
def test_one_repeat_is_adjusted_as_bonett_and_price_do(
    worse: int, better: int, samples: int, low: float, high: float
) -> None:
    """R's `contingencytables` has the same centre, and our variance less the mean's square."""
    ours = rise([[0]] * worse + [[1]] * better, [[1]] * worse + [[0]] * better, samples)
    spread = 1.959963984540054 * math.sqrt(ours.se**2 - ours.centre**2 / (samples + 2))
    assert (ours.centre - spread, ours.centre + spread) == pytest.approx((low, high), rel=1e-7)


@given(CASES, st.integers(0, 50), st.floats(1e-3, 1e3))
def test_another_unit_scales_everything(cases: list[Case], more: int, unit: float) -> None:
    """Weighted outcomes in cents give a hundred times the interval of those in euros."""
    samples = len(cases) + more + 1
    scaled = [([unit * x for x in base], [unit * x for x in cand]) for base, cand in cases]
    ours, theirs = estimated(cases, samples), estimated(scaled, samples, pseudo=unit)
    slack = unit * max((max(*b, *c) for b, c in cases), default=1) * 1e-9
    assert theirs.delta == pytest.approx(unit * ours.delta, rel=1e-9, abs=slack)
    assert theirs.low == pytest.approx(unit * ours.low, rel=1e-9, abs=slack)
    assert theirs.high == pytest.approx(unit * ours.high, rel=1e-9, abs=slack)


@given(CASES, st.integers(0, 50))
def test_swapping_the_arms_mirrors_the_interval(cases: list[Case], more: int) -> None:
    """A rise for one is a fall for the other."""
    samples = len(cases) + more + 1
    ours = estimated(cases, samples)
    theirs = estimated([(cand, base) for base, cand in cases], samples)
    assert (theirs.delta, theirs.low, theirs.high) == pytest.approx(
        (-ours.delta, -ours.high, -ours.low), rel=1e-9, abs=1e-9
    )


@given(CASES, st.integers(0, 50))
def test_the_centre_lies_between_nothing_and_the_rise(cases: list[Case], more: int) -> None:
    """The interval is never empty, and drawn to 0 rather than away from it."""
    ours = estimated(cases, len(cases) + more + 1)
    assert ours.low < ours.centre < ours.high
    assert abs(ours.centre) <= abs(ours.delta)
    assert ours.centre * ours.delta >= 0


@given(st.lists(st.tuples(ARM, ARM), min_size=1, max_size=9), st.integers(1, 9))
def test_samples_left_out_count_as_unchanged(cases: list[Case], more: int) -> None:
    """Leaving out a case where nothing differs says the same as giving it, repeats alike."""
    alike = [(base[:1] * 2, cand[:1] * 3) for base, cand in cases]
    quiet: list[Case] = [([1, 1], [1, 1, 1])] * more
    samples = len(alike) + more
    ours, theirs = estimated(alike, samples), estimated(alike + quiet, samples)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_no_difference_is_no_certainty() -> None:
    """50 samples, one repeat, nothing differs: a change of 4.5 points is still possible."""
    ours = estimated([([0], [0])] * 50, 50)
    assert (ours.delta, ours.variance_sum) == (0, 0)
    assert (ours.low, ours.high) == pytest.approx((-0.0447, 0.0447), abs=1e-4)


def test_more_repeats_narrow_the_interval() -> None:
    """Where nothing differs at all, ten repeats leave a tenth of what one leaves open."""
    once, often = estimated([([0], [0])] * 50, 50), estimated([([0] * 10, [0] * 10)] * 50, 50)
    assert often.high == pytest.approx(once.high / 10)


def test_without_a_case_the_interval_is_as_wide_as_for_one_repeat() -> None:
    """Nothing was run again, so nothing is known about the repeats; who knows may say so."""
    assert rise([], [], 50).high == pytest.approx(estimated([([0], [0])] * 50, 50).high)
    known = rise([], [], 50, default_h=0.2)
    assert known.high == pytest.approx(estimated([([0] * 5, [0] * 5)] * 50, 50).high)


def test_the_interval_covers_as_often_as_it_says() -> None:
    """Each bound holds the true rise of the suite in about 95 % of the simulations, or more."""
    random = np.random.default_rng(20261123)
    for samples, stored, played in ((50, 5, 3), (100, 3, 3), (60, 1, 1)):
        below = above = 0
        for _ in range(300):
            base = random.beta(0.3, 2, samples)
            cand = np.where(random.random(samples) < 0.08, base + 0.8 * (1 - base), base)
            ours = rise(
                (random.random((samples, stored)) < base[:, np.newaxis]).astype(int).tolist(),
                (random.random((samples, played)) < cand[:, np.newaxis]).astype(int).tolist(),
                samples,
            )
            true = float(np.mean(cand - base))
            below += ours.high < true
            above += ours.low > true
        assert below / 300 <= 0.08, (samples, stored, played)
        assert above / 300 <= 0.08, (samples, stored, played)


@pytest.mark.parametrize(
    ("base", "cand", "samples", "sentence"),
    [
        ([[0]], [], 1, "1 cases and the candidate 0"),
        ([[0]], [[1]], 0, "samples=0"),
        ([], [], 0, "samples=0"),
        ([[0], [0]], [[1], [1]], 1, "2 cases are given"),
        ([[]], [[1]], 1, "case 0 has no repeat"),
        ([[-1]], [[1]], 1, "negative or not finite"),
        ([[float("nan")]], [[1]], 1, "negative or not finite"),
        ([[float("inf")]], [[1]], 1, "negative or not finite"),
    ],
)
def test_impossible_arms_are_refused(
    base: list[list[float]], cand: list[list[float]], samples: int, sentence: str
) -> None:
    """Cases that do not fit each other or the samples, or totals that are none."""
    with pytest.raises(ValueError, match=sentence):
        rise(base, cand, samples)


@pytest.mark.parametrize("pseudo", [-1.0, float("nan"), float("inf")])
def test_an_impossible_pseudo_sample_is_refused(pseudo: float) -> None:
    """It has the size of an outcome."""
    with pytest.raises(ValueError, match="pseudo="):
        rise([[0]], [[1]], 1, pseudo=pseudo)


def estimated(cases: list[Case], samples: int, pseudo: float = 1.0) -> Rise:
    """Our interval of `cases`."""
    base, cand = [base for base, _ in cases], [cand for _, cand in cases]
    return rise(base, cand, samples, pseudo=pseudo)

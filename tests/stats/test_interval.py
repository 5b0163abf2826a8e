"""Intervals of a failure rate, against a second source and by simulation."""

from __future__ import annotations

import subprocess
import sys
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest  # type: ignore[import-untyped]  # it ships no types

from paygrade.stats import clustered_wilson, wilson
from paygrade.stats.interval import clustered_variance

Vectors = dict[str, list[dict[str, Any]]]
Counts = tuple[int, int]
COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CASE = st.integers(0, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CASES = st.lists(CASE, max_size=40)
Z_95 = 1.959963984540054


@given(COUNTS)
def test_wilson_is_what_scipy_says(counts: Counts) -> None:
    """The bounds are those of `scipy.stats.binomtest(...).proportion_ci("wilson")`."""
    failed, trials = counts
    theirs = binomtest(failed, trials).proportion_ci(method="wilson")
    assert wilson(failed, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_is_what_the_published_vectors_say(vectors: Vectors) -> None:
    """The bounds are those that statsmodels and R give."""
    assert vectors["proportion_intervals"]
    for case in vectors["proportion_intervals"]:
        given_ = case["input"]
        z = NormalDist().inv_cdf(1 - given_["alpha"] / 2)
        ours = wilson(given_["count"], given_["nobs"], z)
        assert ours == pytest.approx(case["expected"]["wilson"], rel=1e-7, abs=1e-12)


@given(COUNTS, st.floats(0, 5))
def test_the_rate_lies_inside_its_interval(counts: Counts, z: float) -> None:
    """The bounds stay in 0..1, and the rate between them."""
    failed, trials = counts
    low, high = wilson(failed, trials, z)
    assert 0 <= low <= failed / trials + 1e-12
    assert failed / trials - 1e-12 <= high <= 1


@given(COUNTS, st.floats(0.01, 3), st.floats(0.01, 3))
def test_more_confidence_is_a_wider_interval(counts: Counts, z: float, more: float) -> None:
    """A larger z never moves a bound inwards."""
    low, high = wilson(*counts, z)
    lower, higher = wilson(*counts, z + more)
    assert lower <= low + 1e-12
    assert higher >= high - 1e-12


@given(COUNTS)
def test_failing_and_passing_are_mirror_images(counts: Counts) -> None:
    """The interval of the pass rate is one minus that of the failure rate."""
    failed, trials = counts
    low, high = wilson(failed, trials)
    assert wilson(trials - failed, trials) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize("cases", [[], [(0, 0)], [(0, 0), (0, 0)]])
def test_from_nothing_nothing_is_known(cases: list[Counts]) -> None:
    """Without an attempt every rate is possible."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert clustered(cases) == (0.0, 1.0)


@pytest.mark.parametrize(("failed", "trials"), [(-1, 2), (3, 2), (float("nan"), 2)])
def test_impossible_counts_are_refused(failed: float, trials: float) -> None:
    """More failures than attempts, fewer than none, or no number at all."""
    with pytest.raises(ValueError, match="of trials"):
        wilson(failed, trials)


@pytest.mark.parametrize(("failed", "trials"), [([2], [1]), ([1], [0]), ([-1], [1]), ([1], [1, 2])])
def test_impossible_cases_are_refused(failed: list[int], trials: list[int]) -> None:
    """Also where the total would have been possible, or the lists do not fit each other."""
    with pytest.raises(ValueError, match=r"failed more often|argument"):
        clustered_wilson(failed, trials)


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_one_attempt_a_case_is_plain_wilson(failed: list[bool]) -> None:
    """Where no attempts belong together, clusters change nothing."""
    ours = clustered_wilson([int(each) for each in failed], [1] * len(failed))
    assert ours == wilson(sum(failed), len(failed))


@given(CASES)
def test_clusters_follow_the_specification(cases: list[Counts]) -> None:
    """Wilson on p(1-p)/se^2 attempts, se from the clustered variance, computed here with numpy."""
    assert clustered(cases) == pytest.approx(reference(cases), abs=1e-9)


@given(CASES)
def test_clusters_never_make_an_interval_narrower(cases: list[Counts]) -> None:
    """There are at most as many effective attempts as attempts."""
    low, high = clustered(cases)
    plain_low, plain_high = wilson(sum(x for x, _ in cases), sum(n for _, n in cases))
    assert low <= plain_low + 1e-12
    assert high >= plain_high - 1e-12


def test_the_clustered_error_is_the_published_one(vectors: Vectors) -> None:
    """It is that of statsmodels and of R's `sandwich`, with the factor for few clusters."""
    assert vectors["clustered_se"]
    for case in vectors["clustered_se"]:
        values, labels = case["input"]["differences"], case["input"]["cluster"]
        groups = [
            [value for value, label in zip(values, labels, strict=True) if label == one]
            for one in sorted(set(labels))
        ]
        variance = clustered_variance([sum(each) for each in groups], [len(e) for e in groups])
        assert variance**0.5 == pytest.approx(case["expected"]["cr_gadj_se"], rel=1e-7)


def test_one_cluster_shows_no_spread() -> None:
    """Nor do none."""
    assert clustered_variance([3], [5]) == clustered_variance([], []) == 0


def test_an_empty_cluster_is_refused() -> None:
    """It has no mean."""
    with pytest.raises(ValueError, match="without a value"):
        clustered_variance([1, 0], [1, 0])


def test_intervals_need_no_numpy() -> None:
    """A summary of a run must not wait for numeric libraries; no part of ours needs scipy.stats."""
    cheap = "from paygrade.stats import wilson, clustered_wilson\nimport paygrade.stats.multiple"
    code = f"import sys\n{cheap}\nprint('numpy' in sys.modules)\n" + "".join(
        f"import paygrade.stats.{name}\n" for name in ("power", "bounds", "sessions", "tables")
    )
    code += "print('scipy.stats' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_cases_that_fail_alike_count_once_each() -> None:
    """Without spread between cases each is one attempt, also where the share is not round."""
    assert clustered([(1, 49)] * 30) == pytest.approx(wilson(30 / 49, 30))


def test_the_interval_covers_as_often_as_it_says() -> None:
    """Of 95 % intervals over independent attempts, 93 to 97 % hold the true rate."""
    random = np.random.default_rng(20261123)
    for trials, rate in ((60, 0.1), (200, 0.02), (200, 0.3), (1000, 0.05)):
        drawn = random.binomial(trials, rate, 4000)
        bounds = [wilson(int(failed), trials) for failed in drawn]
        covered = np.mean([low <= rate <= high for low, high in bounds])
        assert 0.93 <= covered <= 0.97, (trials, rate, covered)


def test_the_clustered_interval_covers_where_the_naive_one_does_not() -> None:
    """Of ten attempts a case that go the same way, the naive interval makes far too much."""
    random = np.random.default_rng(20261123)
    cases, each, rate = 120, 10, 0.3
    covered = naive = 0
    for _ in range(600):
        shares = random.beta(rate * 0.2, (1 - rate) * 0.2, cases)  # most cases all or nothing
        failed = [int(x) for x in random.binomial(each, shares)]
        low, high = clustered_wilson(failed, [each] * cases)
        covered += low <= rate <= high
        low, high = wilson(sum(failed), each * cases)
        naive += low <= rate <= high
    assert 0.92 <= covered / 600 <= 0.98
    assert naive / 600 < 0.7


def clustered(cases: list[Counts]) -> tuple[float, float]:
    """Our interval of `cases`."""
    return clustered_wilson([x for x, _ in cases], [n for _, n in cases])


def reference(cases: list[Counts]) -> tuple[float, float]:
    """Section 3.5 of the statistics, the long way round: one row an attempt, residuals summed."""
    tried = [(x, n) for x, n in cases if n]
    if not tried:
        return 0.0, 1.0
    outcomes = np.concatenate([[1.0] * x + [0.0] * (n - x) for x, n in tried])
    labels = np.repeat(np.arange(len(tried)), [n for _, n in tried])
    total, groups = len(outcomes), len(tried)
    mean = outcomes.mean()
    effective = float(total)
    if total > groups:
        sums = np.array([(outcomes[labels == g] - mean).sum() for g in range(groups)])
        spread = float((sums**2).sum()) / total**2 * groups / max(groups - 1, 1)
        effective = float(groups)
        if spread > 1e-20:
            effective = min(mean * (1 - mean) / spread, total)
    centre = (mean + Z_95**2 / (2 * effective)) / (1 + Z_95**2 / effective)
    half = mean * (1 - mean) / effective + Z_95**2 / (4 * effective**2)
    reach = Z_95 * float(np.sqrt(half)) / (1 + Z_95**2 / effective)
    return max(0.0, centre - reach), min(1.0, centre + reach)

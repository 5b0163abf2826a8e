"""The exact upper bound, against R and scipy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest  # type: ignore[import-untyped]  # it ships no types

from paygrade.stats.bounds import exact_upper

Vectors = dict[str, list[dict[str, Any]]]
COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_bound_is_the_published_one(vectors: Vectors) -> None:
    """It is R's `qbeta(0.95, x + 1, n - x)`."""
    assert vectors["proportion_intervals"]
    for case in vectors["proportion_intervals"]:
        ours = exact_upper(case["input"]["count"], case["input"]["nobs"])
        assert ours == pytest.approx(case["expected"]["one_sided_upper_95_exact"], rel=1e-7)


@given(COUNTS, st.floats(0.5, 0.999))
def test_the_bound_is_what_scipy_says(counts: tuple[int, int], confidence: float) -> None:
    """It is the upper bound of scipy's exact one-sided interval."""
    failed, trials = counts
    test = binomtest(failed, trials, alternative="less")
    theirs = test.proportion_ci(confidence_level=confidence, method="exact").high
    assert exact_upper(failed, trials, confidence) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(("trials", "bound"), [(150, 0.020), (3000, 0.001)])
def test_no_failure_is_not_no_risk(trials: int, bound: float) -> None:
    """The rule of three, exactly: 150 clean runs leave 2 % possible, 3,000 leave 0.1 %."""
    assert exact_upper(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials), rel=1e-9)
    assert exact_upper(0, trials) == pytest.approx(bound, abs=5e-4)


def test_from_nothing_nothing_is_known() -> None:
    """Without a run, or with failures alone, every rate up to 1 is possible."""
    assert exact_upper(0, 0) == exact_upper(3, 3) == 1.0


@pytest.mark.parametrize(
    ("failed", "trials", "confidence"),
    [(-1, 2, 0.95), (3, 2, 0.95), (1, 2, 0.0), (1, 2, 1.0), (1, 2, float("nan"))],
)
def test_impossible_counts_are_refused(failed: int, trials: int, confidence: float) -> None:
    """More failures than runs, fewer than none, or a confidence that is none."""
    with pytest.raises(ValueError, match="="):
        exact_upper(failed, trials, confidence)

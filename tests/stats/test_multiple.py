"""Adjusted p-values, against R's, statsmodels' and scipy's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control  # type: ignore[import-untyped]  # no types in it

from paygrade.stats.multiple import benjamini_hochberg, holm

Vectors = dict[str, list[dict[str, Any]]]
P_VALUES = st.lists(st.floats(0, 1), max_size=30)


def test_the_adjusted_values_are_the_published_ones(vectors: Vectors) -> None:
    """Both adjustments give what R's `p.adjust` and statsmodels' `multipletests` give."""
    assert vectors["multiplicity"]
    for case in vectors["multiplicity"]:
        p, expected = case["input"]["p"], case["expected"]
        assert holm(p) == pytest.approx(expected["holm"], rel=1e-7, abs=1e-12)
        assert benjamini_hochberg(p) == pytest.approx(expected["bh"], rel=1e-7, abs=1e-12)


@given(P_VALUES)
def test_benjamini_hochberg_is_what_scipy_says(p: list[float]) -> None:
    """It is `scipy.stats.false_discovery_control`."""
    theirs = false_discovery_control(p).tolist() if p else []
    assert benjamini_hochberg(p) == pytest.approx(theirs, rel=1e-9)


@given(P_VALUES)
def test_holm_rejects_what_its_steps_reject(p: list[float]) -> None:
    """Its adjusted values are at most the level exactly where the step-down rule rejects."""
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for rank, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
            if (len(p) - rank) * p[place] > level:
                break
            rejected.add(place)
        assert {place for place, each in enumerate(holm(p)) if each <= level} == rejected


@given(P_VALUES)
def test_holm_asks_more_than_benjamini_hochberg(p: list[float]) -> None:
    """Adjusting never lowers a p-value, and avoiding any false alarm costs most."""
    for each, few, none in zip(p, benjamini_hochberg(p), holm(p), strict=True):
        assert each <= few * (1 + 1e-12)
        assert few <= none * (1 + 1e-12) <= 1 + 1e-12


@given(P_VALUES, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(p: list[float], random: Any) -> None:  # noqa: ANN401 - hypothesis' own random.Random
    """Every hypothesis gets the value it would get in another order."""
    order = random.sample(range(len(p)), len(p))
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(p)
        assert adjust([p[place] for place in order]) == [adjusted[place] for place in order]


@given(st.floats(0, 1))
def test_one_hypothesis_needs_no_adjustment(p: float) -> None:
    """It keeps its p-value."""
    assert holm([p]) == benjamini_hochberg([p]) == [p]


@pytest.mark.parametrize("p", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    """Beside a good one, by both."""
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match=r"outside 0\.\.1"):
            adjust([0.5, p])

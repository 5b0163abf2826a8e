"""The case-level test, against R's figures and full enumeration."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm  # type: ignore[import-untyped]  # it ships no types

from paygrade.stats.case_test import EXACT_UP_TO, case_differences, case_test

Vectors = dict[str, list[dict[str, Any]]]
Sample = tuple[list[int], list[int]]
"""Outcomes of one sample, in the baseline and in the candidate."""

DIFFERENCES = st.lists(st.integers(-50, 50), max_size=60)
ARM = st.lists(st.integers(0, 1), min_size=1, max_size=7)
SAMPLES = st.lists(st.lists(st.tuples(ARM, ARM), max_size=4), max_size=10)


def test_the_tails_are_the_published_ones(vectors: Vectors) -> None:
    """They are those of `scipy.stats.permutation_test` and R's `exactRankTests::perm.test`."""
    assert vectors["sign_flip"]
    for case in vectors["sign_flip"]:
        ours, expected = case_test(case["input"]["differences"]), case["expected"]
        assert (ours.more, ours.fewer, ours.at_least, ours.at_most) == pytest.approx(
            tuple(
                expected[name]
                for name in ("p_mid_greater", "p_mid_less", "p_exact_greater", "p_exact_less")
            ),
            rel=1e-7,
        )


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=8))
def test_the_tails_are_those_of_every_flip(differences: list[int]) -> None:
    """Counted one by one over all signs of the differences that are not zero."""
    moved = [each for each in differences if each]
    sums = [sum(each) for each in product(*((-d, d) for d in moved))]
    if moved:
        above = sum(each > sum(moved) for each in sums) / len(sums)
        here = sum(each == sum(moved) for each in sums) / len(sums)
        ours = case_test(differences)
        assert (ours.more, ours.at_least) == pytest.approx((above + here / 2, above + here))


@given(DIFFERENCES)
def test_the_other_sign_swaps_the_tails(differences: list[int]) -> None:
    """What leans to more failures leans from fewer."""
    ours, theirs = case_test(differences), case_test([-each for each in differences])
    assert (ours.more, ours.at_least) == pytest.approx((theirs.fewer, theirs.at_most), rel=1e-9)


@given(DIFFERENCES, st.integers(1, 99))
def test_the_unit_does_not_matter(differences: list[int], unit: int) -> None:
    """Differences in a finer unit say the same."""
    assert case_test([unit * each for each in differences]) == case_test(differences)


@given(DIFFERENCES, st.integers(0, 9))
def test_cases_without_a_difference_do_not_matter(differences: list[int], more: int) -> None:
    """Zeros are left out, and not counted as informative."""
    assert case_test(differences + [0] * more) == case_test(differences)
    assert case_test(differences).informative == sum(map(bool, differences))


def test_without_a_difference_nothing_is_shown() -> None:
    """Every p-value is 1 by definition."""
    ours = case_test([0, 0])
    assert (ours.more, ours.fewer, ours.at_least, ours.at_most) == (1.0, 1.0, 1.0, 1.0)


def test_large_differences_are_nearly_normal() -> None:
    """Above the limit the tails are normal, and close to the exact ones just below it."""
    differences = [3, -2, 1, 4, -1, -2, -3, 1] * 40
    exact = case_test(differences)
    ours = case_test([EXACT_UP_TO // 40 * each for each in differences])
    z = sum(differences) / sum(each**2 for each in differences) ** 0.5
    assert ours.more == ours.at_least == pytest.approx(norm.sf(z), rel=1e-12)
    assert ours.fewer == pytest.approx(norm.cdf(z), rel=1e-12)
    assert ours.more == pytest.approx(exact.more, rel=0.01, abs=0)


def test_whole_numbers_of_any_size_are_welcome() -> None:
    """A least common multiple of many repeat counts does not fit a float."""
    huge = 10**400
    assert case_test([huge, huge, -huge]).more == pytest.approx(norm.sf(1 / 3**0.5))


def test_more_cases_than_a_power_of_two_can_count() -> None:
    """2,000 cases that all got worse: nothing overflows on the way to nothing."""
    assert case_test([1] * 2000).more == 0.0
    assert case_test([1, -1] * 1000).more == pytest.approx(0.5)


def test_a_difference_is_a_whole_number() -> None:
    """A rate in place of a count is a mistake of the caller."""
    with pytest.raises(TypeError):
        case_test([0.5])  # type: ignore[list-item]  # what is refused


def test_differences_have_a_common_unit() -> None:
    """One half more and one third less, in sixths; a case adds up its samples."""
    half, third = ([0, 0], [0, 1]), ([1, 0, 0], [0, 0, 0])
    assert case_differences([[half], [third], [half, third]]) == [3, -2, 1]


@given(SAMPLES)
def test_differences_are_the_rates_differences(cases: list[list[Sample]]) -> None:
    """Up to one factor for all cases."""
    ours = case_differences(cases)
    rates = [sum(sum(c) / len(c) - sum(b) / len(b) for b, c in samples) for samples in cases]
    for our, rate in zip(ours, rates, strict=True):
        assert (our > 0) == (rate > 1e-9)
        assert (our < 0) == (rate < -1e-9)
    largest = max(map(abs, ours), default=0)
    if largest:
        unit = max(map(abs, rates)) / largest
        assert [unit * our for our in ours] == pytest.approx(rates, abs=1e-9)


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [(([], [1]), "no outcome"), (([0], []), "no outcome"), (([2], [0]), "neither 0 nor 1")],
)
def test_impossible_outcomes_are_refused(sample: Sample, sentence: str) -> None:
    """An arm that was not run, or a result that is no outcome."""
    with pytest.raises(ValueError, match=sentence):
        case_differences([[sample]])

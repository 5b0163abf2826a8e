"""A judge against labels: worked by hand, by laws, and by simulation."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest  # type: ignore[import-untyped]  # it ships no types

from paygrade.stats.agreement import Agreement, Estimate, agreement

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=200)


def test_a_table_worked_by_hand() -> None:
    """20 and 15 of 50 alike: agreement 0.7, by chance 0.5, so kappa is 0.4."""
    table = Agreement(true_positive=20, false_negative=5, false_positive=10, true_negative=15)
    assert table.agreement.value == pytest.approx(0.7)
    assert table.kappa.value == pytest.approx(0.4)
    assert table.sensitivity.value == pytest.approx(0.8)
    assert table.specificity.value == pytest.approx(0.6)


def test_the_interval_of_kappa_is_that_of_the_agreement_less_chance() -> None:
    """With chance at one half each bound b of the agreement becomes 2b - 1; scipy gives b."""
    table = Agreement(true_positive=20, false_negative=5, false_positive=10, true_negative=15)
    bounds = binomtest(35, 50).proportion_ci(method="wilson")
    assert table.kappa.low == pytest.approx(2 * bounds.low - 1, rel=1e-9)
    assert table.kappa.high == pytest.approx(2 * bounds.high - 1, rel=1e-9)


def test_the_shares_have_wilsons_interval() -> None:
    """Sensitivity and specificity take their bounds from scipy's Wilson interval."""
    table = Agreement(true_positive=36, false_negative=4, false_positive=1, true_negative=19)
    for ours, found, of in ((table.sensitivity, 36, 40), (table.specificity, 19, 20)):
        theirs = binomtest(found, of).proportion_ci(method="wilson")
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_a_constant_judge_agrees_by_chance_alone() -> None:
    """To call every answer good agrees with a third of the labels and has kappa 0."""
    table = agreement([(True, False)] * 40 + [(False, False)] * 20)
    assert table.agreement.value == pytest.approx(1 / 3)
    assert table.kappa.value == 0
    assert table.sensitivity.value == 0
    assert table.specificity.value == 1


def test_a_perfect_judge_is_not_a_certain_one() -> None:
    """Ten answers alike out of ten: kappa is 1, and may well be below 0.5."""
    kappa = agreement([(True, True)] * 5 + [(False, False)] * 5).kappa
    assert kappa.value == kappa.high == 1
    assert kappa.low < 0.5


@pytest.mark.parametrize("pairs", [[], [(False, False)] * 100, [(True, True)]])
def test_where_chance_explains_all_nothing_is_known(pairs: list[tuple[bool, bool]]) -> None:
    """Without labels, or with one word from both sides, kappa has no value."""
    assert agreement(pairs).kappa == Estimate(value=None, low=-1.0, high=1.0)


def test_no_good_answer_says_nothing_of_specificity() -> None:
    """A share of nothing has no value, and every bound."""
    assert agreement([(True, True)]).specificity == Estimate(value=None, low=0.0, high=1.0)


def test_a_negative_count_is_refused() -> None:
    """Nobody disagrees less than never."""
    with pytest.raises(ValueError, match="negative"):
        Agreement(true_negative=-1)


@given(PAIRS)
def test_each_figure_lies_inside_its_interval(pairs: list[tuple[bool, bool]]) -> None:
    """And each interval lies where the figure can lie."""
    table = agreement(pairs)
    shares = (table.agreement, table.sensitivity, table.specificity)
    for each, least in (*((share, 0.0) for share in shares), (table.kappa, -1.0)):
        assert least <= each.low <= each.high <= 1
        if each.value is not None:
            assert each.low - 1e-12 <= each.value <= each.high + 1e-12


@given(PAIRS)
def test_judge_and_label_may_change_places(pairs: list[tuple[bool, bool]]) -> None:
    """Kappa asks who agrees, not who is right; nor does it matter which word is the positive."""
    kappa = agreement(pairs).kappa
    assert agreement([(judged, label) for label, judged in pairs]).kappa == kappa
    assert agreement([(not label, not judged) for label, judged in pairs]).kappa == kappa


@given(PAIRS, st.integers(2, 5))
def test_more_of_the_same_narrows_the_interval(pairs: list[tuple[bool, bool]], n: int) -> None:
    """The value stays; what is left open becomes less."""
    once, often = agreement(pairs).kappa, agreement(pairs * n).kappa
    assert often.value == (once.value if once.value is None else pytest.approx(once.value))
    assert often.high - often.low <= once.high - once.low + 1e-12


@pytest.mark.parametrize("wrong", [0.02, 0.1, 0.3])
def test_the_interval_covers_the_true_kappa(wrong: float) -> None:
    """A judge wrong at a known rate on balanced labels has kappa 1 - 2 * wrong: 95 % cover it."""
    draw = random.Random(2026)
    covered = 0
    for _ in range(1000):
        labels = [draw.random() < 0.5 for _ in range(100)]
        kappa = agreement([(label, label ^ (draw.random() < wrong)) for label in labels]).kappa
        covered += kappa.low <= 1 - 2 * wrong <= kappa.high
    assert covered >= 930

"""The run permutation test, against R's figures, scipy and full enumeration."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, hypergeom  # type: ignore[import-untyped]  # it ships no types

from paygrade.stats.permutation import Tails, run_permutation

if TYPE_CHECKING:
    from collections.abc import Iterator

Vectors = dict[str, list[dict[str, Any]]]
Case = tuple[list[int], list[int]]
"""Repeat totals of one case, in the baseline and in the candidate."""


def cases_of(most: int, repeats: int, cases: int) -> st.SearchStrategy[list[Case]]:
    """Some cases with totals up to `most`, and up to `repeats` repeats in each arm."""
    arm = st.lists(st.integers(0, most), min_size=1, max_size=repeats)
    return st.lists(st.tuples(arm, arm), max_size=cases)


CASES = cases_of(most=6, repeats=6, cases=30)


def test_one_repeat_is_mcnemar(vectors: Vectors) -> None:
    """With one repeat in each arm the tails are those R and statsmodels give for McNemar's test."""
    assert vectors["mcnemar"]
    for case in vectors["mcnemar"]:
        worse, better = case["input"]["pass_to_fail"], case["input"]["fail_to_pass"]
        alike = case["input"]["n"] - worse - better
        cases = [([0], [1])] * worse + [([1], [0])] * better + [([0], [0])] * alike
        agree(tails_of(cases), case["expected"])


def test_repeats_are_the_exact_mantel_haenszel_test(vectors: Vectors) -> None:
    """With repeats of single samples the tails are those of R's `mantelhaen.test(exact=TRUE)`."""
    assert vectors["run_permutation_unclustered"]
    for case in vectors["run_permutation_unclustered"]:
        cases = [
            (
                [1] * each["fail_base"] + [0] * (each["k_base"] - each["fail_base"]),
                [1] * each["fail_cand"] + [0] * (each["k_cand"] - each["fail_cand"]),
            )
            for each in case["input"]["samples"]
        ]
        agree(tails_of(cases), case["expected"])


def test_cases_of_many_samples_are_permuted_whole(vectors: Vectors) -> None:
    """Totals over a case's samples give the tails of the published enumeration."""
    assert vectors["run_permutation_clustered"]
    for case in vectors["run_permutation_clustered"]:
        cases = [
            (each["base_repeat_totals"], each["cand_repeat_totals"])
            for each in case["input"]["clusters"]
        ]
        agree(tails_of(cases), case["expected"])


@given(cases_of(most=3, repeats=3, cases=3))
def test_the_tails_are_those_of_every_relabelling(cases: list[Case]) -> None:
    """Counted one by one, with fractions, over all ways to share out the pooled totals."""
    ours, (more, fewer, at_least, at_most) = tails_of(cases), enumerated(cases)
    assert ours.more == pytest.approx(float(more), rel=1e-12)
    assert ours.fewer == pytest.approx(float(fewer), rel=1e-12)
    assert ours.at_least == pytest.approx(float(at_least), rel=1e-12)
    assert ours.at_most == pytest.approx(float(at_most), rel=1e-12)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_exact_tails_are_a_sign_test_where_nothing_is_repeated(worse: int, better: int) -> None:
    """They are those of `scipy.stats.binomtest` on the cases that differ."""
    ours = tails_of([([0], [1])] * worse + [([1], [0])] * better)
    if worse + better:
        theirs = binomtest(worse, worse + better, alternative="greater").pvalue
        assert ours.at_least == pytest.approx(theirs, rel=1e-9)
        theirs = binomtest(worse, worse + better, alternative="less").pvalue
        assert ours.at_most == pytest.approx(theirs, rel=1e-9)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_a_single_sample_is_hypergeometric(stored: int, played: int, data: st.DataObject) -> None:
    """Of one sample's failures the candidate has as many as `scipy.stats.hypergeom` says."""
    base, cand = data.draw(st.integers(0, stored)), data.draw(st.integers(0, played))
    ours = tails_of([([1] * base + [0] * (stored - base), [1] * cand + [0] * (played - cand))])
    theirs = hypergeom.sf(cand - 1, stored + played, base + cand, played)
    assert ours.at_least == pytest.approx(theirs, rel=1e-9)


@given(CASES)
def test_swapping_the_arms_swaps_the_tails(cases: list[Case]) -> None:
    """What is more for one is less for the other."""
    ours, theirs = tails_of(cases), tails_of([(cand, base) for base, cand in cases])
    assert (theirs.more, theirs.at_least) == pytest.approx((ours.fewer, ours.at_most), rel=1e-9)
    assert (theirs.fewer, theirs.at_most) == pytest.approx((ours.more, ours.at_least), rel=1e-9)


@given(CASES, st.integers(0, 6), st.integers(1, 6), st.integers(1, 6))
def test_a_case_that_always_fails_alike_tells_nothing(
    cases: list[Case], total: int, stored: int, played: int
) -> None:
    """Adding one changes nothing, however often it was repeated."""
    assert tails_of([*cases, ([total] * stored, [total] * played)]) == tails_of(cases)


@given(CASES, st.integers(1, 9), st.integers(1, 9))
def test_the_unit_of_the_totals_does_not_matter(cases: list[Case], shift: int, unit: int) -> None:
    """Totals of another size with the same order of all sums give the same tails."""
    moved = [
        ([shift + unit * each for each in base], [shift + unit * each for each in cand])
        for base, cand in cases
    ]
    same(tails_of(moved), tails_of(cases))


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(cases: list[Case], random: Any) -> None:  # noqa: ANN401 - hypothesis' own random.Random
    """Neither that of the cases nor that of the repeats."""
    shuffled = [
        (random.sample(base, len(base)), random.sample(cand, len(cand))) for base, cand in cases
    ]
    random.shuffle(shuffled)
    same(tails_of(shuffled), tails_of(cases))


@given(CASES)
def test_the_mid_p_values_share_out_the_whole(cases: list[Case]) -> None:
    """One outcome's probability is halved between both directions, so they add up to 1."""
    ours = tails_of(cases)
    if ours.informative:
        assert ours.more + ours.fewer == pytest.approx(1, abs=1e-12)
        assert ours.more <= ours.at_least <= 1
        assert ours.fewer <= ours.at_most <= 1


@pytest.mark.parametrize("cases", [[], [([0], [0])], [([1, 1], [1]), ([4], [4, 4])]])
def test_without_an_informative_case_nothing_is_shown(cases: list[Case]) -> None:
    """Every p-value is 1 by definition."""
    assert tails_of(cases) == Tails(more=1.0, fewer=1.0, at_least=1.0, at_most=1.0, informative=0)


def test_far_tails_keep_their_accuracy() -> None:
    """230 cases that went from 0 of 3 to 3 of 3 have one relabelling in 20 to the 230th."""
    cases = [([0] * 3, [1] * 3)] * 230
    assert tails_of(cases).at_least == pytest.approx(float(Fraction(1, 20**230)), rel=1e-9, abs=0)
    assert tails_of(cases).more == pytest.approx(float(Fraction(1, 2 * 20**230)), rel=1e-9, abs=0)


def test_a_tail_too_far_for_a_number_is_zero() -> None:
    """And the other one is 1."""
    ours = tails_of([([0], [1])] * 3000)
    assert ours.more == 0
    assert ours.fewer == pytest.approx(1)
    assert ours.informative == 3000


def test_many_repeats_overflow_nothing() -> None:
    """Counts of ways beyond 64 bits stay exact: doubled totals of one sample as single ones."""
    base, cand = [2] * 30 + [0] * 50, [2] * 45 + [1] + [0] * 44
    single = [each // 2 for each in base], [each // 2 for each in cand]
    ours = tails_of([([2 * each for each in single[0]], [2 * each for each in single[1]])])
    same(ours, tails_of([single]))
    assert math.comb(len(base) + len(cand), len(cand)) > 2**64
    mixed = tails_of([(base, cand)])
    assert mixed.more + mixed.fewer == pytest.approx(1)


@pytest.mark.parametrize(
    ("base", "cand", "sentence"),
    [
        ([[0]], [], "1 cases and the candidate 0"),
        ([[0], []], [[0], [1]], "case 1 has no repeat"),
        ([[0]], [[]], "case 0 has no repeat"),
        ([[0]], [[-1]], "case 0 has a negative total: -1"),
    ],
)
def test_impossible_arms_are_refused(
    base: list[list[int]], cand: list[list[int]], sentence: str
) -> None:
    """Another number of cases, an arm that was not run, or less than no failure."""
    with pytest.raises(ValueError, match=sentence):
        run_permutation(base, cand)


def test_a_total_is_a_whole_number() -> None:
    """Half a failure is a mistake of the caller."""
    with pytest.raises(TypeError):
        run_permutation([[0.5]], [[1]])  # type: ignore[list-item]  # what is refused


def tails_of(cases: list[Case]) -> Tails:
    """Our tails of `cases`."""
    return run_permutation([base for base, _ in cases], [cand for _, cand in cases])


def agree(ours: Tails, expected: dict[str, float]) -> None:
    """Compare with a published figure, name by name."""
    names = {
        "p_mid_greater": ours.more,
        "p_mid_less": ours.fewer,
        "p_exact_greater": ours.at_least,
        "p_exact_less": ours.at_most,
    }
    for name, our in names.items():
        assert our == pytest.approx(expected[name], rel=1e-7, abs=1e-12), name


def same(ours: Tails, theirs: Tails) -> None:
    """The tails are the same, but for the last digits."""
    assert ours.informative == theirs.informative
    assert (ours.more, ours.at_least) == pytest.approx((theirs.more, theirs.at_least), rel=1e-9)
    assert (ours.fewer, ours.at_most) == pytest.approx((theirs.fewer, theirs.at_most), rel=1e-9)


def enumerated(cases: list[Case]) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """More, fewer, at least, at most, counted over every relabelling."""
    telling = [(base, cand) for base, cand in cases if len({*base, *cand}) > 1]
    one = Fraction(1)
    if not telling:
        return one, one, one, one
    observed = sum(sum(cand) for _, cand in telling)
    sums = [sum(each) for each in product(*map(subsets, telling))]
    above, below, here = (
        Fraction(sum(each > observed for each in sums), len(sums)),
        Fraction(sum(each < observed for each in sums), len(sums)),
        Fraction(sum(each == observed for each in sums), len(sums)),
    )
    return above + here / 2, below + here / 2, above + here, below + here


def subsets(case: Case) -> Iterator[int]:
    """The candidate's sum under each relabelling of one case."""
    base, cand = case
    return (sum(each) for each in combinations((*base, *cand), len(cand)))

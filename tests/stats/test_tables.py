"""Exact tests of two counts, against scipy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom  # type: ignore[import-untyped]  # no types in it

from paygrade.stats.tables import likely_broken, more_errors

COUNT = st.integers(0, 400)
RUNS = st.integers(1, 30)
ARM = RUNS.flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs)))


@given(COUNT, COUNT, COUNT, COUNT)
def test_more_errors_is_fishers_exact_test(
    errors_c: int, ok_c: int, errors_b: int, ok_b: int
) -> None:
    """It is `scipy.stats.fisher_exact(..., alternative="greater")`."""
    ours = more_errors(errors_c, ok_c, errors_b, ok_b)
    theirs = fisher_exact([[errors_c, ok_c], [errors_b, ok_b]], alternative="greater")
    assert ours == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-300)


def test_far_tails_are_exact() -> None:
    """100 errors on one side alone: one in C(200, 100)."""
    assert more_errors(100, 0, 0, 100) == pytest.approx(1.1043e-59, rel=1e-3, abs=0)


def test_many_runs_take_no_time() -> None:
    """A million runs with a few errors are counted in small numbers."""
    assert more_errors(3, 999_997, 0, 1_000_000) == pytest.approx(1 / 8, rel=1e-5)


@given(ARM, ARM)
def test_likely_broken_is_hypergeometric(base: tuple[int, int], cand: tuple[int, int]) -> None:
    """It is `scipy.stats.hypergeom.sf`, also where the arms ran differently often."""
    (fails_b, runs_b), (fails_c, runs_c) = base, cand
    theirs = hypergeom.sf(fails_c - 1, runs_b + runs_c, fails_b + fails_c, runs_c)
    ours = likely_broken(fails_b, fails_c, runs_b, runs_c)
    assert ours == pytest.approx(float(theirs), rel=1e-9)


def test_one_number_of_runs_is_that_of_both_arms() -> None:
    """0 of 5 and then 5 of 5: one way in 252."""
    assert likely_broken(0, 5, 5) == likely_broken(0, 5, 5, 5) == pytest.approx(1 / 252)


def test_what_never_happened_shows_nothing() -> None:
    """Without a failure or an error, and without a run, the p-value is 1."""
    assert likely_broken(0, 0, 5) == likely_broken(0, 0, 0) == 1
    assert more_errors(0, 5, 0, 5) == more_errors(0, 0, 0, 0) == 1


@pytest.mark.parametrize("counts", [(-1, 0, 0, 0), (0, 0, 0, -1)])
def test_negative_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    """In every place."""
    with pytest.raises(ValueError, match="negative count"):
        more_errors(*counts)


@pytest.mark.parametrize("counts", [(6, 0, 5, 5), (0, 6, 5, 5), (-1, 0, 5, 5), (0, 3, 5, 2)])
def test_more_failures_than_runs_are_refused(counts: tuple[int, int, int, int]) -> None:
    """In both arms."""
    with pytest.raises(ValueError, match="failed"):
        likely_broken(*counts)

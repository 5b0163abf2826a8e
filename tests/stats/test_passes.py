"""Reliability of repeated tries."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.stats.passes import pass_all, pass_any

Vectors = dict[str, list[dict[str, Any]]]
TRIES = st.integers(1, 9).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(1, n))
)


def test_all_passing_is_the_published_figure(vectors: Vectors) -> None:
    """pass^k as tau-bench reports it."""
    assert vectors["misc"]
    for case in vectors["misc"]:
        given_ = case["input"]
        ours = pass_all(given_["successes"], given_["trials"], given_["k"])
        assert ours == pytest.approx(case["expected"]["pass_hat_k"], rel=1e-7)


@given(TRIES)
def test_both_count_every_choice_of_k(tries: tuple[int, int, int]) -> None:
    """The share of the choices of k tries in which all, or any, passed."""
    successes, trials, k = tries
    chosen = list(combinations([1] * successes + [0] * (trials - successes), k))
    assert pass_all(*tries) == pytest.approx(sum(map(all, chosen)) / len(chosen))
    assert pass_any(*tries) == pytest.approx(sum(map(any, chosen)) / len(chosen))


@given(TRIES)
def test_one_try_is_the_pass_rate(tries: tuple[int, int, int]) -> None:
    """And more tries make all passing less likely, any passing more."""
    successes, trials, k = tries
    assert pass_all(successes, trials, 1) == pass_any(successes, trials, 1) == successes / trials
    assert pass_all(*tries) <= successes / trials <= pass_any(successes, trials, k)


@pytest.mark.parametrize("tries", [(3, 2, 1), (-1, 2, 1), (1, 2, 0), (1, 2, 3)])
def test_impossible_counts_are_refused(tries: tuple[int, int, int]) -> None:
    """More passes than tries, or a choice of none or of more than there are."""
    with pytest.raises(ValueError, match="of trials"):
        pass_all(*tries)
    with pytest.raises(ValueError, match="of trials"):
        pass_any(*tries)

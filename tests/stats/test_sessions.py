"""The A/A check of a baseline, against enumeration and by simulation."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.stats.sessions import SHIFTED, session_shift

Vectors = dict[str, list[dict[str, Any]]]
Case = tuple[list[int], list[int]]
"""Repeat totals of one case in both sessions."""

ARM = st.lists(st.integers(0, 3), min_size=1, max_size=4)
CASES = st.lists(st.tuples(ARM, ARM), max_size=8)


def test_the_shift_is_the_published_one(vectors: Vectors) -> None:
    """The z and its flag are those of the full enumeration with fractions."""
    assert vectors["aa_check"]
    for case in vectors["aa_check"]:
        cases = [(each["session1"], each["session2"]) for each in case["input"]["cases"]]
        z = session_shift(cases)
        assert z == pytest.approx(case["expected"]["z"], rel=1e-7, abs=1e-12)
        assert (z > SHIFTED) == case["expected"]["flag"]


@given(CASES)
def test_the_shift_is_that_of_every_relabelling(cases: list[Case]) -> None:
    """Mean and variance of the squared differences, counted one by one."""
    excess = variance = 0.0
    for first, second in cases:
        pooled, size = [*first, *second], len(second)
        squares = [
            (sum(each) / size - (sum(pooled) - sum(each)) / len(first)) ** 2
            for each in combinations(pooled, size)
        ]
        excess += float((np.mean(second) - np.mean(first)) ** 2 - np.mean(squares))
        variance += float(np.var(squares))
    z = excess / variance**0.5 if variance > 1e-20 else 0.0
    assert session_shift(cases) == pytest.approx(z, rel=1e-9, abs=1e-9)


@given(CASES)
def test_the_sessions_have_no_order(cases: list[Case]) -> None:
    """Which one was recorded first does not matter."""
    swapped = [(second, first) for first, second in cases]
    assert session_shift(swapped) == pytest.approx(session_shift(cases), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("cases", [[], [([1, 1], [1])], [([0], [1])] * 5, [([0] * 3, [1] * 3)][:0]])
def test_what_could_not_differ_is_no_shift(cases: list[Case]) -> None:
    """No case, equal totals, or one repeat a session, whose difference has always the same size."""
    assert session_shift(cases) == 0


def test_sessions_that_agree_in_themselves_only_are_flagged() -> None:
    """Thirty cases that a cache answered: each session is of one mind, half of them differ."""
    cases = [([0] * 5, [1] * 5)] * 15 + [([1] * 5, [1] * 5)] * 15
    assert session_shift(cases) > SHIFTED


def test_honest_sessions_are_seldom_flagged() -> None:
    """5 + 5 repeats of 100 samples: about 2 in 100, and sticky ones nearly always."""
    random = np.random.default_rng(20261123)
    honest = sticky = 0
    for _ in range(200):
        rate = random.beta(0.3, 2.7, 100)
        runs = random.random((100, 2, 5)) < rate[:, np.newaxis, np.newaxis]
        honest += session_shift([(a, b) for a, b in runs.astype(int).tolist()]) > SHIFTED
        copied = random.random((100, 2, 5)) < 0.7
        runs = np.where(copied, runs[:, :, :1], runs)
        sticky += session_shift([(a, b) for a, b in runs.astype(int).tolist()]) > SHIFTED
    assert honest <= 10
    assert sticky >= 160


@pytest.mark.parametrize(
    ("case", "sentence"),
    [(([], [0]), "no repeat"), (([0], []), "no repeat"), (([0, -1], [0]), "negative total: -1")],
)
def test_impossible_sessions_are_refused(case: Case, sentence: str) -> None:
    """A session without a repeat, or less than no failure."""
    with pytest.raises(ValueError, match=sentence):
        session_shift([case])

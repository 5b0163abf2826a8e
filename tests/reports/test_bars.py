"""Rates drawn in one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.reports.bars import WIDTH, bar, scale, spark, top_of

SHARES = st.floats(0, 1)
INTERVALS = st.tuples(SHARES, SHARES, SHARES).map(sorted)


def test_a_bar_shows_a_rate_in_its_interval() -> None:
    """On a scale whose end its column names."""
    assert bar(0.25, 0.1, 0.4, 0.5, 11) == "··├──●──┤··"
    assert scale(0.5) == "0 to 50 %"


def test_without_a_rate_nothing_is_drawn() -> None:
    """Zero would be a claim."""
    assert bar(None, 0.0, 1.0, 1.0, 5) == "·····"


@given(INTERVALS)
def test_a_bar_is_always_as_wide_and_holds_its_rate_once(shares: list[float]) -> None:
    """Whatever the figures are: also where the rate is an end of its interval."""
    low, rate, high = shares
    drawn = bar(rate, low, high, top_of([high]))
    assert len(drawn) == WIDTH
    assert drawn.count("●") == 1
    assert drawn.strip("·").strip("├┤").replace("─", "").strip("├┤") == "●"


@given(st.lists(SHARES, min_size=1))
def test_a_scale_holds_every_interval(highs: list[float]) -> None:
    """And ends with a round number."""
    assert max(highs) <= top_of(highs) <= 1


@pytest.mark.parametrize(
    ("rates", "drawn"),
    [([0.1, 0.2, 0.4], "▃▅█"), ([0.0, 0.0], "▁▁"), ([0.001, 1.0], "▂█"), ([None, 0.5], "?█"),
     ([], ""), ([None], "?")],
)  # fmt: skip
def test_a_sparkline_ends_at_the_highest_rate(rates: list[float | None], drawn: str) -> None:
    """What is not zero never looks as if it were, and what is unknown is said to be."""
    assert spark(rates) == drawn

"""Charts: what they draw stands where its value is, and no label is clipped."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.reports.site import pages
from paygrade.reports.site.agents import ends_of
from paygrade.reports.site.bars import axis, bar, spark
from paygrade.reports.site.heat import STEPS, swatches, tint
from paygrade.reports.site.marks import lines
from paygrade.reports.site.scale import Scale, around_zero, in_steps, spread, up_to
from paygrade.reports.site.trend import MOST, trend
from reports.site.read import text, tree
from reports.site.sites import ACCEPTED, START, TREND, a_site, asked, counted, history, run

LETTER = 7.0  # pixels: no wider than this is a digit or a letter of 12 pixels, on average
NARROW = 260.0  # pixels of a plot on a page of 400
MARGIN = 40.0  # pixels at its left, for the scale


def drawn(runs: list[dict[str, object]]) -> str:
    """The trend of these runs."""
    found = lines({"trend": asked(TREND, runs)}, "trend")
    chart = trend("t", "Rates", found, [], up_to(0.5))
    assert chart is not None
    return str(chart.picture)


@given(st.floats(0, 1))
def test_a_scale_of_shares_holds_its_largest_value(most: float) -> None:
    """And is never longer than all."""
    for scale in (up_to(most), in_steps(most, STEPS)):
        assert most <= scale.high + 1e-9
        assert scale.high <= 1 + 1e-9
        assert scale.ticks[0] == 0
        assert 2 <= len(scale.ticks) <= 7


@given(st.lists(st.floats(-1, 1)))
def test_a_scale_of_differences_has_zero_in_the_middle(values: list[float]) -> None:
    """As far to the left as to the right."""
    scale = around_zero(values)
    assert scale.at(0) == 50
    assert all(abs(value) <= scale.high + 1e-9 for value in values)


@given(st.integers(1, 500), st.integers(2, 9))
def test_labels_are_spread_evenly_and_the_ends_have_theirs(count: int, most: int) -> None:
    """However many there are."""
    found = spread(count, most)
    assert len(found) <= most
    assert (found[0], found[-1]) == (0, count - 1)
    assert found == sorted(set(found))


def test_a_dot_stands_where_its_value_is_with_its_whiskers() -> None:
    """In percent of the width."""
    picture = str(bar(Scale(low=0, high=0.4, ticks=(0, 0.4)), 0.1, 0.05, 0.2))
    assert 'x="25.0%" y="50%"' in picture
    assert 'class="whisker " x1="12.5%" x2="50.0%"' in picture


def test_whiskers_of_agents_end_where_their_text_says() -> None:
    """At the one-sided bound where none was found, or all."""
    rows = [counted(0, 250), {**counted(9, 9), "bound": 0.7}, counted(3, 250)]
    none, every, some = lines(
        {"effects": asked(("found", "low", "high", "bound"), rows)}, "effects"
    )
    assert ends_of(none) == (0, none["bound"])
    assert ends_of(every) == (0.7, 1)
    assert ends_of(some) == (some["low"], some["high"])


def test_where_nothing_is_known_nothing_is_drawn_but_the_scale() -> None:
    """No dot at 0."""
    picture = str(bar(up_to(0.4), None, 0.0, 1.0))
    assert "dot" not in picture
    assert "whisker" not in picture


def test_ends_of_an_axis_are_anchored_inwards() -> None:
    """Nothing reaches beyond its bar."""
    found = re.findall(r'x="([\d.]+)%" y="80%" text-anchor="(\w+)"', str(axis(up_to(0.4))))
    assert found == [("0.0", "start"), ("50.0", "middle"), ("100.0", "end")]


@pytest.mark.parametrize("count", [1, 2, 3, 8, 59, 200])
def test_no_label_of_a_trend_is_clipped_or_meets_another(count: int) -> None:
    """On the narrowest page, by the widths of the texts."""
    picture = drawn(history("triage", "rules", [index % 40 for index in range(count)], 120))
    spots = re.findall(
        r'<text class="(\S+)" x="([-\d.]+)(%?)"[^>]*?anchor="(\w+)"[^>]*>([^<]*)', picture
    )
    ends = []
    for name, x, unit, anchor, said in spots:
        at = float(x) * NARROW / 100 if unit else float(x)
        wide = len(said) * LETTER
        left = {"start": at, "middle": at - wide / 2, "end": at - wide}[anchor]
        assert left >= -MARGIN
        assert left + wide <= NARROW + 4
        if name == "foot":
            ends.append((left, left + wide))
    assert all(after[0] > before[1] for before, after in pairwise(ends))


def test_a_change_has_a_letter_that_is_explained_beside_the_chart() -> None:
    """Where prompt or dataset changed, with the day."""
    page = text(tree(dict(pages(a_site()))["suite-dispute_triage.html"]))
    assert "a 2026-11-03: prompt dispute_triage@v1 to dispute_triage@v2" in page
    assert "b 2026-11-06: dataset dispute_triage@v1 to dispute_triage@v2; scorers changed" in page


def test_a_baseline_is_marked_where_it_was_accepted() -> None:
    """Between the runs before and after it, with another shape."""
    runs = lines({"trend": asked(TREND, history("triage", "rules", [9, 8, 7], 90))}, "trend")
    base = run(
        "triage", "rules", 8, 90, accepted_at=START + timedelta(days=1, hours=12), reason="fine"
    )
    accepted = lines({"accepted": asked(ACCEPTED, [base])}, "accepted")
    chart = trend("t", "Rates", runs, accepted, up_to(0.2))
    assert chart is not None
    assert chart.baselines
    shapes = re.findall(r'<svg class="at" x="([\d.]+)%" y="[\d.]+%"><(\w+)', str(chart.picture))
    assert [kind for _, kind in sorted(shapes, key=lambda each: float(each[0]))] == [
        "circle",
        "circle",
        "path",
        "circle",
    ]


def test_of_very_many_runs_the_newest_are_drawn() -> None:
    """And the chart says that there are older ones."""
    runs = lines({"trend": asked(TREND, history("triage", "rules", [5] * 100, 90))}, "trend")
    chart = trend("t", "Rates", runs, [], up_to(0.2))
    assert chart is not None
    assert chart.left_out
    assert str(chart.picture).count("<circle") == MOST


def test_a_trend_of_one_run_is_no_spark() -> None:
    """A line needs two points."""
    assert not spark(lines({"trend": asked(TREND, history("triage", "rules", [5], 90))}, "trend"))


def test_tints_go_from_none_to_the_highest() -> None:
    """No failure has a tint of its own; what is not known has none."""
    scale = in_steps(0.42, STEPS)
    assert [tint(rate, scale) for rate in (None, 0.0, 0.001, 0.2, 0.42, 0.5)] == [
        None, 0, 1, 3, 5, 5,
    ]  # fmt: skip
    assert swatches(scale)[-1] == ("40 %", "50 %", 5)

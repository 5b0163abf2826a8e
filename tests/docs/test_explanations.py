"""What the explanations state in figures and tables is what the code does."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from docs.pages import read
from paygrade import leaks
from paygrade.reports.figures import THIN, interval, percent
from paygrade.scorers.leak import FindingKind
from paygrade.stats import wilson

RATES = read("explanation/failure-rates.md")
LEAKS = read("explanation/leaks.md")


def test_the_table_of_leaks_names_every_kind_and_what_is_masked() -> None:
    """Each kind once; `yes` where it is masked, `no` where it is reported alone."""
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (yes|no)\b[^|]*\|$", LEAKS, re.MULTILINE))
    assert set(rows) == set(get_args(FindingKind))
    assert {kind for kind, masked in rows.items() if masked == "yes"} == leaks.DEFAULT.kinds


def test_a_card_number_is_masked_as_shown() -> None:
    """A scheme's published test number, kept as its first six and last four digits."""
    assert leaks.mask("4111 1111 1111 1111").text in LEAKS


@pytest.mark.parametrize("hidden", ["four one one one", "NDExMTExMTExMTExMTExMQ=="])
def test_what_is_said_not_to_be_seen_is_not_seen(hidden: str) -> None:
    """Spelled out and in base64: if the detector learns it, the page must say so."""
    assert leaks.find(hidden) == ()


def test_the_table_of_limits_is_computed() -> None:
    """Rates and intervals are those that the summary would show."""
    rows = re.findall(
        r"^\| (\d+) of (\d+), no shared cases \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
        RATES,
        re.MULTILINE,
    )
    assert len(rows) == 2
    for failed, trials, rate, shown, verdict in rows:
        low, high = wilson(int(failed), int(trials))
        assert (rate, shown) == (percent(int(failed) / int(trials)), interval(low, high))
        assert verdict.startswith("exceeded") == (low > 0.05)


def test_no_failure_among_twelve_is_told_with_its_interval() -> None:
    """The sentence on why zero of twelve is not zero."""
    _, high = wilson(0, 12)
    assert f'"0 to {high:.0%}"'.replace("%", " %") in RATES


def test_a_thin_slice_is_as_thin_as_the_page_says() -> None:
    """In the explanation and in the tutorial alike."""
    assert f"fewer than {THIN} samples" in RATES
    assert f"fewer than {THIN} samples" in read("tutorial.md")

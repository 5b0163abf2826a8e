"""Numbers of an explanation against the fields beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.scorers.prose_numbers import stray_numbers

if TYPE_CHECKING:
    from paygrade.records.json_value import Json

FIELDS: Json = {
    "contest_amount_minor": 420050,
    "difference_minor": -262,
    "days_left": 9,
    "deadlines": {"respond_by": "2026-12-04"},
    "dispute": {"code": "10.4", "id": "dp-48213", "processed_on": "2026-11-02"},
    "fx_rate": "1.0842",
}


@pytest.mark.parametrize(
    "prose",
    [
        "We contest EUR 4,200.50, all of it.",
        "We contest 4.200,50 EUR (420050 in cents).",
        "The fee of €2.62 was netted; the row is off by -2.62.",
        "Nine days: 9 are left, until 2026-12-04.",
        "Answer by 4 December 2026 under code 10.4.",
        "Rows e2 and dp-48213 show it, at a rate of 1.0842.",
        "1. It was delivered.\n2) It was signed for.",
        "",
    ],
)
def test_what_the_fields_hold_may_be_said(prose: str) -> None:
    """In minor or major units, with either decimal mark, of either sign, as a date in words."""
    assert stray_numbers(prose, FIELDS) == ()


@pytest.mark.parametrize(
    ("prose", "stray"),
    [
        ("We contest EUR 4,200.05.", "4,200.05"),
        ("We contest 42005.0 EUR.", "42005.0"),
        ("There are 19 days left.", "19"),
        ("Answer by 2026-12-05.", "2026-12-05"),
        ("The fee was $2.26, not more.", "2.26"),
        ("About 15% of it is owed.", "15"),
    ],
)
def test_a_number_from_nowhere_is_named(prose: str, stray: str) -> None:
    """Turned digits, a mark in the wrong place, another day, a share that nobody stated."""
    assert stray_numbers(prose, FIELDS) == (stray,)


def test_each_is_named_once_and_in_order() -> None:
    """A reader wants to look for them in the text."""
    assert stray_numbers("First 77, then 66, then 77 again.", FIELDS) == ("77", "66")


def test_only_amounts_have_major_units() -> None:
    """Nine days are not 0.09 of anything."""
    assert stray_numbers("0.09", FIELDS) == ("0.09",)


def test_a_currency_without_decimals_has_no_cents() -> None:
    """JPY 4,200 is 4200 in minor units, and 42.00 is wrong."""
    yen: Json = {"amount_minor": 4200}
    assert stray_numbers("JPY 4,200", yen, exponents=frozenset({0})) == ()
    assert stray_numbers("JPY 42.00", yen, exponents=frozenset({0})) == ("42.00",)


def test_rows_in_lists_are_known_too() -> None:
    """An amount deep in a list of breaks bears a number out."""
    breaks: Json = {"breaks": [{"components": [{"amount_minor": -50}]}], "done": True, "note": None}
    assert stray_numbers("0.50 stays unexplained", breaks) == ()


def test_true_is_not_one() -> None:
    """A flag bears no number out."""
    assert stray_numbers("1 row", {"injection_detected": True}) == ("1",)


@given(st.integers(0, 10**12), st.integers(0, 4), st.sampled_from(["{:,}", "{}"]))
def test_an_amount_is_known_however_it_is_grouped(minor: int, exponent: int, shape: str) -> None:
    """Whatever the currency's decimals, with or without groups of three."""
    unit = 10**exponent
    whole = shape.format(minor // unit)
    written = f"{whole}.{minor % unit:0{exponent}}" if exponent else whole
    assert stray_numbers(written, {"x_minor": minor}, exponents=frozenset({exponent})) == ()


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Hostile prose is read without a crash; it bears itself out."""
    assert stray_numbers(text, text) == ()

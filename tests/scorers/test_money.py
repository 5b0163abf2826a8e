"""`money:equals`: right to the last minor unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytx.money import format_minor

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF", "INR"])
AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.sampled_from("0123456789.-+e, "), max_size=6)
)  # fmt: skip


def test_the_exact_integer_passes(judge: Judge) -> None:
    """An amount is an integer in minor units, and no other will do."""
    assert judge("money:equals", {"field": "a"}, {"a": 4200}, {"a": 4200}).result == "pass"
    assert judge("money:equals", {"field": "a"}, {"a": -262}, {"a": -262}).result == "pass"
    assert judge("money:equals", {"field": "a", "value": 0}, {"a": 0}).result == "pass"


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        (4300, "a: got 4300, wanted 4200: 100 minor units too much"),
        (4199, "a: got 4199, wanted 4200: 1 minor units too little"),
        (-4200, "a: got -4200, wanted 4200: 8400 minor units too little"),
        (0, "a: got 0, wanted 4200: 4200 minor units too little"),
        (
            42,
            "a: got 42, wanted 4200: 4158 minor units too little; looks like a wrong exponent",
        ),
        (
            42000,
            "a: got 42000, wanted 4200: 37800 minor units too much; looks like a wrong exponent",
        ),
        (4200.0, "a: 4200.0 is a float: amounts are integers in minor units (wanted 4200)"),
        ("4200", "a: '4200' is text: amounts are integers in minor units (wanted 4200)"),
        (True, "a: true is a boolean: amounts are integers in minor units (wanted 4200)"),
        (None, "a: null is null: amounts are integers in minor units (wanted 4200)"),
    ],
)
def test_anything_else_fails_with_the_difference(judge: Judge, got: Json, reason: str) -> None:
    """The reason says by how much, or why this is no amount at all."""
    check = judge("money:equals", {"field": "a"}, {"a": got}, {"a": 4200})
    assert (check.result, check.reason) == ("fail", reason)


@pytest.mark.parametrize("ratio", [10, 100, 1000])
def test_a_slipped_exponent_is_recognised(judge: Judge, ratio: int) -> None:
    """Ten, hundred or thousand times too much or too little, below zero as well."""
    for got, wanted in [(7 * ratio, 7), (7, 7 * ratio), (-7 * ratio, -7)]:
        check = judge("money:equals", {"field": "a", "value": wanted}, {"a": got})
        assert check.reason.endswith("; looks like a wrong exponent")
    for got, wanted in [(7 * ratio + 1, 7), (-7 * ratio, 7), (0, 0 + ratio)]:
        check = judge("money:equals", {"field": "a", "value": wanted}, {"a": got})
        assert "exponent" not in check.reason


def test_the_currency_must_be_right(judge: Judge) -> None:
    """Where a currency is named, both are judged and a difference is written in it."""
    params: dict[str, Json] = {"field": "a", "currency_field": "currency"}
    expected: Json = {"a": 4200, "currency": "EUR"}
    assert judge("money:equals", params, {"a": 4200, "currency": "EUR"}, expected).result == "pass"
    check = judge("money:equals", params, {"a": 4200, "currency": "USD"}, expected)
    assert (check.result, check.reason) == ("fail", "currency: got 'USD', wanted 'EUR'")
    check = judge("money:equals", params, {"a": 4300}, expected)
    assert check.reason == (
        "a: got 4300 (43.00 EUR), wanted 4200 (42.00 EUR): 100 minor units too much; "
        "the answer has no 'currency'"
    )
    check = judge("money:equals", params, {"a": 4200, "currency": "EUR"}, {"a": 4200})
    assert (check.result, check.reason) == ("error", "expected has no 'currency'")
    check = judge("money:equals", params, {"a": 4200, "currency": 978}, {"a": 1, "currency": 978})
    assert check.reason == "expected 'currency' should be a currency code, got 978"


def test_the_currency_may_stand_elsewhere(judge: Judge) -> None:
    """`currency_expected` is its own path; alone, it only says what amounts are written in."""
    expected: Json = {"a": 5, "exposure": {"currency": "JPY"}}
    at: dict[str, Json] = {"currency_expected": "exposure.currency"}
    params: dict[str, Json] = {"field": "a", "currency_field": "cur", **at}
    assert judge("money:equals", params, {"a": 5, "cur": "JPY"}, expected).result == "pass"
    assert judge("money:equals", params, {"a": 5, "cur": "jpy"}, expected).result == "fail"
    check = judge("money:equals", {"field": "a", **at}, {"a": 6}, expected)
    assert check.reason == "a: got 6 (6 JPY), wanted 5 (5 JPY): 1 minor units too much"


def test_a_currency_nobody_lists_is_compared_all_the_same(judge: Judge) -> None:
    """Minor units need no exponent: points are counted, only not written in major units."""
    params: dict[str, Json] = {"field": "a", "currency_field": "c"}
    expected: Json = {"a": 5, "c": "PTS"}
    assert judge("money:equals", params, {"a": 5, "c": "PTS"}, expected).result == "pass"
    check = judge("money:equals", params, {"a": 6, "c": "PTS"}, expected)
    assert check.reason == "a: got 6, wanted 5: 1 minor units too much"


def test_an_optional_amount_may_be_absent(judge: Judge) -> None:
    """Where the label has no amount, the answer must have none, and no currency is asked for."""
    params: dict[str, Json] = {"field": "fee", "optional": True, "currency_field": "c"}
    assert judge("money:equals", params, {}, {}).result == "pass"
    assert judge("money:equals", params, {"fee": 0}, {}).result == "fail"


MAJOR: dict[str, Json] = {"field": "a", "unit": "major", "currency_field": "c"}


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        (
            "42.001",
            (
                "a: '42.001' is no amount in EUR: the amount '42.001' has more digits after the "
                "dot than the 2 of EUR (wanted 4200 (42.00 EUR))"
            ),
        ),
        (
            "43.00",
            "a: got 4300 (43.00 EUR), wanted 4200 (42.00 EUR): 100 minor units too much",
        ),
        (
            42.0,
            (
                "a: 42.0 is a float: amounts are text in major units, such as '42.00' "
                "(wanted 4200 (42.00 EUR))"
            ),
        ),
        (
            4200,
            (
                "a: 4200 is an integer: amounts are text in major units, such as '42.00' "
                "(wanted 4200 (42.00 EUR))"
            ),
        ),
    ],
)
def test_major_units_are_exact_text(judge: Judge, got: Json, reason: str) -> None:
    """With `unit: major` an amount is text that converts exactly; numbers are refused."""
    check = judge("money:equals", MAJOR, {"a": got, "c": "EUR"}, {"a": 4200, "c": "EUR"})
    assert (check.result, check.reason) == ("fail", reason)


def test_a_label_in_major_units_is_read_likewise(judge: Judge) -> None:
    """The wanted amount may be text in major units; text that does not convert is an error."""
    for wanted in (4200, "42", "42.0", "42.00"):
        expected: Json = {"a": wanted, "c": "EUR"}
        assert judge("money:equals", MAJOR, {"a": "42.00", "c": "EUR"}, expected).result == "pass"
    check = judge("money:equals", MAJOR, {"a": "42"}, {"a": "42,00", "c": "EUR"})
    assert check.result == "error"
    assert check.reason.startswith("the wanted amount '42,00' is none: ")
    check = judge("money:equals", MAJOR, {"a": "42"}, {"a": "42.00", "c": "PTS"})
    assert check.reason.startswith("expected 'c' should be a currency code: 'PTS' is not an active")


def test_the_whole_answer_may_be_an_amount(judge: Judge) -> None:
    """Without a field the answer is the amount: JSON in minor units, its text in major ones."""
    assert judge("money:equals", {}, "4200", 4200).result == "pass"
    assert judge("money:equals", {}, "42.00", 4200).result == "fail"
    major: dict[str, Json] = {"unit": "major", "expected": "a", "currency_expected": "c"}
    for answer in ("42.00\n", '"42.00"'):
        assert judge("money:equals", major, answer, {"a": 4200, "c": "EUR"}).result == "pass"


@pytest.mark.parametrize("label", [42.0, "4200", True, None, [4200]])
def test_a_label_that_is_no_amount_is_an_error(judge: Judge, label: Json) -> None:
    """A wanted float, text, boolean or null is a mistake in the dataset."""
    check = judge("money:equals", {"field": "a"}, {"a": 4200}, {"a": label})
    assert check.result == "error"
    assert check.reason.startswith("expected 'a' should be an integer of minor units, got ")


@given(got=ANYTHING, wanted=AMOUNTS)
def test_it_passes_exactly_if_the_integers_are_equal(judge: Judge, got: Json, wanted: int) -> None:
    """Nothing but the same integer passes; a wrong answer is never an error."""
    check = judge("money:equals", {"field": "a", "value": wanted}, {"a": got})
    assert check.result == ("pass" if type(got) is int and got == wanted else "fail")
    assert judge("money:equals", {"field": "a", "value": wanted}, {"a": wanted}).result == "pass"


@given(got=AMOUNTS, wanted=AMOUNTS, currency=CURRENCIES)
def test_both_units_agree(judge: Judge, got: int, wanted: int, currency: str) -> None:
    """An amount written in major units passes exactly if it does in minor ones."""
    text = format_minor(got, currency).split(" ")[0]
    expected: Json = {"a": wanted, "c": currency}
    check = judge("money:equals", MAJOR, {"a": text, "c": currency}, expected)
    assert (check.result == "pass") == (got == wanted)
    exact: Json = {"a": got, "c": currency}
    check = judge("money:equals", MAJOR, {"a": text, "c": currency}, exact)
    assert check.result == "pass"

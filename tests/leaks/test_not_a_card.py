"""What looks like a card number and is none."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.leaks import find, mask

if TYPE_CHECKING:
    from uuid import UUID


@pytest.mark.parametrize(
    "text",
    [
        "Reference 4111111111111112 is our order number.",  # check digit
        "Order 9200111899223344 shipped",  # no issuer
        "Tracking 1000000000000008",  # good check digit, no issuer
        "Order 7000000000000005 and 8300000000000003",
        "id 1234411111111111111198765",  # inside a longer run
        "ARN 74123456789012345678901",
        "41111111111111112",
        "IMEI 356938035643809",
        "at 1700000000000000000 ns, 1700000000000000 us, 1700000000000 ms",
        "total 4,111,111,111,111,111.00 IDR",
        "total 4\uff0c111\uff0c111\uff0c111\uff0c111\uff0c111 IDR",  # fullwidth comma
        "1,249.90 4,111.11 1,111.11",
        "tok_1PgafuB7WZ01zgkWXYmPNZs8",
        "3e41111111111111111a",
        "The card ending 0505 and the card ending 1111.",
        "0.4111111111111111",
        "12.340000000000002",
        "1.4000000000000001",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    """Ids, amounts, times and floats are no cards."""
    assert find(text) == ()
    assert mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "411111******1111",
        "411111XXXXXX1111",
        "4111 11** **** 1111",
        "411111******1111 1111 1111 1111",
        "4111111111 411111******1111",
        "411111*********",
    ],
)
def test_a_masked_number_is_allowed(text: str) -> None:
    """BIN and last four may be shown, and do not become a number with what stands beside them."""
    assert find(text) == ()


def test_amounts_in_a_table_are_no_card() -> None:
    """The gap between two amounts is never inside a number, though digits alone would do."""
    assert find("41.11 1111.11 1111.11 11.11") == ()
    assert find("411.111\n111.111\n1111.111") == ()  # three decimals, as in Kuwait
    assert find("0.41 -1111.11 -1111.11 1111.11") == ()
    assert [found.kind for found in find("4111.11 1111.1111 11")] == ["pan"]  # no column
    assert [found.kind for found in find("4111111111111111.00 5555555555554444.00")] == ["pan"] * 2


@pytest.mark.parametrize("style", ["%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%Y.%m.%d", "%d/%m/%Y"])
@pytest.mark.parametrize("between", [" ", "\n", ", ", "\t"])
def test_a_list_of_dates_is_no_card(style: str, between: str) -> None:
    """Nine years of days, and not one of them begins a number."""
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(3300)]
    assert find(between.join(day.strftime(style) for day in days)) == ()


def test_a_date_breaks_a_run() -> None:
    """What stands before and behind a date is not put together."""
    assert find("4111 1111 2026-11-23 1111 1111") == ()
    assert find("4111 1111 23.11.2026 1111 1111") == ()


@given(st.uuids())
def test_a_uuid_is_no_card(value: UUID) -> None:
    """Its letters break it anyway; its digits are not put together across its dashes either."""
    if any(char in "abcdef" for char in str(value)):
        assert find(f"id {value}") == ()


def test_a_uuid_of_digits_and_one_letter_is_no_card() -> None:
    """Sixteen of its digits would do."""
    assert find("id 41111111-1111-1111-9999-a99999999999") == ()


def test_a_number_of_digits_in_the_shape_of_a_uuid_is_not_trusted() -> None:
    """Without a letter it may as well be groups of card numbers."""
    assert [found.kind for found in find("41111111-1111-1111-9999-999999999999")] == ["pan"]


@given(st.lists(st.floats(3, 7), min_size=1))
def test_measures_in_json_are_no_cards(values: list[float]) -> None:
    """A JSON number with a fraction is a measure, in an array, an object and an object in prose."""
    array, entry = json.dumps(values), json.dumps({"score": values[0]})
    for text in (array, entry, f"Here it is: {entry}", json.dumps({"arguments": entry})):
        assert mask(text).text == text


def test_a_telephone_number_is_no_card() -> None:
    """Thirteen digits after a plus sign are a German mobile telephone, good check digit or not."""
    assert [found.kind for found in find("+4222222222222")] == ["phone"]
    assert [found.kind for found in find("4222222222222")] == ["pan"]


def test_groups_of_four_that_satisfy_every_rule_are_masked() -> None:
    """Nobody can tell them from a number: the gate fails closed."""
    assert mask("quarters: 4111 1111 1111 1111").text == "quarters: 411111******1111"

"""`number`: by value, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("got", "wanted", "tolerance"),
    [
        (1, 1.0, 0), (-0.0, 0, 0), (0.3, 0.3, 0), (9, 10, 1), (11, 10, 1),
        (0.3, 0.2, 0.1), (2**53 + 1, 2**53, 1), (10**400, 10**400 + 3, 3), (1e300, 1e300, 0),
    ],
)  # fmt: skip
def test_near_enough_is_exact_arithmetic(
    judge: Judge, got: float, wanted: float, tolerance: float
) -> None:
    """A tolerance counts in decimals as they are written, and its bounds belong to it."""
    params: dict[str, Json] = {"field": "n", "value": wanted, "tolerance": tolerance}
    assert judge("number", params, {"n": got}).result == "pass"


@pytest.mark.parametrize(
    ("got", "wanted", "tolerance"),
    [(2**53 + 1, float(2**53), 0), (0.30000000000000004, 0.3, 0), (8, 10, 1), (10**400, 1, 1e9)],
)
def test_a_little_off_is_off(judge: Judge, got: float, wanted: float, tolerance: float) -> None:
    """No rounding of either side hides a difference."""
    params: dict[str, Json] = {"field": "n", "value": wanted, "tolerance": tolerance}
    assert judge("number", params, {"n": got}).result == "fail"


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        ("42", "n: '42' is text, not a number, wanted 42"),
        (True, "n: true is a boolean, not a number, wanted 42"),
        (None, "n: null is null, not a number, wanted 42"),
        ([42], "n: [42] is a list, not a number, wanted 42"),
        (43, "n: got 43, wanted 42"),
    ],
)
def test_a_failure_says_why(judge: Judge, got: Json, reason: str) -> None:
    """What is not a JSON number is named for what it is."""
    check = judge("number", {"field": "n"}, {"n": got}, {"n": 42})
    assert (check.result, check.reason) == ("fail", reason)


def test_a_tolerance_is_named(judge: Judge) -> None:
    """The reason says how near would have been near enough."""
    check = judge("number", {"field": "n", "value": 1, "tolerance": 0.5}, {"n": 2})
    assert check.reason == "n: got 2, wanted 1 within 0.5"


def test_a_label_that_is_no_number_is_an_error(judge: Judge) -> None:
    """A wanted boolean or text is a mistake in the dataset."""
    for label in (True, "42", None):
        check = judge("number", {"field": "n"}, {"n": 42}, {"n": label})
        assert check.result == "error"
        assert check.reason.startswith("expected 'n' should be a finite number, got ")


def test_the_whole_answer_may_be_a_number(judge: Judge) -> None:
    """Without a field, the answer is read as JSON."""
    assert judge("number", {}, " 42\n", 42).result == "pass"
    assert judge("number", {}, "forty-two", 42).result == "fail"


@given(a=st.integers() | FLOATS, b=st.integers() | FLOATS)
def test_it_passes_exactly_if_the_values_are_equal(judge: Judge, a: float, b: float) -> None:
    """Without a tolerance, the check agrees with equality of numbers."""
    result = judge("number", {"field": "n", "value": b}, {"n": a}).result
    assert (result == "pass") == (a == b)
    assert judge("number", {"field": "n", "value": a}, {"n": a}).result == "pass"

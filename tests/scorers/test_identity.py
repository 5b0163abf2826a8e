"""`money:identity` and `money:components`: amounts that add up, to the minor unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.scorers import CATALOGUE

if TYPE_CHECKING:
    from scorers.conftest import Judge

PARTS: dict[str, Any] = {"sum": ["contest", "accept"], "equals_input": "dispute.amount"}
GIVEN = {"dispute": {"amount": 6000}}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"contest": 4200, "accept": 1800}, ""),
        ({"contest": 4200, "accept": 1801}, "contest accept comes to 6001, wanted 6000"),
        ({"contest": 4200}, "there is no 'accept'"),
        ({"contest": 4200, "accept": "1800"}, "accept: '1800' is text, wanted an integer"),
        ({"contest": 4200, "accept": 1800.0}, "accept: 1800.0 is a float, wanted an integer"),
        ({"contest": 5999, "accept": True}, "accept: true is a boolean, wanted an integer"),
        ({"contest": 6000, "accept": None}, "accept: null is null, wanted an integer"),
        ({"contest": 0, "accept": 0}, "contest accept comes to 0, wanted 6000"),
        ({"contest": [4200], "accept": 1800}, "contest: [4200] is a list, wanted an integer"),
        ({"contest": [], "accept": 6000}, "contest: [] is a list, wanted an integer"),
        ("prose", "the answer is not JSON"),
    ],
)
def test_the_parts_come_to_the_amount_of_the_input(
    judge: Judge,
    answer: Any,  # noqa: ANN401 - whatever a model writes
    reason: str,
) -> None:
    """Integers alone, and exactly."""
    check = judge("money:identity", PARTS, answer, given=GIVEN)
    assert check.result == ("fail" if reason else "pass")
    assert reason in check.reason


def test_all_terms_may_be_zero_where_that_is_said(judge: Judge) -> None:
    """Neither contested nor accepted; one half alone is still wrong."""
    params = {**PARTS, "or_zero": True}
    zero, half = {"contest": 0, "accept": 0}, {"contest": 3000, "accept": 0}
    assert judge("money:identity", params, zero, given=GIVEN).result == "pass"
    assert judge("money:identity", params, half, given=GIVEN).result == "fail"


def test_an_input_without_the_amount_is_an_error(judge: Judge) -> None:
    """The sample is broken, not the answer."""
    check = judge("money:identity", PARTS, {"contest": 1, "accept": 1}, given={"dispute": {}})
    assert check.reason == "the input has no integer at 'dispute.amount'"
    assert check.result == "error"


TOTALS = {"each": "totals", "sum": ["net", "-ledger"], "equals": "difference"}


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        ({"USD": {"net": 5, "ledger": 8, "difference": -3}}, ""),
        ({}, ""),
        ([{"net": 5, "ledger": 8, "difference": -3}], ""),
        (
            {
                "USD": {"net": 5, "ledger": 8, "difference": -3},
                "JPY": {"net": 5, "ledger": 8, "difference": 3},
            },
            "totals.JPY: net -ledger comes to -3, wanted 3",
        ),
        ({"USD": {"net": 5, "ledger": 8}}, "totals.USD: there is no 'difference'"),
        ({"USD": 5}, "totals.USD: there is no 'net'"),
        ("5", "totals: '5' is text, wanted a list or object"),
    ],
)
def test_an_identity_holds_for_each_part(
    judge: Judge,
    totals: Any,  # noqa: ANN401 - whatever a model writes
    reason: str,
) -> None:
    """Each currency by itself: two wrong ones do not make a right sum."""
    check = judge("money:identity", TOTALS, {"totals": totals})
    assert check.result == ("fail" if reason else "pass")
    assert reason in check.reason


def test_a_list_on_the_way_is_summed(judge: Judge) -> None:
    """All fees of all lines against one stated sum; no line at all is zero."""
    params = {"sum": ["lines.fees.amount"], "equals": "fee_total"}
    lines: list[Any] = [
        {"fees": [{"amount": 3}, {"amount": 4}]},
        {"fees": []},
        {"fees": [{"amount": -1}]},
    ]
    assert judge("money:identity", params, {"lines": lines, "fee_total": 6}).result == "pass"
    assert judge("money:identity", params, {"lines": [], "fee_total": 0}).result == "pass"
    assert judge("money:identity", params, {"lines": lines, "fee_total": 7}).result == "fail"
    assert judge("money:identity", params, {"fee_total": 0}).result == "fail"


@pytest.mark.parametrize(
    "params",
    [
        {"sum": ["a"]},
        {"sum": ["a"], "equals": "b", "value": 1},
        {"sum": []},
        {"sum": ["a..b"], "value": 1},
    ],
)
def test_an_identity_without_two_sides_is_refused(params: dict[str, Any]) -> None:
    """Nothing to compare with, two things, no term, no path."""
    assert CATALOGUE.problems("money:identity", params)


AMOUNTS = st.integers(-(10**24), 10**24)


@given(st.lists(AMOUNTS, min_size=1, max_size=5), AMOUNTS)
def test_an_identity_holds_just_when_the_sum_does(
    judge: Judge, amounts: list[int], off: int
) -> None:
    """Whatever the size of the amounts: no float comes near them."""
    answer: Any = {"parts": [{"a": each} for each in amounts], "total": sum(amounts) + off}
    check = judge("money:identity", {"sum": ["parts.a"], "equals": "total"}, answer)
    assert (check.result == "pass") is (off == 0)


WANTED: Any = {
    "fee": {"parts": [{"kind": "psp", "amount_minor": 212}, {"kind": "tax", "amount_minor": 50}]}
}
COMPONENTS = {"field": "fee.parts", "adds_to": "fee.total"}


@pytest.mark.parametrize(
    ("parts", "total", "reason", "share"),
    [
        ([("tax", 50), ("psp", 212)], 262, "", 1.0),
        ([("psp", 212)], 212, "missing tax 50", 0.5),
        (
            [("psp", 213), ("tax", 49)],
            262,
            "missing psp 212, tax 50; not wanted psp 213, tax 49",
            0.0,
        ),
        ([("psp", 212), ("tax", 50), ("tax", 50)], 312, "not wanted tax 50", 1.0),
        ([("psp", 212), ("tax", 50)], 261, "they come to 262, fee.total says 261", 1.0),
        ([("psp", 212), ("tax", 50)], "262", "they come to 262, fee.total says '262'", 1.0),
    ],
)
def test_components_are_the_wanted_ones_and_add_up(
    judge: Judge, parts: list[tuple[str, int]], total: object, reason: str, share: float
) -> None:
    """In any order, none missing, none twice; a figure stands beside the result."""
    listed: Any = [{"kind": name, "amount_minor": amount} for name, amount in parts]
    answer: Any = {"fee": {"parts": listed, "total": total}}
    check = judge("money:components", COMPONENTS, answer, WANTED)
    assert check.result == ("fail" if reason else "pass")
    assert reason in check.reason
    assert check.partial == {"components_right": share}


@pytest.mark.parametrize("part", [1, {"kind": "psp"}, {"kind": "psp", "amount_minor": 1.5}, []])
def test_what_is_no_component_fails(judge: Judge, part: Any) -> None:  # noqa: ANN401
    """A float, a missing amount, a bare number."""
    check = judge("money:components", COMPONENTS, {"fee": {"parts": [part]}}, WANTED)
    assert check.result == "fail"
    assert "{kind, amount_minor} with an integer amount" in check.reason

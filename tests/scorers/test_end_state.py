"""`effect:end-state`: assertions about the world's last snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorers.agents import did

if TYPE_CHECKING:
    from scorers.conftest import Judge

SNAPSHOT: Any = {
    "payments": {
        "pay_1": {"refunded_minor": 4200, "captured": True, "note": None},
        "pay_2": {"refunded_minor": 0, "captured": True},
    },
    "refunds": [
        {"id": "re_1", "status": "succeeded", "money": {"currency": "USD"}},
        {"id": "re_2", "status": "failed", "money": {"currency": "USD"}},
        {"id": "re_3", "status": "succeeded", "money": {"currency": "JPY"}},
        "not an object",
    ],
    "payouts": [],
}
WORLD = did(snapshot=SNAPSHOT)


@pytest.mark.parametrize(
    ("assertion", "reason"),
    [
        ({"at": "payments.pay_1.refunded_minor", "equals": 4200}, ""),
        ({"at": "refunds.0.status", "equals": "succeeded"}, ""),
        ({"at": "payments.pay_2", "equals": {"captured": True, "refunded_minor": 0}}, ""),
        ({"at": "payments.pay_1.note", "equals": None}, ""),
        (
            {"at": "payments.pay_1.refunded_minor", "equals": 0},
            "payments.pay_1.refunded_minor: got 4200, wanted 0",
        ),
        (
            {"at": "payments.pay_1.refunded_minor", "equals": 4200.0},
            "payments.pay_1.refunded_minor: got 4200, wanted 4200.0",
        ),
        (
            {"at": "payments.pay_1.captured", "equals": 1},
            "payments.pay_1.captured: got true, wanted 1",
        ),
        ({"at": "payments.pay_3", "equals": None}, "payments.pay_3: got nothing, wanted null"),
        ({"at": "payments.pay_3", "absent": True}, ""),
        (
            {"at": "payments.pay_1.note", "absent": True},
            "payments.pay_1.note: got null, wanted nothing there",
        ),
        ({"at": "refunds", "count": 4}, ""),
        ({"at": "payments", "count": 2}, ""),
        ({"at": "payouts", "count": 0}, ""),
        ({"at": "refunds", "count": 2, "where": {"status": "succeeded"}}, ""),
        (
            {
                "at": "refunds",
                "count": 1,
                "where": {"status": "succeeded", "money.currency": "USD"},
            },
            "",
        ),
        ({"at": "payments", "count": 1, "where": {"refunded_minor": 0}}, ""),
        (
            {"at": "refunds", "count": 1, "where": {"status": "succeeded"}},
            "refunds: counted 2 with {'status': 'succeeded'}, wanted 1",
        ),
        (
            {"at": "payments", "count": 1, "where": {"captured": 1}},
            "payments: counted 0 with {'captured': 1}, wanted 1",
        ),
        ({"at": "payouts", "count": 1}, "payouts: counted 0, wanted 1"),
        ({"at": "disputes", "count": 0}, "disputes: got nothing, wanted 0 to count there"),
        (
            {"at": "refunds.0.status", "count": 0},
            "refunds.0.status: 'succeeded' is text, wanted a list or object to count in",
        ),
        (
            {
                "any_of": [
                    [{"at": "payouts", "count": 1}],
                    [{"at": "refunds", "count": 4}, {"at": "payments", "count": 2}],
                ]
            },
            "",
        ),
        (
            {
                "any_of": [
                    [{"at": "payouts", "count": 1}, {"at": "refunds", "count": 4}],
                    [{"at": "payments", "count": 3}],
                ]
            },
            (
                "none of 2 ways holds: [payouts: counted 0, wanted 1] or "
                "[payments: counted 2, wanted 3]"
            ),
        ),
    ],
)
def test_an_assertion_holds_of_the_last_snapshot(
    judge: Judge,
    assertion: Any,  # noqa: ANN401 - whatever a label says
    reason: str,
) -> None:
    """By type and value; the reason says what stands there instead."""
    check = judge("effect:end-state", {}, "", {"end_state": [assertion]}, trajectory=WORLD)
    assert check.result == ("fail" if reason else "pass")
    assert check.reason == reason
    assert check.partial == {"held": 0 if reason else 1, "of": 1}


def test_all_assertions_must_hold(judge: Judge) -> None:
    """Each one that does not is named."""
    label: Any = {
        "end_state": [
            {"at": "payouts", "count": 1},
            {"at": "refunds", "count": 4},
            {"at": "payments.pay_1.captured", "equals": False},
        ]
    }
    check = judge("effect:end-state", {}, "", label, trajectory=WORLD)
    assert (check.result, check.partial) == ("fail", {"held": 1, "of": 3})
    assert check.reason == (
        "payouts: counted 0, wanted 1; payments.pay_1.captured: got true, wanted false"
    )


def test_a_negated_end_state_says_that_it_was_reached(judge: Judge) -> None:
    """For an end that must not come about."""
    label: Any = {"end_state": [{"at": "payouts", "count": 0}]}
    check = judge("not-effect:end-state", {}, "", label, trajectory=WORLD)
    assert (check.result, check.reason) == (
        "fail",
        "the world ended as wanted (1 of 1 assertions hold)",
    )


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ({}, "expected has no 'end_state'"),
        ({"end_state": []}, "expected 'end_state' has no assertion: no world could fail it"),
        ({"end_state": {}}, "expected 'end_state' should be a list of assertions, got {}"),
        ({"end_state": ["x"]}, "expected 'end_state' should hold objects, got 'x'"),
        (
            {"end_state": [{"at": "a", "equal": 1}]},
            (
                "expected 'end_state' has assertion with an unknown key 'equal' "
                "(did you mean 'equals'?)"
            ),
        ),
        (
            {"end_state": [{"at": "a", "where": {}, "equals": 1}]},
            (
                "expected 'end_state' has 'where' without 'count': "
                "{'at': 'a', 'where': {}, 'equals': 1}"
            ),
        ),
        ({"end_state": [{"at": 1, "equals": 1}]}, "should have paths in 'at', got 1"),
        ({"end_state": [{"at": "a..b", "equals": 1}]}, "has a path that should be keys joined"),
        ({"end_state": [{"at": "a", "absent": False}]}, "should have only true for 'absent'"),
        ({"end_state": [{"at": "a", "count": 1.0}]}, "integers from 0 as 'count', got 1.0"),
        ({"end_state": [{"at": "a", "count": True}]}, "integers from 0 as 'count', got true"),
        ({"end_state": [{"at": "a", "count": 1, "where": "b"}]}, "objects as 'where', got 'b'"),
        ({"end_state": [{"at": "a", "count": 1, "where": {"*": 1}}]}, "cannot have a wildcard"),
        ({"end_state": [{"any_of": []}]}, "should have lists of assertions in 'any_of', got []"),
        ({"end_state": [{"any_of": [[]]}]}, "has no assertion"),
        ({"end_state": [{"any_of": [{"at": "a", "equals": 1}]}]}, "should be a list of assertions"),
    ],
)
def test_an_assertion_that_is_none_is_an_error(
    judge: Judge,
    label: Any,  # noqa: ANN401 - whatever a label says
    reason: str,
) -> None:
    """A misspelt assertion asserts nothing, and nothing must not pass."""
    check = judge("effect:end-state", {}, "", label, trajectory=WORLD)
    assert check.result == "error"
    assert reason in check.reason


@pytest.mark.parametrize(
    "assertion",
    [
        {},
        {"at": "a"},
        {"equals": 1},
        {"at": "a", "equals": 1, "absent": True},
        {"at": "a", "any_of": [[{"at": "a", "equals": 1}]]},
    ],
)
def test_an_assertion_says_one_thing(judge: Judge, assertion: Any) -> None:  # noqa: ANN401
    """Nothing, and two things at once, are errors."""
    check = judge("effect:end-state", {}, "", {"end_state": [assertion]}, trajectory=WORLD)
    assert check.result == "error"
    assert "'at' with one of 'equals', 'absent' and 'count', or 'any_of' alone" in check.reason


ASSERTIONS = st.sampled_from(
    [
        {"at": "payouts", "count": 0},
        {"at": "payouts", "count": 1},
        {"at": "payments.pay_1.captured", "equals": True},
        {"at": "payments.pay_1.captured", "absent": True},
    ]
)


@given(st.lists(ASSERTIONS, min_size=1), st.lists(ASSERTIONS, min_size=1))
def test_any_of_is_or_and_a_list_is_and(judge: Judge, one: list[Any], other: list[Any]) -> None:
    """Two lists hold together as one list, and either of them under `any_of`."""

    def holds(assertions: list[Any]) -> bool:
        label = {"end_state": assertions}
        return judge("effect:end-state", {}, "", label, trajectory=WORLD).result == "pass"

    assert holds([*one, *other]) == (holds(one) and holds(other))
    assert holds([{"any_of": [one, other]}]) == (holds(one) or holds(other))

"""`call_budget`: every call counts, and so does the sample's own budget."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.records.agent import Step
from paygrade.scorers import CATALOGUE
from scorers.agents import call, did

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge

CALLS = (
    call("get_payment"),
    call("create_refund", status="error"),
    call("create_refund", status="malformed_arguments"),
    call("refund", status="unknown_tool"),
)
FOUR = "made 4 calls, wanted at most 3 (create_refund 2; get_payment 1; refund 1)"


@pytest.mark.parametrize(
    ("params", "expected", "reason", "extra"),
    [
        ({"max_calls": 4}, None, "", 0),
        ({"max_calls": 3}, None, FOUR, 1),
        ({}, {"max_calls": 4}, "", 0),
        ({}, {"max_calls": 3}, FOUR, 1),
        ({"max_calls": 3}, {"max_calls": 9}, FOUR, 1),
    ],
)
def test_calls_are_bounded(
    judge: Judge, params: dict[str, Json], expected: Json, reason: str, extra: int
) -> None:
    """By the entry, or else by the label; also calls that no tool could take count."""
    check = judge("call_budget", params, "done", expected, trajectory=did(*CALLS))
    assert check.result == ("fail" if reason else "pass")
    assert (check.reason, check.partial) == (reason, {"calls": 4, "extra": extra})


def test_calls_of_one_step_count_each(judge: Judge) -> None:
    """An agent may ask for several tools at once."""
    steps = (Step(role="agent", calls=CALLS), Step(role="customer", text="Thanks"))
    together = replace(did(), steps=steps)
    check = judge("call_budget", {"max_calls": 0}, "done", trajectory=together)
    assert check.partial == {"calls": 4, "extra": 4}


def test_a_negated_budget_says_how_many_there_were(judge: Judge) -> None:
    """The other way round."""
    check = judge("not-call_budget", {"max_calls": 9}, "done", trajectory=did(*CALLS))
    assert (check.result, check.reason) == ("fail", "made 4 calls, which is at most 9")


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ({}, "expected has no 'max_calls'"),
        ({"max_calls": 2.0}, "expected 'max_calls' should be an integer from 0, got 2.0"),
        ({"max_calls": True}, "expected 'max_calls' should be an integer from 0, got true"),
        ({"max_calls": -1}, "expected 'max_calls' should be an integer from 0, got -1"),
    ],
)
def test_a_budget_that_is_none_is_an_error(
    judge: Judge,
    expected: Any,  # noqa: ANN401 - whatever a label says
    reason: str,
) -> None:
    """No budget is not a large one."""
    check = judge("call_budget", {}, "done", expected, trajectory=did())
    assert (check.result, check.reason) == ("error", reason)


def test_a_negative_budget_is_a_mistake() -> None:
    """Told before anything runs."""
    [problem] = CATALOGUE.problems("call_budget", {"max_calls": -1})
    assert problem.problem == "'max_calls' should be greater than or equal to 0, got -1"

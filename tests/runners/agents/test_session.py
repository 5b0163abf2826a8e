"""The agent's side: what it is told, what is kept of it, and where it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError, ToolError
from paygrade.records.agent import Step
from paygrade.records.answer import AskedCall
from paygrade.runners.agents.hosting import Host
from paygrade.runners.agents.session import Halt, Limits, Session
from runners.agents.acting import act, trajectory_of
from runners.agents.till import Till

if TYPE_CHECKING:
    from paygrade.records.agent import ToolCall

REFUND = {"payment": "pay_1", "amount_minor": 4200, "currency": "USD", "key": "k"}


def session(**limits: int) -> Session:
    """A session with a new till."""
    return Session(Host(Till({}), ()), Limits(**limits))


def first(*calls: Any) -> ToolCall:  # noqa: ANN401
    """What the first of some calls came to."""
    return session().call_all(*calls)[0]


def test_a_sentence_about_arguments_is_not_cut_in_a_card_number() -> None:
    """Half a number would pass every mask that follows."""
    far = "x" * (200 - len('amount_minor: "') - 15)
    call = first(("refund", {**REFUND, "amount_minor": f"{far}4111111111111111"}))
    assert call.status == "malformed_arguments"
    assert "41111111111" not in str(call.result)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"payment": "pay_1"', "the arguments are not JSON: "),
        ("", "the arguments are not JSON: "),
        ("[" * 100_000, "the arguments are not JSON: "),
        ('{"amount_minor": NaN}', "the arguments are not JSON: NaN is no number"),
        ('{"amount_minor": 1e999}', "the arguments are not JSON: a number is too large"),
        ("[]", "the arguments are not a JSON object"),
        ("{}", '"payment" is a required property'),
        ({**REFUND, "amount_minor": "42.00"}, 'amount_minor: "42.00" is not of type "integer"'),
        ({**REFUND, "amount_minor": 0}, "amount_minor: 0 is less than the minimum of 1"),
        ({**REFUND, "amount_minor": 42.5}, 'amount_minor: 42.5 is not of type "integer"'),
        ({**REFUND, "note": "x"}, "'note' was unexpected"),
        ({"payment": {1, 2}}, "the arguments are not JSON: "),
    ],
)
def test_malformed_arguments_reach_no_tool(arguments: Any, told: str) -> None:  # noqa: ANN401
    """The agent is told what is wrong, as by a tool that refuses."""
    call = first(("refund", arguments))
    assert call.status == "malformed_arguments"
    result: Any = call.result
    assert (result["code"], result["retryable"]) == ("invalid_request", False)
    assert told in result["message"]


def test_a_tool_that_is_not_there() -> None:
    """The agent is told which there are."""
    call = first(AskedCall(id="call_9", tool="transfer", arguments="{}"))
    assert (call.id, call.status, call.arguments) == ("call_9", "unknown_tool", {})
    assert call.result == {
        "code": "unknown_tool",
        "message": "no such tool; there are: refund, operation, broken, wait",
        "retryable": False,
    }


def test_what_was_sent_is_kept() -> None:
    """An object as such, text where it is none, and what no file takes in another form."""
    kept = session().call_all(
        ("refund", {"payment": 1}),
        AskedCall(id="a", tool="refund", arguments='{"payment": 1}'),
        AskedCall(id="b", tool="refund", arguments='{"pay\ud800'),
    )
    assert [each.arguments for each in kept] == [{"payment": 1}, {"payment": 1}, '{"pay?']


def test_a_whole_number_is_an_integer() -> None:
    """JSON has one kind of number: minor units come as an int, whatever a model wrote."""
    call = first(AskedCall(id="a", tool="wait", arguments='{"seconds": 60.0}'))
    assert call.arguments == {"seconds": 60}
    assert isinstance(call.arguments["seconds"], int)


def test_errors_are_raised_to_a_plain_call() -> None:
    """With the code, and whether it may have been done."""
    for tool, arguments, code in (
        ("refund", {**REFUND, "amount_minor": 9900}, "policy_denied"),
        ("refund", {}, "invalid_request"),
        ("transfer", {}, "unknown_tool"),
    ):
        with pytest.raises(ToolError) as caught:
            session().call(tool, **arguments)  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.unknown) == (code, False)


def test_several_calls_are_one_step() -> None:
    """With the text beside them, and ids of their own where the agent gave none."""
    one = session()
    one.call_all(("wait", {"seconds": 1}), ("transfer", {}), text="Let me see.")
    (step,) = one.steps
    assert (step.role, step.text) == ("agent", "Let me see.")
    assert [(each.id, each.status) for each in step.calls] == [("1", "ok"), ("2", "unknown_tool")]


def test_the_customer_answers_until_the_talk_has_ended() -> None:
    """What both say is in the steps, and the world hears the agent."""
    done = trajectory_of(act("polite"))
    assert [(each.role, each.text) for each in done.steps] == [
        ("agent", "May I?"), ("customer", "Thanks."), ("agent", ""),
        ("agent", "refunded, and they said Thanks."),
    ]  # fmt: skip
    assert [each.holds for each in done.claims] == [True]


def test_last_words_are_told_once() -> None:
    """Where they were the last thing that was said, they are not said again."""
    done = trajectory_of(act("repeating"))
    assert done.steps == (Step(role="agent", text="refunded"),)
    assert [each.holds for each in done.claims] == [False]


def test_steps_are_limited() -> None:
    """The call after the last step ends the attempt, and so does each one after it."""
    one = session(max_steps=2)
    one.say("Hello.")
    one.call("wait", seconds=1)
    for _ in range(2):
        with pytest.raises(Halt) as caught:
            one.say("Still there.")
        assert caught.value.finish == "step_limit"
    assert len(one.steps) == 2


@pytest.mark.parametrize(
    ("agent", "options", "finish", "steps"),
    [
        ("endless", {}, "step_limit", 40),
        ("endless", {"max_steps": 7}, "step_limit", 7),
        ("stumbling", {}, "tool_errors", 11),
        ("stumbling", {"max_tool_errors": 0}, "tool_errors", 1),
        ("silent", {}, "empty", 0),
        ("spoiling", {}, "stop", 1),
    ],
)
def test_how_an_attempt_ends(agent: str, options: dict[str, Any], finish: str, steps: int) -> None:
    """By a limit, which no `except` stops; by silence, which is no answer; or as it should."""
    answer = act(agent, **options)
    assert (answer.finish, len(trajectory_of(answer).steps)) == (finish, steps)


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("raising", "the agent raised ValueError: out of luck"),
        ("wordless", "the agent returned int, not text"),
    ],
)
def test_an_agent_that_breaks_gave_no_answer(agent: str, told: str) -> None:
    """It is an error of the infrastructure, never a wrong answer."""
    with pytest.raises(RunnerError, match=told) as caught:
        act(agent)
    assert caught.value.kind == "runner_crashed"


def test_an_agent_sees_neither_world_nor_faults() -> None:
    """Only what it may call, in both places."""
    assert act("peeking", world={"now": 9}).text == "None () True"


def test_a_schema_that_is_none_is_the_tools_defect() -> None:
    """Not the agent's."""

    class Odd(Till):
        def tools(self) -> Any:  # noqa: ANN401
            return [replace(super().tools()[2], parameters={"type": "money"})]

    with pytest.raises(Halt) as caught:
        Session(Host(Odd({}), ()), Limits()).call("broken")
    assert caught.value.error is not None
    assert "the parameters of the tool broken are no JSON schema" in str(caught.value.error)

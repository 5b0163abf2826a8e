"""Whole attempts: a model behind each API, its loop, a real session, a kiosk."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError
from runners.agents import looping
from runners.vendors.asking import ADAPTERS, adapter

if TYPE_CHECKING:
    from paygrade.records.agent import Trajectory
    from paygrade.records.answer import Answer, Request
    from peers.running import Aimock, Peer, Strict

pytestmark = pytest.mark.parametrize("name", ADAPTERS)

PAID = {"order": "o1", "amount_minor": 4200}


def attempt(
    name: str, peer: Peer, case: Request | None = None, limits: dict[str, int] | None = None
) -> Answer:
    """One attempt of the model that the peer plays."""
    runner = adapter(name, peer.url)

    async def once() -> Answer:
        agent = looping.agent(**(limits or {}))
        try:
            return await agent.act(case or looping.request(), runner.answer)
        finally:
            await agent.close()
            await runner.close()

    return asyncio.run(once())


def trajectory(answer: Answer) -> Trajectory:
    """What the agent did."""
    assert answer.trajectory is not None
    return answer.trajectory


def calls(*given: dict[str, Any], text: str = "") -> dict[str, Any]:
    """An answer of the third-party peer that asks for these calls."""
    said = {"content": text} if text else {}
    return {"response": {**said, "toolCalls": list(given)}}


def pay(number: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A call of the kiosk."""
    return {"id": f"call_{number}", "name": "pay", "arguments": PAID, **changes}


def results(aimock: Aimock, number: int) -> list[Any]:
    """What a call to the peer told of the calls of tools before it."""
    messages = aimock.journal()[number]["body"]["messages"]
    return [json.loads(each["content"]) for each in messages if each["role"] == "tool"]


def test_a_conversation_from_the_first_call_to_the_last_word(name: str, aimock: Aimock) -> None:
    """Calls at once and alone, the customer in between, and the kiosk as it should be."""
    look = {"id": "call_0", "name": "look", "arguments": {}}
    aimock.sequence(
        calls(look, pay(1), text="Let me see."),
        {"response": {"content": "Paid. And o2?"}},
        calls(pay(2, arguments={"order": "o2", "amount_minor": 1})),
        {"response": {"content": "All paid."}},
    )
    answer = attempt(name, aimock, looping.request(customer=["Yes, o2 too."]))
    assert (answer.text, answer.finish) == ("All paid.", "stop")
    done = trajectory(answer)
    assert [effect.intent for effect in done.effects] == ["o1", "o2"]
    assert [(step.role, step.text, len(step.calls)) for step in done.steps] == [
        ("agent", "Let me see.", 2),
        ("agent", "Paid. And o2?", 0),
        ("customer", "Yes, o2 too.", 0),
        ("agent", "", 1),
        ("agent", "All paid.", 0),
    ]
    assert done.turns == 4
    assert results(aimock, 3) == [{"balance_minor": 10_000}, {"id": "p_1"}, {"id": "p_2"}]


def test_what_no_tool_can_take_is_told(name: str, aimock: Aimock) -> None:
    """Arguments that do not fit and a tool that is not there, beside a call that is done."""
    wrong = pay(1, arguments={"order": "o1", "amount_minor": "all"})
    aimock.sequence(
        calls(wrong, pay(2, name="wire"), pay(3)), {"response": {"content": "Paid once."}}
    )
    answer = attempt(name, aimock)
    assert answer.text == "Paid once."
    statuses = [each.status for each in trajectory(answer).steps[0].calls]
    assert statuses == ["malformed_arguments", "unknown_tool", "ok"]
    assert [list(each) for each in results(aimock, 1)] == [["error"], ["error"], ["id"]]


@pytest.mark.parametrize(
    ("call", "limits", "finish"),
    [
        (pay(arguments={"order": "o1", "amount_minor": 1}), {"max_steps": 3}, "step_limit"),
        (pay(name="wire"), {"max_tool_errors": 2}, "tool_errors"),
    ],
)
def test_calling_without_end_ends(
    name: str, aimock: Aimock, call: dict[str, Any], limits: dict[str, int], finish: str
) -> None:
    """By the limit of its steps, or of calls that no tool takes."""
    aimock.script(calls(call))
    answer = attempt(name, aimock, limits=limits)
    assert (answer.finish, len(trajectory(answer).steps)) == (finish, 3)


def test_an_empty_answer_is_one(name: str, aimock: Aimock) -> None:
    """It said and called nothing, though it could have."""
    aimock.sequence(calls(pay()), {"response": {"content": " "}})
    answer = attempt(name, aimock)
    assert (answer.text, answer.finish) == ("", "empty")


def test_a_provider_that_is_gone_is_an_error(name: str, aimock: Aimock) -> None:
    """In the middle of an attempt, as at its beginning: no answer, not the model's fault."""
    error = {"message": "No", "type": "some_error"}
    aimock.sequence(calls(pay()), {"response": {"error": error, "status": 401}})
    with pytest.raises(RunnerError) as caught:
        attempt(name, aimock)
    assert caught.value.kind == "auth"


def test_all_turns_pass_a_server_that_checks_them(name: str, strict: Strict) -> None:
    """Thoughts, calls at once, errors, sayings; tokens are counted over all."""
    twice = {"name": "pay", "input": PAID}
    strict.conversation(
        {"text": "", "calls": [{"name": "look", "input": {}}], "input": 100, "output": 10},
        {"text": "Paying.", "calls": [twice, twice, {**twice, "name": "wire"}]},
        {"text": "Paid. More?"},
        {"text": "", "calls": [{**twice, "input": {"order": "o2", "amount_minor": 99999}}]},
        {"text": "The kiosk is too empty.", "input": 200, "output": 20},
    )
    answer = attempt(name, strict, looping.request(customer=["o2."]))
    assert answer.text == "The kiosk is too empty."
    assert strict.counts()["by_status"] == {"200": 5}
    assert answer.usage is not None
    assert answer.usage.input_tokens == strict.counts()["input_tokens"]
    assert answer.request_id == "req_5"
    assert "tools" in answer.sent


@pytest.mark.parametrize("finish", ["length", "refusal"])
def test_an_answer_cut_or_refused_ends_it(name: str, strict: Strict, finish: str) -> None:
    """Half of a call is not made."""
    half = {"text": "I w", "finish": finish, "calls": [{"name": "pay", "input": PAID}]}
    strict.conversation({"calls": [{"name": "look", "input": {}}]}, half)
    answer = attempt(name, strict)
    assert (answer.text, answer.finish) == ("I w", finish)
    assert not trajectory(answer).effects

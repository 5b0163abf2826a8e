"""Tools against a third party's idea of the providers, and what it says it got."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from runners.vendors.asking import ADAPTERS, LOOK_UP, REFUND, adapter, ask, refused, request, turn

if TYPE_CHECKING:
    from paygrade.records.answer import Answer, Turn
    from peers.running import Aimock

pytestmark = pytest.mark.parametrize("name", ADAPTERS)

FIND = {"id": "call_find", "name": "look_up", "arguments": {"payment": "pay_1"}}
PAY = {"id": "call_pay", "name": "refund", "arguments": {"payment": "pay_1", "amount_minor": 42}}


def asked(name: str, aimock: Aimock, *turns: Turn) -> Answer:
    """Ask with both tools and these turns."""
    return ask(adapter(name, aimock.url), request(tools=(LOOK_UP, REFUND), turns=turns))


def seen(aimock: Aimock, number: int) -> list[dict[str, Any]]:
    """The messages of a call as the peer read them: it makes chat messages of all three APIs."""
    body = aimock.journal()[number]["body"]
    messages: list[dict[str, Any]] = body["messages"]
    return messages


def test_one_call(name: str, aimock: Aimock) -> None:
    """With the provider's id and the arguments as text."""
    aimock.script({"response": {"toolCalls": [PAY]}})
    answer = asked(name, aimock)
    assert [(call.id, call.tool) for call in answer.calls] == [("call_pay", "refund")]
    assert json.loads(answer.calls[0].arguments) == PAY["arguments"]
    assert (answer.text, answer.finish) == ("", "stop")


def test_the_peer_reads_our_tools(name: str, aimock: Aimock) -> None:
    """Names, descriptions and schemas."""
    aimock.script({"response": {"content": "ok"}})
    asked(name, aimock)
    functions = [tool["function"] for tool in aimock.journal()[0]["body"]["tools"]]
    assert [each["name"] for each in functions] == ["look_up", "refund"]
    assert [each["description"] for each in functions] == ["Find a payment.", "Pay money back."]
    assert functions[1]["parameters"] == REFUND.parameters


def test_results_of_calls_at_once_come_back_each_under_its_call(name: str, aimock: Aimock) -> None:
    """The peer reads one result for each call, in order, and then answers."""
    aimock.sequence(
        {"response": {"content": "Let me see.", "toolCalls": [FIND, PAY]}},
        {"match": {"toolCallId": "call_pay"}, "response": {"content": "Paid."}},
    )
    first = asked(name, aimock)
    assert (first.text, len(first.calls)) == ("Let me see.", 2)
    last = asked(name, aimock, turn(first, '{"status": "paid"}', '{"error": {"code": "timeout"}}'))
    assert (last.text, last.calls) == ("Paid.", ())
    results = [each for each in seen(aimock, 1) if each["role"] == "tool"]
    assert [(each["tool_call_id"], each["content"]) for each in results] == [
        ("call_find", '{"status": "paid"}'),
        ("call_pay", '{"error": {"code": "timeout"}}'),
    ]
    called = [call for each in seen(aimock, 1) for call in each.get("tool_calls") or ()]
    assert [call["id"] for call in called] == ["call_find", "call_pay"]


def test_the_customer_goes_on(name: str, aimock: Aimock) -> None:
    """What the model said and what the customer answered, in order."""
    aimock.sequence(
        {"response": {"content": "Which card?"}},
        {"match": {"userMessage": "the blue one"}, "response": {"content": "Done."}},
    )
    first = asked(name, aimock)
    assert asked(name, aimock, turn(first, said="the blue one")).text == "Done."
    said = [(each["role"], each["content"]) for each in seen(aimock, 1)[1:]]
    assert said == [("user", "Refund?"), ("assistant", "Which card?"), ("user", "the blue one")]


def test_arguments_that_are_no_object(name: str, aimock: Aimock) -> None:
    """Text stays as it is; the Messages API promises an object, so that another is no answer."""
    aimock.script({"response": {"toolCalls": [{**PAY, "arguments": '["pay_1", 42]'}]}})
    if name == "messages":
        error = refused(adapter(name, aimock.url), request(tools=(REFUND,)))
        assert error.kind == "malformed_response"
    else:
        answer = asked(name, aimock)
        assert answer.calls[0].arguments == '["pay_1", 42]'
        assert asked(name, aimock, turn(answer, '{"error": {"code": "malformed"}}')).calls


def test_a_tool_that_is_not_there(name: str, aimock: Aimock) -> None:
    """It is the model's mistake, and the conversation goes on."""
    aimock.sequence(
        {"response": {"toolCalls": [{**PAY, "name": "wire_everything"}]}},
        {"response": {"content": "Sorry."}},
    )
    answer = asked(name, aimock)
    assert answer.calls[0].tool == "wire_everything"
    assert asked(name, aimock, turn(answer, '{"error": {"code": "no"}}')).text == "Sorry."


def test_an_empty_answer(name: str, aimock: Aimock) -> None:
    """No calls, no error; the peer does not say nothing, so a blank has to do."""
    aimock.script({"response": {"content": " "}})
    answer = asked(name, aimock)
    assert (answer.text, answer.calls, answer.finish) == (" ", (), "stop")


def test_thoughts_come_back(name: str, aimock: Aimock) -> None:
    """In the provider's own form, whatever stands in it."""
    reasoning = {"reasoning": "First look.", "reasoningSignature": "sig"}
    aimock.script({"response": {"toolCalls": [FIND], **reasoning}})
    answer = asked(name, aimock)
    assert asked(name, aimock, turn(answer, "{}")).calls
    if name == "messages":
        assert isinstance(answer.raw, list)
        assert answer.raw[0] == {"type": "thinking", "thinking": "First look.", "signature": "sig"}

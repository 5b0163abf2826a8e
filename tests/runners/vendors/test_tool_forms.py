"""What is each vendor's own about tools, against the strict server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from runners.vendors.asking import LOOK_UP, REFUND, adapter, ask, refused, request, turn

if TYPE_CHECKING:
    from peers.running import Strict

CALL = {"name": "refund", "input": {"payment": "pay_1", "amount_minor": 1}}


@pytest.mark.parametrize("name", ["responses", "chat"])
def test_openai_enforces_only_what_it_can_as_it_stands(name: str, strict: Strict) -> None:
    """An optional argument would have to be null instead of absent: no such tool is strict."""
    answer = ask(adapter(name, strict.url), request(tools=(REFUND, LOOK_UP)))
    forms = [each.get("function", each) for each in strict.calls()[0]["body"]["tools"]]
    assert [form["strict"] for form in forms] == [True, False]
    assert [form["parameters"] for form in forms] == [REFUND.parameters, LOOK_UP.parameters]
    assert answer.sent["schema_notes"] == [
        "look_up: not strict: since: required, and null when it is absent"
    ]


@pytest.mark.parametrize("name", ["responses", "chat"])
def test_malformed_arguments_stay_text(name: str, strict: Strict) -> None:
    """As the model wrote them, also when they go back."""
    strict.answers(calls=[{"name": "refund", "input": '{"payment": "pay_1", amount'}])
    answer = ask(adapter(name, strict.url), request(tools=(REFUND,)))
    assert answer.calls[0].arguments == '{"payment": "pay_1", amount'
    ask(adapter(name, strict.url), request(tools=(REFUND,), turns=(turn(answer, "{}"),)))
    assert "pay_1" in str(strict.calls()[1]["body"])


def test_reasoning_goes_back_encrypted_where_nothing_is_stored(strict: Strict) -> None:
    """The items of the output as they came, before the results."""
    strict.answers(text="Hm.", calls=[CALL])
    answer = ask(adapter("responses", strict.url), request(tools=(REFUND,)))
    ask(
        adapter("responses", strict.url),
        request(tools=(REFUND,), turns=(turn(answer, '{"id": "re_1"}', said="Well?"),)),
    )
    items = strict.calls()[1]["body"]["input"][2:]
    kinds = [item.get("type", "message") for item in items]
    assert kinds == ["reasoning", "message", "function_call", "function_call_output", "message"]
    assert items[0]["encrypted_content"] == "enc_1"
    assert items[3] == {
        "type": "function_call_output",
        "call_id": "call_1_0",
        "output": '{"id": "re_1"}',
    }


def test_a_model_that_does_not_reason_is_not_asked_for_it(strict: Strict) -> None:
    """OpenAI refuses to."""
    asked = request(tools=(REFUND,))
    ask(adapter("responses", strict.url, model="gpt-4.1"), asked)
    assert "include" not in strict.calls()[0]["body"]


def test_chat_sends_back_no_more_than_the_message(strict: Strict) -> None:
    """Not what the API only ever says, such as annotations."""
    strict.answers(text="Hm.", calls=[CALL])
    answer = ask(adapter("chat", strict.url), request(tools=(REFUND,)))
    ask(adapter("chat", strict.url), request(tools=(REFUND,), turns=(turn(answer, "{}"),)))
    message, result = strict.calls()[1]["body"]["messages"][2:]
    assert message.keys() == {"role", "content", "tool_calls"}
    assert result == {"role": "tool", "tool_call_id": "call_1_0", "content": "{}"}


def test_all_results_of_a_turn_stand_in_one_message(strict: Strict) -> None:
    """Anthropic: errors are marked, and what the customer says comes after them."""
    strict.answers(calls=[CALL, CALL])
    answer = ask(adapter("messages", strict.url), request(tools=(REFUND,)))
    back = turn(answer, '{"id": "re_1"}', '{"error": {"code": "timeout"}}', said="Well?")
    ask(adapter("messages", strict.url), request(tools=(REFUND,), turns=(back,)))
    said, results = strict.calls()[1]["body"]["messages"][1:]
    assert [block["type"] for block in said["content"]] == [
        *("thinking", "text", "tool_use", "tool_use")
    ]
    assert results["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_1_0", "content": '{"id": "re_1"}'},
        {
            "type": "tool_result",
            "tool_use_id": "toolu_1_1",
            "content": '{"error": {"code": "timeout"}}',
            "is_error": True,
        },
        {"type": "text", "text": "Well?"},
    ]


@pytest.mark.parametrize("name", ["responses", "messages"])
def test_the_peer_refuses_calls_without_their_thoughts(name: str, strict: Strict) -> None:
    """It is as strict as the providers: that a turn passes it elsewhere means something."""
    strict.answers(calls=[CALL])
    answer = ask(adapter(name, strict.url), request(tools=(REFUND,)))
    assert isinstance(answer.raw, list)
    lost = replace(turn(answer, "{}"), raw=answer.raw[1:])
    asked = request(tools=(REFUND,), turns=(lost,))
    assert refused(adapter(name, strict.url), asked).kind == "bad_request"


@pytest.mark.parametrize("name", ["responses", "chat", "messages"])
def test_the_peer_refuses_a_call_without_its_result(name: str, strict: Strict) -> None:
    """As the test before."""
    strict.answers(calls=[CALL, CALL])
    answer = ask(adapter(name, strict.url), request(tools=(REFUND,)))
    lost = replace(turn(answer, "{}"), calls=answer.calls[:1])
    asked = request(tools=(REFUND,), turns=(lost,))
    assert refused(adapter(name, strict.url), asked).kind == "bad_request"

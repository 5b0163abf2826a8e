"""Calls in bodies that the peers do not play, as the vendors' references give them."""

from __future__ import annotations

from typing import Any

import pytest

from paygrade.records.answer import AskedCall
from paygrade.runners import vendor
from paygrade.runners.anthropic import read_message
from paygrade.runners.openai import read_chat, read_response

CALL = AskedCall(id="c1", tool="pay", arguments='{"a": 1}')
FUNCTION_CALL = {"type": "function_call", "call_id": "c1", "name": "pay", "arguments": '{"a": 1}'}
TOOL_CALL = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": '{"a": 1}'}}
TOOL_USE = {"type": "tool_use", "id": "c1", "name": "pay", "input": {"a": 1}}


def response(*output: Any, **changes: Any) -> vendor.Reply:  # noqa: ANN401 - JSON
    """Read a body of the Responses API with these items."""
    body = {"model": "m", "status": "completed", "output": list(output), **changes}
    return read_response(body, offered=True)


def chat(finish_reason: str, **message: Any) -> vendor.Reply:  # noqa: ANN401 - JSON
    """Read a body of Chat Completions with this message."""
    choice = {"finish_reason": finish_reason, "message": message}
    return read_chat({"model": "m", "choices": [choice]}, offered=True)


def message(stop_reason: str, *content: Any) -> vendor.Reply:  # noqa: ANN401 - JSON
    """Read a body of the Messages API with these blocks."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    body = {"model": "m", "stop_reason": stop_reason, "content": list(content), "usage": usage}
    return read_message(body, offered=True)


def test_a_call_is_read_alike() -> None:
    """Three forms, one call."""
    assert response(FUNCTION_CALL).calls == (CALL,)
    assert chat("tool_calls", content=None, tool_calls=[TOOL_CALL]).calls == (CALL,)
    assert message("tool_use", TOOL_USE).calls == (CALL,)


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "function_call"])
def test_servers_name_the_reason_as_they_like(reason: str) -> None:
    """Some say `stop` though the model called."""
    assert chat(reason, content="", tool_calls=[TOOL_CALL]).calls == (CALL,)


def test_a_call_need_not_say_its_type() -> None:
    """Some servers that speak the protocol leave it out."""
    untyped = {key: value for key, value in TOOL_CALL.items() if key != "type"}
    assert chat("tool_calls", tool_calls=[untyped]).calls == (CALL,)


def test_half_a_call_is_none() -> None:
    """Whatever is cut off, filtered or refused has no calls."""
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    refusal = {"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}
    replies = [
        response({**FUNCTION_CALL, "arguments": '{"a"', "status": "incomplete"}, **cut),
        response(FUNCTION_CALL, refusal),
        chat("length", content=None, tool_calls=[{**TOOL_CALL, "function": {"name": "pay"}}]),
        chat("content_filter", content=None, tool_calls=[TOOL_CALL]),
        chat("tool_calls", content=None, refusal="No.", tool_calls=[TOOL_CALL]),
        message("max_tokens", TOOL_USE),
        message("refusal", TOOL_USE),
    ]
    assert [reply.calls for reply in replies] == [()] * len(replies)
    assert [reply.finish for reply in replies] == [
        *("length", "refusal", "length", "filter", "refusal", "length", "refusal")
    ]


def test_a_model_may_say_nothing() -> None:
    """That is its answer, where it could have called."""
    assert [response().text, chat("stop", content=None).text, message("end_turn").text] == [""] * 3


def test_what_goes_back_is_what_came() -> None:
    """All items and blocks; of a chat message what a server may want to see again."""
    reasoning = {"type": "reasoning", "id": "r", "encrypted_content": "x"}
    assert response(reasoning, FUNCTION_CALL).raw == [reasoning, FUNCTION_CALL]
    thinking = {"type": "thinking", "thinking": "", "signature": "x"}
    assert message("tool_use", thinking, TOOL_USE).raw == [thinking, TOOL_USE]
    signed = {**TOOL_CALL, "extra_content": {"google": {"thought_signature": "x"}}}
    reply = chat("tool_calls", reasoning_content="hm", tool_calls=[signed], annotations=[])
    assert reply.raw == {
        "role": "assistant",
        "content": None,
        "tool_calls": [signed],
        "reasoning_content": "hm",
    }


@pytest.mark.parametrize(
    "item",
    [
        {"type": "function_call", "name": "pay", "arguments": "{}"},
        {"type": "function_call", "call_id": "c", "name": "pay", "arguments": {}},
        {"type": "function_call", "call_id": "c", "name": None, "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c", "name": "pay", "input": ""},
        {"type": "web_search_call", "id": "w"},
        {"call_id": "c"},
        "call",
    ],
)
def test_an_item_that_is_no_call_of_ours_is_malformed(item: object) -> None:
    """Half a call cannot be answered, and nothing else was offered."""
    with pytest.raises(vendor.Malformed):
        response(item)


@pytest.mark.parametrize(
    "wrong",
    [
        {"finish_reason": "tool_calls"},
        {"finish_reason": "tool_calls", "tool_calls": []},
        {"finish_reason": "function_call", "function_call": {"name": "pay", "arguments": "{}"}},
        {"tool_calls": [{"type": "custom", "id": "c", "custom": {"name": "pay", "input": ""}}]},
        {"tool_calls": [{"type": "function", "id": "c", "function": {"name": "pay"}}]},
        {"tool_calls": [{"type": "function", "function": {"name": "pay", "arguments": "{}"}}]},
        {"tool_calls": {"id": "c"}},
        {"tool_calls": ["pay"]},
        {"finish_reason": "odd", "content": "ok"},
    ],
)
def test_a_message_that_is_no_call_of_ours_is_malformed(wrong: dict[str, Any]) -> None:
    """As of the items; a reason that says "calls" promises some."""
    with pytest.raises(vendor.Malformed):
        chat(wrong.pop("finish_reason", "stop"), **wrong)


@pytest.mark.parametrize(
    ("reason", "block"),
    [
        ("tool_use", {"type": "text", "text": "I shall pay."}),
        ("tool_use", {"type": "tool_use", "id": "c", "name": "pay", "input": "{}"}),
        ("tool_use", {"type": "tool_use", "id": "c", "name": "pay"}),
        ("tool_use", {"type": "tool_use", "name": "pay", "input": {}}),
        ("tool_use", {"type": "server_tool_use", "id": "c", "name": "web_search", "input": {}}),
        ("pause_turn", {"type": "text", "text": "Wait."}),
    ],
)
def test_a_block_that_is_no_call_of_ours_is_malformed(reason: str, block: object) -> None:
    """As of the items; no tool that runs at Anthropic was offered, so nothing can pause."""
    with pytest.raises(vendor.Malformed):
        message(reason, block)


def test_an_input_nested_too_deep_is_malformed() -> None:
    """It could be read, and then not be sent back."""
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"a": [deep]}
    with pytest.raises(vendor.Malformed, match="too deep"):
        message("tool_use", {**TOOL_USE, "input": deep})


def test_without_an_offer_a_call_is_malformed() -> None:
    """Nobody asked for one."""
    with pytest.raises(vendor.Malformed, match="not offered"):
        read_response({"model": "m", "status": "completed", "output": [FUNCTION_CALL]})
    choice = {"finish_reason": "tool_calls", "message": {"tool_calls": [TOOL_CALL]}}
    with pytest.raises(vendor.Malformed, match="tool_calls"):
        read_chat({"model": "m", "choices": [choice]})
    with pytest.raises(vendor.Malformed, match="tool_use"):
        read_message({"model": "m", "stop_reason": "end_turn", "content": [TOOL_USE]})

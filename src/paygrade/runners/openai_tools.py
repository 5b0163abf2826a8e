"""Tools over OpenAI's two APIs: how they are offered, how turns go back, how calls are read.

A tool is `strict` only where its schema is one that OpenAI enforces as it stands: to be strict, an
optional argument would have to be required and null, which no tool has agreed to. Any other is
offered as a hint, with the reason in `sent["schema_notes"]`, and its arguments are checked where
they arrive. `strict: false` is said aloud: the Responses API takes silence for `true`.

Nothing is stored at OpenAI, so all that the model said goes back with the next call: on the
Responses API its own output items, the reasoning with its `encrypted_content` (a reasoning model
that does not see it again has to think anew, or the call is refused); on Chat Completions its
message, with the reasoning that other servers want to see again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.records.answer import AskedCall
from paygrade.runners import structured, vendor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.agent import Tool
    from paygrade.records.answer import Finish, Turn
    from paygrade.records.json_value import Json

FINISH: dict[str, Finish] = {"tool_calls": "stop", "function_call": "stop"}
"""The reasons of Chat Completions that there are only where tools were offered."""

_SENT_BACK = ("content", "tool_calls", "reasoning_content", "reasoning_details")


def offered(tools: Iterable[Tool], api: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The part of a body that offers `tools`, and notes on those that are not strict."""
    forms: list[dict[str, Any]] = []
    notes: list[str] = []
    for tool in tools:
        form, why = _function(tool)
        forms.append(
            {"type": "function", "function": form} if api == "chat" else {"type": "function"} | form
        )
        if why:
            notes.append(f"{tool.name}: not strict: {why}")
    return {"tools": forms} if forms else {}, tuple(notes)


def _function(tool: Tool) -> tuple[dict[str, Any], str]:
    """A tool as a function, and why it is not strict."""
    named = {"name": tool.name, "description": tool.description}
    adapted = structured.adapt(tool.parameters, structured.OPENAI)
    why = adapted.why or next(iter(adapted.notes), "")
    if adapted.schema is None or why:
        hint = {"type": "object", **structured.plain(tool.parameters)}
        return {**named, "parameters": hint, "strict": False}, why
    return {**named, "parameters": adapted.schema, "strict": True}, ""


def sent_back(turns: Iterable[Turn], api: str) -> Iterator[Json]:
    """`turns` as `api` takes them: messages, or items of the input."""
    return _messages(turns) if api == "chat" else _items(turns)


def _items(turns: Iterable[Turn]) -> Iterator[Json]:
    for turn in turns:
        if isinstance(turn.raw, list):
            yield from turn.raw
        else:
            if turn.text:
                yield {"role": "assistant", "content": turn.text}
            for call in turn.calls:
                yield {
                    "type": "function_call",
                    "call_id": call.id,
                    "name": call.tool,
                    "arguments": call.arguments,
                }
        for call, result in zip(turn.calls, turn.results, strict=True):
            yield {"type": "function_call_output", "call_id": call.id, "output": result}
        if turn.said:
            yield {"role": "user", "content": turn.said}


def _messages(turns: Iterable[Turn]) -> Iterator[Json]:
    for turn in turns:
        yield turn.raw if isinstance(turn.raw, dict) else _assistant(turn)
        for call, result in zip(turn.calls, turn.results, strict=True):
            yield {"role": "tool", "tool_call_id": call.id, "content": result}
        if turn.said:
            yield {"role": "user", "content": turn.said}


def _assistant(turn: Turn) -> dict[str, Json]:
    message: dict[str, Json] = {"role": "assistant", "content": turn.text or None}
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.tool, "arguments": call.arguments},
            }
            for call in turn.calls
        ]
    return message


def response_calls(output: Iterable[object]) -> tuple[AskedCall, ...]:
    """The calls among the items of a response's output.

    Raises:
        vendor.Malformed: one has no id, name or arguments.
    """
    return tuple(
        AskedCall(
            id=vendor.at(item, "call_id", want=str),
            tool=vendor.at(item, "name", want=str),
            arguments=vendor.at(item, "arguments", want=str),
        )
        for item in output
        if vendor.at(item, "type", want=str) == "function_call"
    )


def chat_calls(message: dict[str, Any]) -> tuple[AskedCall, ...]:
    """The calls of a message of Chat Completions.

    Raises:
        vendor.Malformed: one has no id, name or arguments, or is of a kind that was not offered.
    """
    if message.get("function_call"):
        raise vendor.Malformed("calls by 'function_call', which was not offered")
    calls = vendor.at(message, "tool_calls", want=list) if message.get("tool_calls") else []
    return tuple(_chat_call(call) for call in calls)


def _chat_call(call: object) -> AskedCall:
    kind = call.get("type", "function") if isinstance(call, dict) else ""
    if kind != "function":
        raise vendor.Malformed(f"calls a tool of type {str(kind)[:40]!r}, which was not offered")
    return AskedCall(
        id=vendor.at(call, "id", want=str),
        tool=vendor.at(call, "function", "name", want=str),
        arguments=vendor.at(call, "function", "arguments", want=str),
    )


def chat_raw(message: dict[str, Any]) -> Json:
    """What of a message goes back: not what an API only ever says, such as `annotations`."""
    kept = {name: message[name] for name in _SENT_BACK if message.get(name) is not None}
    return {"role": "assistant", "content": None, **kept}

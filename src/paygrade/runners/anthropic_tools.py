"""Tools over the Messages API: how they are offered, how turns go back, how calls are read.

A tool is offered with its schema as it stands, and its arguments are checked where they arrive.

What the model said goes back as it was, thinking blocks with their signatures first: the API
refuses a result whose call has lost them. All results of one turn stand in one user message, before
anything else in it. A result of the form `{"error": …}` is marked `is_error`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.records.answer import AskedCall
from paygrade.runners import structured, vendor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.agent import Tool
    from paygrade.records.answer import Finish, Turn
    from paygrade.records.json_value import Json

FINISH: dict[str, Finish] = {"tool_use": "stop"}
"""The stop reason that there is only where tools were offered. `pause_turn` is for tools that run
at Anthropic, which are never offered."""


_DEEPEST = 100  # what reads or writes JSON may give up at a few hundred levels


def offered(tools: Iterable[Tool]) -> dict[str, Any]:
    """The part of a body that offers `tools`."""
    forms = [
        {
            "name": tool.name,
            "description": tool.description,
            "input_schema": {"type": "object", **structured.plain(tool.parameters)},
        }
        for tool in tools
    ]
    return {"tools": forms} if forms else {}


def messages(turns: Iterable[Turn]) -> Iterator[Json]:
    """`turns` as messages."""
    for turn in turns:
        yield {"role": "assistant", "content": _blocks(turn)}
        content: list[Json] = [
            _result(call.id, result) for call, result in zip(turn.calls, turn.results, strict=True)
        ]
        if turn.said:
            content.append({"type": "text", "text": turn.said})
        if content:
            yield {"role": "user", "content": content}


def _blocks(turn: Turn) -> list[Json]:
    """What the model said. Empty text, which it may say and nobody may send, is left out."""
    if isinstance(turn.raw, list):
        return [
            block
            for block in turn.raw
            if not (isinstance(block, dict) and block.get("type") == "text" and not block["text"])
        ]
    said: list[Json] = [{"type": "text", "text": turn.text}] if turn.text else []
    return said + [
        {"type": "tool_use", "id": call.id, "name": call.tool, "input": _object(call.arguments)}
        for call in turn.calls
    ]


def _object(text: str) -> dict[str, Json]:
    """Arguments that another vendor's model wrote; this API takes nothing but objects."""
    value = _parsed(text)
    return value if isinstance(value, dict) else {}


def _result(call_id: str, result: str) -> dict[str, Json]:
    value = _parsed(result)
    block: dict[str, Json] = {"type": "tool_result", "tool_use_id": call_id, "content": result}
    if isinstance(value, dict) and value.keys() == {"error"}:
        block["is_error"] = True
    return block


def _parsed(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def call(block: object) -> AskedCall:
    """The call that a `tool_use` block asks for, its `input` written as JSON.

    Raises:
        vendor.Malformed: it has no id, name or input, or one that nobody could send back.
    """
    arguments = vendor.at(block, "input", want=dict)
    if _is_deeper(arguments, _DEEPEST):
        raise vendor.Malformed("has an input that is nested too deep")
    return AskedCall(
        id=vendor.at(block, "id", want=str),
        tool=vendor.at(block, "name", want=str),
        arguments=json.dumps(arguments, ensure_ascii=False),
    )


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    below = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in below)

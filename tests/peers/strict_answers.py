"""What the providers answer, in their own forms, as `strict_server.py` answers it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peers.strict_tools import Body


def calls_of(number: int, answer: Body) -> list[tuple[str, Body]]:
    """The calls that an answer asks for, each with a number of its own."""
    return [(f"{number}_{index}", call) for index, call in enumerate(answer.get("calls", ()))]


def messages_body(number: int, answer: Body, _request: Body) -> Body:
    """An answer of the Messages API: its input counts exclude the cache; thoughts precede calls."""
    reasons = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    content: list[Body] = [{"type": "text", "text": answer["text"]}]
    calls = calls_of(number, answer)
    if calls:
        content = [
            {"type": "thinking", "thinking": "hm", "signature": f"sig_{number}"},
            *content,
            *({"type": "tool_use", "id": f"toolu_{place}", **call} for place, call in calls),
        ]
        reasons["stop"] = "tool_use"
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": answer["model"],
        "content": content,
        "stop_reason": reasons.get(answer["finish"], answer["finish"]),
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer["input"] - answer["cached"] - answer["written"],
            "cache_read_input_tokens": answer["cached"],
            "cache_creation_input_tokens": answer["written"],
            "output_tokens": answer["output"],
            "output_tokens_details": {"thinking_tokens": answer["reasoning"]},
        },
    }


def responses_body(number: int, answer: Body, request: Body) -> Body:
    """An answer of the Responses API: reasoning first, encrypted if it is to be included."""
    reasons = {"length": "max_output_tokens", "filter": "content_filter"}
    reason = reasons.get(answer["finish"])
    part: Body = {"type": "output_text", "text": answer["text"], "annotations": []}
    if answer["finish"] == "refusal":
        part = {"type": "refusal", "refusal": answer["text"]}
    reasoning: Body = {"type": "reasoning", "id": f"rs_{number}", "summary": []}
    if request.get("include"):
        reasoning["encrypted_content"] = f"enc_{number}"
    calls = [
        {
            "type": "function_call",
            "id": f"fc_{place}",
            "call_id": f"call_{place}",
            "status": "completed",
            "name": call["name"],
            "arguments": written(call["input"]),
        }
        for place, call in calls_of(number, answer)
    ]
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 0,
        "model": answer["model"],
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [
            reasoning,
            {
                "type": "message",
                "id": f"out_{number}",
                "role": "assistant",
                "status": "incomplete" if reason else "completed",
                "content": [part],
            },
            *calls,
        ],
        "usage": {
            "input_tokens": answer["input"],
            "input_tokens_details": {
                "cached_tokens": answer["cached"],
                "cache_write_tokens": answer["written"],
            },
            "output_tokens": answer["output"],
            "output_tokens_details": {"reasoning_tokens": answer["reasoning"]},
            "total_tokens": answer["input"] + answer["output"],
        },
    }


def written(arguments: object) -> str:
    """Arguments as a model writes them; text stays as it is, JSON or not."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def chat_body(number: int, answer: Body, _request: Body) -> Body:
    """An answer of Chat Completions."""
    refused = answer["finish"] == "refusal"
    reasons = {"filter": "content_filter", "refusal": "stop"}
    message: Body = {
        "role": "assistant",
        "content": None if refused else answer["text"],
        "refusal": answer["text"] if refused else None,
        "annotations": [],
    }
    if calls := calls_of(number, answer):
        reasons["stop"] = "tool_calls"
        message["tool_calls"] = [
            {
                "id": f"call_{place}",
                "type": "function",
                "function": {"name": call["name"], "arguments": written(call["input"])},
            }
            for place, call in calls
        ]
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": answer["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": reasons.get(answer["finish"], answer["finish"]),
                "message": message,
            }
        ],
        "usage": {
            "prompt_tokens": answer["input"],
            "prompt_tokens_details": {
                "cached_tokens": answer["cached"],
                "cache_write_tokens": answer["written"],
            },
            "completion_tokens": answer["output"],
            "completion_tokens_details": {"reasoning_tokens": answer["reasoning"]},
            "total_tokens": answer["input"] + answer["output"],
        },
    }

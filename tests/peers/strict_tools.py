"""What the providers refuse of tools: their own form, and turns that do not fit together.

Ids tell what belongs together: of answer number 7, `strict_answers` makes the calls `…_7_0`, the
reasoning `rs_7` with `enc_7`, and the thinking with the signature `sig_7`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

Body = dict[str, Any]

INVALID = "invalid_request_error"
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
CHAT_ROLES = {
    "system": {"content"},
    "developer": {"content"},
    "user": {"content"},
    "assistant": {"content", "tool_calls", "refusal"},
    "tool": {"content", "tool_call_id"},
}


class Refused(Exception):  # noqa: N818 - an answer, not a failure of this server
    """The API says no."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        """Keep what the body of the answer says."""
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


def no(message: str) -> Refused:
    """The refusal of a request that is wrong."""
    return Refused(400, INVALID, message)


def functions(tools: list[Body], *, nested: bool) -> list[Body]:
    """The functions that are offered to OpenAI, each whole: flat, or below `function`."""
    found = []
    for tool in tools:
        if tool.get("type") != "function":
            raise no(f"tools: {tool.get('type')!r} is not a kind of tool here")
        if nested and tool.keys() != {"type", "function"}:
            raise no("tools: Missing required parameter: 'function'")
        each = tool["function"] if nested else {k: v for k, v in tool.items() if k != "type"}
        if each.keys() != {"name", "description", "parameters", "strict"}:
            raise no(f"tools: wrong parameters: {sorted(each)}")
        if not NAME.fullmatch(each["name"]) or not isinstance(each["strict"], bool):
            raise no("tools: Invalid 'name' or 'strict'")
        if each["parameters"].get("type") != "object":
            raise no("tools: schema must have type 'object'")
        found.append(each)
    names_differ([each["name"] for each in found])
    return found


def check_offered(tools: list[Body]) -> None:
    """Tools as Anthropic takes them."""
    for tool in tools:
        if not tool.keys() <= {"name", "description", "input_schema"}:
            raise no(f"tools: Extra inputs are not permitted: {sorted(tool)}")
        if not NAME.fullmatch(tool.get("name", "")):
            raise no("tools.name: String should match the pattern")
        if tool.get("input_schema", {}).get("type") != "object":
            raise no("tools.input_schema.type: Field required")
    names_differ([tool["name"] for tool in tools])


def names_differ(names: list[str]) -> None:
    """No name is given twice."""
    if len(set(names)) < len(names):
        raise no("tools: Tool names must be unique")


def check_items(items: list[Body]) -> None:
    """The `input` of the Responses API: known items, each call with its one output right after."""
    check_reasoning(items)
    waiting: list[str] = []
    for item in items:
        kind = item.get("type", "message")
        if kind == "function_call":
            waiting.append(item["call_id"])
        elif kind == "function_call_output":
            if not isinstance(item.get("output"), str):
                raise no("Invalid type for 'output': expected a string")
            if item.get("call_id") not in waiting:
                raise no(f"No tool call found for function call output {item.get('call_id')}")
            waiting.remove(item["call_id"])
        elif kind == "message" and item.get("role") in CHAT_ROLES:
            if waiting and item["role"] != "assistant":
                break
        elif kind != "reasoning":
            raise no(f"Invalid value: {kind!r}")
    if waiting:
        raise no(f"No tool output found for function call {waiting[0]}.")


def check_reasoning(items: list[Body]) -> None:
    """Reasoning brings its encrypted content, as nothing is stored, and what it led to."""
    reasoned: set[str] = set()
    kinds = [*(item.get("type", "message") for item in items), ""]
    for item, after in zip(items, kinds[1:], strict=True):
        if item.get("type") == "function_call":
            check_function_call(item, reasoned)
        if item.get("type") != "reasoning":
            continue
        if not item.get("encrypted_content"):
            raise Refused(404, INVALID, f"Item with id '{item['id']}' not found: store is off")
        if item["encrypted_content"] != item["id"].replace("rs", "enc"):
            raise no("The encrypted content could not be verified")
        if after not in {"message", "function_call"}:
            raise no(f"Item '{item['id']}' of type 'reasoning' was provided without its item")
        reasoned.add(item["id"].removeprefix("rs_"))


def check_function_call(item: Body, reasoned: set[str]) -> None:
    """All its parts, and the reasoning that led to it if it has an id of ours."""
    if not all(isinstance(item.get(name), str) for name in ("call_id", "name", "arguments")):
        raise no("Missing required parameter: 'call_id', 'name' or 'arguments'")
    number = item.get("id", "").split("_")[1:2]
    if number and number[0] not in reasoned:
        raise no(f"Item '{item['id']}' was provided without its required 'reasoning' item")


def check_chat(messages: list[Body]) -> None:
    """Messages of Chat Completions: right after its calls, each one's result, once."""
    waiting: list[str] = []
    for message in messages:
        role = message.get("role", "")
        if role not in CHAT_ROLES or not message.keys() - {"role"} <= CHAT_ROLES[role]:
            raise no(f"Invalid value for a message: {role!r} with {sorted(message)}")
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                raise no("messages with role 'tool' must be a response to a preceding 'tool_calls'")
            waiting.remove(message["tool_call_id"])
        elif waiting:
            break
        if not isinstance(message.get("content"), str) and not message.get("tool_calls"):
            raise no("Invalid value for 'content': expected a string, got null")
        for call in message.get("tool_calls", ()):
            said = call.get("function", {})
            if call.get("type") != "function" or not isinstance(said.get("arguments"), str):
                raise no("Invalid 'tool_calls'")
            waiting.append(call["id"])
    if waiting:
        raise no(f"tool_call_ids did not have response messages: {', '.join(waiting)}")


def check_messages(body: Body) -> None:
    """Messages of Anthropic's API: the results of a turn first in the next message, each once."""
    messages = [
        (message["role"], blocks_of(message["content"])) for message in body.get("messages", [])
    ]
    waiting: list[str] = []
    for role, blocks in messages:
        check_results(blocks, waiting)
        waiting = uses_in(role, blocks)
    check_results([], waiting)
    used = any(block["type"].startswith("tool_") for _, blocks in messages for block in blocks)
    if used and not body.get("tools"):
        raise no("Requests with `tool_use` or `tool_result` blocks must define tools")


def check_results(blocks: list[Body], waiting: list[str]) -> None:
    """The results in one message answer the calls that wait, each once and before all else."""
    results = [block for block in blocks if block["type"] == "tool_result"]
    if results != blocks[: len(results)]:
        raise no("tool_result blocks must come first in the user message")
    answered = Counter(block["tool_use_id"] for block in results)
    if set(answered) - set(waiting):
        raise no("unexpected `tool_use_id` found in `tool_result` blocks")
    if missing := [each for each in waiting if each not in answered]:
        raise no(f"`tool_use` ids without `tool_result` blocks right after: {missing}")
    if answered.total() > len(answered):
        raise no("each tool_use must have a single result")
    for block in results:
        if not block.keys() <= {"type", "tool_use_id", "content", "is_error"}:
            raise no(f"tool_result: Extra inputs are not permitted: {sorted(block)}")


def blocks_of(content: str | list[Body]) -> list[Body]:
    """Content as blocks; no text among them is empty."""
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not blocks or any(block["type"] == "text" and not block["text"] for block in blocks):
        raise no("messages: text content blocks must be non-empty")
    return blocks


def uses_in(role: str, blocks: list[Body]) -> list[str]:
    """The ids of the calls in one message, which begins with the thinking that led to them."""
    uses = [block for block in blocks if block["type"] == "tool_use"]
    if uses and role != "assistant":
        raise no("`tool_use` blocks can only be in `assistant` messages")
    if any(not isinstance(block["input"], dict) for block in uses):
        raise no("tool_use.input: Input should be a valid dictionary")
    ids = [block["id"] for block in uses]
    ours = [each.split("_")[1] for each in ids if each.startswith("toolu_")]
    signature = f"sig_{ours[0]}" if ours else ""
    if signature and (blocks[0]["type"], blocks[0].get("signature")) != ("thinking", signature):
        raise no("a turn with `tool_use` must start with its `thinking` block, unmodified")
    return ids

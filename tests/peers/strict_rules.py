"""What the providers refuse, as `strict_server.py` refuses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from peers import strict_tools
from peers.strict_tools import Refused

if TYPE_CHECKING:
    from peers.strict_tools import Body

VERSIONS = {"2023-06-01", "2026-10-21"}
NO_SAMPLING_SINCE = "2026-10-21"
REASONING = re.compile(r"(gpt-([5-9]|\d\d)(?!.*-chat)|o\d)")
MESSAGES_KEYS = {
    *("model", "max_tokens", "messages", "system", "output_config", "stop_sequences", "metadata"),
    *(
        "service_tier",
        "temperature",
        "top_p",
        "top_k",
        "thinking",
        "stream",
        "tools",
        "tool_choice",
    ),
}
RESPONSES_KEYS = {
    *("model", "input", "instructions", "store", "max_output_tokens", "reasoning", "text"),
    *("temperature", "top_p", "service_tier", "metadata", "stream", "tools", "tool_choice"),
    *("include", "parallel_tool_calls"),
}
CHAT_KEYS = {
    *("model", "messages", "max_completion_tokens", "max_tokens", "reasoning_effort", "verbosity"),
    *("temperature", "top_p", "seed", "stop", "service_tier", "response_format", "store"),
    *("tools", "tool_choice", "parallel_tool_calls"),
}
# What each API refuses in a schema; the rest of a schema is not looked at.
OPENAI_REFUSED = {"allOf", "oneOf", "not", "if", "then", "else", "$schema", "patternProperties"}
ANTHROPIC_REFUSED = {"minimum", "maximum", "multipleOf", "minLength", "maxLength", "maxItems"}


def check_messages(body: Body, headers: dict[str, str]) -> None:
    """Today's rules of the Messages API."""
    version = headers.get("anthropic-version", "")
    if version not in VERSIONS:
        raise Refused(
            400, "invalid_request_error", "anthropic-version: a valid version is required"
        )
    check_keys(body, MESSAGES_KEYS)
    if version >= NO_SAMPLING_SINCE:
        for name in ("temperature", "top_p", "top_k"):
            if name in body:
                raise Refused(400, "invalid_request_error", f"{name}: is not supported")
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        raise Refused(400, "invalid_request_error", "max_tokens: Field required")
    strict_tools.check_offered(body.get("tools", []))
    strict_tools.check_messages(body)
    roles = [message["role"] for message in body.get("messages", [])]
    if not roles or roles[0] != "user" or set(roles) - {"user", "assistant"}:
        raise Refused(400, "invalid_request_error", "messages: must start with a user message")
    form = (body.get("output_config") or {}).get("format")
    if form is not None:
        check_schema(form["schema"], ANTHROPIC_REFUSED, all_required=False)


def check_responses(body: Body, _headers: dict[str, str]) -> None:
    """Rules of the Responses API, and the one of this house: nothing is stored."""
    check_keys(body, RESPONSES_KEYS)
    if body.get("store") is not False:
        raise Refused(400, "invalid_request_error", "store: must be false")
    check_sampling(body, (body.get("reasoning") or {}).get("effort"))
    if "include" in body and not REASONING.match(body["model"]):
        raise Refused(400, "invalid_request_error", "Encrypted content is not supported here")
    check_functions(body, nested=False)
    strict_tools.check_items(body["input"])
    form = (body.get("text") or {}).get("format")
    if form is not None and form.get("strict"):
        check_schema(form["schema"], OPENAI_REFUSED, all_required=True)


def check_chat(body: Body, _headers: dict[str, str]) -> None:
    """Rules of Chat Completions."""
    check_keys(body, CHAT_KEYS)
    check_sampling(body, body.get("reasoning_effort"))
    if REASONING.match(body["model"]):
        for name in ("max_tokens", "stop"):
            if name in body:
                raise Refused(400, "unsupported_parameter", f"Unsupported parameter: '{name}'")
    check_functions(body, nested=True)
    strict_tools.check_chat(body["messages"])
    form = (body.get("response_format") or {}).get("json_schema")
    if form is not None and form.get("strict"):
        check_schema(form["schema"], OPENAI_REFUSED, all_required=True)


def check_functions(body: Body, *, nested: bool) -> None:
    """Tools of either API of OpenAI's, and the schema of those that are strict."""
    for function in strict_tools.functions(body.get("tools", []), nested=nested):
        if function["strict"]:
            check_schema(function["parameters"], OPENAI_REFUSED, all_required=True)


def check_keys(body: Body, known: set[str]) -> None:
    """The model is there, and every other key is one of the API's."""
    model = body.get("model")
    if not isinstance(model, str):
        raise Refused(400, "invalid_request_error", "model: Field required")
    if model.startswith("gone"):
        raise Refused(404, "not_found_error", f"The model '{model}' does not exist")
    if unknown := sorted(body.keys() - known):
        raise Refused(400, "invalid_request_error", f"Unknown parameter: '{unknown[0]}'")


def check_sampling(body: Body, effort: str | None) -> None:
    """Reasoning models sample as they like."""
    if REASONING.match(body["model"]) and effort != "none":
        for name in ("temperature", "top_p"):
            if name in body:
                raise Refused(400, "unsupported_parameter", f"Unsupported parameter: '{name}'")


def check_schema(schema: object, refused: set[str], *, all_required: bool) -> None:
    """Every object is closed, and no keyword is one that the API refuses."""
    if isinstance(schema, list):
        for each in schema:
            check_schema(each, refused, all_required=all_required)
    if not isinstance(schema, dict):
        return
    if found := sorted(refused & schema.keys()):
        raise Refused(400, "invalid_request_error", f"Invalid schema: '{found[0]}'")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise Refused(400, "invalid_request_error", "Invalid schema: 'additionalProperties'")
    properties = schema.get("properties", {})
    if all_required and set(properties) - set(schema.get("required", ())):
        raise Refused(400, "invalid_request_error", "Invalid schema: 'required'")
    below = [value for key, value in schema.items() if key in {"items", "anyOf"}]
    for each in (*below, *properties.values(), *schema.get("$defs", {}).values()):
        check_schema(each, refused, all_required=all_required)

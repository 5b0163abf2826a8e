"""Endings that the peers do not play: bodies as the vendors' references give them."""

from __future__ import annotations

from typing import Any

import pytest

from paygrade.errors import RunnerError
from paygrade.runners import vendor
from paygrade.runners.anthropic import read_message
from paygrade.runners.openai import read_chat, read_response


def response(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A body of the Responses API that says "ok"."""
    part = {"type": "output_text", "text": "ok"}
    output = [{"type": "message", "content": [part]}]
    return {"model": "m", "status": "completed", "output": output, **changes}


def chat(finish_reason: str, **message: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A body of Chat Completions."""
    return {"model": "m", "choices": [{"finish_reason": finish_reason, "message": message}]}


def message(stop_reason: str, *texts: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A body of the Messages API."""
    return {
        "model": "m",
        "stop_reason": stop_reason,
        "content": [{"type": "text", "text": text} for text in texts],
        "usage": {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": None},
        **changes,
    }


def test_a_filter_is_told_apart() -> None:
    """Both of OpenAI's APIs have one."""
    cut = response(status="incomplete", incomplete_details={"reason": "content_filter"})
    assert read_response(cut).finish == "filter"
    assert read_chat(chat("content_filter", content=None)).finish == "filter"


def test_all_tokens_spent_on_reasoning_is_a_truncation() -> None:
    """No text came, and the model is to blame."""
    details = {"reason": "max_output_tokens"}
    cut = response(status="incomplete", incomplete_details=details, output=[{"type": "reasoning"}])
    assert (read_response(cut).text, read_response(cut).finish) == ("", "length")
    assert read_chat(chat("length", content=None)).finish == "length"
    assert read_message(message("max_tokens")).finish == "length"


def test_a_full_context_window_is_a_truncation() -> None:
    """Anthropic has a reason of its own for it."""
    assert read_message(message("model_context_window_exceeded", "o")).finish == "length"


def test_a_refusal_without_text_keeps_its_explanation() -> None:
    """What the vendor says instead of the model."""
    details = {"type": "refusal", "category": "cyber", "explanation": "Not this."}
    reply = read_message(message("refusal", stop_details=details))
    assert (reply.text, reply.finish) == ("Not this.", "refusal")
    assert read_message(message("refusal", stop_details=None)).text == ""


def test_only_the_final_message_is_the_answer() -> None:
    """What a model says on its way is marked as commentary."""
    said = [("commentary", "Let me see. "), ("final_answer", "Yes."), (None, " Really.")]
    output = [
        {"type": "message", "phase": phase, "content": [{"type": "output_text", "text": text}]}
        for phase, text in said
    ]
    assert read_response(response(output=output)).text == "Yes. Really."


def test_thoughts_are_not_the_answer() -> None:
    """Blocks of thinking stand before the text."""
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "redacted_thinking", "data": "x"}]
    said = message("end_turn", content=[*blocks, {"type": "text", "text": "Yes."}])
    assert read_message(said).text == "Yes."


def test_usage_may_be_missing_at_openai() -> None:
    """Servers that speak its protocol often give none, or no details."""
    assert read_chat(chat("stop", content="ok")).usage is None
    assert read_response(response(usage=None)).usage is None
    bare = read_chat(
        {**chat("stop", content="ok"), "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    )
    assert bare.usage is not None
    assert (bare.usage.input_tokens, bare.usage.cached_tokens) == (3, 0)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", "server_error"),
        ("rate_limit_exceeded", "rate_limited"),
        ("invalid_prompt", "bad_request"),
    ],
)
def test_a_failed_response_is_an_error_of_its_code(code: str, kind: str) -> None:
    """The status was 200 all the same."""
    failed = response(status="failed", output=[], error={"code": code, "message": "No."})
    with pytest.raises(RunnerError, match="No") as caught:
        read_response(failed)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"input_tokens": True, "output_tokens": 1},
        {"input_tokens": 1.5, "output_tokens": 1},
        {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": "2"},
        None,
    ],
)
def test_usage_that_cannot_be_counted_is_malformed(usage: object) -> None:
    """Money is counted by it."""
    with pytest.raises(vendor.Malformed):
        read_message(message("end_turn", "ok", usage=usage))

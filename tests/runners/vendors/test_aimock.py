"""Against a third party's idea of the providers: what we do not know we got wrong shows here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runners.vendors.asking import ADAPTERS, adapter, ask, refused, request

if TYPE_CHECKING:
    from peers.running import Aimock

pytestmark = pytest.mark.parametrize("name", ADAPTERS)


def test_an_answer_comes(name: str, aimock: Aimock) -> None:
    """Text, model and usage, as scripted in the peer's own words."""
    aimock.script(
        {
            "response": {
                "content": "Yes.",
                "model": "dated-model",
                "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16},
            }
        }
    )
    answer = ask(adapter(name, aimock.url))
    assert (answer.text, answer.finish, answer.model) == ("Yes.", "stop", "dated-model")
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 5)


def test_the_peer_reads_our_messages_and_schema(name: str, aimock: Aimock) -> None:
    """Its journal shows the user's text; structured output comes back as text."""
    aimock.script({"response": {"content": '{"a": "x"}'}})
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    answer = ask(adapter(name, aimock.url), request("Which parcel?", schema=schema))
    assert answer.text == '{"a": "x"}'
    assert "Which parcel?" in str(aimock.journal())


def test_a_truncated_answer_says_so(name: str, aimock: Aimock) -> None:
    """Length; on Responses the peer gives no reason for `incomplete`: then nobody knows."""
    aimock.script({"response": {"content": "Ye", "finishReason": "length"}})
    if name == "responses":
        assert refused(adapter(name, aimock.url)).kind == "malformed_response"
    else:
        assert ask(adapter(name, aimock.url)).finish == "length"


def test_a_tool_call_that_nobody_offered_is_malformed(name: str, aimock: Aimock) -> None:
    """No tools went out."""
    aimock.script({"response": {"toolCalls": [{"name": "pay", "arguments": {"eur": 1}}]}})
    assert refused(adapter(name, aimock.url)).kind == "malformed_response"


@pytest.mark.parametrize(
    ("chaos", "kind"),
    [
        ({"rateLimitRate": 1.0}, "rate_limited"),
        ({"malformedRate": 1.0}, "malformed_response"),
        ({"disconnectRate": 1.0}, "connection"),
        ({"dropRate": 1.0}, "server_error"),
    ],
)
def test_chaos_has_its_kind(name: str, aimock: Aimock, chaos: dict[str, float], kind: str) -> None:
    """Each fault that the peer can make."""
    aimock.script({"response": {"content": "ok"}}, **chaos)
    error = refused(adapter(name, aimock.url))
    assert (error.kind, error.retryable) == (kind, True)


def test_the_wait_is_read(name: str, aimock: Aimock) -> None:
    """429 with `Retry-After`."""
    error = {"message": "Slow down", "type": "rate_limit_error"}
    aimock.script({"response": {"error": error, "status": 429, "retryAfter": 7}})
    limited = refused(adapter(name, aimock.url))
    assert (limited.kind, limited.retry_after_s) == ("rate_limited", 7)
    assert "Slow down" in str(limited)


@pytest.mark.parametrize(("status", "kind"), [(529, "overloaded"), (401, "auth")])
def test_a_status_has_its_kind(name: str, aimock: Aimock, status: int, kind: str) -> None:
    """With the peer's own bodies, which each vendor's SDK reads."""
    error = {"message": "No", "type": "some_error"}
    aimock.script({"response": {"error": error, "status": status}})
    assert refused(adapter(name, aimock.url)).kind == kind


def test_latency_is_a_timeout(name: str, aimock: Aimock) -> None:
    """The peer thinks longer than the profile waits."""
    aimock.script({"response": {"content": "ok"}}, latencyMs=3000)
    assert refused(adapter(name, aimock.url, timeout_s=0.15)).kind == "timeout"

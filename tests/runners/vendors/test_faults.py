"""Every way a call can break ends in its own kind, by all three ways to ask."""

from __future__ import annotations

import asyncio
import email.utils
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError
from paygrade.runners import vendor
from runners.vendors.asking import ADAPTERS, KEY, adapter, ask, refused, request

if TYPE_CHECKING:
    from peers.running import Strict

pytestmark = pytest.mark.parametrize("name", ADAPTERS)

STATUSES = {
    400: "bad_request",
    401: "auth",
    402: "payment_required",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    413: "bad_request",
    422: "bad_request",
    429: "rate_limited",
    500: "server_error",
    502: "server_error",
    503: "overloaded",
    504: "server_error",
    529: "overloaded",
}

WRONG_BODIES: dict[str, object] = {
    "a page of HTML": "<html>Sign in to the hotel's network</html>",
    "no JSON at all": "{half a js",
    "an empty body": "",
    "a list": [],
    "null": None,
    "another object": {"hello": "world"},
    "fields that are null": {"model": None, "choices": None, "output": None, "content": None},
    "fields of wrong types": {
        "model": 7,
        "status": True,
        "stop_reason": "end_turn",
        "choices": "none",
        "output": {},
        "content": {},
    },
    "empty lists": {
        "model": "m",
        "status": "completed",
        "stop_reason": None,
        "choices": [],
        "output": [],
        "content": [],
    },
    "negative usage": {
        "model": "m",
        "status": "completed",
        "stop_reason": "end_turn",
        "choices": [{"finish_reason": "stop", "message": {"content": "ok"}}],
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "ok"}]}],
        "content": [{"type": "text", "text": "ok"}],
        "usage": {
            "input_tokens": -1,
            "output_tokens": -1,
            "prompt_tokens": -1,
            "completion_tokens": -1,
        },
    },
    "a tool call that nobody offered": {
        "model": "m",
        "status": "completed",
        "stop_reason": "tool_use",
        "choices": [{"finish_reason": "tool_calls", "message": {"content": None}}],
        "output": [{"type": "function_call", "name": "pay", "arguments": "{}"}],
        "content": [{"type": "tool_use", "name": "pay", "input": {}}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "a turn that is paused": {
        "model": "m",
        "status": "in_progress",
        "stop_reason": "pause_turn",
        "choices": [{"finish_reason": "paused", "message": {"content": "ok"}}],
        "output": [],
        "content": [],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_has_its_kind(name: str, strict: Strict, status: int) -> None:
    """Each says whether asking again can help, and keeps the request id."""
    strict.faults({"status": status})
    error = refused(adapter(name, strict.url))
    assert error.kind == STATUSES[status]
    assert error.retryable is vendor.RETRYABLE[error.kind]  # type: ignore[index]
    assert error.request_id == "req_1"
    assert "as scripted" in str(error)


@pytest.mark.parametrize("wrong", WRONG_BODIES)
def test_a_success_without_the_promised_shape_is_malformed(
    name: str, strict: Strict, wrong: str
) -> None:
    """The SDKs let all of these pass; none may become an answer."""
    strict.faults({"status": 200, "body": WRONG_BODIES[wrong]})
    error = refused(adapter(name, strict.url))
    assert (error.kind, error.retryable) == ("malformed_response", True)
    assert "\n" not in str(error)


@pytest.mark.parametrize("cut", ["reset", "half"])
def test_a_cut_connection_can_be_asked_again(name: str, strict: Strict, cut: str) -> None:
    """Dropped before the answer or in the middle of it."""
    strict.faults({"cut": cut})
    error = refused(adapter(name, strict.url))
    assert (error.kind, error.retryable) == ("connection", True)


def test_nobody_listening_is_a_connection_error(name: str) -> None:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refused(adapter(name, f"http://127.0.0.1:{free.getsockname()[1]}"))
    assert (error.kind, error.retryable) == ("connection", True)


def test_a_slow_answer_is_a_timeout(name: str, strict: Strict) -> None:
    """The profile's time bounds the call."""
    strict.faults({"delay_s": 5})
    error = refused(adapter(name, strict.url, timeout_s=0.15))
    assert (error.kind, error.retryable) == ("timeout", True)
    assert "0.15 s" in str(error)


def test_a_server_that_drips_is_a_timeout_too(name: str, strict: Strict) -> None:
    """A byte now and then keeps an SDK waiting for ever; not us."""
    strict.faults({"cut": "drip"})
    assert refused(adapter(name, strict.url, timeout_s=0.15)).kind == "timeout"


def test_nothing_is_retried_here(name: str, strict: Strict) -> None:
    """One answer asked for is one call: retries belong to the scheduler."""
    strict.faults({"status": 500, "times": 5})
    refused(adapter(name, strict.url))
    assert strict.counts()["calls"] == 1


@pytest.mark.parametrize("form", ["7", "7.0", "date", "ms"])
def test_the_wait_that_the_provider_asks_for_is_kept(name: str, strict: Strict, form: str) -> None:
    """In seconds, as a date, or in milliseconds."""
    headers = {
        "7": {"retry-after": "7"},
        "7.0": {"retry-after": "7.0"},
        "date": {"retry-after": email.utils.formatdate(time.time() + 7.5, usegmt=True)},
        "ms": {"retry-after-ms": "7000", "retry-after": "8"},
    }[form]
    strict.faults({"status": 429, "headers": headers})
    error = refused(adapter(name, strict.url))
    assert error.retry_after_s == pytest.approx(7, abs=1.5)


def test_an_empty_account_is_no_rate_limit(name: str, strict: Strict) -> None:
    """429 with this code comes to stay: waiting fills no account."""
    body = {"error": {"code": "insufficient_quota", "message": "You exceeded your quota"}}
    strict.faults({"status": 429, "body": body})
    error = refused(adapter(name, strict.url))
    assert (error.kind, error.retryable) == ("payment_required", False)


def test_the_provider_has_the_last_word_on_retries(name: str, strict: Strict) -> None:
    """`x-should-retry: false` on a 500."""
    strict.faults({"status": 500, "headers": {"x-should-retry": "false"}})
    error = refused(adapter(name, strict.url))
    assert (error.kind, error.retryable) == ("server_error", False)


def test_a_page_of_html_is_not_shown(name: str, strict: Strict) -> None:
    """A gateway's error page is not a message."""
    strict.faults({"status": 502, "body": "<html>" + "padding " * 1000})
    error = refused(adapter(name, strict.url))
    assert "padding" not in str(error)
    assert error.kind == "server_error"


def test_an_error_that_is_only_a_sentence_is_told(name: str, strict: Strict) -> None:
    """Some servers write no object there."""
    strict.faults({"status": 404, "body": {"error": "no such model here"}})
    error = refused(adapter(name, strict.url))
    assert error.kind == "not_found"
    assert "no such model here" in str(error)


def test_a_long_message_becomes_one_short_line_without_keys(name: str, strict: Strict) -> None:
    """Whatever the provider echoes."""
    message = f"bad\nkey {KEY} or sk-ab*********yz\x1b[31m " + "and so on " * 100
    strict.faults({"status": 400, "body": {"error": {"message": message}}})
    said = str(refused(adapter(name, strict.url)))
    assert said.isprintable()
    assert len(said) < 300
    assert "sk-" not in said


def test_an_error_leaves_the_runner_usable(name: str, strict: Strict) -> None:
    """The next call of the same client is answered."""
    strict.faults({"cut": "half"}, {"status": 200, "body": "<html>"})

    async def three() -> list[str]:
        runner = adapter(name, strict.url)
        ends = []
        for _ in range(3):
            try:
                ends.append((await runner.answer(request())).text)
            except RunnerError as error:
                ends.append(error.kind)
        await runner.close()
        return ends

    assert asyncio.run(three()) == ["connection", "malformed_response", "ok"]


def test_deeply_nested_json_is_malformed(name: str, strict: Strict) -> None:
    """A hundred thousand brackets are not read."""
    body: Any = "[" * 100_000
    strict.faults({"status": 200, "body": body})
    assert refused(adapter(name, strict.url)).kind == "malformed_response"


def test_an_answer_after_a_cancelled_call_is_not_mixed_up(name: str, strict: Strict) -> None:
    """Who gives up gets nothing; who asks next gets their own answer."""
    strict.faults({"contains": "slow", "delay_s": 5})

    async def run() -> str:
        runner = adapter(name, strict.url)
        slow = asyncio.create_task(runner.answer(request("slow")))
        await asyncio.sleep(0.2)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        answer = await runner.answer(request("quick"))
        await runner.close()
        return answer.text

    assert asyncio.run(run()) == "ok"


def test_a_plain_answer_still_comes(name: str, strict: Strict) -> None:
    """The control group: no fault, an answer."""
    assert ask(adapter(name, strict.url)).text == "ok"

"""What a provider's answer becomes, by all three ways to ask, against a strict server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.records.answer import Usage
from runners.vendors.asking import ADAPTERS, KEY, adapter, ask, refused, request

if TYPE_CHECKING:
    from peers.running import Strict

pytestmark = pytest.mark.parametrize("name", ADAPTERS)


def test_text_model_and_request_id_come_back(name: str, strict: Strict) -> None:
    """The answer says what was said, by which model, and the provider's own id."""
    strict.answers(text="Yes.", model="the-dated-model-2026-11-01")
    answer = ask(adapter(name, strict.url))
    assert (answer.text, answer.finish) == ("Yes.", "stop")
    assert (answer.model, answer.request_id) == ("the-dated-model-2026-11-01", "req_1")


def test_usage_counts_the_cache_and_the_reasoning_alike(name: str, strict: Strict) -> None:
    """Whatever the vendor excludes, input includes the cache and output the reasoning."""
    strict.answers(input=100, cached=40, written=10, output=30, reasoning=20)
    assert ask(adapter(name, strict.url)).usage == Usage(
        input_tokens=100,
        output_tokens=30,
        cached_tokens=40,
        cache_write_tokens=10,
        reasoning_tokens=20,
    )


@pytest.mark.parametrize("finish", ["length", "refusal"])
def test_an_answer_cut_or_refused_says_so(name: str, strict: Strict, finish: str) -> None:
    """Both are the model's own failures, and what it said stays."""
    strict.answers(text="I would rather not", finish=finish)
    answer = ask(adapter(name, strict.url))
    assert (answer.finish, answer.text) == (finish, "I would rather not")


def test_what_went_out_is_recorded_without_messages_and_key(name: str, strict: Strict) -> None:
    """`sent` is the body that the server saw, less what was said, and says what was left out."""
    answer = ask(
        adapter(name, strict.url),
        request("a secret question", max_output_tokens=50, temperature=0, seed=7, made_up=1),
    )
    seen = strict.calls()[0]["body"]
    sent = dict(answer.sent)
    left_out: Any = sent.pop("left_out")
    assert set(left_out) >= {"temperature", "made_up"}
    for own in ("api", "api_version"):
        sent.pop(own, None)
    said = {"messages", "input", "system"}
    assert sent == {key: value for key, value in seen.items() if key not in said}
    assert "a secret question" not in repr(answer.sent)
    assert KEY not in repr(answer.sent)


def test_a_schema_the_vendor_can_enforce_goes_out_strict(name: str, strict: Strict) -> None:
    """The strict server, which refuses what the vendor refuses, takes the adapted schema."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["amount_minor"],
        "properties": {
            "amount_minor": {"type": "integer", "minimum": 0, "maximum": 10},
            "reason": {"type": "string", "minLength": 3, "format": "iban"},
            "parts": {
                "type": "array",
                "maxItems": 3,
                "items": {"type": "object", "properties": {"a": {"enum": ["x", None]}}},
            },
        },
    }
    ask(adapter(name, strict.url), request(schema=schema))
    body = strict.calls()[0]["body"]
    form = {
        "responses": lambda: body["text"]["format"],
        "chat": lambda: body["response_format"]["json_schema"],
        "messages": lambda: body["output_config"]["format"] | {"strict": True},
    }[name]()
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    assert strict.counts()["by_status"] == {"200": 1}


def test_calls_share_one_client_and_are_billed_once_each(name: str, strict: Strict) -> None:
    """Twenty at a time: every call is counted and paid for once, at the listed price."""
    strict.prices({"*": {"input": 2.0, "output": 8.0}})
    strict.answers(input=1000, output=100)

    async def many() -> None:
        runner = adapter(name, strict.url)
        await asyncio.gather(*(runner.answer(request(f"case {n}")) for n in range(20)))
        await runner.close()

    asyncio.run(many())
    counts = strict.counts()
    assert (counts["calls"], counts["input_tokens"], counts["output_tokens"]) == (20, 20_000, 2000)
    assert float(counts["usd"]) == pytest.approx(20 * (1000 * 2 + 100 * 8) / 1_000_000)
    assert set(counts["by_message"].values()) == {1}


def test_a_model_that_is_gone_is_not_found(name: str, strict: Strict) -> None:
    """Asking again will not bring it back."""
    error = refused(adapter(name, strict.url, model="gone-model"))
    assert (error.kind, error.retryable, error.request_id) == ("not_found", False, "req_1")
    assert "gone-model" in str(error)


def test_a_wrong_key_is_told_without_it(
    name: str, strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server echoes the key in its message; ours has it cut out."""
    monkeypatch.setenv("OTHER_KEY", "a-very-private-key")
    error = refused(adapter(name, strict.url, key_env="OTHER_KEY"))
    assert (error.kind, error.retryable) == ("auth", False)
    assert "[key]" in str(error)
    assert "private" not in str(error)

"""Which parameters go out: only what vendor and model take, and the strict server agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from runners.vendors.asking import adapter, ask, refused, request

if TYPE_CHECKING:
    from peers.running import Strict

SAMPLING: dict[str, Any] = {"temperature": 0, "top_p": 0.5}


def left_out(answer: Any) -> set[str]:  # noqa: ANN401 - JSON within
    """The names that did not go out."""
    return set(answer.sent.get("left_out", {}))


def test_responses_never_store(strict: Strict) -> None:
    """The API keeps what it answers for thirty days unless it is told not to."""
    ask(adapter("responses", strict.url))
    assert strict.calls()[0]["body"]["store"] is False


def test_the_responses_api_gets_its_own_names(strict: Strict) -> None:
    """Effort, verbosity and the bound go where the API looks for them."""
    asked = request(
        max_output_tokens=9, reasoning_effort="low", verbosity="high", service_tier="flex"
    )
    answer = ask(adapter("responses", strict.url), asked)
    body = strict.calls()[0]["body"]
    assert (body["max_output_tokens"], body["service_tier"]) == (9, "flex")
    assert (body["reasoning"], body["text"]) == ({"effort": "low"}, {"verbosity": "high"})
    assert not left_out(answer)


def test_chat_gets_its_own_names(strict: Strict) -> None:
    """The newer bound, and the seed that only this API has."""
    asked = request(max_output_tokens=9, reasoning_effort="low", verbosity="high", seed=3)
    answer = ask(adapter("chat", strict.url), asked)
    body = strict.calls()[0]["body"]
    assert (body["max_completion_tokens"], body["reasoning_effort"]) == (9, "low")
    assert (body["verbosity"], body["seed"]) == ("high", 3)
    assert not left_out(answer)


@pytest.mark.parametrize("name", ["responses", "chat"])
def test_a_reasoning_model_gets_no_sampling_parameters(name: str, strict: Strict) -> None:
    """The strict server would answer 400."""
    answer = ask(adapter(name, strict.url), request(**SAMPLING))
    assert left_out(answer) == {"temperature", "top_p"}


@pytest.mark.parametrize("name", ["responses", "chat"])
def test_without_reasoning_it_gets_them(name: str, strict: Strict) -> None:
    """`reasoning_effort: none` makes it an ordinary model."""
    answer = ask(adapter(name, strict.url), request(reasoning_effort="none", **SAMPLING))
    assert strict.calls()[0]["body"]["temperature"] == 0
    assert not left_out(answer)


def test_a_model_of_another_vendor_gets_what_the_api_has(strict: Strict) -> None:
    """A local server knows best what it takes; the bound goes by its older name."""
    asked = request(max_output_tokens=9, stop=["\n"], seed=3, **SAMPLING)
    answer = ask(adapter("chat", strict.url, model="llama-4-maverick"), asked)
    body = strict.calls()[0]["body"]
    assert (body["max_tokens"], body["stop"], body["seed"]) == (9, ["\n"], 3)
    assert not left_out(answer)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-6-luna", "reasoning"),
        ("gpt-6.2-astra", "reasoning"),
        ("openai/gpt-5.4-mini", "reasoning"),
        ("ft:gpt-6-luna:acme::1", "reasoning"),
        ("o3-pro", "reasoning"),
        ("gpt-10-sol", "reasoning"),
        ("gpt-4.1", "earlier"),
        ("gpt-5-chat-latest", "earlier"),
        ("gpt-oss-120b", "other"),
        ("llama-4", "other"),
        ("olmo-3", "other"),
    ],
)
def test_a_model_is_known_by_its_name(model: str, family: str) -> None:
    """Whose rules apply."""
    from paygrade.runners import openai  # noqa: PLC0415 - takes a second

    assert openai.family(model) == family


def test_an_earlier_model_gets_no_effort(strict: Strict) -> None:
    """Effort and verbosity came with gpt-5."""
    asked = request(reasoning_effort="low", verbosity="low", **SAMPLING)
    answer = ask(adapter("chat", strict.url, model="gpt-4.1"), asked)
    assert left_out(answer) == {"reasoning_effort", "verbosity"}


def test_todays_anthropic_api_gets_no_sampling_parameters(strict: Strict) -> None:
    """The strict server would answer 400, as the API does since 2026-10-21."""
    answer = ask(adapter("messages", strict.url), request(seed=1, verbosity="low", **SAMPLING))
    assert strict.calls()[0]["headers"]["anthropic-version"] == "2026-10-21"
    assert left_out(answer) == {"temperature", "top_p", "seed", "verbosity"}


def test_an_older_api_version_gets_them(strict: Strict) -> None:
    """A profile may pin the version that still takes a temperature."""
    runner = adapter("messages", strict.url, api_version="2023-06-01")
    answer = ask(runner, request(**SAMPLING))
    call = strict.calls()[0]
    assert call["headers"]["anthropic-version"] == "2023-06-01"
    assert (call["body"]["temperature"], call["body"]["top_p"]) == (0, 0.5)
    assert answer.sent["temperature"] == 0
    assert not left_out(answer)


def test_anthropic_gets_its_own_names(strict: Strict) -> None:
    """System text apart, effort in `output_config`, a list of stop sequences."""
    asked = request(
        max_output_tokens=9, reasoning_effort="max", stop="END", service_tier="standard_only"
    )
    ask(adapter("messages", strict.url), asked)
    body = strict.calls()[0]["body"]
    assert (body["system"], body["max_tokens"]) == ("Answer in JSON.", 9)
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert (body["output_config"], body["stop_sequences"]) == ({"effort": "max"}, ["END"])
    assert body["service_tier"] == "standard_only"


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("claude-haiku-5-5", {"reasoning_effort": "none"}),
        ("claude-haiku-4-5", {"reasoning_effort": "low"}),
        ("claude-haiku-5-5", {"service_tier": "flex"}),
    ],
)
def test_values_that_anthropic_does_not_know_stay_here(
    model: str, parameters: dict[str, Any], strict: Strict
) -> None:
    """An effort or a tier of the other vendor, or a model without effort."""
    answer = ask(adapter("messages", strict.url, model=model), request(**parameters))
    assert left_out(answer) == set(parameters)


def test_anthropic_always_bounds_the_output(strict: Strict) -> None:
    """The API demands it: a prompt that gives no bound gets the default, and `sent` says so."""
    answer = ask(adapter("messages", strict.url))
    assert strict.calls()[0]["body"]["max_tokens"] == answer.sent["max_tokens"] == 8192


def test_a_long_answer_may_be_asked_for_without_streaming(strict: Strict) -> None:
    """The SDK refuses 64,000 tokens by itself unless it is told how long to wait."""
    ask(adapter("messages", strict.url), request(max_output_tokens=64_000))
    assert strict.counts()["by_status"] == {"200": 1}


def test_a_value_that_the_vendor_refuses_is_a_bad_request(strict: Strict) -> None:
    """Its own sentence is told; asking again cannot help."""
    error = refused(adapter("messages", strict.url), request(max_output_tokens=-1))
    assert (error.kind, error.retryable) == ("bad_request", False)
    assert "max_tokens" in str(error)


@pytest.mark.parametrize("name", ["responses", "chat"])
def test_a_schema_that_cannot_be_strict_goes_out_as_a_hint(name: str, strict: Strict) -> None:
    """An object of any keys has no strict form; `sent` says so."""
    schema = {"type": "object", "properties": {"deadlines": {"type": "object"}}}
    answer = ask(adapter(name, strict.url), request(schema=schema))
    notes: Any = answer.sent["schema_notes"]
    assert notes == ["not strict: deadlines is an object of any keys"]
    assert '"strict": false' in str(strict.calls()[0]["body"]).replace("'", '"').replace("F", "f")


def test_anthropic_is_not_sent_what_it_cannot_enforce(strict: Strict) -> None:
    """There is no hint there: the format stays away, and `sent` says why."""
    schema = {"type": "object", "properties": {"deadlines": {"type": "object"}}}
    answer = ask(adapter("messages", strict.url), request(schema=schema))
    assert left_out(answer) == {"output_schema"}
    assert "output_config" not in strict.calls()[0]["body"]


@pytest.mark.parametrize("name", ["responses", "chat"])
def test_an_absent_property_comes_back_absent(name: str, strict: Strict) -> None:
    """Strict mode makes the model say null for it; the canonical schema allows none."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "number"}, "b": {"type": "string"}},
    }
    strict.answers(text='{"a": 1.10, "b": null}')
    assert ask(adapter(name, strict.url), request(schema=schema)).text == '{"a": 1.10}'

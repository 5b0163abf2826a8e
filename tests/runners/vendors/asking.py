"""Builds profiles and requests, and asks runners, for the tests beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError
from paygrade.records.agent import Tool
from paygrade.records.answer import Message, Request, Turn
from paygrade.records.plan import RunnerProfile

if TYPE_CHECKING:
    from paygrade.records.answer import Answer
    from paygrade.records.protocols import Runner

KEY = "sk-test-0123456789abcdef"

ADAPTERS: dict[str, dict[str, Any]] = {
    "responses": {"provider": "openai", "model": "gpt-6-luna"},
    "chat": {"provider": "openai", "model": "gpt-6-luna", "api": "chat"},
    "messages": {"provider": "anthropic", "model": "claude-haiku-5-5"},
}
"""One profile's options for each way to ask a provider."""

REFUND = Tool(
    name="refund",
    description="Pay money back.",
    parameters={
        "type": "object",
        "properties": {"payment": {"type": "string"}, "amount_minor": {"type": "integer"}},
        "required": ["payment", "amount_minor"],
        "additionalProperties": False,
    },
)
LOOK_UP = Tool(
    name="look_up",
    description="Find a payment.",
    parameters={
        "type": "object",
        "properties": {"payment": {"type": "string"}, "since": {"type": "string"}},
        "required": ["payment"],
    },
)
"""Of the two, OpenAI enforces the first as it stands; the second has an optional argument."""


def profile(
    provider: str,
    *,
    folder: Path = Path(),
    timeout_s: float = 10,
    **options: Any,  # noqa: ANN401 - tests write wrong ones on purpose
) -> RunnerProfile:
    """A profile called `gpt` with these options."""
    return RunnerProfile(
        name="gpt",
        provider=provider,
        path="runners/gpt.yaml",
        folder=folder,
        options=options,
        parameters={},
        concurrency=8,
        timeout_s=timeout_s,
        deterministic=False,
        content_hash="",
    )


def load(profile: RunnerProfile) -> Runner:
    """Load the runner of a profile, as a run does."""
    if profile.provider == "openai":
        from paygrade.runners.openai import OpenAIRunner  # noqa: PLC0415 - takes a second

        return OpenAIRunner.load(profile)
    if profile.provider == "anthropic":
        from paygrade.runners.anthropic import AnthropicRunner  # noqa: PLC0415 - takes seconds

        return AnthropicRunner.load(profile)
    from paygrade.runners.command import CommandRunner  # noqa: PLC0415 - as the others

    return CommandRunner.load(profile)


def adapter(name: str, url: str, **more: Any) -> Runner:  # noqa: ANN401 - options of a profile
    """The runner `name` of `ADAPTERS`, asking the server at `url`."""
    options = ADAPTERS[name] | more
    base_url = url if options["provider"] == "anthropic" else f"{url}/v1"
    return load(profile(**{"base_url": base_url, **options}))


def request(
    text: str = "Refund?",
    *,
    system: str = "Answer in JSON.",
    schema: dict[str, Any] | None = None,
    tools: tuple[Tool, ...] = (),
    turns: tuple[Turn, ...] = (),
    **parameters: Any,  # noqa: ANN401 - JSON
) -> Request:
    """One attempt with a system and a user message."""
    return Request(
        sample_id="s1",
        epoch=1,
        prompt="refunds@v1",
        messages=(Message(role="system", content=system), Message(role="user", content=text)),
        input={"message": text},
        parameters=parameters,
        output_schema=schema,
        tools=tools,
        turns=turns,
    )


def turn(answer: Answer, *results: str, said: str = "") -> Turn:
    """A model's answer as a turn of the conversation, with what came back."""
    return Turn(text=answer.text, calls=answer.calls, results=results, said=said, raw=answer.raw)


def ask(runner: Runner, asked: Request | None = None) -> Answer:
    """Ask once, and close."""

    async def once() -> Answer:
        try:
            return await runner.answer(asked or request())
        finally:
            await runner.close()

    return asyncio.run(once())


def refused(runner: Runner, asked: Request | None = None) -> RunnerError:
    """Ask once, and return the error that it ends in."""
    with pytest.raises(RunnerError) as caught:
        ask(runner, asked)
    return caught.value

"""What every runner keeps, whatever stands behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import UsageError
from paygrade.records.answer import Answer
from paygrade.runners import build
from runners.profiles import profile, request

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.json_value import Json
    from paygrade.records.plan import RunnerProfile


@pytest.fixture(params=["echo", "python", "replay"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> RunnerProfile:
    """A profile of each provider that answers `Hello from SAMPLE`."""
    if request.param == "python":
        code = "def answer(request):\n    return request.messages[-1].content\n"
        (tmp_path / "own.py").write_text(code)
        return profile(tmp_path, "python", callable="own.py:answer")
    if request.param == "replay":
        lines = [f'{{"id": "s{n}", "text": "Hello from s{n}"}}\n' for n in range(100)]
        (tmp_path / "answers.jsonl").write_text("".join(lines))
        return profile(tmp_path, "replay", answers="answers.jsonl")
    return profile(tmp_path, "echo")


def test_it_answers_the_request(made: RunnerProfile) -> None:
    """Text comes back, finished, and nothing is made up about cost or tokens."""
    answer = asyncio.run(build(made).answer(request("s7")))
    assert isinstance(answer, Answer)
    assert (answer.text, answer.finish) == ("Hello from s7", "stop")
    assert (answer.usage, answer.cost_usd) == (None, None)


def test_it_answers_many_at_a_time(made: RunnerProfile) -> None:
    """Each gets its own answer."""
    runner = build(made)

    async def ask() -> list[Answer]:
        return await asyncio.gather(*(runner.answer(request(f"s{n}")) for n in range(100)))

    texts = [answer.text for answer in asyncio.run(ask())]
    assert texts == [f"Hello from s{n}" for n in range(100)]


def test_it_answers_the_same_in_every_epoch(made: RunnerProfile) -> None:
    """None of the three rolls dice."""
    runner = build(made)
    first, second = (asyncio.run(runner.answer(request("s1", epoch))) for epoch in (1, 2))
    assert first == second


def test_it_can_be_closed_twice(made: RunnerProfile) -> None:
    """Closing needs no call before it."""
    runner = build(made)

    async def close() -> None:
        await runner.close()
        await runner.close()

    asyncio.run(close())


@pytest.mark.parametrize(
    ("provider", "options", "expected"),
    [
        ("openai", {"model": "m"}, "OpenAIRunner"),
        ("anthropic", {"model": "m"}, "AnthropicRunner"),
        ("command", {"command": ["python3", "tool.py"]}, "CommandRunner"),
    ],
)
def test_every_other_provider_is_built(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    options: dict[str, Json],
    expected: str,
) -> None:
    """By its name in the profile; what each keeps is tried in `vendors`."""
    for vendor in ("OPENAI", "ANTHROPIC"):
        monkeypatch.setenv(f"{vendor}_API_KEY", "key-for-a-test")
    built = build(profile(tmp_path, provider, **options))
    assert type(built).__name__ == expected
    asyncio.run(built.close())


def test_an_unknown_provider_is_no_echo(tmp_path: Path) -> None:
    """A name that nothing stands behind must not answer with the question."""
    with pytest.raises(UsageError, match=r"runners/r.yaml: .* provider 'oracle'"):
        build(profile(tmp_path, "oracle"))

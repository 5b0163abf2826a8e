"""`provider: replay`: recorded answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.runners.replay import ReplayRunner
from runners.profiles import profile, request

if TYPE_CHECKING:
    from pathlib import Path


def load(folder: Path, content: str | bytes) -> ReplayRunner:
    """The runner of a file with this content."""
    data = content.encode() if isinstance(content, str) else content
    (folder / "answers.jsonl").write_bytes(data)
    return ReplayRunner.load(profile(folder, "replay", answers="answers.jsonl"))


def test_the_answer_of_the_epoch_wins(tmp_path: Path) -> None:
    """A line without an epoch answers every other one; blank lines and a BOM are no matter."""
    runner = load(
        tmp_path,
        '\ufeff{"id": "s1", "text": "always", "model": "m"}\n\n'
        '{"id": "s1", "text": "second", "epoch": 2}\r\n',
    )
    answers = [asyncio.run(runner.answer(request("s1", epoch))) for epoch in (1, 2, 3)]
    assert [each.text for each in answers] == ["always", "second", "always"]
    assert [each.model for each in answers] == ["m", "", "m"]


def test_what_was_not_recorded_is_an_error(tmp_path: Path) -> None:
    """Of the infrastructure, with the sample and the epoch."""
    runner = load(tmp_path, '{"id": "s1", "text": "x", "epoch": 1}\n')
    for sample_id, epoch in (("s2", 1), ("s1", 2)):
        with pytest.raises(RunnerError) as caught:
            asyncio.run(runner.answer(request(sample_id, epoch)))
        assert caught.value.kind == "not_recorded"
        assert str(caught.value) == f"no answer is recorded for {sample_id!r}, epoch {epoch}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nonsense", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a recorded answer"),
        ('{"id": "s2", "text": "x", "txet": ""}', "is not a recorded answer"),
        ('{"id": "s2"}', "'id' and 'text' must both be text"),
        ('{"id": 2, "text": "x"}', "'id' and 'text' must both be text"),
        ('{"id": "s2", "text": {"a": 1}}', "'id' and 'text' must both be text"),
        ('{"id": "s2", "text": "x", "epoch": "1"}', "'epoch' is not a whole number"),
        ('{"id": "s2", "text": "x", "epoch": true}', "'epoch' is not a whole number"),
        ('{"id": "s2", "text": "x", "epoch": 1.0}', "'epoch' is not a whole number"),
        ('{"id": "s2", "text": "x", "model": null}', "'model' is not text"),
        ('{"id": "s1", "text": "again"}', "'s1' is recorded twice"),
    ],
)
def test_a_malformed_line_is_a_mistake_with_its_place(tmp_path: Path, line: str, told: str) -> None:
    """File and line, before any call."""
    with pytest.raises(UsageError) as caught:
        load(tmp_path, f'{{"id": "s1", "text": "x"}}\n{line}\n')
    assert caught.value.problem.startswith(f"{tmp_path / 'answers.jsonl'}:2: {told}")


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    """It is not there, is a folder, or is not text."""
    made = profile(tmp_path, "replay", answers="answers.jsonl")
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        ReplayRunner.load(made)
    with pytest.raises(UsageError, match="is not UTF-8"):
        load(tmp_path, b'{"id": "s1", "text": "\xff"}\n')
    (tmp_path / "answers.jsonl").unlink()
    (tmp_path / "answers.jsonl").mkdir()
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        ReplayRunner.load(made)

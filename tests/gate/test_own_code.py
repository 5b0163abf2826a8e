"""A runner of a user's own may use other files: the old version is then the old files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.playing import PLAYER

if TYPE_CHECKING:
    from gate.conftest import Gate, Staged
    from gate.playing import Stage

READS = PLAYER.replace('MODEL = "m1"', 'MODEL = (Path(__file__).parent / "model.txt").read_text()')


def reading(stage: Stage) -> None:
    """The runner's file reads another one, which no hash of the profile covers."""
    stage.write("runners/model.txt", "m1")
    stage.write("runners/bot.py", READS)
    stage.commit()


def test_a_file_that_the_runner_reads_is_the_old_one_too(staged: Staged, gate: Gate) -> None:
    """Prompt and runner are the same by their hashes; what changed is asked as it was then."""
    stage = staged(prepare=reading)
    stage.write("runners/model.txt", "m2")
    stage.commit()
    stage.plays({"v1-m2": {"s007": "F"}})
    ended = gate(stage)
    assert stage.calls("v1-m1") == ["s007"] * 5
    assert ended.code == 100, ended.text


@pytest.mark.real
def test_an_uncommitted_change_of_it_counts_too(staged: Staged, gate: Gate) -> None:
    """Also before it is committed, beside another prompt."""
    stage = staged(prepare=reading)
    stage.write("runners/model.txt", "m2")
    stage.use(2)
    stage.plays({"v2-m2": {"s007": "F"}, "v1-m2": {"s007": "F"}})
    ended = gate(stage)
    assert stage.calls("v1-m1") == ["s007"] * 5
    assert ended.code == 100, ended.text

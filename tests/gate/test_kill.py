"""kill -9 at any moment, then the same command again: the verdict is that of a gate left alone."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from gate.playing import PLAYER, PROFILE, Stage, committed, names, scripts
from kit import KILLS
from paygrade.store import journal

if TYPE_CHECKING:
    from pathlib import Path

    from gate.conftest import Gate, Staged

pytestmark = pytest.mark.real  # each in processes that are killed

CONCURRENCY = 4
RECORDED = 160
CANDIDATE = 120
FRESH = 10 * 6
SLOWLY = PLAYER.replace("import json\n", "import asyncio\nimport json\n").replace(
    "    letter = script", "    await asyncio.sleep(0.01)\n    letter = script"
)


def slow(stage: Stage) -> None:
    """Each answer takes a hundredth of a second; in git, so that a candidate is known again."""
    stage.write("runners/bot.py", SLOWLY)
    stage.write("runners/bot.yaml", f"{PROFILE}concurrency: {CONCURRENCY}\n")
    stage.commit()


def broken(stage: Stage) -> None:
    """Six samples fail with the second prompt."""
    stage.candidate(**scripts("F", *names(0, 5)))
    stage.commit()


def started(stage: Stage) -> subprocess.Popen[bytes]:
    """The gate as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "paygrade", "gate", "-q"],
        cwd=stage.root,
        env={**os.environ, "PAYGRADE_PLAY": str(stage.play)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed_after(stage: Stage, calls: int) -> None:
    """Start it, and kill it once the runner was called so often."""
    process = started(stage)
    deadline = time.monotonic() + 60
    while process.poll() is None and len(stage.calls()) < calls:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.wait()


def answered(stage: Stage) -> int:
    """Attempts that were answered, of all runs of the gate."""
    return sum(
        line.startswith('{"t":"answer"')
        for file in stage.root.glob(".paygrade/runs/*/journal.jsonl")
        for line in file.read_text(errors="replace").splitlines()
    )


def essence(report: dict[str, Any]) -> dict[str, Any]:
    """The report without ids and times."""
    [suite] = report["suites"]
    kept = ("verdict", "headline", "codes", "hypotheses", "flips", "checks", "judged_attempts")
    confirmation = {**suite["confirmation"], "run_ids": len(suite["confirmation"]["run_ids"])}
    return {**{name: suite[name] for name in kept}, "confirmation": confirmation}


def killed_and_finished(stage: Stage, gate: Gate, moments: list[int]) -> dict[str, Any]:
    """Kill it at each of `moments` (calls so far), then let it end; count what it asked."""
    before = answered(stage)
    for moment in moments:
        killed_after(stage, moment)
    in_flight = len(stage.calls()) - (answered(stage) - before)
    assert in_flight <= 2 * CONCURRENCY * len(moments)
    ended = gate(stage)
    assert ended.code == 100
    calls = len(stage.calls())
    assert calls <= CANDIDATE + FRESH + in_flight, "what was answered was asked again"
    return dict(ended.report)


@pytest.mark.parametrize(
    "moments",
    [
        [CANDIDATE + FRESH // 2],
        pytest.param([CANDIDATE // 2, CANDIDATE + FRESH // 2], marks=pytest.mark.real),
    ],
    ids=["confirmation", "both"],
)
def test_a_killed_gate_goes_on(
    staged: Staged, gate: Gate, tmp_path: Path, moments: list[int]
) -> None:
    """Killed during the confirmation, or during the candidate's run and again after it."""
    stage = staged(prepare=slow)
    broken(stage)
    alone = gate(stage)
    assert alone.code == 100
    assert len(stage.calls()) == CANDIDATE + FRESH
    shutil.rmtree(tmp_path / "ws")
    shutil.rmtree(tmp_path / "play")
    stage = staged(prepare=slow)
    broken(stage)
    report = killed_and_finished(stage, gate, moments)
    assert essence(report) == essence(dict(alone.report))
    assert [each["state"] for each in stage.records()] == ["running"] * len(moments) + ["done"]
    assert report["suites"][0]["confirmation"]["look"] == 1
    assert Counter(stage.calls("v1-m1")).keys() == set(names(0, 5))


@pytest.mark.real
def test_a_gate_killed_at_random_moments_goes_on(
    staged: Staged, gate: Gate, tmp_path: Path
) -> None:
    """Many gates, each killed once to three times."""
    moment = random.Random(20261123)
    stage = staged(prepare=slow)
    broken(stage)
    alone = essence(dict(gate(stage).report))
    for _ in range(KILLS):
        shutil.rmtree(tmp_path / "ws")
        shutil.rmtree(tmp_path / "play")
        stage = staged(prepare=slow)
        broken(stage)
        kills = sorted(moment.sample(range(1, CANDIDATE + FRESH), moment.randint(1, 3)))
        assert essence(killed_and_finished(stage, gate, kills)) == alone, kills


@pytest.mark.parametrize(
    "after", [CANDIDATE // 2, pytest.param(CANDIDATE + FRESH // 2, marks=pytest.mark.real)]
)
def test_an_interrupted_gate_goes_on(
    staged: Staged, gate: Gate, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Ctrl-C: 103, and the next invocation asks only what is left."""
    stage = staged(prepare=committed)
    broken(stage)
    landed = iter(range(1, 1000))

    def interrupted(*_: object) -> None:
        if next(landed) == after:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr("paygrade.cli.progress.Plainly.landed", interrupted)
        stopped = gate(stage)
    assert stopped.code == 103
    assert "interrupted" in stopped.err
    assert stopped.report == {}
    in_flight = len(stage.calls()) - (answered(stage) - RECORDED)
    ended = gate(stage)
    assert ended.code == 100
    assert len(stage.calls()) <= CANDIDATE + FRESH + in_flight
    assert "look 1 at this candidate" in ended.text


@pytest.mark.parametrize(
    "options", [(), pytest.param(("--epochs", 6), marks=pytest.mark.real)], ids=["fresh", "epochs"]
)
def test_an_interrupted_second_look_goes_on(
    staged: Staged, gate: Gate, monkeypatch: pytest.MonkeyPatch, options: tuple[object, ...]
) -> None:
    """More fresh attempts, or more epochs: what is left of the second look is asked, no more."""
    stage = staged(prepare=committed)
    if options:
        stage.gate("{margin: 0.001}")
    stage.candidate(**({} if options else scripts("F", "s000")))
    stage.commit()
    first = gate(stage)
    called = len(stage.calls())
    landed = iter(range(1, 1000))

    def interrupted(*_: object) -> None:
        if next(landed) == 5:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr("paygrade.cli.progress.Plainly.landed", interrupted)
        assert gate(stage, *options).code == 103
    before = answered(stage) - RECORDED
    in_flight = len(stage.calls()) - before
    ended = gate(stage, *options)
    assert ended.code == first.code
    assert "look 2 at this candidate: level 0.025" in ended.text
    assert len(stage.calls()) <= called + (240 if options else 10) + in_flight


def test_two_gates_do_not_go_on_with_one_run(
    staged: Staged, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one says who holds it, and asks nothing."""
    stage = staged(prepare=committed)
    broken(stage)
    landed = iter(range(1, 1000))

    def interrupted(*_: object) -> None:
        if next(landed) == 5:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr("paygrade.cli.progress.Plainly.landed", interrupted)
        assert gate(stage).code == 103
    called = len(stage.calls())
    left = max(stage.root.glob(".paygrade/runs/*"))
    held = journal.RunJournal.reopen(left)
    try:
        ended = gate(stage)
    finally:
        held.close()
    assert ended.code == 2
    assert left.name in ended.err
    assert len(stage.calls()) == called

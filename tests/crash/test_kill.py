"""kill -9 anywhere, then resume: the result is that of a run nobody touched.

A real process is killed with SIGKILL; its runner logs every call that it makes, so that calls can
be counted: what was answered before the kill is never asked again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from kit import KILLS, WorkspaceFolder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real  # processes that are killed

SAMPLES = 500
CONCURRENCY = 8
SLOW_RUNNER = '''\
"""Slow, deterministic, and it writes down every call before it answers."""

import asyncio
import os

LOG = os.open(os.environ["CALLS_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


async def answer(request):
    os.write(LOG, f"{request.sample_id}\\n".encode())
    await asyncio.sleep(0.008)
    number = int(request.sample_id[1:])
    if number % 97 == 0:
        raise RuntimeError("no luck with this one")
    return {"action": "refund" if number % 7 else "refuse"}
'''


@dataclass
class Crashable:
    """A workspace whose runs are real processes."""

    root: Path

    @property
    def calls(self) -> list[str]:
        """Sample ids in the order in which the runner was called."""
        log = self.root / "calls.log"
        return log.read_text().split() if log.exists() else []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `paygrade ARGUMENTS…` as a process of its own."""
        environment = {**os.environ, "CALLS_LOG": str(self.root / "calls.log")}
        return subprocess.Popen(
            [sys.executable, "-m", "paygrade", *arguments, "-j", str(CONCURRENCY), "-q"],
            cwd=self.root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def finish(self, *arguments: str) -> int:
        """Run a command to its end."""
        return self.start(*arguments).wait(timeout=120)

    def forget(self) -> None:
        """Back to a workspace in which nothing ran."""
        shutil.rmtree(self.root / ".paygrade", ignore_errors=True)
        (self.root / "calls.log").unlink(missing_ok=True)

    def journaled(self) -> set[str]:
        """Samples whose attempt reached the journal, as an answer or as an error."""
        found: set[str] = set()
        for journal in self.root.glob(".paygrade/runs/*/journal.jsonl"):
            for line in journal.read_bytes().split(b"\n")[:-1]:
                entry = json.loads(line)
                if entry["t"] in ("answer", "outcome"):
                    found.add(entry["sample_id"])
        return found

    def result(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """All stored rows and all figures of the only run, without its id and its times."""
        export = [sys.executable, "-m", "paygrade", "export", "latest", "-o", "rows.jsonl"]
        subprocess.run(export, cwd=self.root, check=True, capture_output=True)
        rows = [json.loads(line) for line in (self.root / "rows.jsonl").read_text().splitlines()]
        for row in rows:
            for name in ("run_id", "latency_s", "answered_at"):
                del row[name]
        show = [sys.executable, "-m", "paygrade", "show", "latest", "--json"]
        shown = subprocess.run(show, cwd=self.root, check=True, capture_output=True)
        figures = json.loads(shown.stdout)
        return rows, {name: figures[name] for name in ("state", "done", "overall", "checks")}


@pytest.fixture
def crashable(tmp_path: Path) -> Crashable:
    """500 samples and a slow runner that logs its calls."""
    folder = WorkspaceFolder(tmp_path / "ws")
    folder.write("runners/always_refund.py", SLOW_RUNNER)
    folder.samples(
        [
            {
                "id": f"s{number}",
                "input": {"message": f"Message {number}"},
                "expected": {"action": "refund"},
                "slices": {"kind": "even" if number % 2 == 0 else "odd"},
                "exposure": {"amount_minor": 100 + number, "currency": "EUR"},
            }
            for number in range(1, SAMPLES + 1)
        ]
    )
    return Crashable(folder.root)


def _kill_after_calls(process: subprocess.Popen[bytes], folder: Crashable, calls: int) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and len(folder.calls) < calls and time.monotonic() < deadline:
        time.sleep(0.001)
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def _crash_and_resume(folder: Crashable, moment: random.Random) -> None:
    """One run, killed once to three times at random moments, then finished; calls are counted."""
    folder.forget()
    in_flight: Counter[str] = Counter()
    for kill in range(moment.randint(1, 3)):
        begun = bool(list(folder.root.glob(".paygrade/runs/*/journal.jsonl")))
        process = folder.start(*(["resume", "latest"] if begun else ["run"]))
        if kill == 0 and moment.random() < 0.15:  # while it starts, or while it fills the store
            time.sleep(moment.uniform(0.2, 2.5))
            _kill(process)
        else:
            _kill_after_calls(process, folder, len(folder.calls) + moment.randint(1, SAMPLES // 2))
        in_flight.update(set(folder.calls) - folder.journaled())
    begun = bool(list(folder.root.glob(".paygrade/runs/*/journal.jsonl")))
    assert folder.finish(*(["resume", "latest"] if begun else ["run"])) == 0
    repeated = Counter(folder.calls) - Counter(set(folder.calls))
    assert repeated <= in_flight, "a call was repeated whose answer was journaled"
    assert sum(repeated.values()) <= 3 * CONCURRENCY


def _same_every_time(folder: Crashable, rounds: int, seed: int) -> None:
    assert folder.finish("run") == 0
    untouched = folder.result()
    assert untouched[1]["done"] == SAMPLES
    assert Counter(folder.calls) == Counter(f"s{number}" for number in range(1, SAMPLES + 1))
    moment = random.Random(seed)
    for _ in range(rounds):
        _crash_and_resume(folder, moment)
        assert folder.result() == untouched


def test_kills_change_nothing(crashable: Crashable) -> None:
    """Rows, counts and rates after kills and resumes equal those of an uninterrupted run."""
    _same_every_time(crashable, rounds=1, seed=1)


@pytest.mark.real
def test_kills_of_many_runs_change_nothing(crashable: Crashable) -> None:
    """The same for many runs, each killed at random moments of its life."""
    _same_every_time(crashable, rounds=KILLS, seed=20261123)

"""Fixtures: workspaces with an accepted baseline, and the gate as a user runs it."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import typer.main

from gate.playing import RECORDED, SAMPLES, Judged, Script, Stage
from paygrade.store import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kit import Paygrade


COMMAND = functools.cache(typer.main.get_command)


@pytest.fixture
def database() -> None:
    """For tests that read what was stored: the database is filled as ever."""


@pytest.fixture(autouse=True)
def lean(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes as long as a gate itself, and has tests of its own.

    These are the database, which the gate fills and never reads, the simulation of what a suite
    can see, and that the command line is built anew for each command.
    """
    monkeypatch.setattr("typer.main.get_command", COMMAND)
    monkeypatch.setattr("paygrade.analysis.sensitivity.smallest_rise", lambda *_, **__: 0.02)
    monkeypatch.setattr("os.fsync", lambda _: None)  # no power is cut here
    if "database" not in request.fixturenames:
        empty = fill.Synced(filled=(), problems=())
        monkeypatch.setattr("paygrade.store.fill.sync", lambda _: empty)


class Staged(Protocol):
    """Makes a workspace with a baseline of its first prompt version."""

    def __call__(
        self,
        *,
        samples: int = SAMPLES,
        baseline: Mapping[str, Script] | None = None,
        accept: tuple[object, ...] = RECORDED,
        prepare: Callable[[Stage], object] | None = None,
    ) -> Stage:
        """`baseline` is what the first version did, `accept` how it was accepted.

        `prepare` changes the workspace before that.
        """
        ...


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Workspaces that were made before, each to be copied."""
    return {"": tmp_path_factory.mktemp("stages")}


@pytest.fixture
def staged(
    tmp_path: Path,
    recorded: dict[str, Path],
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
) -> Staged:
    """Recording costs time, so workspaces of one kind are recorded once and copied."""

    def make(
        *,
        samples: int = SAMPLES,
        baseline: Mapping[str, Script] | None = None,
        accept: tuple[object, ...] = RECORDED,
        prepare: Callable[[Stage], object] | None = None,
    ) -> Stage:
        kind = f"{prepare.__module__}.{prepare.__qualname__}" if prepare else ""
        key = json.dumps([samples, baseline, accept, kind])
        if key not in recorded:
            folder = Path(tempfile.mkdtemp(dir=recorded[""]))
            stage = Stage(folder / "ws", samples=samples)
            stage.plays({"v1-m1": baseline or {}})
            if prepare:
                prepare(stage)
            monkeypatch.setenv("PAYGRADE_PLAY", str(stage.play))
            ended = paygrade("accept", "--yes", "--quiet", *accept, "-w", stage.root)
            assert ended.code == 0, ended.err
            if (stage.root / ".git").exists():
                stage.commit()
            recorded[key] = folder
        shutil.copytree(recorded[key], tmp_path, dirs_exist_ok=True, symlinks=True)
        monkeypatch.setenv("PAYGRADE_PLAY", str(tmp_path / "play"))
        stage = Stage(tmp_path / "ws")
        stage.forget_calls()
        stage.plays({})
        return stage

    return make


@pytest.fixture
def stage(staged: Staged) -> Stage:
    """A workspace whose accepted version passes all of its 40 samples."""
    return staged()


class Gate(Protocol):
    """Runs `paygrade gate ARGUMENTS…` on a workspace."""

    def __call__(self, stage: Stage, *arguments: object) -> Judged:
        """Run, and say how it ended, with the report."""
        ...


@pytest.fixture
def gate(paygrade: Paygrade, tmp_path: Path) -> Gate:
    """The gate through its command line; the report is read from a file that it writes."""

    def run(stage: Stage, *arguments: object) -> Judged:
        file = tmp_path / "report.json"
        file.unlink(missing_ok=True)
        ended = paygrade("gate", *arguments, "-o", file, "-w", stage.root)
        report = json.loads(file.read_text()) if file.exists() else {}
        return Judged(ended.code, ended.out, ended.err, report)

    return run

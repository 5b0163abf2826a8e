"""Fixtures: a workspace whose runner plays a table."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Protocol

import pytest
import typer.main

from gate.playing import Stage
from paygrade.stats.power import smallest_rise
from paygrade.store.fill import Synced

if TYPE_CHECKING:
    from pathlib import Path


_built = cache(typer.main.get_command)
_remembered = cache(partial(smallest_rise, simulations=100))


@pytest.fixture(autouse=True)
def _built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line is the same in every test; building it takes longer than most commands."""
    monkeypatch.setattr("typer.main.get_command", _built)


@pytest.fixture(autouse=True)
def _reckoned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a design can see is simulated once for all tests, and a quarter as often as it is."""
    for module in ("analysis.sensitivity", "pipeline.calibrate"):
        monkeypatch.setattr(f"paygrade.{module}.smallest_rise", _remembered)


@pytest.fixture
def without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are read from their journals; filling the database takes half of the time."""
    monkeypatch.setattr("paygrade.store.fill.sync", lambda _: Synced(filled=(), problems=()))


class Made(Protocol):
    """Makes a workspace with so many samples."""

    def __call__(self, samples: int = 8) -> Stage:
        """Every sample passes, until `plays` says otherwise."""
        ...


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A workspace of its own for each test."""

    def make(samples: int = 8) -> Stage:
        stage = Stage(tmp_path / "ws", samples=samples)
        monkeypatch.setenv("PAYGRADE_PLAY", str(stage.play))
        return stage

    return make


@pytest.fixture
def stage(made: Made) -> Stage:
    """Eight samples that pass."""
    return made()

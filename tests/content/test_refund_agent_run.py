"""A whole run of `refund_agent` by the clumsy agent, with and without a guard, from the outside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kit import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real  # five hundred attempts, nearly a hundred of them killed

RUNNERS = ("agent-clumsy", "agent-clumsy-guarded")
TOLD_AS = {
    "moved money twice": "duplicate money",
    "did not move money that it owed": "lost money",
    'said "done" of what was not': "false done",
}
"""Rows of the README, and what a run calls them."""


def paygrade(folder: Path, *arguments: str) -> str:
    """What the command prints; it must end well."""
    command = [sys.executable, "-m", "paygrade", *arguments, "-w", str(folder)]
    wide = {**os.environ, "COLUMNS": "200"}  # else a table of two runs is folded
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, env=wide
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the workspace in which the command of the README ran, and what it printed."""
    folder = tmp_path_factory.mktemp("ws")
    for name in ("prompts", "datasets", "runners", "evals"):
        shutil.copytree(REPOSITORY / name, folder / name)
    shutil.copy(REPOSITORY / "prompts.lock", folder)
    given = [part for name in RUNNERS for part in ("-r", name)]
    return folder, paygrade(folder, "run", "refund_agent", *given)


def cells(line: str) -> list[str]:
    """What stands in a row of a table, without clusters: a README is read, not searched."""
    parts = re.split(r"\s{2,}|\s*\|\s*", line.strip(" |"))
    return [re.sub(r"\s*\(\d+ cases\)|^\d+ of \d+, (?=\d)", "", each) for each in parts]


def test_the_readme_tells_what_a_run_prints(ran: tuple[Path, str]) -> None:
    """Each rate with its interval, and the money that moved twice, in both columns."""
    _, _, table = ran[1].partition("side by side")
    printed = {name: rest for name, *rest in map(cells, table.splitlines())}
    text = (REPOSITORY / "README.md").read_text("utf-8")
    _, _, section = text.partition("## Agents that move money")
    told = {row[0]: row[1:] for row in map(cells, re.findall(r"^\|.*\|$", section, re.MULTILINE))}
    for row, name in TOLD_AS.items():
        assert told[row] == printed[name], row
    amounts = [printed[f"duplicate money, {each}"] for each in ("USD", "JPY", "KWD")]
    free, guarded = (", ".join(column) for column in zip(*amounts, strict=True))
    assert told["moved twice"] == [free, "nothing"]
    assert not re.search("[1-9]", guarded)


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_stored_attempt_played_again_ends_the_same(
    ran: tuple[Path, str], runner: str
) -> None:
    """Guarded or not, killed or not: fresh banks that get the same calls have the same books."""
    folder, _ = ran
    [run] = [each.name for each in (folder / ".paygrade/runs").iterdir()
             if re.search(f"refund_agent-{runner}-[0-9a-f]+$", each.name)]  # fmt: skip
    last = paygrade(folder, "replay", run).splitlines()[-1]
    assert last == "250 of 250 attempts end the same, 0 otherwise; 0 could not be replayed"

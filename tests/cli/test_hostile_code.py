"""Users' code that prints, changes folders, exits, or has figures nobody expected."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder


def put(workspace: WorkspaceFolder, statement: str) -> None:
    """Let the runner do something before it answers."""
    workspace.replace(
        "runners/always_refund.py",
        '    """Say yes."""\n',
        f'    """Say yes."""\n    import os\n    {statement}\n',
    )


@pytest.mark.parametrize("statement", ["print('noise')", "os.system('echo noise')"])
def test_what_a_runner_prints_does_not_break_json(
    workspace: WorkspaceFolder, statement: str
) -> None:
    """Standard output is for results: a real process, read as a script would."""
    put(workspace, statement)
    command = [sys.executable, "-m", "paygrade", "run", "--json", "-w", str(workspace.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[0]["overall"]["scored"] == 3
    assert done.stderr.count("noise") == 3


def test_a_runner_that_changes_the_folder_changes_nothing_else(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """The files asked for are written where they were asked for."""
    put(workspace, f"os.chdir({str(tmp_path)!r})")
    ended = paygrade("run", "-o", "rows.jsonl", cwd=workspace.root)
    assert ended.code == 0, ended.err
    assert len((workspace.root / "rows.jsonl").read_text().splitlines()) == 3


def test_a_sum_larger_than_any_amount_is_shown(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Exposures are bounded one by one; their sum is not."""
    huge = {"amount_minor": 900_000_000_000_000_000, "currency": "EUR"}
    many = [{**SAMPLES[2], "id": f"s{n}", "exposure": huge} for n in range(20)]
    workspace.samples(many)
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 0, ended.err
    assert "18000000000000000000 minor units of EUR" in ended.out


def test_a_run_whose_journal_is_damaged_is_not_exported(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """An empty JUnit file would be a silent green."""
    paygrade("run", "-q", "-w", workspace.root)
    [journal] = workspace.root.glob(".paygrade/runs/*/journal.jsonl")
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join([*lines[:3], "{broken\n", *lines[4:]]))
    (workspace.root / ".paygrade" / "paygrade.duckdb").unlink()
    ended = paygrade("export", "latest", "-o", tmp_path / "r.junit.xml", "-w", workspace.root)
    assert ended.code == 2
    assert f"{journal}:4: is not a journal line" in ended.err
    assert not (tmp_path / "r.junit.xml").exists()


def test_an_invariant_that_cannot_be_judged_is_not_green(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Nobody knows whether it holds: 102, and a quiet run says what errored."""
    workspace.write(
        "evals/refunds/scorers.py",
        "def safe(subject):\n    return 1 / (subject.sample_id != 's2') > 0\n",
    )
    workspace.replace(
        "evals/refunds/suite.yaml",
        "scorers:\n",
        "scorers:\n  - python: {callable: 'scorers.py:safe', role: invariant}\n",
    )
    ended = paygrade("run", "-q", "-w", workspace.root)
    assert ended.code == 102
    assert "an invariant could not be judged once" in ended.err
    assert "refunds · always_refund: 1 attempt errored, in no rate" in ended.err


def test_a_card_number_in_a_workspace_file_is_not_echoed(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A message about a file is masked like everything else that is shown."""
    workspace.write("runners/always_refund.py", "raise ValueError('4111111111111111')\n")
    for command in ("run", "check"):
        ended = paygrade(command, "-w", workspace.root)
        assert ended.code == 2
        assert "411111******1111" in ended.err
        assert "4111111111111111" not in ended.err
    assert not (workspace.root / ".paygrade" / "runs").exists()

"""The shipped workspace, run and published: what tests of its pages look at."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from kit import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = ("prompts", "datasets", "runners", "evals", "reports/baselines", "prompts.lock")
RUNS = (
    ("run",),
    ("run", "refund_agent", "-r", "agent-clumsy", "-r", "agent-clumsy-guarded"),
    ("run", "dispute_triage", "--prompt", "dispute_triage@v1", "-r", "rules"),
    ("run", "leak_probes", "-r", "rules", "--epochs", "3"),
    ("gate",),
    ("calibrate", "leak_probes", "--invocations", "20"),
)


def command(folder: Path, *arguments: str) -> str:
    """Run `paygrade ARGUMENTS…` there as a process of its own, to a good end; what it printed."""
    ended = subprocess.run(
        [sys.executable, "-m", "paygrade", *arguments, "-w", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{arguments}: {ended.stdout}{ended.stderr}"
    return ended.stdout


def copied(folder: Path, *, samples: bool = False) -> Path:
    """The content of this repository in `folder`, in a git repository of its own."""
    listed = subprocess.run(
        ["git", "ls-files", *CONTENT], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((REPOSITORY / name).read_bytes())
    said = "true" if samples else "false"
    (folder / "paygrade.yaml").write_text(
        f"publish: {{title: Payments evals, samples: {said}}}\n", "utf-8"
    )
    return folder


def shipped(folder: Path, *, samples: bool = False) -> Path:
    """A copy of this repository's content, with runs, verdicts and its pages."""
    copied(folder, samples=samples)
    for each in RUNS:
        command(folder, *each)
    command(folder, "publish")
    return folder

"""The plugin in a real pytest."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kit import WorkspaceFolder


def _pytest(workspace: WorkspaceFolder, test: str) -> subprocess.CompletedProcess[str]:
    workspace.write("pytest.ini", "[pytest]\n")
    workspace.write("test_refunds.py", test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)


def test_a_suite_runs_inside_a_users_test(workspace: WorkspaceFolder) -> None:
    """`paygrade_run` runs the suite of the workspace at pytest's root and returns its figures."""
    done = _pytest(
        workspace,
        "def test_rate(paygrade_run):\n"
        "    summary = paygrade_run('refunds', runner='always_refund')\n"
        "    assert (summary.overall.scored, summary.overall.failed) == (3, 1)\n",
    )
    assert "1 passed" in done.stdout, done.stdout


def test_a_mistake_in_the_workspace_fails_the_test_with_its_sentence(
    workspace: WorkspaceFolder,
) -> None:
    """The user sees which name is wrong."""
    done = _pytest(
        workspace, "def test_rate(paygrade_run):\n    paygrade_run('refund', runner='echo')\n"
    )
    assert "there is no suite 'refund' (did you mean 'refunds'?)" in done.stdout

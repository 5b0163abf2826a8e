"""What Python code calls: `paygrade.run_suite`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.pipeline.run import run
from paygrade.pipeline.session import Silent
from paygrade.records.plan import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.run import RunSummary


def run_suite(  # noqa: PLR0913 - one argument for each thing a person can choose
    suite: str,
    *,
    runner: str,
    workspace: Path | None = None,
    prompt: str = "",
    epochs: int | None = None,
    limit: int | None = None,
) -> RunSummary:
    """Run one suite with one runner, store it, and return its figures.

    `workspace` is a folder in the workspace (default: the current one); `prompt` is `NAME@vN`.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    wanted = Selection(suite="", runner="", prompt=prompt, epochs=epochs, limit=limit)
    finished = run(workspace, (suite,), (runner,), wanted, Silent())
    return finished.summaries[0]

"""What Python code calls: `paygrade.run_suite`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.pipeline.run import run
from paygrade.records.plan import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.analysis.judge_run import Ending
    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import Forecast
    from paygrade.records.run import RunHeader, RunSummary


class _Silent:
    """Shows nothing."""

    def planned(self, forecasts: list[Forecast]) -> None:
        """Nothing."""

    def started(self, header: RunHeader, done: int) -> None:
        """Nothing."""

    def landed(self, outcome: Outcome) -> None:
        """Nothing."""

    def finished(self, summary: RunSummary, ended: Ending) -> None:
        """Nothing."""


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
    finished = run(workspace, (suite,), (runner,), wanted, _Silent())
    return finished.summaries[0]

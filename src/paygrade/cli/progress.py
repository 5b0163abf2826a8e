"""A run while it goes on: live on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from paygrade.cli.output import cleaned, console, note, say
from paygrade.pipeline.session import Silent
from paygrade.records.outcome import Scored
from paygrade.reports.text import plan_view, summary_view

if TYPE_CHECKING:
    from rich.progress import Task, TaskID

    from paygrade.analysis.judge_run import Ending
    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import Forecast
    from paygrade.records.run import RunHeader, RunSummary

_PLAIN_EVERY_S = 10.0
_LIVE_EVERY_S = 0.1


class _Speed(ProgressColumn):
    """Attempts per second of this session."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s", style="dim")


class Quietly(Silent):
    """Shows nothing."""

    def close(self) -> None:
        """Leave the terminal as it was, however the run ended."""


class Plainly(Quietly):
    """Says where a run stands every ten seconds, and shows what came of it."""

    every_s = _PLAIN_EVERY_S

    def __init__(self, *, figures: bool = True) -> None:
        """Nothing has begun. Without `figures` a run's own are left out: a verdict follows."""
        self._figures = figures
        self._name = ""
        self._total = self._done = self._failed = self._errored = 0
        self._next = 0.0

    def planned(self, forecasts: list[Forecast]) -> None:
        """The plan, before the first call."""
        note(plan_view(forecasts))

    def said(self, text: str) -> None:
        """A step of a longer command."""
        note(text)

    def started(self, header: RunHeader, done: int) -> None:
        """Begin to count."""
        self._name = f"{header.suite} · {header.runner}"
        self._total, self._done = header.attempts, done
        self._failed = self._errored = 0
        self._next = time.monotonic() + self.every_s
        if done:
            note(f"{self._name}: {done:,} of {header.attempts:,} attempts were done before")

    def landed(self, outcome: Outcome) -> None:
        """Count, and show now and then."""
        self._done += 1
        if isinstance(outcome, Scored):
            self._failed += outcome.failed
        else:
            self._errored += 1
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self.every_s
            self._show()

    def finished(self, summary: RunSummary, ended: Ending) -> None:
        """The result."""
        if self._figures:
            say(summary_view(cleaned(summary), ended.code, ended.reason, brief=True))

    def _show(self) -> None:
        note(
            f"{self._name}: {self._done:,} of {self._total:,} done, {self._failed:,} failed, "
            f"{self._errored:,} errors"
        )


class Lively(Plainly):
    """A live bar on a terminal: done, failing, errors, speed, time left."""

    every_s = _LIVE_EVERY_S

    def __init__(self, *, figures: bool = True) -> None:
        """Nothing is shown yet."""
        super().__init__(figures=figures)
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def started(self, header: RunHeader, done: int) -> None:
        """Open the bar."""
        super().started(header, done)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}", markup=False),
            TextColumn("{task.fields[failed]} failed", style="red", markup=False),
            TextColumn("{task.fields[errored]} errors", style="yellow", markup=False),
            _Speed(),
            TimeRemainingColumn(),
            console=console(stderr=True),
            transient=True,
        )
        fields: dict[str, Any] = {"failed": 0, "errored": 0}
        self._task = self._progress.add_task(
            self._name, total=header.attempts, completed=done, **fields
        )
        self._progress.start()

    def finished(self, summary: RunSummary, ended: Ending) -> None:
        """Close the bar, show the result."""
        if self._progress:
            self._progress.stop()
        super().finished(summary, ended)

    def close(self) -> None:
        """Close the bar, also after an error: it hides the cursor."""
        if self._progress:
            self._progress.stop()

    def _show(self) -> None:
        if self._progress and self._task is not None:
            self._progress.update(
                self._task, completed=self._done, failed=self._failed, errored=self._errored
            )


def watcher(*, quiet: bool, steps: bool = False) -> Quietly:
    """The one that fits the terminal; with `steps` for commands whose runs are means to an end."""
    if quiet:
        return Quietly()
    if console(stderr=True).is_terminal:
        return Lively(figures=not steps)
    return Plainly(figures=not steps)

"""Suites as tests: binding what stands in one file, and reading what came of a run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.analysis.pairing import Problem
from paygrade.pipeline.baselines import Version, baseline_for
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.show import Seen
from paygrade.pipeline.wiring import layout_at, plans_of
from paygrade.records.plan import Selection
from paygrade.store import journal
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import RunPlan
    from paygrade.workspace.config import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One suite with one runner, as its files say today."""

    layout: Layout
    version: Version

    @property
    def plan(self) -> RunPlan:
        """All of its samples."""
        return self.version.plan

    @property
    def has_baseline(self) -> bool:
        """Whether the gate has something to say: one that cannot be read is said too."""
        found = baseline_for(self.layout, self.version, "")
        return not (isinstance(found, Problem) and found.code == "no_baseline")


def workspace_of(file: Path) -> Path | None:
    """The workspace in whose evals folder `file` (`NAME/suite.yaml`) lies, if it does.

    Raises:
        WorkspaceError: the workspace's configuration is wrong.
    """
    layout = find_layout(file.parent)
    return layout.root if layout.evals == file.absolute().parent.parent else None


def bind(file: Path, runners: tuple[str, ...]) -> list[Bound]:
    """The suite in `file` with each of `runners`, or with its own.

    Raises:
        UsageError, WorkspaceError, NothingRanError.
    """
    layout = find_layout(file.parent)
    wanted = Selection(suite="", runner="")
    return [
        Bound(layout=layout, version=Version(plan=plan, bench=bench))
        for plan, bench in plans_of(layout, (file.parent.name,), runners, wanted)
    ]


def seen(layout: Layout, run_id: str) -> Mapping[str, tuple[Seen, ...]]:
    """Every attempt of a run, by sample and in the order of the epochs.

    Raises:
        UsageError: there is no such run.
        JournalError: it cannot be read.
    """
    folder = find_run(layout.store, run_id)
    answers = {(each.sample_id, each.epoch): each for each in journal.read_answers(folder)}
    found: dict[str, dict[int, Seen]] = defaultdict(dict)
    for outcome in journal.read_outcomes(folder):
        answer = answers.get((outcome.sample_id, outcome.epoch))
        found[outcome.sample_id][outcome.epoch] = Seen(answer=answer, outcome=outcome)
    return {
        name: tuple(each for _, each in sorted(epochs.items())) for name, epochs in found.items()
    }


def outcomes(folder: Path, run_id: str) -> list[Outcome]:
    """How every attempt of a run ended.

    Raises:
        UsageError: there is no such run.
        JournalError: it cannot be read.
    """
    every = seen(layout_at(folder), run_id).values()
    return [each.outcome for attempts in every for each in attempts]

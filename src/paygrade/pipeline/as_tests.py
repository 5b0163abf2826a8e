"""Suites as tests: binding what stands in one file, and reading what came of a run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.analysis.pairing import Problem
from paygrade.pipeline.baselines import Version, baseline_for
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.show import Seen
from paygrade.pipeline.wiring import plans_of
from paygrade.records.plan import Selection
from paygrade.store import journal
from paygrade.workspace.config import CONFIG_FILE, PYPROJECT, find_layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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


def is_suite(file: Path) -> bool:
    """Whether `file` (`NAME/suite.yaml`) lies in the evals folder of a workspace.

    A folder that nothing declares a workspace is one when it has all that a suite names.

    Raises:
        WorkspaceError: the workspace's configuration is wrong.
    """
    layout = find_layout(file.parent)
    if layout.evals != file.parent.parent.absolute():
        return False
    declared = (layout.root / CONFIG_FILE, layout.root / PYPROJECT)
    return any(each.exists() for each in declared) or all(
        each.is_dir() for each in (layout.prompts, layout.datasets, layout.runners)
    )


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

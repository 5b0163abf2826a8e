"""Recordings: whole runs of one version that are made to be kept, and finished when stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade.analysis.pairing import errors_of
from paygrade.errors import ExitCode, JournalError
from paygrade.pipeline.baselines import arm_from
from paygrade.pipeline.forecast import forecast
from paygrade.store import fill, journal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from paygrade.pipeline.baselines import Version
    from paygrade.pipeline.confirming import Asking
    from paygrade.records.plan import Forecast, RunPlan, Selection
    from paygrade.records.run import Purpose, RunHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A suite with one runner of which nothing came: why, what to do, and the exit code."""

    suite: str
    runner: str
    problem: str
    hint: str
    code: ExitCode

    def __str__(self) -> str:
        """One sentence with its mend."""
        return f"{self.suite} · {self.runner}: {self.problem} ({self.hint})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One run of a version, as far as it has got.

    `errored` of `attempts` attempts gave no outcome; of both only those of samples that count, not
    the quarantined. `ended_at` is when its last answer came (UTC, ISO 8601).
    """

    folder: Path
    header: RunHeader
    whole: bool
    errored: int
    attempts: int
    ended_at: str

    @property
    def scored(self) -> int:
        """How many attempts that count have an outcome."""
        return self.attempts - self.errored

    def sound(self, plan: RunPlan) -> bool:
        """It is whole, and its errors are few enough to be kept."""
        few = self.errored <= plan.policy.max_error_rate * self.attempts
        return self.whole and few and self.scored > 0


def recordings(store: Path, plan: RunPlan, *purposes: Purpose) -> list[Recording]:
    """Every run of this very version and these samples that was asked anew, oldest first.

    With how many epochs is left open. One whose journal cannot be read is not among them, nor one
    with an answer from the cache: it would be counted twice.
    """
    return sorted(_found(store, plan, purposes), key=lambda each: each.header.started_at)


def _found(store: Path, plan: RunPlan, purposes: Collection[Purpose]) -> Iterator[Recording]:
    for folder in fill.run_folders(store):
        try:
            header = journal.read_header(folder)
            if header.purpose not in purposes or not _of_version(header, plan):
                continue
            answers = tuple(journal.read_answers(folder))
            if not any(each.cached for each in answers):
                yield _read(folder, header, max((each.at for each in answers), default=""))
        except JournalError:
            continue


def _of_version(header: RunHeader, plan: RunPlan) -> bool:
    return (header.identity, header.deterministic, _chosen(header.selection)) == (
        plan.identity,
        plan.runner.deterministic,
        _chosen(plan.selection),
    )


def _chosen(selection: Selection) -> Selection:
    """Which samples of which suite with which runner; how often and by what name is left open."""
    return replace(selection, prompt="", epochs=None)


def _read(folder: Path, header: RunHeader, ended_at: str) -> Recording:
    arm = arm_from(folder, {}, fresh_only=False)
    counted = [name for name, each in arm.items() if each.case_class != "quarantined"]
    errors = errors_of(arm, counted)
    done = sum(len(marks) for each in arm.values() for marks in each.sessions)
    return Recording(
        folder=folder,
        header=header,
        whole=done == header.attempts,
        errored=errors.errored,
        attempts=errors.attempts,
        ended_at=ended_at or header.started_at,
    )


def record(
    asking: Asking, version: Version, purpose: Purpose, begun: Recording | None, command: str
) -> Recording | Refused:
    """Record a version, or finish what `begun` left: nothing that has an outcome is asked again.

    Where `begun` is whole, its errored attempts are done again. `command` is what a person gives
    to go on.

    Raises:
        JournalError, UsageError, StoreError.
    """
    plan, budget = version.plan, version.plan.runner.budget_usd
    prepared = asking.again(begun.header.run_id, version, budget) if begun else None
    if prepared and begun and begun.whole:
        for sample_id, epoch in sorted(journal.read_progress(begun.folder).errored):
            prepared.writer.retry(sample_id, epoch)
    fresh = asking.alone(prepared) if prepared else asking.one(version, purpose, budget)
    if fresh.stopped:
        return refused(
            plan,
            f"the recording stopped before its end: {fresh.stopped}",
            f"mend it, then {command} again: it goes on where it stopped",
            ExitCode.INCOMPLETE,
        )
    folder = asking.layout.store / fill.RUNS_FOLDER / fresh.after
    ended_at = max((each.at for each in journal.read_answers(folder)), default="")
    made = _read(folder, journal.read_header(folder), ended_at)
    if made.sound(plan):
        return made
    problem = f"{made.errored:,} of {made.attempts:,} attempts errored"
    if made.scored:
        problem += f" (at most {plan.policy.max_error_rate:.0%} may)"
    if not made.attempts:
        problem = "every sample is quarantined: nothing counts"
    seen = f"see paygrade show {fresh.after}"
    return refused(plan, problem, f"{seen}, mend it, then {command} again: it asks what errored")


def refused(plan: RunPlan, problem: str, hint: str, code: ExitCode = ExitCode.INVALID) -> Refused:
    """Nothing came of `plan`."""
    return Refused(suite=plan.suite, runner=plan.runner.name, problem=problem, hint=hint, code=code)


def priced(store: Path, plan: RunPlan, begun: Recording | None) -> Forecast:
    """What a recording asks and may cost; of one that was begun, what it has counts as known.

    Raises:
        UsageError, StoreError.
    """
    made = forecast(plan, store, use_cache=False).forecast
    if begun is None:
        return made
    progress = journal.read_progress(begun.folder)
    known = len(progress.done) - (len(progress.errored) if begun.whole else 0)
    return replace(made, known=known)

"""`paygrade run` and `paygrade resume`: plan, ask, journal, fill, summarise."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from paygrade import runners, scorers
from paygrade.analysis.judge_run import Ending, ending, worst
from paygrade.analysis.summarize import summarize
from paygrade.engine import Attempts, Tools, execute
from paygrade.errors import ExitCode, UsageError
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.wiring import layout_at, now, plans_of, versions
from paygrade.records.run import RunHeader, SampleRow
from paygrade.store import fill, journal
from paygrade.workspace.git import revision
from paygrade.workspace.prompts import Renderer
from paygrade.workspace.schemas import prepare_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.records.answer import Message
    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import RunPlan, Selection
    from paygrade.records.protocols import Bench
    from paygrade.records.run import RunSummary
    from paygrade.records.sample import Sample
    from paygrade.workspace.config import Layout


class Watcher(Protocol):
    """A face that shows a run while it goes on."""

    def planned(self, plans: list[RunPlan]) -> None:
        """All plans, before the first call."""
        ...

    def started(self, header: RunHeader, done: int) -> None:
        """A run begins, or goes on with `done` attempts already finished."""
        ...

    def landed(self, outcome: Outcome) -> None:
        """One more outcome is durable."""
        ...

    def finished(self, summary: RunSummary, ended: Ending) -> None:
        """A run ended, whole or not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of the whole invocation."""

    summaries: tuple[RunSummary, ...]
    code: ExitCode
    reasons: tuple[str, ...]
    problems: tuple[str, ...] = ()
    interrupted: bool = False


def run(  # noqa: PLR0913 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    watcher: Watcher,
    *,
    concurrency: int | None = None,
    dry_run: bool = False,
) -> Finished:
    """Run suites. Every plan is made before the first call.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    planned = plans_of(layout, suites, runner_names, wanted)
    watcher.planned([plan for plan, _ in planned])
    if dry_run:
        return Finished(summaries=(), code=ExitCode.OK, reasons=("dry run: nothing was asked",))
    return _run_all(layout, _fresh(layout, planned), watcher, concurrency)


def resume(
    folder: Path | None, reference: str, watcher: Watcher, *, concurrency: int | None = None
) -> Finished:
    """Finish a run from its journal.

    Raises:
        UsageError: no such run, or what it was made of has changed since.
        WorkspaceError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    run_folder = find_run(layout.store, reference)
    header = journal.read_header(run_folder)
    selection = header.selection
    [(plan, bench)] = plans_of(layout, (selection.suite,), (selection.runner,), selection)
    changed = plan.identity.differences(header.identity)
    if changed or plan.attempts != header.attempts:
        what = ", ".join(f"the {part}" for part in changed) or "the samples"
        raise UsageError(
            f"run {header.run_id} cannot go on: {what} changed since it began",
            hint="restore it, or start a new run: what was answered stays in the store",
        )
    watcher.planned([plan])
    writer = journal.RunJournal.reopen(run_folder)
    return _run_all(layout, iter([_Prepared(plan, bench, header, writer)]), watcher, concurrency)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A plan with its open journal."""

    plan: RunPlan
    bench: Bench
    header: RunHeader
    writer: journal.RunJournal


def _fresh(layout: Layout, planned: list[tuple[RunPlan, Bench]]) -> Iterator[_Prepared]:
    source = revision(layout.root)
    for plan, bench in planned:
        started_at = now()
        # to the millisecond, so that ids sort as their runs began
        stamp = started_at[:23].translate({ord("-"): None, ord(":"): None, ord("T"): "-"})
        run_id = f"{stamp}-{plan.suite}-{plan.runner.name}-{secrets.token_hex(2)}"
        header = RunHeader(
            run_id=run_id,
            started_at=started_at,
            suite=plan.suite,
            runner=plan.runner.name,
            provider=plan.runner.provider,
            deterministic=plan.runner.deterministic,
            prompt=plan.prompt.reference,
            dataset=plan.dataset.reference,
            epochs=plan.epochs,
            samples=len(plan.samples),
            attempts=plan.attempts,
            selection=plan.selection,
            identity=plan.identity,
            slices=plan.slices,
            checks=plan.checks,
            max_failure_rate=plan.max_failure_rate,
            commit=source.commit,
            dirty=source.dirty,
            versions=versions(),
        )
        folder = layout.store / fill.RUNS_FOLDER / run_id
        yield _Prepared(plan, bench, header, journal.RunJournal.create(folder, header))


def _run_all(
    layout: Layout, prepared: Iterator[_Prepared], watcher: Watcher, concurrency: int | None
) -> Finished:
    prepare_store(layout)
    summaries: list[RunSummary] = []
    endings: list[Ending] = []
    interrupted = False
    for each in prepared:
        folder = each.writer.path.parent
        try:
            _run_one(each, watcher, concurrency)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            each.writer.close()
        summary = summary_of(folder)
        summaries.append(summary)
        endings.append(ending(summary))
        watcher.finished(summary, endings[-1])
        if interrupted:
            break
    synced = fill.sync(layout.store)
    code = worst(endings)
    if interrupted and code is ExitCode.OK:
        code = ExitCode.INCOMPLETE  # runs that were planned and never began
    return Finished(
        summaries=tuple(summaries),
        code=code,
        reasons=tuple(each.reason for each in endings if each.code is code),
        problems=synced.problems,
        interrupted=interrupted,
    )


def _run_one(each: _Prepared, watcher: Watcher, concurrency: int | None) -> None:
    plan = each.plan
    progress = journal.read_progress(each.writer.path.parent)
    watcher.started(each.header, len(progress.done))
    if len(progress.done) == plan.attempts:
        return
    renderer = Renderer(plan.prompt)
    tools = Tools(
        runner=runners.build(plan.runner),
        bench=each.bench,
        journal=each.writer,
        progress=watcher,
        render=lambda sample: renderer.messages(sample, plan.dataset.path),
        parse=scorers.parse_output,
        row=sample_row,
        now=now,
        sync=each.writer.sync,
    )
    earlier = Attempts(done=progress.done, answered=progress.answered, samples=progress.samples)
    asyncio.run(execute(plan, tools, earlier, concurrency=concurrency or plan.runner.concurrency))


def sample_row(sample: Sample, messages: tuple[Message, ...]) -> SampleRow:
    """What a journal keeps of a sample."""
    return SampleRow(
        sample_id=sample.id,
        case=sample.case,
        case_class=sample.case_class,
        slices=sample.slices,
        exposure_minor=sample.exposure.amount_minor if sample.exposure else None,
        currency=sample.exposure.currency if sample.exposure else "",
        content_hash=sample.content_hash,
        input=sample.input,
        expected=sample.expected,
        messages=tuple((message.role, message.content) for message in messages),
    )


def summary_of(folder: Path) -> RunSummary:
    """Summarise the run in `folder` from its journal.

    Raises:
        JournalError: it cannot be read.
    """
    header = journal.read_header(folder)
    return summarize(header, journal.read_samples(folder), journal.read_outcomes(folder))

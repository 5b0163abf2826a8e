"""Running what is prepared: one session over one or more runs, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from paygrade import scorers
from paygrade.analysis.effects import side_by_side
from paygrade.analysis.judge_run import Ending, ending, worst
from paygrade.engine import Attempts, Tools, execute, first_cause
from paygrade.errors import ExitCode, StoreError
from paygrade.pipeline.judges import panel
from paygrade.pipeline.runs import summary_of
from paygrade.pipeline.wiring import now
from paygrade.records.run import SampleRow
from paygrade.store import fill, journal
from paygrade.workspace.prompts import Renderer
from paygrade.workspace.schemas import prepare_store

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping

    from paygrade.pipeline.forecast import Priced
    from paygrade.pipeline.judges import Seats
    from paygrade.records.answer import Message
    from paygrade.records.effects import RunColumn
    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import Forecast, RunPlan
    from paygrade.records.protocols import Agent, Bench, Runner
    from paygrade.records.run import RunHeader, RunSummary
    from paygrade.records.sample import Sample
    from paygrade.workspace.config import Layout

T = TypeVar("T")


class Watcher(Protocol):
    """A face that shows a run while it goes on."""

    def planned(self, forecasts: list[Forecast]) -> None:
        """All plans, before the first call."""
        ...

    def said(self, text: str) -> None:
        """A step of a longer command, in one line."""
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


class Silent:
    """A watcher that shows nothing."""

    def planned(self, forecasts: list[Forecast]) -> None:
        """Nothing."""

    def said(self, text: str) -> None:
        """Nothing."""

    def started(self, header: RunHeader, done: int) -> None:
        """Nothing."""

    def landed(self, outcome: Outcome) -> None:
        """Nothing."""

    def finished(self, summary: RunSummary, ended: Ending) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of the whole invocation.

    `beside` puts the agents of a suite side by side, by its name, where several runners were asked.
    """

    summaries: tuple[RunSummary, ...]
    code: ExitCode
    reasons: tuple[str, ...]
    forecasts: tuple[Forecast, ...] = ()
    endings: tuple[Ending, ...] = ()
    problems: tuple[str, ...] = ()
    beside: Mapping[str, tuple[RunColumn, ...]] = field(default_factory=dict)
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Who answers: a runner; or an agent, with the runner that stands for its model, if any."""

    runner: Runner | None = None
    agent: Agent | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with its bench, its runner or agent, its judges and its open journal."""

    plan: RunPlan
    bench: Bench
    answering: Answering
    seats: Seats
    header: RunHeader
    writer: journal.RunJournal
    priced: Priced


def run_all(
    layout: Layout, prepared: Iterator[Prepared], watcher: Watcher, concurrency: int | None
) -> Finished:
    """Run one after the other, fill the store, say how it ended.

    Raises:
        JournalError.
    """
    prepare_store(layout)
    summaries: list[RunSummary] = []
    endings: list[Ending] = []
    interrupted = False
    for each in prepared:
        folder = each.writer.path.parent
        stopped = ""
        try:
            stopped = _run_one(each, watcher, concurrency)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            each.writer.close()
        summary = summary_of(folder)
        summaries.append(summary)
        endings.append(ending(summary, stopped))
        watcher.finished(summary, endings[-1])
        if interrupted:
            break
    code = worst(endings)
    if interrupted and code in (ExitCode.OK, ExitCode.INVALID):
        code = ExitCode.INCOMPLETE
    reasons = [each.reason for each in endings if each.code is code]
    try:
        problems = fill.sync(layout.store).problems
    except StoreError as error:  # the figures are known all the same, and the journals are safe
        code, reasons, problems = ExitCode.MISTAKE, ["the store was not filled"], (str(error),)
    return Finished(
        summaries=tuple(summaries),
        code=code,
        reasons=tuple(reasons),
        endings=tuple(endings),
        problems=problems,
        beside=side_by_side(summaries),
        interrupted=interrupted,
    )


def run_beside(
    layout: Layout, one: Prepared, other: Prepared, watcher: Watcher, concurrency: int | None
) -> tuple[str, str]:
    """Run two at once, epoch by epoch, each with half of what may be asked at a time.

    So what drifts, drifts for both. Returns why each stopped before its end; empty when it did
    not.

    Raises:
        JournalError: the disk refuses.
    """
    prepare_store(layout)

    async def both() -> tuple[str, str]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_execution(each, watcher, _half(each, concurrency)))
                for each in (one, other)
            ]
        return tasks[0].result(), tasks[1].result()

    try:
        return _run(both())
    except BaseExceptionGroup as failures:
        raise first_cause(failures) from failures
    finally:
        one.writer.close()
        other.writer.close()


def run_one(layout: Layout, each: Prepared, watcher: Watcher, concurrency: int | None) -> str:
    """Run what is no whole run of a suite: nothing is summed up. Returns why it stopped early.

    Raises:
        JournalError: the disk refuses.
    """
    prepare_store(layout)
    try:
        return _run_one(each, watcher, concurrency)
    finally:
        each.writer.close()


def _half(each: Prepared, concurrency: int | None) -> int:
    return max(1, (concurrency or each.plan.runner.concurrency) // 2)


def _run_one(each: Prepared, watcher: Watcher, concurrency: int | None) -> str:
    limit = concurrency or each.plan.runner.concurrency
    return _run(_execution(each, watcher, limit))


def _run(steps: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, which would log an interruption once more when its task is collected.

    That may be in the middle of whatever else tells of it: pytest dies there, on some Pythons.
    """
    main: list[asyncio.Task[Any]] = []

    async def noted() -> T:
        main.extend(filter(None, (asyncio.current_task(),)))
        return await steps

    try:
        return asyncio.run(noted())
    finally:
        for task in main:
            if task.done() and not task.cancelled():
                task.exception()


async def _execution(each: Prepared, watcher: Watcher, concurrency: int) -> str:
    plan = each.plan
    progress = journal.read_progress(each.writer.path.parent)
    watcher.started(each.header, len(progress.done))
    if len(progress.done) == plan.attempts:
        return ""
    renderer = Renderer(plan.prompt)
    judges = panel(each.seats, each.writer, progress, now)
    tools = Tools(
        runner=each.answering.runner,
        agent=each.answering.agent,
        bench=each.bench.asking(judges),
        journal=each.writer,
        progress=watcher,
        render=lambda sample: renderer.messages(sample, plan.dataset.path),
        read=scorers.read_output,
        row=_sample_row,
        now=now,
        sync=each.writer.sync,
        barrier=each.writer.barrier,
        digest=lambda sample_id, epoch: each.priced.digests.get((sample_id, epoch), ""),
        pricer=each.priced.pricer,
        output_bound=each.priced.output_bound,
    )
    earlier = Attempts(
        done=progress.done,
        answered=progress.answered,
        cached=each.priced.cached,
        samples=progress.samples,
        spent=progress.spent,
    )
    try:
        return await execute(plan, tools, earlier, concurrency=concurrency)
    finally:
        await judges.close()


def _sample_row(sample: Sample, messages: tuple[Message, ...]) -> SampleRow:
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

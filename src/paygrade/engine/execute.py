"""Runs a plan's attempts: answer → leak barrier → journal → score → journal."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade import scripts
from paygrade.engine import barrier
from paygrade.engine.acting import act
from paygrade.engine.asking import HOPELESS, Asker, Means, is_cancelled
from paygrade.engine.budget import Budget, OverBudgetError
from paygrade.engine.pace import Pace
from paygrade.errors import PaygradeError, RunnerError
from paygrade.leaks import Barrier
from paygrade.records.answer import Request
from paygrade.records.check import Check, Subject
from paygrade.records.outcome import Errored, Scored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from paygrade.records.answer import Message, StoredAnswer
    from paygrade.records.check import Reading
    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import RunPlan
    from paygrade.records.protocols import Agent, Bench, Journal, Pricer, Progress, Runner
    from paygrade.records.run import SampleRow
    from paygrade.records.sample import Sample

_CLOSE_S = 10.0

Key = tuple[str, int]
"""Sample id and epoch: one attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """What an earlier session of the run left, and what earlier runs know: nothing is asked twice.

    `spent` is what the run's calls have cost under its budget, in US dollars.
    """

    done: frozenset[Key] = frozenset()
    answered: Mapping[Key, StoredAnswer] = field(default_factory=dict)
    cached: Mapping[Key, StoredAnswer] = field(default_factory=dict)
    samples: frozenset[str] = frozenset()
    spent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the conductor hands over, so that the engine knows no other room.

    With an `agent`, it acts in each attempt, and the `runner` answers what it asks its model;
    there is none where it asks no model.
    """

    runner: Runner | None
    bench: Bench
    journal: Journal
    progress: Progress
    render: Callable[[Sample], tuple[Message, ...]]
    read: Callable[[str], Reading]
    row: Callable[[Sample, tuple[Message, ...]], SampleRow]
    now: Callable[[], str]
    sync: Callable[[], None]
    digest: Callable[[str, int], str]
    pricer: Pricer | None = None
    output_bound: int | None = None
    agent: Agent | None = None
    barrier: Barrier = field(default_factory=Barrier)


async def execute(plan: RunPlan, tools: Tools, earlier: Attempts, *, concurrency: int) -> str:
    """Run every attempt of `plan` that `earlier` has not finished.

    `concurrency` bounds the calls in flight. What has been journaled survives whatever ends this
    call: cancellation, a crash, or an exception of the journal, which flies. Returns why it
    stopped before the end, in one clause; empty when it did not.
    """
    profile = plan.runner
    means = Means(
        profile=profile,
        runner=tools.runner,
        journal=tools.journal,
        budget=Budget(profile.budget_usd, earlier.spent),
        pace=Pace(profile.requests_per_minute, profile.tokens_per_minute),
        pricer=tools.pricer,
        output_bound=tools.output_bound,
        now=tools.now,
        barrier=tools.barrier,
    )
    session = _Session(plan, tools, earlier, Asker(means))
    pending = session.pending()
    try:
        async with asyncio.TaskGroup() as group:
            flusher = group.create_task(_flush(tools.sync))
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(concurrency, plan.attempts)):
                    workers.create_task(session.work(pending))
            flusher.cancel()
    except BaseExceptionGroup as failures:
        raise first_cause(failures) from failures
    finally:
        for each in (tools.agent, tools.runner):
            if each is not None:
                await _close(each)
        tools.sync()
    return session.stopped


def first_cause(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one cause that a person should read: workers fail for the same reason."""
    flat: list[BaseException] = []
    waiting: list[BaseException] = [failures]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
        else:
            flat.append(each)
    return next((each for each in flat if isinstance(each, PaygradeError)), flat[0])


async def _flush(sync: Callable[[], None]) -> None:
    """Put the journal on disk once a second: a power cut costs a second, a kill costs nothing."""
    while True:
        await asyncio.sleep(1)
        await asyncio.to_thread(sync)


async def _close(runner: Runner | Agent) -> None:
    """Every answer is durable by now: a runner that cannot let go must not undo the run."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_CLOSE_S):
            await runner.close()


class _Session:
    """One engine session over one plan."""

    def __init__(self, plan: RunPlan, tools: Tools, earlier: Attempts, asker: Asker) -> None:
        self._plan = plan
        self._tools = tools
        self._earlier = earlier
        self._known = set(earlier.samples)
        self._parameters = {**plan.prompt.parameters, **plan.runner.parameters}
        self._asker = asker
        self.stopped = ""

    def pending(self) -> Iterator[tuple[Sample, int]]:
        """Attempts to do, epoch by epoch, so that a run cut short has seen many samples."""
        for epoch in range(1, self._plan.epochs + 1):
            for sample in self._plan.samples:
                if (sample.id, epoch) not in self._earlier.done:
                    yield sample, epoch

    async def work(self, pending: Iterator[tuple[Sample, int]]) -> None:
        for sample, epoch in pending:
            if self.stopped:
                return
            try:
                outcome = await self._attempt(sample, epoch)
            except OverBudgetError:
                self.stopped = "the next call could pass the budget"
                return
            self._tools.journal.outcome(outcome)
            self._tools.progress.landed(outcome)
            await asyncio.sleep(0)  # a runner that never waits must not starve the others

    async def _attempt(self, sample: Sample, epoch: int) -> Outcome:
        stored = self._earlier.answered.get((sample.id, epoch))
        if stored is None:
            try:
                stored = await self._ask(sample, epoch)
            except RunnerError as error:
                problem = barrier.problem(self._tools.barrier, error.problem)
                if error.kind in HOPELESS:
                    self.stopped = problem
                return Errored(
                    sample_id=sample.id,
                    epoch=epoch,
                    error_kind=error.kind,
                    error=problem,
                    request_id=error.request_id,
                )
            self._tools.journal.answer(stored)
        else:
            stored = barrier.again(self._tools.barrier, stored)
        return await self._judge(sample, stored)

    async def _ask(self, sample: Sample, epoch: int) -> StoredAnswer:
        messages = self._tools.render(sample)
        if sample.id not in self._known:
            self._known.add(sample.id)
            self._tools.journal.sample(self._tools.row(sample, messages))
        known = self._earlier.cached.get((sample.id, epoch))
        if known is not None:
            return barrier.again(self._tools.barrier, known)
        request = Request(
            sample_id=sample.id,
            epoch=epoch,
            prompt=self._plan.prompt.reference,
            messages=messages,
            input=sample.input,
            parameters=self._parameters,
            output_schema=self._plan.prompt.output_schema,
            world=sample.world,
            faults=sample.faults,
        )
        digest = self._tools.digest(sample.id, epoch)
        if self._tools.agent is not None:
            told = self._tools.journal.turn
            return await act(self._tools.agent, self._asker, request, digest, told)
        return await self._asker.ask(request, digest)

    async def _judge(self, sample: Sample, stored: StoredAnswer) -> Outcome:
        reading = self._tools.read(stored.text)
        subject = Subject(
            sample_id=sample.id,
            input=sample.input,
            expected=sample.expected,
            text=stored.text,
            output=reading.value,
            output_error=reading.error,
            output_repair=reading.repair,
            findings=stored.findings,
            latency_s=stored.latency_s,
            cost_usd=stored.cost_usd,
            cached=stored.cached,
            epoch=stored.epoch,
            trajectory=stored.trajectory,
        )
        specs = (*self._plan.checks, *sample.checks)
        try:
            judged = await self._tools.bench.judge(specs, subject)
        except (KeyboardInterrupt, GeneratorExit, asyncio.CancelledError) as error:
            if not isinstance(error, asyncio.CancelledError) or is_cancelled():
                raise
            return _unjudged(self._tools.barrier, stored, error)
        except BaseException as error:  # noqa: BLE001 - a scorer may be a user's code: `SystemExit` too
            return _unjudged(self._tools.barrier, stored, error)
        checks = (_answered(stored), *judged)
        if sample.case_class == "must_pass":
            checks = tuple(
                replace(check, role="invariant") if check.role == "gating" else check
                for check in checks
            )
        counted = [check for check in checks if check.role != "advisory"]
        broken = [check for check in counted if check.result == "error"]
        if broken:
            return Errored(
                sample_id=sample.id,
                epoch=stored.epoch,
                error_kind="scorer_error",
                error=barrier.problem(self._tools.barrier, f"{broken[0].id}: {broken[0].reason}"),
                checks=checks,
            )
        failed = any(check.result == "fail" for check in counted)
        return Scored(sample_id=sample.id, epoch=stored.epoch, failed=failed, checks=checks)


def _unjudged(guard: Barrier, stored: StoredAnswer, error: BaseException) -> Errored:
    return Errored(
        sample_id=stored.sample_id,
        epoch=stored.epoch,
        error_kind="scorer_error",
        error=barrier.problem(guard, f"the bench raised {scripts.said(error)}"),
    )


def _answered(stored: StoredAnswer) -> Check:
    """The check that stands in every suite: refusal, truncation and filter are failures."""
    complete = stored.finish == "stop"
    return Check(
        id="answered",
        scorer="answered",
        severity="critical",
        role="gating",
        result="pass" if complete else "fail",
        reason="" if complete else f"the answer ended with '{stored.finish}'",
    )

"""Beginning a run, or going on with one: its header, its journal, its runner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade import runners
from paygrade.pipeline import judges
from paygrade.pipeline.session import Answering, Prepared
from paygrade.pipeline.wiring import now, versions
from paygrade.records.run import RunHeader
from paygrade.store import fill, journal

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.pipeline.forecast import Priced
    from paygrade.pipeline.judges import Seats
    from paygrade.records.plan import RunPlan
    from paygrade.records.protocols import Bench
    from paygrade.records.run import Purpose
    from paygrade.workspace.config import Layout
    from paygrade.workspace.git import Revision


def stamp(started_at: str) -> str:
    """The time as ids begin with it: to the millisecond, so that they sort as they began."""
    return started_at[:23].translate({ord("-"): None, ord(":"): None, ord("T"): "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A plan that is priced, with its bench, who answers and its judges: all but a journal."""

    priced: Priced
    bench: Bench
    answering: Answering
    seats: Seats

    @classmethod
    def of(cls, priced: Priced, bench: Bench) -> Ready:
        """Build the runner or the agent, and the judges of the plan.

        Raises:
            UsageError: one cannot be built, such as for want of a key.
        """
        plan = priced.forecast.plan
        return cls(
            priced=priced,
            bench=bench,
            answering=_answering(plan),
            seats=judges.seats(plan.judges),
        )


def _answering(plan: RunPlan) -> Answering:
    if plan.toolbox is None:
        return Answering(runner=runners.build(plan.runner))
    from paygrade.runners.agents import build_agent  # noqa: PLC0415 - suites with tools need it

    model = runners.build(plan.runner) if plan.runner.provider in runners.VENDORS else None
    return Answering(runner=model, agent=build_agent(plan.runner, plan.toolbox))


def start(layout: Layout, source: Revision, ready: Ready, purpose: Purpose = "run") -> Prepared:
    """Begin a new run in the store of `layout`, of content that `source` says the revision of.

    Raises:
        JournalError: its journal cannot be written.
    """
    plan = ready.priced.forecast.plan
    header = _header(plan, source, ready.priced, purpose)
    folder = layout.store / fill.RUNS_FOLDER / header.run_id
    writer = journal.RunJournal.create(folder, header, layout.barrier)
    return Prepared(plan, ready.bench, ready.answering, ready.seats, header, writer, ready.priced)


def go_on(layout: Layout, run_folder: Path, ready: Ready) -> Prepared:
    """Open the journal of a run that did not end, to finish it.

    Raises:
        JournalError: it cannot be read, or another process writes it.
    """
    header = journal.read_header(run_folder)
    writer = journal.RunJournal.reopen(run_folder, layout.barrier)
    plan = ready.priced.forecast.plan
    return Prepared(plan, ready.bench, ready.answering, ready.seats, header, writer, ready.priced)


def _header(plan: RunPlan, source: Revision, priced: Priced, purpose: Purpose) -> RunHeader:
    started_at = now()
    budget = plan.runner.budget_usd
    return RunHeader(
        run_id=f"{stamp(started_at)}-{plan.suite}-{plan.runner.name}-{secrets.token_hex(2)}",
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
        price=priced.pricer.snapshot if priced.pricer else None,
        budget_usd=None if budget is None else str(budget),
        purpose=purpose,
        judges=tuple(judges.told(each) for each in plan.judges),
    )

"""`paygrade run`, `paygrade resume` and `paygrade score`: plan, then run what is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.errors import ExitCode, UsageError
from paygrade.pipeline.forecast import Priced, forecast
from paygrade.pipeline.judges import empty_seats
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.session import Answering, Finished, Watcher, run_all
from paygrade.pipeline.starting import Ready, go_on, start
from paygrade.pipeline.wiring import layout_at, plans_of
from paygrade.records.plan import Forecast
from paygrade.runners.replay import ReplayRunner
from paygrade.store import fill, journal
from paygrade.workspace.git import revision
from paygrade.workspace.prompts import Renderer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.pipeline.session import Prepared
    from paygrade.records.plan import RunPlan, Selection
    from paygrade.records.run import Purpose
    from paygrade.workspace.config import Layout


def run(  # noqa: PLR0913 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    watcher: Watcher,
    *,
    concurrency: int | None = None,
    use_cache: bool = True,
    dry_run: bool = False,
) -> Finished:
    """Run suites. Every plan is made, and every runner built, before the first call.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    planned = plans_of(layout, suites, runner_names, wanted)
    fill.sync(layout.store)  # a store that cannot be used is said before anything is paid for
    priced = [forecast(plan, layout.store, use_cache=use_cache) for plan, _ in planned]
    watcher.planned([each.forecast for each in priced])
    if dry_run:
        forecasts = tuple(each.forecast for each in priced)
        reasons = ("dry run: nothing was asked",)
        return Finished(summaries=(), code=ExitCode.OK, reasons=reasons, forecasts=forecasts)
    built = [Ready.of(each, bench) for (_, bench), each in zip(planned, priced, strict=True)]
    return run_all(layout, _fresh(layout, built), watcher, concurrency)


def resume(
    folder: Path | None,
    reference: str,
    watcher: Watcher,
    *,
    concurrency: int | None = None,
    retry_errors: bool = False,
) -> Finished:
    """Finish a run from its journal; with `retry_errors` errored attempts are done again.

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
    fill.sync(layout.store)
    priced = forecast(plan, layout.store, use_cache=False)
    watcher.planned([priced.forecast])
    prepared = go_on(layout, run_folder, Ready.of(priced, bench))
    if retry_errors:
        for sample_id, epoch in sorted(journal.read_progress(run_folder).errored):
            prepared.writer.retry(sample_id, epoch)
    return run_all(layout, iter([prepared]), watcher, concurrency)


def score(folder: Path | None, reference: str, watcher: Watcher) -> Finished:
    """Score a run's stored answers again, with the scorers and labels of today, as a new run.

    Nobody is asked. An answer counts where its rendered prompt is still the same; where it is
    not, or where there was none, the attempt ends as an error (`not_recorded`). What judges said
    in that run counts too; a judge that was not asked there gives an error of its check.

    Raises:
        UsageError: no such run.
        WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    run_folder = find_run(layout.store, reference)
    header = journal.read_header(run_folder)
    [(plan, bench)] = plans_of(
        layout, (header.selection.suite,), (header.selection.runner,), header.selection
    )
    same = _asked_the_same(layout, plan, run_folder)
    stored = {
        (answer.sample_id, answer.epoch): replace(answer, cached=True, calls=0, cost_usd=0.0)
        for answer in journal.read_answers(run_folder)
        if answer.sample_id in same
    }
    free = Forecast(plan=plan, paid=False, known=len(stored), ceiling_usd=None)
    watcher.planned([free])
    priced = Priced(forecast=free, cached=stored)
    heard = journal.read_progress(run_folder).judged
    ready = Ready(
        priced=priced,
        bench=bench,
        answering=Answering(runner=ReplayRunner({})),
        seats=empty_seats(plan.judges, heard),
    )
    return run_all(layout, _fresh(layout, [ready], header.purpose), watcher, None)


def _asked_the_same(layout: Layout, plan: RunPlan, run_folder: Path) -> set[str]:
    """Samples whose prompt renders today as it did then; journals keep it masked."""
    then = {
        row.sample_id: _masked(layout, row.messages) for row in journal.read_samples(run_folder)
    }
    renderer = Renderer(plan.prompt)
    same = set()
    for sample in plan.samples:
        messages = renderer.messages(sample, plan.dataset.path)
        today = tuple((each.role, each.content) for each in messages)
        if then.get(sample.id) == _masked(layout, today):
            same.add(sample.id)
    return same


def _masked(layout: Layout, messages: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((role, layout.barrier.mask(content).text) for role, content in messages)


def _fresh(layout: Layout, built: list[Ready], purpose: Purpose = "run") -> Iterator[Prepared]:
    source = revision(layout.root)
    for ready in built:
        yield start(layout, source, ready, purpose)

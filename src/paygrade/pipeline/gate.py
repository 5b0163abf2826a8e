"""`paygrade gate`: run the candidate, screen, confirm on fresh runs, decide, remember."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade.analysis.pairing import Problem
from paygrade.analysis.verdict import INCOMPLETE
from paygrade.errors import ExitCode, StoreError, UsageError
from paygrade.pipeline import judging
from paygrade.pipeline.baselines import Version, baseline_for, runnable
from paygrade.pipeline.confirming import Asking, resumed
from paygrade.pipeline.docket import Docket, Item
from paygrade.pipeline.forecast import forecast
from paygrade.pipeline.hearing import Hearing
from paygrade.pipeline.looks import look_of
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.session import run_all
from paygrade.pipeline.starting import Ready, stamp, start
from paygrade.pipeline.wiring import layout_at, now, plans_of
from paygrade.store import fill, journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.pipeline.session import Finished, Prepared, Watcher
    from paygrade.records.baseline import Baseline
    from paygrade.records.plan import Forecast, RunPlan, Selection
    from paygrade.records.policy import Confirm, OnInconclusive
    from paygrade.records.verdict import GateReport
    from paygrade.workspace.config import Layout
    from paygrade.workspace.git import Revision

_EPOCHS = 3
_MANY = 1000
_SESSIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """What a person chose on the command line; empty or `None` leaves it to the suite.

    `run` names a stored run to judge instead of asking.
    """

    baseline: str = ""
    epochs: int | None = None
    confirm: Confirm | None = None
    on_inconclusive: OnInconclusive | None = None
    run: str = ""
    concurrency: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """What came of it. `report` is `None` after a dry run; `places` are the suites' own files."""

    report: GateReport | None
    forecasts: tuple[Forecast, ...]
    places: dict[str, tuple[str, int]]
    run_ids: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def gate(  # noqa: PLR0913, PLR0917 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    options: GateOptions,
    watcher: Watcher,
) -> Gated:
    """Judge suites against their baselines. Every plan is made before the first call.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    if options.run:
        header = journal.read_header(find_run(layout.store, options.run))
        suites, runner_names = (header.suite,), (header.runner,)
        options = replace(options, epochs=header.epochs)
        wanted = replace(wanted, prompt=wanted.prompt or header.prompt)
    planned = plans_of(layout, suites, runner_names, wanted)
    fill.sync(layout.store)  # a store that cannot be used is said before anything is paid for
    with ExitStack() as stack:
        items = [
            _item(layout, Version(plan=each, bench=bench), options, stack)
            for each, bench in planned
        ]
        forecasts = tuple(each.priced.forecast for each in items if each.priced)
        if forecasts:
            watcher.planned(list(forecasts))
        for line in _announced(items):
            watcher.said(line)
        places = {each.plan.suite: (each.plan.suite_path, 1) for each in items}
        if options.dry_run:
            return Gated(report=None, forecasts=forecasts, places=places)
        started_at = now()
        docket = Docket(
            store=layout.store,
            gate_id=f"{stamp(started_at)}-gate-{secrets.token_hex(2)}",
            started_at=started_at,
            items=items,
            barrier=layout.barrier,
        )
        asking = Asking.into(layout, watcher, options.concurrency)
        _run_candidates(docket, asking)
        report = Hearing(docket=docket, asking=asking).report(options.on_inconclusive)
        docket.remember(int(report.code))
    return Gated(
        report=report,
        forecasts=forecasts,
        places=places,
        run_ids=tuple(each.run_id for each in items if each.run_id),
        problems=_filled(layout),
    )


def _filled(layout: Layout) -> tuple[str, ...]:
    """Fill the store; where it cannot be, the verdict stands, and its record is safe."""
    try:
        return fill.sync(layout.store).problems
    except StoreError as error:
        return (str(error),)


def _item(layout: Layout, version: Version, options: GateOptions, stack: ExitStack) -> Item:
    """One suite with all that is known before the first call."""
    policy = version.plan.policy
    policy = replace(
        policy,
        confirm=options.confirm or policy.confirm,
        on_inconclusive=options.on_inconclusive or policy.on_inconclusive,
    )
    version = replace(version, plan=often(replace(version.plan, policy=policy), options.epochs))
    item = Item(version=version, asked=policy.confirm, mode=policy.confirm)
    found = baseline_for(layout, version, options.baseline)
    if isinstance(found, Problem):
        item.problems.append(found)
        return item
    item.baseline = found
    stale = judging.stale(version, found)
    if stale:
        item.problems.append(stale)
        return item
    item.exact = version.plan.runner.deterministic and found.deterministic
    item.look = look_of(layout, version.plan, found, item.asked)
    item.asked = item.mode = item.look.asked
    if item.exact:
        item.mode = "off"
    elif item.mode != "off":
        _choose_mode(layout, item, found, stack)
    if item.look.lost:
        sentence = "this candidate was red before, and the runs of that look are gone"
        item.problems.append(Problem(code="look_lost", sentence=sentence))
        return item
    if item.look.run_id and not item.exact:
        item.run_id = item.look.run_id
        item.notes.append(
            "the same candidate was judged before: its run counts, and nothing replaces it"
        )
        if item.asked != policy.confirm:
            item.notes.append(f"it is confirmed as it was then (`{item.asked}`)")
    elif options.run:
        item.run_id = _run_of(layout, version.plan, options.run)
        item.problems += _unfinished(layout, item.run_id)
    else:
        item.priced = forecast(version.plan, layout.store, use_cache=False)
    return item


def often(plan: RunPlan, epochs: int | None) -> RunPlan:
    """The plan with the epochs that the gate asks: enough to see what the suite can show."""
    if plan.runner.deterministic:
        chosen = 1
    else:
        chosen = epochs or plan.policy.epochs or (1 if len(plan.samples) >= _MANY else _EPOCHS)
    return replace(plan, epochs=chosen, selection=replace(plan.selection, epochs=chosen))


def _choose_mode(layout: Layout, item: Item, baseline: Baseline, stack: ExitStack) -> None:
    if item.mode == "both":
        found = runnable(layout, item.version, baseline, stack)
        if isinstance(found, Version):
            item.base = found
            return
        item.why = found
        if len(baseline.sessions) >= _SESSIONS:
            item.mode = "stored"
    elif len(baseline.sessions) < _SESSIONS:
        item.why = "the baseline has one session, and the second would confirm"


def _run_of(layout: Layout, plan: RunPlan, reference: str) -> str:
    """The id of a stored run that the workspace could make again today."""
    header = journal.read_header(find_run(layout.store, reference))
    changed = header.identity.differences(plan.identity)
    if changed:
        parts = " and ".join(f"the {part}" for part in changed)
        raise UsageError(
            f"run {header.run_id} was made with another version: {parts} changed since",
            hint="restore it, or run the gate without --run",
        )
    return header.run_id


def _unfinished(layout: Layout, run_id: str) -> Iterator[Problem]:
    """Why a stored run cannot be judged yet."""
    folder = layout.store / fill.RUNS_FOLDER / run_id
    planned = journal.read_header(folder).attempts
    missing = planned - len(journal.read_progress(folder).done)
    if missing:
        sentence = (
            f"{missing} of {planned} attempts not done: finish it first, paygrade resume {run_id}"
        )
        yield Problem(code=INCOMPLETE, sentence=sentence)


def _announced(items: list[Item]) -> Iterator[str]:
    """What a confirmation may add to the plan."""
    for item in items:
        name = item.plan.label
        if item.problems:
            yield f"{name}: {item.problems[0].sentence}: nothing is asked"
            continue
        if item.at_most:
            cost = _cost(item)
            yield f"{name}: a confirmation may ask up to {item.at_most:,} attempts more{cost}"
        if item.why:
            yield f"{name}: {item.why}"


def _cost(item: Item) -> str:
    if item.priced is None or item.priced.forecast.ceiling_usd is None:
        return ""
    each = item.priced.forecast.ceiling_usd / max(1, item.plan.attempts)
    return f", at most about {each * item.at_most:.4f} USD"


def _run_candidates(docket: Docket, asking: Asking) -> None:
    """Run what has no run yet; a run that an invocation left unfinished is gone on with."""
    waiting = [each for each in docket.items if each.priced and not each.problems]

    def prepared() -> Iterator[Prepared]:
        for item in waiting:
            each = _begun(asking.layout, asking.source, item)
            item.run_id = each.header.run_id
            docket.remember()
            yield each

    if not waiting:
        return
    finished = run_all(asking.layout, prepared(), asking.watcher, asking.concurrency)
    if finished.interrupted:
        raise KeyboardInterrupt
    _note_endings(waiting, finished)


def _begun(layout: Layout, source: Revision, item: Item) -> Prepared:
    assert item.priced  # noqa: S101 - what waits is priced
    plan = item.plan
    ready = Ready.of(item.priced, item.version.bench)
    left = item.look.unfinished if item.look else None
    if left and left.run_id:
        folder = layout.store / fill.RUNS_FOLDER / left.run_id
        if folder.is_dir():
            header = journal.read_header(folder)
            if (header.identity, header.selection) == (plan.identity, plan.selection):
                return resumed(layout, folder, ready)
    return start(layout, source, ready, "gate")


def _note_endings(items: list[Item], finished: Finished) -> None:
    for item, ended, summary in zip(items, finished.endings, finished.summaries, strict=True):
        if summary.state == "incomplete":
            reason = ended.reason
            if ended.code is not ExitCode.INCOMPLETE:
                reason = f"{summary.planned - summary.done} of {summary.planned} attempts not done"
                reason += f": {ended.reason}" if ended.code is ExitCode.INVALID else ""
            item.problems.append(Problem(code=INCOMPLETE, sentence=reason))

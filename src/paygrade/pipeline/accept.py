"""`paygrade accept`: record a baseline in two sessions, check it, propose it, write it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from paygrade.analysis.accepting import power_of, shift_of
from paygrade.analysis.arms import joined
from paygrade.analysis.pairing import errors_of
from paygrade.errors import NothingRanError, UsageError
from paygrade.pipeline import judging
from paygrade.pipeline.baselines import (
    Version,
    arm_from,
    hashes,
    identities,
    models_of,
    narrowed,
)
from paygrade.pipeline.confirming import Asking
from paygrade.pipeline.gate import often
from paygrade.pipeline.wiring import layout_at, now, plans_of, versions
from paygrade.records.baseline import Baseline, RecordedSession
from paygrade.stats.sessions import SHIFTED
from paygrade.store import fill, journal
from paygrade.workspace import baselines, git

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.pipeline.session import Watcher
    from paygrade.records.plan import RunPlan, Selection
    from paygrade.records.run import RunHeader
    from paygrade.workspace.config import Layout

APART = dt.timedelta(hours=1)
"""Two sessions of a baseline lie so far apart, so that what drifts within hours shows."""

_SESSIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOptions:
    """What a person chose. `at_once` records both sessions without an hour between them."""

    epochs: int | None = None
    sessions: int = _SESSIONS
    reason: str = ""
    at_once: bool = False
    concurrency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A baseline that is ready to be written, beside the one that it would replace."""

    before: Baseline | None
    after: Baseline
    file: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A baseline whose second session is still to be recorded, not before `after` (UTC)."""

    suite: str
    runner: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    folder: Path
    header: RunHeader


def propose(  # noqa: PLR0913, PLR0917 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    options: AcceptOptions,
    watcher: Watcher,
) -> list[Proposal | Waiting]:
    """Record what is missing of each suite's sessions, and propose what is whole.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    planned = plans_of(layout, suites, runner_names, wanted)
    fill.sync(layout.store)
    found: list[Proposal | Waiting] = []
    todo = [
        (each, _accepted(layout, each.plan, options))
        for each in (Version(plan=_recorded(plan, options), bench=bench) for plan, bench in planned)
    ]
    asking = Asking(
        layout=layout,
        source=git.revision(layout.root),
        watcher=watcher,
        concurrency=options.concurrency,
    )
    for version, before in todo:
        found.append(_one(asking, version, before, options))
    fill.sync(layout.store)
    return found


def write(folder: Path | None, proposals: list[Proposal]) -> list[str]:
    """Write accepted baselines; return the files, as messages name them.

    Raises:
        UsageError, WorkspaceError.
    """
    layout = layout_at(folder)
    files = [baselines.write_baseline(layout, each.after) for each in proposals]
    return [layout.shown(each) for each in dict.fromkeys(files)]


def _recorded(plan: RunPlan, options: AcceptOptions) -> RunPlan:
    epochs = 1 if plan.runner.deterministic else options.epochs or plan.policy.baseline_epochs
    return replace(plan, epochs=epochs, selection=replace(plan.selection, epochs=epochs))


def _accepted(layout: Layout, plan: RunPlan, options: AcceptOptions) -> Baseline | None:
    """The baseline that is there, unless it may not be replaced without a reason."""
    known = baselines.read_baselines(layout, plan.suite)
    before = next((each for each in known if each.runner == plan.runner.name), None)
    if before is None or options.reason:
        return before
    commit, dirty = _commit(layout)
    name = f"{plan.suite} · {plan.runner.name}"
    since = f"{name} has a baseline, accepted {before.accepted_at[:16]}"
    hint = 'say why a new one is needed: --reason "…"'
    if before.identity == plan.identity:
        problem = f"{since}, of this very version: recording it until it looks good is no baseline"
        raise UsageError(problem, hint=hint)
    if dirty or before.commit == commit:
        problem = f"{since}, and what changed since is not committed"
        raise UsageError(problem, hint=f"commit it, or {hint}")
    return before


def _commit(layout: Layout) -> tuple[str, str]:
    """The commit that holds what the workspace holds, or why there is none."""
    source = git.revision(layout.root)
    if not source.commit:
        return "", "the workspace is in no git commit"
    own = tuple(layout.shown(each) + "/" for each in (layout.reports, layout.store))
    dirty = [each for each in git.dirty_paths(layout.root) or () if not each.startswith(own)]
    if dirty:
        more = f" and {len(dirty) - 1} more" if len(dirty) > 1 else ""
        return "", f"the worktree is dirty ({dirty[0]}{more})"
    return source.commit, ""


def _one(
    asking: Asking, version: Version, before: Baseline | None, options: AcceptOptions
) -> Proposal | Waiting:
    plan = version.plan
    needed = 1 if plan.runner.deterministic else options.sessions
    used = {each.run_id for each in before.sessions} if before else set()
    sessions = _sessions(asking.layout, plan, used, whole=True)
    begun = _sessions(asking.layout, plan, used, whole=False)
    while len(sessions) < needed:
        if sessions and not options.at_once:
            ready = _time(sessions[-1].header) + APART
            if dt.datetime.now(dt.UTC) < ready:
                after = ready.strftime("%Y-%m-%d %H:%M UTC")
                return Waiting(suite=plan.suite, runner=plan.runner.name, after=after)
        going_on = begun.pop().header.run_id if begun else ""
        asking.watcher.said(_announced(plan, len(sessions) + 1, needed))
        sessions.append(_record(asking, version, going_on))
    return _proposal(asking, version, before, sessions[:needed], options)


def _time(header: RunHeader) -> dt.datetime:
    return dt.datetime.fromisoformat(header.started_at)


def _sessions(layout: Layout, plan: RunPlan, used: set[str], *, whole: bool) -> list[_Session]:
    """Sessions of this very version that stand in no baseline yet, oldest first."""
    found = []
    for folder in fill.run_folders(layout.store):
        header = journal.read_header(folder)
        if (
            header.purpose == "baseline"
            and header.run_id not in used
            and (header.identity, header.selection) == (plan.identity, plan.selection)
            and (len(journal.read_progress(folder).done) == header.attempts) is whole
        ):
            found.append(_Session(folder=folder, header=header))
    return found


def _announced(plan: RunPlan, number: int, of: int) -> str:
    return (
        f"{plan.suite} · {plan.runner.name}: recording session {number} of {of}: "
        f"{len(plan.samples)} samples x {plan.epochs} epochs"
    )


def _record(asking: Asking, version: Version, going_on: str) -> _Session:
    """Record one session, or finish the run `going_on` that was stopped."""
    plan = version.plan
    name = f"{plan.suite} · {plan.runner.name}"
    fresh = asking.one(version, "baseline", plan.runner.budget_usd, going_on)
    folder = asking.layout.store / fill.RUNS_FOLDER / fresh.after
    if fresh.stopped:
        raise NothingRanError(
            f"{name}: the session was not finished: {fresh.stopped}",
            hint="mend it, then accept again",
        )
    arm = arm_from(folder, {}, fresh_only=True)
    errors = errors_of(arm, arm)
    if errors.errored > plan.policy.max_error_rate * errors.attempts:
        raise NothingRanError(
            f"{name}: {errors.errored} of {errors.attempts} attempts errored: no baseline",
            hint=f"see paygrade show {fresh.after}, mend it, then accept again",
        )
    if plan.runner.deterministic:
        again = asking.one(narrowed(version, judging.asked_twice(version), 1), "repeat", None)
        problem = judging.answered_otherwise(
            folder, asking.layout.store / fill.RUNS_FOLDER / again.after
        )
        if problem:
            raise NothingRanError(
                f"{name}: {problem.sentence}",
                hint=f"take `deterministic: true` out of {plan.runner.path}",
            )
    return _Session(folder=folder, header=journal.read_header(folder))


def _proposal(
    asking: Asking,
    version: Version,
    before: Baseline | None,
    sessions: list[_Session],
    options: AcceptOptions,
) -> Proposal:
    plan, layout = version.plan, asking.layout
    known = hashes(plan, version.bench)
    arm = joined([arm_from(each.folder, known, fresh_only=True) for each in sessions])
    shift = shift_of(arm) if len(sessions) == _SESSIONS else None
    inference: Literal["runs", "cases"] = "runs"
    if plan.policy.inference != "auto":
        inference = plan.policy.inference
    elif shift is not None and shift > SHIFTED:
        inference = "cases"
    epochs = often(plan, None).epochs
    exact = plan.runner.deterministic
    commit, why = _commit(layout)
    notes = [f"{why}: it can be confirmed only while the workspace holds this version"] * bool(why)
    after = Baseline(
        suite=plan.suite,
        runner=plan.runner.name,
        provider=plan.runner.provider,
        deterministic=exact,
        prompt=plan.prompt.reference,
        dataset=plan.dataset.reference,
        identity=plan.identity,
        checks=identities(plan, version.bench),
        models=tuple(sorted({name for each in sessions for name in models_of(each.folder)})),
        parameters={**plan.prompt.parameters, **plan.runner.parameters},
        commit=commit,
        accepted_at=now(),
        reason=options.reason or ("first baseline" if before is None else "a new version"),
        versions=versions(),
        sessions=tuple(
            RecordedSession(
                run_id=each.header.run_id,
                started_at=each.header.started_at,
                epochs=each.header.epochs,
            )
            for each in sessions
        ),
        shift=shift,
        inference=inference,
        power={} if exact else power_of(arm, plan.policy, epochs, plan.identity.dataset),
        samples=tuple(arm[name] for name in sorted(arm)),
    )
    file = layout.shown(baselines.baseline_file(layout, plan.suite))
    return Proposal(before=before, after=after, file=file, notes=tuple(notes))

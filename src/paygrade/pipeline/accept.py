"""`paygrade accept`: record a baseline in two sessions, check it, propose it, write it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from paygrade.analysis.accepting import inferred, power_of, shift_of
from paygrade.analysis.arms import joined
from paygrade.errors import UsageError
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
from paygrade.pipeline.recording import Recording, Refused, priced, record, recordings, refused
from paygrade.pipeline.wiring import layout_at, now, plans_of, versions
from paygrade.records.baseline import Baseline, RecordedSession
from paygrade.store import fill
from paygrade.workspace import baselines, git

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.pipeline.session import Watcher
    from paygrade.records.plan import RunPlan, Selection
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
    dry_run: bool = False


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
    reason: str

    def __str__(self) -> str:
        """What to do, and when."""
        same = " with the same --reason" if self.reason else ""
        return (
            f"{self.suite} · {self.runner}: session 1 of 2 is recorded; accept again{same} after "
            f"{self.after}, or now with --now"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A suite with one runner whose baseline, accepted at `since`, is of this very version."""

    suite: str
    runner: str
    since: str

    def __str__(self) -> str:
        """Why nothing is recorded."""
        return (
            f"{self.suite} · {self.runner} has a baseline of this very version, accepted "
            f"{self.since[:16]}: recording it until it looks good is no baseline "
            '(say why a new one is needed: --reason "…")'
        )


Outcome = Proposal | Waiting | Standing | Refused
"""What came of one suite with one runner."""


@dataclass(slots=True, kw_only=True)
class _Candidacy:
    """A version on its way to be a baseline.

    `sessions` are recorded, `left` are those that stopped early or errored too often.
    """

    version: Version
    before: Baseline | None
    needed: int
    sessions: list[Recording] = field(default_factory=list)
    left: list[Recording] = field(default_factory=list)

    @property
    def plan(self) -> RunPlan:
        """What a session asks."""
        return self.version.plan

    @property
    def missing(self) -> int:
        """How many sessions there are still to record."""
        return max(0, self.needed - len(self.sessions))


def propose(  # noqa: PLR0913, PLR0917 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    options: AcceptOptions,
    watcher: Watcher,
) -> list[Outcome]:
    """Record what is missing of each suite's sessions, and propose what is whole.

    Whatever is refused, is refused before the first call. After a dry run nothing came of anything.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    if layout.barrier.mask(options.reason).text != options.reason:
        hint = "a baseline is kept in git for ever: say it without"
        raise UsageError("the reason holds what must not be stored", hint=hint)
    planned = plans_of(layout, suites, runner_names, wanted)
    for problem in fill.sync(layout.store).problems:
        watcher.said(f"left out of the store: {problem}")
    commit = _commit(layout)
    found: list[Outcome | _Candidacy] = [
        _candidacy(layout, Version(plan=_recorded(plan, options), bench=bench), commit, options)
        for plan, bench in planned
    ]
    waiting = [each for each in found if isinstance(each, _Candidacy)]
    forecasts = [
        priced(layout.store, each.plan, begun)
        for each in waiting
        for begun in _to_record(each, options)
    ]
    if forecasts:
        watcher.planned(forecasts)
    if options.dry_run:
        return []
    asking = Asking.into(layout, watcher, options.concurrency)
    ended = [
        _heard(asking, each, commit, options) if isinstance(each, _Candidacy) else each
        for each in found
    ]
    if forecasts:
        fill.sync(layout.store)
    return ended


def write(folder: Path | None, proposals: list[Proposal]) -> list[str]:
    """Write accepted baselines; return the files, as messages name them.

    Raises:
        UsageError, WorkspaceError.
    """
    layout = layout_at(folder)
    files = [baselines.write_baseline(layout, each.after) for each in proposals]
    return [layout.shown(each) for each in dict.fromkeys(files)]


def _recorded(plan: RunPlan, options: AcceptOptions) -> RunPlan:
    """What a session asks; the prompt by its name, so that it is found again by any option."""
    epochs = 1 if plan.runner.deterministic else options.epochs or plan.policy.baseline_epochs
    selection = replace(plan.selection, epochs=epochs, prompt=plan.prompt.reference)
    return replace(plan, epochs=epochs, selection=selection)


def _commit(layout: Layout) -> tuple[str, str]:
    """The commit that holds what the workspace holds, or why there is none."""
    source = git.revision(layout.root)
    if not source.commit:
        return "", "the workspace is in no git commit"
    dirty = git.dirty_paths(layout.root)
    if dirty is None:
        return "", "git cannot say whether the worktree is clean"
    own = tuple(layout.shown(each) + "/" for each in (layout.reports, layout.store))
    changed = [each for each in dirty if not each.startswith(own)]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        return "", f"the worktree is dirty ({changed[0]}{more})"
    return source.commit, ""


def _candidacy(
    layout: Layout, version: Version, commit: tuple[str, str], options: AcceptOptions
) -> _Candidacy | Standing:
    """What is there of a version already; `Standing` where it is accepted as it is.

    Raises:
        UsageError: it may not take the place of what is there, without a reason.
        WorkspaceError: the baselines that are there cannot be read.
    """
    plan = version.plan
    known = baselines.read_baselines(layout, plan.suite)
    before = next((each for each in known if each.runner == plan.runner.name), None)
    if before and not options.reason:
        if (before.identity, before.deterministic) == (plan.identity, plan.runner.deterministic):
            return Standing(suite=plan.suite, runner=plan.runner.name, since=before.accepted_at)
        since = f"{plan.label} has a baseline, accepted {before.accepted_at[:16]}"
        hint = 'commit what changed, or say why a new one is needed: --reason "…"'
        if commit[1]:
            raise UsageError(f"{since}, and {commit[1]}", hint=hint)
        if before.commit == commit[0]:
            raise UsageError(f"{since} at this very commit", hint=hint)
    found = recordings(layout.store, plan, "baseline")
    if before:  # what was there when it was accepted was not taken then, and is not chosen now
        accepted = _time(before.accepted_at)
        found = [each for each in found if _time(each.header.started_at) > accepted]
    _refuse_another_count(plan, found, options)
    own = [each for each in found if each.header.epochs == plan.epochs]
    sessions = [each for each in own if each.sound(plan)][:_SESSIONS]
    return _Candidacy(
        version=version,
        before=before,
        needed=1 if plan.runner.deterministic else max(options.sessions, len(sessions)),
        sessions=sessions,
        left=[each for each in own if not each.sound(plan)],
    )


def _refuse_another_count(plan: RunPlan, found: list[Recording], options: AcceptOptions) -> None:
    """Another number of epochs is another recording: it takes a reason.

    Raises:
        UsageError: without one.
    """
    for each in found:
        epochs = each.header.epochs
        if epochs != plan.epochs and each.attempts and not options.reason:
            raise UsageError(
                f"{plan.label}: a session of {epochs} epochs of this very version is recorded and "
                "not accepted: recording it until it looks good is no baseline",
                hint=f'accept it (--epochs {epochs}), or say why not: --reason "…"',
            )


def _to_record(each: _Candidacy, options: AcceptOptions) -> list[Recording | None]:
    """The sessions that are recorded now: what is left of one, or none."""
    count = each.missing
    if not options.at_once:
        early = each.sessions and not each.left and _ready(each.sessions) > _time(now())
        count = 0 if early else min(1, count)
    places = range(count)
    return [each.left[place] if place < len(each.left) else None for place in places]


def _ready(sessions: list[Recording]) -> dt.datetime:
    return max(_time(each.ended_at) for each in sessions) + APART


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _heard(
    asking: Asking, each: _Candidacy, commit: tuple[str, str], options: AcceptOptions
) -> Proposal | Waiting | Refused:
    plan = each.plan
    for begun in _to_record(each, options):
        number = len(each.sessions) + 1
        verb = "going on with" if begun else "recording"
        asking.watcher.said(
            f"{plan.label}: {verb} session {number} of {each.needed}: "
            f"{len(plan.samples)} samples x {plan.epochs} epochs"
        )
        made = record(asking, each.version, "baseline", begun, f"paygrade accept {plan.suite}")
        if isinstance(made, Refused):
            return made
        each.sessions.append(made)
    if each.missing:
        after = _ready(each.sessions).strftime("%Y-%m-%d %H:%M UTC")
        return Waiting(
            suite=plan.suite, runner=plan.runner.name, after=after, reason=options.reason
        )
    each.sessions.sort(key=lambda one: one.header.started_at)
    if plan.runner.deterministic:
        lie = _answers_otherwise(asking, each)
        if lie:
            return lie
    return _proposal(asking.layout, each, commit, options)


def _answers_otherwise(asking: Asking, each: _Candidacy) -> Refused | None:
    """Ask some samples of a deterministic runner twice, unless that was done since."""
    again = narrowed(each.version, judging.asked_twice(each.version), 1)
    [session] = each.sessions
    every = recordings(asking.layout.store, again.plan, "repeat")
    asked = [one for one in every if one.header.started_at > session.header.started_at]
    if not any(one.sound(again.plan) for one in asked):
        begun = asked[-1] if asked else None
        asking.watcher.said(
            f"{again.plan.label}: declared deterministic: "
            f"asking {len(again.plan.samples)} samples twice"
        )
        made = record(asking, again, "repeat", begun, f"paygrade accept {again.plan.suite}")
        if isinstance(made, Refused):
            return made
        asked.append(made)
    for one in asked:
        problem = judging.answered_otherwise(session.folder, one.folder)
        if problem:
            hint = f"see paygrade show {one.header.run_id}"
            if problem.code == "not_deterministic":
                hint = f"take `deterministic: true` out of {again.plan.runner.path}"
            return refused(again.plan, problem.sentence, hint)
    return None


def _proposal(
    layout: Layout, each: _Candidacy, commit: tuple[str, str], options: AcceptOptions
) -> Proposal:
    plan, bench, sessions = each.plan, each.version.bench, each.sessions
    known = hashes(plan.samples, bench)
    arm = joined([arm_from(one.folder, known, fresh_only=True) for one in sessions])
    shift = shift_of(arm) if len(sessions) == _SESSIONS else None
    exact, policy = plan.runner.deterministic, plan.policy
    unit = inferred(shift) if policy.inference == "auto" else policy.inference
    asked, dataset = often(plan, None).epochs, plan.identity.dataset
    after = Baseline(
        suite=plan.suite,
        runner=plan.runner.name,
        provider=plan.runner.provider,
        deterministic=exact,
        prompt=plan.prompt.reference,
        dataset=plan.dataset.reference,
        identity=plan.identity,
        checks=identities(plan, bench),
        models=tuple(sorted({name for one in sessions for name in models_of(one.folder)})),
        parameters={**plan.prompt.parameters, **plan.runner.parameters},
        commit=commit[0],
        accepted_at=now(),
        reason=options.reason or ("a new version" if each.before else "first baseline"),
        versions=versions(),
        sessions=tuple(
            RecordedSession(
                run_id=one.header.run_id,
                started_at=one.header.started_at,
                epochs=one.header.epochs,
            )
            for one in sessions
        ),
        shift=shift,
        inference=inferred(shift),
        power={} if exact else power_of(arm, policy, asked, dataset, unit),
        samples=tuple(arm[name] for name in sorted(arm)),
    )
    baselines.baseline_text(layout, after)  # nobody is asked to confirm what cannot be written
    file = layout.shown(baselines.baseline_file(layout, plan.suite))
    notes = tuple(_notes(each, commit[1]))
    return Proposal(before=each.before, after=after, file=file, notes=notes)


def _notes(each: _Candidacy, unclean: str) -> list[str]:
    found = []
    if unclean:
        found.append(f"{unclean}: it can be confirmed only while the workspace holds this version")
    if len(each.sessions) == _SESSIONS:
        first, second = each.sessions
        apart = _time(second.header.started_at) - _time(first.ended_at)
        if apart < APART:
            minutes = max(0, int(apart.total_seconds() // 60))
            found.append(
                f"the sessions lie {minutes} minutes apart: what drifts within an hour was not seen"
            )
    return found

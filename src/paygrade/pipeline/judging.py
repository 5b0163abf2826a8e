"""From stored runs to what the gate's analysis takes: arms, sides, and what differs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.analysis.pairing import Problem, too_few_shared
from paygrade.analysis.screen import Terms, screen
from paygrade.pipeline.baselines import arm_from, hashes, models_of
from paygrade.records.verdict import Side
from paygrade.store import journal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.screen import Screened
    from paygrade.pipeline.baselines import Version
    from paygrade.records.baseline import Baseline
    from paygrade.records.policy import Confirm, GatePolicy

_TWICE = 5


def baseline_arm(baseline: Baseline, *, session: int | None = None) -> Arm:
    """The baseline's outcomes, of all its sessions or of one alone."""
    if session is None:
        return {each.sample_id: each for each in baseline.samples}
    return {
        each.sample_id: replace(
            each,
            sessions=each.sessions[session : session + 1],
            checks={name: marks[session : session + 1] for name, marks in each.checks.items()},
        )
        for each in baseline.samples
    }


def stale(version: Version, baseline: Baseline) -> Problem | None:
    """What is known before the first call: too few of today's samples stand in the baseline."""
    plan = version.plan
    own = hashes(plan.samples, version.bench)
    then = {each.sample_id: each.content_hash for each in baseline.samples}
    today = [each for each in plan.samples if each.case_class != "quarantined"]
    shared = sum(then.get(each.id) == own.get(each.id, each.content_hash) for each in today)
    return too_few_shared(shared, len(today), plan.policy)


def screened_by(
    version: Version, baseline: Baseline, after: Arm, policy: GatePolicy, mode: Confirm
) -> Screened:
    """Screen the candidate's run; when a second session has to confirm, against the first alone."""
    before = baseline_arm(baseline, session=0 if mode == "stored" else None)
    unit = baseline.inference if policy.inference == "auto" else policy.inference
    plan = version.plan
    terms = Terms(
        samples=plan.dataset.samples,
        slices=plan.slices,
        policy=policy,
        unit=unit,
        exact=plan.runner.deterministic and baseline.deterministic,
    )
    return screen(before, after, terms)


def candidate_arm(run_folder: Path, version: Version) -> Arm:
    """The candidate's own attempts: an answer from the cache is no new evidence.

    Raises:
        JournalError: the run cannot be read.
    """
    return arm_from(run_folder, hashes(version.plan.samples, version.bench), fresh_only=True)


def side_of_baseline(baseline: Baseline) -> Side:
    """The baseline in the words of a person."""
    place = f" at {baseline.commit[:12]}" if baseline.commit else ""
    return Side(
        label=f"{baseline.source}{place}",
        prompt=baseline.prompt,
        dataset=baseline.dataset,
        runner=baseline.runner,
        models=baseline.models,
        commit=baseline.commit,
        when=baseline.accepted_at,
        run_ids=tuple(each.run_id for each in baseline.sessions),
        epochs=tuple(each.epochs for each in baseline.sessions),
        errors=0,
        attempts=0,
    )


def side_of_run(run_folder: Path) -> Side:
    """A stored run in the words of a person.

    Raises:
        JournalError: it cannot be read.
    """
    header = journal.read_header(run_folder)
    return Side(
        label=f"run {header.run_id}",
        prompt=header.prompt,
        dataset=header.dataset,
        runner=header.runner,
        models=models_of(run_folder),
        commit=header.commit,
        when=header.started_at,
        run_ids=(header.run_id,),
        epochs=(header.epochs,),
        errors=0,
        attempts=0,
    )


def differences(baseline: Baseline, after: Side, version: Version) -> tuple[str, ...]:
    """What changed between the two versions, in clauses; empty when nothing did."""
    found = []
    then, now = baseline.identity, version.plan.identity
    if then.prompt != now.prompt:
        same = baseline.prompt == after.prompt
        found.append(
            f"prompt {after.prompt} was edited"
            if same
            else f"prompt {baseline.prompt} → {after.prompt}"
        )
    if baseline.runner != after.runner:
        found.append(f"runner {baseline.runner} → {after.runner}")
    elif then.runner != now.runner:
        found.append(f"the runner {after.runner} changed (its model, its parameters or its code)")
    if baseline.models != after.models and baseline.models and after.models:
        found.append(f"model {', '.join(baseline.models)} → {', '.join(after.models)}")
    if then.dataset != now.dataset:
        found.append(
            f"dataset {baseline.dataset} → {after.dataset}"
            if baseline.dataset != after.dataset
            else f"dataset {after.dataset} was edited"
        )
    return tuple(found)


def age_in_days(accepted_at: str, today: dt.date) -> int:
    """Whole days since a time in UTC, ISO 8601."""
    return max(0, (today - dt.date.fromisoformat(accepted_at[:10])).days)


def unjudged_invariants(run_folders: Iterable[Path], arm: Arm) -> Problem | None:
    """An invariant that broke instead of being judged: nobody knows whether it holds.

    `arm` is what the runs did; its samples in quarantine are of no interest.

    Raises:
        JournalError: a run cannot be read.
    """
    counted = {name for name, each in arm.items() if each.case_class != "quarantined"}
    broken = [
        f"{check.id} on {outcome.sample_id}"
        for run_folder in run_folders
        for outcome in journal.read_outcomes(run_folder)
        if outcome.sample_id in counted
        for check in outcome.checks
        if check.role == "invariant" and check.result == "error"
    ]
    if not broken:
        return None
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    sentence = f"an invariant could not be judged: {broken[0]}{more}"
    return Problem(code="unjudged_invariant", sentence=sentence)


def asked_twice(version: Version) -> tuple[str, ...]:
    """Some samples, spread over the dataset: a deterministic runner must answer them alike."""
    names = [each.id for each in version.plan.samples]
    step = max(1, len(names) // _TWICE)
    return tuple(names[::step][:_TWICE])


def answered_otherwise(run_folder: Path, again: Path) -> Problem | None:
    """A sample that a runner, declared deterministic, answered in two ways, or only once.

    Raises:
        JournalError: a run cannot be read.
    """
    first = {each.sample_id: each.text for each in journal.read_answers(run_folder)}
    second = {each.sample_id: each.text for each in journal.read_answers(again)}
    for name, text in second.items():
        if first.get(name, text) != text:
            sentence = f"the runner is declared deterministic and answered {name} in two ways"
            return Problem(code="not_deterministic", sentence=sentence)
    asked = [name for name in journal.read_header(again).selection.only_samples if name in first]
    missing = sum(name not in second for name in asked)
    if missing:
        sentence = (
            f"{missing} of {len(asked)} samples gave no second answer: whether the runner is "
            "deterministic, as it is declared, is not known"
        )
        return Problem(code="errors", sentence=sentence)
    return None

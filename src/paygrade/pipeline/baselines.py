"""Finding what to compare with, and making its version run again."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.analysis.arms import arm_of
from paygrade.analysis.changes import check_differences
from paygrade.analysis.pairing import Problem
from paygrade.errors import JournalError, PaygradeError, UsageError, WorkspaceError
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.wiring import bench_of, today
from paygrade.records.baseline import Baseline, CheckIdentity, RecordedSession
from paygrade.records.plan import Selection
from paygrade.store import journal
from paygrade.workspace import baselines, git
from paygrade.workspace.baseline_reader import MAX_BASELINE_BYTES
from paygrade.workspace.bind import bind_suite, plan, runners_of
from paygrade.workspace.config import find_layout
from paygrade.workspace.files import is_there, read_bytes, read_text
from paygrade.workspace.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.records.plan import RunPlan
    from paygrade.records.protocols import Bench
    from paygrade.records.sample import Sample
    from paygrade.workspace.config import Layout

ANSWERED = CheckIdentity(id="answered", severity="critical", role="gating", digest="0" * 64)
"""The check that stands in every suite: the answer came whole."""

OWN_CODE = ("python", "command")
"""Providers whose answers come from code of a user's own, which may use more files than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that can be asked: its plan, with the bench that judges it.

    `commit` is where its content comes from, if not from the workspace as it is.
    """

    plan: RunPlan
    bench: Bench
    commit: str = ""


def identities(plan: RunPlan, bench: Bench) -> tuple[CheckIdentity, ...]:
    """The suite's own checks, as they judge. Those of single samples are in the content hashes."""
    return (ANSWERED, *bench.identities(plan.checks))


def hashes(samples: Iterable[Sample], bench: Bench) -> dict[str, str]:
    """Content hashes of samples that bring checks of their own, which decide what they mean."""
    return {
        sample.id: digest(
            [sample.content_hash, [each.digest for each in bench.identities(sample.checks)]]
        )
        for sample in samples
        if sample.checks
    }


def arm_from(run_folder: Path, known: Mapping[str, str], *, fresh_only: bool) -> Arm:
    """What a stored run did, sample by sample; with `fresh_only` cached answers are left out.

    Raises:
        JournalError: it cannot be read.
    """
    cached = set()
    if fresh_only:
        answers = journal.read_answers(run_folder)
        cached = {(each.sample_id, each.epoch) for each in answers if each.cached}
    samples = journal.read_samples(run_folder)
    return arm_of(samples, journal.read_outcomes(run_folder), known, cached)


def baseline_for(  # noqa: PLR0911 - each reason is one
    layout: Layout, version: Version, where: str
) -> Baseline | Problem:
    """The baseline of a suite and runner: an accepted one, or what `where` names.

    `where` is a file or folder of baselines, a stored run, or a git commit (its baselines).
    """
    suite, runner = version.plan.suite, version.plan.runner.name
    try:
        found = _all_at(layout, version, where)
    except (WorkspaceError, JournalError) as error:
        return Problem(code="baseline_unreadable", sentence=str(error))
    of_runner = [each for each in found if each.runner == runner]
    if where and len(found) == 1 and found[0].source.startswith("run "):
        of_runner = list(found)  # another runner's run is a fair thing to compare with
    if not of_runner:
        others = ", ".join(sorted(each.runner for each in found))
        sentence = f"{suite} has no baseline for the runner {runner}"
        sentence += f" (only for {others})" if others else ""
        return Problem(code="no_baseline", sentence=sentence)
    baseline = of_runner[0]
    if baseline.suite != suite:
        sentence = f"the baseline is of the suite {baseline.suite}, not of {suite}"
        return Problem(code="baseline_of_another_suite", sentence=sentence)
    differences = check_differences(baseline.checks, identities(version.plan, version.bench))
    if differences:
        sentence = f"what counts as a failure has changed: {'; '.join(differences)}"
        return Problem(code="checks_differ", sentence=sentence)
    if baseline.identity.tools != version.plan.identity.tools:
        sentence = f"the tools of {suite} have changed, and with them what agents can do"
        return Problem(code="tools_differ", sentence=sentence)
    judged_then, judged_now = baseline.identity.scorers, version.plan.identity.scorers
    if baseline.source.startswith("run ") and judged_then != judged_now:
        sentence = (
            f"{baseline.source} was judged by other scorers (their version, or a file or schema "
            f"that they use): ask again, paygrade run {suite} --prompt {baseline.prompt}"
        )
        return Problem(code="checks_differ", sentence=sentence)
    return baseline


def _all_at(layout: Layout, version: Version, where: str) -> tuple[Baseline, ...]:
    suite = version.plan.suite
    if not where:
        return baselines.read_baselines(layout, suite)
    path = layout.root / where
    if path.is_dir():
        path /= f"{suite}.jsonl"
        if not path.exists():
            return ()
    if path.is_file():
        return _in_file(layout, suite, path)
    try:
        run_folder = find_run(layout.store, where)
    except UsageError:
        commit = git.is_commit(layout.root, where)
        if not commit:
            raise UsageError(
                f"--baseline {where!r} is no file, no folder, no stored run and no git commit",
                hint="leave it out to use reports/baselines",
            ) from None
        return _at_commit(layout, suite, commit)
    return (_of_run(run_folder, version),)


def _in_file(layout: Layout, suite: str, path: Path) -> tuple[Baseline, ...]:
    shown, beside = layout.shown(path), baselines.samples_file(path)
    artefact = None
    if is_there(beside):
        artefact = read_bytes(beside, layout.shown(beside), MAX_BASELINE_BYTES)
    text = read_text(path, shown, MAX_BASELINE_BYTES)
    return baselines.baselines_from_text(text, artefact, shown, suite=suite)


def _at_commit(layout: Layout, suite: str, commit: str) -> tuple[Baseline, ...]:
    file = baselines.baseline_file(layout, suite)
    content = git.file_at(layout.root, commit, layout.shown(file))
    if content is None:
        return ()
    artefact = git.file_at(layout.root, commit, layout.shown(baselines.samples_file(file)))
    shown = f"{commit[:12]}:{layout.shown(file)}"
    text = content.decode("utf-8", "replace")
    return baselines.baselines_from_text(text, artefact, shown, suite=suite)


def _of_run(run_folder: Path, version: Version) -> Baseline:
    """A stored run as a baseline of one session.

    Raises:
        JournalError: it cannot be read, or was not finished.
    """
    header = journal.read_header(run_folder)
    missing = header.attempts - len(journal.read_progress(run_folder).done)
    if missing:
        raise JournalError(
            f"run {header.run_id} is not finished: {missing} attempts not done",
            hint=f"paygrade resume {header.run_id}",
        )
    own = hashes(version.plan.samples, version.bench)
    arm = arm_from(run_folder, own, fresh_only=False)
    then = {each.id: each for each in header.checks}
    now = {each.id: each for each in version.plan.checks}
    known = identities(version.plan, version.bench)
    return Baseline(
        suite=header.suite,
        runner=header.runner,
        provider=header.provider,
        deterministic=header.deterministic,
        prompt=header.prompt,
        dataset=header.dataset,
        identity=header.identity,
        checks=tuple(
            [
                each if each is ANSWERED or then.get(each.id) == now[each.id] else _other(each)
                for each in known
                if each is ANSWERED or each.id in then
            ]
            + [
                CheckIdentity(id=name, severity=each.severity, role=each.role, digest="")
                for name, each in then.items()
                if name not in now
            ]
        ),
        models=models_of(run_folder),
        parameters={},
        commit="" if header.dirty else header.commit,
        accepted_at=header.started_at,
        reason=f"run {header.run_id}",
        versions=header.versions,
        sessions=(
            RecordedSession(
                run_id=header.run_id, started_at=header.started_at, epochs=header.epochs
            ),
        ),
        shift=None,
        inference="runs",
        power={},
        samples=tuple(arm[name] for name in sorted(arm)),
        digest=digest([header.run_id, [[each.sample_id, each.sessions] for each in arm.values()]]),
        source=f"run {header.run_id}",
    )


def _other(check: CheckIdentity) -> CheckIdentity:
    return replace(check, digest="")


def models_of(run_folder: Path) -> tuple[str, ...]:
    """What the provider said it was, each once."""
    return tuple(sorted({each.model for each in journal.read_answers(run_folder) if each.model}))


def runnable(
    layout: Layout, version: Version, baseline: Baseline, stack: ExitStack
) -> Version | str:
    """The baseline's version, ready to be asked again; or a clause that says why it cannot be.

    What the workspace still holds unchanged is used as it is; else the commit is checked out, and
    stays so until `stack` closes.
    """
    with contextlib.suppress(PaygradeError):  # then its commit has to do
        here = _bound(layout, version.plan.suite, baseline)
        if _same(here, baseline) and not _other_code(layout, here, baseline):
            return here
    if not baseline.commit:
        return "the workspace no longer holds its version, and no clean commit is recorded"
    try:
        root = stack.enter_context(git.worktree(layout.root, baseline.commit))
        there = _bound(find_layout(root), baseline.suite, baseline)
    except PaygradeError as error:
        return f"commit {baseline.commit[:12]} cannot be run: {error}"
    if not _same(there, baseline):
        return f"commit {baseline.commit[:12]} does not hold what the baseline was recorded with"
    differences = check_differences(baseline.checks, identities(there.plan, there.bench))
    if differences and not baseline.source.startswith("run "):
        return f"commit {baseline.commit[:12]} judges otherwise: {'; '.join(differences)}"
    return replace(there, commit=baseline.commit)


def _bound(layout: Layout, suite: str, baseline: Baseline) -> Version:
    bound = bind_suite(layout, suite, scorers.CATALOGUE, today(), prompt=baseline.prompt)
    judged = bench_of(layout, bound)
    [profile] = runners_of(layout, bound, (baseline.runner,))
    wanted = Selection(suite=suite, runner=profile.name, prompt=baseline.prompt)
    made = plan(bound, wanted, profile, judged.bench.fingerprint)
    return Version(plan=replace(made, judges=judged.judges), bench=judged.bench)


def _other_code(layout: Layout, version: Version, baseline: Baseline) -> bool:
    """Code of a user's own may use files that no hash covers: they too must be those of then."""
    plan = version.plan
    own = plan.runner.provider in OWN_CODE or plan.toolbox is not None
    if not own or not baseline.commit:
        return False
    beside = f"{layout.shown(layout.runners)}/"

    def counted(name: str) -> bool:
        return name.endswith(".py") or name.startswith(beside)

    then = git.content_digest(layout.root, counted=counted, commit=baseline.commit)
    return not then or then != git.content_digest(layout.root, counted=counted)


def _same(version: Version, baseline: Baseline) -> bool:
    identity = version.plan.identity
    return (identity.prompt, identity.runner) == (
        baseline.identity.prompt,
        baseline.identity.runner,
    )


def narrowed(version: Version, names: Iterable[str], epochs: int) -> Version:
    """The version on the samples `names` alone, so often each."""
    only = set(names)
    old = version.plan
    selection = replace(old.selection, epochs=epochs, only_samples=tuple(sorted(only)))
    samples = tuple(each for each in old.samples if each.id in only)
    return replace(version, plan=replace(old, selection=selection, samples=samples, epochs=epochs))

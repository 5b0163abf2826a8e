"""`paygrade compare`: two stored runs side by side. Nobody is asked, nothing is gated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from paygrade.analysis.arms import arm_of, sample_of
from paygrade.analysis.changes import flips
from paygrade.analysis.comparing import check_changes, differences, hinted
from paygrade.analysis.decide import Inquiry, decide
from paygrade.analysis.effects import beside
from paygrade.analysis.screen import Terms, screen
from paygrade.analysis.summarize import summarize
from paygrade.errors import JournalError, NothingRanError, UsageError
from paygrade.pipeline import judging
from paygrade.pipeline.runs import WHOLE, find_run, guards_of, narrowed, readable
from paygrade.pipeline.wiring import layout_at
from paygrade.records.policy import GatePolicy
from paygrade.records.verdict import Compared
from paygrade.store import journal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.pairing import Errors, Pairing
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunHeader, RunSummary, SampleRow
    from paygrade.records.verdict import Side

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A stored run. `by` is what named it: `runner`, `prompt`, or nothing for the run itself."""

    folder: Path
    header: RunHeader
    by: str = ""


def compare(folder: Path | None, one: str, other: str, *, suite: str = "") -> Compared:
    """Compare `one` with `other`: each a stored run, or a runner or prompt version that ran.

    A runner or a prompt version stands for its newest whole run, of all samples if there is one;
    for one that agrees with the other side in what neither of them names.

    Raises:
        UsageError: nothing stored fits, the two are one run, or of different suites.
        NothingRanError: no sample can be compared.
        JournalError: a run cannot be read.
    """
    store = layout_at(folder).store
    known = [_Known(folder=each, header=header) for each, header in readable(store)]
    before, after = _chosen(
        _fitting(store, known, one, suite), _fitting(store, known, other, suite), (one, other)
    )
    return _compared(_read(before), _read(after))


def _fitting(store: Path, known: list[_Known], name: str, suite: str) -> list[_Known]:
    """The run that `name` names, else every run of that runner or prompt version, newest first."""
    exact = [each for each in known if each.folder.name == name]
    named = [
        replace(each, by="runner" if each.header.runner == name else "prompt")
        for each in known
        if name in (each.header.runner, each.header.prompt)
        and each.header.purpose in WHOLE
        and suite in ("", each.header.suite)
    ]
    if exact or named:
        return exact or named
    try:
        folder = find_run(store, name)
    except UsageError as error:
        raise UsageError(f"nothing stored fits {name!r}", hint=_hint(name, error.hint)) from error
    return [_Known(folder=folder, header=journal.read_header(folder))]


def _hint(name: str, otherwise: str) -> str:
    if name == "baseline":
        return "the accepted baseline is what the gate compares with: paygrade gate --run RUN"
    kind = "--prompt" if "@v" in name else "--runner"
    return f"name a run, or run it first: paygrade run {kind} {name}; {otherwise}"


def _chosen(
    ones: list[_Known], others: list[_Known], names: tuple[str, str]
) -> tuple[_Known, _Known]:
    """The newest pair of whole runs of one suite that agree in what was not asked for.

    Raises:
        UsageError: there is none.
    """
    whole = cache(_is_whole)
    for agreeing, complete in ((True, True), (False, True), (False, False)):
        for after in others:
            for before in ones:
                if (
                    before.folder != after.folder
                    and before.header.suite == after.header.suite
                    and (not agreeing or _agree(before, after))
                    and all(
                        not each.by or not complete or whole(each.folder)
                        for each in (before, after)
                    )
                ):
                    return before, after
    first, second = ones[0], others[0]
    if first.folder == second.folder:
        problem = f"{names[0]} and {names[1]} are both run {first.header.run_id}"
        raise UsageError(problem, hint="name two runs: paygrade list shows them")
    suites = first.header.suite, second.header.suite
    problem = f"{names[0]} is of the suite {suites[0]}, {names[1]} of {suites[1]}"
    raise UsageError(problem, hint="compare two runs of one suite")


def _is_whole(folder: Path) -> bool:
    """Every attempt is done, and no sample of the dataset was left out."""
    header = journal.read_header(folder)
    try:
        done = len(journal.read_progress(folder).done)
    except JournalError:
        return False
    return done == header.attempts and not narrowed(header)


def _agree(one: _Known, other: _Known) -> bool:
    """They have the same prompt and the same runner, apart from what they were named by."""
    named = {one.by, other.by}
    return all(
        part in named or getattr(one.header, part) == getattr(other.header, part)
        for part in ("runner", "prompt")
    ) or named == {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A stored run, read. `cached` counts its answers that came from the cache.

    `guards` is how tools reached its agents.
    """

    header: RunHeader
    side: Side
    rows: tuple[SampleRow, ...]
    outcomes: tuple[Outcome, ...]
    arm: Arm
    cached: int
    guards: tuple[str, ...]

    def summary(self, usable: Collection[str]) -> RunSummary:
        """Its figures on the samples that can be compared."""
        outcomes = (each for each in self.outcomes if each.sample_id in usable)
        return summarize(self.header, self.rows, outcomes, guards=self.guards)


def _read(known: _Known) -> _Run:
    rows = tuple(journal.read_samples(known.folder))
    outcomes = tuple(journal.read_outcomes(known.folder))
    return _Run(
        header=known.header,
        side=judging.side_of_run(known.folder),
        rows=rows,
        outcomes=outcomes,
        arm=arm_of(rows, outcomes, {}),
        cached=sum(each.cached for each in journal.read_answers(known.folder)),
        guards=guards_of(known.folder, known.header),
    )


def _compared(before: _Run, after: _Run) -> Compared:
    terms = Terms(
        samples=tuple(sample_of(row) for row in after.rows),
        slices=after.header.slices,
        policy=GatePolicy(confirm="off"),
        exact=before.header.deterministic and after.header.deterministic,
    )
    screened = screen(before.arm, after.arm, terms)
    pairing = screened.pairing
    if not pairing.usable:
        raise NothingRanError(
            f"no sample of {before.header.run_id} and {after.header.run_id} can be compared",
            hint="they share no sample with the same content that was scored in both",
        )
    [hypotheses] = decide([Inquiry(screened=screened, mode="off", level=0.05)])
    usable = set(pairing.usable)
    then, now = before.summary(usable), after.summary(usable)
    same = before.header.identity.dataset == after.header.identity.dataset
    return Compared(
        suite=after.header.suite,
        before=_side(before, pairing.errors_before),
        after=_side(after, pairing.errors_after),
        differs=differences(before.header, after.header, (before.side.models, after.side.models)),
        hypotheses=hypotheses,
        flips=hinted(flips(pairing, None), pairing),
        checks=check_changes(then.checks, now.checks),
        money=tuple(each.shown for each in screened.money),
        comparable=len(pairing.comparable),
        usable=len(pairing.usable),
        added=() if same else pairing.added,
        removed=() if same else pairing.removed,
        edited=pairing.edited,
        notes=tuple(_notes(before, after, pairing)),
        columns=beside((then, now)),
    )


def _side(run: _Run, errors: Errors) -> Side:
    return replace(run.side, errors=errors.errored, attempts=errors.attempts)


def _notes(before: _Run, after: _Run, pairing: Pairing) -> Iterator[str]:
    """What a reader must know of the two runs before she believes the figures."""
    if not before.header.identity.differences(after.header.identity):
        yield "both runs are of the same version: what differs is chance, or drift of the provider"
    if before.header.identity.dataset == after.header.identity.dataset:
        alone = len(pairing.added) + len(pairing.removed)
        if alone:
            yield f"{alone:,} samples were asked in one of the two runs alone: they are left out"
    if pairing.quarantined:
        some = ", ".join(pairing.quarantined[:_SHOWN])
        more = len(pairing.quarantined) - _SHOWN
        yield f"quarantined, in no figure: {some}{f' and {more} more' if more > 0 else ''}"
    for run in (before, after):
        header = run.header
        if len(run.outcomes) < header.attempts:
            yield (
                f"run {header.run_id} is not finished: {len(run.outcomes):,} of "
                f"{header.attempts:,} attempts are done (paygrade resume {header.run_id})"
            )
        if run.cached:
            yield (
                f"{run.cached:,} of {len(run.outcomes):,} answers of run {header.run_id} are from "
                "the cache: where they are the other run's own, they are no new evidence"
            )
    if pairing.more_errors:
        yield "the second run has more errors than chance explains, and errors are in no rate"

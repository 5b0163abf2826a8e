"""`paygrade compare`: two stored runs side by side. Nobody is asked, nothing is gated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.analysis.arms import class_of
from paygrade.analysis.changes import check_changes, flips
from paygrade.analysis.decide import Inquiry, decide
from paygrade.analysis.screen import Terms, screen
from paygrade.errors import NothingRanError, UsageError
from paygrade.pipeline import judging
from paygrade.pipeline.baselines import ANSWERED, arm_from
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.wiring import layout_at
from paygrade.records.baseline import CheckIdentity
from paygrade.records.policy import GatePolicy
from paygrade.records.sample import Exposure, Sample
from paygrade.records.verdict import Compared
from paygrade.store import fill, journal

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.run import RunHeader, SampleRow

_WHOLE = ("run", "baseline", "gate")


def compare(folder: Path | None, one: str, other: str, *, suite: str = "") -> Compared:
    """Compare `one` with `other`: each a stored run, or a runner or prompt version that ran.

    Raises:
        UsageError: nothing stored fits, or the two are of different suites.
        NothingRanError: no sample can be compared.
        JournalError: a run cannot be read.
    """
    store = layout_at(folder).store
    headers = [(each, journal.read_header(each)) for each in fill.run_folders(store)]
    before = _find(store, headers, one, suite)
    suite = suite or journal.read_header(before).suite
    after = _find(store, headers, other, suite)
    heads = journal.read_header(before), journal.read_header(after)
    if heads[0].suite != heads[1].suite:
        problem = f"{one} is of the suite {heads[0].suite}, {other} of {heads[1].suite}"
        raise UsageError(problem, hint="compare two runs of one suite")
    return _compared(before, after, *heads)


def _find(store: Path, headers: list[tuple[Path, RunHeader]], name: str, suite: str) -> Path:
    """The run that `name` names, else the newest whole run of that runner or prompt version."""
    fitting = [
        folder
        for folder, header in headers
        if name in (header.runner, header.prompt)
        and header.purpose in _WHOLE
        and suite in ("", header.suite)
    ]
    if fitting:
        return fitting[-1]
    try:
        return find_run(store, name)
    except UsageError as error:
        kind = "--prompt" if "@v" in name else "--runner"
        hint = f"name a run, or run it first: paygrade run {kind} {name}; {error.hint}"
        raise UsageError(f"nothing stored fits {name!r}", hint=hint) from error


def _compared(before: Path, after: Path, head_before: RunHeader, head_after: RunHeader) -> Compared:
    arms = arm_from(before, {}, fresh_only=False), arm_from(after, {}, fresh_only=False)
    samples = tuple(_sample(row) for row in journal.read_samples(after))
    terms = Terms(
        samples=samples,
        slices=head_after.slices,
        policy=GatePolicy(confirm="off", min_overlap=0.01, max_error_rate=1.0),
        exact=head_before.deterministic and head_after.deterministic,
    )
    screened = screen(*arms, terms)
    pairing = screened.pairing
    if not pairing.usable:
        raise NothingRanError(
            f"no sample of {head_before.run_id} and {head_after.run_id} can be compared",
            hint="they share no sample with the same content that was scored in both",
        )
    [hypotheses] = decide([Inquiry(screened=screened, mode="off", level=0.05)])
    checks = (ANSWERED, *_identities(head_after))
    cached = sum(each.cached for each in journal.read_answers(after))
    notes = [f"{cached} answers of {head_after.run_id} are from the cache: no new evidence"]
    return Compared(
        suite=head_after.suite,
        before=judging.side_of_run(before),
        after=judging.side_of_run(after),
        differs=_differs(head_before, head_after),
        hypotheses=hypotheses,
        flips=flips(pairing, None),
        checks=check_changes(pairing, *arms, checks, samples),
        money=tuple(each.shown for each in screened.money),
        comparable=len(pairing.comparable),
        usable=len(pairing.usable),
        added=pairing.added,
        removed=pairing.removed,
        edited=pairing.edited,
        notes=tuple(notes if cached else ()),
    )


def _identities(header: RunHeader) -> tuple[CheckIdentity, ...]:
    return tuple(
        CheckIdentity(id=each.id, severity=each.severity, role=each.role, digest="")
        for each in header.checks
    )


def _differs(before: RunHeader, after: RunHeader) -> tuple[str, ...]:
    """What changed between two runs, in clauses."""
    found = []
    for part in after.identity.differences(before.identity):
        names = (getattr(before, part, ""), getattr(after, part, ""))
        if part == "scorers":
            found.append("the scorers judge differently: the rates may not be comparable")
        elif names[0] == names[1]:
            found.append(f"{part} {names[1]} was edited")
        else:
            found.append(f"{part} {names[0]} → {names[1]}")
    return tuple(found)


def _sample(row: SampleRow) -> Sample:
    """A journal's row as a sample: what it was, without the checks of its own."""
    exposure = None
    if row.exposure_minor is not None:
        exposure = Exposure(amount_minor=row.exposure_minor, currency=row.currency)
    return Sample(
        id=row.sample_id,
        input=row.input,
        expected=row.expected,
        case=row.case,
        case_class=class_of(row),
        slices=row.slices,
        exposure=exposure,
        content_hash=row.content_hash,
    )

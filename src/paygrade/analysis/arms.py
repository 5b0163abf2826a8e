"""From a run's outcomes to one arm of a comparison."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from paygrade.records.baseline import ArmSample
from paygrade.records.outcome import Scored
from paygrade.records.sample import Exposure, Sample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from paygrade.records.baseline import Marks
    from paygrade.records.check import CheckResult
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import SampleRow
    from paygrade.records.sample import CaseClass

Arm = dict[str, ArmSample]
"""Sample id to what one version did on it."""

_LETTERS: dict[CheckResult, str] = {"pass": "P", "fail": "F", "error": "E"}


def arm_of(
    rows: Iterable[SampleRow],
    outcomes: Iterable[Outcome],
    hashes: Mapping[str, str],
    cached: Collection[tuple[str, int]] = (),
) -> Arm:
    """One recording session. Attempts in `cached` (sample id, epoch) are no new evidence: dropped.

    `hashes` replaces the content hash of the samples that it names.
    """
    by_sample: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if (outcome.sample_id, outcome.epoch) not in cached:
            by_sample[outcome.sample_id].append(outcome)
    return {row.sample_id: _sample(row, by_sample[row.sample_id], hashes) for row in rows}


def _sample(row: SampleRow, outcomes: list[Outcome], hashes: Mapping[str, str]) -> ArmSample:
    in_order = sorted(outcomes, key=lambda each: each.epoch)
    judged = [{check.id: check for check in outcome.checks} for outcome in in_order]
    names = {
        check.id: check.role
        for checks in judged
        for check in checks.values()
        if check.result != "pass"
    }
    broken = {
        check.id
        for checks in judged
        for check in checks.values()
        if check.result == "fail" and check.role == "invariant"
    }
    return ArmSample(
        sample_id=row.sample_id,
        content_hash=hashes.get(row.sample_id, row.content_hash),
        case=row.case,
        case_class=class_of(row),
        sessions=("".join(map(_mark, in_order)),),
        checks={
            name: (
                "".join(
                    _LETTERS[checks[name].result] if name in checks else "-" for checks in judged
                ),
            )
            for name in sorted(names)
        },
        invariants=tuple(sorted(broken)),
    )


def class_of(row: SampleRow) -> CaseClass:
    """The case class that a journal's row holds as text."""
    return cast("CaseClass", row.case_class)


def sample_of(row: SampleRow) -> Sample:
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


def _mark(outcome: Outcome) -> str:
    if not isinstance(outcome, Scored):
        return "E"
    return "F" if outcome.failed else "P"


def joined(arms: Sequence[Mapping[str, ArmSample]]) -> Arm:
    """Several sessions of one version as one arm; a sample that one lacks has no mark there."""
    names = dict.fromkeys(name for arm in arms for name in arm)
    return {name: _joined([arm.get(name) for arm in arms]) for name in names}


def _joined(parts: Sequence[ArmSample | None]) -> ArmSample:
    found = [part for part in parts if part is not None]
    checks = sorted({name for part in found for name in part.checks})
    return replace(
        found[-1],
        sessions=tuple(marks for part in parts for marks in (part.sessions if part else ("",))),
        checks={
            name: tuple(marks for part in parts for marks in _of_check(part, name))
            for name in checks
        },
        invariants=tuple(sorted({name for part in found for name in part.invariants})),
    )


def _of_check(part: ArmSample | None, name: str) -> tuple[Marks, ...]:
    """A check's marks; where none is kept, it passed wherever there was an answer to judge."""
    if part is None:
        return ("",)
    if name in part.checks:
        return part.checks[name]
    return tuple(marks.replace("F", "P").replace("E", "-") for marks in part.sessions)

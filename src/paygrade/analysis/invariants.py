"""What must never fail: no statistics, no improvement elsewhere makes up for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.verdict import InvariantFailure
from paygrade.stats.bounds import exact_upper

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from paygrade.records.baseline import ArmSample
    from paygrade.records.policy import Waiver


def invariant_failures(
    candidate: Mapping[str, ArmSample],
    baseline: Mapping[str, ArmSample],
    waivers: Iterable[Waiver],
    today: dt.date,
) -> tuple[InvariantFailure, ...]:
    """Every invariant that failed in any valid attempt of `candidate`, on any of its samples.

    A waiver forgives one check on one sample up to and including its date. Quarantined samples
    take no part.
    """
    forgiven = {
        (each.sample, each.check): each
        for each in waivers
        if each.until >= today.isoformat()  # both are YYYY-MM-DD
    }
    found = []
    for name, sample in sorted(candidate.items()):
        if sample.case_class == "quarantined":
            continue
        for check in sample.invariants:
            marks = "".join(sample.checks[check])
            waiver = forgiven.get((name, check))
            known = name in baseline and "F" in "".join(baseline[name].checks.get(check, ()))
            found.append(
                InvariantFailure(
                    sample_id=name,
                    check=check,
                    failed=marks.count("F"),
                    attempts=marks.count("F") + marks.count("P"),
                    known=known,
                    waived_until=waiver.until if waiver else "",
                    why=waiver.why if waiver else "",
                )
            )
    return tuple(found)


def judged_attempts(candidate: Mapping[str, ArmSample]) -> int:
    """Attempts on which every counted check could be judged, without quarantined samples."""
    return sum(
        marks.count("P") + marks.count("F")
        for sample in candidate.values()
        if sample.case_class != "quarantined"
        for marks in sample.sessions
    )


def zero_bound(attempts: int) -> float | None:
    """With no failure in so many attempts the true rate lies below this, with 95 % confidence."""
    return exact_upper(0, attempts) if attempts else None

"""What is known of a baseline when it is accepted: does it repeat itself, what can it show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from paygrade.analysis.pairing import scored
from paygrade.analysis.sensitivity import EPOCHS, detects
from paygrade.analysis.trial import grouped, totals
from paygrade.stats.sessions import SHIFTED, session_shift

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.analysis.trial import Unit
    from paygrade.records.baseline import ArmSample
    from paygrade.records.policy import GatePolicy


def shift_of(arm: Mapping[str, ArmSample]) -> float | None:
    """The z of the A/A check between the two sessions; `None` unless there are two."""
    counted = {name: each for name, each in arm.items() if each.case_class != "quarantined"}
    sides = [
        {name: scored(each.sessions[place : place + 1]) for name, each in counted.items()}
        for place in (0, 1)
    ]
    names = [name for name in counted if sides[0][name] and sides[1][name]]
    if not names:
        return None
    groups = grouped(names, {name: counted[name].case for name in names})
    first, second = totals(groups, sides[0]), totals(groups, sides[1])
    return session_shift(list(zip(first, second, strict=True)))


def inferred(shift: float | None) -> Literal["runs", "cases"]:
    """What counts as independent evidence, after an A/A check (`None`: there was none)."""
    return "cases" if shift is not None and shift > SHIFTED else "runs"


def power_of(
    arm: Mapping[str, ArmSample],
    policy: GatePolicy,
    epochs: int,
    dataset_hash: str,
    unit: Unit,
) -> dict[int, float | None]:
    """The power statement for `epochs` of a candidate, and for the usual others."""
    return {
        each: detects(arm.values(), policy, each, dataset_hash, unit)
        for each in sorted({epochs, *EPOCHS})
    }

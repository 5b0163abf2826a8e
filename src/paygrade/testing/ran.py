"""What came of a suite that was written in Python."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from paygrade.records.outcome import Errored
from paygrade.records.run import RunSummary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One attempt that failed or errored, and why in one sentence."""

    sample_id: str
    epoch: int
    errored: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran(RunSummary):
    """A run in figures, with every attempt that failed or errored."""

    misses: tuple[Miss, ...] = ()

    @classmethod
    def of(cls, summary: RunSummary, outcomes: Iterable[Outcome]) -> Ran:
        """A summary, with what is to be told of its outcomes."""
        known = {each.name: getattr(summary, each.name) for each in fields(summary)}
        found = (_miss(each) for each in outcomes)
        return cls(**known, misses=tuple(each for each in found if each))


def _miss(outcome: Outcome) -> Miss | None:
    if isinstance(outcome, Errored):
        reason = f"{outcome.error_kind}: {outcome.error}"
    elif outcome.failed:
        reason = "; ".join(
            f"{each.id}: {each.reason}" if each.reason else each.id
            for each in outcome.checks
            if each.result == "fail" and each.role != "advisory"
        )
    else:
        return None
    return Miss(
        sample_id=outcome.sample_id,
        epoch=outcome.epoch,
        errored=isinstance(outcome, Errored),
        reason=reason,
    )

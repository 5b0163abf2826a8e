"""Checks of agents, as their scorers leave them, and attempts that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.check import CheckSpec
from paygrade.records.outcome import Errored, Scored
from store.making import check

if TYPE_CHECKING:
    from paygrade.records.check import Check

ONCE = "effect:at-most-once"
LOST = "effect:lost"
OVER = "effect:over-refund"
FALSE_DONE = "effect:false-done"
POLICY = "effect:policy"
INVARIANTS = "effect:invariants"
BUDGET = "call_budget"


def declared(*scorers: str) -> tuple[CheckSpec, ...]:
    """A suite's checks by these scorers."""
    return tuple(CheckSpec(id=name, scorer=name, severity="critical") for name in scorers)


def judged(scorer: str, *, fails: bool = False, **figures: float) -> Check:
    """What the scorer says; `figures` beside it, with `_` for a space."""
    partial = {name.replace("_", " "): value for name, value in figures.items()}
    result = "fail" if fails else "pass"
    return check(scorer, severity="critical", result=result, partial=partial)


def broken(scorer: str) -> Check:
    """The scorer could not judge."""
    return check(scorer, severity="critical", result="error")


def doubled(minor: int = 4200, currency: str = "USD") -> Check:
    """An intent had two effects."""
    return judged(ONCE, fails=True, effects=2, duplicates=1, **{f"duplicate_{currency}": minor})


def once() -> Check:
    """Every intent had one effect."""
    return judged(ONCE, effects=1, duplicates=0)


def attempt(sample_id: str, *checks: Check, epoch: int = 1) -> Scored:
    """An attempt that fails as its checks do."""
    failed = any(each.result == "fail" for each in checks)
    return Scored(sample_id=sample_id, epoch=epoch, failed=failed, checks=checks)


def no_answer(sample_id: str, *checks: Check, epoch: int = 1) -> Errored:
    """An attempt that errored, with what was judged all the same."""
    return Errored(
        sample_id=sample_id, epoch=epoch, error_kind="timeout", error="no answer", checks=checks
    )

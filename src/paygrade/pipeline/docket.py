"""What one invocation of the gate has before it: suites, each on its way to a verdict."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paygrade.analysis.verdict import INCOMPLETE
from paygrade.leaks import Barrier
from paygrade.store import gates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.pairing import Pairs, Problem
    from paygrade.analysis.screen import Screened
    from paygrade.pipeline.baselines import Version
    from paygrade.pipeline.forecast import Priced
    from paygrade.pipeline.looks import Look
    from paygrade.records.baseline import Baseline
    from paygrade.records.plan import RunPlan
    from paygrade.records.policy import Confirm, GatePolicy
    from paygrade.records.verdict import SuiteVerdict


@dataclass(slots=True, kw_only=True)
class Item:
    """One suite with one runner. What is not known yet is empty.

    `base` is the baseline's version, ready to be asked again; where it cannot be, `why` says it.
    `mode` is how a suspicion is confirmed, after what was `asked`. `run_id` is the candidate's
    run, `chosen` are the samples asked again, `fresh` the ids of the fresh runs of both versions.
    """

    version: Version
    asked: Confirm
    mode: Confirm
    exact: bool = False
    baseline: Baseline | None = None
    base: Version | None = None
    why: str = ""
    look: Look | None = None
    priced: Priced | None = None
    run_id: str = ""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    after: Arm = field(default_factory=dict)
    screened: Screened | None = None
    chosen: tuple[str, ...] = ()
    fresh_before: list[str] = field(default_factory=list)
    fresh_after: list[str] = field(default_factory=list)
    fresh: Pairs | None = None
    fresh_arm: Arm = field(default_factory=dict)
    said: SuiteVerdict | None = None

    @property
    def plan(self) -> RunPlan:
        """What the candidate runs."""
        return self.version.plan

    @property
    def policy(self) -> GatePolicy:
        """What the suite, and the command line, ask of the gate."""
        return self.plan.policy

    @property
    def arms(self) -> int:
        """How many versions a confirmation asks."""
        return {"both": 2, "stored": 1, "off": 0}[self.mode]

    @property
    def at_most(self) -> int:
        """How many attempts a confirmation can cost."""
        if self.exact:
            return 0
        most = self.arms * self.policy.confirm_epochs * len(self.plan.samples)
        limit = self.policy.max_confirm_calls
        return most if limit is None else min(most, limit)

    @property
    def stopped(self) -> bool:
        """Attempts are not done: the next invocation goes on."""
        return any(each.code == INCOMPLETE for each in self.problems)

    def record(self) -> gates.SuiteRecord | None:
        """What is to be remembered of it; nothing without a baseline.

        What a killed invocation left stays remembered until this one has got as far.
        """
        if self.baseline is None or self.look is None:
            return None
        left = self.look.unfinished
        said = None if self.stopped else self.said
        return gates.SuiteRecord(
            suite=self.plan.suite,
            runner=self.plan.runner.name,
            key=self.look.key,
            baseline_digest=self.baseline.digest,
            candidate=self.look.candidate,
            epochs=self.plan.epochs,
            run_id=self.run_id or (left.run_id if left else ""),
            chosen=self.chosen or (left.chosen if left and not said else ()),
            fresh_before=_longer(self.fresh_before, left.fresh_before if left else ()),
            fresh_after=_longer(self.fresh_after, left.fresh_after if left else ()),
            look=self.look.number,
            level=self.look.level,
            verdict=said.verdict if said else "",
            result=dataclasses.asdict(said) if said else None,
        )


def _longer(now: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    return tuple(now if len(now) >= len(before) else before)


@dataclass(slots=True, kw_only=True)
class Docket:
    """All items of one invocation, and its record on disk."""

    store: Path
    gate_id: str
    started_at: str
    items: list[Item]
    barrier: Barrier = field(default_factory=Barrier)

    def remember(self, exit_code: int | None = None) -> None:
        """Write down how far it has got, and at the end what it ended with.

        Raises:
            JournalError: the disk refuses.
        """
        records = [each.record() for each in self.items]
        record = gates.GateRecord(
            gate_id=self.gate_id,
            started_at=self.started_at,
            state="running" if exit_code is None or self._stopped else "done",
            suites=tuple(each for each in records if each),
            exit_code=exit_code,
        )
        gates.write(self.store, record, self.barrier)

    @property
    def _stopped(self) -> bool:
        return any(each.stopped for each in self.items)

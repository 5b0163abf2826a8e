"""What a run's report says beside its summary: moves, cost, time, and what the barrier found."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from paygrade.analysis.arms import sample_of
from paygrade.analysis.changes import flips
from paygrade.analysis.pairing import pair
from paygrade.records.policy import GatePolicy
from paygrade.records.run_report import Caught, Moves, Pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.analysis.arms import Arm
    from paygrade.records.answer import StoredAnswer
    from paygrade.records.baseline import ArmSample, Baseline
    from paygrade.records.run import RunHeader, SampleRow

_QUANTILES = (0.5, 0.95)


def moves(
    before: Mapping[str, ArmSample], after: Arm, rows: Iterable[SampleRow], differs: tuple[str, ...]
) -> Moves:
    """Which samples of `after`, whose rows are given, fail more or less often than `before`."""
    pairing = pair(before, after, map(sample_of, rows), GatePolicy())
    return Moves(
        usable=len(pairing.usable),
        flips=flips(pairing, None),
        edited=len(pairing.edited),
        only_here=len(pairing.added),
        only_there=len(pairing.removed),
        silent=len(pairing.comparable) - len(pairing.usable),
        differs=differs,
    )


def changes(before: RunHeader | Baseline, after: RunHeader) -> tuple[str, ...]:
    """What changed since an earlier run or a baseline, in few words; empty when nothing did."""
    versions = {
        "prompt": (before.prompt, after.prompt),
        "dataset": (before.dataset, after.dataset),
    }
    return tuple(
        _clause(part, *versions.get(part, ("", "")))
        for part in before.identity.differences(after.identity)
    )


def _clause(part: str, old: str, new: str) -> str:
    if old != new:
        return f"{part} {old} to {new}"
    return f"{part} edited" if new else f"{part} changed"


def answered(answers: Iterable[StoredAnswer]) -> tuple[Pace, tuple[Caught, ...]]:
    """What a thousand answers cost, how long one took that was asked for, and what was in them.

    A finding with a pointer stands in what an agent did.
    """
    costs: list[float] = []
    times: list[float] = []
    findings: dict[tuple[str, str], int] = defaultdict(int)
    attempts: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
    for answer in answers:
        if answer.cost_usd is not None and not answer.cached:
            costs.append(answer.cost_usd)
        if not answer.cached:
            times.append(answer.latency_s)
        for finding in answer.findings:
            key = (finding.kind, "trajectory" if finding.place else "answer")
            findings[key] += 1
            attempts[key].add((answer.sample_id, answer.epoch))
    return _pace(costs, times), tuple(
        Caught(kind=kind, place=place, findings=count, attempts=len(attempts[kind, place]))
        for (kind, place), count in sorted(findings.items())
    )


def _pace(costs: list[float], times: list[float]) -> Pace:
    middle, slow = map(float, np.quantile(times, _QUANTILES)) if times else (None, None)
    return Pace(
        usd_per_1000=1000 * sum(costs) / len(costs) if costs else None,
        priced=len(costs),
        p50_s=middle,
        p95_s=slow,
        timed=len(times),
    )

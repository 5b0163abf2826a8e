"""Outcomes in, one `RunSummary` out. Errors are counted beside every rate, never in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from paygrade.analysis.effects import EffectFold
from paygrade.analysis.reliability import reliability
from paygrade.analysis.tally import Tally
from paygrade.records.outcome import Scored
from paygrade.records.run import (
    CheckRate,
    MoneyAtRisk,
    RunSummary,
    SliceRate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.outcome import Outcome
    from paygrade.records.run import Bill, RunHeader, SampleRow

SEVERITIES = ("critical", "major", "minor")
_ROLES = ("gating", "advisory", "invariant")


class _Fold:
    """Takes outcomes one by one and keeps counts alone."""

    def __init__(self, header: RunHeader, samples: dict[str, SampleRow]) -> None:
        self._header = header
        self._samples = samples
        self.done = 0
        self.quarantined = 0
        self.invariant_failures = 0
        self.errors: Counter[str] = Counter()
        self.overall = Tally()
        self.checks: dict[str, Tally] = {}
        self.kinds: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.severities = {name: Tally() for name in SEVERITIES}
        self.slices: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self.slice_samples: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.per_sample: dict[str, list[int]] = {}
        self.effects = EffectFold(header)

    def take(self, outcome: Outcome) -> None:
        self.done += 1
        sample = self._samples[outcome.sample_id]
        if sample.case_class == "quarantined":
            self.quarantined += 1
            return
        self._take_checks(outcome, sample.case)
        self.effects.take(outcome, sample)
        places = [self.overall, *(self.slices[key] for key in self._slice_keys(sample))]
        counts = self.per_sample.setdefault(outcome.sample_id, [0, 0])
        if not isinstance(outcome, Scored):
            self.errors[outcome.error_kind] += 1
            for place in (*places, *self.severities.values()):
                place.errored += 1
            return
        for place in places:
            place.count(sample.case, found=outcome.failed)
        for name, tally in self.severities.items():
            missed = any(c.result == "fail" and c.severity == name for c in outcome.checks)
            tally.count(sample.case, found=missed)
        counts[0] += 1
        counts[1] += outcome.failed

    def _slice_keys(self, sample: SampleRow) -> Iterable[tuple[str, str]]:
        for name in self._header.slices:
            for value in sample.slices.get(name, ()):
                self.slice_samples[name, value].add(sample.sample_id)
                yield name, value

    def _take_checks(self, outcome: Outcome, case: str) -> None:
        for check in outcome.checks:
            self.kinds[check.id].add((check.severity, check.role))
            tally = self.checks.setdefault(check.id, Tally())
            if check.result == "error":
                tally.errored += 1
            else:
                tally.count(case, found=check.result == "fail")
                self.invariant_failures += check.role == "invariant" and check.result == "fail"


def summarize(
    header: RunHeader,
    samples: Iterable[SampleRow],
    outcomes: Iterable[Outcome],
    bill: Bill | None = None,
    *,
    guards: Iterable[str] = (),
) -> RunSummary:
    """Fold `outcomes` (each attempt once) into a summary. Quarantined samples are set apart.

    `guards` is how tools reached the agents, as their answers say it.
    """
    rows = {row.sample_id: row for row in samples}
    fold = _Fold(header, rows)
    for outcome in outcomes:
        fold.take(outcome)
    return RunSummary(
        header=header,
        state="complete" if fold.done == header.attempts else "incomplete",
        planned=header.attempts,
        done=fold.done,
        quarantined=fold.quarantined,
        overall=fold.overall.rate(),
        checks=tuple(
            _check_rate(name, fold.kinds[name], fold.checks[name])
            for name in _in_reading_order(header, fold.checks)
        ),
        slices=tuple(
            SliceRate(name=n, value=v, samples=len(fold.slice_samples[n, v]), rate=tally.rate())
            for (n, v), tally in sorted(fold.slices.items(), key=lambda each: each[0])
        ),
        severities={name: tally.rate() for name, tally in fold.severities.items()},
        money=_money(rows, fold.per_sample),
        errors=dict(sorted(fold.errors.items())),
        invariant_failures=fold.invariant_failures,
        bill=bill,
        effects=fold.effects.figures(guards),
        reliability=reliability(header.epochs, ((n, x) for n, x in fold.per_sample.values())),
    )


def _in_reading_order(header: RunHeader, names: Iterable[str]) -> list[str]:
    """What every answer is judged by, the suite's own, the samples': never as answers came in."""
    order = {name: place for place, name in enumerate(("answered", *(c.id for c in header.checks)))}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _check_rate(name: str, kinds: set[tuple[str, str]], tally: Tally) -> CheckRate:
    """A `must_pass` sample makes an invariant of what is gating; the figures stand under gating."""
    rate = tally.rate()
    return CheckRate(
        check=name,
        severity=min((severity for severity, _ in kinds), key=SEVERITIES.index),
        role=min((role for _, role in kinds), key=_ROLES.index),
        judged=rate.scored,
        failed=rate.failed,
        errored=rate.errored,
        low=rate.low,
        high=rate.high,
    )


def _money(rows: dict[str, SampleRow], per_sample: dict[str, list[int]]) -> tuple[MoneyAtRisk, ...]:
    at_risk: dict[str, Fraction] = defaultdict(Fraction)
    exposed: dict[str, int] = defaultdict(int)
    for sample_id, (scored, failed) in per_sample.items():
        row = rows[sample_id]
        if row.exposure_minor is not None and scored:
            exposed[row.currency] += row.exposure_minor
            at_risk[row.currency] += Fraction(row.exposure_minor * failed, scored)
    return tuple(
        MoneyAtRisk(currency=code, at_risk_minor=round(at_risk[code]), exposed_minor=exposed[code])
        for code in sorted(exposed)
    )

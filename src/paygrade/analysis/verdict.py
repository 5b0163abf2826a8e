"""From what was found to one verdict: which word, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from paygrade.analysis.changes import check_changes, flips
from paygrade.analysis.invariants import invariant_failures, judged_attempts, zero_bound
from paygrade.analysis.wording import headline, mend_of, next_step
from paygrade.errors import ExitCode
from paygrade.records.verdict import GateReport, SuiteVerdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from paygrade.analysis.decide import Inquiry
    from paygrade.analysis.pairing import Problem
    from paygrade.records.baseline import ArmSample, Baseline, CheckIdentity
    from paygrade.records.policy import OnInconclusive
    from paygrade.records.run import Bill
    from paygrade.records.verdict import (
        Confirmation,
        Hypothesis,
        InvariantFailure,
        MoneyChange,
        Side,
        Verdict,
    )

INCOMPLETE = "incomplete"
"""The code of a suite whose attempts were not all done: it ends with 103."""

_ORDER: tuple[Verdict, ...] = (
    "violated",
    "regressed",
    "invalid",
    "inconclusive",
    "pass",
    "improved",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that one suite's verdict rests on, as the conductor hands it over.

    `before` and `after` are the arms that were screened, `known` the baseline with all its
    sessions, `fresh_after` the candidate's fresh arm.
    `problems` are those that the arms do not show (an answer that was not the same twice, a
    confirmation that could not be done).
    """

    suite: str
    runner: str
    baseline: Baseline
    sides: tuple[Side, Side]
    before: Mapping[str, ArmSample]
    known: Mapping[str, ArmSample]
    after: Mapping[str, ArmSample]
    fresh_after: Mapping[str, ArmSample]
    inquiry: Inquiry
    hypotheses: tuple[Hypothesis, ...]
    money: tuple[MoneyChange, ...]
    checks: tuple[CheckIdentity, ...]
    confirmation: Confirmation | None
    detects: float | None
    detects_with: Mapping[int, float | None] | None
    differs: tuple[str, ...]
    problems: tuple[Problem, ...]
    age_days: int
    today: dt.date
    bill: Bill | None = None
    notes: tuple[str, ...] = field(default=())


def suite_verdict(evidence: Evidence) -> SuiteVerdict:
    """Violated, invalid, regressed, or what the suite's own hypothesis says: in that order."""
    screened = evidence.inquiry.screened
    terms, pairing = screened.terms, screened.pairing
    invariants = _invariants(evidence)
    problems = (*evidence.problems, *pairing.problems)
    stopped = tuple(each for each in problems if each.code == INCOMPLETE)
    problems = stopped or problems  # what is not done yet explains what is missing
    verdict, codes = _judge(evidence, invariants, problems)
    attempts = judged_attempts(evidence.after) + judged_attempts(evidence.fresh_after)
    before, after = evidence.sides
    said = SuiteVerdict(
        suite=evidence.suite,
        runner=evidence.runner,
        verdict=verdict,
        headline="",
        next_step="",
        codes=codes,
        baseline=replace(
            before, errors=pairing.errors_before.errored, attempts=pairing.errors_before.attempts
        ),
        candidate=replace(
            after, errors=pairing.errors_after.errored, attempts=pairing.errors_after.attempts
        ),
        differs=evidence.differs,
        comparable=len(pairing.comparable),
        usable=len(pairing.usable),
        added=pairing.added,
        removed=pairing.removed,
        edited=pairing.edited,
        quarantined=pairing.quarantined,
        hypotheses=evidence.hypotheses,
        thin_slices=screened.thin,
        flips=flips(pairing, evidence.inquiry.fresh),
        checks=check_changes(
            pairing, evidence.before, evidence.after, evidence.checks, terms.samples
        ),
        invariants=invariants,
        judged_attempts=attempts,
        zero_bound=None if invariants else zero_bound(attempts),
        money=evidence.money,
        confirmation=evidence.confirmation,
        deterministic=terms.exact,
        inference=terms.unit,
        detects=evidence.detects,
        detects_with=evidence.detects_with,
        power_target=terms.policy.power_target,
        margin=terms.policy.margin,
        tolerance=terms.policy.tolerance,
        age_days=evidence.age_days,
        max_age_days=terms.policy.max_age_days,
        bill=evidence.bill,
        notes=evidence.notes,
    )
    return replace(
        said,
        headline=headline(said, problems),
        next_step=next_step(said, terms.policy),
    )


def _invariants(evidence: Evidence) -> tuple[InvariantFailure, ...]:
    """Those of the screened and of the fresh attempts, each sample and check once."""
    waivers = evidence.inquiry.screened.terms.policy.waivers
    found: dict[tuple[str, str], InvariantFailure] = {}
    for arm in (evidence.after, evidence.fresh_after):
        for each in invariant_failures(arm, evidence.known, waivers, evidence.today):
            key = (each.sample_id, each.check)
            if key in found:
                first = found[key]
                each = replace(  # noqa: PLW2901 - the same failure, counted on
                    first,
                    failed=first.failed + each.failed,
                    attempts=first.attempts + each.attempts,
                )
            found[key] = each
    return tuple(found.values())


def _judge(
    evidence: Evidence, invariants: Iterable[InvariantFailure], problems: Sequence[Problem]
) -> tuple[Verdict, tuple[str, ...]]:
    if any(not each.waived_until for each in invariants):
        return "violated", ("invariant", *(each.code for each in problems))
    if problems:
        return "invalid", tuple(dict.fromkeys(each.code for each in problems))
    worse = [each.name for each in evidence.hypotheses if each.verdict == "regressed"]
    lost = [f"money:{each.currency}" for each in evidence.money if each.exceeded]
    if worse or lost:
        return "regressed", (*worse, *lost)
    own = evidence.hypotheses[0]
    reasons = _doubts(evidence)
    if own.verdict in ("pass", "improved") and reasons:
        return "inconclusive", reasons
    if own.verdict == "inconclusive":
        saturated = own.reason.startswith("saturated")
        return "inconclusive", ("saturated" if saturated else "margin", *reasons)
    return own.verdict, ()


def _doubts(evidence: Evidence) -> tuple[str, ...]:
    """What keeps a pass from being one."""
    pairing = evidence.inquiry.screened.pairing
    found = []
    if pairing.more_errors:
        found.append("more_errors_than_baseline")
    if pairing.edited or pairing.removed:
        found.append("samples_changed")
    return tuple(found)


def unjudged(
    suite: str, runner: str, problems: Sequence[Problem], notes: tuple[str, ...] = ()
) -> SuiteVerdict:
    """A suite that could not be compared at all."""
    codes = tuple(dict.fromkeys(each.code for each in problems))
    return SuiteVerdict(
        suite=suite,
        runner=runner,
        verdict="invalid",
        headline="; ".join(each.sentence for each in problems),
        next_step=mend_of(codes, suite),
        codes=codes,
        notes=notes,
    )


def code_of(said: SuiteVerdict, on_inconclusive: OnInconclusive) -> ExitCode:
    """What a verdict calls for."""
    if said.verdict in ("violated", "regressed"):
        return ExitCode.REGRESSED
    if said.verdict == "invalid":
        return ExitCode.INCOMPLETE if said.codes == (INCOMPLETE,) else ExitCode.INVALID
    if said.verdict == "inconclusive" and on_inconclusive == "fail":
        return ExitCode.INCONCLUSIVE
    return ExitCode.OK


def report_of(
    gate_id: str,
    started_at: str,
    said: Sequence[tuple[SuiteVerdict, OnInconclusive]],
) -> GateReport:
    """One invocation. Its verdict is the worst of its suites', its code the first that applies."""
    codes = {code_of(each, rule) for each, rule in said}
    order = (
        ExitCode.REGRESSED,
        ExitCode.INVALID,
        ExitCode.INCOMPLETE,
        ExitCode.INCONCLUSIVE,
    )
    code = next((each for each in order if each in codes), ExitCode.OK)
    verdicts = {each.verdict for each, _ in said}
    if verdicts == {"improved"}:
        verdict: Verdict = "improved"
    else:
        verdict = next(each for each in _ORDER if each in verdicts)
    worst = [each for each, _ in said if each.verdict == verdict]
    names = ", ".join(f"{each.suite} · {each.runner}" for each in worst)
    return GateReport(
        gate_id=gate_id,
        started_at=started_at,
        suites=tuple(each for each, _ in said),
        verdict=verdict,
        code=code,
        reason=f"{names}: {worst[0].headline}" if len(worst) == 1 else f"{verdict}: {names}",
        on_inconclusive="fail" if any(rule == "fail" for _, rule in said) else "warn",
    )

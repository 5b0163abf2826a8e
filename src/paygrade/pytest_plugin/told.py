"""What a session knows of one suite and runner once they were asked, in plain values."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from paygrade.analysis.verdict import code_of
from paygrade.errors import ExitCode, PaygradeError
from paygrade.reports.figures import counts, interval, percent, plural, share_of
from paygrade.reports.gate_words import leads
from paygrade.reports.plain import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from paygrade.pipeline.as_tests import Bound
    from paygrade.pipeline.gate import Gated
    from paygrade.pipeline.session import Finished
    from paygrade.records.run import RunSummary
    from paygrade.records.verdict import GateReport, SuiteVerdict
    from paygrade.reports.gate_words import Lead

_JUDGED = ("pass", "improved", "inconclusive", "regressed", "violated")
_WORDS = {
    ExitCode.OK: "COMPLETE",
    ExitCode.REGRESSED: "FAILED",
    ExitCode.INVALID: "INVALID",
    ExitCode.INCOMPLETE: "INCOMPLETE",
}
_STEPS = {
    ExitCode.MISTAKE: "mend what the first line names",
    ExitCode.REGRESSED: "mend the samples that are red",
    ExitCode.INVALID: "mend what gave no outcome: paygrade doctor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One suite with one runner. Plain values alone: processes hand it to each other.

    `run_id` is the run whose outcomes the items show, of so many `epochs`; empty when nothing was
    asked, and `reason` says why. `verdict` is the gate's, empty without a gate. `red` holds, by
    sample, what the verdict is red about. `lines` are for a person.
    """

    suite: str
    runner: str
    code: int = 0
    reason: str = ""
    run_id: str = ""
    epochs: int = 0
    verdict: str = ""
    red: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether the gate has come to a verdict."""
        return self.verdict in _JUDGED

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Told:
        """From the dict that `dataclasses.asdict` gives."""
        return cls(**{**data, "lines": tuple(data["lines"])})


def of_run(bound: Bound, finished: Finished, why: str) -> Told:
    """What a run says by itself; `why` tells why the gate does not judge it."""
    [summary] = finished.summaries
    run_id = summary.header.run_id
    reason = "; ".join(dict.fromkeys(finished.reasons))
    told = Told(
        suite=bound.plan.suite,
        runner=bound.plan.runner.name,
        code=int(finished.code),
        reason=reason,
        run_id=run_id,
        epochs=summary.header.epochs,
        lines=(
            *_run_lines(summary, finished.code, reason, why),
            *(f"  left out of the store: {plain(each)}" for each in finished.problems),
        ),
    )
    return _masked(bound, told)


def _masked(bound: Bound, told: Told) -> Told:
    """What people and reports read of it, as the workspace wants it masked."""
    mask = bound.layout.barrier.mask
    lines = tuple(mask(each).text for each in told.lines)
    return replace(told, reason=mask(told.reason).text, lines=lines)


def _run_lines(summary: RunSummary, code: ExitCode, reason: str, why: str) -> Iterator[str]:
    header, rate = summary.header, summary.overall
    rates = f"failure rate {percent(rate.rate)}, {counts(rate)}"
    word, name = _WORDS.get(code, "ERROR"), f"{header.suite} · {header.runner}"
    parts = [
        f"95 % interval {interval(rate.low, rate.high)}",
        f"n = {header.samples:,}",
        plural(header.epochs, "epoch"),
    ]
    if code is not ExitCode.OK:
        parts.insert(0, rates)
    yield f"{word}  {one_line(f'{name}: {rates if code is ExitCode.OK else reason}')}"
    yield f"  {' · '.join(parts)}"
    step = _STEPS.get(code, why)
    if summary.state == "incomplete":
        step = f"go on with: paygrade resume {header.run_id}"
    yield f"  next: {step}"
    yield f"  run {header.run_id}"


def of_gate(every: Iterable[Bound], gated: Gated, asked: Collection[str]) -> list[Told]:
    """What the gate says of each suite; `asked` are the runs that this session made."""
    report = gated.report
    assert report is not None  # noqa: S101 - only a dry run has none
    said = {(each.suite, each.runner): each for each in report.suites}
    found = []
    for bound in every:
        plan = bound.plan
        verdict = said[plan.suite, plan.runner.name]
        side = verdict.candidate
        run_id = side.run_ids[0] if side else ""
        note = "" if run_id in asked else ": judged before, so nobody was asked"
        told = Told(
            suite=plan.suite,
            runner=plan.runner.name,
            code=int(code_of(verdict, plan.policy.on_inconclusive)),
            reason=verdict.headline,
            run_id=run_id,
            epochs=side.epochs[0] if side else 0,
            verdict=verdict.verdict,
            red=_red(verdict),
            lines=(
                *_gate_lines(report, verdict),
                *([f"  run {run_id}{note}"] if run_id else []),
                *(f"  left out of the store: {plain(each)}" for each in gated.problems),
            ),
        )
        found.append(_masked(bound, told))
    return found


def _gate_lines(report: GateReport, verdict: SuiteVerdict) -> Iterator[str]:
    lead: Lead = next(each for each in leads(report) if each.suite is verdict)
    headline = one_line(f"{' · '.join(lead.names)}: {lead.headline}")
    yield f"{lead.word}  {headline}"
    yield f"  {one_line(lead.measured)}"
    if verdict.verdict == "inconclusive":
        yield "  not a pass: a regression was neither found nor ruled out"
    yield f"  next: {one_line(lead.step)}"


def _red(verdict: SuiteVerdict) -> dict[str, str]:
    """The samples that a verdict is red about, and why."""
    red: dict[str, str] = {}
    for each in verdict.invariants:
        if not each.waived_until:
            share = share_of((each.failed, each.attempts))
            text = f"an invariant failed: {one_line(each.check)} in {share} attempts"
            red[each.sample_id] = "; ".join(filter(None, [red.get(each.sample_id), text]))
    worse = any(each.verdict == "regressed" for each in verdict.hypotheses)
    if worse or any(each.exceeded for each in verdict.money):
        for flip in verdict.flips:
            if flip.worse:
                after, before = share_of(flip.after), share_of(flip.before)
                text = f"fails more often than the baseline: {after} attempts, before {before}"
                red.setdefault(flip.sample_id, text)
    return red


def of_error(bound: Bound, error: Exception) -> Told:
    """Nothing was asked, or nobody knows what came of it."""
    code, text, telling = ExitCode.INTERNAL, "".join(traceback.format_exception(error)), -1
    if isinstance(error, PaygradeError):
        code, text, telling = error.exit_code, str(error), 0
    reason = plain(bound.layout.barrier.mask(text).text).strip()
    name = bound.plan.label
    told = Told(
        suite=bound.plan.suite,
        runner=bound.plan.runner.name,
        code=int(code),
        reason=reason,
        lines=(
            f"ERROR  {name}: {reason.splitlines()[telling]}",
            "  failure rate n/a: nothing was asked",
            f"  next: {_STEPS.get(code, 'report it, with the lines above')}",
        ),
    )
    return _masked(bound, told)

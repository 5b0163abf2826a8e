"""What a bare run ends with: which exit code, and why, in one sentence a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.run import RunSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """An exit code with its reason."""

    code: ExitCode
    reason: str


def ending(summary: RunSummary, stopped: str = "") -> Ending:
    """How one run ended.

    An invariant that failed or a stated limit that the whole interval exceeds: 100. Nothing
    scored, or an invariant that could not be judged: 102. Attempts still to do: 103. Else 0,
    whatever the rate. `stopped` says in a clause why the run stopped before its end, where
    something stopped it.
    """
    rate = summary.overall
    limit = summary.header.max_failure_rate
    if summary.invariant_failures:
        count = summary.invariant_failures
        reason = f"an invariant failed {count} {'time' if count == 1 else 'times'}"
        return Ending(code=ExitCode.REGRESSED, reason=reason)
    if limit is not None and rate.scored and rate.low > limit:
        reason = (
            f"max_failure_rate is {limit:.1%} and the whole interval "
            f"{rate.low:.1%} to {rate.high:.1%} lies above it"
        )
        return Ending(code=ExitCode.REGRESSED, reason=reason)
    unjudged = sum(check.errored for check in summary.checks if check.role == "invariant")
    if unjudged and rate.scored:
        times = "once" if unjudged == 1 else f"{unjudged} times"
        reason = f"an invariant could not be judged {times}: nobody knows whether it holds"
        return Ending(code=ExitCode.INVALID, reason=reason)
    if not rate.scored:
        kinds = ", ".join(f"{count} {kind}" for kind, count in summary.errors.items())
        reason = f"no attempt could be scored ({kinds or 'nothing ran'}): there is no rate"
        if summary.quarantined and not summary.errors:
            reason = "every sample that ran is quarantined: there is no rate"
        return Ending(code=ExitCode.INVALID, reason=reason)
    if summary.state == "incomplete":
        reason = f"{summary.planned - summary.done} of {summary.planned} attempts were not done"
        reason += f": {stopped}" if stopped else ""
        return Ending(code=ExitCode.INCOMPLETE, reason=reason)
    return Ending(code=ExitCode.OK, reason="complete")


def worst(endings: Iterable[Ending]) -> ExitCode:
    """Several at once: 1, 2, 100, 102, 103, 101, 0, the first that applies."""
    order = (
        ExitCode.INTERNAL,
        ExitCode.MISTAKE,
        ExitCode.REGRESSED,
        ExitCode.INVALID,
        ExitCode.INCOMPLETE,
        ExitCode.INCONCLUSIVE,
    )
    codes = {each.code for each in endings}
    return next((code for code in order if code in codes), ExitCode.OK)

"""The gate's sentences: what happened, and what to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.analysis.pairing import Problem
    from paygrade.records.policy import GatePolicy
    from paygrade.records.verdict import Hypothesis, InvariantFailure, SuiteVerdict

_NEXT = {
    "no_baseline": "accept one: paygrade accept {suite}",
    "baseline_unreadable": "restore the file from git, or delete it and accept again: "
    "paygrade accept {suite}",
    "baseline_of_another_suite": "name a run or a baseline of {suite}",
    "baseline_stale": "accept a new baseline: paygrade accept {suite} --reason …",
    "samples_changed": "look at the samples that changed, then accept a new baseline: "
    "paygrade accept {suite} --reason …",
    "checks_differ": "undo it, or accept a new baseline: paygrade accept {suite} --reason …",
    "tools_differ": "undo it, or accept a new baseline: paygrade accept {suite} --reason …",
    "errors": "see what errored (paygrade show {run}), mend it and run the gate again",
    "empty": "see what errored (paygrade show {run}), mend it and run the gate again",
    "unjudged_invariant": "mend the scorer: nobody knows whether the invariant holds",
    "not_deterministic": "take `deterministic: true` out of the runner's profile, then accept a "
    "baseline with two sessions: paygrade accept {suite} --reason …",
    "unconfirmed": "accept a baseline with two sessions (paygrade accept {suite} --reason …), or "
    "judge without a confirmation: --confirm off",
    "baseline_does_not_run": "see why the baseline's version gives no answer, or confirm against "
    "its second session: --confirm stored",
    "look_lost": "restore the store (.paygrade) of the earlier look, or change the candidate",
    "incomplete": "raise the budget or mend what stopped it, then run the gate again: it goes on",
    "more_errors_than_baseline": "see what errored: paygrade show {run}",
    "saturated": "mend the suite or the baseline first: nearly everything fails already",
}

_NAMED = 2


def headline(said: SuiteVerdict, problems: Sequence[Problem]) -> str:
    """One sentence for a person."""
    if said.verdict == "violated":
        return _violated([each for each in said.invariants if not each.waived_until])
    if said.verdict == "invalid":
        return "; ".join(dict.fromkeys(each.sentence for each in problems))
    if said.verdict == "regressed":
        return _regressed(said)
    own = said.hypotheses[0]
    if said.verdict == "improved":
        return f"the failure rate fell: {_rates(own)}"
    if said.verdict == "pass":
        return _passed(said, own)
    return _inconclusive(said, own)


def _violated(failures: Sequence[InvariantFailure]) -> str:
    first = failures[0]
    age = "as in the baseline" if first.known else "new"
    more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
    return (
        f"an invariant failed: {first.check} on {first.sample_id} "
        f"({first.failed} of {first.attempts} attempts, {age}){more}"
    )


def _regressed(said: SuiteVerdict) -> str:
    worse = [each for each in said.hypotheses if each.verdict == "regressed"]
    if not worse:
        codes = ", ".join(each.currency for each in said.money if each.exceeded)
        return f"the expected loss rose by more than the limit ({codes})"
    first = worse[0]
    where = "the failure rate" if first.name == "suite" else f"the failure rate of {first.name}"
    others = [each.name for each in worse[1:]]
    more = f"; worse too: {', '.join(others)}" if others else ""
    if len(others) > _NAMED:
        more = f"; worse too: {', '.join(others[:_NAMED])} and {len(others) - _NAMED} more"
    return f"{where} rose: {_rates(first)}{more}"


def _rates(found: Hypothesis) -> str:
    before, after = found.before.rate or 0.0, found.after.rate or 0.0
    return f"{before * 100:.1f} % to {after * 100:.1f} %"


def _passed(said: SuiteVerdict, own: Hypothesis) -> str:
    if own.judged.low == own.judged.high:
        return f"no rise of the failure rate: {_rates(own)}"
    if own.flagged:
        return f"a rise was suspected, and fresh attempts do not confirm it: {_rates(own)}"
    return f"no sign of a rise, and one above {said.margin * 100:g} points is excluded"


def _inconclusive(said: SuiteVerdict, own: Hypothesis) -> str:
    if "samples_changed" in said.codes:
        changed = len(said.edited) + len(said.removed)
        return f"{changed} of the baseline's samples were edited or removed: not a pass"
    if "more_errors_than_baseline" in said.codes:
        return (
            f"more errors than the baseline had ({said.candidate.errors if said.candidate else 0} "
            f"of {said.candidate.attempts if said.candidate else 0} attempts): not a pass"
        )
    if "saturated" in said.codes:
        return own.reason
    return (
        f"a rise of {own.judged.high * 100:.1f} points cannot be excluded "
        f"(the margin is {said.margin * 100:g})"
    )


def next_step(said: SuiteVerdict, policy: GatePolicy) -> str:
    """What to do now; empty when there is nothing to do."""
    run = said.candidate.run_ids[-1] if said.candidate and said.candidate.run_ids else "latest"
    if said.verdict == "violated":
        sample = next(each for each in said.invariants if not each.waived_until).sample_id
        return (
            f"see paygrade show {run} {sample}; mend it, or waive it until a date: "
            "gate.waivers in the suite"
        )
    if said.verdict == "regressed":
        worse = next((each.sample_id for each in said.flips if each.worse), "")
        return (
            f"paygrade show {run} {worse} and mend it; if it is meant: "
            f"paygrade accept {said.suite} --reason …"
        )
    if mend := mend_of(said.codes, said.suite, run):
        return mend
    if said.verdict == "inconclusive":
        return _more_data(said, policy)
    if said.verdict == "improved":
        return f"accept it, so that it cannot get lost again: paygrade accept {said.suite}"
    return ""


def mend_of(codes: Sequence[str], suite: str, run: str = "latest") -> str:
    """What to do about the first of `codes` that there is something to do about."""
    known = next((_NEXT[code] for code in codes if code in _NEXT), "")
    return known.format(suite=suite, run=run)


def _more_data(said: SuiteVerdict, policy: GatePolicy) -> str:
    enough = [
        (epochs, rise)
        for epochs, rise in sorted((said.detects_with or {}).items())
        if rise is not None and rise <= policy.margin
    ]
    now = said.candidate.epochs[0] if said.candidate and said.candidate.epochs else 0
    better = next((each for each in enough if each[0] > now), None)
    if better:
        epochs, rise = better
        return (
            f"ask more often: with --epochs {epochs} a rise of {rise * 100:g} points is found "
            f"with {policy.power_target:.0%} probability"
        )
    return "add samples, or accept a wider margin: more epochs alone will not settle it"

"""Two stored runs side by side: what was changed between them, check by check, and what broke."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from paygrade.records.verdict import CheckChange
from paygrade.stats.multiple import benjamini_hochberg
from paygrade.stats.tables import likely_broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paygrade.analysis.pairing import Pairing
    from paygrade.records.check import CheckSpec, GateRole, Severity
    from paygrade.records.run import CheckRate, RunHeader
    from paygrade.records.verdict import Flip

_HINT = 0.10


def hinted(flips: Iterable[Flip], pairing: Pairing) -> tuple[Flip, ...]:
    """The same flips with hints from the stored outcomes themselves: which are likely broken.

    Tested is every sample whose failures, shared out to the runs in the most telling way, could
    give a hint at all. Which those are does not depend on how they were shared out, so the hints
    are not chosen by what they say; with few epochs there are none.
    """
    before, after = pairing.pairs.before, pairing.pairs.after
    chances = {}
    for name in pairing.usable:
        old, new = before[name], after[name]
        failed = sum(old) + sum(new)
        most = min(failed, len(new))
        if likely_broken(failed - most, most, len(old), len(new)) <= _HINT:
            chances[name] = likely_broken(sum(old), sum(new), len(old), len(new))
    corrected = dict(zip(chances, benjamini_hochberg(list(chances.values())), strict=True))
    return tuple(
        replace(
            each,
            p_broken=chances.get(each.sample_id),
            likely_broken=each.worse and corrected.get(each.sample_id, 1.0) <= _HINT,
        )
        for each in flips
    )


def check_changes(
    before: Iterable[CheckRate], after: Iterable[CheckRate]
) -> tuple[CheckChange, ...]:
    """Each check that was judged in both runs, in the order of the second.

    What is new or gone has nothing to be compared with: `differences` names it.
    """
    then = {each.check: each for each in before}
    return tuple(
        CheckChange(
            check=new.check,
            severity=cast("Severity", new.severity),
            role=cast("GateRole", new.role),
            before=(then[new.check].failed, then[new.check].judged),
            after=(new.failed, new.judged),
        )
        for new in after
        if new.check in then
    )


def differences(
    before: RunHeader, after: RunHeader, models: tuple[Sequence[str], Sequence[str]]
) -> tuple[str, ...]:
    """What changed between two runs, in clauses; empty when nothing did.

    `models` is what the providers of both said they were.
    """
    changed = before.identity.differences(after.identity)
    found = []
    if "prompt" in changed:
        found.append(_moved("prompt", before.prompt, after.prompt))
    if "runner" in changed or before.runner != after.runner:
        edited = f"the runner {after.runner} changed (its model, its parameters or its code)"
        same = before.runner == after.runner
        found.append(edited if same else f"runner {before.runner} → {after.runner}")
    if models[0] and models[1] and models[0] != models[1]:
        found.append(f"model {', '.join(models[0])} → {', '.join(models[1])}")
    if "dataset" in changed:
        found.append(_moved("dataset", before.dataset, after.dataset))
    if "scorers" in changed:
        clauses = _judging(before.checks, after.checks)
        found += clauses or ["a scorer judges otherwise: its version, or a file that it uses"]
        found.append("as the scorers differ, so may what a failure is: mind the rates")
    if "tools" in changed:
        found.append("the tools changed: mind the rates, as agents can do other things")
    return tuple(found)


def _moved(part: str, old: str, new: str) -> str:
    return f"{part} {old} → {new}" if old != new else f"{part} {new} was edited"


def _judging(before: Iterable[CheckSpec], after: Iterable[CheckSpec]) -> list[str]:
    """How the suite's own checks differ."""
    then, now = {each.id: each for each in before}, {each.id: each for each in after}
    found = [f"the check {name!r} is new" for name in now if name not in then]
    found += [f"the check {name!r} is gone" for name in then if name not in now]
    for name, new in now.items():
        old = then.get(name, new)
        was, is_ = f"{old.severity}, {old.role}", f"{new.severity}, {new.role}"
        if was != is_:
            found.append(f"the check {name!r} was {was} and is {is_}")
        elif old != new:
            found.append(f"the check {name!r} has other parameters")
    return found

"""What differs between two versions: samples that flipped, checks that moved, what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.analysis.trial import discordant
from paygrade.records.verdict import CheckChange, Flip
from paygrade.stats.multiple import benjamini_hochberg
from paygrade.stats.tables import likely_broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.analysis.pairing import Outcomes, Pairing, Pairs
    from paygrade.records.baseline import ArmSample, CheckIdentity
    from paygrade.records.sample import Sample

_HINT = 0.10


def flips(pairing: Pairing, fresh: Pairs | None) -> tuple[Flip, ...]:
    """The samples whose share of failures differs, worse ones first, the largest change first."""
    names = discordant(pairing.usable, pairing.pairs)
    asked = [name for name in names if fresh and name in fresh.before]
    chances: dict[str, float] = {}
    corrected: dict[str, float] = {}
    if fresh:
        chances = {
            name: likely_broken(
                sum(fresh.before[name]),
                sum(fresh.after[name]),
                len(fresh.before[name]),
                len(fresh.after[name]),
            )
            for name in asked
        }
        corrected = dict(zip(asked, benjamini_hochberg(list(chances.values())), strict=True))
    found = [
        Flip(
            sample_id=name,
            before=_count(pairing.pairs.before[name]),
            after=_count(pairing.pairs.after[name]),
            fresh_before=_count(fresh.before[name]) if fresh and name in chances else None,
            fresh_after=_count(fresh.after[name]) if fresh and name in chances else None,
            p_broken=chances.get(name),
            likely_broken=corrected.get(name, 1.0) <= _HINT,
        )
        for name in names
    ]
    return tuple(sorted(found, key=lambda each: (-_moved(each), each.sample_id)))


def _count(outcomes: Outcomes) -> tuple[int, int]:
    return sum(outcomes), len(outcomes)


def _moved(flip: Flip) -> float:
    return flip.after[0] / flip.after[1] - flip.before[0] / flip.before[1]


def check_changes(
    pairing: Pairing,
    before: Mapping[str, ArmSample],
    after: Mapping[str, ArmSample],
    suite_checks: Iterable[CheckIdentity],
    samples: Iterable[Sample],
) -> tuple[CheckChange, ...]:
    """Each check on the usable samples, in the suite's order, then those that samples bring."""
    usable = set(pairing.usable)
    bearers: dict[str, list[str]] = {each.id: list(pairing.usable) for each in suite_checks}
    kinds = {each.id: (each.severity, each.role) for each in suite_checks}
    for sample in samples:
        if sample.id in usable:
            for check in sample.checks:
                bearers.setdefault(check.id, []).append(sample.id)
                kinds.setdefault(check.id, (check.severity, check.role))
    return tuple(
        CheckChange(
            check=name,
            severity=kinds[name][0],
            role=kinds[name][1],
            before=_judged(name, names, before),
            after=_judged(name, names, after),
        )
        for name, names in bearers.items()
    )


def _judged(check: str, names: Iterable[str], arm: Mapping[str, ArmSample]) -> tuple[int, int]:
    """Failed and judged attempts. A check that is not kept passed wherever it was judged."""
    failed = judged = 0
    for name in names:
        sample = arm[name]
        if check in sample.checks:
            marks = "".join(sample.checks[check])
            failed += marks.count("F")
            judged += marks.count("F") + marks.count("P")
        else:
            marks = "".join(sample.sessions)
            judged += len(marks) - marks.count("E")
    return failed, judged


def check_differences(
    before: Iterable[CheckIdentity], after: Iterable[CheckIdentity]
) -> tuple[str, ...]:
    """Clauses on the checks that count (not the advisory ones) and judge differently now."""
    then = {each.id: each for each in before if each.role != "advisory"}
    now = {each.id: each for each in after if each.role != "advisory"}
    clauses = [f"the check {name!r} is new" for name in now if name not in then]
    clauses += [f"the check {name!r} is gone" for name in then if name not in now]
    for name, new in now.items():
        old = then.get(name, new)
        if old.digest != new.digest:
            if (old.severity, old.role) != (new.severity, new.role):
                was, is_ = f"{old.severity}, {old.role}", f"{new.severity}, {new.role}"
                clauses.append(f"the check {name!r} was {was} and is {is_}")
            else:
                clauses.append(
                    f"the check {name!r} judges differently "
                    "(its parameters, its version, or a file or schema that it uses)"
                )
    return tuple(clauses)

"""What can be compared: the samples that both versions share, and their outcomes.

New, removed and edited samples never enter a test. Errors are never failures; with too many of
them, or with too few shared samples, nothing is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.stats.tables import more_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from paygrade.records.baseline import ArmSample, Marks
    from paygrade.records.policy import GatePolicy
    from paygrade.records.sample import Sample

Outcomes = tuple[int, ...]
"""The attempts of one sample that were scored, in order: 1 failed, 0 passed."""

_MORE_ERRORS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a comparison cannot be trusted: a short stable code, and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Attempts on the shared samples that gave no outcome, of all attempts."""

    errored: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Outcomes of both versions by sample, and the case that each sample belongs to."""

    before: Mapping[str, Outcomes]
    after: Mapping[str, Outcomes]
    cases: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two versions, sample by sample. `pairs` holds the usable samples alone.

    `comparable` samples are in both with the same content; `usable` ones of them have an outcome
    on both sides. Cases and `slices` are those of today's dataset, in which quarantined samples
    take no part. `more_errors`: the candidate has more than chance explains.
    """

    comparable: tuple[str, ...]
    usable: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    edited: tuple[str, ...]
    quarantined: tuple[str, ...]
    pairs: Pairs
    slices: Mapping[str, Mapping[str, tuple[str, ...]]]
    errors_before: Errors
    errors_after: Errors
    more_errors: bool
    problems: tuple[Problem, ...]


def scored(sessions: Iterable[Marks]) -> Outcomes:
    """The outcomes among the marks of all `sessions`, in order."""
    return tuple(int(mark == "F") for marks in sessions for mark in marks if mark in "PF")


def pair(
    before: Mapping[str, ArmSample],
    after: Mapping[str, ArmSample],
    samples: Iterable[Sample],
    policy: GatePolicy,
) -> Pairing:
    """Match the arms over `samples`, today's dataset; say what keeps them from being compared."""
    today = {each.id: each for each in samples}
    quarantined = {name for name, each in today.items() if each.case_class == "quarantined"}
    shared = [name for name in today if name in before and name not in quarantined]
    edited = {name for name in shared if not _same(before[name], after.get(name))}
    comparable = tuple(name for name in shared if name not in edited)
    outcomes_before = {name: scored(before[name].sessions) for name in comparable}
    outcomes_after = {name: scored(after[name].sessions) for name in comparable if name in after}
    usable = tuple(
        name for name in comparable if outcomes_before[name] and outcomes_after.get(name)
    )
    errors_before = errors_of(before, comparable)
    errors_after = errors_of(after, comparable)
    return Pairing(
        comparable=comparable,
        usable=usable,
        added=tuple(sorted(today.keys() - before.keys() - quarantined)),
        removed=tuple(sorted(before.keys() - today.keys())),
        edited=tuple(sorted(edited)),
        quarantined=tuple(sorted(quarantined)),
        pairs=Pairs(
            before={name: outcomes_before[name] for name in usable},
            after={name: outcomes_after[name] for name in usable},
            cases={name: today[name].case for name in usable},
        ),
        slices={name: today[name].slices for name in usable},
        errors_before=errors_before,
        errors_after=errors_after,
        more_errors=_more(errors_after, errors_before),
        problems=tuple(
            _problems(policy, len(today) - len(quarantined), comparable, usable, errors_after)
        ),
    )


def too_few_shared(shared: int, size: int, policy: GatePolicy) -> Problem | None:
    """Why a baseline that knows only `shared` of `size` samples as they are is out of date."""
    if shared >= policy.min_overlap * size:
        return None
    sentence = (
        f"only {shared:,} of {size:,} samples are the same as in the baseline "
        f"(at least {policy.min_overlap:.0%} are needed)"
    )
    return Problem(code="baseline_stale", sentence=sentence)


def _same(before: ArmSample, after: ArmSample | None) -> bool:
    """A sample of which the candidate has no trace was not edited: nothing came of it."""
    return after is None or before.content_hash == after.content_hash


def errors_of(arm: Mapping[str, ArmSample], names: Collection[str]) -> Errors:
    """Count the attempts of `names` that gave no outcome."""
    marks = "".join(each for name in names if name in arm for each in arm[name].sessions)
    return Errors(errored=marks.count("E"), attempts=len(marks))


def _more(after: Errors, before: Errors) -> bool:
    p = more_errors(
        after.errored,
        after.attempts - after.errored,
        before.errored,
        before.attempts - before.errored,
    )
    return p < _MORE_ERRORS


def _problems(
    policy: GatePolicy,
    size: int,
    comparable: tuple[str, ...],
    usable: tuple[str, ...],
    errors: Errors,
) -> Iterable[Problem]:
    stale = too_few_shared(len(comparable), size, policy)
    if stale:
        yield stale
    lost = len(comparable) - len(usable)
    share = errors.errored / errors.attempts if errors.attempts else 0.0
    if lost > policy.max_error_rate * len(comparable) or share > policy.max_error_rate:
        sentence = (
            f"{errors.errored:,} of {errors.attempts:,} attempts errored and {lost:,} of "
            f"{len(comparable):,} samples have no outcome (at most {policy.max_error_rate:.0%} may)"
        )
        yield Problem(code="errors", sentence=sentence)
    if not usable:
        sentence = "no sample has an outcome on both sides"
        yield Problem(code="empty", sentence=sentence)

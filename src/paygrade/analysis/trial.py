"""One hypothesis put to the test: the outcomes of a set of samples, case by case."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paygrade.records.run import Rate
from paygrade.records.verdict import Change
from paygrade.stats import clustered_wilson
from paygrade.stats.case_test import case_differences, case_test
from paygrade.stats.permutation import Tails, run_permutation
from paygrade.stats.rise import rise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paygrade.analysis.pairing import Outcomes, Pairs

Unit = Literal["runs", "cases"]
"""What is permuted: the attempts inside each case, or the sign of each case's difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the tests say of one set of samples. `tails` are of the test that decides."""

    tails: Tails
    p_cases: float
    change: Change


def try_samples(names: Iterable[str], pairs: Pairs, unit: Unit, size: int) -> Trial:
    """Test the samples `names` (each with outcomes on both sides) out of `size` samples.

    Samples that are counted in `size` and not named did not differ, or were not asked again.
    """
    before, after = pairs.before, pairs.after
    groups = grouped(names, pairs.cases)
    base, cand = totals(groups, before), totals(groups, after)
    outcomes = [[(before[name], after[name]) for name in group] for group in groups]
    by_case = case_test(case_differences(outcomes))
    found = rise(base, cand, size)
    return Trial(
        tails=by_case if unit == "cases" else run_permutation(base, cand),
        p_cases=by_case.more,
        change=Change(rise=found.delta, low=found.low, high=found.high),
    )


def grouped(names: Iterable[str], cases: Mapping[str, str]) -> list[list[str]]:
    """The samples of each case, in the order given."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[cases[name]].append(name)
    return list(groups.values())


def totals(groups: Sequence[Sequence[str]], arm: Mapping[str, Outcomes]) -> list[list[int]]:
    """Failures of each case in each repeat, as far as all of its samples have that repeat."""
    return [
        list(arm[group[0]])
        if len(group) == 1
        else [sum(repeat) for repeat in zip(*(arm[name] for name in group), strict=False)]
        for group in groups
    ]


def rate_of(names: Iterable[str], arm: Mapping[str, Outcomes], cases: Mapping[str, str]) -> Rate:
    """The failure rate of the samples `names` with its 95 % interval, clustered by case.

    How many attempts errored is not known here.
    """
    groups = grouped(names, cases)
    trials = [sum(len(arm[name]) for name in group) for group in groups]
    failed = [sum(sum(arm[name]) for name in group) for group in groups]
    scored, failures = sum(trials), sum(failed)
    low, high = clustered_wilson(failed, trials)
    return Rate(
        scored=scored,
        failed=failures,
        errored=0,
        rate=failures / scored if scored else None,
        low=low,
        high=high,
    )


def discordant(names: Iterable[str], pairs: Pairs) -> tuple[str, ...]:
    """Samples whose share of failures differs, in either direction."""
    before, after = pairs.before, pairs.after
    return tuple(
        name
        for name in names
        if sum(after[name]) * len(before[name]) != sum(before[name]) * len(after[name])
    )

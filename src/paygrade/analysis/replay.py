"""The gate played again and again on outcomes that are there, as fast as its own rules allow.

Every verdict is `decide`'s own. Left out is what only a report shows: intervals and rates of
hypotheses that are not flagged, and money without a limit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, cast

from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.exposure import judged_money, money_of
from paygrade.analysis.pairing import errors_of, pair
from paygrade.analysis.screen import WHOLE, Tried, assembled, chosen
from paygrade.analysis.trial import grouped, totals, try_samples
from paygrade.records.baseline import ArmSample
from paygrade.stats.case_test import case_differences, case_test
from paygrade.stats.lattice import power, subset_mass, total
from paygrade.stats.permutation import NOTHING_TO_TELL, run_permutation, tails

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.pairing import Pairing, Pairs
    from paygrade.analysis.screen import Screened, Terms
    from paygrade.stats.lattice import Mass

Ended = Literal["pass", "improved", "inconclusive", "regressed", "invalid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """Which epochs play which part; `again` are the fresh ones of both versions, if any."""

    before: Sequence[int]
    after: Sequence[int]
    again: tuple[Sequence[int], Sequence[int]]


class Board:
    """Repeats of one version, on which the gate is played with one deal of the epochs or another.

    `sessions` says how many epochs each session has; they are numbered through from 0.
    """

    def __init__(self, arm: Mapping[str, ArmSample], terms: Terms) -> None:
        """Lay out what no deal changes. `terms` must leave something to test, so not `exact`."""
        self._arm = arm
        self._terms = terms
        count = max((len(each.sessions) for each in arm.values()), default=0)
        self.sessions = tuple(
            max((len(each.sessions[place]) for each in arm.values()), default=0)
            for place in range(count)
        )
        self._marks = {name: self._line(each) for name, each in arm.items()}
        here = [
            each for each in terms.samples if each.id in arm and each.case_class != "quarantined"
        ]
        self._groups = {WHOLE: tuple(each.id for each in here)}
        for name in terms.slices:
            values = sorted({value for each in here for value in each.slices.get(name, ())})
            for value in values:
                self._groups[f"{name}={value}"] = tuple(
                    each.id for each in here if value in each.slices.get(name, ())
                )
        cases = {each.id: each.case for each in here}
        self._single = {
            name: len({cases[each] for each in group}) == len(group)
            for name, group in self._groups.items()
        }
        self._limited = tuple(
            each
            for each in terms.samples
            if each.exposure and each.exposure.currency in terms.policy.money_limits
        )

    def _line(self, sample: ArmSample) -> list[str]:
        """The marks of a sample by epoch; nothing where it has none."""
        padded = zip(sample.sessions, self.sessions, strict=True)
        return [mark for marks, size in padded for mark in [*marks, *[""] * (size - len(marks))]]

    def verdict(self, deal: Deal, draw: random.Random) -> Ended:
        """What the gate says of this deal. `draw` chooses what is asked again, where calls end."""
        terms, policy = self._terms, self._terms.policy
        before, after = (self._dealt(self._arm, epochs) for epochs in (deal.before, deal.after))
        pairing = pair(before, after, terms.samples, policy)
        if pairing.problems:
            return "invalid"
        screened = self._screened(pairing)
        fresh = None
        if screened.suspicious and policy.confirm != "off":
            arms = 2 if policy.confirm == "both" else 1
            asked = chosen(screened, arms, str(draw.random()))
            again = [self._dealt(asked, epochs) for epochs in deal.again]
            for each in again[2 - arms :]:
                errors = errors_of(each, each)
                if errors.errored > policy.max_error_rate * errors.attempts:
                    return "invalid"
            fresh = fresh_pairs(screened, *again)
        inquiry = Inquiry(
            screened=screened, mode=policy.confirm, level=policy.alpha_confirm, fresh=fresh
        )
        [found] = decide([inquiry])
        money = judged_money(screened, fresh)
        if any(each.verdict == "regressed" for each in found) or any(m.exceeded for m in money):
            return "regressed"
        if found[0].verdict in ("pass", "improved") and pairing.more_errors:
            return "inconclusive"
        return cast("Ended", found[0].verdict)

    def _dealt(self, names: Iterable[str], epochs: Sequence[int]) -> Arm:
        return {name: self._of_epochs(name, epochs) for name in names}

    def _of_epochs(self, name: str, epochs: Sequence[int]) -> ArmSample:
        sample, line = self._arm[name], self._marks[name]
        return ArmSample(
            sample_id=name,
            content_hash=sample.content_hash,
            case=sample.case,
            case_class=sample.case_class,
            sessions=("".join([line[epoch] for epoch in epochs]),),
        )

    def _screened(self, pairing: Pairing) -> Screened:
        """As `screen` has it, with those hypotheses alone that bear on the verdict."""
        money = money_of(pairing, self._limited, self._terms.policy, exact=False)
        return assembled(self._terms, pairing, tuple(self._tried(pairing)), money)

    def _tried(self, pairing: Pairing) -> Iterator[Tried]:
        terms, pairs = self._terms, pairing.pairs
        kinds = {name: _kind(pairs, name) for name in pairing.usable}
        for name, group in self._groups.items():
            names = tuple(each for each in group if each in kinds)
            if name != WHOLE and len(names) < terms.policy.min_slice:
                continue
            if self._single[name] and terms.unit == "runs":
                chance = _permuted(kinds, names)
            else:
                chance = _tested(pairs, names, terms)
            flagged = chance <= terms.policy.alpha_screen
            if name == WHOLE or flagged or terms.policy.confirm == "off":
                trial = try_samples(names, pairs, terms.unit, len(names))
                yield Tried(name=name, names=names, trial=trial, flagged=flagged)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A case of one sample: its pooled outcomes, ascending, and how many are the candidate's."""

    pooled: tuple[int, ...]
    size: int
    observed: int


def _kind(pairs: Pairs, name: str) -> _Kind | None:
    """Nothing where the sample cannot tell the arms apart."""
    before, after = pairs.before[name], pairs.after[name]
    observed = sum(after)
    ones, both = observed + sum(before), len(before) + len(after)
    if ones in (0, both):
        return None
    return _Kind((0,) * (both - ones) + (1,) * ones, len(after), observed)


def _permuted(kinds: Mapping[str, _Kind | None], names: Sequence[str]) -> float:
    """What `run_permutation` says of cases of one sample: equal ones are reckoned once."""
    telling = [kind for name in names if (kind := kinds[name])]
    if not telling:
        return NOTHING_TO_TELL.more
    groups = Counter((kind.pooled, kind.size) for kind in telling)
    null = total(_sum(*case, times) for case, times in groups.items())
    observed = sum(kind.observed for kind in telling)
    return tails(null, observed, informative=len(telling)).more


@lru_cache(maxsize=65_536)
def _sum(pooled: tuple[int, ...], size: int, times: int) -> Mass:
    return power(subset_mass(pooled, size), times)


def _tested(pairs: Pairs, names: Sequence[str], terms: Terms) -> float:
    """The same where samples share a case, or where cases are what is permuted."""
    groups = grouped(names, pairs.cases)
    if terms.unit == "runs":
        return run_permutation(totals(groups, pairs.before), totals(groups, pairs.after)).more
    outcomes = [[(pairs.before[name], pairs.after[name]) for name in group] for group in groups]
    return case_test(case_differences(outcomes)).more

"""What agents did, folded from the checks of `effect:*` scorers and of budgets of calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from paygrade.analysis.tally import Tally
from paygrade.records.effects import (
    EffectFigures,
    ExtraCalls,
    MoneyMoved,
    Recovery,
    RuleBroken,
    RulesBroken,
    RunColumn,
    Share,
)
from paygrade.records.outcome import Scored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paygrade.records.check import Check
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunHeader, RunSummary, SampleRow

FAULT_SLICE = "fault"
"""The slice of samples that says what goes wrong; `none` where nothing does."""

_NO_FAULT = "none"
_DUPLICATES = "effect:at-most-once"
_LOST = "effect:lost"
_OVER = "effect:over-refund"
_FALSE = "effect:false-done"
_POLICY = "effect:policy"
_INVARIANTS = "effect:invariants"
_CALLS = "call_budget"
_SCORERS = (_DUPLICATES, _LOST, _OVER, _FALSE, _POLICY, _INVARIANTS, _CALLS)


def judges_effects(header: RunHeader) -> bool:
    """The suite has a check that these figures are made of."""
    return any(each.scorer in _SCORERS and not each.negated for each in header.checks)


class EffectFold:
    """Takes the outcomes of a run one by one and keeps counts alone.

    Each scorer is counted once for an attempt, however many checks it has there: they look at the
    same effects. An attempt fails it with any of them, and where none failed it has errored with
    any that broke.
    """

    def __init__(self, header: RunHeader) -> None:
        """Nothing was judged yet. Checks that are negated ask for what is counted as wrong here."""
        self._negated = {each.id for each in header.checks if each.negated}
        self._declared = {
            each.scorer for each in header.checks if each.scorer in _SCORERS and not each.negated
        }
        self._tallies = {name: Tally() for name in _SCORERS if name in self._declared}
        self._sums: dict[str, Counter[str]] = defaultdict(Counter)
        self._attempts: dict[str, Counter[str]] = defaultdict(Counter)
        self._recovery: dict[str, Tally] = defaultdict(Tally)

    def take(self, outcome: Outcome, sample: SampleRow) -> None:
        """One attempt of a sample that counts."""
        checks: dict[str, list[Check]] = defaultdict(list)
        for check in outcome.checks:
            if check.scorer in _SCORERS and not self._asks_for_it(check):
                checks[check.scorer].append(check)
        for scorer, judged in checks.items():
            self._judge(scorer, judged, sample.case)
        if not isinstance(outcome, Scored):  # no answer came, so that nothing was checked
            for scorer in self._declared - checks.keys():
                self._tallies[scorer].errored += 1
        for kind in sample.slices.get(FAULT_SLICE, ()):
            if kind != _NO_FAULT:
                self._recover(self._recovery[kind], outcome, sample.case)

    def _asks_for_it(self, check: Check) -> bool:
        return check.id in self._negated or check.id.startswith("not-")

    def _judge(self, scorer: str, checks: Sequence[Check], case: str) -> None:
        tally = self._tallies.setdefault(scorer, Tally())
        failed = any(each.result == "fail" for each in checks)
        if not failed and any(each.result == "error" for each in checks):
            tally.errored += 1
            return
        tally.count(case, found=failed)
        figures: Counter[str] = Counter()
        for each in checks:  # of one attempt: what two of them have seen is the same
            figures |= Counter({name: round(value) for name, value in each.partial.items()})
        self._sums[scorer] += figures
        self._attempts[scorer].update(figures.keys())

    @staticmethod
    def _recover(tally: Tally, outcome: Outcome, case: str) -> None:
        if isinstance(outcome, Scored):
            tally.count(case, found=not outcome.failed)
        else:
            tally.errored += 1

    def figures(self, guards: Iterable[str] = ()) -> EffectFigures | None:
        """All of them; nothing where no check of these scorers was declared or judged."""
        if not self._tallies:
            return None
        return EffectFigures(
            duplicate_money=self._money(_DUPLICATES, "duplicate"),
            lost_money=self._money(_LOST, "lost"),
            over_refunded=self._money(_OVER, "over"),
            false_done=self._share(_FALSE),
            policies=self._rules(_POLICY),
            invariants=self._rules(_INVARIANTS),
            calls=self._calls(),
            recovery=tuple(
                Recovery(kind=kind, passed=tally.share())
                for kind, tally in sorted(self._recovery.items())
            ),
            guards=tuple(sorted(set(guards))),
        )

    def _share(self, scorer: str) -> Share | None:
        tally = self._tallies.get(scorer)
        return tally.share() if tally else None

    def _money(self, scorer: str, word: str) -> MoneyMoved | None:
        share = self._share(scorer)
        if share is None:
            return None
        minor = {
            name.removeprefix(f"{word} "): total
            for name, total in sorted(self._sums[scorer].items())
            if name.startswith(f"{word} ")
        }
        return MoneyMoved(share=share, minor=minor)

    def _rules(self, scorer: str) -> RulesBroken | None:
        share = self._share(scorer)
        if share is None:
            return None
        return RulesBroken(
            share=share,
            rules=tuple(
                RuleBroken(rule=rule, violations=total, attempts=self._attempts[scorer][rule])
                for rule, total in sorted(self._sums[scorer].items(), key=_by_length)
            ),
        )

    def _calls(self) -> ExtraCalls | None:
        share = self._share(_CALLS)
        if share is None:
            return None
        sums = self._sums[_CALLS]
        return ExtraCalls(share=share, calls=sums["calls"], extra=sums["extra"])


def _by_length(each: tuple[str, int]) -> tuple[int, str]:
    """P9 before P10."""
    return len(each[0]), each[0]


def beside(summaries: Sequence[RunSummary]) -> tuple[RunColumn, ...]:
    """Runs of one suite, to be shown side by side; none where there is nothing to show of them.

    Each is named by what tells them apart, its runner if that does.
    """
    if not any(each.effects or each.reliability for each in summaries):
        return ()
    headers = [each.header for each in summaries]
    names = next(
        names
        for names in (
            [each.runner for each in headers],
            [each.prompt for each in headers],
            [each.run_id for each in headers],
        )
        if len(set(names)) == len(names)
    )
    return tuple(
        RunColumn(name=name, effects=each.effects, reliability=each.reliability)
        for name, each in zip(names, summaries, strict=True)
    )


def side_by_side(summaries: Iterable[RunSummary]) -> dict[str, tuple[RunColumn, ...]]:
    """By suite, where several runs of it are there and an agent was judged in one of them."""
    suites: dict[str, dict[str, RunSummary]] = defaultdict(dict)
    for each in summaries:
        suites[each.header.suite][each.header.run_id] = each
    return {
        suite: beside(tuple(runs.values()))
        for suite, runs in suites.items()
        if len(runs) > 1 and any(each.effects for each in runs.values())
    }

"""What agents did, of one run or of several side by side: a row a figure, a column a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from paygrade.records.effects import EffectFigures
from paygrade.reports.figures import amount, interval, percent, plural
from paygrade.reports.page import Column, Row, Section, filled, sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.effects import (
        ExtraCalls,
        MoneyMoved,
        Reliability,
        RuleBroken,
        RulesBroken,
        RunColumn,
        Share,
        Tries,
    )
    from paygrade.records.run import RunSummary

_MANY = 1000
_FEW_TRIES = 10  # of more tries than these only the last is shown
_LEAST = 0.001  # a bound is written with one decimal: nearer to 0 or 100 % it would promise those
_NONE = "-"
_ABREAST = 2  # so many runs stand side by side with each figure on one line
_HEAD = Column("figure", "word")
_OF_ALL = Column("attempts")

Shares = Callable[[str, Sequence["Share | None"]], Iterator[Row]]
"""The rows of one share of each run."""


def run_sections(summary: RunSummary) -> list[Section]:
    """What one run has of them; nothing where no agent was judged and each sample asked once."""
    figures, tries = summary.effects, summary.reliability
    found = []
    if figures:
        guard = f", guard {' and '.join(figures.guards)}" if figures.guards else ""
        found.append(_effects(f"effects{guard}", (_OF_ALL,), (figures,)))
    if tries:
        found.append(_repeated(tries))
    return found


def beside_sections(every: Sequence[RunColumn]) -> list[Section]:
    """The same of several runs, as columns; of more than two, each interval has its own line."""
    stacked = len(every) > _ABREAST
    columns = [Column(each.name if stacked else _headed(each)) for each in every]
    effects = _effects("effects", columns, [each.effects for each in every], stacked=stacked)
    tries = sheet((_HEAD, *columns), _tries([each.reliability for each in every]), _MANY)
    return list(filled((effects, Section(title="repeated tries", sheet=tries))))


def _headed(column: RunColumn) -> str:
    guards = _guards(column.effects)
    return f"{column.name}, guard {guards}" if guards else column.name


def _guards(figures: EffectFigures | None) -> str:
    return " and ".join(figures.guards) if figures else ""


def _effects(
    title: str,
    columns: Sequence[Column],
    every: Sequence[EffectFigures | None],
    *,
    stacked: bool = False,
) -> Section:
    if not any(every):
        return Section(title=title)
    lines = ("attempts with the 95 % interval; amounts and times are of all attempts together",)
    rows = list(_rows(every, stacked=stacked))
    if stacked and any(map(_guards, every)):
        rows.insert(0, Row(cells=("guard", *(_guards(each) or _NONE for each in every))))
    return Section(title=title, lines=lines, sheet=sheet((_HEAD, *columns), rows, _MANY))


def told(share: Share) -> str:
    """`12 of 250, 4.8 % (2.8 to 8.2 %)`; `0 of 250, at most 1.2 %`: what zeros leave possible.

    The cases are said where they are what the bound rests on.
    """
    size, bound = _told(share)
    said = f"{size} {bound}" if bound.startswith("(") else ", ".join(filter(None, (size, bound)))
    return f"{said}, {plural(share.errored, 'error')}" if share.errored else said


def _told(share: Share) -> tuple[str, str]:
    """How many, and what that leaves possible."""
    size = f"{share.found:,} of {share.judged:,}"
    if share.rate is None:
        return "n/a", ""
    if share.bound is None:
        return f"{size}, {percent(share.rate)}", f"({interval(share.low, share.high)})"
    cases = f" ({plural(share.cases, 'case')})" if share.cases < share.judged else ""
    bound = min(max(share.bound, _LEAST), 1 - _LEAST)
    return f"{size}{cases}", f"{'at least' if share.found else 'at most'} {percent(bound)}"


def _rows(every: Sequence[EffectFigures | None], *, stacked: bool) -> Iterator[Row]:
    figures = [each or EffectFigures() for each in every]
    share = partial(_share, stacked=stacked)
    yield from _moved("duplicate money", [each.duplicate_money for each in figures], share)
    yield from _moved("lost money", [each.lost_money for each in figures], share)
    yield from _moved("over-refunded", [each.over_refunded for each in figures], share)
    yield from share("false done", [each.false_done for each in figures])
    yield from _broken("a policy broken", [each.policies for each in figures], share)
    yield from _broken("an invariant broken", [each.invariants for each in figures], share)
    yield from _calls([each.calls for each in figures], share)
    recovered = [{one.kind: one.passed for one in each.recovery} for each in figures]
    for kind in _every(recovered):
        yield from share(f"recovered: {kind}", [each.get(kind) for each in recovered])


def _share(name: str, every: Sequence[Share | None], *, stacked: bool) -> Iterator[Row]:
    if not any(every):
        return
    if not stacked:
        yield Row(cells=(name, *(told(each) if each else _NONE for each in every)))
        return
    parts = [_told(each) if each else (_NONE, "") for each in every]
    yield Row(cells=(name, *(size for size, _ in parts)))
    yield Row(cells=("", *(bound for _, bound in parts)), tone="dim")
    if any(each.errored for each in every if each):
        cells = (plural(each.errored, "error") if each else _NONE for each in every)
        yield Row(cells=("", *cells), tone="warn")


def _moved(name: str, every: Sequence[MoneyMoved | None], share: Shares) -> Iterator[Row]:
    yield from share(name, [each.share if each else None for each in every])
    for currency in _every(each.minor for each in every if each):
        cells = (amount(each.minor.get(currency, 0), currency) if each else _NONE for each in every)
        yield Row(cells=(f"{name}, {currency}", *cells))


def _broken(name: str, every: Sequence[RulesBroken | None], share: Shares) -> Iterator[Row]:
    yield from share(name, [each.share if each else None for each in every])
    rules = [{one.rule: one for one in each.rules} if each else None for each in every]
    for rule in sorted(_every(each for each in rules if each), key=len):  # P9 before P10
        cells = (_NONE if each is None else _often(each.get(rule)) for each in rules)
        yield Row(cells=(rule, *cells))


def _often(one: RuleBroken | None) -> str:
    if one is None:
        return "0 times"
    return f"{plural(one.violations, 'time')} in {plural(one.attempts, 'attempt')}"


def _calls(every: Sequence[ExtraCalls | None], share: Shares) -> Iterator[Row]:
    yield from share("calls over budget", [each.share if each else None for each in every])
    if any(every):
        cells = (f"{each.extra:,} of {each.calls:,}" if each else _NONE for each in every)
        yield Row(cells=("extra calls", *cells))


def _every(keys: Iterable[Iterable[str]]) -> list[str]:
    return sorted({name for each in keys for name in each})


def _repeated(found: Reliability) -> Section:
    columns = (Column("k"), Column("all k pass (pass^k)"), Column("any of k passes (pass@k)"))
    shown = _shown(found.epochs)
    rows = (
        Row(cells=(f"{each.k:,}", percent(each.all_pass), percent(each.any_passes)))
        for each in found.tries
        if each.k in shown
    )
    lines = (f"{plural(found.left_out, 'sample')} left out: an epoch is missing",)
    return Section(
        title=f"repeated tries: {_asked(found)}",
        lines=lines if found.left_out else (),
        sheet=sheet(columns, rows, _MANY),
    )


def _tries(every: Sequence[Reliability | None]) -> Iterator[Row]:
    most = max((each.epochs for each in every if each), default=0)
    if not most:
        return
    yield Row(cells=("asked", *(_asked(each) if each else _NONE for each in every)))
    kinds: tuple[tuple[str, Callable[[Tries], float]], ...] = (
        ("pass^", lambda each: each.all_pass),
        ("pass@", lambda each: each.any_passes),
    )
    for word, part in kinds:
        for k in _shown(most):
            cells = (
                percent(part(each.tries[k - 1])) if each and k <= len(each.tries) else _NONE
                for each in every
            )
            yield Row(cells=(f"{word}{k}", *cells))


def _asked(found: Reliability) -> str:
    return f"{plural(found.samples, 'sample')} with all {plural(found.epochs, 'epoch')}"


def _shown(epochs: int) -> list[int]:
    return sorted({*range(1, min(epochs, _FEW_TRIES) + 1), epochs})

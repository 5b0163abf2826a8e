"""What a verdict and a comparison both rest on: rates, samples, checks and money, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.figures import (
    amount,
    bounds,
    counts,
    interval,
    p_value,
    percent,
    share_of,
    signed,
)
from paygrade.reports.page import Column, Row, Section, listed, sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paygrade.records.run import Rate
    from paygrade.records.verdict import Change, CheckChange, Flip, Hypothesis, MoneyChange, Side
    from paygrade.reports.page import Tone

_NAME = Column("", "name")
_PER = "expected loss per 1,000 samples"


def rates(whole: Hypothesis | None) -> tuple[str, ...]:
    """Both failure rates, with interval and counts."""
    if whole is None:
        return ()
    return (rate_line("before", whole.before), rate_line("after", whole.after))


def rate_line(when: str, rate: Rate) -> str:
    """`failure rate before 4.0 % (95 % interval 2.1 to 7.4 %; 80 of 2,000 failed)`."""
    return (
        f"failure rate {when}{' ' if when else ''}{percent(rate.rate)} "
        f"(95 % interval {interval(rate.low, rate.high)}; {counts(rate)})"
    )


def differences(hypotheses: Iterable[Hypothesis], lines: tuple[str, ...], most: int) -> Section:
    """Each hypothesis with its rates and its rise, without a verdict."""
    columns = (_NAME, *map(Column, ("n", "before", "after", "points (90 %)", "p", "p cases")))
    rows = (
        Row(
            cells=(
                each.name, f"{each.samples:,}", percent(each.before.rate),
                percent(each.after.rate), rise_cell(each), p_value(each.p_more),
                p_value(each.p_cases),
            )
        )
        for each in hypotheses
    )  # fmt: skip
    return Section(title="rates", lines=lines, sheet=sheet(columns, rows, most))


def rise_cell(hypothesis: Hypothesis, *, exact: bool = False) -> str:
    """`+4.0 (1.2 to 6.9)`: the rise that counts, in points."""
    change = hypothesis.judged
    return signed(change.rise) if exact else f"{signed(change.rise)} {bounds(change)}"


def worst_first(flips: Iterable[Flip]) -> list[Flip]:
    """Worse before better; what fresh attempts suspect first, then by how much it differs."""
    return sorted(flips, key=_badness)


def _badness(flip: Flip) -> tuple[bool, bool, float, float, str]:
    apart = abs(_share(flip.after) - _share(flip.before))
    chance = 2.0 if flip.p_broken is None else flip.p_broken
    return not flip.worse, not flip.likely_broken, chance, -apart, flip.sample_id


def _share(pair: tuple[int, int]) -> float:
    return pair[0] / pair[1] if pair[1] else 0.0


def flips(every: Sequence[Flip], lines: tuple[str, ...], most: int) -> Section:
    """Samples whose share of failed attempts differs."""
    worse = sum(flip.worse for flip in every)
    columns = [Column("sample", "name"), Column("failed before"), Column("after"),
               Column("fresh before"), Column("fresh after"), Column("p"),
               Column("", "word")]  # fmt: skip
    rows = [_flip(each) for each in worst_first(every)]
    if not any(each.fresh_after or each.fresh_before for each in every):  # nothing was asked again
        columns = [*columns[:3], columns[-1]]
        rows = [Row(cells=(*row.cells[:3], row.cells[-1]), tone=row.tone) for row in rows]
    return Section(
        title=f"samples: {worse:,} worse, {len(every) - worse:,} better",
        lines=lines if every else (),
        sheet=sheet(columns, rows, most),
    )


def _flip(flip: Flip) -> Row:
    fresh = (share_of(pair) if pair else "-" for pair in (flip.fresh_before, flip.fresh_after))
    tone: Tone = "bad" if flip.likely_broken else "" if flip.worse else "dim"
    word = "likely broken" if flip.likely_broken else "worse" if flip.worse else "better"
    cells = (flip.sample_id, share_of(flip.before), share_of(flip.after), *fresh)
    return Row(cells=(*cells, p_value(flip.p_broken), word), tone=tone)


def checks(every: Sequence[CheckChange], most: int) -> Section:
    """Checks that failed more or less often; the others are counted."""
    changed = sorted(
        (each for each in every if _rise(each)), key=lambda each: (-_rise(each), each.check)
    )
    same = len(every) - len(changed)
    columns = (Column("check", "name"), Column("severity", "word"), Column("role", "word"),
               Column("failed before"), Column("after"), Column("points"))  # fmt: skip
    rows = (
        Row(
            cells=(
                each.check, each.severity, each.role, share_of(each.before), share_of(each.after),
                signed(_rise(each)),
            ),
            tone="" if _rise(each) > 0 else "dim",
        )
        for each in changed
    )  # fmt: skip
    said = (f"no change in {same:,} of {len(every):,} checks",) if same else ()
    return Section(title="checks", lines=said, sheet=sheet(columns, rows, most))


def _rise(check: CheckChange) -> float:
    return _share(check.after) - _share(check.before)


def money(every: Iterable[MoneyChange], most: int) -> Section:
    """The expected loss, a row a currency, and where a limit is exceeded."""
    columns = (Column("currency", "name"), Column("before"), Column("after"), Column("change"),
               Column("90 % interval"), Column("limit"))  # fmt: skip
    changes = tuple(every)
    rows = (
        Row(
            cells=(
                each.currency, amount(each.before, each.currency),
                amount(each.after, each.currency), _more(each.change.rise, each.currency),
                _range(each.change, each.currency),
                "-" if each.limit is None else _more(each.limit, each.currency),
            ),
            tone="bad" if each.exceeded else "",
        )
        for each in changes
    )  # fmt: skip
    return Section(
        title=f"money at risk: {_PER}",
        lines=tuple(_limit(each) for each in changes if each.gated and not each.exceeded),
        warnings=tuple(_limit(each) for each in changes if each.exceeded),
        sheet=sheet(columns, rows, most),
    )


def _limit(each: MoneyChange) -> str:
    limit = "its limit" if each.limit is None else f"the limit {_more(each.limit, each.currency)}"
    said = f"{each.currency}: the rise {'exceeds' if each.exceeded else 'does not exceed'} {limit}"
    if each.gated is None:
        return said
    return f"{said} (interval that is judged: {_range(each.gated, each.currency)})"


def _range(change: Change, currency: str) -> str:
    return f"{amount(change.low, currency)} to {amount(change.high, currency)}"


def _more(minor: float, currency: str) -> str:
    return f"{'+' if round(minor) > 0 else ''}{amount(minor, currency)}"


def sample_changes(
    added: Sequence[str], removed: Sequence[str], edited: Sequence[str], role: str
) -> Iterator[str]:
    """What differs between the two sets of samples; `role` is what those of one set are for."""
    for word, names in (
        (f"added ({role})", added),
        ("removed", removed),
        (f"edited ({role})", edited),
    ):
        if names:
            yield f"samples {word}: {len(names):,}: {listed(names)}"


def side(name: str, one: Side) -> Iterator[str]:
    """What was compared, so that it can be found again."""
    commit = f" at commit {one.commit}" if one.commit else ", of no clean commit"
    yield f"{name} {one.label}: {one.when}{commit}"
    models = listed(one.models) or "unknown"
    yield (
        f"{name} ran {one.prompt} on {one.dataset} with {one.runner} (model {models}); "
        f"runs {listed(one.run_ids) or 'none'}"
    )

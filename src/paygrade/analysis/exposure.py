"""Money at risk: failures weighed by what each sample stands for, per currency."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from paygrade.analysis.trial import grouped
from paygrade.records.verdict import Change, MoneyChange
from paygrade.stats.rise import rise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paygrade.analysis.pairing import Outcomes, Pairing, Pairs
    from paygrade.analysis.screen import Screened
    from paygrade.records.policy import GatePolicy
    from paygrade.records.sample import Sample

PER = 1000
"""Expected loss is stated for so many samples."""

_DRAWS = 1000
_TAIL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """One currency after the screen. `weights` are minor units by sample, of usable ones."""

    currency: str
    weights: Mapping[str, int]
    shown: MoneyChange
    flagged: bool


def money_of(
    pairing: Pairing, samples: Iterable[Sample], policy: GatePolicy, *, exact: bool
) -> tuple[Exposed, ...]:
    """The expected loss of both versions on the usable samples, one entry a currency.

    A sample loses its exposure times its share of failed attempts. Samples without exposure in a
    currency count with 0 of it, so that the figure is of the dataset as it is.
    """
    usable = set(pairing.usable)
    weights: dict[str, dict[str, int]] = {}
    for sample in samples:
        if sample.exposure and sample.id in usable:
            own = weights.setdefault(sample.exposure.currency, {})
            own[sample.id] = sample.exposure.amount_minor
    return tuple(
        _one(pairing, code, weights[code], policy.money_limits.get(code), exact=exact)
        for code in sorted(weights)
    )


def _one(
    pairing: Pairing, currency: str, weights: Mapping[str, int], limit: int | None, *, exact: bool
) -> Exposed:
    size = len(pairing.usable)
    pairs = pairing.pairs
    before = _loss(weights, pairs.before) * PER / size
    after = _loss(weights, pairs.after) * PER / size
    low, high = _bootstrap(pairing, weights, size)
    shown = MoneyChange(
        currency=currency,
        before=before,
        after=after,
        change=Change(rise=after - before, low=low, high=high),
        limit=limit,
    )
    if limit is None:
        return Exposed(currency=currency, weights=weights, shown=shown, flagged=False)
    gated = weighted(weights, pairs, size)
    if exact:
        gated = Change(rise=gated.rise, low=gated.rise, high=gated.rise)
    exceeded = gated.low > limit
    shown = replace(shown, gated=gated, exceeded=exceeded)
    return Exposed(currency=currency, weights=weights, shown=shown, flagged=exceeded)


def judged_money(screened: Screened, fresh: Pairs | None) -> tuple[MoneyChange, ...]:
    """What became of each currency: a limit that seems exceeded is so only on fresh attempts.

    Where there is no second stage, or it could not be done, the screen's own figure stands.
    """
    found = []
    for each in screened.money:
        shown = each.shown
        size = _size(screened, each, fresh) if fresh else 0
        if each.flagged and fresh and size and shown.limit is not None:
            gated = weighted(each.weights, fresh, size)
            shown = replace(shown, gated=gated, exceeded=gated.low > shown.limit)
        found.append(shown)
    return tuple(found)


def _size(screened: Screened, exposed: Exposed, fresh: Pairs) -> int:
    """How many samples the fresh ones stand for; 0 where none that differs was asked again.

    All usable ones, as those that did not differ count as unchanged. Where only a part of the
    money that did differ was asked again, the rest is not unchanged: the same share is left out of
    the size, so that the rise is not understated.
    """
    weights = exposed.weights
    differ = {name: weights[name] for name in screened.discordant if name in weights}
    asked = [weight for name, weight in differ.items() if name in fresh.before]
    share = sum(asked) / max(1, sum(differ.values()))
    return max(len(asked), round(len(screened.pairing.usable) * share)) if sum(asked) else 0


def weighted(weights: Mapping[str, int], pairs: Pairs, size: int) -> Change:
    """The interval of the rise on exposure-weighted outcomes, per 1,000 of `size` samples.

    Samples of `weights` without outcomes were not asked again: they count as unchanged. A pseudo-
    sample weighs what a sample with exposure does on average.
    """
    before, after = pairs.before, pairs.after
    groups = grouped((name for name in weights if name in before and name in after), pairs.cases)
    usual = sum(weights.values()) / len(weights)
    found = rise(
        _weighted_totals(groups, weights, before),
        _weighted_totals(groups, weights, after),
        size,
        pseudo=usual,
    )
    return Change(rise=found.delta * PER, low=found.low * PER, high=found.high * PER)


def _weighted_totals(
    groups: Sequence[Sequence[str]], weights: Mapping[str, int], arm: Mapping[str, Outcomes]
) -> list[list[int]]:
    return [
        [
            sum(weights[name] * outcome for name, outcome in zip(group, repeat, strict=True))
            for repeat in zip(*(arm[name] for name in group), strict=False)
        ]
        for group in groups
    ]


def _loss(weights: Mapping[str, int], arm: Mapping[str, Outcomes]) -> float:
    return sum(weight * sum(arm[name]) / len(arm[name]) for name, weight in weights.items())


def _bootstrap(pairing: Pairing, weights: Mapping[str, int], seed: int) -> tuple[float, float]:
    """90 % percentile interval of the change, drawing cases with replacement: for display."""
    after, before = pairing.pairs.after, pairing.pairs.before
    moves = [
        sum(
            weights[name]
            * (sum(after[name]) / len(after[name]) - sum(before[name]) / len(before[name]))
            for name in group
            if name in weights
        )
        for group in grouped(pairing.usable, pairing.pairs.cases)
    ]
    moved = np.array([each for each in moves if each])
    if not len(moved):
        return 0.0, 0.0
    shares = [1 / len(moves)] * len(moved) + [1 - len(moved) / len(moves)]
    counts = np.random.default_rng(seed).multinomial(len(moves), shares, size=_DRAWS)
    sums = np.sort(counts[:, :-1] @ moved) * (PER / len(pairing.usable))
    cut = round(_DRAWS * _TAIL)
    return float(sums[cut]), float(sums[-cut - 1])

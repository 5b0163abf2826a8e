"""What the views say of a run, and what `analysis.summarize` says of it: the same figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from paygrade.pipeline.runs import summary_of
from paygrade.store import database, fill
from paygrade.store.fill import run_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from paygrade.records.effects import EffectFigures, MoneyMoved, Share
    from paygrade.records.run import Rate, RunSummary

Figures = dict[Any, tuple[Any, ...]]


def disagreements(store: Path) -> list[str]:
    """What differs, in words, over every run of a store: nothing should."""
    assert fill.sync(store).problems == ()
    wrong: list[str] = []
    with database.reading(store) as connection:
        for folder in run_folders(store):
            summary = summary_of(folder)
            for name, expected in _expected(summary).items():
                asked = f"{_QUESTIONS[name]} WHERE run_id = $run_id"
                found = database.rows(connection, asked, {"run_id": folder.name})[1]
                wrong += _differing(name, expected, found, len(next(iter(expected.values()), ())))
    return wrong


_QUESTIONS = {
    "overall": "SELECT run_id, scored, failed, errored, failure_rate, low, high, "
    "invariant_failures FROM run_figures",
    "severities": "SELECT severity, judged, failed, errored, rate, low, high FROM severity_rate",
    "checks": "SELECT check_id, severity, role, judged, failed, errored, low, high FROM check_rate",
    "slices": "SELECT (slice, value), samples, judged, failed, errored, rate, low, high "
    "FROM (SELECT * FROM slice_rate WHERE declared)",
    "money": "SELECT currency, at_risk_minor, exposed_minor FROM money_at_risk",
    "errors": "SELECT error_kind, attempts FROM error_kinds",
    "effects": "SELECT effect, found, judged, errored, cases, rate, low, high, bound "
    "FROM (SELECT * FROM effect_rate WHERE fault = '')",
    "effect money": "SELECT (effect, currency), minor FROM effect_money",
    "tries": "SELECT k, samples, left_out, all_pass, any_passes FROM tries",
}


def _expected(summary: RunSummary) -> dict[str, Figures]:
    tried = summary.reliability
    return {
        "overall": {
            summary.header.run_id: (*_rate(summary.overall), summary.invariant_failures)
        },
        "severities": {name: _rate(rate) for name, rate in summary.severities.items()},
        "checks": {
            each.check: (
                each.severity, each.role, each.judged, each.failed, each.errored, each.low,
                each.high,
            )
            for each in summary.checks
        },
        "slices": {
            (each.name, each.value): (each.samples, *_rate(each.rate)) for each in summary.slices
        },
        "money": {
            each.currency: (each.at_risk_minor, each.exposed_minor) for each in summary.money
        },
        "errors": {kind: (count,) for kind, count in summary.errors.items()},
        "effects": dict(_effects(summary.effects)),
        "effect money": dict(_moved(summary.effects)),
        "tries": {
            each.k: (tried.samples, tried.left_out, each.all_pass, each.any_passes)
            for each in (tried.tries if tried else ())
            if tried
        },
    }  # fmt: skip


def _rate(rate: Rate) -> tuple[Any, ...]:
    return rate.scored, rate.failed, rate.errored, rate.rate, rate.low, rate.high


def _effects(figures: EffectFigures | None) -> Iterable[tuple[str, tuple[Any, ...]]]:
    if figures is None:
        return
    shares: Mapping[str, Share | None] = {
        **{name: each.share if each else None for name, each in _money(figures).items()},
        "false done": figures.false_done,
        "a policy broken": figures.policies.share if figures.policies else None,
        "an invariant broken": figures.invariants.share if figures.invariants else None,
        "calls over budget": figures.calls.share if figures.calls else None,
    }
    for name, share in shares.items():
        if share and (share.judged or share.errored):
            yield (
                name,
                (
                    share.found, share.judged, share.errored, share.cases, share.rate, share.low,
                    share.high, share.bound,
                ),
            )  # fmt: skip


def _moved(figures: EffectFigures | None) -> Iterable[tuple[tuple[str, str], tuple[int]]]:
    for name, moved in (_money(figures) if figures else {}).items():
        for currency, minor in (moved.minor if moved else {}).items():
            yield (name, currency), (minor,)


def _money(figures: EffectFigures) -> dict[str, MoneyMoved | None]:
    return {
        "duplicate money": figures.duplicate_money,
        "lost money": figures.lost_money,
        "over-refunded": figures.over_refunded,
    }


def _differing(
    name: str, expected: Figures, found: list[tuple[Any, ...]], width: int
) -> Iterable[str]:
    asked = {_key(row[0]): row[1 : width + 1] for row in found}
    assert len(asked) == len(found), f"{name}: a row stands twice"
    for key in expected.keys() | asked.keys():
        ours, theirs = expected.get(key), asked.get(key)
        if ours is None or theirs is None or not all(map(_same, ours, theirs)):
            yield f"{name} {key}: {ours} here, {theirs} in the store"


def _key(value: Any) -> Any:  # noqa: ANN401 - whatever the database gives
    return tuple(value.values()) if isinstance(value, dict) else value


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-12)
    return ours == theirs

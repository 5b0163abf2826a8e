"""Attempts drawn by chance, as columns, and what Python counts of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from paygrade.records.site import Columns
from paygrade.stats.interval import clustered_wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CHECKS = tuple(f"check {number}" for number in range(11))
RUNNERS = ("gpt", "rules")
CLASSES = ("must_pass", "quarantined", "statistical")
KINDS = ("damaged", "late\x1flost", "lost", "")
COUNTRIES = ("DE", "</script><img src=x onerror=alert(1)>", "FR \u202egnp.exe")
OUTCOMES = ("passed", "failed", "errored")
_WIDTHS = {"runner": 1, "class": 1, "case": 2, "outcome": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt. `judged` and `failed` are the checks that were."""

    runner: str
    case: int
    sample: int
    case_class: str
    kind: str
    country: str
    outcome: str
    judged: frozenset[str]
    failed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What stands in the page for a subset."""

    failed: int
    judged: int
    errors: int
    cases: int
    low: float
    high: float


def drawn(seed: int, cases: int, *, most_epochs: int = 20) -> list[Attempt]:
    """Cases of one to three samples, asked a different number of times."""
    rng = random.Random(seed)
    found = []
    for runner in RUNNERS:
        number = 0
        for case in range(cases):
            case_class = rng.choices(CLASSES, (2, 1, 12))[0]
            hard = rng.random()
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                number += 1
                kind, country = rng.choice(KINDS), rng.choice(COUNTRIES)
                for _ in range(rng.choice((1, 1, 2, 3, most_epochs))):
                    outcome = rng.choices(OUTCOMES, (1 - hard, hard, 0.05))[0]
                    judged = frozenset(
                        each for each in CHECKS if outcome != "errored" and rng.random() < 0.9
                    )
                    chance = 0.3 if outcome == "failed" else 0.05
                    failed = frozenset(each for each in judged if rng.random() < chance)
                    found.append(
                        Attempt(
                            runner=runner, case=case, sample=number, case_class=case_class,
                            kind=kind, country=country, outcome=outcome, judged=judged,
                            failed=failed,
                        )
                    )  # fmt: skip
    return found


def columns_of(attempts: list[Attempt]) -> Columns:
    """As the store gives them."""
    coded: dict[str, tuple[tuple[str, ...], Callable[[Attempt], str]]] = {
        "runner": (RUNNERS, lambda each: each.runner),
        "class": (CLASSES, lambda each: each.case_class),
        "slice:kind": (KINDS, lambda each: each.kind),
        "slice:country": (COUNTRIES, lambda each: each.country),
    }
    values = {
        name: [words.index(of(each)) for each in attempts] for name, (words, of) in coded.items()
    }
    values["case"] = [each.case for each in attempts]
    values["outcome"] = [OUTCOMES.index(each.outcome) for each in attempts]
    for part in range(0, len(CHECKS), 8):
        checks = CHECKS[part : part + 8]
        values[f"judged:{part // 8}"] = [_bits(checks, each.judged) for each in attempts]
        values[f"failed:{part // 8}"] = [_bits(checks, each.failed) for each in attempts]
    widths = {name: _WIDTHS.get(name, 1) for name in values}
    return Columns(
        rows=len(attempts),
        dictionaries={"check": CHECKS, **{name: words for name, (words, _) in coded.items()}},
        widths=widths,
        columns={
            name: b"".join(value.to_bytes(widths[name], "little") for value in each)
            for name, each in values.items()
        },
    )


def _bits(checks: tuple[str, ...], found: frozenset[str]) -> int:
    return sum(1 << bit for bit, check in enumerate(checks) if check in found)


@dataclass(frozen=True)
class Chosen:
    """The attempts that fit what was asked for, by names as they stand in the controls."""

    attempts: list[Attempt]
    wanted: Mapping[str, str]

    @cached_property
    def _fitting(self) -> list[Attempt]:
        return [each for each in self.attempts if self._fits(each)]

    def _fits(self, each: Attempt) -> bool:
        wanted = {name: value for name, value in self.wanted.items() if value}
        case_class = wanted.pop("class", "")
        if case_class and each.case_class != case_class:
            return False
        if not case_class and each.case_class == "quarantined":
            return False
        return all(_has(each, name, value) for name, value in wanted.items())

    def all(self) -> Figures:
        """Of all of them."""
        return _figures((each, each.outcome == "failed") for each in self._fitting)

    def check(self, name: str) -> Figures:
        """Of those that this check judged."""
        return _figures(
            (each, name in each.failed) for each in self._fitting if name in each.judged
        )

    def value(self, name: str, value: str) -> Figures:
        """Of those whose slice has this value."""
        return _figures(
            (each, each.outcome == "failed") for each in self._fitting if _has(each, name, value)
        )


def _has(each: Attempt, name: str, value: str) -> bool:
    if name.startswith("check:"):
        check = name.removeprefix("check:")
        return check in (each.failed if value == "failed" else each.judged - each.failed)
    if name == "slice:country":
        return each.country.replace("\u202e", "[U+202E]") == value
    if name == "slice:kind":
        return value in each.kind.split("\x1f")
    return value == (each.runner if name == "runner" else each.outcome)


def _figures(found: Iterable[tuple[Attempt, bool]]) -> Figures:
    failed, judged, errors = Counter[int](), Counter[int](), 0
    for each, bad in found:
        if each.outcome == "errored":
            errors += 1
        else:
            judged[each.case] += 1
            failed[each.case] += bad
    cases = list(judged)
    low, high = clustered_wilson([failed[c] for c in cases], [judged[c] for c in cases])
    return Figures(
        failed=failed.total(), judged=judged.total(), errors=errors, cases=len(cases),
        low=low, high=high,
    )  # fmt: skip

"""What every benchmark is made of: a figure with its bound, and calls timed in pairs."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLACK: Final = 1.25
"""What a noisy machine may add to a ratio before it counts as broken."""

_WHOLE: Final = 100  # from here on the digits behind the point say nothing
NEAR: Final = 0.05
"""How far a counter per call may be off: a server has work of its own."""


_JUDGED: Final = ("ratio", "counter", "limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured thing.

    - a `ratio` is ours over the floor, and at most its bound;
    - a `counter` is its bound, within `NEAR`;
    - a `limit` is counted as well, and at most its bound;
    - a `time` or a `rate` depends on the machine: it is judged on a quiet one alone;
    - a `goal` is at most its bound one day: it is never judged.
    """

    subject: str
    kind: Literal["ratio", "counter", "limit", "time", "rate", "goal"]
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    bound: float

    def holds(self, *, slack: float = 1) -> bool:
        """Whether the bound is kept."""
        if self.kind == "counter":
            return abs(self.ours - self.bound) <= NEAR
        if self.kind == "rate":
            return self.ours >= self.bound
        value = self.ours if self.kind != "ratio" or self.ratio is None else self.ratio
        return value <= self.bound * (slack if self.kind == "ratio" else 1)

    def is_broken(self, *, quiet: bool) -> bool:
        """Whether a bound is not kept that is judged on such a machine."""
        judged = self.kind in _JUDGED or (quiet and self.kind != "goal")
        return judged and not self.holds(slack=1 if quiet else SLACK)

    def cells(self, *, quiet: bool) -> tuple[str, ...]:
        """One row of the table."""
        sign = {"rate": ">= ", "counter": ""}.get(self.kind, "<= ")
        bound = f"{sign}{_short(self.bound)}{' x' if self.kind == 'ratio' else f' {self.unit}'}"
        kept = "yes" if self.holds() else "no"
        return (
            self.subject,
            "" if self.floor is None else f"{_short(self.floor)} {self.unit}",
            f"{_short(self.ours)} {self.unit}",
            "" if self.ratio is None else f"{self.ratio:.2f} x",
            bound,
            "BROKEN" if self.is_broken(quiet=quiet) else kept,
        )


HEAD: Final = ("subject", "floor", "ours", "ratio", "bound", "kept")


def pair(subject: str, floor: Sequence[float], ours: Sequence[float], *, bound: float) -> Figure:
    """The medians of two series that were measured in turn (seconds), and their ratio."""
    low, high = statistics.median(floor), statistics.median(ours)
    return Figure(
        subject=subject, kind="ratio", unit="µs", ours=high * 1e6, floor=low * 1e6,
        ratio=high / low, bound=bound,
    )  # fmt: skip


def median_of(rounds: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Rounds of the same figures folded into one, by the median of each number."""
    return [
        replace(
            same[0],
            ours=statistics.median(each.ours for each in same),
            floor=_median([each.floor for each in same]),
            ratio=_median([each.ratio for each in same]),
        )
        for same in zip(*rounds, strict=True)
    ]


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def table(figures: Sequence[Figure], *, quiet: bool) -> str:
    """The figures in Markdown."""
    rows = [HEAD, *(each.cells(quiet=quiet) for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _median(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return statistics.median(known) if known else None


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= _WHOLE or number == int(number) else f"{number:.2f}"

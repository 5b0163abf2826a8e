"""Tints of a heat map: how high a rate is, in steps that a table tells apart without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.figures import THIN, percent
from paygrade.reports.site.bars import short

if TYPE_CHECKING:
    from paygrade.reports.site.marks import Line
    from paygrade.reports.site.scale import Scale

STEPS = 5
"""How many tints there are above the one of 0."""


def tint(rate: float | None, scale: Scale) -> int | None:
    """0 for no failure, then 1 to `STEPS`; nothing where nothing is known."""
    if rate is None:
        return None
    return min(int(scale.at(rate) / 100 * STEPS) + 1, STEPS) if rate else 0


def swatches(scale: Scale) -> list[tuple[str, str, int]]:
    """What each tint means: from, to, and its number."""
    ends = [short(percent(min(tick, 1.0))) for tick in scale.ticks]
    return [
        (ends[0], "", 0),
        *((ends[step - 1], ends[step], step) for step in range(1, STEPS + 1)),
    ]


def heat(line: Line, scale: Scale, of: str = "rate", samples: str = "samples") -> str:
    """The classes of the cell of a row: its tint, and whether it is too thin to judge."""
    found = tint(line[of], scale)
    name = "heat" if found is None else f"heat heat-{found}"
    return f"{name} thin" if line[samples] < THIN else name

"""What templates may call: figures of rows, charts, and signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from paygrade.reports.figures import THIN
from paygrade.reports.site import bars, marks, signs, told
from paygrade.reports.site.heat import heat, swatches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def heads_of(words: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Heads of columns that hold words; each word has its head and its column."""
    return [(head, "") for head, _ in words]


PARTS: Mapping[str, Any] = {
    "THIN": THIN,
    "axis": bars.axis,
    "bar": bars.bar,
    "between": told.between,
    "count": told.count,
    "counted": told.counted,
    "day": told.day,
    "difference": told.difference,
    "dollars": told.dollars,
    "effect": told.effect,
    "heat": heat,
    "heads_of": heads_of,
    "in_points": bars.in_points,
    "lines": marks.lines,
    "moment": told.moment,
    "money": told.money,
    "nothing": told.nothing,
    "parts_bar": bars.parts_bar,
    "plural": told.plural,
    "progress": told.progress,
    "quoted": quote,
    "rate": told.rate,
    "said": signs.said,
    "seconds": told.seconds,
    "share": told.share,
    "sign": signs.sign,
    "size": told.size,
    "spark": bars.spark,
    "swatches": swatches,
    "unseen": bars.unseen,
    "verdict": signs.verdict,
    "verdict_sign": signs.verdict_sign,
    "words": told.words,
}
"""Names in every template."""

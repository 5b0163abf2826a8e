"""Rates drawn in one line of text: a bar with its interval, and a sparkline.

No blank stands in either, so that a face which folds blanks draws them alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 20
"""Columns of a bar in a table."""

_TRACK, _LOW, _SPAN, _HIGH, _POINT = "·", "├", "─", "┤", "●"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def top_of(highs: Iterable[float]) -> float:
    """The end of a scale that begins at 0 and holds all of `highs`: a round share, at most 1."""
    most = max(highs, default=1.0)
    return next((each for each in _TOPS if each >= most), _TOPS[-1])


def scale(top: float) -> str:
    """`0 to 40 %`, as a column's title."""
    return f"0 to {top * 100:g} %"


def bar(rate: float | None, low: float, high: float, top: float, width: int = WIDTH) -> str:
    """`····├──●────┤····`: the rate in its interval, on a scale from 0 to `top`.

    Without a rate nothing is known, and the track is empty.
    """
    if rate is None:
        return _TRACK * width
    first, point, last = (_place(each, top, width) for each in (low, rate, high))
    drawn = [_TRACK] * first + [_SPAN] * (last - first + 1) + [_TRACK] * (width - last - 1)
    drawn[first], drawn[last] = _LOW, _HIGH
    drawn[point] = _POINT
    return "".join(drawn)


def _place(share: float, top: float, width: int) -> int:
    return min(width - 1, max(0, int(share / top * (width - 1) + 0.5)))


def spark(rates: Sequence[float | None]) -> str:
    """`▁▃▂▇`: one mark a rate, from 0 to the highest of them; `?` where nothing is known."""
    most = max((each for each in rates if each is not None), default=0.0)
    return "".join("?" if each is None else _height(each, most) for each in rates)


def _height(share: float, most: float) -> str:
    if not share:
        return _HEIGHTS[0]
    return _HEIGHTS[max(1, int(share / most * (len(_HEIGHTS) - 1) + 0.5))]

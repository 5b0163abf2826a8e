"""Small charts that stand in a row of a table or of a list, beside the figures that they show.

They stretch with the page: positions are in percent, so that text and marks keep their size. What
they show is said in the text beside them, so they are hidden from a screen reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from paygrade.reports.figures import percent, signed
from paygrade.reports.site.shapes import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paygrade.reports.site.marks import Line
    from paygrade.reports.site.scale import Scale

_MIDDLE = 2
_SPARK = (120, 28, 4)  # pixels: width, height, margin
_MOST_RUNS = 40


def bar(  # noqa: PLR0913, PLR0917 -- a value with its interval, and how it looks
    scale: Scale,
    value: float | None,
    low: float | None,
    high: float | None,
    kind: str = "circle",
    style: str = "",
) -> Markup:
    """A dot with whiskers on a common scale; nothing but the scale where nothing is known."""
    drawn = [_grid(scale)]
    if low is not None and high is not None and value is not None:
        drawn.append(_across(f"whisker {style}", scale.at(low), scale.at(high)))
        drawn.extend(_upright(f"whisker {style}", scale.at(end), 30, 70) for end in (low, high))
    if value is not None:
        drawn.append(
            Markup('<svg class="at" x="{}%" y="50%">{}</svg>').format(
                scale.at(value), shape(kind, f"dot {style}")
            )
        )
    return _svg("bar", drawn)


def unseen(word: str) -> Markup:
    """A word for who hears the page."""
    return Markup('<span class="unseen">{}</span>').format(word)


def parts_bar(parts: Sequence[tuple[str, int]]) -> Markup:
    """Shares of a whole, each with its class, one beside the other."""
    whole = sum(size for _, size in parts)
    drawn, start = [], 0.0
    for name, size in parts:
        wide = round(100 * size / whole, 3) if whole else 0.0
        if size:
            drawn.append(
                Markup('<rect class="part {}" x="{}%" width="{}%" y="15%" height="70%"/>').format(
                    name, round(start, 3), wide
                )
            )
        start += wide
    return _svg("bar", drawn)


def axis(scale: Scale, *, said: Callable[[float], str] = percent) -> Markup:
    """The named values of a scale, to stand above its bars: the ends and what is between them."""
    named = [scale.ticks[0], scale.ticks[-1]]
    if len(scale.ticks) % _MIDDLE:
        named.insert(1, scale.ticks[len(scale.ticks) // _MIDDLE])
    drawn = []
    for tick in named:
        at = scale.at(tick)
        anchor = "start" if not at else "end" if at > 99 else "middle"  # noqa: PLR2004 -- percent
        drawn.append(
            Markup('<text class="constant" x="{}%" y="80%" text-anchor="{}">{}</text>').format(
                at, anchor, short(said(tick))
            )
        )
    return unseen("picture") + _svg("axis", drawn)


def short(said: str) -> str:
    """`20 %` for `20.0 %`: a round value says no more than it means."""
    return said.replace(".0 ", " ").removesuffix(".0")


def in_points(value: float) -> str:
    """`+10`, `0`: a difference on an axis."""
    return signed(value) if value else "0"


def spark(runs: Sequence[Line]) -> Markup:
    """The failure rates of the newest runs, oldest first."""
    told = [each for each in runs if each["failure_rate"] is not None][-_MOST_RUNS:]
    if len(told) <= 1:
        return Markup()
    width, height, margin = _SPARK
    most = max(*(each["failure_rate"] for each in told), 0.01)
    across = (width - 2 * margin) / (len(told) - 1)
    spots = [
        (
            round(margin + index * across, 1),
            round(height - margin - each["failure_rate"] / most * (height - 2 * margin), 1),
        )
        for index, each in enumerate(told)
    ]
    line = " ".join(f"{x},{y}" for x, y in spots)
    ends = [percent(each["failure_rate"]) for each in (told[0], told[-1])]
    return Markup(
        '<svg class="spark" role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
        "<title>Trend of the failure rate: {first} first, {last} in the newest run</title>"
        '<polyline class="join" points="{line}"/>'
        '<circle class="dot" cx="{x}" cy="{y}" r="3"/></svg>'
    ).format(
        w=width, h=height, first=ends[0], last=ends[1], line=line, x=spots[-1][0], y=spots[-1][1]
    )


def _svg(name: str, drawn: Sequence[Markup]) -> Markup:
    return Markup('<svg class="{}" aria-hidden="true" focusable="false">{}</svg>').format(
        name, Markup().join(drawn)
    )


def _grid(scale: Scale) -> Markup:
    return Markup().join(
        _upright("grid zero" if not tick else "grid", scale.at(tick), 0, 100)
        for tick in scale.ticks
    )


def _across(name: str, start: float, end: float) -> Markup:
    return Markup('<line class="{}" x1="{}%" x2="{}%" y1="50%" y2="50%"/>').format(name, start, end)


def _upright(name: str, at: float, top: int, foot: int) -> Markup:
    return Markup('<line class="{}" x1="{x}%" x2="{x}%" y1="{}%" y2="{}%"/>').format(
        name, top, foot, x=at
    )

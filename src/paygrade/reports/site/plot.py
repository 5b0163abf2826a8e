"""A chart of its own: values over places from left to right, with a scale at the left.

Positions are in percent of a picture that is as wide as the page lets it be, so that text and
marks keep their size. Text at the ends is anchored inwards, and the scale stands in a margin that
the style reserves: nothing is clipped, however narrow the page is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from paygrade.reports.figures import percent
from paygrade.reports.site.bars import short
from paygrade.reports.site.scale import spread
from paygrade.reports.site.shapes import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paygrade.reports.site.marks import Line
    from paygrade.reports.site.scale import Scale

_EDGE = 4.0  # percent of the width that stay free at both sides
_MOST_LABELS = 4
_LEFT, _RIGHT = 25.0, 75.0


class Plot:
    """Collects marks; `places` are how many stand side by side."""

    def __init__(
        self, places: int, scale: Scale, *, said: Callable[[float], str] = percent
    ) -> None:
        """Start with the grid and its scale."""
        self._places = places
        self._scale = scale
        self._drawn: list[Markup] = []
        for tick in scale.ticks:
            y = self._y(tick)
            name = "grid zero" if not tick else "grid"
            self._add('<line class="{}" x1="0%" x2="100%" y1="{y}%" y2="{y}%"/>', name, y=y)
            self._add(
                '<text class="constant" x="-8" y="{}%" dy="0.35em" text-anchor="end">{}</text>',
                y,
                short(said(tick)),
            )

    def x(self, place: float) -> float:
        """Where a place is, in percent."""
        if self._places == 1:
            return 50.0
        return round(_EDGE + place / (self._places - 1) * (100 - 2 * _EDGE), 3)

    def whisker(self, place: float, low: float, high: float, name: str = "whisker") -> None:
        """An interval."""
        self._add(
            '<line class="{}" x1="{x}%" x2="{x}%" y1="{}%" y2="{}%"/>',
            name,
            self._y(low),
            self._y(high),
            x=self.x(place),
        )

    def join(self, spots: Sequence[tuple[float, float]], name: str = "join") -> None:
        """Straight lines from spot to spot; each is a place and a value."""
        for (start, before), (end, after) in pairwise(spots):
            self._add(
                '<line class="{}" x1="{}%" x2="{}%" y1="{}%" y2="{}%"/>',
                name,
                self.x(start),
                self.x(end),
                self._y(before),
                self._y(after),
            )

    def mark(self, place: float, value: float, kind: str = "circle", name: str = "dot") -> None:
        """A shape at a value."""
        self._add(
            '<svg class="at" x="{}%" y="{}%">{}</svg>',
            self.x(place),
            self._y(value),
            shape(kind, name),
        )

    def rule(self, place: float, letter: str) -> None:
        """A dashed line from top to foot, with a letter above it."""
        self._add('<line class="rule" x1="{x}%" x2="{x}%" y1="0%" y2="100%"/>', x=self.x(place))
        self._add(
            '<text class="letter" x="{}%" y="-6" text-anchor="middle">{}</text>',
            self.x(place),
            letter,
        )

    def value(self, place: float, line: Line, column: str, *, above: float) -> None:
        """A figure of a row, above what stands at a value."""
        x = self.x(place)
        self._add(
            '<text class="value" x="{}%" y="{}%" dy="-8" text-anchor="{}"{}>{}</text>',
            x,
            self._y(above),
            _anchor(x),
            line.attributes(column),
            percent(line[column]),
        )

    def foot(self, labels: Sequence[tuple[Line, str, str]], *, most: int = _MOST_LABELS) -> None:
        """What stands under the places: a row, its column and a text each; not all where many."""
        for place in spread(len(labels), most):
            line, column, text = labels[place]
            x = self.x(place)
            self._add(
                '<text class="foot" x="{}%" y="100%" dy="18" text-anchor="{}"{}>{}</text>',
                x,
                _anchor(x),
                line.attributes(column),
                text,
            )

    def drawn(self, name: str, title: str, told: str) -> Markup:
        """The picture; `name` is one of its own on the page."""
        return Markup(
            '<svg class="plot" role="img" aria-labelledby="{name}-t {name}-d">'
            '<title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>{marks}</svg>'
        ).format(name=name, title=title, told=told, marks=Markup().join(self._drawn))

    def _y(self, value: float) -> float:
        return round(100 - self._scale.at(value), 3)

    def _add(self, form: str, *values: object, **named: object) -> None:
        self._drawn.append(Markup(form).format(*values, **named))  # noqa: S704 -- ours


def _anchor(x: float) -> str:
    return "start" if x < _LEFT else "end" if x > _RIGHT else "middle"

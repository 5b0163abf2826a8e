"""The chart of a suite's runs with one runner: each rate with its interval, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING

from paygrade.reports.figures import percent
from paygrade.reports.plain import plain
from paygrade.reports.site.plot import Plot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from markupsafe import Markup

    from paygrade.reports.site.marks import Line
    from paygrade.reports.site.scale import Scale

MOST = 60
"""So many runs and accepted baselines are drawn; the table has all."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A letter in the chart, and the row of the run that something was different in."""

    letter: str
    run: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The picture, with what its letters mean."""

    picture: Markup
    changes: tuple[Change, ...]
    left_out: bool
    baselines: bool


def trend(
    name: str, title: str, runs: Sequence[Line], accepted: Sequence[Line], scale: Scale
) -> Trend | None:
    """Draw runs and accepted baselines in the order of time; nothing where no run has a rate."""
    told = [each for each in runs if each["failure_rate"] is not None]
    if not told:
        return None
    bases = [each for each in accepted if each["accepted_at"] and each["failure_rate"] is not None]
    every = sorted([*told, *bases], key=_when)
    shown = every[-MOST:]
    plot = Plot(len(shown), scale)
    changes: list[Change] = []
    for place, line in enumerate(shown):
        if line.name == "trend" and line["changed"]:
            changes.append(Change(letter=_letter(len(changes)), run=line))
            plot.rule(place, changes[-1].letter)
    spots = [
        (place, line["failure_rate"]) for place, line in enumerate(shown) if line.name == "trend"
    ]
    plot.join([(float(place), value) for place, value in spots])
    for place, line in enumerate(shown):
        base = line.name != "trend"
        plot.whisker(place, line["low"], line["high"], "whisker base" if base else "whisker")
        plot.mark(
            place,
            line["failure_rate"],
            "diamond" if base else "circle",
            "dot base" if base else "dot",
        )
    if spots:
        newest = spots[-1][0]
        plot.value(newest, shown[newest], "failure_rate", above=shown[newest]["high"])
    years = _when(shown[0]).year != _when(shown[-1]).year
    plot.foot([(line, _column(line), _day(_when(line), years=years)) for line in shown])
    first = told[0]
    ends = f"{percent(first['failure_rate'])} first, {percent(told[-1]['failure_rate'])} last"
    return Trend(
        picture=plot.drawn(name, plain(title), f"{ends}. All values are in the table below."),
        changes=tuple(changes),
        left_out=len(every) > len(shown),
        baselines=any(line.name != "trend" for line in shown),
    )


def _column(line: Line) -> str:
    return "started_at" if line.name == "trend" else "accepted_at"


def _when(line: Line) -> datetime:
    found: datetime = line[_column(line)]
    return found


def _day(when: datetime, *, years: bool) -> str:
    """`7 Nov`, or `7 Nov 2026`: short, as it stands beside others."""
    said = f"{when.day} {_MONTHS[when.month - 1]}"
    return f"{said} {when.year}" if years else said


def _letter(index: int) -> str:
    """`a` to `z`, then `aa`."""
    rest, last = divmod(index, len(ascii_lowercase))
    return (_letter(rest - 1) if rest else "") + ascii_lowercase[last]

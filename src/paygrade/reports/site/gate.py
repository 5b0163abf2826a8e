"""The page on the gate: what it said, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.reports.figures import percent
from paygrade.reports.plain import plain
from paygrade.reports.site.marks import lines
from paygrade.reports.site.plot import Plot
from paygrade.reports.site.scale import around_zero, up_to
from paygrade.reports.site.shell import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from paygrade.records.site import Site
    from paygrade.reports.site.marks import Line

_SHOWN = 30  # verdicts in a row of signs


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The newest verdicts on a suite with a runner, the newest last."""

    suite: str
    runner: str
    verdicts: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The smallest rise that is found, by epochs."""

    suite: str
    runner: str
    picture: Markup


def gate_page(site: Site) -> tuple[str, str]:
    """`gate.html`."""
    verdicts = lines(site.gate, "verdicts")
    calibrations = lines(site.gate, "calibrations")
    return render(
        site,
        "gate.html",
        "gate.html",
        title="Gate",
        tables=site.gate,
        verdicts=verdicts,
        histories=_histories(verdicts),
        rises=around_zero(_ends(verdicts)),
        calibrations=calibrations,
        alarms=up_to(
            max(
                (each["high"] for each in calibrations if each["alarm_rate"] is not None), default=0
            )
        ),
        detects=_curves("detects", lines(site.gate, "detects")),
        power=_curves("power", lines(site.gate, "power")),
    )


def _ends(verdicts: Iterable[Line]) -> list[float]:
    ends = ("rise_low", "rise_high")
    return [each[end] for each in verdicts for end in ends if each[end] is not None]


def _histories(verdicts: Sequence[Line]) -> list[History]:
    every: dict[tuple[str, str], list[Line]] = {}
    for each in verdicts:
        every.setdefault((each["suite"], each["runner"]), []).append(each)
    return [
        History(suite=suite, runner=runner, verdicts=tuple(reversed(found[:_SHOWN])))
        for (suite, runner), found in sorted(every.items())
    ]


def _curves(name: str, found: Sequence[Line]) -> list[Curve]:
    every: dict[tuple[str, str], list[Line]] = {}
    for each in found:
        if each["rise"] is not None:
            every.setdefault((each["suite"], each["runner"]), []).append(each)
    scale = up_to(max((each["rise"] for each in found if each["rise"] is not None), default=0))
    curves = []
    for index, ((suite, runner), rises) in enumerate(every.items()):
        plot = Plot(len(rises), scale, said=_points)
        plot.join([(float(place), each["rise"]) for place, each in enumerate(rises)])
        for place, each in enumerate(rises):
            plot.mark(place, each["rise"])
        plot.foot([(each, "epochs", f"{each['epochs']:,}") for each in rises], most=10)
        title = f"Smallest rise found of {plain(suite)} with {plain(runner)}, by epochs"
        told = f"{_points(rises[0]['rise'])} points with the fewest epochs"
        told += f", {_points(rises[-1]['rise'])} with the most."
        picture = plot.drawn(f"{name}-{index}", title, told)
        curves.append(Curve(suite=suite, runner=runner, picture=picture))
    return curves


def _points(value: float) -> str:
    """`5.2`, of a share; the scale says that it is points."""
    return percent(value).removesuffix(" %")

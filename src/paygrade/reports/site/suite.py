"""The page of one suite."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from paygrade.reports.plain import plain
from paygrade.reports.site.filter import filter_of
from paygrade.reports.site.heat import STEPS
from paygrade.reports.site.marks import lines
from paygrade.reports.site.overview import cards, rate_scale, sentence
from paygrade.reports.site.scale import around_zero, in_steps, up_to
from paygrade.reports.site.shell import Link, render, samples_file, suite_file
from paygrade.reports.site.trend import trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.records.site import Site, SuiteSite
    from paygrade.reports.site.marks import Line
    from paygrade.reports.site.scale import Scale
    from paygrade.reports.site.trend import Trend

_DIRECTIONS = ("worse", "better", "same", "edited", "added", "removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerTrend:
    """The runs with one runner as a picture; none where no run has a rate."""

    runner: str
    chart: Trend | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOfSlice:
    """One value of a slice: a row for each runner, none where it has no such sample."""

    value: str
    cells: tuple[Line | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A slice with its values, those that fail most often first."""

    name: str
    declared: bool
    values: tuple[ValueOfSlice, ...]


def suite_page(site: Site, suite: SuiteSite) -> tuple[str, str]:
    """`suite-NAME.html`."""
    runs = lines(suite.tables, "runs")
    names = [each["runner"] for each in runs]
    slices = lines(suite.tables, "slices")
    found = filter_of(suite) if runs else None
    return render(
        site,
        suite_file(suite.suite),
        "suite.html",
        title=suite.suite,
        scripts=found.scripts if found else (),
        sheets=("filter.css",) if found else (),
        fetches=bool(suite.parquet) or site.live,
        suite=suite,
        tables=suite.tables,
        filter=found,
        retold=[
            Link(file=samples_file(suite.suite, runner, 1), name=runner)
            for runner in sorted(suite.told)
        ],
        cards=cards(runs, lines(suite.tables, "money"), lines(suite.tables, "trend")),
        scale=rate_scale(runs),
        sentence=sentence(runs),
        trends=_trends(suite),
        checks=beside(lines(suite.tables, "checks"), "check_id"),
        severities=beside(lines(suite.tables, "severities"), "severity"),
        scales={
            name: _scale(suite, name) for name in ("severities", "checks", "slices", "classes")
        },
        runners=names,
        slices=grids(slices, names),
        differences=_differences(lines(suite.tables, "pairs")),
        changed=_changed,
    )


def beside(found: Sequence[Line], column: str) -> list[Line]:
    """Rows of the same name one below the other, whatever runner they are of; else as they come."""
    first = {
        name: index for index, name in reversed(list(enumerate(each[column] for each in found)))
    }
    return sorted(found, key=lambda each: first[each[column]])


def grids(found: Sequence[Line], runners: Sequence[str]) -> list[Slice]:
    """The slices that the suite declares first."""
    ordered = sorted(found, key=lambda each: (not each["declared"], each["slice"]))
    return [
        Slice(name=name, declared=declared, values=_values(list(group), runners))
        for (declared, name), group in groupby(
            ordered, key=lambda each: (each["declared"], each["slice"])
        )
    ]


def _values(found: Sequence[Line], runners: Sequence[str]) -> tuple[ValueOfSlice, ...]:
    cells = {(each["value"], each["runner"]): each for each in found}
    values = [
        ValueOfSlice(value=value, cells=tuple(cells.get((value, runner)) for runner in runners))
        for value in dict.fromkeys(each["value"] for each in found)
    ]
    return tuple(sorted(values, key=_worst, reverse=True))


def _worst(value: ValueOfSlice) -> float:
    return max(
        (each["rate"] for each in value.cells if each and each["rate"] is not None), default=-1
    )


def _trends(suite: SuiteSite) -> list[RunnerTrend]:
    runs, accepted = lines(suite.tables, "trend"), lines(suite.tables, "accepted")
    scale = rate_scale([*runs, *accepted])
    return [
        RunnerTrend(
            runner=runner,
            chart=trend(
                f"trend-{index}",
                f"Failure rate of {plain(suite.suite)} with {plain(runner)}, run by run",
                [each for each in runs if each["runner"] == runner],
                [each for each in accepted if each["runner"] == runner],
                scale,
            ),
        )
        for index, runner in enumerate(dict.fromkeys(each["runner"] for each in runs))
    ]


def _scale(suite: SuiteSite, name: str) -> Scale:
    known = [each for each in lines(suite.tables, name) if each["rate"] is not None]
    if name == "slices":
        return in_steps(max((each["rate"] for each in known), default=0), STEPS)
    return up_to(max((each["high"] for each in known), default=0))


def _differences(pairs: Sequence[Line]) -> Scale:
    return around_zero(
        [each[end] for each in pairs for end in ("low", "high") if each[end] is not None]
    )


def _changed(line: Line) -> list[tuple[str, int]]:
    return [(name, line[name]) for name in _DIRECTIONS]

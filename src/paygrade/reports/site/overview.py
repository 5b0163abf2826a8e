"""The first page: each suite with each runner, and one sentence on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from paygrade.reports.plain import plain
from paygrade.reports.site import told
from paygrade.reports.site.marks import lines
from paygrade.reports.site.scale import up_to
from paygrade.reports.site.shell import render, suite_file
from paygrade.reports.site.signs import WORST_FIRST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.records.site import Site
    from paygrade.reports.site.marks import Line
    from paygrade.reports.site.scale import Scale

_MANY = 4  # of more suites than these a sentence only names some


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A suite with a runner: its published run, its money and its trend."""

    run: Line
    money: tuple[Line, ...]
    trend: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A suite with the cards of its runners; none where it never ran."""

    suite: str
    file: str
    description: str
    cards: tuple[Card, ...]


def overview_page(site: Site) -> tuple[str, str]:
    """`index.html`."""
    runs = lines(site.overview, "runs")
    return render(
        site,
        "index.html",
        "index.html",
        title=site.title,
        groups=_groups(site, runs),
        scale=rate_scale(runs),
        sentence=sentence(runs),
    )


def rate_scale(runs: Sequence[Line]) -> Scale:
    """One scale for all of them."""
    return up_to(
        max((each["high"] for each in runs if each["failure_rate"] is not None), default=0)
    )


def cards(runs: Sequence[Line], money: Sequence[Line], trend: Sequence[Line]) -> tuple[Card, ...]:
    """A card for each run, with what belongs to it."""
    return tuple(
        Card(
            run=run,
            money=tuple(each for each in money if each["run_id"] == run["run_id"]),
            trend=tuple(each for each in trend if _key(each) == _key(run)),
        )
        for run in runs
    )


def _key(line: Line) -> tuple[str, str]:
    return line["suite"], line["runner"]


def _groups(site: Site, runs: Sequence[Line]) -> list[Group]:
    every = cards(runs, lines(site.overview, "money"), lines(site.overview, "trend"))
    return [
        Group(
            suite=each.suite,
            file=suite_file(each.suite),
            description=each.description,
            cards=tuple(card for card in every if card.run["suite"] == each.suite),
        )
        for each in site.suites
    ]


def sentence(runs: Sequence[Line]) -> Markup:
    """What a reader should know who reads nothing else."""
    rated = [each for each in runs if each["failure_rate"] is not None]
    if not rated and runs:
        return Markup("Runs came to their end, but nothing was scored: nothing is known.")
    if not rated:
        return Markup("Nothing was run to its end yet, so nothing is known.")
    worst = max(rated, key=lambda each: each["failure_rate"])
    said = Markup("{} {}: {}.").format(
        _named(worst),
        "fails most often" if len(rated) > 1 else "fails",
        told.rate(worst, "failure_rate", judged="scored"),
    )
    return Markup("{} {}").format(said, _gated(runs))


def _gated(runs: Sequence[Line]) -> str:
    gated = [each for each in runs if each["verdict"]]
    if not gated:
        return "The gate has not judged {} yet.".format("any of them" if runs[1:] else "it")
    for word in WORST_FIRST[:4]:
        found = [_named(each) for each in gated if each["verdict"] == word]
        if found:
            return f"The gate's worst verdict is {word}: {_listed(found)}."
    rest = "what it judged" if len(gated) < len(runs) else "all of them" if runs[1:] else "it"
    return f"The gate passed {rest}."


def _named(line: Line) -> str:
    return plain(f"{line['suite']} with {line['runner']}")


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) > _MANY:
        return f"{', '.join(names[: _MANY - 1])} and others"
    return f"{', '.join(names[:-1])} and {names[-1]}"

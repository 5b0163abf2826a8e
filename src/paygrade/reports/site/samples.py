"""Pages of attempts in their own words: prompt, answer, checks, and what the baseline answered."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from paygrade.reports.figures import amount
from paygrade.reports.plain import short
from paygrade.reports.site.attempt import shown
from paygrade.reports.site.shell import fragment, render, samples_file, suite_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markupsafe import Markup

    from paygrade.records.site import SampleTold, Site, SuiteSite

_WEIGHT = 370_000  # bytes of attempts and links; with its frame a page stays below 400 kB
_LINK = 250  # bytes of a link to an attempt, without its id
_LONGEST = 200  # characters of a name
_HEAVY = 9  # bytes of a character at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An attempt as it stands on its page, and the link to it from the top."""

    anchor: str
    name: str
    epoch: int
    ended: str
    text: Markup

    @property
    def weight(self) -> int:
        """Its part of the page, in bytes."""
        return len(self.text.encode()) + _LINK + len(self.anchor) + _HEAVY * len(self.name)


def sample_pages(
    site: Site, suite: SuiteSite, runner: str, told: Iterable[SampleTold], *, most: int
) -> Iterator[tuple[str, str]]:
    """`samples-SUITE~RUNNER~001.html` and so on: file name and text, as attempts come in.

    A page holds as many attempts as it may weigh, at least one. No more than two pages are kept in
    memory. Nothing is written where nothing is told. `told` are the first `most` at most.
    """
    number, before = 0, list[Entry]()
    for entries in _pages(_entry(each) for each in told):
        if before:
            yield _page(site, suite, runner, before, number, most, last=False)
        number, before = number + 1, entries
    if before:
        yield _page(site, suite, runner, before, number, most, last=True)


def _pages(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    page, weight = list[Entry](), 0
    for each in entries:
        if page and weight + each.weight > _WEIGHT:
            yield page
            page, weight = [], 0
        page.append(each)
        weight += each.weight
    if page:
        yield page


def _page(  # noqa: PLR0913, PLR0917 -- where a page stands among the others
    site: Site,
    suite: SuiteSite,
    runner: str,
    entries: list[Entry],
    number: int,
    most: int,
    *,
    last: bool,
) -> tuple[str, str]:
    return render(
        site,
        samples_file(suite.suite, runner, number),
        "samples.html",
        title=f"{suite.suite} with {runner}, attempts {number}",
        sheets=("samples.css",),
        suite=suite,
        suite_link=quote(suite_file(suite.suite)),
        runner=runner,
        number=number,
        total=suite.told.get(runner),
        most=most,
        entries=entries,
        before=samples_file(suite.suite, runner, number - 1) if number > 1 else "",
        after="" if last else samples_file(suite.suite, runner, number + 1),
    )


def _entry(told: SampleTold) -> Entry:
    words = shown(told)
    anchor = f"{quote(told.sample_id, safe='', errors='replace')}-{told.epoch}"
    name = _name(told.sample_id)
    return Entry(
        anchor=anchor,
        name=name,
        epoch=told.epoch,
        ended=words.ended,
        text=fragment(
            "attempt.html",
            anchor=anchor,
            name=name,
            told=told,
            shown=words,
            facts=_facts(told),
            command=shlex.join(("paygrade", "show", told.run_id, told.sample_id)),
        ),
    )


def _facts(told: SampleTold) -> list[tuple[str, str]]:
    found = [("Case", told.case), ("Class", told.case_class)]
    found += [(name, ", ".join(values)) for name, values in told.slices.items()]
    if told.exposure_minor is not None:
        found.append(("Exposure", amount(told.exposure_minor, told.currency)))
    found += [("Finish", told.finish), ("Run", told.run_id)]
    return [(_name(name), _name(value)) for name, value in found if value]


def _name(text: str) -> str:
    return short(" ".join(text.split()), _LONGEST)

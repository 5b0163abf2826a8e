"""The gate on a terminal: three lines that say what to do, then all that they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from paygrade.reports.baseline_sections import baseline_lead, baseline_sections
from paygrade.reports.compare_sections import (
    calibration_lead,
    calibration_sections,
    compared_lead,
    compared_sections,
)
from paygrade.reports.gate_sections import sections
from paygrade.reports.gate_words import ending, leads, ranked
from paygrade.reports.page_text import STYLES, section_views
from paygrade.reports.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from paygrade.records.baseline import Baseline
    from paygrade.records.verdict import Calibration, Compared, GateReport
    from paygrade.reports.gate_words import Lead
    from paygrade.reports.page import Section

_ROWS = 20


def gate_view(report: GateReport) -> RenderableType:
    """One invocation of the gate: the worst suite first, in three lines that say what to do."""
    return Group(*_gate(report))


def _gate(report: GateReport) -> Iterator[RenderableType]:
    first, *others = leads(report)
    warned = report.on_inconclusive == "warn"
    yield _lead(first, warned=warned)
    for lead in others:
        yield _passed(lead) if lead.verdict == "pass" else _lead(lead, warned=warned)
    if warned:
        yield from _warning((first, *others))
    for suite in ranked(report):
        if len(report.suites) > 1:
            yield Text()
            yield Text(one_line(f"{suite.suite} · {suite.runner}"), style="bold underline")
        yield from section_views(sections(suite, _ROWS))
    yield Text()
    yield Text(one_line(ending(report)), style="dim")


def _lead(lead: Lead, *, warned: bool) -> RenderableType:
    said = one_line(f"{_named(lead)}{lead.headline}")
    verdict = Text.assemble((lead.word, f"bold {STYLES[lead.tone]}"), "  ", (said, "bold"))
    boxed = warned and lead.verdict == "inconclusive"  # the box says it in full
    return _Three(verdict, lead.measured, f"next: {lead.step}", cut="" if boxed else said)


def _passed(lead: Lead) -> Text:
    said = one_line(f"{_named(lead)}{lead.headline} ({lead.measured})")
    return Text.assemble((lead.word, f"bold {STYLES[lead.tone]}"), f"  {said}")


def _named(lead: Lead) -> str:
    return f"{' · '.join(lead.names)}: " if lead.names else ""


def _warning(every: Iterable[Lead]) -> Iterator[RenderableType]:
    doubted = [
        one_line(f"INCONCLUSIVE: not a pass: {_named(lead)}{lead.headline}")
        for lead in every
        if lead.verdict == "inconclusive"
    ]
    if doubted:
        said = Text("\n".join(doubted), style="bold yellow")
        yield Panel(said, border_style="bold yellow", padding=(0, 1))


@dataclass(frozen=True, slots=True)
class _Three:
    """Three lines that stay three, however narrow the terminal; what was cut follows in full.

    `cut` is what to say again where the first one has no room.
    """

    first: Text
    second: str
    third: str
    cut: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        second, third = Text(f"  {one_line(self.second)}"), Text(one_line(self.third), "bold")
        for line in (self.first, second):
            line.no_wrap, line.overflow = True, "ellipsis"
            yield line
        yield _indented(third)
        for line, whole in ((self.first, self.cut), (second, one_line(self.second))):
            if whole and cell_len(line.plain) > options.max_width:
                yield _indented(Text(f"in full: {whole}", style="dim"))


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2), expand=False)


def compare_view(compared: Compared) -> RenderableType:
    """Two versions side by side."""
    return _page(compared_lead(compared), compared_sections(compared, _ROWS))


def calibration_view(found: Calibration) -> RenderableType:
    """How often the gate is wrong on this suite, and what it can see."""
    return _page(calibration_lead(found), calibration_sections(found, _ROWS))


def baseline_view(before: Baseline | None, after: Baseline) -> RenderableType:
    """What accepting `after` in place of `before` changes."""
    return _page(baseline_lead(before, after), baseline_sections(before, after, _ROWS))


def _page(lead: tuple[str, str, str], every: Iterable[Section]) -> RenderableType:
    first = one_line(lead[0])
    return Group(_Three(Text(first, "bold"), *lead[1:], cut=first), *section_views(every))

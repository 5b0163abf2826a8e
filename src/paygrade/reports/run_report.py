"""`paygrade report` on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from paygrade.reports.ascii_only import AsciiWhereNeeded
from paygrade.reports.page_text import STYLES, section_views
from paygrade.reports.plain import one_line
from paygrade.reports.run_report_next import NOTHING, next_steps
from paygrade.reports.run_report_sections import commit_of, lead, report_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from paygrade.records.run_report import RunReport

_ROWS = 20


def report_view(report: RunReport) -> RenderableType:
    """One run in context, its rate first; `next_lines` follow."""
    return AsciiWhereNeeded(Group(*_lead(report), *section_views(report_sections(report, _ROWS))))


def _lead(report: RunReport) -> Iterator[RenderableType]:
    header, said = report.summary.header, lead(report)
    yield Text(one_line(f"{header.suite} · {header.runner}"), style="bold")
    made_of = f"{header.prompt} on dataset {header.dataset} {commit_of(header)}"
    yield Text(one_line(made_of), style="dim")
    yield Text(one_line(f"run {header.run_id}"), style="dim")
    yield Text(one_line(said.rate), style=f"bold {STYLES[said.tone]}")
    if said.drawn:
        low, drawn, high = said.drawn
        yield Text.assemble(f"{low} ", (drawn, STYLES[said.tone]), f" {high}")
    if said.ended:
        yield Text(one_line(said.ended), style="bold red")


def next_lines(report: RunReport) -> Iterator[str]:
    """What to do next: lines that are not to be folded."""
    yield ""
    yield "next"
    steps = next_steps(report)
    for why, command in steps:
        yield f"  {why}"
        yield f"    {one_line(command)}"
    if not steps:
        yield f"  {NOTHING}"

"""`paygrade report` as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.markup import code
from paygrade.reports.page_markdown import headed, written
from paygrade.reports.run_report_next import NOTHING, next_steps
from paygrade.reports.run_report_sections import commit_of, lead, report_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.run_report import RunReport

_ROWS = 200


def report_markdown(report: RunReport) -> str:
    """One run in context, under a heading."""
    sections = map(headed, report_sections(report, _ROWS))
    return "\n".join((*_lead(report), *sections, *_next(report)))


def _lead(report: RunReport) -> Iterator[str]:
    header, said = report.summary.header, lead(report)
    yield f"### {code(header.suite)} · {code(header.runner)}"
    yield ""
    yield (
        f"Prompt {code(header.prompt)}, dataset {code(header.dataset)}, "
        f"run {' '.join(filter(None, (code(header.run_id), written(commit_of(header)))))}."
    )
    yield ""
    yield f"**{written(said.rate)}**"
    yield ""
    if said.drawn:
        low, drawn, high = said.drawn
        yield f"{low} {code(drawn)} {high}"
        yield ""
    if said.ended:
        yield f"**{written(said.ended)}**"
        yield ""


def _next(report: RunReport) -> Iterator[str]:
    yield "#### next"
    yield ""
    steps = next_steps(report)
    yield from (f"- {why}: {code(command)}" for why, command in steps)
    if not steps:
        yield f"- {NOTHING}"
    yield ""

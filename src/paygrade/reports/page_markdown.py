"""Sections in Markdown, and how a page is kept within its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.figures import plural
from paygrade.reports.markup import block, code, link, prose
from paygrade.reports.plain import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from paygrade.reports.page import Column, Section, Sheet

_LONGEST_NAME = 200
LONGEST_LINE = 2_000


def headed(section: Section) -> str:
    """The section under a heading."""
    return "\n".join((f"#### {prose(section.title)}", "", *_body(section)))


def folded(section: Section, owner: str) -> str:
    """The section folded away, behind a line that names it and the suite it is of."""
    title = prose(f"{owner}: {section.title}")
    opened = f"<details><summary>{title}</summary>"
    return "\n".join((opened, "", *_body(section), "</details>", ""))


def _body(section: Section) -> Iterator[str]:
    for line in section.warnings:
        yield f"- **⚠️ {written(line)}**"
    for line in section.lines:
        yield f"- {block(short(line, LONGEST_LINE))}"
    if section.lines or section.warnings:
        yield ""
    if section.sheet:
        yield from table(section.sheet)
        yield ""


def written(line: str) -> str:
    """A sentence with names in it, after something of ours; not longer than anybody reads."""
    return prose(short(line, LONGEST_LINE))


def table(sheet: Sheet, url: str = "") -> Iterator[str]:
    """A table; each name links to `url` where that is given."""
    yield f"| {' | '.join(written(column.title) or ' ' for column in sheet.columns)} |"
    yield f"|{'|'.join('---:' if each.kind == 'figure' else '---' for each in sheet.columns)}|"
    for row in sheet.rows:
        pairs = zip(sheet.columns, row.cells, strict=True)
        yield f"| {' | '.join(_cell(column, cell, url) for column, cell in pairs)} |"
    if sheet.more:
        yield ""
        yield f"and {sheet.more:,} more"


def _cell(column: Column, cell: str, url: str) -> str:
    if column.kind == "name":
        return link(code(short(cell, _LONGEST_NAME)), url)
    return code(cell) if column.kind == "bar" else written(cell)


def fitted(
    parts: Sequence[str], bare: str, most: int, size: Callable[[str], int], where: str
) -> str:
    """The parts that fit into `most`, from the first one on; it says so if some do not.

    `bare` stands for the first part where not even that fits; `where` the rest can be read.

    Raises:
        ValueError: not even `bare` fits.
    """
    for kept in range(len(parts), -1, -1):
        left = len(parts) - kept
        shown = [*parts[:kept]] if kept else [bare]
        if left:
            shown.append(f"_Cut here: {plural(left, 'section')} had no room. {where}_\n")
        text = "\n".join(shown)
        if size(text) <= most:
            return text
    raise ValueError(f"a report does not fit into {most}")

"""Sections on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from paygrade.reports.page import barless
from paygrade.reports.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from paygrade.reports.page import Section, Sheet, Tone

STYLES: dict[Tone, str] = {
    "": "",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "dim": "dim",
}
_INDENT = (0, 0, 0, 2)
_HANGING = (0, 0, 0, 4)
_FOLDED = 12  # a name or a sentence may be folded to so many columns
_GAP = 2
_WHOLE = ("figure", "bar")  # kinds of columns that are never folded


def section_views(sections: Iterable[Section]) -> Iterator[RenderableType]:
    """Each with an empty line before it."""
    for section in sections:
        yield Text()
        yield Text(one_line(section.title), style="bold")
        for line in section.warnings:
            yield Padding(Text(one_line(line), style="bold yellow"), _INDENT, expand=False)
        for line in section.lines:
            yield Padding(Text(one_line(line)), _INDENT, expand=False)
        if section.sheet:
            yield Padding(_Fitting(section.sheet), _INDENT, expand=False)


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A table where it fits, else one block a row: a figure is never cut."""

    sheet: Sheet

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        sheet = self.sheet
        if _needed(sheet) > options.max_width:
            sheet = barless(sheet)
        yield from [_table(sheet)] if _needed(sheet) <= options.max_width else _blocks(sheet)
        if sheet.more:
            yield Text(f"and {sheet.more:,} more", style="dim")


def _needed(sheet: Sheet) -> int:
    widths = [
        max(map(cell_len, (column.title, *(one_line(row.cells[index]) for row in sheet.rows))))
        for index, column in enumerate(sheet.columns)
    ]
    least = (
        width if column.kind in _WHOLE else min(width, _FOLDED)
        for column, width in zip(sheet.columns, widths, strict=True)
    )
    return sum(least) + _GAP * (len(widths) - 1)


def _table(sheet: Sheet) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        header_style="bold",
        padding=(0, 1, 0, 0),
    )
    for column in sheet.columns:
        table.add_column(
            Text(one_line(column.title)),
            justify="right" if column.kind == "figure" else "left",
            no_wrap=column.kind in _WHOLE,
            overflow="fold",
        )
    for row in sheet.rows:
        table.add_row(*(Text(one_line(cell)) for cell in row.cells), style=STYLES[row.tone])
    return table


def _blocks(sheet: Sheet) -> Iterator[RenderableType]:
    for row in sheet.rows:
        first, *others = (one_line(cell) for cell in row.cells)
        said = (
            f"{one_line(column.title)} {cell}".strip()
            for column, cell in zip(sheet.columns[1:], others, strict=True)
            if cell
        )
        yield Text(first, style=STYLES[row.tone])
        yield Padding(Text(" · ".join(said)), _HANGING, expand=False)

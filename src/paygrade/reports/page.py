"""What the gate's faces show, before any of them gives it a form.

Every text in here may hold names that are not ours: each face makes them harmless its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Tone = Literal["", "good", "bad", "warn", "dim"]

CUT = 10
"""So many names stand in a sentence; the others are counted."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: of names (not ours), figures (to the right, never folded), words or bars.

    A bar draws figures that other cells of its row say: without room for it, it is left out.
    """

    title: str
    kind: Literal["name", "figure", "word", "bar"] = "figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a sheet."""

    cells: tuple[str, ...]
    tone: Tone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table; `more` rows were left out."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One thing to read: warnings first, then sentences, then the table."""

    title: str
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sheet: Sheet | None = None

    @property
    def empty(self) -> bool:
        """There is nothing to say."""
        return not (self.lines or self.warnings or self.sheet)


def barless(page: Sheet) -> Sheet:
    """The sheet without its bars."""
    kept = [index for index, each in enumerate(page.columns) if each.kind != "bar"]
    return replace(
        page,
        columns=tuple(page.columns[index] for index in kept),
        rows=tuple(replace(row, cells=tuple(row.cells[i] for i in kept)) for row in page.rows),
    )


def filled(sections: Iterable[Section]) -> Iterator[Section]:
    """Those that say something."""
    return (each for each in sections if not each.empty)


def sheet(columns: Iterable[Column], rows: Iterable[Row], most: int) -> Sheet | None:
    """The first `most` of the rows, or nothing where there is no row."""
    every = tuple(rows)
    if not every:
        return None
    return Sheet(columns=tuple(columns), rows=every[:most], more=max(0, len(every) - most))


def listed(names: Iterable[str], most: int = CUT) -> str:
    """`a, b and 3 more`."""
    every = tuple(names)
    said = ", ".join(every[:most])
    more = len(every) - most
    return f"{said} and {more:,} more" if more > 0 else said

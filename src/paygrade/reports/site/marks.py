"""Rows of answers, and numbers marked with the row and column that they are values of."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from paygrade.reports.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.site import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the answer to the question `name`.

    `alone` is a row that is shown outside the table of its question: each of its numbers then
    names the question and the row itself.
    """

    name: str
    index: int
    values: Mapping[str, Any]
    alone: bool = True

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 -- whatever the database gave
        """The raw value of a column."""
        return self.values[column]

    def inside(self) -> Line:
        """The same row, shown as a row of the table that says which question it answers."""
        return replace(self, alone=False)

    def attributes(self, column: str) -> Markup:
        """What marks an element as showing the value of this column."""
        where = (
            Markup(' data-sql="{}" data-row="{}"').format(self.name, self.index)
            if self.alone
            else Markup()
        )
        raw = raw_value(self.values[column])
        return where + Markup(' data-c="{}" data-v="{}"').format(column, raw)

    def mark(self, column: str, text: str) -> Markup:
        """The text as the value of a column."""
        return Markup("<span{}>{}</span>").format(self.attributes(column), plain(text))


def lines(tables: Mapping[str, Asked], name: str) -> list[Line]:
    """All rows of one of the tables, none where there is no such table."""
    asked = tables.get(name)
    if asked is None:
        return []
    return [
        Line(name=name, index=index, values=values) for index, values in enumerate(asked.records())
    ]


def raw_value(value: object) -> str:
    """A value as JSON: floats to be read back exactly, times as ISO 8601; in ASCII."""
    return json.dumps(value, default=_text)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)

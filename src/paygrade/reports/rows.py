"""Exported attempts as JSON Lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from paygrade.reports.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    """One JSON object a line; times are ISO 8601, UTC."""
    return "".join(json.dumps(row, ensure_ascii=False, default=_plain) + "\n" for row in rows)


def csv_text(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Comma-separated values with a header; nested values as JSON.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; characters that a
    terminal would obey become U+FFFD. The untouched text is in the other formats.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(columns), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return stream.getvalue()


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever JSON has no form for
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _cell(value: Any) -> Any:  # noqa: ANN401 - a database value
    if isinstance(value, list | dict):
        return plain(json.dumps(value, ensure_ascii=False, default=_plain))
    if isinstance(value, str):
        value = plain(value)
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value

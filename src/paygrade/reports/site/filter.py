"""The filter of a suite's page: its controls, and the columns of attempts that it counts."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from paygrade.reports.plain import spelled
from paygrade.reports.site.shell import Script, ours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.site import Columns, SuiteSite

_VALUES = "\x1f"  # between the values of one sample in a slice
_SLICE = "slice:"
_CHECK = "check:"
_BITS = 8
_LEVEL = 6  # 9 takes twelve times as long for a tenth less
_TYPES = {1: "u1", 2: "<u2", 4: "<u4"}
_BYTE, _SHORT, _WORD = _TYPES
_MOST_SHORT = 1 << 16
_OUTCOMES = ("passed", "failed", "errored")

Dictionaries = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A list to choose from. `name` stands in links as well, `anything` is its first entry."""

    name: str
    label: str
    anything: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A table of the chosen attempts: a row for each check, or for each value of a slice."""

    of: Literal["check", "slice"]
    name: str
    title: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What `filter.html` shows. `data` is JSON that may stand in a script element.

    `parquet` is the file beside the page where the attempts are not in it, else empty.
    """

    attempts: tuple[Control, ...]
    slices: tuple[Control, ...]
    checks: tuple[Control, ...]
    breakdowns: tuple[Breakdown, ...]
    data: str
    parquet: str

    @property
    def scripts(self) -> tuple[Script, ...]:
        """What the page carries for it: first the attempts, then what counts them."""
        reader = ("vendor/hyparquet.min.js",) if self.parquet else ()
        running = (*reader, "rates.js", "attempts.js", "filter.js")
        data = Script(text=self.data, kind="application/json", name="columns")
        return (data, *(Script(text=ours(each)) for each in running))

    @property
    def groups(self) -> tuple[tuple[str, tuple[Control, ...]], ...]:
        """The lists under their headings, without empty headings."""
        groups = (("Attempts", self.attempts), ("Slices", self.slices), ("Checks", self.checks))
        return tuple(each for each in groups if each[1])


def filter_of(suite: SuiteSite) -> Filter | None:
    """The filter of a suite, nothing where the site brings no attempts of it.

    Names that would turn the direction of a page, or that nobody sees, are spelled everywhere.
    """
    told = suite.columns.dictionaries if suite.columns else suite.dictionaries
    if not told or not (suite.columns or suite.parquet):
        return None
    words = {name: _spelled(values) for name, values in told.items()}
    data: dict[str, Any] = {"dictionaries": words}
    if suite.columns:
        data |= _packed(suite.columns)
    else:
        data |= {"parquet": suite.parquet, "columns": _expected(words)}
    values = {name: _distinct(words[name]) for name in sorted(words) if name.startswith(_SLICE)}
    checks = words["check"]
    slice_lists = ((name, name.removeprefix(_SLICE), "any", each) for name, each in values.items())
    check_lists = ((_CHECK + check, check, "any result", ("failed", "passed")) for check in checks)
    tables = [
        Breakdown(of="slice", name=name, title=name.removeprefix(_SLICE), rows=each)
        for name, each in values.items()
    ]
    return Filter(
        attempts=_attempts(words),
        slices=tuple(_control(*each) for each in slice_lists),
        checks=tuple(_control(*each) for each in check_lists),
        breakdowns=(Breakdown(of="check", name="check", title="Check", rows=checks), *tables),
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        parquet=suite.parquet if not suite.columns else "",
    )


def _control(name: str, label: str, anything: str, options: tuple[str, ...]) -> Control:
    return Control(name=name, label=label, anything=anything, options=options)


def _attempts(words: Dictionaries) -> tuple[Control, ...]:
    classes = words["class"]
    counted = "any but quarantined" if "quarantined" in classes else "any"
    return (
        _control("runner", "Runner", "any", words["runner"]),
        _control("class", "Case class", counted, classes),
        _control("outcome", "Outcome", "any", _OUTCOMES),
    )


def _spelled(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_VALUES.join(spelled(part) for part in each.split(_VALUES)) for each in values)


def _distinct(entries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({value for each in entries for value in each.split(_VALUES) if value}))


def _packed(columns: Columns) -> dict[str, Any]:
    """All columns in one gzip, a quarter smaller than one for each.

    The widest stand first, so that each starts at a multiple of its width. Cases are written as
    differences from the row before, which are nearly all 0 or 1. The same columns are the same
    bytes wherever they are written: no time is in them, and no system's name (byte 9, RFC 1952).
    """
    order = sorted(columns.widths, key=lambda name: (-columns.widths[name], name))
    parts = [
        _differences(columns.columns[name], columns.widths[name])
        if name == "case"
        else columns.columns[name]
        for name in order
    ]
    packed = bytearray(gzip.compress(b"".join(parts), _LEVEL, mtime=0))
    packed[9] = 255
    return {
        "rows": columns.rows,
        "columns": [[name, columns.widths[name]] for name in order],
        "packed": base64.b64encode(packed).decode(),
    }


def _differences(column: bytes, width: int) -> bytes:
    values = np.frombuffer(column, dtype=_TYPES[width])
    return np.diff(values, prepend=values.dtype.type(0)).tobytes()


def _expected(words: Mapping[str, tuple[str, ...]]) -> list[tuple[str, int]]:
    """The columns of the Parquet file, and how many bytes each of their values needs."""
    coded = ["runner", "class", *sorted(name for name in words if name.startswith(_SLICE))]
    parts = range(-(-len(words["check"]) // _BITS))
    bits = [f"{word}:{part}" for part in parts for word in ("judged", "failed")]
    widths = [(name, _SHORT if len(words[name]) <= _MOST_SHORT else _WORD) for name in coded]
    return [("case", _WORD), *widths, *((name, _BYTE) for name in ("outcome", *bits))]

"""Samples from plain rows: a CSV file or JSON Lines, and which column goes where.

Nothing is guessed: a column that no mapping names is left out and told, a value that its type does
not allow is a mistake with its line, and one mistake keeps everything from being written.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paygrade import leaks
from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.workspace.files import read_text
from paygrade.workspace.jsonl_reader import read_lines
from paygrade.workspace.validate import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from paygrade.records.json_value import Json

RowFormat = Literal["csv", "jsonl"]
_PLACES = ("input", "expected", "slices")
_MAPPING = re.compile(r"(input|expected|slices)\.([a-z][a-z0-9_]*)(?::([a-z]+))?=(.+)")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


class UnreadableError(ValueError):
    """A value is none of its type. The text is a clause on its column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the file, and the place in a sample where its values go."""

    place: str
    key: str
    type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Lines of a dataset in the order of the file, and the columns that no mapping names."""

    lines: tuple[dict[str, Json], ...]
    unused: tuple[str, ...]


def columns(mappings: Sequence[str]) -> tuple[Column, ...]:
    """Read mappings such as `input.message=Text` and `expected.amount_minor:int=Amount`.

    Raises:
        UsageError: one is no mapping, two fill one place, or nothing fills input or expected.
    """
    found = []
    for each in mappings:
        parts = _MAPPING.fullmatch(each)
        if not parts or (parts[3] or "text") not in _READERS:
            hint = f"PLACE.KEY[:TYPE]=COLUMN, PLACE one of {', '.join(_PLACES)}, "
            hint += f"TYPE one of {', '.join(_READERS)}"
            raise UsageError(f"{each!r} is no mapping", hint=hint)
        found.append(Column(place=parts[1], key=parts[2], type=parts[3] or "text", name=parts[4]))
    times = Counter(f"{each.place}.{each.key}" for each in found)
    twice = [place for place, count in times.items() if count > 1]
    if twice:
        raise UsageError(f"two columns go to {twice[0]}", hint="keep one of them")
    for needed in _PLACES[:2]:
        if not any(each.place == needed for each in found):
            hint = f"such as --map {needed}.KEY=COLUMN"
            raise UsageError(f"no column goes to the {needed} of a sample", hint=hint)
    return tuple(found)


def import_rows(file: Path, kind: RowFormat, mapped: Sequence[Column], id_column: str) -> Imported:
    """Read every row of `file` into a sample.

    Raises:
        WorkspaceError: everything that is wrong with the file, each with its line.
    """
    reader = _Importer(str(file), mapped, id_column)
    rows = _csv_rows(file, reader) if kind == "csv" else _jsonl_rows(file, reader)
    lines = [line for number, row in rows if (line := reader.line(number, row)) is not None]
    if not lines and not reader.mistakes:
        reader.add(1, "holds no row", "one row a sample below the names of the columns")
    if reader.mistakes:
        raise WorkspaceError(reader.mistakes)
    return Imported(lines=tuple(lines), unused=tuple(reader.unused))


class _Importer:
    """Turns rows into samples and keeps all that is wrong on the way."""

    def __init__(self, path: str, mapped: Sequence[Column], id_column: str) -> None:
        self.path = path
        self.mistakes: list[Mistake] = []
        self.unused: dict[str, None] = {}
        self._mapped = mapped
        self._id = id_column
        self._seen: dict[str, int] = {}

    def add(self, line: int, problem: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(path=self.path, line=line, problem=problem, hint=hint))

    def header(self, names: Sequence[str]) -> None:
        """Look whether every column that is named is there."""
        for name in (self._id, *(each.name for each in self._mapped)):
            if name not in names:
                hint = closest(name, list(names))
                self.add(1, f"has no column {name!r}", hint)

    def line(self, number: int, row: Mapping[str, Json]) -> dict[str, Json] | None:
        before = len(self.mistakes)
        self.unused |= dict.fromkeys(set(row) - {self._id} - {each.name for each in self._mapped})
        sample_id = self._sample_id(number, row)
        parts: dict[str, dict[str, Json]] = {place: {} for place in _PLACES}
        for each in self._mapped:
            if each.name not in row:
                self.add(number, f"has no value for {each.name!r}")
                continue
            try:
                value = row[each.name]
                read = _READERS[each.type]
                parts[each.place][each.key] = read(
                    value.strip() if isinstance(value, str) else value
                )
            except UnreadableError as error:
                shown = leaks.mask(repr(row[each.name])).text[:60]
                self.add(number, f"{each.name!r} {error}, got {shown}")
        if len(self.mistakes) > before:
            return None
        line: dict[str, Json] = {"id": sample_id, "input": parts["input"]}
        line["expected"] = parts["expected"]
        if parts["slices"]:
            line["slices"] = parts["slices"]
        return line

    def _sample_id(self, number: int, row: Mapping[str, Json]) -> str:
        value = row.get(self._id)
        if not isinstance(value, str) or not value.strip():
            self.add(number, f"has no id in {self._id!r}")
            return ""
        first = self._seen.setdefault(value, number)
        if first != number:
            self.add(number, f"the id {value!r} is taken by line {first}", "ids are unique")
        return value


def _text(value: Json) -> Json:
    if not isinstance(value, str):
        raise UnreadableError("should be text")
    return value


def _int(value: Json) -> Json:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not _INTEGER.fullmatch(value):
        problem = "should be a whole number of at most 18 digits, such as minor units"
        raise UnreadableError(problem)
    return int(value)


def _bool(value: Json) -> Json:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in _BOOLEANS:
        raise UnreadableError("should be true or false")
    return _BOOLEANS[value.lower()]


def _list(value: Json) -> Json:
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        raise UnreadableError("should be a list, or text with ; between its items")
    return [each.strip() for each in value.split(";") if each.strip()]


_READERS: dict[str, Callable[[Json], Json]] = {
    "text": _text,
    "int": _int,
    "bool": _bool,
    "list": _list,
}


def _csv_rows(file: Path, reader: _Importer) -> Iterator[tuple[int, Mapping[str, Json]]]:
    text = read_text(file, str(file))
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] | None = None
    try:
        for row in rows:
            if not row:
                continue
            if names is None:
                names = row
                reader.header(names)
                if reader.mistakes:
                    return
            elif len(row) != len(names):
                problem = f"has {len(row)} values for {len(names)} columns"
                reader.add(rows.line_num, problem, "a text with a comma stands in quotes")
            else:
                yield rows.line_num, dict(zip(names, row, strict=True))
    except csv.Error as error:
        reader.add(rows.line_num, f"is not CSV: {error}", "was the file cut off?")


def _jsonl_rows(file: Path, reader: _Importer) -> Iterator[tuple[int, Mapping[str, Json]]]:
    for line in read_lines(file, str(file)):
        reader.mistakes += line.mistakes
        if line.mistakes:
            continue
        if isinstance(line.data, dict):
            yield line.number, line.data
        else:
            reader.add(line.number, "is not a JSON object", "one row a line")

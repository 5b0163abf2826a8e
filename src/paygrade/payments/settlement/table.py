"""Rows of a report, from CSV or JSON: what is wrong is kept with its line, all of it."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paygrade import leaks
from paygrade.errors import Mistake, WorkspaceError
from paygrade.payments.settlement.amounts import from_major, within
from paygrade.payments.settlement.lines import told_apart
from pytx import MoneyError, exponent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from paygrade.payments.settlement.lines import StatementLine

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_LONGEST = 200
_LONGEST_CODE = 3


def cut(text: str, most: int = 40) -> str:
    """A value for a message: masked first, so that no cut leaves most of a card number."""
    return repr(leaks.mask(text).text[:most])


class Row:
    """One row. A question that it cannot answer becomes a mistake with the row's place."""

    def __init__(
        self, path: str, line: int | None, place: str, cells: Mapping[str, object]
    ) -> None:
        """Keep `cells` by their column; `place` starts each sentence where there is no line."""
        self.mistakes: list[Mistake] = []
        self.line = line
        self.cells = cells
        self._path = path
        self._place = place

    def add(self, problem: str, hint: str = "") -> None:
        """Say what is wrong with this row."""
        said = f"{self._place}{problem}"
        self.mistakes.append(Mistake(path=self._path, line=self.line, problem=said, hint=hint))

    def get(self, name: str) -> str:
        """The text of a column without white space around it; empty if there is none."""
        value = self.cells.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            self.add(f"{name!r} should be text")
            return ""
        text = str(value).strip()
        if _CONTROL.search(text):
            self.add(f"{name!r} has a control character or a line break in it")
        elif len(text) > _LONGEST:
            self.add(f"{name!r} has more than {_LONGEST} characters")
        return text

    def text(self, name: str) -> str:
        """As `get`, and it may not be empty."""
        text = self.get(name)
        if not text:
            self.add(f"has no {name!r}")
        return text

    def first(self, *names: str) -> str:
        """The first of these columns that is not empty; empty if all are."""
        return next((text for name in names if (text := self.get(name))), "")

    def currency(self, name: str) -> str:
        """A code of ISO 4217 in capitals; empty if it is none."""
        code = self.text(name).upper()
        if len(code) > _LONGEST_CODE:
            self.add(f"{name!r} is no currency code, got {cut(code)}")
            return ""
        if code:
            try:
                exponent(code)
            except MoneyError as error:
                self.add(f"{name!r}: {error.problem}", error.hint)
                return ""
        return code

    def amount(self, name: str, currency: str, digits: int | None = None) -> int:
        """An amount in major units, as minor units; 0 if it is none, or if there is no currency."""
        text = self.text(name)
        if not text or not currency:
            return 0
        try:
            return from_major(text, currency, digits)
        except MoneyError as error:
            hint = "write it with a dot and without grouping" if "," in text else error.hint
            self.add(f"{name!r}: {error.problem}", hint)
            return 0

    def integer(self, name: str) -> int:
        """A whole number, as such or as its digits; 0 if it is none."""
        value = self.cells.get(name)
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                return within(value)
            except MoneyError as error:
                self.add(f"{name!r}: {error.problem}", error.hint)
        elif value is None or value == "":
            self.add(f"has no {name!r}")
        else:
            hint = "minor units and seconds are whole numbers"
            self.add(f"{name!r} is no whole number, got {cut(str(value))}", hint)
        return 0


def told(rows: Sequence[Row], lines: Iterable[StatementLine | None]) -> tuple[StatementLine, ...]:
    """The lines that rows made, told apart.

    Raises:
        WorkspaceError: every mistake that was added to a row while its line was made.
    """
    made = [each for each in lines if each]
    if mistakes := [each for row in rows for each in row.mistakes]:
        raise WorkspaceError(mistakes)
    return told_apart(made)


def decoded(raw: bytes, shown: str) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        WorkspaceError: it is not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"is not UTF-8: byte 0x{raw[error.start]:02x} cannot be decoded"
        mistake = Mistake(path=shown, line=line, problem=problem, hint="save the file as UTF-8")
        raise WorkspaceError([mistake]) from error


def csv_rows(raw: bytes, shown: str, needed: Sequence[str]) -> list[Row]:
    """Every row below the names of the columns, in the order of the file.

    Raises:
        WorkspaceError: all that is wrong with the file itself: its encoding, a column that is not
            there or stands twice, rows of another length, a file that was cut off, no row.
    """
    mistakes: list[Mistake] = []
    rows = list(_csv_rows(decoded(raw, shown), shown, needed, mistakes))
    if not rows and not mistakes:
        hint = "one row a line below the names of the columns"
        mistakes.append(Mistake(path=shown, line=1, problem="holds no row", hint=hint))
    if mistakes:
        raise WorkspaceError(mistakes)
    return rows


def _csv_rows(
    text: str, shown: str, needed: Sequence[str], mistakes: list[Mistake]
) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)

    def add(problem: str, hint: str = "") -> None:
        line = max(reader.line_num, 1)
        mistakes.append(Mistake(path=shown, line=line, problem=problem, hint=hint))

    try:
        names = [each.strip() for each in next(filter(None, reader), [])]
        for problem, hint in _wrong_names(names, needed):
            add(problem, hint)
        if mistakes:
            return
        for cells in filter(None, reader):
            if len(cells) != len(names):
                hint = "was the file cut off, or a comma left without quotes?"
                add(f"has {len(cells)} values for {len(names)} columns", hint)
            else:
                yield Row(shown, reader.line_num, "", dict(zip(names, cells, strict=True)))
    except csv.Error as error:
        add(f"is not CSV: {error}", "was the file cut off?")


def _wrong_names(names: Sequence[str], needed: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in sorted({each for each in names if each and names.count(each) > 1}):
        yield f"has the column {name!r} twice", "keep one of them"
    for name in needed if names else ():
        if name not in names:
            yield f"has no column {name!r}", "choose it when you make the report"


def json_value(raw: bytes, shown: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value of a JSON file; numbers with a point are `Decimal`, as they are written.

    Raises:
        WorkspaceError: it is not UTF-8 or not JSON, or has a key twice.
    """
    text = decoded(raw, shown)
    line: int | None = None
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        line, problem = error.lineno, f"is not JSON: {error.msg} at column {error.colno}"
    except RecursionError:
        problem = "is not JSON that can be read: it is nested too deep"
    except ValueError as error:
        problem = f"is not JSON that can be read: {error}"
    mistake = Mistake(path=shown, line=line, problem=problem, hint="was the file cut off?")
    raise WorkspaceError([mistake])


def json_rows(items: Sequence[object], shown: str) -> list[Row]:
    """The objects of a list as rows.

    Raises:
        WorkspaceError: one is no object, or there is none.
    """
    mistakes = [
        Mistake(path=shown, problem=f"item {number}: is not a JSON object")
        for number, each in enumerate(items, 1)
        if not isinstance(each, dict)
    ]
    if not items:
        mistakes.append(Mistake(path=shown, problem="holds no row"))
    if mistakes:
        raise WorkspaceError(mistakes)
    return [
        Row(shown, None, f"item {number}: ", each)
        for number, each in enumerate(items, 1)
        if isinstance(each, dict)
    ]


def _refuse(name: str) -> None:
    raise ValueError(f"it holds {name}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("it has a key twice in one object")
    return entries


def csv_text(names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """A CSV file with exactly these columns; what a row does not have is empty."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()

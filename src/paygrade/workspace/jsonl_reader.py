"""JSON Lines, strictly: every line is named when it is wrong, and no line can eat the memory."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import Mistake
from paygrade.workspace.files import not_utf8, open_file, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from paygrade.records.json_value import Json

MAX_LINE_BYTES = 10_000_000
MAX_DEPTH = 40
MAX_DIGITS = 18
"""What every JSON reader and every database column holds exactly."""

_BLANK = (b"", b"\xef\xbb\xbf")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file, parsed. `mistakes` says what is wrong with it, then `data` is None."""

    number: int
    data: Json
    mistakes: tuple[Mistake, ...] = ()


def read_lines(file: Path, shown: str) -> Iterator[Line]:
    """Yield each line that is not blank; `shown` is the file's path in messages.

    Raises:
        WorkspaceError: the file cannot be read at all.
    """
    with open_file(file, shown) as stream:
        try:
            yield from _lines(stream, shown)
        except OSError as error:
            raise unreadable(error, shown) from error


def _lines(stream: BinaryIO, shown: str) -> Iterator[Line]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES)
            problem = f"is longer than {MAX_LINE_BYTES:,} bytes"
            yield _wrong(shown, number, [(problem, "one sample stands on one line")])
        elif raw.strip() not in _BLANK:
            yield parse_line(raw, shown, number)


def _wrong(shown: str, number: int, problems: list[tuple[str, str]]) -> Line:
    mistakes = tuple(
        Mistake(path=shown, line=number, problem=problem, hint=hint) for problem, hint in problems
    )
    return Line(number=number, data=None, mistakes=mistakes)


def parse_line(raw: bytes, shown: str, number: int, *, money: bool = True) -> Line:
    """Read one line. With `money`, what a key that ends with `_minor` names is an integer."""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        return Line(number=number, data=None, mistakes=(not_utf8(error, shown, number),))
    text = text.rstrip("\r\n")
    strict = _Strict(money=money)
    try:
        data = json.loads(
            text,
            object_pairs_hook=strict.pairs,
            parse_constant=strict.constant,
            parse_int=strict.integer,
            parse_float=strict.real,
        )
    except json.JSONDecodeError as error:
        return _wrong(shown, number, [(f"is not JSON: {error.msg} at column {error.colno}", "")])
    except RecursionError:
        return _wrong(shown, number, [_TOO_DEEP])
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(data):
        return _wrong(shown, number, [_TOO_DEEP])
    if _HALF.search(text) and not _is_unicode(data):
        strict.problems.append(("holds half of a surrogate pair", "write the whole character"))
    if strict.problems:
        return _wrong(shown, number, strict.problems)
    return Line(number=number, data=data)


_TOO_DEEP = (f"is nested deeper than {MAX_DEPTH} levels", "")


def _is_deep(data: Json) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Json] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        level = inner
    return bool(level)


def _is_unicode(data: Json) -> bool:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


class _Strict:
    """Hooks that notice what `json` would let through."""

    def __init__(self, *, money: bool) -> None:
        self.problems: list[tuple[str, str]] = []
        self._money = money

    def constant(self, name: str) -> None:
        self.problems.append((f"holds {name}, which is not JSON", "use null or a real number"))

    def integer(self, digits: str) -> int:
        count = len(digits.lstrip("-"))
        if count > MAX_DIGITS:
            problem = f"holds a number of {count} digits"
            self.problems.append((problem, "write it as a string"))
            return 0
        return int(digits)

    def real(self, digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            self.problems.append((f"holds {digits[:20]}, which is too large a number", ""))
        return value

    def pairs(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        entries = dict(pairs)
        if len(entries) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.problems.append((f"has the key {key!r} twice", "keep one of them"))
                seen.add(key)
        for key, value in pairs:
            if self._money and key.endswith("_minor") and not _is_money(value):
                hint = "write the amount in the currency's smallest unit, as a whole number"
                problem = f"{key!r} is {_named(value)}, not an integer in minor units"
                self.problems.append((problem, hint))
        return entries


def _is_money(value: Json) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _named(value: Json) -> str:
    if isinstance(value, str):
        return "a string"
    return json.dumps(value) if isinstance(value, bool | float) else "not a number"

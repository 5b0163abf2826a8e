"""YAML as data: no tags, no code, no surprises of YAML 1.1, and a line for every value.

Scalars follow JSON and the YAML 1.2 core schema: `no`, `on`, `010`, `0x1F`, `1_000`, `.inf` and
dates are text. Aliases are read, but a document may not expand to more than `MAX_VALUES` values,
`MAX_CHARACTERS` of text or `MAX_DEPTH` levels.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from paygrade.errors import Mistake, WorkspaceError
from paygrade.workspace.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.records.json_value import Json

MAX_VALUES = 50_000
MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 40
MAX_DIGITS = 18
"""What every JSON reader and every database column holds exactly."""

Location = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?\Z", re.ASCII)
_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True,
    "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_ESCAPE = re.compile(r"\\(\r?\n|.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One YAML file: its value, and the line (from 1) at which each part of it stands.

    `written` holds text as it stands in the file, where YAML joins or splits its lines.
    """

    path: str
    data: Json
    lines: dict[Location, int] = field(default_factory=dict)
    written: dict[Location, str] = field(default_factory=dict)

    def line(self, location: Location) -> int:
        """The line of `location`, or of its nearest part that exists in the file."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def mistake(self, location: Location, problem: str, hint: str = "") -> Mistake:
        """A mistake at `location` in this file."""
        return Mistake(path=self.path, line=self.line(location), problem=problem, hint=hint)


def read_yaml(file: Path, shown: str) -> Document:
    """Read one YAML document from `file`; `shown` is its path in messages.

    Raises:
        WorkspaceError: unreadable, not YAML, a duplicate key, a tag, or too large once expanded.
    """
    text = read_text(file, shown)
    reader = _Reader(shown, text)
    data: Json = None
    try:
        data = reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"is not YAML: {error.problem or error.context}"
        if (
            "nesting depth" in problem
        ):  # libyaml's own bound, far beyond ours, met while it looks ahead
            problem = f"is refused: nested deeper than {MAX_DEPTH} levels"
        line = mark.line if mark else 0
        tab = any("\t" in each for each in text.split("\n")[line : line + 1])
        reader.add(line + 1, problem, "indent with spaces, not with tabs" if tab else "")
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position]
        code = error.character if isinstance(error.character, int) else ord(error.character)
        problem = f"is not YAML: it holds the character U+{code:04X}"
        reader.add(before.count(b"\n") + 1, problem, "take it out, or write it as an escape")
    if reader.mistakes:
        raise WorkspaceError(reader.mistakes)
    return Document(path=shown, data=data, lines=reader.lines, written=reader.written)


class _TooMuchError(Exception):
    """Stops the reading of a document that is hostile rather than wrong."""


@dataclass(frozen=True, slots=True)
class _Size:
    """What a value comes to once every alias in it is expanded."""

    values: int
    characters: int
    depth: int


class _Reader:
    """Builds plain values from parser events, counting as it goes."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines: dict[Location, int] = {}
        self.written: dict[Location, str] = {}
        self.mistakes: list[Mistake] = []
        self._text = text
        self._anchors: dict[str, tuple[Json, _Size]] = {}
        self._open: set[str] = set()
        self._values = self._characters = self._deepest = 0

    def document(self, events: Iterator[Any]) -> Json:
        data: Json = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._wrong(event, "holds more than one YAML document", "keep one per file")
                    break
                try:
                    data = self._value(next(events), events, ())
                except _TooMuchError:
                    break
        return data

    def add(self, line: int, problem: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(path=self.path, line=line, problem=problem, hint=hint))

    def _wrong(self, event: Any, problem: str, hint: str = "") -> None:  # noqa: ANN401 - yaml events share no public base
        self.add(event.start_mark.line + 1, problem, hint)

    def _count(self, event: Any, size: _Size) -> None:  # noqa: ANN401 - as above
        self._values += size.values
        self._characters += size.characters
        self._deepest = max(self._deepest, size.depth)
        if self._values > MAX_VALUES:
            what = f"more than {MAX_VALUES:,} values once its aliases are expanded"
        elif self._characters > MAX_CHARACTERS:
            what = f"more than {MAX_CHARACTERS:,} characters once its aliases are expanded"
        elif size.depth > MAX_DEPTH:
            what = f"nested deeper than {MAX_DEPTH} levels"
        else:
            return
        self._wrong(event, f"is refused: {what}")
        raise _TooMuchError

    def _value(self, event: Any, events: Iterator[Any], at: Location) -> Json:  # noqa: ANN401 - as above
        self.lines[at] = _first_line(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, len(at))
        if event.tag is not None and event.tag != "!":
            hint = "YAML holds no code: write plain values"
            self._wrong(event, f"uses the tag {event.tag!r}", hint)
        if not event.anchor:
            return self._plain(event, events, at)
        before = _Size(self._values, self._characters, self._deepest)
        self._deepest = 0
        self._open.add(event.anchor)
        value = self._plain(event, events, at)
        self._open.discard(event.anchor)
        size = _Size(
            self._values - before.values,
            self._characters - before.characters,
            self._deepest - len(at),
        )
        self._anchors[event.anchor] = (value, size)
        self._deepest = max(self._deepest, before.depth)
        return value

    def _plain(self, event: Any, events: Iterator[Any], at: Location) -> Json:  # noqa: ANN401 - as above
        if isinstance(event, yaml.ScalarEvent):
            self._count(event, _Size(1, len(event.value), len(at)))
            return self._scalar(event, at)
        self._count(event, _Size(1, 0, len(at)))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, at)
        return self._mapping(events, at)

    def _alias(self, event: Any, depth: int) -> Json:  # noqa: ANN401 - as above
        if event.anchor in self._open:
            self._wrong(event, f"alias *{event.anchor} refers to itself")
            return None
        if event.anchor not in self._anchors:
            self._wrong(event, f"alias *{event.anchor} names no anchor above it")
            return None
        value, size = self._anchors[event.anchor]
        self._count(event, _Size(size.values, size.characters, depth + size.depth))
        return value

    def _sequence(self, events: Iterator[Any], at: Location) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*at, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], at: Location) -> dict[str, Json]:
        entries: dict[str, Json] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._wrong(event, "has a key that is not plain text")
                self._value(event, events, (*at, "?"))
                self._value(next(events), events, (*at, "?"))
                continue
            key = event.value
            if key == "<<" and event.implicit[0]:
                self._wrong(event, "merges with '<<', which YAML 1.2 does not have", "write it out")
            elif key in entries:
                self._wrong(event, f"has the key {key!r} twice", "the second would win silently")
            line = _first_line(event)
            value = self._value(next(events), events, (*at, key))
            entries[key] = value
            if not isinstance(value, str):
                self.lines[(*at, key)] = line  # the key's own line; text keeps its first line
        return entries

    def _scalar(self, event: Any, at: Location) -> Json:  # noqa: ANN401 - as above
        text: str = event.value
        if event.implicit[0] and event.tag != "!":
            if text in _WORDS:
                return _WORDS[text]
            if _INT.match(text):
                digits = len(text.lstrip("+-"))
                if digits <= MAX_DIGITS:
                    return int(text)
                self._wrong(event, f"holds a number of {digits} digits", "put it into quotes")
            elif _FLOAT.match(text):
                if math.isfinite(float(text)):
                    return float(text)
                self._wrong(event, f"holds {text}, which is too large a number")
        start: Any = event.start_mark
        end: Any = event.end_mark
        several_lines = end.line > start.line or "\n" in text
        if event.style != "|" and several_lines:
            self.written[at] = self._as_written(event)
        return text

    def _as_written(self, event: Any) -> str:  # noqa: ANN401 - as above
        raw = self._text[event.start_mark.index : event.end_mark.index]
        if event.style == ">":
            return raw.partition("\n")[2]
        if event.style == '"':
            return _ESCAPE.sub(lambda found: " " if found[1] == "n" else found[1], raw)
        return raw.replace("''", "'")


def _first_line(event: Any) -> int:  # noqa: ANN401 - as above
    """Where a value starts; the text of a block starts below its `|` or `>`."""
    block = isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">")
    return int(event.start_mark.line) + (2 if block else 1)

"""JSON as text: its strings and numbers, and how to edit them so that it stays JSON."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.leaks.views import Edit, View, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|-?[0-9][0-9.eE+-]*+|[{}\[\]:]', re.DOTALL)
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A string or a number of a JSON text, with the object it is a key of, if it is one."""

    start: int
    end: int
    is_number: bool
    key_of: int | None


def tokens(text: str) -> list[Token] | None:
    """Return the strings and numbers of a JSON object or array, or None if it is neither."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        # Digits are not turned into numbers: nobody asked, and Python refuses very long ones.
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    objects = 0
    inside: list[int] = []
    for match in _TOKEN.finditer(text):
        first = match[0][0]
        if first in "{[":
            objects += 1
            inside.append(objects)
        elif first in "}]":
            inside.pop()
        elif first != ":":
            after = _BLANK.match(text, match.end())
            is_key = after is not None and text.startswith(":", after.end())
            yield Token(
                start=match.start(),
                end=match.end(),
                is_number=first != '"',
                key_of=inside[-1] if is_key else None,
            )


def edited(
    text: str, found: Sequence[Token], edits: Sequence[Edit], mask: Callable[[str], str]
) -> Iterator[Edit]:
    """Yield edits that keep a JSON text JSON, from edits that do not care.

    A string is masked as what it says, which may be JSON again. A number becomes a string. Keys of
    one object stay different from each other.
    """
    keys = _keys(text, found)
    todo = deque(edits)
    for token in found:
        here: list[Edit] = []
        while todo and todo[0].end <= token.end:  # no detector looks across a quote
            here.append(todo.popleft())
        if here:
            yield Edit(token.start, token.end, _token(text, token, here, mask, keys))


class Keys:
    """The keys of one object, which masking must not make equal."""

    def __init__(self, keys: Iterable[object]) -> None:
        """Start with the keys as they are."""
        self._taken = Counter(keys)
        self._numbers: dict[str, int] = {}

    def rename(self, old: object, new: str) -> str:
        """Give a key its masked name, with a number behind it where another key has that name."""
        self._taken[old] -= 1
        name = new
        while self._taken[name] > 0:
            number = self._numbers[new] = self._numbers.get(new, 1) + 1
            name = f"{new} ({number})"
        self._taken[name] += 1
        return name


def _keys(text: str, found: Sequence[Token]) -> dict[int, Keys]:
    keys: dict[int, list[str]] = {}
    for token in found:
        if token.key_of is not None:
            keys.setdefault(token.key_of, []).append(json.loads(text[token.start : token.end]))
    return {key_of: Keys(names) for key_of, names in keys.items()}


def _token(
    text: str,
    token: Token,
    edits: Sequence[Edit],
    mask: Callable[[str], str],
    keys: dict[int, Keys],
) -> str:
    written = text[token.start : token.end]
    if token.is_number:
        return json.dumps(_applied(written, edits, token.start))
    said: str = json.loads(written)
    masked = mask(said)
    if masked == said:
        masked = _as_written(written, edits, token)
    if token.key_of is not None:
        masked = keys[token.key_of].rename(said, masked)
    return json.dumps(masked, ensure_ascii=written.isascii())


def _as_written(written: str, edits: Sequence[Edit], token: Token) -> str:
    """Mask what leaks only in the writing, such as a number whose first digits end an escape."""
    inner = _applied(written[1:-1], edits, token.start + 1)
    try:
        return str(json.loads(f'"{inner}"'))
    except ValueError:
        return edits[0].text


def _applied(written: str, edits: Sequence[Edit], offset: int) -> str:
    moved = (Edit(edit.start - offset, edit.end - offset, edit.text) for edit in edits)
    return rewrite(View(written), moved).text

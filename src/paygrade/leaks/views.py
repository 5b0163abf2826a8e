"""Texts made from other texts, that know where each of their parts came from."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_LITERAL = -1


class Edit(NamedTuple):
    """Put `text` in the place of what stands between `start` and `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """A text, and how to get from an offset in it back to the text it was made from."""

    text: str
    source: View | None = None
    starts: tuple[int, ...] = ()
    pieces: tuple[tuple[int, int], ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the very first text that became `start` to `end` of this one."""
        view = self
        while view.source is not None:
            first, _ = view._step(start)
            _, end = view._step(end - 1)
            start, view = first, view.source
        return start, end

    def _step(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self.starts, offset) - 1
        start, end = self.pieces[index]
        if end != _LITERAL:
            return start, end
        start += offset - self.starts[index]
        return start, start + 1


def rewrite(view: View, edits: Iterable[Edit]) -> View:
    """Apply edits, which are in order and apart from each other."""
    text = view.text
    parts: list[str] = []
    starts: list[int] = []
    pieces: list[tuple[int, int]] = []
    done = length = 0
    for edit in edits:
        if edit.start > done:
            starts.append(length)
            pieces.append((done, _LITERAL))
            parts.append(text[done : edit.start])
            length += edit.start - done
        if edit.text:
            starts.append(length)
            pieces.append((edit.start, edit.end))
            parts.append(edit.text)
            length += len(edit.text)
        done = edit.end
    starts.append(length)
    pieces.append((done, _LITERAL))
    parts.append(text[done:])
    return View("".join(parts), view, tuple(starts), tuple(pieces))

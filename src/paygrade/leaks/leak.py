"""What the detectors hand to each other: a leak in one reading of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

HOLE = "#"
"""Stands where something was found already, or where nothing may be found: no detector spans it."""


class Leak(NamedTuple):
    """A leak and what may be shown in its place."""

    kind: str
    start: int
    end: int
    shown: str


def blank(text: str, leaks: Iterable[Leak]) -> str:
    """Make holes of what was found, so that another detector does not read it as something else."""
    parts: list[str] = []
    done = 0
    for leak in leaks:
        start = max(leak.start, done)
        parts += text[done:start], HOLE * (leak.end - start)
        done = max(leak.end, done)
    return "".join((*parts, text[done:]))

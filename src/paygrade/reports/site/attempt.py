"""The words of one attempt, cut so that a page can show them."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from paygrade.records.agent_json import trajectory_from_json
from paygrade.reports.trajectory import trajectory_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.json_value import Json
    from paygrade.records.site import SampleTold

LONGEST = 20_000
"""So many characters of one text are shown."""

HEAVIEST = 40_000
"""So many characters of all texts of one attempt: none takes more than 9 bytes of a page."""

_SHORT = 1_000  # characters of a check's reason
_LINES = 400  # of each side of a difference: finding it takes time by their square
_AROUND = 3  # lines that are the same, around a difference
_HEAD = 2  # lines with file names, which there are none of


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as far as it is shown; `whole` is how many characters it has."""

    text: str
    whole: int
    shown: int

    @property
    def is_cut(self) -> bool:
        """There is more than is shown."""
        return self.shown < self.whole


@dataclass(frozen=True, slots=True)
class Judged:
    """A check with its reason."""

    check: str
    severity: str
    role: str
    result: str
    reason: Cut


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of a difference: its text starts with its mark (+, - or a space)."""

    kind: Literal["added", "removed", "same", "where"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows of one attempt. A text that is not there is `None`."""

    ended: Literal["failed", "errored", "passed"]
    error: Cut | None
    answer: Cut | None
    checks: tuple[Judged, ...]
    baseline: Literal["unknown", "same", "different"]
    difference: tuple[Changed, ...]
    difference_cut: bool
    expected: Cut | None
    messages: tuple[tuple[str, Cut], ...]
    steps: Cut | None


class _Room:
    """How many characters may still be shown of an attempt."""

    def __init__(self) -> None:
        self.left = HEAVIEST

    def cut(self, text: str, most: int = LONGEST) -> Cut:
        """The start of a text."""
        start = text[: min(most, self.left)]
        self.left -= len(start)
        return Cut(start, len(text), len(start))


def shown(told: SampleTold) -> Shown:
    """The words of an attempt, what matters most first where there is not room for all."""
    room = _Room()
    answer = None if told.answer is None else room.cut(told.answer)
    error = room.cut(f"{told.error_kind}: {told.error}") if told.kind == "errored" else None
    checks = tuple(
        Judged(
            each.check, each.severity, each.role, each.result,
            room.cut(each.reason, _SHORT),
        )
        for each in told.checks
    )  # fmt: skip
    expected = None if told.expected is None else room.cut(_json(told.expected))
    difference, cut = _difference(told, room)
    return Shown(
        ended="errored" if told.kind == "errored" else "failed" if told.failed else "passed",
        error=error,
        answer=answer,
        checks=checks,
        baseline=_baseline(told),
        difference=difference,
        difference_cut=cut,
        expected=expected,
        messages=tuple((role, room.cut(text)) for role, text in told.messages),
        steps=None if told.trajectory is None else room.cut(_steps(told.trajectory, told.epoch)),
    )


def _json(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _steps(trajectory: Json, epoch: int) -> str:
    """What the agent did, as the terminal tells it; the JSON where it is of another form."""
    try:
        known = trajectory_from_json(trajectory)
    except ValueError:
        return _json(trajectory)
    return "\n".join(line.plain for line in trajectory_lines(known, epoch)).strip()


def _baseline(told: SampleTold) -> Literal["unknown", "same", "different"]:
    if told.baseline_answer is None:
        return "unknown"
    return "same" if told.baseline_answer == told.answer else "different"


def _difference(told: SampleTold, room: _Room) -> tuple[tuple[Changed, ...], bool]:
    """The baseline's answer against this one, line by line, and whether either was cut."""
    if told.baseline_answer is None or told.baseline_answer == told.answer:
        return (), False
    before, cut_before = _lines(told.baseline_answer, room)
    after, cut_after = _lines(told.answer or "", room)
    return tuple(_changed(before, after)), cut_before or cut_after


def _lines(text: str, room: _Room) -> tuple[list[str], bool]:
    start = room.cut(text)
    lines = start.text.replace("\r\n", "\n").split("\n")
    return lines[:_LINES], start.is_cut or len(lines) > _LINES


def _changed(before: list[str], after: list[str]) -> Iterator[Changed]:
    kinds: dict[str, Literal["added", "removed", "same", "where"]] = {
        "+": "added", "-": "removed", " ": "same", "@": "where",
    }  # fmt: skip
    found = difflib.unified_diff(before, after, n=_AROUND, lineterm="")
    for line in islice(found, _HEAD, None):
        yield Changed(kinds[line[0]], line)

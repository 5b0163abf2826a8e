"""What `paygrade doctor` found, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from paygrade.reports.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.diagnosis import Diagnosis

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def diagnosis_lines(diagnoses: Iterable[Diagnosis]) -> Iterator[Text]:
    """Level, area, what was found, and in brackets what mends it."""
    every = tuple(diagnoses)
    width = max((len(plain(each.area)) for each in every), default=0)
    for each in every:
        mend = f" ({each.mend})" if each.mend else ""
        yield Text.assemble(
            (f"{each.level:4}", _COLOURS[each.level]),
            f"  {plain(each.area):{width}}  {plain(each.said + mend)}",
        )

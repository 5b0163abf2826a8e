"""Time that passes, and what a person reads."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.playing import Stage
    from kit import Ended

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def pass_hours(stage: Stage, hours: float) -> None:
    """Everything that was recorded so far lies so much further back."""

    def earlier(found: re.Match[str]) -> str:
        then = dt.datetime.fromisoformat(found[0]) - dt.timedelta(hours=hours)
        return then.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    for journal in stage.root.glob(".paygrade/runs/*/journal.jsonl"):
        journal.write_text(_TIME.sub(earlier, journal.read_text()))


def said(ended: Ended) -> str:
    """All that a person reads, without the breaks of lines."""
    return " ".join(f"{ended.out} {ended.err}".split())

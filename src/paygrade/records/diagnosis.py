"""What `paygrade doctor` looks at, and what a provider says of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt

Level = Literal["ok", "warn", "fail"]
"""Fine; worth knowing; something that a run needs is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that was looked at: what was found, and what mends it."""

    area: str
    level: Level
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a provider says of a model. No model is asked for that, and nothing is paid.

    `lifecycle` is the provider's word, empty when it has none. `retires_on` is in UTC.
    `clock_ahead_s` is how far the clock here is ahead of the provider's, in seconds.
    """

    lifecycle: str = ""
    retires_on: dt.date | None = None
    clock_ahead_s: float | None = None

"""How one attempt ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.records.check import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An answer came and every gating and invariant check could be judged."""

    sample_id: str
    epoch: int
    failed: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errored:
    """The infrastructure gave no answer, or a check broke. Never a failure, never a pass.

    `error_kind` is a short stable class; `error` one sentence; `request_id` the provider's own.
    """

    sample_id: str
    epoch: int
    error_kind: str
    error: str
    checks: tuple[Check, ...] = ()
    request_id: str = ""


Outcome = Scored | Errored

"""What a suite asks of its gate: levels, limits, and what is forgiven until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Confirm = Literal["both", "stored", "off"]
"""How a suspicion is confirmed: on fresh runs of both versions, on fresh runs of the candidate
against the baseline's second session, or not at all."""

Inference = Literal["auto", "runs", "cases"]
"""What counts as independent evidence: what the baseline's A/A check says, epochs, or cases."""

OnInconclusive = Literal["warn", "fail"]

OnLeak = Literal["mask", "refuse"]
"""A text that must not be published is masked, or nothing is published at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One invariant that may fail on one sample until a date (ISO 8601, inclusive), and why."""

    check: str
    sample: str
    until: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """The gate's settings. Rates, margins and levels are fractions (0.05 is five points).

    `epochs` of the candidate; `None`: 3, or 1 from 1,000 samples on. `baseline_epochs` are those of
    each of a baseline's two sessions. `max_confirm_calls` bounds the attempts of one confirmation,
    both versions together. `must_detect` is the rise that the suite promises to see with
    probability `power_target`. `money_limits` holds, by currency, the rise of the expected loss per
    1,000 samples, in minor units, that is still allowed.
    """

    epochs: int | None = None
    baseline_epochs: int = 5
    alpha_screen: float = 0.20
    alpha_confirm: float = 0.05
    confirm: Confirm = "both"
    confirm_epochs: int = 5
    max_confirm_calls: int | None = None
    tolerance: float = 0.0
    margin: float = 0.05
    min_overlap: float = 0.80
    max_error_rate: float = 0.05
    min_slice: int = 5
    inference: Inference = "auto"
    power_target: float = 0.80
    must_detect: float | None = None
    on_inconclusive: OnInconclusive = "warn"
    max_age_days: int = 90
    money_limits: Mapping[str, int] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

"""One call of an attempt that gave no answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What became of a call that failed; the call that answered is the answer itself.

    `number` counts the attempt's calls from 1. `retry_in_s` is how long the next one waits, in
    seconds; `None` when there is none. `cost_usd` is what it counts with in the budget: nothing
    when the provider refused it, the ceiling when nobody knows; `None` where no price is known.
    """

    sample_id: str
    epoch: int
    number: int
    kind: str
    problem: str
    request_id: str
    latency_s: float
    retry_in_s: float | None
    cost_usd: float | None
    at: str

"""Exact bounds of a failure rate."""

from __future__ import annotations

from scipy import special  # type: ignore[import-untyped]  # it ships no types

from paygrade.stats.interval import zero_upper


def exact_upper(failed: int, trials: int, confidence: float = 0.95) -> float:
    """The failure rate that `failed` of `trials` leaves possible: one-sided upper bound in 0..1.

    Clopper and Pearson (1934). Without a failure it is `zero_upper`; without a trial nothing is
    known, and it is 1.

    Raises:
        ValueError: unless 0 <= failed <= trials and 0 < confidence < 1.
    """
    if not 0 <= failed <= trials:
        raise ValueError(f"failed={failed} of trials={trials}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence}")
    if failed == trials:  # also without a trial
        return 1.0
    if failed == 0:
        return zero_upper(trials, confidence)
    return float(special.betaincinv(failed + 1, trials - failed, confidence))

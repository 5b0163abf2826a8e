"""How figures are written, everywhere alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytx import MoneyError, format_minor

if TYPE_CHECKING:
    from paygrade.records.run import MoneyAtRisk, Rate

THIN = 30
"""Fewer samples than this in a slice are too thin to judge."""


_TENTH = 0.0005  # half of what the last written digit counts


def percent(share: float | None) -> str:
    """`12.5 %`; `n/a` where nothing is known. What is not 0 or 100 % never looks as if it were."""
    if share is None:
        return "n/a"
    if 0 < share < _TENTH:
        return "<0.1 %"
    if 1 - _TENTH < share < 1:
        return ">99.9 %"
    return f"{share * 100:.1f} %"


def interval(low: float, high: float) -> str:
    """`8.1 to 19.0 %`."""
    return f"{low * 100:.1f} to {high * 100:.1f} %"


def counts(rate: Rate) -> str:
    """`8 of 64 failed, 2 errors`."""
    errors = f", {plural(rate.errored, 'error')}" if rate.errored else ""
    return f"{rate.failed:,} of {rate.scored:,} failed{errors}"


def plural(count: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def money(each: MoneyAtRisk) -> str:
    """`12.00 EUR of 340.00 EUR`."""
    return f"{_amount(each.at_risk_minor, each)} of {_amount(each.exposed_minor, each)}"


def _amount(minor: int, each: MoneyAtRisk) -> str:
    try:
        return format_minor(minor, each.currency)
    except MoneyError:  # a sum may be larger than any one amount
        return f"{minor} minor units of {each.currency}"

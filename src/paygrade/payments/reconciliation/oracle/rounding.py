"""Rounding and days, exactly: fractions, and dates in the zone that counts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    Context = Mapping[str, Any]

SATURDAY = 5


def half_up(amount: Fraction) -> int:
    """The nearest whole number; a tie goes away from zero."""
    size = int(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size


def part(amount: int, bps: int) -> int:
    """So many ten-thousandths of an amount, rounded half up."""
    return half_up(Fraction(amount * bps, 10_000))


def converted(line: Mapping[str, Any], rate: str, context: Context, side: str) -> int:
    """What a line's original amount is in its own currency, as the ledger or the statement rounds.

    Args:
        line: A statement line with `orig_amount_minor` and `orig_currency`.
        rate: Units of the line's currency for one unit of the original one, as a decimal.
        context: Of the case.
        side: `ledger` or `statement`.
    """
    exponents, rounding = context["exponents"], context["rounding"]
    shift = exponents[line["currency"]] - exponents[line["orig_currency"]]
    step = rounding["statement_step_minor"] if side == "statement" else 1
    steps = line["orig_amount_minor"] * Fraction(rate) * Fraction(10) ** shift / step
    # `round` of a fraction takes the even neighbour in a tie
    return int(half_up(steps) if rounding[side] == "half_up" else round(steps)) * step


def settlement_day(instant: str, context: Context) -> date:
    """The day on which money of an instant is settled."""
    cutoff, lag = context["cutoff"], context["settlement_lag"]
    moment = datetime.fromisoformat(instant).astimezone(ZoneInfo(cutoff["zone"]))
    day = moment.date()
    if moment.time() >= time.fromisoformat(cutoff["time"]):
        day += timedelta(days=1)
    if lag["unit"] == "calendar_days":
        return day + timedelta(days=lag["days"])
    left = lag["days"]
    while left:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day.isoformat() not in lag["holidays"]:
            left -= 1
    return day

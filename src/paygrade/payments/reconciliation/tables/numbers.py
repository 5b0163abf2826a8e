"""Decimals to whole numbers, and days; by `decimal` and ordinals, as the first oracle does not."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EXACT: Final = Context(prec=80)
_MODES: Final = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def whole(amount: Decimal, mode: str = "half_up") -> int:
    """The nearest whole number by one of the two ways of rounding."""
    return int(amount.quantize(Decimal(1), rounding=_MODES[mode], context=_EXACT))


def bps(amount: int, share: int) -> int:
    """So many ten-thousandths, rounded half up."""
    return whole(_EXACT.multiply(Decimal(amount), Decimal(share).scaleb(-4)))


def convert(line: Mapping[str, Any], rate: str, case: Mapping[str, Any], side: str) -> int:
    """An original amount in the line's currency, as one side rounds it."""
    facts = case["context"]
    places = facts["exponents"]
    amount = Decimal(line["orig_amount_minor"]).scaleb(-places[line["orig_currency"]])
    product = _EXACT.multiply(amount, Decimal(rate)).scaleb(places[line["currency"]])
    step = {"statement": facts["rounding"]["statement_step_minor"], "ledger": 1}[side]
    return whole(_EXACT.divide(product, Decimal(step)), facts["rounding"][side]) * int(step)


def settles_late(instant: str, case: Mapping[str, Any]) -> bool:
    """Whether the settlement day of an instant is after the period."""
    facts = case["context"]
    local = datetime.fromisoformat(instant).astimezone(ZoneInfo(facts["cutoff"]["zone"]))
    ordinal = local.toordinal() + (local.strftime("%H:%M") >= facts["cutoff"]["time"])
    lag = facts["settlement_lag"]
    closed = {date.fromisoformat(each).toordinal() for each in lag["holidays"]}
    is_open = {
        "calendar_days": lambda _: True,
        # ordinal 1 was a Monday
        "business_days": lambda day: (day - 1) % 7 < 5 and day not in closed,  # noqa: PLR2004
    }
    counts: Callable[[int], bool] = is_open[lag["unit"]]
    days = (day for day in range(ordinal + 1, ordinal + 400) if counts(day))
    settled = [ordinal, *(next(days) for _ in range(lag["days"]))][-1]
    last = date.fromisoformat(facts["period"]["to"]).toordinal()
    return int(settled) > last

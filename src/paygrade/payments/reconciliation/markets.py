"""What a payment provider's report and fees look like, by the format of its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Fees of one currency: shares in ten-thousandths, amounts in minor units."""

    rate_bps: int
    fixed_minor: int
    tax_bps: int
    fx_fee_bps: int
    chargeback_fee_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A format, with the currencies it settles in and the kinds of fees on a sale."""

    format: str
    schedules: dict[str, Schedule]
    fee_kinds: tuple[str, ...]
    zones: tuple[str, ...]
    rates: dict[tuple[str, str], str]
    """The ledger's rate of one unit of the first currency in the second."""


def _schedule(rate: int, fixed: int, chargeback: int, tax: int = 0, fx: int = 0) -> Schedule:
    return Schedule(
        rate_bps=rate,
        fixed_minor=fixed,
        tax_bps=tax,
        fx_fee_bps=fx,
        chargeback_fee_minor=chargeback,
    )


MARKETS: Final = (
    Market(
        format="stripe_like",
        schedules={
            "USD": _schedule(290, 30, 1500, fx=100),
            "EUR": _schedule(150, 25, 2000, fx=200),
            "GBP": _schedule(150, 20, 2000, fx=200),
            "JPY": _schedule(360, 0, 1500, fx=200),
        },
        fee_kinds=("psp_fee",),
        zones=("America/New_York", "Europe/Dublin", "UTC"),
        rates={
            ("EUR", "USD"): "1.0850",
            ("GBP", "USD"): "1.2710",
            ("USD", "EUR"): "0.9215",
            ("GBP", "EUR"): "1.1725",
            ("USD", "GBP"): "0.7865",
            ("EUR", "GBP"): "0.8525",
            ("USD", "JPY"): "148.25",
            ("EUR", "JPY"): "160.75",
        },
    ),
    Market(
        format="adyen_like",
        schedules={
            "EUR": _schedule(0, 0, 750, fx=120),
            "GBP": _schedule(0, 0, 650, fx=120),
            "KWD": _schedule(0, 0, 2500, fx=150),
        },
        fee_kinds=("interchange", "scheme_fee", "markup"),
        zones=("Europe/Amsterdam", "Europe/London", "Asia/Kuwait"),
        rates={
            ("USD", "EUR"): "0.9175",
            ("GBP", "EUR"): "1.1685",
            ("EUR", "GBP"): "0.8575",
            ("USD", "KWD"): "0.3075",
            ("EUR", "KWD"): "0.3345",
        },
    ),
    Market(
        format="razorpay_like",
        schedules={"INR": _schedule(200, 0, 50_000, tax=1800, fx=100)},
        fee_kinds=("psp_fee", "tax_on_fee"),
        zones=("Asia/Kolkata",),
        rates={("USD", "INR"): "83.45", ("EUR", "INR"): "90.55"},
    ),
    Market(
        format="camt053_like",
        schedules={
            "EUR": _schedule(120, 10, 1800, fx=150),
            "GBP": _schedule(125, 12, 1600, fx=150),
        },
        fee_kinds=("psp_fee",),
        zones=("Europe/Berlin", "Europe/London"),
        rates={("USD", "EUR"): "0.9225", ("USD", "GBP"): "0.7875"},
    ),
)

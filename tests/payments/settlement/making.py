"""Lines as Hypothesis draws them, and files that tests change."""

from __future__ import annotations

import datetime as dt
import math
import os
from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st

from paygrade.payments.settlement.lines import BankBalance, BankLine, BankStatement, Fee
from paygrade.payments.settlement.lines import StatementLine as Line
from pytx import exponent

SHARED = Path(os.environ.get("PAYGRADE_SHARED", Path(__file__).resolve().parents[4] / "shared"))

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "ISK", "INR", "UGX", "BHD"])
AMOUNTS = st.one_of(st.integers(-200_000, 200_000), st.integers(-(10**14), 10**14))
COSTS = st.integers(1, 50_000)
# Letters beyond ASCII, quotes and commas are in; what any reader strips or refuses is out.
TEXTS = st.text(st.sampled_from("abcXYZ019-_/.,;'\"&<>é漢#= "), min_size=1, max_size=30).map(
    lambda text: f"r{text.strip()}x".replace("  ", " ").replace("  ", " ")
)
TEXTS = TEXTS.filter(lambda text: text == " ".join(text.split()))
TIMES = st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2035, 12, 31))  # noqa: DTZ001 - local


def utc(time: dt.datetime) -> str:
    """An instant in UTC, to the second."""
    return time.replace(microsecond=0, tzinfo=dt.UTC).isoformat()


@st.composite
def fees(draw: st.DrawFn, kinds: tuple[str, ...]) -> tuple[Fee, ...]:
    """Some of these kinds, in their order."""
    return tuple(Fee(kind=kind, amount_minor=draw(COSTS)) for kind in kinds if draw(st.booleans()))


def unique(lines: list[Line]) -> list[Line]:
    """The lines whose ids come first."""
    return list({each.id: each for each in reversed(lines)}.values())


@st.composite
def line(draw: st.DrawFn, kinds: tuple[str, ...]) -> Line:
    """A line without a conversion, in UTC."""
    costs = draw(fees(kinds))
    gross = draw(AMOUNTS)
    return Line(
        id=draw(TEXTS),
        ref=draw(TEXTS),
        type=draw(st.sampled_from(["charge", "refund", "Settled", "payment", "adjustment"])),
        currency=draw(CURRENCIES),
        gross_minor=gross,
        fees=costs,
        net_minor=gross - sum(each.amount_minor for each in costs),
        created_at=utc(draw(TIMES)),
        batch=draw(TEXTS),
    )


def converted(gross: int, currency: str, paid_in: str, rate: str) -> int:
    """What a gross amount comes to at a rate, half up."""
    unit = Fraction(10) ** (exponent(currency) - exponent(paid_in))
    return math.floor(gross * Fraction(rate) * unit + Fraction(1, 2))


@st.composite
def statement(draw: st.DrawFn) -> BankStatement:
    """A statement that balances by construction."""
    currency = draw(CURRENCIES)
    ids = draw(st.lists(TEXTS, max_size=6, unique=True))
    lines = tuple(
        BankLine(
            id=name,
            currency=currency,
            amount_minor=draw(AMOUNTS),
            value_date=draw(st.one_of(st.none(), st.dates().map(str))),
            reference=draw(st.one_of(st.just(""), TEXTS)),
            description=draw(st.one_of(st.just(""), TEXTS)),
            charges_minor=draw(st.one_of(st.none(), st.integers(-500, 500))),
        )
        for name in ids
    )
    opening = draw(AMOUNTS)
    closing = opening + sum(each.amount_minor for each in lines)
    return BankStatement(
        id=draw(TEXTS),
        account=draw(st.sampled_from(["NL26VAYB8060476890", "12-34-56 7890"])),
        opening=BankBalance(currency=currency, amount_minor=opening, date="2026-03-01"),
        closing=BankBalance(currency=currency, amount_minor=closing, date="2026-03-02"),
        lines=lines,
    )

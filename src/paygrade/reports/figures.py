"""How figures are written, everywhere alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytx import MoneyError, format_minor

if TYPE_CHECKING:
    from paygrade.records.run import Bill, MoneyAtRisk, Rate
    from paygrade.records.verdict import Change

THIN = 30
"""Fewer samples than this in a slice are too thin to judge."""

_TENTH = 0.0005  # half of what the last written digit counts
_LEAST_P = 1e-12  # below it a p-value is only said to be below it
_SHORT_P = 1e-4  # below it four decimals would show nothing


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


def points(share: float) -> str:
    """`+2.3 points`. What is not zero never looks as if it were."""
    return f"{signed(share)} points"


def signed(share: float) -> str:
    """`+2.3`, in points."""
    scaled = share * 100
    if not scaled:
        return "0.0"
    if abs(share) >= _TENTH:
        return f"{scaled:+.1f}"
    least = 0.001
    return f"{scaled:+.1g}" if abs(scaled) >= least else f"{'+' if scaled > 0 else '-'}<{least}"


def bounds(change: Change) -> str:
    """`(0.4 to 4.1)`, in points."""
    low, high = (round(share * 100, 1) + 0.0 for share in (change.low, change.high))
    return f"({low:.1f} to {high:.1f})"


def p_value(p: float | None) -> str:
    """`0.0312`, `3.1e-07`, `<1e-12`; `-` where nothing was tested."""
    if p is None:
        return "-"
    if p < _LEAST_P:
        return "<1e-12"
    return f"{p:.1e}" if p < _SHORT_P else f"{p:.4f}"


def share_of(pair: tuple[int, int]) -> str:
    """`3 of 5`."""
    return f"{pair[0]:,} of {pair[1]:,}"


def money(each: MoneyAtRisk) -> str:
    """`12.00 EUR of 340.00 EUR`."""
    parts = (each.at_risk_minor, each.exposed_minor)
    return " of ".join(amount(minor, each.currency) for minor in parts)


def amount(minor: float, currency: str) -> str:
    """`12.00 EUR`, of minor units that are rounded half-even to a whole one."""
    whole = round(minor)
    try:
        return format_minor(whole, currency)
    except MoneyError:  # a sum may be larger than any one amount
        return f"{whole} minor units of {currency}"


def bill(paid: Bill) -> str:
    """`asked 12 answers · 3 from earlier runs · cost 0.012000 USD · 900 tokens in, 80 out`."""
    parts = [f"asked {plural(paid.answers, 'answer')}", f"{paid.cached:,} from earlier runs"]
    if paid.failed_calls:
        parts.append(plural(paid.failed_calls, "failed call"))
    if paid.lost_turns:
        parts.append(f"{plural(paid.lost_turns, 'turn')} of attempts without an answer")
    if not paid.answers and not paid.lost_turns:
        parts.append("nothing paid")
    elif paid.usd is None:
        parts.append("cost not known")
    else:
        unpriced = f" (and {plural(paid.unpriced, 'answer')} of unknown cost)"
        parts.append(f"cost {paid.usd:.6f} USD{unpriced if paid.unpriced else ''}")
    if paid.answers:
        parts.append(f"{paid.input_tokens:,} tokens in, {paid.output_tokens:,} out")
    if paid.judge_answers:
        cost = "cost not known" if paid.judge_usd is None else f"cost {paid.judge_usd:.6f} USD"
        parts.append(f"judges: {plural(paid.judge_answers, 'answer')}, {cost}")
    return " · ".join(parts)

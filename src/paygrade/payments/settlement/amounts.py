"""Amounts as reports write them: exact, never by way of a float, at most 18 digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytx import MoneyError, exponent, major, minor

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 10**18 - 1
"""What every JSON reader holds exactly."""

_LONGEST = 40


def from_major(text: str, currency: str, digits: int | None = None) -> int:
    """Minor units (ISO 4217) of an amount in major units.

    Zeros beyond the digits of the currency say nothing and are dropped (banks write `8.850`);
    any other digit there is refused, never rounded away.

    Args:
        text: Such as `-12.50`.
        currency: A code of ISO 4217 in capitals.
        digits: How many digits after the dot the report's author allows, if fewer than ISO 4217.

    Raises:
        MoneyError: the amount or the currency is none, or a digit would be lost.
    """
    if len(text) > _LONGEST:
        raise MoneyError(f"the amount has more than {_LONGEST} characters", "write digits alone")
    most = exponent(currency)
    most = most if digits is None else min(most, digits)
    whole, _, fraction = text.partition(".")
    beyond = fraction[most:]
    if beyond.isdecimal() and beyond.isascii():
        if beyond.strip("0"):
            raise MoneyError(
                f"the amount {text!r} has more digits after the dot than the {most} of {currency}",
                "nothing is rounded: correct it at its source",
            )
        text = f"{whole}.{fraction[:most]}" if most else whole
    return within(minor(text, currency, signed=True))


def within(amount_minor: int) -> int:
    """The amount itself.

    Raises:
        MoneyError: it has more than 18 digits.
    """
    if abs(amount_minor) > LARGEST:
        raise MoneyError("the amount has more than 18 digits", "look at its unit")
    return amount_minor


def to_major(amount_minor: int, currency: str) -> str:
    """Major units with every digit that ISO 4217 gives the currency."""
    return str(major(amount_minor, currency))


def exponents(currencies: Iterable[str]) -> dict[str, int]:
    """Digits of the minor unit by currency, as ISO 4217 has them."""
    return {each: exponent(each) for each in sorted(set(currencies))}

"""Exact money: integers in the minor unit of an ISO 4217 currency, and the texts they come from.

A *major* unit is what people write (10.00 rupees), a *minor* unit the smallest one that ISO 4217
gives the currency (1000 paise). Nothing here rounds, guesses or reads a locale: what cannot be
converted exactly is refused with `MoneyError`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Final

from pytx._currencies import EXPONENTS, PUBLISHED, WITHOUT_MINOR_UNIT

_LIMIT: Final = 2**63 - 1  # a signed BIGINT holds it, and its negation too
_LIMIT_DIGITS: Final = len(str(_LIMIT))
_SHOWN: Final = 40  # characters of a refused text that an error message repeats

_PLAIN: Final = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")

# The first slip that is found explains the refusal; the order is from the plainest sight on.
_SLIPS: Final = (
    (re.compile(r"\A\Z"), "is empty", "write digits such as '10.00'"),
    (re.compile(r"\A\s|\s\Z"), "has white space around it", "strip it first"),
    (re.compile(r"[^\x00-\x7f]"), "is not plain ASCII", "write only the digits 0 to 9 and a dot"),
    (
        re.compile(r"\A[+-]?(s?nan[0-9]*|inf|infinity)\Z", re.IGNORECASE),
        "is not a finite number",
        "look where it was computed, for it is no amount",
    ),
    (re.compile(r"\A\+"), "has a plus sign", "leave the sign out"),
    (
        re.compile(r"[0-9]\.?e[+-]?[0-9]", re.IGNORECASE),
        "is in exponent notation",
        "write all its digits, or quantize the Decimal",
    ),
    (
        re.compile(r"[0-9][,_' ][0-9]"),
        "has a grouping mark or a decimal comma",
        "write only digits and at most one dot, such as '1234.50'",
    ),
    (
        re.compile(r"\A-?0[0-9]"),
        "has leading zeros",
        "leave them out, unless it is a padded field that counts minor units already",
    ),
    (
        re.compile(r""),
        "is not a plain decimal number",
        "write only digits and at most one dot between them, such as '10.00'",
    ),
)


class MoneyError(ValueError):
    """An amount, a currency or a combination of them was refused.

    Its text is one sentence: what is wrong, a semicolon, how to mend it. Both halves are kept, so
    that each face can show them its way.

    Attributes:
        problem: What is wrong.
        hint: How to mend it.
    """

    def __init__(self, problem: str, hint: str) -> None:
        """Keep both halves of the sentence."""
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        """Return the whole sentence."""
        return f"{self.problem}; {self.hint}"


def exponent(currency: str) -> int:
    """Return how many digits the minor unit of a currency has.

    Args:
        currency: An active alphabetic code of ISO 4217 list one, in capitals.

    Returns:
        0, 2, 3 or 4, as ISO 4217 gives it (list of 2026-01-01). A payment provider may count some
        currencies differently; this is not its table.

    Raises:
        MoneyError: The code is unknown, withdrawn, not in capitals, not a string, or has no minor
            unit (gold, drawing rights, the code for tests, ...).

    >>> exponent("INR"), exponent("JPY"), exponent("KWD"), exponent("CLF")
    (2, 0, 3, 4)
    """
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):  # TypeError: not hashable, so not a string
        raise _refused_currency(currency) from None


def minor(amount: str | int | Decimal, currency: str, *, signed: bool = False) -> int:
    """Convert an amount in major units to integer minor units, exactly.

    An amount is judged by what is written, not by its value: "10.000" dollars claim a digit that
    the dollar does not have (and are ten thousand to half of the world), so they are refused
    although the digit is a zero. Fewer digits than the currency has are accepted: "10", "10.0",
    "10.00", 10 and Decimal("10.00") are all 1000 cents. A Decimal is read as `str` writes it.

    Args:
        amount: Major units. Text is ASCII digits without leading zeros, then at most one dot with
            digits after it; no spaces, grouping, exponent or plus sign.
        currency: An active alphabetic code of ISO 4217 list one, in capitals.
        signed: Whether a leading minus is accepted, as for balances. "-0.00" is then 0.

    Returns:
        Minor units by the exponent of ISO 4217, from 0 (with `signed` from -(2**63 - 1)) to
        2**63 - 1, so that a BIGINT column holds it.

    Raises:
        MoneyError: The amount is of another type (float and bool too), not finite, not written as
            above, negative without `signed`, has more digits after the dot than the currency, or
            is too large; or the currency is refused by `exponent`.

    >>> minor("10.00", "INR"), minor("5000", "JPY"), minor("1.234", "KWD")
    (1000, 5000, 1234)
    """
    digits = exponent(currency)
    text = _written(amount)
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        raise _refused_text(text)
    minus, whole, fraction = plain.group(1), plain.group(2), plain.group(3) or ""
    if minus and not signed:
        raise MoneyError(
            f"the amount {_shown(text)} is negative",
            "pass signed=True if this is a balance, which may lie below zero",
        )
    if len(fraction) > digits:
        lost = fraction[digits:].strip("0")
        raise MoneyError(
            f"the amount {_shown(text)} has more digits after the dot"
            f" than the {digits} of {currency}",
            "round it on purpose first" if lost else "leave out the zeros beyond",
        )
    if len(whole) > _LIMIT_DIGITS:  # before int(), which has a limit and an error of its own
        raise _too_large()
    return _bounded(int(minus + whole + fraction.ljust(digits, "0")))


def major(amount_minor: int, currency: str) -> Decimal:
    """Convert integer minor units to an amount in major units: the exact inverse of `minor`.

    Args:
        amount_minor: Minor units, at most 2**63 - 1 either side of zero.
        currency: An active alphabetic code of ISO 4217 list one, in capitals.

    Returns:
        Major units with exactly as many digits after the dot as ISO 4217 gives the currency. The
        decimal context of the caller has no influence.

    Raises:
        MoneyError: The amount is not an int (a bool is none) or too large, or the currency is
            refused by `exponent`.

    >>> major(1000, "INR")
    Decimal('10.00')
    """
    return Decimal(_major_text(amount_minor, currency))


def format_minor(amount_minor: int, currency: str) -> str:
    """Write integer minor units as text in major units, the same in every locale.

    Args:
        amount_minor: Minor units, at most 2**63 - 1 either side of zero.
        currency: An active alphabetic code of ISO 4217 list one, in capitals.

    Returns:
        The amount with every digit of its minor unit (ISO 4217), one space, the code. `parse`
        reads it back.

    Raises:
        MoneyError: The amount is not an int (a bool is none) or too large, or the currency is
            refused by `exponent`.

    >>> format_minor(-5, "USD"), format_minor(5000, "JPY")
    ('-0.05 USD', '5000 JPY')
    """
    # joined, not formatted: the format of a `class Code(str, Enum)` member is its name
    return _major_text(amount_minor, currency) + " " + currency


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in integer minor units, with its currency.

    It may be negative. Adding, subtracting and ordering need one currency on both sides; equality
    does not, and amounts of two currencies are never equal, not even zeros.

    Attributes:
        amount_minor: Minor units by ISO 4217, at most 2**63 - 1 either side of zero.
        currency: An active alphabetic code of ISO 4217 list one, in capitals.

    Raises:
        MoneyError: At construction, if the amount is not an int (a bool is none) or too large, or
            the currency is refused by `exponent`; by `+`, `-`, `<`, `<=`, `>`, `>=`, if the
            currencies differ; by `+` and `-`, if the result is too large.

    >>> str(Money(amount_minor=1000, currency="INR") - Money(amount_minor=1, currency="INR"))
    '9.99 INR'
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is no amount or no currency."""
        _bounded(self.amount_minor)
        exponent(self.currency)

    def __str__(self) -> str:
        """Return the text that `format_minor` writes and `parse` reads."""
        return format_minor(self.amount_minor, self.currency)

    def __add__(self, other: "Money") -> "Money":
        """Add money of the same currency."""
        if not isinstance(other, Money):
            return NotImplemented
        self._need_same_currency(other)
        return Money(amount_minor=self.amount_minor + other.amount_minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract money of the same currency."""
        if not isinstance(other, Money):
            return NotImplemented
        self._need_same_currency(other)
        return Money(amount_minor=self.amount_minor - other.amount_minor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Order by amount within one currency."""
        if not isinstance(other, Money):
            return NotImplemented
        self._need_same_currency(other)
        return self.amount_minor < other.amount_minor

    def _need_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise MoneyError(
                f"{self} and {other} are of two currencies",
                "convert one of them first, at a rate you can name",
            )


def parse(text: str) -> Money:
    """Read an amount in major units and its currency, as in "10.00 INR".

    The amount obeys the rules of `minor` with `signed=True`. `parse(str(money)) == money` for
    every `Money`; the other way round "10 INR" is accepted too, and written back as "10.00 INR".

    Args:
        text: The amount, exactly one space, an active code of ISO 4217 list one in capitals.

    Returns:
        The amount in minor units, with its currency.

    Raises:
        MoneyError: The text is not a string or of another shape, `minor` refuses its amount, or
            `exponent` its currency.

    >>> parse("10.00 INR")
    Money(amount_minor=1000, currency='INR')
    """
    amount, currency = _halves(text)
    return Money(amount_minor=minor(amount, currency, signed=True), currency=currency)


def _written(amount: str | int | Decimal) -> str:
    """Return an amount as it is written, refusing other types."""
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise MoneyError(
            f"an amount cannot be of type {type(amount).__name__}",
            "pass it as str, int or Decimal, which keep every digit",
        )
    if isinstance(amount, int):
        return format(_bounded(amount), "d")  # bounded first: Python refuses to write huge ints
    return str(amount) if isinstance(amount, Decimal) else amount


def _major_text(amount_minor: int, currency: str) -> str:
    digits = exponent(currency)
    whole, fraction = divmod(abs(_bounded(amount_minor)), 10**digits)
    text = f"{whole}.{fraction:0{digits}d}" if digits else str(whole)
    return f"-{text}" if amount_minor < 0 else text


def _halves(text: object) -> tuple[str, str]:
    halves = text.split(" ") if isinstance(text, str) else []
    if len(halves) != 2 or not all(halves):  # noqa: PLR2004 - an amount and a code
        raise MoneyError(
            f"{_shown(text)} is not an amount, one space and a currency code",
            "write it as in '10.00 INR'",
        )
    return halves[0], halves[1]


def _bounded(amount_minor: int) -> int:
    """Return minor units unchanged, if they are an int of a size that a BIGINT holds."""
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int):
        raise MoneyError(
            f"an amount in minor units is an int, not {type(amount_minor).__name__}",
            "convert an amount in major units with minor()",
        )
    if abs(amount_minor) > _LIMIT:
        raise _too_large()
    return amount_minor


def _too_large() -> MoneyError:
    return MoneyError(
        "the amount is beyond 2**63 - 1 minor units",
        "check its unit, for no real payment is that large",
    )


def _refused_text(text: str) -> MoneyError:
    problem, hint = next(
        (problem, hint) for slip, problem, hint in _SLIPS if slip.search(text) is not None
    )
    return MoneyError(f"the amount {_shown(text)} {problem}", hint)


def _refused_currency(currency: object) -> MoneyError:
    hint = f"use one of list one as published on {PUBLISHED}, such as 'EUR'"
    if isinstance(currency, str):
        if currency in WITHOUT_MINOR_UNIT:
            return MoneyError(
                f"{_shown(currency)} has no minor unit in ISO 4217",
                "count it in a unit of your own, for it is not money that can be paid",
            )
        meant = currency.strip().upper()
        if meant in EXPONENTS:
            hint = f"did you mean '{meant}'?"
    return MoneyError(f"{_shown(currency)} is not an active ISO 4217 currency code", hint)


def _shown(value: object) -> str:
    """Return a refused value for an error message: short, and with nothing that looks alike."""
    if not isinstance(value, str):
        return f"a value of type {type(value).__name__}"
    return ascii(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!a}..."

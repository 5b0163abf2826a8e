"""Amounts of money in the words of a reply, and those that the state has (I9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from paygrade.payments.bank import reading
from pytx.money import exponent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.world import Facts

    Amount = tuple[str, int]

_SYMBOLS: Final = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "円": "JPY", "₹": "INR", "KD": "KWD",
}  # fmt: skip
_UNIT: Final = re.compile(r"(?<![A-Za-z])(?:[A-Z]{3}|KD)(?![A-Za-z])|[$€£¥円₹]")
_NUMBER: Final = r"\d+(?:[.,'\u2019\u066b\u066c\u00a0\u202f ]\d+)*"
_BEFORE: Final = re.compile(rf"({_NUMBER})\s?\Z")
_AFTER: Final = re.compile(rf"\s?({_NUMBER})")
_POINTS: Final = ".,\u066b"
_NEAR: Final = 40
_GROUP: Final = 3


def unknown_amounts(text: str, known: frozenset[Amount], currencies: Collection[str]) -> list[str]:
    """Amounts in a text that can be read as none of those that are known, as they stand there.

    An amount is a number beside the code or the symbol of one of our currencies. A dot or a comma
    can group digits or end them, and a code can belong to the number before it or to the one after
    it: what can be read in several ways is known if one of them is.
    """
    return [
        f"{' or '.join(numbers)} {currency}"
        for currency, numbers in _written(text, currencies)
        if not {(currency, each) for number in numbers for each in _readings(number, currency)}
        & known
    ]


def known_amounts(books: Books, facts: Facts) -> frozenset[Amount]:
    """All amounts of the state, the policy and the words of the customer."""
    found: set[Amount] = set(facts.limits.items())
    for row in books.rows("SELECT id FROM payments"):
        payment = reading.payment(books, row["id"])
        currency = payment["currency"]
        names = ("amount_minor", "captured_minor", "refunded_minor", "refundable_minor")
        found |= {(currency, payment[name]) for name in names}
        for line in payment["lines"]:
            amount, tax = line["amount_minor"], line["tax_minor"]
            found |= {(currency, amount), (currency, tax), (currency, amount - tax)}
        found |= {(currency, each["amount_minor"]) for each in payment["refunds"]}
    for table in ("disputes", "payouts"):
        rows = books.rows(f"SELECT currency, amount_minor FROM {table}")  # noqa: S608 - tables of ours
        found |= {(row["currency"], row["amount_minor"]) for row in rows}
    for currency in books.currencies():
        balance = reading.balance(books, currency)
        found |= {(currency, value) for name, value in balance.items() if name != "currency"}
        done = "SELECT coalesce(sum(amount_minor), 0) FROM effects WHERE currency = ?"
        found.add((currency, books.value(done, currency)))
    for turn in (facts.customer or {}).get("turns", []):
        for currency, numbers in _written(turn["say"], our_currencies(books, facts)):
            found |= {
                (currency, each) for number in numbers for each in _readings(number, currency)
            }
    return frozenset(found)


def our_currencies(books: Books, facts: Facts) -> frozenset[str]:
    """Those that a three-letter word is read as: ALL is a currency too."""
    return frozenset({*books.currencies(), *facts.limits})


def _written(text: str, currencies: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    for unit in _UNIT.finditer(text):
        currency = _SYMBOLS.get(unit[0], unit[0])
        before = _BEFORE.search(text[max(0, unit.start() - _NEAR) : unit.start()])
        after = _AFTER.match(text, unit.end())
        numbers = [match[1] for match in (before, after) if match]
        if numbers and currency in currencies:
            yield currency, numbers


def _readings(number: str, currency: str) -> set[int]:
    """In minor units."""
    digits = exponent(currency)
    plain = int(re.sub(r"\D", "", number))
    separators, groups = re.findall(r"\D", number), re.split(r"\D", number)[1:]
    found = set()
    grouped = all(len(group) <= _GROUP for group in groups) and len(set(separators)) <= 1
    if not groups or (grouped and len(groups[-1]) == _GROUP):
        found.add(plain * 10**digits)
    ends = bool(groups) and separators[-1] in _POINTS and separators.count(separators[-1]) == 1
    if ends and len(groups[-1]) <= digits:
        found.add(plain * 10 ** (digits - len(groups[-1])))
    return found

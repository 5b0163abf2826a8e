"""Draws what a case needs: people, payments, ids, days, and the words of a message."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Final

from paygrade.payments.chance import Chance
from pytx import exponent

LANGUAGES: Final = ("en", "de", "es", "ja")
CURRENCIES: Final = ("USD", "JPY", "KWD")
LIMITS: Final = {"USD": 500_00, "JPY": 75_000, "KWD": 150_000}
"""Above these a refund is for people (P4): 500.00 USD, or what the policy says of the others."""

_LEAST: Final = {"USD": 12_00, "JPY": 1_500, "KWD": 3_500}
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CHARACTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_MARKS: Final = {"en": (",", "."), "ja": (",", "."), "de": (".", ","), "es": (".", ",")}
_PEOPLE: Final = {
    "en": ("Ann Porter", "Joe Miller", "Sam Okafor", "Ruth Lane", "Dev Patel"),
    "de": ("Jana Vogt", "Uwe Brandt", "Mia Lorenz", "Ole Hansen", "Ida Krause"),
    "es": ("Marta Ruiz", "Luis Ortega", "Inma Vidal", "Raul Pardo", "Sara Molina"),
    "ja": ("Aoi Tanaka", "Ken Mori", "Yui Sato", "Ryo Ito", "Mei Kimura"),
}
_BRANDS: Final = (("visa", "424242"), ("mastercard", "555555"), ("amex", "378282"))
_FIRST_MONDAY: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
_WEEKS: Final = 30
_HOURS: Final = 9


@functools.cache
def texts() -> dict[str, Any]:
    """Every wording, by kind and language."""
    file = files("paygrade.payments.refund_agent") / "texts.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer: as the bank knows them, and the code that was sent to them."""

    id: str
    name: str
    email: str
    code: str
    methods: tuple[dict[str, Any], ...]


@dataclass(slots=True, kw_only=True)
class Pen(Chance):
    """One sample's source of chance, with the values that were planned for it."""

    currency: str
    language: str
    variant: int
    fault: str
    _used: set[str] = field(default_factory=set)

    def id(self, prefix: str) -> str:
        """An id that no other object of this world has, with no long run of digits."""
        while True:
            made = f"{prefix}_{''.join(self.pick(_CHARACTERS) for _ in range(5))}"
            if made not in self._used:
                self._used.add(made)
                return made

    def order(self) -> str:
        """The reference of an order: letters keep its digits apart from every other number."""
        return f"{self.pick(_LETTERS)}{self.between(1000, 9999)}{self.pick(_LETTERS)}"

    def amount(self) -> int:
        """What an order comes to, at most what may be refunded without asking."""
        while True:
            amount = self.price(self.currency)
            if _LEAST[self.currency] <= amount <= LIMITS[self.currency]:
                return amount

    def monday_to_friday(self) -> datetime:
        """An instant on a banking day, in working hours."""
        day = self.below(5) + 7 * self.below(_WEEKS)
        return _FIRST_MONDAY + timedelta(days=day, hours=self.below(_HOURS), minutes=self.below(60))

    def person(self) -> Person:
        """Somebody with one or two cards."""
        name = self.pick(_PEOPLE[self.language])
        methods = []
        for _ in range(2):
            brand, bank = self.pick(_BRANDS)
            last4 = str(self.between(1000, 9999))
            methods.append({"id": self.id("pm"), "brand": brand, "bin": bank, "last4": last4})
        return Person(
            id=self.id("cus"),
            name=name,
            email=f"{name.lower().replace(' ', '.')}@example.com",
            code=str(self.between(100_000, 999_999)),
            methods=tuple(methods),
        )

    def money(self, amount_minor: int) -> str:
        """`1,234.56 USD` as this language writes it, always with all decimals."""
        thousands, point = _MARKS[self.language]
        decimals = exponent(self.currency)
        whole, rest = divmod(amount_minor, 10**decimals)
        figures = f"{whole:,}".replace(",", thousands)
        return (
            f"{figures}{point}{rest:0{decimals}} {self.currency}"
            if decimals
            else (f"{figures} {self.currency}")
        )

    def message(self, wish: str, **gaps: str) -> str:
        """One of the wordings of a wish, in turn with the variants."""
        wordings: list[str] = texts()["wishes"][wish][self.language]
        return wordings[self.variant % len(wordings)].format(**gaps)


def instant(at: datetime) -> str:
    """As a world writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")

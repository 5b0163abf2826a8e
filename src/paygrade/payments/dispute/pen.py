"""Draws what a scene of a dispute needs: money, days, places, names and words."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final

from paygrade.payments.chance import Chance
from paygrade.payments.dispute.drafts import Item

CARDS: Final = ("4111 1111 1111 1111", "5555 5555 5555 4444")
"""Public test numbers of payment providers; none is a real account."""

_ROUND: Final = {"USD": 5, "EUR": 5, "GBP": 5, "INR": 100, "JPY": 10, "KWD": 50}
_MINIMA: Final = {
    "USD": (1000, 1500),
    "EUR": (1000, 2000),
    "GBP": (800, 1000),
    "INR": (50_000, 80_000),
    "JPY": (500, 1000),
    "KWD": (3000, 5000),
}


@functools.cache
def texts() -> dict[str, Any]:
    """Every wording, place and name, by kind and language."""
    file = files("paygrade.payments.dispute") / "texts.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@dataclass(slots=True, kw_only=True)
class Pen(Chance):
    """One case's source of chance, and what was planned for it."""

    network: str
    stage: str
    currency: str
    language: str
    kind: str
    variant: int

    # Money

    def amount(self) -> int:
        """An amount as shops take them: few large ones, few round ones."""
        amount = self.price(self.currency)
        unit = _ROUND[self.currency]
        if self.chance(2, 3):
            amount = amount // unit * unit
        least = max(_MINIMA[self.currency])
        return amount if amount > least else least + unit + self.below(least)

    def share(self, amount: int) -> int:
        """A part of an amount, between a fifth and a half of it."""
        part = amount * self.between(20, 50) // 100
        unit = _ROUND[self.currency]
        return max(part // unit * unit, 1)

    def minimum(self) -> int:
        """The least amount that the merchant contests."""
        return self.pick(_MINIMA[self.currency])

    # Days

    def processed(self) -> date:
        """When a dispute was processed, while the rules of April 2026 are in force."""
        if self.kind == "leap_day":
            return date(2028, 2, 3) + timedelta(days=self.below(16))
        if self.kind == "daylight_saving":
            return self.pick(_before_a_change(self.currency)) - timedelta(days=self.between(4, 12))
        return date(2026, 4, 25) + timedelta(days=self.below(500))

    # Names

    def names(self) -> dict[str, str]:
        """What a case calls its payment, order, parcel and card."""
        number = str(self.between(10_000, 99_999))
        letter = self.pick("ABCDEFGHJKLMNPQRSTUVWXYZ")
        return {
            "payment": f"pay-{self.hex(5)}",
            "order": self.pick((number, f"{letter}-{number}")),
            "tracking": self.tracking(),
            "rma": f"RMA-{self.between(1000, 9999)}",
            "credential": f"crd-{self.between(1000, 9999)}",
            "dispute": f"dp-{self.between(10_000, 99_999)}",
            "goods": self.goods(),
        }

    def hex(self, digits: int) -> str:
        """Digits of base 16."""
        return "".join("0123456789abcdef"[self.below(16)] for _ in range(digits))

    def tracking(self) -> str:
        """A parcel's number; letters keep it apart from a card's."""
        letters = "".join(self.pick("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(2))
        return f"{letters}{self.between(10_000_000, 99_999_999)}"

    def carrier(self) -> str:
        """Who delivers there."""
        return str(self.pick(texts()["carriers"][self.currency]))

    def address(self) -> str:
        """A full delivery address."""
        form: str = self.pick(texts()["streets"][self.currency])
        return form.format(n=self.between(2, 980), m=self.between(1, 12))

    def zone(self) -> str:
        """A time zone of the market."""
        return str(self.pick(texts()["zones"][self.currency]))

    def ip(self) -> str:
        """An address of the ranges for documentation."""
        return f"{self.pick(('192.0.2', '198.51.100', '203.0.113'))}.{self.between(2, 253)}"

    def login(self) -> str:
        """A name somebody logs in with."""
        stem = self.pick(("haru", "m.okafor", "rosalind", "dcrane", "anneke", "j.winters", "novak"))
        return f"{stem}{self.between(2, 98)}"

    def _own_language(self) -> str:
        return self.language if self.language in {"de", "es"} else "en"

    def goods(self, kind: str = "goods") -> str:
        """What was sold."""
        return str(self.pick(texts()[kind][self._own_language()]))

    # Words

    def say(self, claim: str, language: str | None = None) -> str:
        """A sentence or two in which a customer makes a claim."""
        known = texts()["narratives"][claim]
        return str(self.pick(known[language or self.language]))

    def item(self, key: str, kind: str, data: dict[str, Any], words: str = "") -> Item:
        """One piece of evidence; `words` names its wording where its type does not."""
        return Item(key=key, type=kind, data=data, words=words or kind)

    def form(self, words: str) -> str:
        """A wording, in the language of the shop's people."""
        known = texts()["evidence"][words]
        return str(self.pick(known.get(self._own_language(), known["en"])))


def _before_a_change(currency: str) -> tuple[date, ...]:
    """Days on which clocks change where the currency is at home."""
    if currency == "USD":
        return (date(2026, 11, 1), date(2027, 3, 14))
    return (date(2026, 10, 25), date(2027, 3, 28))

"""Draws what a message needs: words, names, days and money."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from paygrade.payments.chance import Chance

LANGUAGES: Final = ("en",) * 9 + ("de", "de", "es", "es", "fr", "pt")
"""As often as each is drawn for a message of one wish."""

_SIGNS: Final = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
_CURRENCIES: Final = {
    "en": ("EUR", "EUR", "GBP", "INR", "JPY", "USD"),
    "pt": ("BRL", "EUR"),
}
_DEARER: Final = {"INR": 80}
"""How often the figures of a currency are those of the others."""
_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHORTEST_SLIP: Final = 5  # letters of a word that is mistyped
_FIRST_TYPED: Final = 2000


@functools.cache
def texts() -> dict[str, Any]:
    """Every wording and name, by kind and language."""
    file = files("paygrade.payments.routing") / "texts.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What fills the gaps of a wording; the amount is in minor units of its currency."""

    amount_minor: int
    currency: str
    words: dict[str, str]

    def fill(self, wording: str, **more: str) -> str:
        """The wording with its gaps filled."""
        return wording.format(**self.words, **more)


@dataclass(slots=True, kw_only=True)
class Pen(Chance):
    """One case's source of chance, and the language that it is written in."""

    language: str = "en"

    def words(self, kind: str) -> list[str]:
        """The wordings of a kind, in this language."""
        found: list[str] = texts()[kind][self.language]
        return found

    def names(self) -> Names:
        """Names, days and amounts for one wish."""
        currency = self.pick(_CURRENCIES.get(self.language, ("EUR",)))
        minor = (5 + self.below(40) ** 2) * 100 + self.pick((0, 0, 50, 95, 99, 20 + self.below(79)))
        minor *= _DEARER.get(currency, 1)
        small = (100 + 5 * self.below(180)) * _DEARER.get(currency, 1)
        style = self.below(2)
        words = {
            "amount": self._money(minor, currency, style),
            "day": self._day(),
            "foreign": self.pick(texts()["foreign"]),
            "four": str(_FIRST_TYPED + self.below(7999)),
            "hour": str(8 + self.below(12)),
            "me": self.pick(texts()["me"]),
            "n": str(12 + self.below(70)),
            "person": self.pick(texts()["people"]),
            "ref": f"{self.pick(_LETTERS)}{self.pick(_LETTERS)}-{10_000 + self.below(89_999)}",
            "shop": self.pick(texts()["shops"]),
            "small": self._money(small, currency, style),
            "town": self.pick(texts()["towns"]),
        }
        return Names(amount_minor=minor, currency=currency, words=words)

    def token(self) -> str:
        """A word that no answer has by chance."""
        return f"{self.pick(texts()['fruits'])}-{1000 + self.below(9000)}"

    def mistyped(self, text: str) -> str:
        """The text with one to three words in which a letter is lost, doubled or out of place."""
        words = text.split(" ")
        places = [
            place
            for place, word in enumerate(words)
            if len(word) >= _SHORTEST_SLIP and word.isalpha() and word.islower()
        ]
        for _ in range(min(1 + self.below(3), len(places))):
            place = places.pop(self.below(len(places)))
            words[place] = self._slip(words[place])
        return " ".join(words)

    def _slip(self, word: str) -> str:
        at = 1 + self.below(len(word) - 2)
        kind = self.below(3)
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at] + word[at:]
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def _day(self) -> str:
        if self.language == "en" and self.chance(1, 3):
            return str(self.pick(texts()["weekdays"]))
        form: str = texts()["days"][self.language]
        months = self.words("months")
        return form.format(n=1 + self.below(28), month=self.pick(months))

    def _money(self, minor: int, currency: str, style: int) -> str:
        """As people write it: in Japan without a point, on the continent with a comma."""
        if currency == "JPY":
            return f"¥{minor:,}" if style else f"{minor} JPY"
        whole, part = divmod(minor, 100)
        if self.language == "en":
            sign = _SIGNS.get(currency)
            figure = f"{whole}.{part:02}" if part else f"{whole}"
            return f"{sign}{figure}" if style and sign else f"{figure} {currency}"
        figure = f"{whole},{part:02}" if part else f"{whole}"
        if currency == "BRL":
            return f"R$ {figure}"
        return f"{figure} €" if style else f"{figure} EUR"

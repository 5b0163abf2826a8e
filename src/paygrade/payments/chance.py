"""One source of chance for generated cases: whole numbers alone, the same on every Python.

Nothing here depends on a clock, a locale, the order of a set or a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

T = TypeVar("T")

EXPONENTS: Final = {"USD": 2, "EUR": 2, "GBP": 2, "INR": 2, "JPY": 0, "KWD": 3}

# Fifteen-step quantiles of a log-normal (median 65.00, sigma 1), in cents: each step is as likely.
_CENTS: Final = (
    1250, 1640, 2130, 2640, 3200, 3820, 4520, 5340, 6310, 7510, 9060, 11_190, 14_470, 20_180,
    33_700, 78_400,
)  # fmt: skip
# One cent in minor units of the other currencies, as a fraction
_RATE: Final = {
    "USD": (1, 1),
    "EUR": (9, 10),
    "GBP": (4, 5),
    "INR": (85, 1),
    "JPY": (3, 2),
    "KWD": (307, 100),
}


@dataclass(slots=True, kw_only=True)
class Chance:
    """Draws from one `Random`."""

    random: Random

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        return self.random.randrange(bound)

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends possible."""
        return least + self.random.randrange(most - least + 1)

    def pick(self, items: Sequence[T]) -> T:
        """One of several."""
        return items[self.random.randrange(len(items))]

    def chance(self, wins: int, of: int) -> bool:
        """True `wins` times out of `of`."""
        return self.random.randrange(of) < wins

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of them in another order."""
        left, out = list(items), []
        while left:
            out.append(left.pop(self.random.randrange(len(left))))
        return out

    def price(self, currency: str) -> int:
        """What a sale comes to in a currency's minor units: log-normal, and seldom round."""
        step = self.below(len(_CENTS) - 1)
        cents = self.between(_CENTS[step], _CENTS[step + 1])
        times, by = _RATE[currency]
        return cents * times // by

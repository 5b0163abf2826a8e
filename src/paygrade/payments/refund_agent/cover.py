"""Which sample comes next: the rarest pair of values first, until each pair was there, and on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Final

from paygrade.payments.chance import Chance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from random import Random

_TRIES: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The values of one sample, a factor each."""

    scenario: str
    fault: str
    profile: str
    currency: str
    language: str

    def values(self) -> tuple[str, ...]:
        """In the order of the factors."""
        return self.scenario, self.fault, self.profile, self.currency, self.language

    def pairs(self) -> tuple[Pair, ...]:
        """Each two of its values, with the places where they stand."""
        return tuple(combinations(enumerate(self.values()), 2))


Pair = tuple[tuple[int, str], tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What can occur: the faults of each scenario, and the rest, as far as a row `fits`."""

    faults: Mapping[str, tuple[str, ...]]
    profiles: Sequence[str]
    currencies: Sequence[str]
    languages: Sequence[str]
    fits: Callable[[Row], bool]

    def rows(self) -> list[Row]:
        """Every row that can occur."""
        every = (
            Row(scenario=name, fault=fault, profile=profile, currency=currency, language=language)
            for name, faults in self.faults.items()
            for fault, profile, currency, language in product(
                faults, self.profiles, self.currencies, self.languages
            )
        )
        return [row for row in every if self.fits(row)]

    def pairs(self) -> list[Pair]:
        """Every pair of values that can occur together, in a fixed order."""
        return list(dict.fromkeys(pair for row in self.rows() for pair in row.pairs()))


def rows(space: Space, random: Random) -> Iterator[Row]:
    """Rows without end; those that a shorter set has are the first ones of a longer one."""
    chance = Chance(random=random)
    having: dict[Pair, list[Row]] = {}
    for row in space.rows():
        for pair in row.pairs():
            having.setdefault(pair, []).append(row)
    order = chance.shuffled(list(having))
    seen: Counter[Pair] = Counter()
    while True:
        rarest = min(order, key=lambda pair: seen[pair])
        tries = [chance.pick(having[rarest]) for _ in range(_TRIES)]
        best = min(tries, key=lambda row: sum(_weight(seen[pair]) for pair in row.pairs()))
        seen.update(best.pairs())
        yield best


def _weight(times: int) -> int:
    """A pair that nobody saw yet is worth more than any evenness among the others."""
    return times - 1000 * (times == 0)

"""How far a judge agrees with people: agreement, Cohen's kappa, sensitivity and specificity.

Every interval is Wilson's or rests on it, so that a perfect score on few labels is not certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.stats.interval import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval. `value` is None where nothing defines it."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Counts of a judge against labels, where "positive" is an answer that is defective."""

    true_positive: int = 0
    false_negative: int = 0
    false_positive: int = 0
    true_negative: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ValueError: a count is negative.
        """
        rows = (self.true_positive, self.false_negative, self.false_positive, self.true_negative)
        if min(rows) < 0:
            raise ValueError(f"a count is negative: {rows}")

    @property
    def labels(self) -> int:
        """How many answers were both labelled and judged."""
        return self.true_positive + self.false_negative + self.false_positive + self.true_negative

    @property
    def agreement(self) -> Estimate:
        """The share of answers on which judge and label are the same."""
        return _share(self.true_positive + self.true_negative, self.labels)

    @property
    def sensitivity(self) -> Estimate:
        """The share of the defective answers that the judge found."""
        return _share(self.true_positive, self.true_positive + self.false_negative)

    @property
    def specificity(self) -> Estimate:
        """The share of the good answers that the judge let pass."""
        return _share(self.true_negative, self.true_negative + self.false_positive)

    @property
    def kappa(self) -> Estimate:
        """Agreement beyond chance (Cohen 1960, "A coefficient of agreement for nominal scales").

        The interval is Cohen's, which takes chance agreement as given, with Wilson's bounds of the
        agreement for his normal ones: those have no width where judge and labels never differ.
        Where both give one and the same word throughout, chance explains all and nothing is known.
        """
        total = self.labels
        unknown = Estimate(value=None, low=-1.0, high=1.0)
        if total == 0:
            return unknown
        called = self.true_positive + self.false_positive
        defective = self.true_positive + self.false_negative
        by_chance = called * defective + (total - called) * (total - defective)
        beyond = total * total - by_chance  # whole numbers: no rounding decides whether it is zero
        if beyond == 0:
            return unknown
        agreed = self.true_positive + self.true_negative
        low, high = wilson(agreed, total)
        return Estimate(
            value=(total * agreed - by_chance) / beyond,
            low=max(-1.0, (total * total * low - by_chance) / beyond),
            high=min(1.0, (total * total * high - by_chance) / beyond),
        )


def agreement(pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """Count pairs of (label, judgement), each true where the answer is, or is called, defective."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for label, judged in pairs:
        counts[label, judged] += 1
    return Agreement(
        true_positive=counts[True, True],
        false_negative=counts[True, False],
        false_positive=counts[False, True],
        true_negative=counts[False, False],
    )


def _share(count: int, total: int) -> Estimate:
    low, high = wilson(count, total)
    return Estimate(value=count / total if total else None, low=low, high=high)

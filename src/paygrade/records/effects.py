"""What agents did to money and to customers, in figures, and how reliable repeated tries are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`found` of `judged` attempts, with its 95 % interval. `errored` ones are in neither.

    `cases` counts the cases that the judged attempts are of. `bound` is what nothing but zeros
    leave possible, one-sided at 95 % and by cases: the most that the true share can be where none
    was found, the least where all were; else `None`. With nothing judged `rate` is `None` and the
    interval 0..1.
    """

    found: int
    judged: int
    errored: int
    cases: int
    rate: float | None
    low: float
    high: float
    bound: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyMoved:
    """A share of attempts, and what went wrong in all of them together.

    `minor` is in minor units, by currency: never converted, never summed across currencies.
    """

    share: Share
    minor: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBroken:
    """A rule that was broken: how often, and in how many of the attempts."""

    rule: str
    violations: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesBroken:
    """Attempts in which any rule of a kind was broken, and which rules those were."""

    share: Share
    rules: tuple[RuleBroken, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraCalls:
    """Attempts that called tools more often than they may, all calls, and those too many."""

    share: Share
    calls: int
    extra: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The share of attempts that passed, of samples with a fault of one kind."""

    kind: str
    passed: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFigures:
    """What the agents of a run did. `None` stands where the suite has no check for it.

    `guards` is how tools reached them, as their answers say it; empty where that is not known.
    `recovery` is by the slice `fault` of samples: a sample with two kinds counts for both.
    """

    duplicate_money: MoneyMoved | None = None
    lost_money: MoneyMoved | None = None
    over_refunded: MoneyMoved | None = None
    false_done: Share | None = None
    policies: RulesBroken | None = None
    invariants: RulesBroken | None = None
    calls: ExtraCalls | None = None
    recovery: tuple[Recovery, ...] = ()
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What `k` tries at one sample come to: all of them pass, or any does."""

    k: int
    all_pass: float
    any_passes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """pass^k and pass@k of a run with several epochs, k from 1 to `epochs`.

    Means over `samples`: those of which every epoch was scored. `left_out` others ran and were not.
    `tries` is empty where no sample has all epochs.
    """

    epochs: int
    samples: int
    left_out: int
    tries: tuple[Tries, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumn:
    """A run beside others: `name` tells it from them."""

    name: str
    effects: EffectFigures | None = None
    reliability: Reliability | None = None

"""What every reader returns: a line of a settlement report, a line of a bank statement."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.errors import Mistake


class UnwritableError(ValueError):
    """A line holds what the shape has no place for. The text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A cost that was kept back: above zero lowers the net. Minor units of the line's currency."""

    kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line of a provider's settlement report.

    Amounts are signed integers in the minor unit of ISO 4217; above zero is money for the merchant.
    `net_minor` is always `gross_minor` less all fees. `created_at` is an ISO instant with its
    offset, or the local time and the name of its zone where the name has several meanings. `batch`
    is empty while the line is in no payout. The `orig_` pair is the customer's side of a
    conversion, `fx_rate` its rate as the report writes it.

    Raises:
        ValueError: net is not gross less fees.
    """

    id: str
    ref: str
    type: str
    currency: str
    gross_minor: int
    fees: tuple[Fee, ...] = ()
    net_minor: int
    created_at: str
    batch: str = ""
    orig_currency: str | None = None
    orig_amount_minor: int | None = None
    fx_rate: str | None = None

    def __post_init__(self) -> None:
        """Hold the one identity that every report promises."""
        if self.gross_minor - sum(each.amount_minor for each in self.fees) != self.net_minor:
            raise ValueError(f"{self.id}: net is not gross less fees")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One booked movement on a bank account, in minor units; above zero is a credit.

    `value_date` is an ISO date, None where the bank gave none. `charges_minor` are charges that the
    bank names beside the amount, which stays as it was booked.
    """

    id: str
    currency: str
    amount_minor: int
    value_date: str | None
    reference: str
    description: str
    charges_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankBalance:
    """A balance that a bank states: signed minor units, and its ISO date if there is one."""

    currency: str
    amount_minor: int
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """One statement of one account.

    `lines` are the booked movements, `not_booked` counts those that are only announced. `refused`
    says which parts could not be read; `notes` what a reader of the lines should know.
    """

    id: str
    account: str
    opening: BankBalance | None
    closing: BankBalance | None
    lines: tuple[BankLine, ...]
    not_booked: int = 0
    refused: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()


def distinct(ids: Iterable[str]) -> list[str]:
    """The same ids, each once: a second `x` becomes `x#2`, so that every row can be named."""
    found: list[str] = []
    every = list(ids)
    taken = set(every)
    seen: Counter[str] = Counter()
    for each in every:
        seen[each] += 1
        name, number = each, seen[each]
        while number > 1 and name in taken:
            name = f"{each}#{number}"
            number += 1
        taken.add(name)
        found.append(name)
    return found


def told_apart(lines: Iterable[StatementLine]) -> tuple[StatementLine, ...]:
    """The same lines with ids that are `distinct`."""
    every = list(lines)
    names = distinct(each.id for each in every)
    return tuple(
        each if each.id == name else replace(each, id=name)
        for each, name in zip(every, names, strict=True)
    )

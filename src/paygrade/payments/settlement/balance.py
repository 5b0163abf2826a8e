"""Does a statement balance: opening plus credits less debits is closing, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.payments.settlement.amounts import to_major

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.payments.settlement.lines import BankStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The balance equation of one statement, in minor units of `currency`.

    `currency` is that of the opening balance, or of the closing one where there is no other.
    Credits and debits are sums of booked entries in it, both 0 or more. `difference_minor` is
    closing less what the equation gives; None where one side is not known. `reasons` say why the
    equation does not hold, none if it does.
    """

    statement: str
    currency: str
    opening_minor: int | None
    credits_minor: int
    debits_minor: int
    closing_minor: int | None
    difference_minor: int | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the equation holds, every part of it known."""
        return not self.reasons

    def __str__(self) -> str:
        """One line: the equation, or the reasons."""
        if self.holds and self.opening_minor is not None and self.closing_minor is not None:
            figures = (self.opening_minor, self.credits_minor, self.debits_minor)
            before, more, less = (to_major(each, self.currency) for each in figures)
            after = to_major(self.closing_minor, self.currency)
            return f"{self.statement}: holds: {before} + {more} - {less} = {after} {self.currency}"
        return f"{self.statement}: does not hold: {'; '.join(self.reasons)}"


def balance(statement: BankStatement) -> Balance:
    """Check one statement."""
    opening, closing = statement.opening, statement.closing
    stated = opening or closing
    currency = stated.currency if stated else ""
    amounts = [each.amount_minor for each in statement.lines if each.currency == currency]
    more = sum(each for each in amounts if each > 0)
    less = -sum(each for each in amounts if each < 0)
    difference = None
    if opening and closing and opening.currency == closing.currency:
        difference = closing.amount_minor - (opening.amount_minor + more - less)
    return Balance(
        statement=statement.id,
        currency=currency,
        opening_minor=opening.amount_minor if opening else None,
        credits_minor=more,
        debits_minor=less,
        closing_minor=closing.amount_minor if closing and closing.currency == currency else None,
        difference_minor=difference,
        reasons=tuple(_reasons(statement, currency, more - less, difference)),
        notes=statement.notes,
    )


def _reasons(
    statement: BankStatement, currency: str, moved: int, difference: int | None
) -> Iterator[str]:
    opening, closing = statement.opening, statement.closing
    for each in statement.refused:
        place = f"line {each.line}: " if each.line else ""
        yield f"{place}{each.problem}"
    if opening is None:
        yield "it has no opening balance"
    if closing is None:
        yield "it has no closing balance"
    if opening and closing and opening.currency != closing.currency:
        yield f"it opens in {opening.currency} and closes in {closing.currency}"
    others = sorted({each.currency for each in statement.lines} - {currency})
    if others and currency:
        yield f"it has entries in {', '.join(others)}, and its balance is in {currency}"
    if difference and opening and closing:
        given = to_major(opening.amount_minor + moved, currency)
        said = to_major(closing.amount_minor, currency)
        yield (
            f"opening, credits and debits give {given} {currency}, closing says {said}:"
            f" a difference of {to_major(difference, currency)}"
        )
    wrong = opening is None or closing is None or bool(difference)
    if wrong and not statement.lines:
        yield "it has no booked entry"
    if wrong and statement.not_booked:
        yield f"{statement.not_booked} of its entries are not booked and are not counted"

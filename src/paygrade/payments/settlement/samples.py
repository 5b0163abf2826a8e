"""Lines as samples of a dataset: one for each payout, batch, settlement or statement."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from paygrade import leaks
from paygrade.errors import Mistake, WorkspaceError
from paygrade.payments.settlement.amounts import exponents
from paygrade.payments.settlement.lines import distinct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paygrade.payments.settlement.lines import BankLine, BankStatement, StatementLine

_LONGEST_ID = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Lines of a dataset without labels, and how many texts held what may not be stored."""

    lines: tuple[dict[str, Any], ...]
    masked: int


def from_report(kind: str, lines: Sequence[StatementLine], shown: str) -> Samples:
    """One sample for each batch, in the order of the report; lines in no batch make one too.

    Args:
        kind: `stripe`, `adyen` or `razorpay`.
        lines: What the reader returned.
        shown: The file's path in messages.

    Raises:
        WorkspaceError: a number reads as a card number, so it may not be stored.
    """
    batches: dict[str, list[StatementLine]] = {}
    for each in lines:
        batches.setdefault(each.batch, []).append(each)
    maker = _Maker(kind, shown)
    for name, members in batches.items():
        currencies = {each.currency for each in members}
        currencies |= {each.orig_currency for each in members if each.orig_currency}
        maker.add(name or "no-batch", currencies, statement_lines=members)
    return maker.samples()


def from_statements(statements: Iterable[BankStatement], shown: str) -> Samples:
    """One sample for each bank statement; its stated balances stand in the context.

    Args:
        statements: What the reader returned.
        shown: The file's path in messages.

    Raises:
        WorkspaceError: a number reads as a card number, so it may not be stored.
    """
    maker = _Maker("camt053", shown)
    for each in statements:
        balances = [
            {"kind": kind, **_known(asdict(stated))}
            for kind, stated in (("opening", each.opening), ("closing", each.closing))
            if stated
        ]
        currencies = {line.currency for line in each.lines}
        currencies |= {stated.currency for stated in (each.opening, each.closing) if stated}
        maker.add(each.id, currencies, bank_lines=each.lines, balances=balances)
    return maker.samples()


def _known(value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if each is not None}


class _Maker:
    """Makes samples of one file, and counts what it masks."""

    def __init__(self, kind: str, shown: str) -> None:
        self._kind = kind
        self._shown = shown
        self._masked = 0
        self._made: list[dict[str, Any]] = []

    def add(
        self,
        name: str,
        currencies: Iterable[str],
        *,
        statement_lines: Sequence[StatementLine] = (),
        bank_lines: Sequence[BankLine] = (),
        balances: Sequence[dict[str, Any]] = (),
    ) -> None:
        context: dict[str, Any] = {"exponents": exponents(currencies)}
        if balances:
            context["balances"] = list(balances)
        value = {
            "bank_lines": self._rows(bank_lines),
            "context": context,
            "format": f"{self._kind}_like",
            "ledger_lines": [],
            "statement_lines": self._rows(statement_lines),
        }
        self._made.append(
            {
                "id": f"{self._kind}-{self._without_leaks(name)[:_LONGEST_ID]}",
                "input": value,
                "expected": {},
                "provenance": {"format": self._kind, "origin": "imported"},
            }
        )

    def samples(self) -> Samples:
        names = distinct(each["id"] for each in self._made)
        lines = tuple({**each, "id": name} for each, name in zip(self._made, names, strict=True))
        mistakes = []
        for each in lines:
            _, found = leaks.mask_value(each)
            mistakes += [
                Mistake(
                    path=self._shown,
                    problem=f"{each['id']}: what stands at {place} reads as a card number or a"
                    " secret, and may not be stored",
                    hint="take the row out, or change it a little",
                )
                for place in sorted({one.place for one in found if one.kind in leaks.MASKED_KINDS})
            ]
        if mistakes:
            raise WorkspaceError(mistakes)
        return Samples(lines=lines, masked=self._masked)

    def _rows(self, lines: Sequence[StatementLine] | Sequence[BankLine]) -> list[dict[str, Any]]:
        """The lines as JSON, without what is None, with ids that stay apart when masked."""
        clean = [
            {key: self._clean(value) for key, value in _known(asdict(each)).items()}
            for each in lines
        ]
        names = distinct(str(each["id"]) for each in clean)
        return [{**each, "id": name} for each, name in zip(clean, names, strict=True)]

    def _clean(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return self._without_leaks(value)
        if isinstance(value, list | tuple):
            return [self._clean(each) for each in value]
        if isinstance(value, dict):
            return {key: self._clean(each) for key, each in value.items()}
        return value

    def _without_leaks(self, text: str) -> str:
        masked = _mask(text)
        self._masked += masked != text
        return masked


@functools.lru_cache(maxsize=4096)
def _mask(text: str) -> str:
    """Rows repeat their currency, type, batch and kinds of fees."""
    return leaks.mask(text).text

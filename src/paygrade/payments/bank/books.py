"""The bank's database: double entry, so that what leaves one account arrives in another.

Accounts of a currency: `available` is what the merchant may pay out, `pending` and `reserve` what
is kept back, `disputes_receivable` what open disputes have taken, `customer_refunds` what went back
to customers, `fees` what the bank keeps, and `bank` the world outside. They sum to zero.
"""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.json_value import Json

KINDS: Final = (
    "available", "pending", "reserve", "fees", "disputes_receivable", "customer_refunds", "bank",
)  # fmt: skip


class Books:
    """One database."""

    def __init__(self, path: str = ":memory:") -> None:
        """Make the tables."""
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.database.row_factory = sqlite3.Row
        self.database.executescript(_schema())
        self._currencies: set[str] = set()
        self._transactions = 0

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def copy_to(self, other: Books) -> None:
        """Make another one's content the same as this one's."""
        self.database.backup(other.database)

    def rows(self, sql: str, *values: object) -> Iterator[dict[str, Any]]:
        """What a query finds."""
        return (dict(row) for row in self.database.execute(sql, values).fetchall())

    def row(self, sql: str, *values: object) -> dict[str, Any] | None:
        """The first that a query finds."""
        return next(self.rows(sql, *values), None)

    def value(self, sql: str, *values: object) -> Any:  # noqa: ANN401 - whatever a cell holds
        """The first cell of the first row; `None` without one."""
        found = self.database.execute(sql, values).fetchone()
        return found[0] if found else None

    def run(self, sql: str, *values: object) -> None:
        """Change something."""
        self.database.execute(sql, values)

    def insert(self, table: str, **values: object) -> None:
        """Add a row to one of our tables."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608 - names of ours

    def post(
        self, what: str, object_id: str, currency: str, at: float, moves: Mapping[str, int]
    ) -> None:
        """Book one transaction: amounts by account, that sum to zero.

        Raises:
            ValueError: they do not.
        """
        if sum(moves.values()):
            raise ValueError(f"{what} of {object_id} does not balance: {dict(moves)}")
        self._open_accounts(currency)
        self._transactions += 1
        for kind, amount in moves.items():
            self.insert(
                "entries",
                tx_id=self._transactions,
                what=what,
                object_id=object_id,
                account_id=f"{currency}:{kind}",
                amount_minor=amount,
                at=int(at),
            )

    def move(  # noqa: PLR0913 - a transaction has that many parts
        self, what: str, object_id: str, amount: int, currency: str, at: float, *, way: str
    ) -> None:
        """Book an amount from one account to another: `way` is `available>bank`."""
        source, target = way.split(">")
        self.post(what, object_id, currency, at, {source: -amount, target: amount})

    def balance(self, currency: str, kind: str) -> int:
        """What an account holds."""
        found: int = self.value(
            "SELECT coalesce(sum(amount_minor), 0) FROM entries WHERE account_id = ?",
            f"{currency}:{kind}",
        )
        return found

    def currencies(self) -> list[str]:
        """All that have accounts."""
        return [row["currency"] for row in self.rows("SELECT DISTINCT currency FROM accounts")]

    def breach(self, rule: str, reason: str) -> None:
        """Note that a rule was broken. The same twice is noted once."""
        self.run("INSERT OR IGNORE INTO breaches (rule, reason) VALUES (?, ?)", rule, reason)

    def audit(self, actor: str, tool: str, args: Mapping[str, Json], at: float) -> int:
        """Note that something begins; its number, for `audited`."""
        self.insert("audit", actor=actor, tool=tool, args=json.dumps(args), outcome="", at=int(at))
        seq: int = self.value("SELECT max(seq) FROM audit")
        return seq

    def audited(self, seq: int, outcome: str) -> None:
        """Note how it ended."""
        self.run("UPDATE audit SET outcome = ? WHERE seq = ?", outcome, seq)

    def _open_accounts(self, currency: str) -> None:
        if currency in self._currencies:
            return
        self._currencies.add(currency)
        for kind in KINDS:
            self.insert("accounts", id=f"{currency}:{kind}", currency=currency, kind=kind)


@cache
def _schema() -> str:
    return (files("paygrade.payments.bank") / "schema.sql").read_text(encoding="utf-8")

"""How statements reach a database, whichever it is: connections, transactions, statements by name.

All of it is steps (see `driving.py`).
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, Self, TypeVar

from pytx.driving import got
from pytx.sql import statements

C = TypeVar("C")
"""A connection: sqlite3's or psycopg's, blocking or async. All take parameters by name, and more
than are used."""

Connected = Any
"""A `C` that is used: sqlite3 and the two faces of psycopg have no type in common."""


class SqlBase(ABC, Generic[C]):
    """A database, and what is alike in both."""

    def __init__(self, kind: str, violation: type[Exception]) -> None:
        """Take the statements of `sql/KIND.sql`, and what a broken constraint raises there."""
        named = statements(kind)
        columns = named["columns"].strip()
        self._sql = {name: text.replace("{columns}", columns) for name, text in named.items()}
        self._violation = violation
        self._given: C | None = None

    @abstractmethod
    def _using(self) -> AbstractAsyncContextManager[Any]:
        """A connection where each statement is a transaction, durable when it returns."""

    @abstractmethod
    def _stamped(self, values: dict[str, Any]) -> dict[str, Any]:
        """The parameters, with the time where the database does not tell it itself."""

    @abstractmethod
    def _need_transaction(self, connection: C) -> None:
        """Refuse a caller's connection that is inside no transaction.

        Raises:
            NoTransaction: it is not.
        """

    @abstractmethod
    def _is_inside(self, connection: Connected) -> bool:
        """Whether a transaction is open that can be rolled back."""

    def inside(self, connection: C) -> Self:
        """See `Store.inside`."""
        self._need_transaction(connection)
        view = copy.copy(self)
        view._given = connection  # noqa: SLF001 - a view of our own
        return view

    async def create_schema(self) -> None:
        """Make the tables that are not there yet.

        Raises:
            StoreUnavailable: the database cannot be written.
        """
        async with self._writing() as connection:
            for statement in self._sql["schema"].split(";"):
                await got(connection.execute(statement))

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Any]:
        """One transaction, durable when the block is left; rolled back when it raises."""
        if self._given is not None:
            yield self._given
            return
        async with self._using() as connection:
            await got(connection.execute(self._sql["begin"]))
            try:
                yield connection
                await got(connection.execute("COMMIT"))
            except BaseException:
                if self._is_inside(connection):
                    await got(connection.execute("ROLLBACK"))
                raise

    def _changing(self) -> AbstractAsyncContextManager[Any]:
        """A connection for one statement that changes something: durable when it is left."""
        return self._using()

    async def _ask(
        self, connection: Connected, name: str, values: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Run a statement: the rows that it gives."""
        cursor = await got(connection.execute(self._sql[name], self._stamped(values)))
        return list(await got(cursor.fetchall()))

    async def _do(self, connection: Connected, name: str, **values: object) -> int:
        """Run a statement that changes rows; how many it changed."""
        cursor = await got(connection.execute(self._sql[name], self._stamped(values)))
        changed: int = cursor.rowcount
        return changed

    async def _change(self, name: str, **values: object) -> int:
        """The same, in a transaction of its own."""
        async with self._changing() as connection:
            return await self._do(connection, name, **values)

    async def _all(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        async with self._using() as connection:
            return await self._ask(connection, name, values)

"""PostgreSQL through psycopg 3: one statement a claim, all times by the server's own clock.

Every write is one transaction on a connection of the store's own, never in the caller's: a
rollback of the caller's must not forget what was paid.
"""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pytx.stores.blocking import BlockingStore
from pytx.stores.pg_steps import PgSteps, psycopg

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    Connection = psycopg.Connection[tuple[Any, ...]]
    Pool = ConnectionPool[Connection]


class PgStore(BlockingStore):
    """Operations and messages in a PostgreSQL database: implements `pytx.stores.base.Store`."""

    def __init__(
        self, source: "str | Pool | Connection", *, allow_async_commit: bool = False
    ) -> None:
        """Nothing is opened yet.

        Args:
            source: What to connect to (a connection for each thread), a psycopg pool, or one
                connection that no other thread uses meanwhile.
            allow_async_commit: Take a server that acknowledges what is not on disk: a claim that a
                crash loses is a duplicate.

        Raises:
            TypeError: the pool or the connection is async.
        """
        if isinstance(source, psycopg.AsyncConnection) or _is_async_pool(source):
            raise TypeError("this is an async source; give it to pytx.AsyncPgStore")
        super().__init__(_Steps(source, allow_async_commit=allow_async_commit))


def _is_async_pool(source: object) -> bool:
    return hasattr(type(source), "__aenter__")


class _Steps(PgSteps["Connection"]):
    """What the store does. It blocks."""

    def __init__(self, source: "str | Pool | Connection", *, allow_async_commit: bool) -> None:
        """Nothing is opened yet."""
        super().__init__(allow_async_commit=allow_async_commit)
        self._source = source
        self._local = threading.local()

    async def close(self) -> None:
        """Close this thread's own connection; a pool, or one handed in, is the caller's."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["Connection"]:
        source = self._source
        if isinstance(source, str):
            yield self._own_connection(source)
        elif isinstance(source, psycopg.Connection):
            yield source
        else:
            with source.connection() as connection:
                yield connection

    def _own_connection(self, conninfo: str) -> "Connection":
        """This thread's connection; a fork must not use its parent's."""
        known: Connection | None = getattr(self._local, "connection", None)
        if known is not None and not known.closed and self._local.process == os.getpid():
            return known
        made = psycopg.connect(conninfo, autocommit=True)
        self._local.connection, self._local.process = made, os.getpid()
        return made

    async def _forget(self) -> None:
        """Drop a connection that is broken; the next call opens another."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None and (connection.closed or connection.broken):
            self._local.connection = None
            connection.close()

    async def _open_ear(self) -> "Connection":
        return psycopg.connect(self._conninfo(self._source), autocommit=True)

    async def _hear(self, ear: "Connection", seconds: float) -> None:
        for _ in ear.notifies(timeout=seconds, stop_after=1):
            pass

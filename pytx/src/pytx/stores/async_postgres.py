"""PostgreSQL through psycopg's async connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from pytx.stores.pg_steps import PgSteps, TransactionStatus, psycopg

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]
    Pool = AsyncConnectionPool[Connection]

_MOST_CONNECTIONS: Final = 10


class AsyncPgStore(PgSteps["Connection"]):
    """As `PgStore`, for `AsyncGuard`, `AsyncOutbox` and `AsyncRelay`; of one event loop."""

    def __init__(
        self, source: "str | Pool | Connection", *, allow_async_commit: bool = False
    ) -> None:
        """Nothing is opened yet.

        Args:
            source: What to connect to (ten connections at most, whoever comes then waits), an
                async pool of psycopg, or one async connection that nothing else uses meanwhile.
            allow_async_commit: As in `PgStore`.

        Raises:
            TypeError: the pool or the connection blocks.
        """
        super().__init__(allow_async_commit=allow_async_commit)
        if not isinstance(source, str) and not hasattr(type(source), "__aenter__"):
            raise TypeError("this source blocks; give it to pytx.PgStore")
        self._source = source
        self._idle: list[Connection] = []
        self._room = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._one_at_a_time = asyncio.Lock()
        self._pokes = asyncio.Event()

    async def close(self) -> None:
        """Close own connections; a pool, or one handed in, is the caller's."""
        await self._forget()

    async def doze(self, seconds: float) -> None:
        """See `Mailroom.doze`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._pokes.wait(), seconds)
            self._pokes.clear()

    async def poke(self) -> None:
        """See `Mailroom.poke`."""
        self._pokes.set()
        await super().poke()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["Connection"]:
        source = self._source
        if isinstance(source, str):
            async with self._room, self._own_connection(source) as connection:
                yield connection
        elif isinstance(source, psycopg.AsyncConnection):
            async with self._one_at_a_time:  # tasks must not meet inside of one transaction
                yield source
        else:
            async with source.connection() as connection:
                yield connection

    @asynccontextmanager
    async def _own_connection(self, conninfo: str) -> AsyncIterator["Connection"]:
        """An idle one, or another. What was cancelled inside of a transaction is not used again."""
        if self._idle:
            connection = self._idle.pop()
        else:
            connection = await psycopg.AsyncConnection.connect(conninfo, autocommit=True)
        try:
            yield connection
        finally:
            if connection.pgconn.transaction_status == TransactionStatus.IDLE:
                self._idle.append(connection)
            else:
                await connection.close()

    async def _forget(self) -> None:
        """Drop all that are idle: when one is broken, so may the others be."""
        while self._idle:
            await self._idle.pop().close()

    async def _open_ear(self) -> "Connection":
        conninfo = self._conninfo(self._source)
        return await psycopg.AsyncConnection.connect(conninfo, autocommit=True)

    async def _hear(self, ear: "Connection", seconds: float) -> None:
        async for _ in ear.notifies(timeout=seconds, stop_after=1):
            pass

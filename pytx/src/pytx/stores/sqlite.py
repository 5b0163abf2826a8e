"""SQLite: WAL, `synchronous=FULL`, one lock per process and file around writes.

A claim has to survive a power cut, so NORMAL is taken only when it is asked for and OFF never. All
processes that share a file are on one host and go by its clock.
"""

import json
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from pytx.errors import NoTransaction, StoreUnavailable
from pytx.stores.base import Claim, Seen
from pytx.stores.blocking import BlockingStore
from pytx.stores.sql_store import SqlStore, own, place, row_of

_locks: dict[str, threading.RLock] = {}
_locks_lock = threading.Lock()


class SqliteStore(BlockingStore):
    """Operations and messages in one SQLite file: implements `pytx.stores.base.Store`."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        busy_timeout: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is opened yet.

        Args:
            path: The file; `create_schema` makes it. Not ":memory:", which no other process sees.
            synchronous: NORMAL is faster and may lose a claim in a power cut, which is then a
                duplicate.
            busy_timeout: Seconds to wait for another process that writes.
            clock: Seconds since 1970.

        Raises:
            ValueError: `synchronous` is neither, or the file would be in memory.
        """
        if synchronous not in ("FULL", "NORMAL"):
            raise ValueError(f"synchronous is {synchronous!r}; a lost claim is a duplicate payment")
        if str(path) in (":memory:", ""):
            raise ValueError("a store in memory forgets what was paid; name a file")
        self.path = Path(path).absolute()
        super().__init__(_Steps(self.path, synchronous, busy_timeout, clock))


class _Steps(SqlStore[sqlite3.Connection]):
    """What the store does. It blocks."""

    def __init__(
        self, path: Path, synchronous: str, busy_timeout: float, clock: Callable[[], float]
    ) -> None:
        """Nothing is opened yet."""
        super().__init__("sqlite", sqlite3.IntegrityError)
        self._path = path
        self._synchronous = synchronous
        self._busy_timeout = busy_timeout
        self._clock = clock
        self._local = threading.local()
        with _locks_lock:
            self._lock = _locks.setdefault(str(path), threading.RLock())

    def __str__(self) -> str:
        """What it is called in sentences."""
        return f"the store {self._path}"

    async def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""
        found = await self.read(claim.identity)
        if found is not None:  # most calls that find a row are replays: no lock, no write
            return own(found, claim.owner)
        async with self._writing() as connection:
            found = await self._one(connection, "read", **place(claim.identity))
            if found is not None:
                return own(found, claim.owner)
            await self._hold(connection, claim.identity.scope, claim.hold)
            await self._do(connection, "insert", **self._claim_values(claim))
            made = await self._one(connection, "read", **place(claim.identity))
        assert made is not None  # noqa: S101 - it was inserted in this transaction
        return own(made, claim.owner)

    async def now(self) -> float:
        """See `Store.now`."""
        return self._clock()

    async def close(self) -> None:
        """Close this thread's connection; those of other threads close with them."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    def _need_transaction(self, connection: sqlite3.Connection) -> None:
        if not connection.in_transaction:
            raise NoTransaction("begin a transaction first: all of it commits together")

    def _is_inside(self, connection: sqlite3.Connection) -> bool:
        return connection.in_transaction  # a full disk has rolled it back already

    def _stamped(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "now": self._clock()}

    def _seen(self, values: tuple[Any, ...]) -> Seen:
        return Seen(row=row_of(values), now=self._clock(), won=False)

    def _list(self, texts: tuple[str, ...]) -> object:
        return json.dumps(texts)

    def _changing(self) -> AbstractAsyncContextManager[sqlite3.Connection]:
        return self._writing()

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[sqlite3.Connection]:
        if self._given is not None:
            yield self._given
            return
        try:
            yield self._connection()
        except sqlite3.Error as error:
            hint = "; make it with store.create_schema()" if "no such table" in str(error) else ""
            raise StoreUnavailable(f"{self} cannot be used: {error}{hint}") from error

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[sqlite3.Connection]:
        with self._lock:
            async with super()._writing() as connection:
                yield connection

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a fork must not use its parent's."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None and self._local.process == os.getpid():
            return known
        made = sqlite3.connect(self._path, timeout=self._busy_timeout, isolation_level=None)
        made.execute("pragma journal_mode = wal")
        made.execute(f"pragma synchronous = {self._synchronous}")
        self._local.connection, self._local.process = made, os.getpid()
        return made

"""What a store does in PostgreSQL, whether it blocks or not."""

import logging
import time
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeVar

try:
    import psycopg
except ModuleNotFoundError as missing:
    hint = "PostgreSQL needs psycopg: pip install 'paygrade-pytx[postgres]'"
    raise ModuleNotFoundError(hint, name="psycopg") from missing
from psycopg import errors
from psycopg.pq import TransactionStatus

from pytx.driving import got
from pytx.errors import InTransaction, NoTransaction, StoreUnavailable
from pytx.stores.base import Claim, Seen
from pytx.stores.sql_store import SqlStore, own, row_of

__all__ = ["PgSteps", "TransactionStatus", "psycopg"]

C = TypeVar("C", bound="psycopg.Connection[Any] | psycopg.AsyncConnection[Any]")

_log = logging.getLogger("pytx")
_MOST_CLAIMS: Final = 5
"""A claim sees no row when another insert commits after its snapshot; the next one sees it."""
_BETWEEN_POKES_S: Final = 0.05


class PgSteps(SqlStore[C]):
    """What does not depend on how it waits."""

    def __init__(self, *, allow_async_commit: bool) -> None:
        """Nothing is opened yet."""
        super().__init__("postgres", errors.CheckViolation)
        self._allow_async_commit = allow_async_commit
        self._checked = False
        self._poked_at = 0.0

    @abstractmethod
    def _connection(self) -> AbstractAsyncContextManager[C]:
        """One to use for as long as the block lasts."""

    @abstractmethod
    async def _forget(self) -> None:
        """Drop own connections that are broken; the next call opens others."""

    @abstractmethod
    async def _open_ear(self) -> C:
        """A connection to listen with."""

    @abstractmethod
    async def _hear(self, ear: C, seconds: float) -> None:
        """Wait for a notification."""

    async def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""
        hold, values = claim.hold, self._claim_values(claim)
        for _ in range(_MOST_CLAIMS):
            async with self._writing() if hold else self._using() as connection:
                rows = await self._ask(connection, "claim", values)
                if not rows:
                    continue
                [found] = rows
                if found[-1]:  # made
                    await self._hold(connection, claim.identity.scope, hold)
            return own(self._seen(found[:-1]), claim.owner)
        raise StoreUnavailable("the claim met another one each time it was tried")

    async def now(self) -> float:
        """See `Store.now`."""
        [[now]] = await self._all("now")
        return float(now)

    async def announce(self, connection: C) -> None:
        """See `Mailroom.announce`."""
        self._need_transaction(connection)
        await self._do(connection, "notify")

    async def listen(self, ear: Any, seconds: float) -> C | None:  # noqa: ANN401 - see `C`
        """See `Mailroom.listen`."""
        listening: C = ear or await self._opened_ear()
        if ear is not None:
            try:
                await self._hear(listening, seconds)
            except psycopg.Error as error:
                _log.warning("the connection that listens was lost: %s", error)
                await got(listening.close())
                return None
        return listening

    async def _opened_ear(self) -> C:
        try:
            ear = await self._open_ear()
            await got(ear.execute(self._sql["listen"]))
        except psycopg.Error as error:
            raise _unavailable(error) from error
        return ear

    async def poke(self) -> None:
        """See `Mailroom.poke`."""
        await super().poke()
        at = time.monotonic()
        if at - self._poked_at < _BETWEEN_POKES_S:
            return
        self._poked_at = at
        try:
            await self._all("notify")
        except StoreUnavailable as error:
            _log.warning("nobody was woken: %s", error)

    def _conninfo(self, source: object) -> str:
        if not isinstance(source, str):
            raise ValueError(  # noqa: TRY004 - which one is meant, not of which type
                "wake='notify' listens on a connection of its own: give the relay a store that was "
                "made with what to connect to"
            )
        return source

    def _need_transaction(self, connection: C) -> None:
        """Outside of autocommit a first statement begins the transaction."""
        begun = connection.pgconn.transaction_status == TransactionStatus.INTRANS
        if connection.autocommit and not begun:
            raise NoTransaction("begin a transaction first: all of it commits together")

    def _is_inside(self, connection: C) -> bool:
        status = connection.pgconn.transaction_status
        return status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def _stamped(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def _seen(self, values: tuple[Any, ...]) -> Seen:
        return Seen(row=row_of(values[:-1]), now=values[-1], won=False)

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[C]:
        """A connection in autocommit: each statement is a transaction."""
        if self._given is not None:
            await self._check(self._given)
            yield self._given
            return
        try:
            async with self._connection() as connection:
                if connection.pgconn.transaction_status != TransactionStatus.IDLE:
                    raise InTransaction(
                        "the connection is inside a transaction, whose rollback would forget what "
                        "was paid; give the store one of its own"
                    )
                before = connection.autocommit
                if not before:
                    await got(connection.set_autocommit(True))
                try:
                    await self._check(connection)
                    yield connection
                finally:
                    if not connection.closed and not before:
                        await got(connection.set_autocommit(False))
        except psycopg.Error as error:
            await self._forget()
            raise _unavailable(error) from error

    async def _check(self, connection: C) -> None:
        """Refuse a server that acknowledges what a crash can lose, once for this store.

        Raises:
            StoreUnavailable: it does.
        """
        if self._checked:
            return
        [found] = await self._ask(connection, "settings", {})
        for name, value in zip(("fsync", "synchronous_commit"), found, strict=True):
            if value == "off" and not self._allow_async_commit:
                raise StoreUnavailable(
                    f"the server runs with {name} = off, so a crash can lose a claim, which is a "
                    "duplicate; turn it on, or say allow_async_commit=True"
                )
        self._checked = True


def _unavailable(error: psycopg.Error) -> StoreUnavailable:
    missing = isinstance(error, errors.UndefinedTable)
    hint = "; make the tables with store.create_schema()" if missing else ""
    first = str(error).partition("\n")[0]
    return StoreUnavailable(f"the store cannot be used: {first}{hint}")

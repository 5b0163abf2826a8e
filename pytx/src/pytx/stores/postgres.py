"""PostgreSQL through psycopg 3: one statement a claim, all times by the server's own clock.

Every write is one transaction on a connection of the store's own, never in the caller's: a
rollback of the caller's must not forget what was paid.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

try:
    import psycopg
except ModuleNotFoundError as missing:
    hint = "PostgreSQL needs psycopg: pip install 'paygrade-pytx[postgres]'"
    raise ModuleNotFoundError(hint, name="psycopg") from missing
from psycopg import errors
from psycopg.pq import TransactionStatus

from pytx.errors import InTransaction, NoTransaction, StoreUnavailable
from pytx.stores.base import Claim, Seen
from pytx.stores.sql_store import SqlStore, own, row_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from psycopg_pool import ConnectionPool

    Connection = psycopg.Connection[tuple[Any, ...]]
    Pool = ConnectionPool[Connection]

_MOST_CLAIMS: Final = 5
"""A claim sees no row when another insert commits after its snapshot; the next one sees it."""


class PgStore(SqlStore["Connection"]):
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
        """
        super().__init__("postgres", errors.CheckViolation)
        self._source = source
        self._allow_async_commit = allow_async_commit
        self._checked = False
        self._local = threading.local()

    def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""
        hold, values = claim.hold, self._claim_values(claim)
        for _ in range(_MOST_CLAIMS):
            with self._writing() if hold else self._using() as connection:
                found = connection.execute(self._sql["claim"], values).fetchone()
                if found is None:
                    continue
                made = bool(found[-1])
                if made:
                    self._hold(connection, claim.identity.scope, hold)
            return own(self._seen(found[:-1]), claim.owner)
        raise StoreUnavailable("the claim met another one each time it was tried")

    def now(self) -> float:
        """See `Store.now`."""
        [[now]] = self._all("now")
        return float(now)

    def close(self) -> None:
        """Close this thread's own connection; a pool, or one handed in, is the caller's."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    def _need_transaction(self, connection: "Connection") -> None:
        """Outside of autocommit a first statement begins the transaction."""
        begun = connection.info.transaction_status is TransactionStatus.INTRANS
        if connection.autocommit and not begun:
            raise NoTransaction("begin a transaction first: all of it commits together")

    def _stamped(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def _seen(self, values: tuple[Any, ...]) -> Seen:
        return Seen(row=row_of(values[:-1]), now=values[-1], won=False)

    def _changing(self) -> "AbstractContextManager[Connection]":
        return self._using()

    @contextlib.contextmanager
    def _writing(self) -> Iterator["Connection"]:
        """One transaction, durable when the block is left; rolled back when it raises."""
        if self._given is not None:
            yield self._given
            return
        with self._using() as connection, connection.transaction():
            yield connection

    @contextlib.contextmanager
    def _using(self) -> Iterator["Connection"]:
        """A connection in autocommit: each statement is a transaction."""
        if self._given is not None:
            self._check(self._given)
            yield self._given
            return
        try:
            with self._connection() as connection:
                if connection.info.transaction_status is not TransactionStatus.IDLE:
                    raise InTransaction(
                        "the connection is inside a transaction, whose rollback would forget what "
                        "was paid; give the store one of its own"
                    )
                before = connection.autocommit
                connection.autocommit = True
                try:
                    self._check(connection)
                    yield connection
                finally:
                    if not connection.closed and not before:
                        connection.autocommit = before
        except psycopg.Error as error:
            self._forget()
            raise _unavailable(error) from error

    @contextlib.contextmanager
    def _connection(self) -> Iterator["Connection"]:
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

    def _forget(self) -> None:
        """Drop a connection that is broken; the next call opens another."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None and (connection.closed or connection.broken):
            self._local.connection = None
            connection.close()

    def _check(self, connection: "Connection") -> None:
        """Refuse a server that acknowledges what a crash can lose, once for this store.

        Raises:
            StoreUnavailable: it does.
        """
        if self._checked:
            return
        found = connection.execute(self._sql["settings"]).fetchone()
        assert found is not None  # noqa: S101 - a select without a table has one row
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

"""PostgreSQL through psycopg 3: one statement a claim, all times by the server's own clock.

Every write is one transaction on a connection of the store's own, never in the caller's: a
rollback of the caller's must not forget what was paid.
"""

import contextlib
import copy
import dataclasses
import os
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from pytx.errors import InTransaction, NoTransaction, StoreUnavailable
from pytx.model import FINAL, Hold, Identity, Outcome, Row
from pytx.sql import statements
from pytx.stores.base import Cap, Claim, Seen
from pytx.stores.postgres_mail import PgMail
from pytx.stores.rows import own, place, row_of, told, unheld

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    Connection = psycopg.Connection[tuple[Any, ...]]
    Pool = ConnectionPool[Connection]

_MOST_CLAIMS: Final = 5
"""A claim sees no row when another insert commits after its snapshot; the next one sees it."""


class PgStore(PgMail):
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
        self._source = source
        self._allow_async_commit = allow_async_commit
        self._checked = False
        self._given: Connection | None = None
        self._local = threading.local()
        self.awake = threading.Event()
        named = statements("postgres")
        columns = named["columns"].strip()
        self._sql = {name: text.replace("{columns}", columns) for name, text in named.items()}

    def create_schema(self) -> None:
        """Make the tables that are not there yet.

        Raises:
            StoreUnavailable: the server cannot be used.
        """
        with self._writing() as connection:
            for statement in self._sql["schema"].split(";"):
                connection.execute(statement)

    def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""
        hold = claim.hold
        values = {
            **place(claim.identity), "fingerprint": claim.fingerprint, "owner": claim.owner,
            "provider_key": claim.provider_key, "lease": claim.lease,
            "subject": claim.subject, "currency": claim.currency, "minor": claim.minor,
        }  # fmt: skip
        for _ in range(_MOST_CLAIMS):
            with self._writing() if hold else self._using() as connection:
                found = connection.execute(self._sql["claim"], values).fetchone()
                if found is None:
                    continue
                made = bool(found[-1])
                if made:
                    self._hold(connection, claim.identity.scope, hold)
            return own(_seen(found[:-1]), claim.owner)
        raise StoreUnavailable("the claim met another one each time it was tried")

    def reclaim(self, row: Row, *, owner: str, lease: float, generation: int, key: str) -> Seen:
        """See `Store.reclaim`."""
        with self._writing() as connection:
            changed = self._do(
                connection, "reclaim", **place(row.identity), owner=owner, lease=lease,
                generation=generation, provider_key=key, fence=row.fence, state=row.state,
            )  # fmt: skip
            if changed and row.state in ("failed", "released"):
                self._hold(connection, row.identity.scope, row.hold)
            found = self._one(connection, "read", place(row.identity))
        if found is None:
            raise StoreUnavailable(f"the intent {row.provider_key} is gone; nothing ran")
        return own(found, owner)

    def finish(self, row: Row, outcome: Outcome) -> bool:
        """See `Store.finish`."""
        values = {**place(row.identity), **told(outcome), "fence": row.fence, "owner": row.owner}
        return self._settle("finish", row, outcome, values)

    def settle(self, row: Row, outcome: Outcome, note: str) -> bool:
        """See `Store.settle`."""
        values = {**place(row.identity), **told(outcome), "fence": row.fence, "note": note}
        return self._settle("settle", row, outcome, values)

    def take_check(self, row: Row, *, next_check_at: float) -> bool:
        """See `Store.take_check`."""
        where = place(row.identity)
        with self._using() as connection:
            changed = self._do(
                connection, "take_check", **where, fence=row.fence, checks=row.checks,
                next_check_at=next_check_at,
            )  # fmt: skip
        return bool(changed)

    def put_off(self, row: Row, *, next_check_at: float) -> None:
        """See `Store.put_off`."""
        where = place(row.identity)
        with self._using() as connection:
            self._do(connection, "put_off", **where, fence=row.fence, next_check_at=next_check_at)

    def keep_late(self, identity: Identity, result: str) -> None:
        """See `Store.keep_late`."""
        with self._using() as connection:
            self._do(connection, "keep_late", **place(identity), late=result)

    def read(self, identity: Identity) -> Seen | None:
        """See `Store.read`."""
        with self._using() as connection:
            return self._one(connection, "read", place(identity))

    def by_provider_key(self, provider_key: str) -> Seen | None:
        """See `Store.by_provider_key`."""
        with self._using() as connection:
            return self._one(connection, "by_provider_key", {"provider_key": provider_key})

    def open_rows(self, scope: str, limit: int) -> list[Row]:
        """See `Store.open_rows`."""
        with self._using() as connection:
            values = {"scope": scope, "limit": limit}
            found = connection.execute(self._sql["open_rows"], values).fetchall()
        return [_seen(each).row for each in found]

    def rows_since(self, scope: str, operation: str, since: float) -> list[Row]:
        """See `Store.rows_since`."""
        values = {"scope": scope, "operation": operation, "since": since}
        with self._using() as connection:
            found = connection.execute(self._sql["rows_since"], values).fetchall()
        return [_seen(each).row for each in found]

    def purge(self, scope: str, *, before: float, keep_keys: bool) -> int:
        """See `Store.purge`."""
        with self._using() as connection:
            name = "drop_results" if keep_keys else "drop_rows"
            return self._do(connection, name, scope=scope, before=before)

    def set_cap(self, scope: str, subject: str, currency: str, minor: int) -> None:
        """See `Store.set_cap`."""
        with self._using() as connection:
            try:
                self._do(
                    connection, "set_cap", scope=scope, subject=subject, currency=currency,
                    minor=minor,
                )  # fmt: skip
            except errors.CheckViolation as error:
                raise ValueError(f"more than {minor} is held and spent already") from error

    def cap(self, scope: str, subject: str, currency: str) -> Cap | None:
        """See `Store.cap`."""
        with self._using() as connection:
            return self._cap(connection, scope, subject, currency)

    def now(self) -> float:
        """See `Store.now`."""
        with self._using() as connection:
            found = connection.execute(self._sql["now"]).fetchone()
        assert found is not None  # noqa: S101 - a select without a table has one row
        return float(found[0])

    def inside(self, connection: "Connection") -> "PgStore":
        """See `Store.inside`. Outside of autocommit a first statement begins the transaction."""
        begun = connection.info.transaction_status is TransactionStatus.INTRANS
        if connection.autocommit and not begun:
            raise NoTransaction("begin a transaction first: claim and effect commit together")
        view = copy.copy(self)
        view._given = connection  # noqa: SLF001 - a view of our own
        return view

    def close(self) -> None:
        """Close this thread's own connection; a pool, or one handed in, is the caller's."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    def _do(self, connection: "Connection", name: str, **values: object) -> int:
        """Run a statement that changes rows; how many it changed."""
        return connection.execute(self._sql[name], values).rowcount

    def _one(
        self, connection: "Connection", name: str, values: Mapping[str, object]
    ) -> Seen | None:
        found = connection.execute(self._sql[name], values).fetchone()
        return None if found is None else _seen(found)

    def _settle(self, name: str, row: Row, outcome: Outcome, values: dict[str, Any]) -> bool:
        """Change the row and, where money is held for it, the cap: in one transaction."""
        gives = row.hold is not None and outcome.state in FINAL
        with self._writing() if gives else self._using() as connection:
            changed = self._do(connection, name, **values)
            if changed and gives:
                self._give(connection, row, outcome)
        return bool(changed)

    def _cap(self, connection: "Connection", scope: str, subject: str, currency: str) -> Cap | None:
        values = {"scope": scope, "subject": subject, "currency": currency}
        found = connection.execute(self._sql["cap"], values).fetchone()
        if found is None:
            return None
        minor, held, spent = found
        return Cap(subject=subject, currency=currency, minor=minor, held=held, spent=spent)

    def _hold(self, connection: "Connection", scope: str, hold: Hold | None) -> None:
        """Set the amount aside, in the transaction of the claim.

        Raises:
            CapMissing, CapExceeded: it does not fit.
        """
        if hold is None or self._do(connection, "hold", scope=scope, **dataclasses.asdict(hold)):
            return
        raise unheld(hold, self._cap(connection, scope, hold.subject, hold.currency))

    def _give(self, connection: "Connection", row: Row, outcome: Outcome) -> None:
        """Turn the hold into money spent, or give it back."""
        assert row.hold is not None  # noqa: S101 - the caller looked
        spent = row.hold.minor if outcome.state == "succeeded" else 0
        values = dataclasses.asdict(row.hold)
        self._do(connection, "give", scope=row.identity.scope, spent=spent, **values)

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


def _seen(values: tuple[Any, ...]) -> Seen:
    return Seen(row=row_of(values[:-1]), now=values[-1], won=False)

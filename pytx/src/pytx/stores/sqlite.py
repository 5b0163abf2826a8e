"""SQLite: WAL, `synchronous=FULL`, one lock per process and file around writes.

A claim has to survive a power cut, so NORMAL is taken only when it is asked for and OFF never. All
processes that share a file are on one host and go by its clock.
"""

import contextlib
import copy
import dataclasses
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pytx.errors import NoTransaction, StoreUnavailable
from pytx.model import FINAL, Hold, Identity, Outcome, Row
from pytx.sql import statements
from pytx.stores.base import Cap, Claim, Seen
from pytx.stores.rows import own, place, row_of, told, unheld
from pytx.stores.sqlite_mail import SqliteMail

_locks: dict[str, threading.RLock] = {}
_locks_lock = threading.Lock()


class SqliteStore(SqliteMail):
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
        self._synchronous = synchronous
        self._busy_timeout = busy_timeout
        self._clock = clock
        self._sql = statements("sqlite")
        self._given: sqlite3.Connection | None = None
        self._local = threading.local()
        self.awake = threading.Event()
        with _locks_lock:
            self._lock = _locks.setdefault(str(self.path), threading.RLock())

    def create_schema(self) -> None:
        """Make the file and the tables that are not there yet.

        Raises:
            StoreUnavailable: the file cannot be written.
        """
        with self._writing() as connection:
            for statement in self._sql["schema"].split(";"):
                connection.execute(statement)

    def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""
        found = self.read(claim.identity)
        if found is not None:  # most calls that find a row are replays: no lock, no write
            return own(found, claim.owner)
        with self._writing() as connection:
            found = self._read(connection, claim.identity)
            if found is not None:
                return own(found, claim.owner)
            now = self._clock()
            self._hold(connection, claim.identity.scope, claim.hold)
            self._do(
                connection, "insert", **place(claim.identity), fingerprint=claim.fingerprint,
                owner=claim.owner, provider_key=claim.provider_key, lease_until=now + claim.lease,
                now=now, subject=claim.subject, currency=claim.currency, minor=claim.minor,
            )  # fmt: skip
            made = self._read(connection, claim.identity)
        assert made is not None  # noqa: S101 - it was inserted in this transaction
        return dataclasses.replace(made, now=now, won=True)

    def reclaim(self, row: Row, *, owner: str, lease: float, generation: int, key: str) -> Seen:
        """See `Store.reclaim`."""
        given_back = row.state in ("failed", "released")
        with self._writing() as connection:
            now = self._clock()
            changed = self._do(
                connection, "reclaim", **place(row.identity), owner=owner,
                lease_until=now + lease, generation=generation, provider_key=key,
                first_sent_at=now if given_back else row.first_sent_at, now=now, fence=row.fence,
                state=row.state,
            )  # fmt: skip
            if changed and given_back:
                self._hold(connection, row.identity.scope, row.hold)
            found = self._read(connection, row.identity)
        if found is None:
            raise StoreUnavailable(f"the intent {row.provider_key} is gone; nothing ran")
        return own(dataclasses.replace(found, now=now), owner)

    def finish(self, row: Row, outcome: Outcome) -> bool:
        """See `Store.finish`."""
        with self._writing() as connection:
            changed = self._do(
                connection, "finish", **place(row.identity), **told(outcome), now=self._clock(),
                fence=row.fence, owner=row.owner,
            )  # fmt: skip
            if changed:
                self._give(connection, row, outcome)
        return bool(changed)

    def settle(self, row: Row, outcome: Outcome, note: str) -> bool:
        """See `Store.settle`."""
        with self._writing() as connection:
            changed = self._do(
                connection, "settle", **place(row.identity), **told(outcome), note=note,
                now=self._clock(), fence=row.fence,
            )  # fmt: skip
            if changed:
                self._give(connection, row, outcome)
        return bool(changed)

    def take_check(self, row: Row, *, next_check_at: float) -> bool:
        """See `Store.take_check`."""
        with self._writing() as connection:
            changed = self._do(
                connection, "take_check", **place(row.identity), fence=row.fence,
                checks=row.checks, next_check_at=next_check_at, now=self._clock(),
            )  # fmt: skip
        return bool(changed)

    def put_off(self, row: Row, *, next_check_at: float) -> None:
        """See `Store.put_off`."""
        where = place(row.identity)
        with self._writing() as connection:
            self._do(connection, "put_off", **where, fence=row.fence, next_check_at=next_check_at)

    def keep_late(self, identity: Identity, result: str) -> None:
        """See `Store.keep_late`."""
        with self._writing() as connection:
            self._do(connection, "keep_late", **place(identity), late=result)

    def read(self, identity: Identity) -> Seen | None:
        """See `Store.read`."""
        with self._using() as connection:
            return self._read(connection, identity)

    def by_provider_key(self, provider_key: str) -> Seen | None:
        """See `Store.by_provider_key`."""
        with self._using() as connection:
            return self._one(connection, "by_provider_key", {"provider_key": provider_key})

    def open_rows(self, scope: str, limit: int) -> list[Row]:
        """See `Store.open_rows`."""
        values = {"scope": scope, "now": self._clock(), "limit": limit}
        with self._using() as connection:
            found = connection.execute(self._sql["open_rows"], values).fetchall()
        return [row_of(each) for each in found]

    def rows_since(self, scope: str, operation: str, since: float) -> list[Row]:
        """See `Store.rows_since`."""
        values = {"scope": scope, "operation": operation, "since": since}
        with self._using() as connection:
            found = connection.execute(self._sql["rows_since"], values).fetchall()
        return [row_of(each) for each in found]

    def purge(self, scope: str, *, before: float, keep_keys: bool) -> int:
        """See `Store.purge`."""
        name = "drop_results" if keep_keys else "drop_rows"
        with self._writing() as connection:
            return self._do(connection, name, scope=scope, before=before)

    def set_cap(self, scope: str, subject: str, currency: str, minor: int) -> None:
        """See `Store.set_cap`."""
        with self._writing() as connection:
            try:
                self._do(
                    connection, "set_cap", scope=scope, subject=subject, currency=currency,
                    minor=minor,
                )  # fmt: skip
            except sqlite3.IntegrityError as error:
                raise ValueError(f"more than {minor} is held and spent already") from error

    def cap(self, scope: str, subject: str, currency: str) -> Cap | None:
        """See `Store.cap`."""
        with self._using() as connection:
            return self._cap(connection, scope, subject, currency)

    def now(self) -> float:
        """See `Store.now`."""
        return self._clock()

    def inside(self, connection: sqlite3.Connection) -> "SqliteStore":
        """See `Store.inside`."""
        if not connection.in_transaction:
            raise NoTransaction("begin a transaction first: claim and effect commit together")
        view = copy.copy(self)
        view._given = connection  # noqa: SLF001 - a view of our own
        return view

    def close(self) -> None:
        """Close this thread's connection; those of other threads close with them."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    def _do(self, connection: sqlite3.Connection, name: str, **values: object) -> int:
        """Run a statement that changes rows; how many it changed."""
        return connection.execute(self._sql[name], values).rowcount

    def _one(
        self, connection: sqlite3.Connection, name: str, values: Mapping[str, object]
    ) -> Seen | None:
        found = connection.execute(self._sql[name], values).fetchone()
        return None if found is None else Seen(row=row_of(found), now=self._clock(), won=False)

    def _read(self, connection: sqlite3.Connection, identity: Identity) -> Seen | None:
        return self._one(connection, "read", place(identity))

    def _cap(
        self, connection: sqlite3.Connection, scope: str, subject: str, currency: str
    ) -> Cap | None:
        values = {"scope": scope, "subject": subject, "currency": currency}
        found = connection.execute(self._sql["cap"], values).fetchone()
        if found is None:
            return None
        minor, held, spent = found
        return Cap(subject=subject, currency=currency, minor=minor, held=held, spent=spent)

    def _hold(self, connection: sqlite3.Connection, scope: str, hold: Hold | None) -> None:
        """Set the amount aside, in the transaction of the claim.

        Raises:
            CapMissing, CapExceeded: it does not fit.
        """
        if hold is None or self._do(connection, "hold", scope=scope, **dataclasses.asdict(hold)):
            return
        raise unheld(hold, self._cap(connection, scope, hold.subject, hold.currency))

    def _give(self, connection: sqlite3.Connection, row: Row, outcome: Outcome) -> None:
        """Turn the hold into money spent, or give it back; an unknown outcome keeps it."""
        if row.hold is None or outcome.state not in FINAL:
            return
        spent = row.hold.minor if outcome.state == "succeeded" else 0
        values = dataclasses.asdict(row.hold)
        self._do(connection, "give", scope=row.identity.scope, spent=spent, **values)

    @contextlib.contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        if self._given is not None:
            yield self._given
            return
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when the block is left; rolled back when it raises."""
        if self._given is not None:
            yield self._given
            return
        with self._lock, self._using() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:  # a full disk has rolled it back already
                    connection.execute("rollback")
                raise

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a fork must not use its parent's."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None and self._local.process == os.getpid():
            return known
        made = sqlite3.connect(self.path, timeout=self._busy_timeout, isolation_level=None)
        made.execute("pragma journal_mode = wal")
        made.execute(f"pragma synchronous = {self._synchronous}")
        self._local.connection, self._local.process = made, os.getpid()
        return made

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        hint = "; make it with store.create_schema()" if "no such table" in str(error) else ""
        return StoreUnavailable(f"the store {self.path} cannot be used: {error}{hint}")

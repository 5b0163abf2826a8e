"""What is alike in both databases: which statement each method is, and what is one transaction.

The databases differ in their statements (`sql/*.sql`), in how they connect and tell the time, and
in how they claim: that is in `sqlite.py` and `postgres.py`. All of it is steps (see `driving.py`):
`blocking.py` has the face of the stores that block.
"""

import copy
import dataclasses
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Generic, Self, TypeVar

from pytx.driving import got
from pytx.errors import CapExceeded, CapMissing, StoreUnavailable
from pytx.mail import Wanted
from pytx.model import FINAL, Hold, Identity, Outcome, Row
from pytx.sql import statements
from pytx.stores.base import Cap, Claim, Seen

C = TypeVar("C")
"""A connection: sqlite3's or psycopg's, blocking or async. All take parameters by name, and more
than are used."""

Connected = Any
"""A `C` that is used: sqlite3 and the two faces of psycopg have no type in common."""
_GIVEN_BACK: Final = ("failed", "released")


class SqlStore(ABC, Generic[C]):
    """The steps of `pytx.stores.base.Store` and `pytx.mail.Mailroom`, but for what differs."""

    def __init__(self, kind: str, violation: type[Exception]) -> None:
        """Take the statements of `sql/KIND.sql`, and what a broken constraint raises there."""
        named = statements(kind)
        columns = named["columns"].strip()
        self._sql = {name: text.replace("{columns}", columns) for name, text in named.items()}
        self._violation = violation
        self._given: C | None = None
        self._awake = threading.Event()

    @abstractmethod
    def _using(self) -> AbstractAsyncContextManager[Any]:
        """A connection where each statement is a transaction, durable when it returns."""

    @abstractmethod
    def _stamped(self, values: dict[str, Any]) -> dict[str, Any]:
        """The parameters, with the time where the database does not tell it itself."""

    @abstractmethod
    def _seen(self, values: tuple[Any, ...]) -> Seen:
        """A row as the statements select it, with the time then."""

    @abstractmethod
    def _need_transaction(self, connection: C) -> None:
        """Refuse a caller's connection that is inside no transaction.

        Raises:
            NoTransaction: it is not.
        """

    @abstractmethod
    def _is_inside(self, connection: Connected) -> bool:
        """Whether a transaction is open that can be rolled back."""

    @abstractmethod
    async def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""

    @abstractmethod
    async def now(self) -> float:
        """See `Store.now`."""

    @abstractmethod
    async def close(self) -> None:
        """See `Store.close`."""

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

    async def reclaim(
        self, row: Row, *, owner: str, lease: float, generation: int, key: str
    ) -> Seen:
        """See `Store.reclaim`."""
        async with self._writing() as connection:
            changed = await self._do(
                connection, "reclaim", **place(row.identity), owner=owner, lease=lease,
                generation=generation, provider_key=key, fence=row.fence, state=row.state,
            )  # fmt: skip
            if changed and row.state in _GIVEN_BACK:
                await self._hold(connection, row.identity.scope, row.hold)
            found = await self._one(connection, "read", **place(row.identity))
        if found is None:
            raise StoreUnavailable(f"the intent {row.provider_key} is gone; nothing ran")
        return own(found, owner)

    async def finish(self, row: Row, outcome: Outcome) -> bool:
        """See `Store.finish`."""
        return await self._end("finish", row, outcome, owner=row.owner)

    async def settle(self, row: Row, outcome: Outcome, note: str) -> bool:
        """See `Store.settle`."""
        return await self._end("settle", row, outcome, note=note, was=row.state)

    async def take_check(self, row: Row, *, next_check_at: float) -> bool:
        """See `Store.take_check`."""
        return bool(
            await self._change(
                "take_check", **place(row.identity), fence=row.fence, checks=row.checks,
                next_check_at=next_check_at,
            )
        )  # fmt: skip

    async def put_off(self, row: Row, *, next_check_at: float) -> None:
        """See `Store.put_off`."""
        where = place(row.identity)
        await self._change("put_off", **where, fence=row.fence, next_check_at=next_check_at)

    async def keep_late(self, identity: Identity, result: str) -> None:
        """See `Store.keep_late`."""
        await self._change("keep_late", **place(identity), late=result)

    async def read(self, identity: Identity) -> Seen | None:
        """See `Store.read`."""
        async with self._using() as connection:
            return await self._one(connection, "read", **place(identity))

    async def by_provider_key(self, provider_key: str) -> Seen | None:
        """See `Store.by_provider_key`."""
        async with self._using() as connection:
            return await self._one(connection, "by_provider_key", provider_key=provider_key)

    async def open_rows(self, scope: str, limit: int) -> list[Row]:
        """See `Store.open_rows`."""
        return await self._rows("open_rows", scope=scope, limit=limit)

    async def rows_since(self, scope: str, operation: str, since: float) -> list[Row]:
        """See `Store.rows_since`."""
        return await self._rows("rows_since", scope=scope, operation=operation, since=since)

    async def purge(self, scope: str, *, before: float, keep_keys: bool) -> int:
        """See `Store.purge`."""
        name = "drop_results" if keep_keys else "drop_rows"
        return await self._change(name, scope=scope, before=before)

    async def set_cap(self, scope: str, subject: str, currency: str, minor: int) -> None:
        """See `Store.set_cap`."""
        async with self._changing() as connection:
            try:
                await self._do(
                    connection, "set_cap", scope=scope, subject=subject, currency=currency,
                    minor=minor,
                )  # fmt: skip
            except self._violation as error:
                raise ValueError(f"more than {minor} is held and spent already") from error

    async def cap(self, scope: str, subject: str, currency: str) -> Cap | None:
        """See `Store.cap`."""
        async with self._using() as connection:
            return await self._cap(connection, scope, subject, currency)

    async def enqueue(  # noqa: PLR0913, PLR0917 - see `Mailroom`
        self,
        connection: C,
        message_id: str,
        topic: str,
        key: str | None,
        payload: str,
        headers: str,
    ) -> None:
        """See `Mailroom.enqueue`.

        With a key a statement of its own sees to it that the ids of one key are in the order of
        their commits: see `sql/postgres.sql`.
        """
        self._need_transaction(connection)
        await self._do(
            connection, enqueuing(key), message_id=message_id, topic=topic, key=key,
            payload=payload, headers=headers,
        )  # fmt: skip

    async def take_messages(self, wanted: Wanted) -> list[tuple[Any, ...]]:
        """See `Mailroom.take_messages`."""
        values = dataclasses.asdict(wanted) | {"topics": self._list(wanted.topics)}
        async with self._changing() as connection:
            return await self._ask(connection, "take_messages", values)

    async def delivered(self, taken: list[tuple[int, int]]) -> None:
        """See `Mailroom.delivered`."""
        rows = [{"id": number, "fence": fence} for number, fence in taken]
        async with self._writing() as connection:
            cursor = connection.cursor()
            await got(cursor.executemany(self._sql["delivered"], rows))
            await got(cursor.close())

    async def undelivered(
        self, taken: tuple[int, int], *, pause: float, dead: bool, why: str
    ) -> None:
        """See `Mailroom.undelivered`."""
        number, fence = taken
        state = "dead" if dead else "ready"
        await self._change("undelivered", id=number, fence=fence, pause=pause, state=state, why=why)

    async def bury(self, most_attempts: int) -> int:
        """See `Mailroom.bury`."""
        return await self._change("bury", most_attempts=most_attempts)

    async def dead_messages(self, limit: int) -> list[tuple[Any, ...]]:
        """See `Mailroom.dead_messages`."""
        return await self._all("dead_messages", limit=limit)

    async def revive(self, message_id: str) -> bool:
        """See `Mailroom.revive`."""
        return await self._change("revive", message_id=message_id) == 1

    async def drop(self, message_id: str) -> bool:
        """See `Mailroom.drop`."""
        return await self._change("drop", message_id=message_id) == 1

    async def announce(self, connection: C) -> None:
        """See `Mailroom.announce`."""
        raise ValueError(f"{connection} has nobody to notify; leave out wake='notify'")

    async def listen(self, ear: object, seconds: float) -> object:  # noqa: ARG002 - for PostgreSQL
        """See `Mailroom.listen`."""
        raise ValueError(f"{self} has nobody to listen to; leave out wake='notify'")

    async def doze(self, seconds: float) -> None:
        """See `Mailroom.doze`."""
        if self._awake.wait(seconds):
            self._awake.clear()

    async def poke(self) -> None:
        """See `Mailroom.poke`."""
        self._awake.set()

    def statement(self, name: str) -> str:
        """See `Mailroom.statement`."""
        return self._sql[name]

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

    def _list(self, texts: tuple[str, ...]) -> object:
        """Texts as one parameter."""
        return list(texts)

    def _claim_values(self, claim: Claim) -> dict[str, Any]:
        return {
            **place(claim.identity), "fingerprint": claim.fingerprint, "owner": claim.owner,
            "provider_key": claim.provider_key, "lease": claim.lease, "subject": claim.subject,
            "currency": claim.currency, "minor": claim.minor,
        }  # fmt: skip

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

    async def _one(
        self,
        connection: Connected,
        name: str,
        **values: object,
    ) -> Seen | None:
        rows = await self._ask(connection, name, values)
        return self._seen(rows[0]) if rows else None

    async def _all(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        async with self._using() as connection:
            return await self._ask(connection, name, values)

    async def _rows(self, name: str, **values: object) -> list[Row]:
        return [self._seen(each).row for each in await self._all(name, **values)]

    async def _end(self, name: str, row: Row, outcome: Outcome, **values: object) -> bool:
        """Change the row and, where money is held for it, the cap: in one transaction."""
        counts = row.hold is not None and outcome.state in FINAL
        async with self._writing() if counts else self._changing() as connection:
            changed = await self._do(
                connection, name, **place(row.identity), **told(outcome), fence=row.fence, **values
            )
            if changed and counts:
                await self._give(connection, row, outcome)
        return bool(changed)

    async def _cap(
        self,
        connection: Connected,
        scope: str,
        subject: str,
        currency: str,
    ) -> Cap | None:
        values = {"scope": scope, "subject": subject, "currency": currency}
        rows = await self._ask(connection, "cap", values)
        for minor, held, spent in rows:
            return Cap(subject=subject, currency=currency, minor=minor, held=held, spent=spent)
        return None

    async def _hold(
        self,
        connection: Connected,
        scope: str,
        hold: Hold | None,
    ) -> None:
        """Set the amount aside, in the transaction of the claim.

        Raises:
            CapMissing, CapExceeded: it does not fit.
        """
        if hold is None:
            return
        if await self._do(connection, "hold", scope=scope, **dataclasses.asdict(hold)):
            return
        cap = await self._cap(connection, scope, hold.subject, hold.currency)
        what = f"{hold.subject!r} in {hold.currency}"
        if cap is None:
            raise CapMissing(f"no cap is set for {what}; set it first with guard.set_cap")
        raise CapExceeded(
            f"{hold.minor} does not fit below the cap of {what}: {cap.remaining} is left",
            cap.remaining,
        )

    async def _give(self, connection: Connected, row: Row, outcome: Outcome) -> None:
        """Turn the hold into money spent, or give it back."""
        hold, scope = row.hold, row.identity.scope
        assert hold is not None  # noqa: S101 - the caller looked
        moved = outcome.state == "succeeded"
        if row.state in _GIVEN_BACK:  # a late result of what was believed not to have happened
            if not moved:
                return
            await self._hold(connection, scope, hold)
        spent = hold.minor if moved else 0
        await self._do(connection, "give", scope=scope, spent=spent, **dataclasses.asdict(hold))


def enqueuing(key: str | None) -> str:
    """The name of the statement that writes a message."""
    return "enqueue" if key is None else "enqueue_keyed"


def own(seen: Seen, owner: str) -> Seen:
    """A row of this very owner is won: its claim was made, and only the answer was lost."""
    row = seen.row
    return Seen(row=row, now=seen.now, won=row.owner == owner and row.state == "running")


def place(identity: Identity) -> dict[str, str]:
    """The parameters that say which row."""
    return {"scope": identity.scope, "operation": identity.operation, "key": identity.key}


def told(outcome: Outcome) -> dict[str, str | None]:
    """The parameters that say what became of it."""
    return {
        "state": outcome.state,
        "result": outcome.result,
        "error_code": outcome.error_code,
        "error": outcome.error,
    }


def row_of(values: tuple[Any, ...]) -> Row:
    """A row as the statements select it."""
    (scope, operation, key, fingerprint, state, fence, owner, attempt, generation, provider_key,
     lease_until, created_at, first_sent_at, updated_at, checks, next_check_at, result,
     error_code, error, late, note, subject, currency, minor) = values  # fmt: skip
    return Row(
        identity=Identity(scope=scope, operation=operation, key=key),
        fingerprint=bytes(fingerprint), state=state, fence=fence, owner=owner, attempt=attempt,
        generation=generation, provider_key=provider_key, lease_until=lease_until,
        created_at=created_at, first_sent_at=first_sent_at, updated_at=updated_at, checks=checks,
        next_check_at=next_check_at, result=result, error_code=error_code, error=error, late=late,
        note=note, subject=subject, currency=currency, minor=minor,
    )  # fmt: skip

"""What is alike in both databases: which statement each method is, and what is one transaction.

The databases differ in their statements (`sql/*.sql`), in how they connect and tell the time, and
in how they claim: that is in `sqlite.py` and `postgres.py`.
"""

import copy
import dataclasses
import threading
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, closing
from typing import Any, Final, Generic, Self, TypeVar

from pytx.errors import CapExceeded, CapMissing, StoreUnavailable
from pytx.model import FINAL, Hold, Identity, Outcome, Row
from pytx.outbox import Wanted
from pytx.sql import statements
from pytx.stores.base import Cap, Claim, Seen

C = TypeVar("C")
"""A connection: sqlite3's or psycopg's. Both take parameters by name, and more than are used."""

_GIVEN_BACK: Final = ("failed", "released")


class SqlStore(ABC, Generic[C]):
    """Implements `pytx.stores.base.Store` and `pytx.outbox.Mailroom`, but for what differs."""

    def __init__(self, kind: str, violation: type[Exception]) -> None:
        """Take the statements of `sql/KIND.sql`, and what a broken constraint raises there."""
        named = statements(kind)
        columns = named["columns"].strip()
        self._sql = {name: text.replace("{columns}", columns) for name, text in named.items()}
        self._violation = violation
        self._given: C | None = None
        self.awake = threading.Event()

    @abstractmethod
    def _using(self) -> AbstractContextManager[Any]:
        """A connection to read with."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Any]:
        """One transaction, durable when the block is left; rolled back when it raises."""

    @abstractmethod
    def _changing(self) -> AbstractContextManager[Any]:
        """A connection for one statement that changes something: durable when it is left."""

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

    def inside(self, connection: C) -> Self:
        """See `Store.inside`."""
        self._need_transaction(connection)
        view = copy.copy(self)
        view._given = connection  # noqa: SLF001 - a view of our own
        return view

    def create_schema(self) -> None:
        """Make the tables that are not there yet.

        Raises:
            StoreUnavailable: the database cannot be written.
        """
        with self._writing() as connection:
            for statement in self._sql["schema"].split(";"):
                connection.execute(statement)

    def reclaim(self, row: Row, *, owner: str, lease: float, generation: int, key: str) -> Seen:
        """See `Store.reclaim`."""
        with self._writing() as connection:
            changed = self._do(
                connection, "reclaim", **place(row.identity), owner=owner, lease=lease,
                generation=generation, provider_key=key, fence=row.fence, state=row.state,
            )  # fmt: skip
            if changed and row.state in _GIVEN_BACK:
                self._hold(connection, row.identity.scope, row.hold)
            found = self._one(connection, "read", **place(row.identity))
        if found is None:
            raise StoreUnavailable(f"the intent {row.provider_key} is gone; nothing ran")
        return own(found, owner)

    def finish(self, row: Row, outcome: Outcome) -> bool:
        """See `Store.finish`."""
        return self._end("finish", row, outcome, owner=row.owner)

    def settle(self, row: Row, outcome: Outcome, note: str) -> bool:
        """See `Store.settle`."""
        return self._end("settle", row, outcome, note=note, was=row.state)

    def take_check(self, row: Row, *, next_check_at: float) -> bool:
        """See `Store.take_check`."""
        return bool(
            self._change(
                "take_check", **place(row.identity), fence=row.fence, checks=row.checks,
                next_check_at=next_check_at,
            )
        )  # fmt: skip

    def put_off(self, row: Row, *, next_check_at: float) -> None:
        """See `Store.put_off`."""
        where = place(row.identity)
        self._change("put_off", **where, fence=row.fence, next_check_at=next_check_at)

    def keep_late(self, identity: Identity, result: str) -> None:
        """See `Store.keep_late`."""
        self._change("keep_late", **place(identity), late=result)

    def read(self, identity: Identity) -> Seen | None:
        """See `Store.read`."""
        with self._using() as connection:
            return self._one(connection, "read", **place(identity))

    def by_provider_key(self, provider_key: str) -> Seen | None:
        """See `Store.by_provider_key`."""
        with self._using() as connection:
            return self._one(connection, "by_provider_key", provider_key=provider_key)

    def open_rows(self, scope: str, limit: int) -> list[Row]:
        """See `Store.open_rows`."""
        return [self._seen(each).row for each in self._all("open_rows", scope=scope, limit=limit)]

    def rows_since(self, scope: str, operation: str, since: float) -> list[Row]:
        """See `Store.rows_since`."""
        found = self._all("rows_since", scope=scope, operation=operation, since=since)
        return [self._seen(each).row for each in found]

    def purge(self, scope: str, *, before: float, keep_keys: bool) -> int:
        """See `Store.purge`."""
        name = "drop_results" if keep_keys else "drop_rows"
        return self._change(name, scope=scope, before=before)

    def set_cap(self, scope: str, subject: str, currency: str, minor: int) -> None:
        """See `Store.set_cap`."""
        with self._changing() as connection:
            try:
                self._do(
                    connection, "set_cap", scope=scope, subject=subject, currency=currency,
                    minor=minor,
                )  # fmt: skip
            except self._violation as error:
                raise ValueError(f"more than {minor} is held and spent already") from error

    def cap(self, scope: str, subject: str, currency: str) -> Cap | None:
        """See `Store.cap`."""
        with self._using() as connection:
            return self._cap(connection, scope, subject, currency)

    def enqueue(  # noqa: PLR0913, PLR0917 - see `Mailroom`
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
        name = "enqueue" if key is None else "enqueue_keyed"
        self._do(
            connection, name, message_id=message_id, topic=topic, key=key, payload=payload,
            headers=headers,
        )  # fmt: skip

    def take_messages(self, wanted: Wanted) -> list[tuple[Any, ...]]:
        """See `Mailroom.take_messages`."""
        values = self._stamped(dataclasses.asdict(wanted) | {"topics": self._list(wanted.topics)})
        with self._changing() as connection:
            found: list[tuple[Any, ...]] = connection.execute(
                self._sql["take_messages"], values
            ).fetchall()
        return found

    def delivered(self, taken: list[tuple[int, int]]) -> None:
        """See `Mailroom.delivered`."""
        rows = [{"id": number, "fence": fence} for number, fence in taken]
        with self._writing() as connection, closing(connection.cursor()) as cursor:
            cursor.executemany(self._sql["delivered"], rows)

    def undelivered(self, taken: tuple[int, int], *, pause: float, dead: bool, why: str) -> None:
        """See `Mailroom.undelivered`."""
        number, fence = taken
        state = "dead" if dead else "ready"
        self._change("undelivered", id=number, fence=fence, pause=pause, state=state, why=why)

    def bury(self, most_attempts: int) -> int:
        """See `Mailroom.bury`."""
        return self._change("bury", most_attempts=most_attempts)

    def dead_messages(self, limit: int) -> list[tuple[Any, ...]]:
        """See `Mailroom.dead_messages`."""
        return self._all("dead_messages", limit=limit)

    def revive(self, message_id: str) -> bool:
        """See `Mailroom.revive`."""
        return self._change("revive", message_id=message_id) == 1

    def drop(self, message_id: str) -> bool:
        """See `Mailroom.drop`."""
        return self._change("drop", message_id=message_id) == 1

    def _list(self, texts: tuple[str, ...]) -> object:
        """Texts as one parameter."""
        return list(texts)

    def _claim_values(self, claim: Claim) -> dict[str, Any]:
        return {
            **place(claim.identity), "fingerprint": claim.fingerprint, "owner": claim.owner,
            "provider_key": claim.provider_key, "lease": claim.lease, "subject": claim.subject,
            "currency": claim.currency, "minor": claim.minor,
        }  # fmt: skip

    def _do(self, connection: Any, name: str, **values: object) -> int:  # noqa: ANN401 - see `C`
        """Run a statement that changes rows; how many it changed."""
        changed: int = connection.execute(self._sql[name], self._stamped(values)).rowcount
        return changed

    def _change(self, name: str, **values: object) -> int:
        """The same, in a transaction of its own."""
        with self._changing() as connection:
            return self._do(connection, name, **values)

    def _one(self, connection: Any, name: str, **values: object) -> Seen | None:  # noqa: ANN401
        found = connection.execute(self._sql[name], self._stamped(values)).fetchone()
        return None if found is None else self._seen(found)

    def _all(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        with self._using() as connection:
            found: list[tuple[Any, ...]] = connection.execute(
                self._sql[name], self._stamped(values)
            ).fetchall()
        return found

    def _end(self, name: str, row: Row, outcome: Outcome, **values: object) -> bool:
        """Change the row and, where money is held for it, the cap: in one transaction."""
        counts = row.hold is not None and outcome.state in FINAL
        with self._writing() if counts else self._changing() as connection:
            changed = self._do(
                connection, name, **place(row.identity), **told(outcome), fence=row.fence, **values
            )
            if changed and counts:
                self._give(connection, row, outcome)
        return bool(changed)

    def _cap(self, connection: Any, scope: str, subject: str, currency: str) -> Cap | None:  # noqa: ANN401
        values = {"scope": scope, "subject": subject, "currency": currency}
        found = connection.execute(self._sql["cap"], values).fetchone()
        if found is None:
            return None
        minor, held, spent = found
        return Cap(subject=subject, currency=currency, minor=minor, held=held, spent=spent)

    def _hold(self, connection: Any, scope: str, hold: Hold | None) -> None:  # noqa: ANN401
        """Set the amount aside, in the transaction of the claim.

        Raises:
            CapMissing, CapExceeded: it does not fit.
        """
        if hold is None or self._do(connection, "hold", scope=scope, **dataclasses.asdict(hold)):
            return
        cap = self._cap(connection, scope, hold.subject, hold.currency)
        what = f"{hold.subject!r} in {hold.currency}"
        if cap is None:
            raise CapMissing(f"no cap is set for {what}; set it first with guard.set_cap")
        raise CapExceeded(
            f"{hold.minor} does not fit below the cap of {what}: {cap.remaining} is left",
            cap.remaining,
        )

    def _give(self, connection: Any, row: Row, outcome: Outcome) -> None:  # noqa: ANN401
        """Turn the hold into money spent, or give it back."""
        hold, scope = row.hold, row.identity.scope
        assert hold is not None  # noqa: S101 - the caller looked
        moved = outcome.state == "succeeded"
        if row.state in _GIVEN_BACK:  # a late result of what was believed not to have happened
            if not moved:
                return
            self._hold(connection, scope, hold)
        spent = hold.minor if moved else 0
        self._do(connection, "give", scope=scope, spent=spent, **dataclasses.asdict(hold))


def own(seen: Seen, owner: str) -> Seen:
    """A row of this very owner is won: its claim was made, and only the answer was lost."""
    won = seen.row.owner == owner and seen.row.state == "running"
    return dataclasses.replace(seen, won=won)


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

"""The outbox in PostgreSQL: part of `PgStore`."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from psycopg.pq import TransactionStatus

from pytx.errors import NoTransaction
from pytx.outbox import Wanted

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]


class PgMail:
    """Implements `pytx.outbox.Mailroom` over a store's connections."""

    _sql: Mapping[str, str]
    _using: "Callable[[], AbstractContextManager[Connection]]"
    awake: threading.Event

    def enqueue(  # noqa: PLR0913, PLR0917 - see `Mailroom`
        self,
        connection: "Connection",
        message_id: str,
        topic: str,
        key: str | None,
        payload: str,
        headers: str,
    ) -> None:
        """See `Mailroom.enqueue`.

        With a key a lock comes first, which the transaction keeps: the ids of one key are in the
        order of their commits.
        """
        begun = connection.info.transaction_status is TransactionStatus.INTRANS
        if connection.autocommit and not begun:
            raise NoTransaction("begin a transaction first: data and message commit together")
        values = {
            "message_id": message_id, "topic": topic, "key": key, "payload": payload,
            "headers": headers,
        }  # fmt: skip
        connection.execute(self._sql["enqueue" if key is None else "enqueue_keyed"], values)

    def take_messages(self, wanted: Wanted) -> list[tuple[Any, ...]]:
        """See `Mailroom.take_messages`."""
        values = {
            "lease": wanted.lease, "limit": wanted.limit, "most_attempts": wanted.most_attempts,
            "suspects": wanted.suspects, "skips_dead": wanted.skips_dead,
            "topics": list(wanted.topics),
        }  # fmt: skip
        with self._using() as connection:
            return connection.execute(self._sql["take_messages"], values).fetchall()

    def delivered(self, taken: list[tuple[int, int]]) -> None:
        """See `Mailroom.delivered`."""
        values = {"ids": [number for number, _ in taken], "fences": [fence for _, fence in taken]}
        with self._using() as connection:
            connection.execute(self._sql["delivered"], values)

    def undelivered(self, taken: tuple[int, int], *, pause: float, dead: bool, why: str) -> None:
        """See `Mailroom.undelivered`."""
        number, fence = taken
        values = {
            "id": number, "fence": fence, "pause": pause, "why": why,
            "state": "dead" if dead else "ready",
        }  # fmt: skip
        with self._using() as connection:
            connection.execute(self._sql["undelivered"], values)

    def bury(self, most_attempts: int) -> int:
        """See `Mailroom.bury`."""
        values = {"most_attempts": most_attempts}
        with self._using() as connection:
            return connection.execute(self._sql["bury"], values).rowcount

    def dead_messages(self, limit: int) -> list[tuple[Any, ...]]:
        """See `Mailroom.dead_messages`."""
        with self._using() as connection:
            return connection.execute(self._sql["dead_messages"], {"limit": limit}).fetchall()

    def revive(self, message_id: str) -> bool:
        """See `Mailroom.revive`."""
        with self._using() as connection:
            values = {"message_id": message_id}
            return connection.execute(self._sql["revive"], values).rowcount == 1

    def drop(self, message_id: str) -> bool:
        """See `Mailroom.drop`."""
        with self._using() as connection:
            return connection.execute(self._sql["drop"], {"message_id": message_id}).rowcount == 1

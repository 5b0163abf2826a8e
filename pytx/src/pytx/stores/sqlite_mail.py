"""The outbox in SQLite: part of `SqliteStore`."""

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from pytx.errors import NoTransaction
from pytx.outbox import Wanted


class SqliteMail:
    """Implements `pytx.outbox.Mailroom` over a store's connections."""

    _sql: Mapping[str, str]
    _clock: Callable[[], float]
    _writing: Callable[[], AbstractContextManager[sqlite3.Connection]]
    _using: Callable[[], AbstractContextManager[sqlite3.Connection]]
    awake: threading.Event

    def enqueue(  # noqa: PLR0913, PLR0917 - see `Mailroom`
        self,
        connection: sqlite3.Connection,
        message_id: str,
        topic: str,
        key: str | None,
        payload: str,
        headers: str,
    ) -> None:
        """See `Mailroom.enqueue`. SQLite lets one transaction write at a time: ids are in order."""
        if not connection.in_transaction:
            raise NoTransaction("begin a transaction first: data and message commit together")
        values = {
            "message_id": message_id, "topic": topic, "key": key, "payload": payload,
            "headers": headers, "now": self._clock(),
        }  # fmt: skip
        connection.execute(self._sql["enqueue"], values)

    def take_messages(self, wanted: Wanted) -> list[tuple[Any, ...]]:
        """See `Mailroom.take_messages`."""
        now = self._clock()
        values = {
            "now": now, "lease_until": now + wanted.lease, "limit": wanted.limit,
            "most_attempts": wanted.most_attempts, "suspects": wanted.suspects,
            "skips_dead": wanted.skips_dead, "topics": json.dumps(wanted.topics),
        }  # fmt: skip
        with self._writing() as connection:
            return connection.execute(self._sql["take_messages"], values).fetchall()

    def delivered(self, taken: list[tuple[int, int]]) -> None:
        """See `Mailroom.delivered`."""
        rows = [{"id": number, "fence": fence} for number, fence in taken]
        with self._writing() as connection:
            connection.executemany(self._sql["delivered"], rows)

    def undelivered(self, taken: tuple[int, int], *, pause: float, dead: bool, why: str) -> None:
        """See `Mailroom.undelivered`."""
        number, fence = taken
        values = {
            "id": number, "fence": fence, "available_at": self._clock() + pause,
            "state": "dead" if dead else "ready", "why": why,
        }  # fmt: skip
        with self._writing() as connection:
            connection.execute(self._sql["undelivered"], values)

    def bury(self, most_attempts: int) -> int:
        """See `Mailroom.bury`."""
        values = {"most_attempts": most_attempts, "now": self._clock()}
        with self._writing() as connection:
            return connection.execute(self._sql["bury"], values).rowcount

    def dead_messages(self, limit: int) -> list[tuple[Any, ...]]:
        """See `Mailroom.dead_messages`."""
        with self._using() as connection:
            return connection.execute(self._sql["dead_messages"], {"limit": limit}).fetchall()

    def revive(self, message_id: str) -> bool:
        """See `Mailroom.revive`."""
        values = {"message_id": message_id, "now": self._clock()}
        with self._writing() as connection:
            return connection.execute(self._sql["revive"], values).rowcount == 1

    def drop(self, message_id: str) -> bool:
        """See `Mailroom.drop`."""
        with self._writing() as connection:
            return connection.execute(self._sql["drop"], {"message_id": message_id}).rowcount == 1

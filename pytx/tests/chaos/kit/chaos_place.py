"""Where a scenario takes place: a store, the provider's ledger, and the trail of all that happened.

All of it is in files or on a server, so processes share it, and it outlives them.
"""

import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

import pytx
from pytx.stores.base import Store
from pytx.testing import Provider

SCOPE: Final = "acme/test"
OPERATION: Final = "refund.create"
CURRENCY: Final = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder, and a server or a file in it that the store is in."""

    folder: Path
    server: str = ""

    @property
    def ledger(self) -> Path:
        """The provider's."""
        return self.folder / "ledger.jsonl"

    def store(self, name: str = "chaos") -> Store:
        """A store of one's own, whose connections can be told from others by `name`."""
        if self.server:
            return pytx.PgStore(f"{self.server} application_name={name}")
        return pytx.SqliteStore(self.folder / "pytx.db", busy_timeout=20)

    def mailroom(self) -> pytx.PgStore | pytx.SqliteStore:
        """The same, for messages."""
        if self.server:
            return pytx.PgStore(self.server)
        return pytx.SqliteStore(self.folder / "pytx.db", busy_timeout=20)

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """A connection to the same database in autocommit, as an application has one."""
        if self.server:
            with psycopg.connect(self.server, autocommit=True) as connection:
                yield connection
            return
        path = self.folder / "pytx.db"
        with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as connection:
            yield connection

    @contextmanager
    def transaction(self, connection: Any) -> Iterator[None]:  # noqa: ANN401 - sqlite3's or psycopg's
        """A transaction that commits at the end, or rolls back."""
        connection.execute("begin" if self.server else "begin immediate")
        try:
            yield
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise

    def provider(self) -> Provider:
        """One that ignores keys: every request moves money."""
        return Provider(self.ledger)

    def deduping_provider(self) -> Provider:
        """One that honours keys: a second request under a key moves nothing."""
        return Provider(self.ledger, profile="replay_all_24h")

    def note(self, name: str, /, **told: object) -> None:
        """Append what happened to a file of the folder, by one write, so that no kill halves it."""
        line = json.dumps({"at": time.time(), "pid": os.getpid(), **told}) + "\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(self.folder / f"{name}.jsonl", flags, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def noted(self, name: str) -> list[dict[str, Any]]:
        """What was noted, in order."""
        path = self.folder / f"{name}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def amount_of(key: str) -> int:
    """What is paid under a key: another amount for nearly every key, so that a mix-up shows."""
    return 100 + zlib.crc32(key.encode()) % 900


def result_of(provider_key: str, minor: int) -> dict[str, object]:
    """What the provider answers, now or when it is asked later."""
    return {"id": provider_key, "minor": minor}


def terminate(server: str, name: str) -> None:
    """Let the server end all connections of an application."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
            [name],
        )

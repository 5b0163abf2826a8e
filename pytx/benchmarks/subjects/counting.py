"""What a server did for us, counted: commits, WAL syncs and round trips."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    from pg_server import Postgres

_SETTLE_S: Final = 0.05
_WAL_IN_PG_STAT_IO: Final = 180_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Per call."""

    commits: float
    syncs: float


class Counter:
    """Counts what one connection makes the server do. Nothing else may use that database."""

    def __init__(self, server: Postgres, connection: psycopg.Connection[Any]) -> None:
        """Look on from another database: what is counted there is not counted here."""
        self._connection = connection
        self._watch = psycopg.connect(f"{server.conninfo} dbname=template1", autocommit=True)
        io = self._watch.info.server_version >= _WAL_IN_PG_STAT_IO
        self._syncs = (
            "select sum(fsyncs) from pg_stat_io where object = 'wal'"
            if io
            else "select wal_sync from pg_stat_wal"
        )

    def per_call(self, calls: int, call: Callable[[int], object]) -> Counts:
        """Make calls, and say what each of them cost."""
        before = self._read()
        for number in range(calls):
            call(number)
        after = self._read()
        own = 1  # the flush of the second reading is a commit of this connection
        return Counts(
            commits=(after[0] - before[0] - own) / calls, syncs=(after[1] - before[1]) / calls
        )

    def close(self) -> None:
        """Stop looking."""
        self._watch.close()

    def _read(self) -> tuple[int, int]:
        self._connection.execute("select pg_stat_force_next_flush()")
        time.sleep(_SETTLE_S)
        [[commits]] = self._watch.execute(
            "select xact_commit from pg_stat_database where datname = %s",
            [self._connection.info.dbname],
        ).fetchall()
        [[syncs]] = self._watch.execute(self._syncs).fetchall()
        return int(commits), int(syncs)


def round_trips(connection: psycopg.Connection[Any], call: Callable[[], object]) -> int:
    """How often the client waits for the server: how often that says that it is ready again."""
    with tempfile.TemporaryFile() as file:
        connection.pgconn.trace(file.fileno())
        try:
            call()
        finally:
            connection.pgconn.untrace()
        file.seek(0)
        traced = [line.split("\t") for line in file.read().decode().splitlines()]
    return sum(part[1] == "B" and part[3] == "ReadyForQuery" for part in traced)

"""The contract of every store: each method one transaction, nothing settled twice."""

import asyncio
import datetime as dt
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

import pg_server
from pytx import InTransaction, StoreUnavailable
from pytx.stores.async_postgres import AsyncPgStore
from pytx.stores.base import Store
from pytx.stores.postgres import PgStore
from pytx.stores.sqlite import SqliteStore
from pytx.testing import Clock
from pytx.testing.contract import DONE, StoreContract, claimed, read, wish


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str


class Server:
    """The clock of a PostgreSQL server: time passes by making all rows older."""

    def __init__(self, conninfo: str) -> None:
        """Ask this server."""
        self._connection = psycopg.connect(conninfo, autocommit=True)

    def __call__(self) -> float:
        """What time it is there."""
        found = self._connection.execute("select extract(epoch from clock_timestamp())::float8")
        [[now]] = found.fetchall()
        return float(now)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._connection.execute(
            "update pytx_op set lease_until = lease_until - %(by)s, created_at = created_at - "
            "%(by)s, first_sent_at = first_sent_at - %(by)s, updated_at = updated_at - %(by)s",
            {"by": dt.timedelta(seconds=seconds)},
        )

    def close(self) -> None:
        """Leave no connection behind."""
        self._connection.close()


class InLoop:
    """An async store as its contract wants it: each method is run to its end in an event loop."""

    def __init__(self, store: AsyncPgStore, runner: asyncio.Runner) -> None:
        """Run it there."""
        self._store = store
        self._runner = runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the store, blocking."""
        method = getattr(self._store, name)
        return lambda *args, **kwargs: self._runner.run(method(*args, **kwargs))


@pytest.fixture(params=["sqlite", "postgres", "async postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Clock | Server]]:
    """An empty store with its clock, of both kinds."""
    if request.param == "sqlite":
        clock = Clock()
        made = SqliteStore(tmp_path / "pytx.db", clock=clock)
        made.create_schema()
        yield made, clock
        made.close()
        return
    conninfo = request.getfixturevalue("postgres").conninfo
    with asyncio.Runner() as runner:
        store: Any = PgStore(conninfo)
        if request.param == "async postgres":
            store = InLoop(AsyncPgStore(conninfo), runner)
        store.create_schema()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("truncate pytx_op, pytx_cap")
        server = Server(conninfo)
        yield store, server
        server.close()
        store.close()


@pytest.fixture
def store(kept: tuple[Store, Clock | Server]) -> Store:
    """The store."""
    return kept[0]


@pytest.fixture
def clock(kept: tuple[Store, Clock | Server]) -> Clock | Server:
    """Its clock."""
    return kept[1]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store in a file."""
    made = SqliteStore(tmp_path / "pytx.db")
    made.create_schema()
    yield made
    made.close()


def own_connection(store: SqliteStore) -> sqlite3.Connection:
    """What the store itself writes with: what a full disk or a power cut would meet."""
    found: sqlite3.Connection = store.steps._connection()  # type: ignore[attr-defined]  # noqa: SLF001
    return found


class TestContract(StoreContract):
    """Every store of pytx keeps it; the fixtures are those above."""


def test_many_threads_make_one_row(store: Store) -> None:
    """Sixteen of them at the same instant, on 20 keys: one winner each."""
    if isinstance(store, InLoop):
        pytest.skip("an async store is of one thread: test_async.py has sixteen tasks")
    won: list[str] = []
    barrier = threading.Barrier(16)

    def claim(number: int) -> None:
        for key in map(str, range(20)):
            barrier.wait()
            if store.claim(wish(key=key, owner=f"w{number}")).won:
                won.append(key)
        store.close()

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won, key=int) == [str(each) for each in range(20)]


def test_a_store_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    """No folder, no tables, no database: a sentence each, and the mend where there is one."""
    for path, said in (
        (tmp_path / "none" / "pytx.db", "unable to open database file"),
        (tmp_path / "fresh.db", "make it with store.create_schema()"),
    ):
        with pytest.raises(StoreUnavailable, match="cannot be used") as caught:
            SqliteStore(path).claim(wish())
        assert said in caught.value.sentence
    (tmp_path / "text.db").write_text("not a database, and long enough to be read as one" * 99)
    with pytest.raises(StoreUnavailable, match="not a database"):
        SqliteStore(tmp_path / "text.db").create_schema()


def test_a_full_disk_fails_closed(file: SqliteStore) -> None:
    """No row, no half of one; what was there can still be read."""
    store = file
    row = claimed(store)
    connection = own_connection(store)
    pages = connection.execute("pragma page_count").fetchone()[0]
    connection.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="full"):  # noqa: PT012 - one of many is refused
        for number in range(1000):
            store.claim(wish(key=f"{number}-{'x' * 400}"))
    assert read(store, row) == row


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"synchronous": "OFF"}, "a lost claim is a duplicate"), ({}, "a store in memory forgets")],
)
def test_a_store_that_forgets_is_refused(arguments: dict[str, str], said: str) -> None:
    """Before anything is kept in it."""
    path = "p.db" if arguments else ":memory:"
    with pytest.raises(ValueError, match=said):
        SqliteStore(path, **arguments)  # type: ignore[arg-type]  # what a caller might write


def test_a_claim_is_on_disk_when_it_returns(file: SqliteStore) -> None:
    """FULL by default, in a write-ahead log, and seen by any other connection."""
    claimed(file)
    own = own_connection(file)
    assert own.execute("pragma synchronous").fetchone() == (2,)
    assert own.execute("pragma journal_mode").fetchone() == ("wal",)
    other = sqlite3.connect(file.path)
    assert other.execute("select count(*) from pytx_op").fetchone() == (1,)
    other.close()


@pytest.fixture
def opened(postgres: Postgres) -> Iterator[Callable[..., PgStore]]:
    """Open stores on the tests' server, empty at first; all are closed in the end."""
    made: list[PgStore] = []

    def make(source: object = "", **options: bool) -> PgStore:
        source = f"{postgres.conninfo} {source}" if isinstance(source, str) else source
        made.append(PgStore(source, **options))  # type: ignore[arg-type]  # a pool or the like
        return made[-1]

    make().create_schema()
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("truncate pytx_op, pytx_cap")
    yield make
    for each in made:
        each.close()


Open = Callable[..., PgStore]


def test_a_pool_or_a_connection_may_be_handed_in(postgres: Postgres, opened: Open) -> None:
    """They stay the caller's, and as they were."""
    with psycopg.connect(postgres.conninfo) as connection:
        row = claimed(opened(connection))
        assert not connection.autocommit
        assert connection.info.transaction_status is TransactionStatus.IDLE
    with ConnectionPool(postgres.conninfo, min_size=1, max_size=2) as pool:
        store = opened(pool)
        assert store.finish(row, DONE)
        assert read(store, row).state == "succeeded"
        store.close()


def test_a_connection_inside_a_transaction_is_refused(postgres: Postgres, opened: Open) -> None:
    """Its rollback would forget what was paid, and nothing was claimed."""
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("select 1")
        with pytest.raises(InTransaction, match="give the store one of its own"):
            opened(connection).claim(wish(key="inside"))
        connection.rollback()
    assert opened().read(wish(key="inside").identity) is None


def test_a_server_that_forgets_is_refused(opened: Open) -> None:
    """Unless somebody says that he knows."""
    asynchronous = "options='-c synchronous_commit=off'"
    with pytest.raises(StoreUnavailable, match="synchronous_commit = off"):
        opened(asynchronous).claim(wish(key="off"))
    assert opened(asynchronous, allow_async_commit=True).claim(wish(key="off")).won


@pytest.mark.real
def test_a_server_without_fsync_is_refused(another_postgres: pg_server.Postgres) -> None:
    """Whatever it acknowledges, a power cut can take."""
    another_postgres.make()
    another_postgres.start(fsync="off")
    with closing(PgStore(another_postgres.conninfo)) as store:
        with pytest.raises(StoreUnavailable, match="fsync = off"):
            store.create_schema()
        with pytest.raises(StoreUnavailable, match="fsync = off"):
            store.claim(wish(key="off"))
    with closing(PgStore(another_postgres.conninfo, allow_async_commit=True)) as store:
        store.create_schema()
        assert store.claim(wish(key="off")).won


def test_a_server_that_is_not_there_says_so(opened: Open) -> None:
    """No server, and no tables."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        opened(f"port={port}").claim(wish())
    with pytest.raises(StoreUnavailable, match="create_schema"):
        opened("options='-c search_path=pg_temp'").claim(wish())


def test_a_connection_that_was_cut_is_opened_again(postgres: Postgres, opened: Open) -> None:
    """The call that met the cut says so; the next one works."""
    store = opened()
    row = claimed(store, key="cut")
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
            "and backend_type = 'client backend'"
        )
    with pytest.raises(StoreUnavailable):
        store.finish(row, DONE)
    assert store.finish(row, DONE)
    store.close()


def test_a_first_call_is_two_commits_and_a_replay_none(postgres: Postgres, opened: Open) -> None:
    """Counted by the server: transactions that wrote, of one claim and one finish."""
    store = opened()
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:

        def written() -> int:
            [[position]] = connection.execute(
                "select pg_current_xact_id()::text::bigint"
            ).fetchall()
            return int(position)

        claimed(store, key="warm")
        before = written()
        row = claimed(store, key="counted")
        store.finish(row, DONE)
        assert written() - before == 3  # and the one that asked
        before = written()
        for _ in range(5):
            assert not store.claim(wish(key="counted", owner="w2")).won
        assert written() - before == 1
    store.close()

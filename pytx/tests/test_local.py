"""Effects in the caller's own transaction: all of it, or none of it."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

import pytx
from pytx.stores.base import Store

EUR = pytx.Money(amount_minor=1000, currency="EUR")


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str


class Books:
    """A guard, and a table of the caller's own in the same database."""

    def __init__(self, store: Store, connect: Callable[[], Any]) -> None:
        """Empty books."""
        self.store = store
        self.connect = connect
        self.guard = pytx.Guard(store, scope="acme/test")
        with self.transaction() as connection:
            connection.execute("create table posts (ref text)")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Any]:
        """A connection inside a transaction, which commits at the end or rolls back."""
        connection = self.connect()
        try:
            connection.execute("begin")
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()

    def post(self, connection: Any, key: str = "e1", **options: Any) -> object:  # noqa: ANN401
        """Post one entry, once."""
        with self.guard.local(connection, "ledger.post", key=(key,), **options) as op:
            if not op.replayed:
                connection.execute(f"insert into posts values ('{key}')")  # noqa: S608 - a test's
                op.result = {"posted": key}
        return op.result

    @property
    def posts(self) -> list[str]:
        """What stands in the books."""
        with self.transaction() as connection:
            return [ref for (ref,) in connection.execute("select ref from posts").fetchall()]


@pytest.fixture(params=["sqlite", "postgres"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books of either kind."""
    if request.param == "sqlite":
        path = tmp_path / "books.db"
        store: Store = pytx.SqliteStore(path)
        store.create_schema()
        yield Books(store, lambda: sqlite3.connect(path, isolation_level=None, timeout=10))
        store.close()
        return
    conninfo = request.getfixturevalue("postgres").conninfo
    store = pytx.PgStore(conninfo)
    store.create_schema()
    with psycopg.connect(conninfo) as connection:
        connection.execute("truncate pytx_op, pytx_cap")
        connection.execute("drop table if exists posts")
    yield Books(store, lambda: psycopg.connect(conninfo, autocommit=True))
    store.close()


def test_claim_effect_and_result_commit_together(books: Books) -> None:
    """And the next call replays."""
    with books.transaction() as connection:
        assert books.post(connection) == {"posted": "e1"}
    with books.transaction() as connection:
        assert books.post(connection) == {"posted": "e1"}
    assert books.posts == ["e1"]


def test_a_rollback_forgets_all_of_it(books: Books) -> None:
    """So the next call is a first one."""

    def rolled_back() -> None:
        with books.transaction() as connection:
            books.post(connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        rolled_back()
    assert books.posts == []
    assert books.guard.open() == []
    with books.transaction() as connection:
        books.post(connection)
    assert books.posts == ["e1"]


def test_what_the_block_raises_undoes_the_block_alone(books: Books) -> None:
    """The caller's transaction goes on, with what it did before."""

    def fails(connection: Any) -> None:  # noqa: ANN401
        with books.guard.local(connection, "ledger.post", key=("e1",)):
            connection.execute("insert into posts values ('half')")
            raise KeyError("e1")

    with books.transaction() as connection:
        connection.execute("insert into posts values ('before')")
        with pytest.raises(KeyError):
            fails(connection)
        connection.execute("insert into posts values ('after')")
    assert books.posts == ["before", "after"]
    assert books.guard.open() == []
    with books.transaction() as connection:
        assert books.post(connection) == {"posted": "e1"}


def test_another_amount_is_refused_and_caps_count(books: Books) -> None:
    """As everywhere; the transaction is as it was."""
    books.guard.set_cap("acct", "EUR", 1500)
    with books.transaction() as connection:
        books.post(connection, money=EUR, cap="acct")
        with pytest.raises(pytx.Mismatch):
            books.post(connection, money=pytx.Money(amount_minor=1, currency="EUR"), cap="acct")
        with pytest.raises(pytx.CapExceeded):
            books.post(connection, "e2", money=EUR, cap="acct")
        books.post(connection, "e3")
    assert books.posts == ["e1", "e3"]
    cap = books.guard.cap("acct", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 1000)


def test_without_a_transaction_nothing_is_claimed(books: Books) -> None:
    """Claim and effect could not commit together."""
    connection = books.connect()
    with pytest.raises(pytx.NoTransaction, match="begin a transaction first"):
        books.guard.local(connection, "ledger.post", key=("e1",))
    connection.close()


def test_two_at_once_post_once(books: Books) -> None:
    """The second waits for the first to commit, then replays."""
    barrier = threading.Barrier(4)
    results: list[object] = []

    def work() -> None:
        for number in range(10):
            barrier.wait()
            while True:
                try:
                    with books.transaction() as connection:
                        results.append(books.post(connection, f"e{number}"))
                    break
                except sqlite3.OperationalError:
                    continue  # two that read and then want to write: SQLite lets one of them go on

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(books.posts) == sorted(f"e{number}" for number in range(10))
    assert len(results) == 40


def test_a_serialization_failure_is_the_callers(postgres: Postgres) -> None:
    """It comes through as PostgreSQL says it, nothing is left behind, and a retry is right."""
    with contextlib.closing(pytx.PgStore(postgres.conninfo)) as store:
        store.create_schema()
        guard = pytx.Guard(store, scope="acme/test")
        one, two = (psycopg.connect(postgres.conninfo) for _ in "ab")
        for each in (one, two):
            each.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
            each.execute("select count(*) from pytx_op")
        with guard.local(one, "serial", key=("k",)):
            pass
        one.commit()
        meets = guard.local(two, "serial", key=("k",))
        with pytest.raises(psycopg.errors.SerializationFailure), meets:
            pass
        two.rollback()
        with guard.local(two, "serial", key=("k",)) as op:
            assert op.replayed
        one.close()
        two.close()

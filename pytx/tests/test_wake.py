"""Relays that are woken, listeners that die, and messages written by other drivers."""

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import pytx


@contextmanager
def relaying(conninfo: str, **options: Any) -> Iterator[Callable[[], float]]:  # noqa: ANN401
    """A relay that runs; gives what waits for its next message and says when it came."""
    came = threading.Semaphore(0)
    at: list[float] = []
    stop = threading.Event()

    def handle(_: pytx.Message) -> None:
        at.append(time.monotonic())
        came.release()

    def work() -> None:
        with closing(pytx.PgStore(conninfo)) as store:
            pytx.Relay(store, {"t": handle}, **options).run(stop)

    def arrival() -> float:
        assert came.acquire(timeout=20), "the message never came"
        return at[-1]

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield arrival
    finally:
        stop.set()
        send(conninfo, wake="notify")
        thread.join(20)
        assert not thread.is_alive()


def send(conninfo: str, **options: Any) -> float:  # noqa: ANN401
    """Write a message; when it had committed."""
    with closing(pytx.PgStore(conninfo)) as store:
        with psycopg.connect(conninfo) as connection:
            pytx.Outbox(store, **options).enqueue(connection, "t", 1)
        return time.monotonic()


def listeners(conninfo: str) -> list[int]:
    """The server's processes that listen."""
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where query ilike 'listen%' and state = 'idle'"
        ).fetchall()
    return [pid for [pid] in found]


def until(condition: Callable[[], object]) -> None:
    """Wait for it, not for ever."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


@pytest.mark.real
@pytest.mark.parametrize("how", ["notify", "poke"])
def test_a_relay_that_listens_is_woken(conninfo: str, how: str) -> None:
    """By the transaction itself, or by a poke of another store, long before its poll."""
    with relaying(conninfo, wake="notify", poll=30) as arrival:
        until(lambda: listeners(conninfo))
        for _ in range(3):
            if how == "notify":
                sent = send(conninfo, wake="notify")
            else:
                sent = send(conninfo)
                with closing(pytx.PgStore(conninfo)) as store:
                    pytx.Outbox(store).poke()
            assert arrival() - sent < 5


@pytest.mark.real
def test_a_listener_that_dies_is_opened_again(conninfo: str) -> None:
    """C24: the next message comes at the next poll all the same, and the one after is announced."""
    with relaying(conninfo, wake="notify", poll=1) as arrival:
        until(lambda: listeners(conninfo))
        [listener] = listeners(conninfo)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(%s)", [listener])
        sent = send(conninfo)  # nobody announces it
        assert arrival() - sent < 4
        until(lambda: listeners(conninfo) not in ([], [listener]))
        assert arrival_after_notify(conninfo, arrival) < 4


def arrival_after_notify(conninfo: str, arrival: Callable[[], float]) -> float:
    """Seconds from the commit of a message that is announced to its handler."""
    sent = send(conninfo, wake="notify")
    return arrival() - sent


@pytest.mark.real
def test_an_async_relay_listens_as_well(conninfo: str) -> None:
    """And opens its listener again when that is lost."""

    async def main() -> None:
        store = pytx.AsyncPgStore(conninfo)
        stop, came = asyncio.Event(), asyncio.Event()
        relay = pytx.AsyncRelay(store, {"t": lambda _: came.set()}, wake="notify", poll=30)
        task = asyncio.ensure_future(relay.run(stop))
        for _ in range(2):
            await asyncio.to_thread(until, lambda: listeners(conninfo))
            async with await psycopg.AsyncConnection.connect(conninfo) as connection:
                await pytx.AsyncOutbox(store, wake="notify").enqueue(connection, "t", 1)
            await asyncio.wait_for(came.wait(), 10)
            came.clear()
            async with await psycopg.AsyncConnection.connect(
                conninfo, autocommit=True
            ) as connection:
                for pid in listeners(conninfo):
                    await connection.execute("select pg_terminate_backend(%s)", [pid])
        await asyncio.to_thread(until, lambda: listeners(conninfo))
        stop.set()
        await pytx.AsyncOutbox(store).poke()
        await asyncio.wait_for(task, 10)
        assert listeners(conninfo) == []
        await store.close()

    asyncio.run(main())


@pytest.mark.real
def test_pokes_are_few_and_may_be_lost(conninfo: str) -> None:
    """At most 20 a second reach the server; without a server a poke is no error."""
    with closing(pytx.PgStore(conninfo)) as store:
        outbox = pytx.Outbox(store)
        with psycopg.connect(conninfo, autocommit=True) as listening:
            listening.execute("listen pytx_outbox")
            start = time.monotonic()
            while time.monotonic() - start < 0.5:
                outbox.poke()
            heard = list(listening.notifies(timeout=0.3))
        assert 1 <= len(heard) <= 11
    with closing(pytx.PgStore("host=127.0.0.1 port=1 connect_timeout=2")) as away:
        pytx.Outbox(away).poke()


def test_a_database_that_cannot_notify_says_so(tmp_path: Path) -> None:
    """SQLite polls; nothing is written."""
    with closing(pytx.SqliteStore(tmp_path / "pytx.db")) as store:
        store.create_schema()
        with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
            connection.execute("begin")
            with pytest.raises(ValueError, match="leave out wake='notify'"):
                pytx.Outbox(store, wake="notify").enqueue(connection, "t", 1)
            assert connection.execute("select count(*) from pytx_outbox").fetchone() == (0,)
            connection.execute("rollback")
        with pytest.raises(ValueError, match="leave out wake='notify'"):
            pytx.Relay(store, {"t": print}, wake="notify").run(threading.Event())


@pytest.mark.real
def test_a_listener_needs_what_to_connect_to(conninfo: str) -> None:
    """A connection that is handed in cannot be listened on and written with."""
    with psycopg.connect(conninfo) as connection:
        relay = pytx.Relay(pytx.PgStore(connection), {"t": print}, wake="notify")
        with pytest.raises(ValueError, match="a connection of its own"):
            relay.run(threading.Event())


@pytest.mark.real
def test_a_driver_that_pytx_does_not_know_writes_the_same_message(conninfo: str) -> None:
    """With `$1` or `:name` parameters; the order of a key is kept as by `enqueue`."""
    with closing(pytx.PgStore(conninfo)) as store:
        outbox = pytx.Outbox(store)
        with psycopg.connect(conninfo) as connection:
            text, values = outbox.statement("t", {"n": 1}, key="a", headers={"h": "x"})
            psycopg.RawCursor(connection).execute(text, values)
            text, values = outbox.statement("t", {"n": 2}, style="named")
            connection.execute(re.sub(r":(\w+)", r"%(\1)s", text), values)
        got: list[pytx.Message] = []
        pytx.Relay(store, {"t": got.append}).run_once()
    assert [(each.payload, each.key, dict(each.headers)) for each in got] == [
        ({"n": 1}, "a", {"h": "x"}),
        ({"n": 2}, None, {}),
    ]


def test_a_statement_is_that_of_the_database(tmp_path: Path) -> None:
    """SQLite's takes names; what cannot be sent is refused before."""
    with closing(pytx.SqliteStore(tmp_path / "pytx.db")) as store:
        store.create_schema()
        outbox = pytx.Outbox(store)
        with closing(sqlite3.connect(store.path)) as connection:
            connection.execute(*outbox.statement("t", "one", key="a", style="named"))
            text, values = outbox.statement("t", "two", key="a")
            connection.execute(text.replace("$", "?"), values)
            connection.commit()
        got: list[object] = []
        relay = pytx.Relay(store, {"t": lambda message: got.append(message.payload)})
        while relay.run_once():
            pass
        assert got == ["one", "two"]
        with pytest.raises(TypeError, match="the payload is no JSON"):
            outbox.statement("t", object())

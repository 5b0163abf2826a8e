"""Messages that commit with their data, delivered at least once and in the order of their keys."""

import contextlib
import datetime as dt
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

import pytx
from pytx import Message, Outbox, Poison, Relay

RELAY = Path(__file__).with_name("relay_worker.py")
Store = pytx.SqliteStore | pytx.PgStore


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str

    def start(self) -> None:
        """Start it."""

    def stop(self, how: signal.Signals) -> None:
        """End it."""


class Post:
    """An outbox, and how to write into its database."""

    def __init__(self, store: Store, where: str, connect: Callable[[], Any]) -> None:
        """Empty."""
        self.store = store
        self.where = where
        self.connect = connect
        self.outbox = Outbox(store)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Any]:
        """A connection inside a transaction, which commits at the end or rolls back."""
        connection = self.connect()
        try:
            connection.execute("begin immediate" if "=" not in self.where else "begin")
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()

    def send(self, *payloads: object, key: str | None = None, topic: str = "t") -> list[str]:
        """Write messages, each in a transaction of its own."""
        sent = []
        for payload in payloads:
            with self.transaction() as connection:
                sent.append(self.outbox.enqueue(connection, topic, payload, key=key))
        return sent

    def older(self, seconds: float = 1000) -> None:
        """Let so much time pass for what waits."""
        with self.transaction() as connection:
            by = seconds if "=" not in self.where else f"interval '{seconds} seconds'"
            connection.execute(
                f"update pytx_outbox set available_at = available_at - {by}, "  # noqa: S608
                f"lease_until = lease_until - {by}"
            )

    def left(self) -> int:
        """How many messages wait or are dead."""
        with self.transaction() as connection:
            [[count]] = connection.execute("select count(*) from pytx_outbox").fetchall()
            return int(count)


@pytest.fixture(params=["sqlite", "postgres"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    """An empty outbox of either kind."""
    if request.param == "sqlite":
        path = tmp_path / "post.db"
        store: Store = pytx.SqliteStore(path)
        store.create_schema()
        yield Post(store, str(path), lambda: sqlite3.connect(path, isolation_level=None, timeout=9))
        store.close()
        return
    conninfo = request.getfixturevalue("postgres").conninfo
    store = pytx.PgStore(conninfo)
    store.create_schema()
    with psycopg.connect(conninfo) as connection:
        connection.execute("truncate pytx_outbox, pytx_inbox")
    yield Post(store, conninfo, lambda: psycopg.connect(conninfo, autocommit=True))
    store.close()


def test_a_message_is_delivered_when_its_transaction_commits(post: Post) -> None:
    """Whole, once, and gone then; one that rolled back never was."""
    got: list[Message] = []
    relay = Relay(post.store, {"refund.done": got.append})
    payload = {"amount": Decimal("10.00"), "on": dt.date(2026, 3, 1)}
    with post.transaction() as connection:
        sent = post.outbox.enqueue(
            connection, "refund.done", payload, key="acct_1", headers={"trace": "t1"}
        )
        assert "=" not in post.where or relay.run_once() == 0  # SQLite would wait for the commit

    def rolled_back() -> None:
        with post.transaction() as connection:
            post.outbox.enqueue(connection, "refund.done", {"never": 1})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        rolled_back()
    assert relay.run_once() == 1
    [message] = got
    assert (message.message_id, message.payload, message.key) == (sent, payload, "acct_1")
    assert (message.headers, message.attempt) == ({"trace": "t1"}, 1)
    assert (relay.run_once(), post.left()) == (0, 0)


def test_bad_messages_are_refused_before_they_are_written(post: Post) -> None:
    """No transaction, no topic, no JSON."""
    connection = post.connect()
    with pytest.raises(pytx.NoTransaction):
        post.outbox.enqueue(connection, "t", 1)
    connection.close()
    with post.transaction() as connection:
        with pytest.raises(ValueError, match="a message has a topic"):
            post.outbox.enqueue(connection, " ", 1)
        with pytest.raises(TypeError, match="the payload is no JSON"):
            post.outbox.enqueue(connection, "t", object())
    with pytest.raises(ValueError, match="without a handler"):
        Relay(post.store, {})
    with pytest.raises(ValueError, match="batch is 0"):
        Relay(post.store, {"t": print}, batch=0)
    with pytest.raises(ValueError, match="say 3 or more"):
        Relay(post.store, {"t": print}, most_attempts=2)


def test_a_relay_takes_only_its_topics(post: Post) -> None:
    """The others wait for theirs."""
    post.send("a", topic="one")
    post.send("b", topic="two")
    got: list[object] = []
    assert Relay(post.store, {"two": lambda m: got.append(m.payload)}).run_once() == 1
    assert (got, post.left()) == (["b"], 1)


def test_one_key_is_delivered_in_order(post: Post) -> None:
    """One after the other, whatever the batch; another key does not wait for it."""
    post.send(1, 2, 3, key="a")
    post.send(9, key="b")
    got: list[object] = []
    relay = Relay(post.store, {"t": lambda m: got.append(m.payload)})
    assert relay.run_once() == 2
    while relay.run_once():
        pass
    assert [each for each in got if each != 9] == [1, 2, 3]
    assert len(got) == 4


def test_what_fails_comes_again_later_and_dies_in_the_end(post: Post) -> None:
    """Its key waits for it; others go on; a person may send it again, or drop it."""
    post.send("bad", "next", key="a")
    post.send("other")
    got: list[object] = []

    def handle(message: Message) -> None:
        if message.payload == "bad":
            raise RuntimeError("no")
        got.append(message.payload)

    relay = Relay(post.store, {"t": handle}, most_attempts=3)
    relay.run_once()
    assert got == ["other"]
    assert relay.run_once() == 0  # it is put off
    for _ in range(4):
        post.older()
        relay.run_once()
    [dead] = post.outbox.dead()
    assert (dead.payload, dead.attempt, dead.last_error) == ("bad", 3, "RuntimeError: no")
    assert got == ["other"]
    post.outbox.retry_dead(dead.message_id)
    assert relay.run_once() == 1
    assert post.outbox.dead() == []
    for _ in range(4):
        post.older()
        relay.run_once()
    post.outbox.drop_dead(dead.message_id)
    relay.run_once()
    assert (got, post.left()) == (["other", "next"], 0)
    for call in (post.outbox.retry_dead, post.outbox.drop_dead):
        with pytest.raises(ValueError, match="there is no dead message"):
            call(dead.message_id)


def test_poison_is_dead_at_once_and_may_be_passed(post: Post) -> None:
    """With "skip" its key goes on without it."""
    post.send("bad", "next", key="a")
    got: list[object] = []

    def handle(message: Message) -> None:
        if message.payload == "bad":
            raise Poison("cannot be read")
        got.append(message.payload)

    Relay(post.store, {"t": handle}).run_once()
    assert [each.payload for each in post.outbox.dead()] == ["bad"]
    assert Relay(post.store, {"t": handle}).run_once() == 0
    assert Relay(post.store, {"t": handle}, keyed="skip").run_once() == 1
    assert got == ["next"]


def test_a_batch_whose_lease_is_over_is_left_to_others(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not handled yet comes again; nothing is lost."""
    post.send(1, 2, 3)
    real = time.monotonic
    got: list[object] = []

    def slow(message: Message) -> None:
        got.append(message.payload)
        monkeypatch.setattr(time, "monotonic", lambda: real() + 100)

    Relay(post.store, {"t": slow}, lease=60).run_once()
    monkeypatch.undo()
    assert (got, post.left()) == ([1], 2)
    post.older()
    Relay(post.store, {"t": lambda m: got.append(m.payload)}).run_once()
    assert got == [1, 2, 3]


def test_a_running_relay_is_woken(post: Post) -> None:
    """By a poke within its poll, and it stops when it is told."""
    got = threading.Event()
    stop = threading.Event()
    relay = Relay(post.store, {"t": lambda _: got.set()}, poll=30)

    def work() -> None:
        relay.run(stop)
        post.store.close()

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    post.send(1)
    post.outbox.poke()
    assert got.wait(5)
    stop.set()
    post.outbox.poke()
    thread.join(10)
    assert not thread.is_alive()


def test_a_relay_outlives_its_server(postgres: Postgres) -> None:
    """It logs that the store is away, and goes on when it is back."""
    with contextlib.closing(pytx.PgStore(postgres.conninfo)) as store:
        store.create_schema()
        got = threading.Event()
        stop = threading.Event()
        relay = Relay(store, {"outlives": lambda _: got.set()}, poll=0.05)

        def work() -> None:
            relay.run(stop)
            store.close()

        thread = threading.Thread(target=work)
        thread.start()
        postgres.stop(signal.SIGINT)
        time.sleep(0.3)
        postgres.start()
        with psycopg.connect(postgres.conninfo) as connection:
            Outbox(store).enqueue(connection, "outlives", 1)
        assert got.wait(20)
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_writers_that_commit_late_lose_nothing_and_keep_order(postgres: Postgres) -> None:
    """Eight at once, slow and fast, one in five rolled back; two relays beside them."""
    store = pytx.PgStore(postgres.conninfo)
    store.create_schema()
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("truncate pytx_outbox, pytx_inbox")
    outbox = Outbox(store)
    committed: list[tuple[str, str, str]] = []  # key, payload, transaction
    got: list[tuple[str, str]] = []
    stop = threading.Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with psycopg.connect(postgres.conninfo) as connection:
            for number in range(25):
                key, payload = chance.choice("abcd"), f"{seed}-{number}"
                time.sleep(chance.random() * 0.002)
                outbox.enqueue(connection, "t", payload, key=key)
                [[xid]] = connection.execute("select pg_current_xact_id()::text").fetchall()
                time.sleep(chance.random() * 0.006)
                if chance.random() < 0.2:
                    connection.rollback()
                else:
                    connection.commit()
                    committed.append((key, payload, xid))

    def deliver() -> None:
        relay = Relay(store, {"t": lambda m: got.append((m.key or "", m.payload))}, poll=0.01)
        relay.run(stop)
        store.close()

    relays = [threading.Thread(target=deliver) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
    for thread in (*relays, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    end = time.monotonic() + 20
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        while connection.execute("select 1 from pytx_outbox limit 1").fetchone():
            assert time.monotonic() < end, "something was never delivered"
            time.sleep(0.05)
    stop.set()
    for thread in relays:
        thread.join()
    store.close()
    with psycopg.connect(postgres.conninfo) as connection:
        when = {
            xid: connection.execute(
                "select pg_xact_commit_timestamp(%s::xid8::xid)", [xid]
            ).fetchall()[0][0]
            for _, _, xid in committed
        }
    for key in "abcd":
        mine = sorted((when[xid], payload) for name, payload, xid in committed if name == key)
        assert [payload for name, payload in got if name == key] == [each for _, each in mine]
    assert len(committed) > 100


def test_a_relay_that_is_killed_loses_nothing(post: Post, tmp_path: Path) -> None:
    """SIGKILL between delivery and record: a batch at most comes again, and the inbox drops it."""
    sent = post.send(*range(30))
    heard = tmp_path / "heard"
    command = [sys.executable, str(RELAY), post.where, str(heard)]
    with subprocess.Popen([*command, "7"]) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert len(heard.read_text().split()) == 7
    post.older()
    done = subprocess.run([*command, "0"], check=False)
    assert done.returncode == 0
    every = Counter(heard.read_text().split())
    assert set(every) == set(sent)
    assert sum(every.values()) == 37
    assert post.left() == 0
    with post.transaction() as connection:
        [[rows]] = connection.execute("select count(*) from pytx_inbox").fetchall()
    assert rows == 30


def test_a_message_that_kills_its_process_is_dead_in_the_end(post: Post, tmp_path: Path) -> None:
    """Attempts count when it is taken; from the third on it is taken alone."""
    post.send("kill", "fine")
    heard = tmp_path / "heard"
    command = [sys.executable, str(RELAY), post.where, str(heard), "0", "3"]
    ends = []
    for _ in range(5):
        ends.append(subprocess.run(command, check=False).returncode)
        post.older()
    assert ends.count(-signal.SIGKILL) == 3
    assert [each.payload for each in post.outbox.dead()] == ["kill"]
    assert len(heard.read_text().split()) == 1


def test_an_inbox_lets_a_message_in_once(post: Post) -> None:
    """For each consumer; what rolled back was never received."""
    with (
        post.transaction() as connection,
        pytx.inbox(connection, consumer="ledger", message_id="m1") as first,
    ):
        assert first
    with post.transaction() as connection:
        with pytx.inbox(connection, consumer="ledger", message_id="m1") as first:
            assert not first
        with pytx.inbox(connection, consumer="mail", message_id="m1") as first:
            assert first
    with (
        pytest.raises(RuntimeError),
        post.transaction() as connection,
        pytx.inbox(connection, consumer="ledger", message_id="m2"),
    ):
        raise RuntimeError
    with post.transaction() as connection:
        with pytx.inbox(connection, consumer="ledger", message_id="m2") as first:
            assert first
        assert pytx.forget_received(connection, older_than=100) == 0
        assert pytx.forget_received(connection, older_than=-100) == 3


def test_an_inbox_needs_a_transaction_and_names(post: Post) -> None:
    """Message and effect have to commit together."""
    connection = post.connect()
    with pytest.raises(pytx.NoTransaction), pytx.inbox(connection, consumer="a", message_id="b"):
        pass
    connection.close()
    with pytest.raises(ValueError, match="one is empty"):
        pytx.inbox(None, consumer=" ", message_id="b")


def test_two_copies_at_once_are_handled_once(post: Post) -> None:
    """The second waits for the first one's commit."""
    barrier = threading.Barrier(4)
    firsts: list[bool] = []

    def receive() -> None:
        for number in range(10):
            barrier.wait()
            with (
                post.transaction() as connection,
                pytx.inbox(connection, consumer="ledger", message_id=f"m{number}") as first,
            ):
                time.sleep(0.005)
                firsts.append(first)

    threads = [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(firsts) == {True: 10, False: 30}

"""The contract of every store: each method one transaction, nothing settled twice."""

import asyncio
import dataclasses
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
from pytx import CapExceeded, CapMissing, InTransaction, StoreUnavailable
from pytx.model import Hold, Identity, Outcome, Row
from pytx.stores.async_postgres import AsyncPgStore
from pytx.stores.base import Claim, Store
from pytx.stores.postgres import PgStore
from pytx.stores.sqlite import SqliteStore
from pytx.testing import Clock

LEASE = 60.0


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str


HOLD = Hold(subject="p1", currency="EUR", minor=400)
DONE = Outcome(state="succeeded", result='{"id":1}')
REFUSED = Outcome(state="failed", error_code="declined", error="no")
RELEASED = Outcome(state="released")
LOST = Outcome(state="unknown", error="TimeoutError")


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


def wish(key: str = "k", owner: str = "w1", hold: Hold | None = None, scope: str = "s") -> Claim:
    """A claim."""
    return Claim(
        identity=Identity(scope=scope, operation="o", key=key),
        fingerprint=b"same",
        owner=owner,
        provider_key=f"pk-{scope}-{key}",
        lease=LEASE,
        subject=hold.subject if hold else None,
        currency=hold.currency if hold else None,
        minor=hold.minor if hold else None,
    )


def claimed(store: Store, **changes: object) -> Row:
    """A row that was just claimed."""
    seen = store.claim(wish(**changes))  # type: ignore[arg-type]  # a test's own keywords
    assert seen.won
    return seen.row


def read(store: Store, row: Row) -> Row:
    """The row as it is now."""
    seen = store.read(row.identity)
    assert seen is not None
    return seen.row


def held(store: Store) -> tuple[int, int]:
    """What is held and spent for p1."""
    cap = store.cap("s", "p1", "EUR")
    assert cap is not None
    return cap.held, cap.spent


def test_the_schema_may_be_made_again(store: Store) -> None:
    """What is there stays."""
    row = claimed(store)
    store.create_schema()
    assert read(store, row) == row


def test_a_claim_is_won_once(store: Store, clock: Clock | Server) -> None:
    """Whoever comes second sees the row of the first, whole."""
    row = claimed(store, hold=None)
    assert (row.state, row.fence, row.attempt, row.generation) == ("running", 1, 1, 1)
    assert row.lease_until == pytest.approx(clock() + LEASE, abs=5)
    other = store.claim(wish(owner="w2"))
    assert (other.won, other.row) == (False, row)


def test_a_claim_whose_answer_was_lost_is_won_again(store: Store) -> None:
    """The same owner asks once more, and finds itself."""
    row = claimed(store)
    again = store.claim(wish())
    assert (again.won, again.row) == (True, row)


def test_scope_operation_and_key_make_an_intent(store: Store) -> None:
    """Each of them alone makes another one."""
    one = claimed(store)
    claimed(store, scope="t")
    claimed(store, key="l")
    other = dataclasses.replace(wish(), provider_key="pk-2")
    identity = dataclasses.replace(one.identity, operation="p")
    assert store.claim(dataclasses.replace(other, identity=identity)).won


@pytest.mark.parametrize("outcome", [DONE, REFUSED, RELEASED, LOST], ids=lambda each: each.state)
def test_the_owner_settles_its_row_once(store: Store, outcome: Outcome) -> None:
    """Not another owner, not another fence, and not a second time once it is settled."""
    row = claimed(store)
    assert not store.finish(dataclasses.replace(row, owner="w2"), outcome)
    assert not store.finish(dataclasses.replace(row, fence=2), outcome)
    assert store.finish(row, outcome)
    after = read(store, row)
    assert (after.state, after.result, after.error_code, after.error) == (
        outcome.state, outcome.result, outcome.error_code, outcome.error,
    )  # fmt: skip
    assert store.finish(row, DONE) is (outcome is LOST)


def test_a_late_owner_settles_what_became_unknown(store: Store, clock: Clock | Server) -> None:
    """As long as nobody else got the key: no fence has risen."""
    row = claimed(store)
    clock.advance(LEASE + 1)
    assert store.finish(row, DONE)


def test_a_reclaimed_row_has_a_new_owner_and_fence(store: Store, clock: Clock | Server) -> None:
    """The one before can settle nothing any more; what it had is kept apart."""
    row = claimed(store)
    store.finish(row, RELEASED)
    clock.advance(5)
    seen = store.reclaim(read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-k")
    assert (seen.won, seen.row.owner, seen.row.fence, seen.row.attempt) == (True, "w2", 2, 2)
    assert seen.row.first_sent_at == pytest.approx(clock(), abs=4)
    assert not store.finish(row, DONE)
    store.keep_late(row.identity, '"late"')
    assert (read(store, row).late, read(store, row).state) == ('"late"', "running")


def test_a_row_is_reclaimed_once(store: Store) -> None:
    """Of two that saw it released, one wins; the winner may ask again."""
    row = claimed(store)
    store.finish(row, RELEASED)
    seen = read(store, row)
    assert store.reclaim(seen, owner="w2", lease=LEASE, generation=1, key="pk-s-k").won
    assert not store.reclaim(seen, owner="w3", lease=LEASE, generation=1, key="pk-s-k").won
    assert store.reclaim(seen, owner="w2", lease=LEASE, generation=1, key="pk-s-k").won


def test_a_running_row_is_not_reclaimed_before_its_lease_ends(
    store: Store, clock: Clock | Server
) -> None:
    """Whatever a caller believes; the provider's key and the first send stay."""
    row = claimed(store)
    assert not store.reclaim(row, owner="w2", lease=LEASE, generation=1, key="pk-s-k").won
    clock.advance(LEASE)
    sent_at = read(store, row).first_sent_at
    seen = store.reclaim(row, owner="w2", lease=LEASE, generation=1, key="pk-s-k")
    assert (seen.won, seen.row.first_sent_at) == (True, sent_at)


def test_only_what_nobody_knows_is_settled_from_outside(
    store: Store, clock: Clock | Server
) -> None:
    """Not a running row, not a settled one, and by one of two only."""
    row = claimed(store)
    assert not store.settle(row, DONE, "a person")
    clock.advance(LEASE)
    assert store.settle(row, DONE, "a person")
    assert (read(store, row).state, read(store, row).note) == ("succeeded", "a person")
    assert not store.settle(row, REFUSED, "another person")


def test_a_look_up_is_taken_by_one(store: Store) -> None:
    """Fifty callers that saw it due make one look-up."""
    row = claimed(store)
    assert not store.take_check(row, next_check_at=5)
    store.finish(row, LOST)
    seen = read(store, row)
    taken = [store.take_check(seen, next_check_at=5) for _ in range(50)]
    assert taken == [True] + [False] * 49
    assert (read(store, row).checks, read(store, row).next_check_at) == (1, 5)
    store.put_off(seen, next_check_at=9)
    assert read(store, row).next_check_at == 9


def test_open_rows_are_those_that_nobody_knows(store: Store, clock: Clock | Server) -> None:
    """Of this scope, the oldest first: unknown, and running past its lease."""
    silent = claimed(store, key="a")
    clock.advance(10)
    lost = claimed(store, key="b")
    store.finish(lost, LOST)
    claimed(store, key="c", scope="t")
    done = claimed(store, key="d")
    store.finish(done, DONE)
    assert [row.identity.key for row in store.open_rows("s", 9)] == ["b"]
    clock.advance(LEASE - 5)
    claimed(store, key="e")
    assert [row.identity.key for row in store.open_rows("s", 9)] == ["a", "b"]
    assert [row.identity.key for row in store.open_rows("s", 1)] == ["a"]
    found = store.by_provider_key(silent.provider_key)
    assert found is not None
    assert found.row.identity == silent.identity
    assert store.by_provider_key("nobody's") is None


def test_rows_of_an_operation_are_listed_from_a_time_on(
    store: Store, clock: Clock | Server
) -> None:
    """The oldest first; not those of another scope."""
    first = claimed(store, key="a")
    clock.advance(10)
    claimed(store, key="b")
    claimed(store, key="c", scope="t")
    assert [row.identity.key for row in store.rows_since("s", "o", 0)] == ["a", "b"]
    assert [row.identity.key for row in store.rows_since("s", "o", clock() - 5)] == ["b"]
    assert store.rows_since("s", "p", 0) == []
    assert first.identity.key == "a"


def test_a_hold_must_fit_below_its_cap(store: Store) -> None:
    """In the claim's own transaction: what does not fit leaves no row."""
    with pytest.raises(CapMissing, match="no cap is set for 'p1' in EUR"):
        store.claim(wish(hold=HOLD))
    store.set_cap("s", "p1", "EUR", 1000)
    claimed(store, key="a", hold=HOLD)
    claimed(store, key="b", hold=HOLD)
    assert held(store) == (800, 0)
    with pytest.raises(CapExceeded, match="200 is left") as caught:
        store.claim(wish(key="c", hold=HOLD))
    assert caught.value.remaining == 200
    assert store.read(wish(key="c").identity) is None
    assert held(store) == (800, 0)


@pytest.mark.parametrize(
    ("outcome", "after"),
    [(DONE, (0, 400)), (REFUSED, (0, 0)), (RELEASED, (0, 0)), (LOST, (400, 0))],
    ids=lambda each: getattr(each, "state", ""),
)
def test_a_hold_is_spent_given_back_or_kept(
    store: Store, outcome: Outcome, after: tuple[int, int]
) -> None:
    """Spent by success, given back by a refusal or where nothing happened, kept while unknown."""
    store.set_cap("s", "p1", "EUR", 1000)
    row = claimed(store, hold=HOLD)
    store.finish(row, outcome)
    assert held(store) == after


def test_what_is_given_back_is_held_again(store: Store) -> None:
    """A released intent that runs again counts again; if it does not fit any more, it stays."""
    store.set_cap("s", "p1", "EUR", 600)
    row = claimed(store, key="a", hold=HOLD)
    store.finish(row, RELEASED)
    other = claimed(store, key="b", hold=HOLD)
    with pytest.raises(CapExceeded):
        store.reclaim(read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-a")
    assert read(store, row).state == "released"
    store.finish(other, REFUSED)
    assert store.reclaim(read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-a").won
    assert held(store) == (400, 0)


def test_an_unknown_intent_that_runs_again_is_held_once(store: Store) -> None:
    """Its amount was never given back."""
    store.set_cap("s", "p1", "EUR", 600)
    row = claimed(store, hold=HOLD)
    store.finish(row, LOST)
    assert store.reclaim(read(store, row), owner="w2", lease=LEASE, generation=1, key="pk-s-k").won
    assert held(store) == (400, 0)


def test_a_cap_is_not_set_below_what_is_used(store: Store) -> None:
    """It may be raised, and lowered to what is held and spent."""
    store.set_cap("s", "p1", "EUR", 1000)
    claimed(store, hold=HOLD)
    with pytest.raises(ValueError, match="held and spent already"):
        store.set_cap("s", "p1", "EUR", 399)
    store.set_cap("s", "p1", "EUR", 400)
    cap = store.cap("s", "p1", "EUR")
    assert cap is not None
    assert (cap.minor, cap.remaining) == (400, 0)
    assert store.cap("t", "p1", "EUR") is None


def test_a_purge_drops_results_and_keeps_keys(store: Store, clock: Clock | Server) -> None:
    """Of what was settled before a time; what is open, or came late, stays whole."""
    done, late, lost = (claimed(store, key=each) for each in "abc")
    store.finish(done, DONE)
    store.finish(late, DONE)
    store.keep_late(late.identity, '"late"')
    store.finish(lost, LOST)
    assert store.purge("s", before=clock() - 5, keep_keys=True) == 0
    clock.advance(10)
    assert store.purge("t", before=clock() - 5, keep_keys=True) == 0
    assert store.purge("s", before=clock() - 5, keep_keys=True) == 1
    assert (read(store, done).state, read(store, done).result) == ("succeeded", None)
    assert read(store, late).result is not None
    assert store.purge("s", before=clock() - 5, keep_keys=False) == 1
    assert store.read(done.identity) is None
    assert read(store, lost).state == "unknown"


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

"""Stores that are cut off, crash, fill up or are not there: no effect without a claim."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

import pytx
from chaos_place import CURRENCY, OPERATION, SCOPE, Place, amount_of, result_of
from chaos_proxy import Proxy
from chaos_run import chance, per
from chaos_scene import Scene, in_crowds, until
from chaos_workers import Fault, Job, asking, ended, run, start, work

pytestmark = pytest.mark.real
CLAIM = b"insert into pytx_op"
FINISH = b"update pytx_op set state"
FILLER = (
    "insert into pytx_op (scope, operation, key, fingerprint, state, owner, provider_key, "
    "lease_until, created_at, first_sent_at, updated_at, note) values ('filler', 'o', %(key)s, "
    "'', 'succeeded', '', %(key)s, now(), now(), now(), now(), %(note)s)"
)


class Postgres(Protocol):
    """A server of the tests: see `conftest.py` of the folder above."""

    conninfo: str
    port: int

    def make(self, *further: str) -> None:
        """Make the cluster."""

    def start(self, *, most_bytes: int | None = None) -> None:
        """Start it."""

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it."""


@pytest.mark.parametrize("point", ["before the effect", "after the effect"])
def test_c02_a_connection_that_is_cut_around_the_effect(on_server: Scene, point: str) -> None:
    """The server ends it; the record is written over another one, so nothing is unknown."""
    keys = [f"cut {point} {number}" for number in range(per(20))]
    fault = Fault(at=point, act="cut")
    assert run(Job(place=on_server.place, keys=(key,), fault=fault) for key in keys) == [0] * len(
        keys
    )
    assert run([Job(place=on_server.place, keys=tuple(keys))]) == [0]
    on_server.check(keys)
    assert on_server.told("raised") == []


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    """A proxy in front of the server."""
    with closing(Proxy(postgres.port)) as made:
        yield made


@pytest.mark.parametrize(
    ("piece", "cap"),
    [(CLAIM, None), (FINISH, None), (CLAIM, "all"), (FINISH, "all"), (b"COMMIT", "all")],
    ids=["claim", "finish", "claim with a cap", "finish with a cap", "commit with a cap"],
)
def test_c03_a_commit_whose_answer_is_lost(
    postgres: Postgres, on_server: Scene, proxy: Proxy, piece: bytes, cap: str | None
) -> None:
    """One effect, its own result, nothing unknown, no false alarm of a duplicate."""
    keys = [f"lost {number}" for number in range(per(20))]
    behind = postgres.conninfo.replace(f"port={postgres.port}", f"port={proxy.port}")
    provider = on_server.place.provider()
    with closing(pytx.PgStore(behind)) as store:
        events: list[str] = []
        guard = pytx.Guard(store, scope=SCOPE, on_event=lambda name, _: events.append(name))

        def pay(key: str) -> None:
            money = pytx.Money(amount_minor=amount_of(key), currency=CURRENCY)
            with guard.once(
                OPERATION, key=(key,), money=money, recover=pytx.manual(), cap=cap
            ) as op:
                if not op.replayed:
                    provider.pay(op.provider_key, money.amount_minor, CURRENCY)
                    op.result = result_of(op.provider_key, money.amount_minor)
            on_server.place.note("trail", key=key, event="answer", result=op.result)

        for key in keys:
            proxy.lose(piece)
            pay(key)
            pay(key)
    assert proxy.lost == len(keys)
    assert "late_result" not in events
    on_server.check(keys, cap=cap)


def test_c04_a_server_that_crashes_under_load(postgres: Postgres, on_server: Scene) -> None:
    """Killed as by a crash while eight workers pay, twice: every intent is paid once, and known."""
    keys = [f"crash {number}" for number in range(per(160))]
    place, share = on_server.place, len(keys) // 8
    workers = [
        start(work, Job(place=place, keys=tuple(keys[at : at + share]), patience=30))
        for at in range(0, len(keys), share)
    ]
    pauses = chance("crashes")
    for part in (3, 1.5):
        wanted = len(keys) / part
        while len(on_server.told("paid")) < wanted and any(each.is_alive() for each in workers):
            time.sleep(0.01)
        time.sleep(pauses.random() * 0.05)
        postgres.stop(signal.SIGQUIT)
        postgres.start()
    assert ended(workers, within=120 + len(keys)) == [0] * len(workers)
    on_server.close()
    on_server.settle(keys)
    on_server.check(keys)


def test_c14_a_full_disk_of_a_server(another_postgres: Postgres, tmp_path: Path) -> None:
    """The claim fails closed; a record that cannot be written leaves an unknown intent, listed."""
    another_postgres.make("--wal-segsize=1")
    another_postgres.start(most_bytes=2 * 2**20)
    place = Place(folder=tmp_path, server=another_postgres.conninfo)
    with closing(Scene(place)) as scene:
        known = [f"known {number}" for number in range(per(5))]
        assert run([Job(place=place, keys=tuple(known))]) == [0]
        late = Fault(at="after the effect", act="sleep", seconds=4)
        half = [f"half {number}" for number in range(min(per(2), 20))]
        owners = [
            start(work, Job(place=place, keys=(key,), fault=late, lease=6, cap=None))
            for key in half
        ]
        scene.wait_for(half, "paid")
        with psycopg.connect(place.server, autocommit=True) as connection:
            fill(connection)
            shut = [f"shut {number}" for number in range(per(5))]
            assert run([Job(place=place, keys=tuple(shut), cap=None)]) == [0]
            assert {each["error"] for each in scene.told("raised")} == {"StoreUnavailable"}
            assert all(scene.row(key) is None for key in shut)
            assert scene.effects().total() == len(known + half)
            assert run([Job(place=place, keys=tuple(known))]) == [0]  # what is there is replayed
            assert ended(owners) == [0] * len(half)
            assert {each["key"] for each in scene.told("finish_lost")} == {*half}
            until(lambda: len(scene.guard.open()) == len(half))
            connection.execute("delete from pytx_op where scope = 'filler'")
            connection.execute("vacuum pytx_op")
        scene.recover()
        assert run([Job(place=place, keys=(*half, *shut), cap=None)]) == [0]
        scene.check([*known, *half, *shut], cap=None)


def fill(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Fill the table of intents to the last byte that its file may have."""
    connection.execute("vacuum pytx_op")  # or a dead row would make room for one more
    connection.execute("set synchronous_commit = off")
    for size in (1500, 200, 1):
        with pytest.raises(psycopg.Error, match="File too large"):  # noqa: PT012 - one of many
            for number in range(10**5):
                connection.execute(FILLER, {"key": f"{size}-{number}", "note": "x" * size})


@pytest.mark.parametrize("point", ["before the claim", "before the effect"])
def test_c15_a_full_disk_of_a_file(in_file: Scene, point: str) -> None:
    """As on a server: no claim, no effect; no record, an unknown intent that is listed."""
    place = in_file.place
    fault = Fault(at=point, act="full")
    crowds = in_crowds("full", per(8))
    with place.connected() as connection:
        connection.execute("create table filler as select randomblob(200000)")
        for keys in crowds:
            jobs = [Job(place=place, keys=(key,), fault=fault) for key in keys]
            assert ended([start(work, job) for job in jobs]) == [0] * len(keys)
    keys = [key for crowd in crowds for key in crowd]
    if point == "before the claim":
        assert [each["error"] for each in in_file.told("raised")] == ["StoreUnavailable"] * len(
            keys
        )
        assert all(in_file.row(key) is None for key in keys)
        assert in_file.effects().total() == 0
    else:
        assert {each["key"] for each in in_file.told("finish_lost")} == {*keys}
        assert {each["key"] for each in in_file.told("answer")} == {*keys}
        until(lambda: len(in_file.guard.open(len(keys))) == len(keys))
    in_file.settle(keys)
    in_file.check(keys)


@pytest.mark.parametrize("kind", ["server", "file"])
def test_c16_a_store_that_is_not_there(tmp_path: Path, kind: str) -> None:
    """A closed port, or a folder that was never made: the effect does not run."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    closed = f"host=127.0.0.1 port={port} connect_timeout=2"
    store = pytx.PgStore(closed) if kind == "server" else pytx.SqliteStore(tmp_path / "no" / "db")
    place = Place(folder=tmp_path)
    guard = pytx.Guard(store, scope=SCOPE)
    for number in range(per(5)):
        call = guard.once(OPERATION, key=(number,), recover=asking(place))
        with pytest.raises(pytx.StoreUnavailable), call as op:
            place.provider().pay(op.provider_key, 1, CURRENCY)
    assert list(place.provider().effects()) == []

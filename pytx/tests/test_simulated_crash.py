"""A simulated crash leaves what a kill leaves, and the next call finds its way from there."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pytx
from pytx.model import Row
from pytx.stores.base import Cap, Store
from pytx.testing import Clock, Provider, SimulatedCrash, crashing
from pytx.testing.crash import Point

WORKER = Path(__file__).with_name("crash_worker.py")
EUR = pytx.Money(amount_minor=1000, currency="EUR")
POINTS: dict[Point, str] = {
    "before_claim": "before the claim",
    "after_claim": "after claimed",
    "before_finish": "after the effect",
    "after_finish": "after the finish",
}
LEFT: dict[Point, tuple[list[str], int]] = {
    # what is in the store, how often money moved
    "before_claim": ([], 0),
    "after_claim": (["running"], 0),
    "before_finish": (["running"], 1),
    "after_finish": (["succeeded"], 1),
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of either kind, with a cap for all."""
    made: Store = pytx.SqliteStore(tmp_path / "pytx.db")
    if request.param == "postgres":
        conninfo = request.getfixturevalue("postgres").conninfo
        made = pytx.PgStore(conninfo)
        made.create_schema()
        (tmp_path / "server").write_text(conninfo)
        with psycopg.connect(conninfo) as connection:
            connection.execute("truncate pytx_op, pytx_cap")
    made.create_schema()
    made.set_cap("acme/test", "all", "EUR", 100_000)
    yield made
    made.close()


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    """Every request moves money."""
    return Provider(tmp_path / "ledger.jsonl")


def pay(store: Store, provider: Provider, key: str, lease: float = 60) -> object:
    """Pay once; an unknown outcome is looked up at once."""
    recover = pytx.by_lookup(
        lambda sent: provider.look_up(sent.provider_key),
        first_after=0, tries=99, within=10**9, settle_after=0, absent_is_final=True,
    )  # fmt: skip
    with pytx.Guard(store, scope="acme/test").once(
        "refund.create", key=(key,), money=EUR, recover=recover, lease=lease, cap="all"
    ) as op:
        if not op.replayed:
            op.result = provider.pay(op.provider_key, 1000, "EUR", timeout=op.timeout(20))
    return op.result


def moved(provider: Provider) -> int:
    """How often money moved."""
    return len(list(provider.effects()))


def rows(store: Store) -> list[Row]:
    """All intents."""
    return store.rows_since("acme/test", "refund.create", 0)


def cap(store: Store) -> Cap:
    """What is held and spent."""
    found = store.cap("acme/test", "all", "EUR")
    assert found
    return found


@pytest.mark.parametrize("point", POINTS)
def test_a_simulated_crash_leaves_what_a_kill_leaves(
    store: Store, provider: Provider, tmp_path: Path, point: Point
) -> None:
    """Beside an intent whose process was really killed there."""
    killed = subprocess.run(
        [sys.executable, str(WORKER), str(tmp_path), "killed", POINTS[point], "60"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    by_kill = [(left(row), cap(store).held, cap(store).spent) for row in rows(store)]
    with pytest.raises(SimulatedCrash):
        pay(crashing(store, at=point), provider, "simulated")
    simulated = [row for row in rows(store) if "simulated" in row.identity.key]
    states, effects = LEFT[point]
    assert [row.state for row in simulated] == states
    assert moved(provider) == 2 * effects
    twice = [(left(row), cap(store).held / 2, cap(store).spent / 2) for row in simulated]
    assert twice == by_kill


def left(row: Row) -> tuple[object, ...]:
    """What does not differ from one intent to another."""
    return row.state, row.fence, row.attempt, row.generation, row.checks, row.error, row.late


@pytest.mark.real
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
@pytest.mark.parametrize("point", POINTS)
def test_the_next_process_pays_once(store: Store, provider: Provider, point: Point) -> None:
    """After the lease of the one that died, by the server's clock, as after a kill."""
    with pytest.raises(SimulatedCrash):
        pay(crashing(store, at=point), provider, "k", lease=1.6)
    time.sleep(1.7 if LEFT[point][0] == ["running"] else 0)
    paid = pay(store, provider, "k")
    assert [{"id": each.id, "amount_minor": 1000} for each in provider.effects()] == [paid]
    assert (cap(store).held, cap(store).spent) == (0, 1000)


def test_a_claim_that_is_not_won_is_no_point_to_die_at(store: Store, provider: Provider) -> None:
    """A replay takes nothing, so it goes through."""
    paid = pay(store, provider, "k")
    assert pay(crashing(store, at="after_claim"), provider, "k") == paid
    assert moved(provider) == 1


def test_a_crash_inside_of_the_block_is_not_recorded(store: Store, provider: Provider) -> None:
    """With a store that crashes; with another one the guard records that nobody knows."""
    for made, state in ((crashing(store), "running"), (store, "unknown")):
        with pytest.raises(SimulatedCrash):
            die_after_the_effect(made, provider, state)
    assert moved(provider) == 2
    assert {row.identity.key: row.state for row in rows(store)} == {
        '["running"]': "running", '["unknown"]': "unknown"
    }  # fmt: skip


def die_after_the_effect(store: Store, provider: Provider, key: str) -> None:
    """Pay, and die in the middle of the block."""
    guard = pytx.Guard(store, scope="acme/test")
    with guard.once("refund.create", key=(key,), recover=pytx.manual()) as op:
        provider.pay(op.provider_key, 1000, "EUR")
        raise SimulatedCrash


def test_a_dead_process_does_nothing_more(store: Store, provider: Provider) -> None:
    """Every method of a store that has crashed raises, whatever is asked of it."""
    dead = crashing(store, at="before_claim")
    assert dead.now() > 0
    with pytest.raises(SimulatedCrash):
        pay(dead, provider, "k")
    names = [name for name in vars(Store) if not name.startswith("_")]
    assert {"claim", "finish", "settle", "purge", "now", "close"} <= set(names)
    for name in names:
        with pytest.raises(SimulatedCrash):
            getattr(dead, name)()
    assert rows(store) == []


def test_a_crash_inside_of_a_transaction_rolls_it_back(tmp_path: Path) -> None:
    """The claim dies with what was written beside it; the next one does both."""
    with closing(pytx.SqliteStore(tmp_path / "pytx.db")) as store:
        store.create_schema()
        for made in (crashing(store, at="after_claim"), crashing(store, at="before_finish"), store):
            post(made, tmp_path / "pytx.db", dies=made is not store)
            assert len(rows(store)) == (made is store)


def post(store: Store, path: Path, *, dies: bool) -> None:
    """Guard a local effect, and let the transaction go with the process if it dies."""
    connection = sqlite3.connect(path, isolation_level=None)
    with closing(connection):
        connection.execute("begin")
        local = pytx.Guard(store, scope="acme/test").local(connection, "refund.create", key=("k",))
        if dies:
            with pytest.raises(SimulatedCrash), local as op:
                op.result = 1
            return
        with local as op:
            assert not op.replayed
            op.result = 1
        connection.execute("commit")


def test_a_point_that_is_none_is_refused(store: Store) -> None:
    """With those that there are."""
    assert set(get_args(Point)) == set(POINTS)
    with pytest.raises(ValueError, match="there are before_claim, after_claim, "):
        crashing(store, at="at night")  # type: ignore[arg-type]  # what is tried


@settings(max_examples=12, deadline=None)
@given(points=st.lists(st.sampled_from(list(POINTS)), max_size=5))
def test_however_often_it_crashes_money_moves_once(
    tmp_path_factory: pytest.TempPathFactory, points: list[Point]
) -> None:
    """One process after another dies; the last one has the result of the only effect."""
    folder = tmp_path_factory.mktemp("crashes")
    clock = Clock()
    provider = Provider(folder / "ledger.jsonl")
    with closing(pytx.SqliteStore(folder / "pytx.db", clock=clock)) as store:
        store.create_schema()
        store.set_cap("acme/test", "all", "EUR", 1000)
        for point in points:
            try:
                pay(crashing(store, at=point), provider, "k")
            except SimulatedCrash:
                clock.advance(10**5)
        paid = pay(store, provider, "k")
        assert [{"id": each.id, "amount_minor": 1000} for each in provider.effects()] == [paid]
        assert (cap(store).held, cap(store).spent) == (0, 1000)

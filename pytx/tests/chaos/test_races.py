"""Many at once: one pays, the others wait, replay or are refused."""

import dataclasses
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest

import pytx
from chaos_place import CURRENCY, OPERATION, SCOPE, amount_of, result_of
from chaos_run import TALLY, chance, per
from chaos_scene import Scene, until
from chaos_workers import (
    LEASE,
    POINTS,
    SETTLE_AFTER,
    Fault,
    Job,
    barrier,
    ended,
    post,
    race,
    run,
    start,
)
from pytx import canon
from pytx.model import Identity
from pytx.sql import statements
from pytx.stores.base import Claim, Seen


@pytest.mark.real
def test_c10_eight_processes_at_the_same_instant(scene: Scene) -> None:
    """Key by key, all of them behind one barrier: one runs, the others wait or replay."""
    keys = tuple(f"race {number}" for number in range(per(100)))
    gate = barrier(8)
    job = Job(place=scene.place, keys=keys, lease=30)
    assert ended(start(race, job, gate) for _ in range(8)) == [0] * 8
    claims = Counter(each["key"] for each in scene.told("claimed"))
    assert claims == dict.fromkeys(keys, 1)
    assert {each["error"] for each in scene.told("raised")} <= {"InProgress"}
    assert len(scene.told("answer")) + len(scene.told("raised")) == 8 * len(keys)
    scene.check(keys)


def wish(key: str, owner: str, subject: str | None) -> Claim:
    """A claim as the guard makes it."""
    identity = Identity(scope=SCOPE, operation=OPERATION, key=canon.key_text((key,)))
    return Claim(
        identity=identity,
        fingerprint=canon.fingerprint(identity.key, {"~money": [amount_of(key), CURRENCY]}),
        owner=owner,
        provider_key=canon.provider_key(SCOPE, OPERATION, identity.key, 1),
        lease=60,
        subject=subject,
        currency=CURRENCY,
        minor=amount_of(key),
    )


@pytest.mark.real
@pytest.mark.parametrize("subject", [None, "all"], ids=["no cap", "cap"])
def test_c10_a_claim_that_sees_no_row_is_made_again(on_server: Scene, subject: str | None) -> None:
    """The other insert commits after the claim's snapshot: the statement returns nothing at all.

    The store sees the other's row nevertheless, and a guarded call is told that it has to wait.
    """
    named = statements("postgres")
    claim = named["claim"].replace("{columns}", named["columns"].strip())

    def raw(connection: Any, owner: str, key: str) -> list[Any]:  # noqa: ANN401
        values = dataclasses.asdict(wish(key, owner, subject))
        values |= values.pop("identity")
        found: list[Any] = connection.execute(claim, values).fetchall()
        return found

    def meanwhile(key: str, act: Callable[[], object]) -> object:
        """Act while another's claim of the key is not committed; it commits when we wait for it."""
        told: list[object] = []
        with psycopg.connect(on_server.place.server) as other:
            assert len(raw(other, "other", key)) == 1
            thread = threading.Thread(target=lambda: told.append(act()))
            thread.start()
            until(lambda: waits(on_server, other))
            other.commit()
            thread.join(20)
        [it] = told
        return it

    def bare() -> object:
        with psycopg.connect(on_server.place.server, autocommit=True) as connection:
            return raw(connection, "me", "bare")

    def by_store() -> object:
        with closing(pytx.PgStore(on_server.place.server)) as store:
            return store.claim(wish("store", "me", subject))

    def by_guard() -> object:
        with closing(pytx.PgStore(on_server.place.server)) as store:
            try:
                money = pytx.Money(amount_minor=amount_of("guard"), currency=CURRENCY)
                call = pytx.Guard(store, scope=SCOPE).once(
                    OPERATION, key=("guard",), money=money, recover=pytx.manual(), cap=subject
                )
                with call:
                    return "it ran"
            except pytx.InProgress as error:
                return error

    assert meanwhile("bare", bare) == []
    seen = meanwhile("store", by_store)
    assert isinstance(seen, Seen)
    assert (seen.won, seen.row.owner, seen.row.state) == (False, "other", "running")
    assert isinstance(meanwhile("guard", by_guard), pytx.InProgress)


def waits(scene: Scene, other: "psycopg.Connection[Any]") -> bool:
    """Whether somebody waits for this connection's transaction."""
    with psycopg.connect(scene.place.server, autocommit=True) as connection:
        found = connection.execute(
            "select 1 from pg_stat_activity where %s = any(pg_blocking_pids(pid))",
            [other.info.backend_pid],
        )
        return found.fetchone() is not None


@pytest.mark.real
def test_c11_a_storm_of_retries_asks_the_provider_once_an_interval(on_server: Scene) -> None:
    """Fifty callers on one unknown intent, for three seconds: two look-ups, the budget, in all."""
    scene = on_server
    fault = Fault(at="before the effect", act="kill")
    run([Job(place=scene.place, keys=("storm",), fault=fault, lease=1)])
    storm = Job(place=scene.place, keys=("storm",), absent_is_final=False, patience=3, tries=2)
    until(scene.guard.open)
    assert run([storm] * 50, at_once=50) == [0] * 50
    asked = [each["at"] for each in scene.told("asked")]
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 1.9  # the first pause is two seconds
    told = Counter(each["error"] for each in scene.told("raised"))
    assert set(told) == {"OutcomeUnknown"}
    assert told.total() > 50 * 5
    scene.check(["storm"], settled=False)


@pytest.mark.real
def test_c12_deadlocks_and_serialization_failures_are_the_callers(on_server: Scene) -> None:
    """In `local` under load: 40001 and 40P01 come through, no row is left, and a retry is right."""
    scene = on_server
    with psycopg.connect(scene.place.server) as connection:
        connection.execute("drop table if exists accounts")
        connection.execute("drop table if exists posts")
        connection.execute("create table accounts (name text primary key, minor bigint not null)")
        connection.execute("insert into accounts values ('a', 0), ('b', 0)")
        connection.execute("create table posts (ref text)")
    mine = [[f"post {worker} {number}" for number in range(per(10))] for worker in range(4)]
    orders = ("ab", "ba", "ab", "ba")
    workers = [start(post, scene.place, *each) for each in zip(mine, orders, strict=True)]
    assert ended(workers) == [0] * 4
    keys = [key for each in mine for key in each]
    with psycopg.connect(scene.place.server) as connection:
        posts = Counter(ref for (ref,) in connection.execute("select ref from posts").fetchall())
        sums: dict[str, int] = dict(
            connection.execute("select name, minor from accounts").fetchall()
        )
    assert posts == dict.fromkeys(keys, 1)
    assert sums == {"a": -sum(map(amount_of, keys)), "b": sum(map(amount_of, keys))}
    failed = scene.told("failed")
    assert {each["error"] for each in failed} == {"SerializationFailure", "DeadlockDetected"}
    assert not any(each["left"] for each in failed)
    TALLY.intents += len(keys)


@pytest.mark.real
def test_c12_two_keys_enqueued_in_opposite_order(on_server: Scene) -> None:
    """One of two transactions is told of the deadlock, and its retry commits both messages."""
    store = on_server.place.mailroom()
    outbox, turn = pytx.Outbox(store), threading.Barrier(2)
    met: list[str] = []

    def write(keys: str) -> None:
        first = True
        while True:
            try:
                with psycopg.connect(on_server.place.server) as connection:
                    for key in keys:
                        outbox.enqueue(connection, "t", keys, key=key)
                        if first:
                            first = False
                            turn.wait(20)
                break
            except psycopg.errors.DeadlockDetected:
                met.append(keys)

    threads = [threading.Thread(target=write, args=(keys,)) for keys in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    store.close()
    assert len(met) == 1
    with psycopg.connect(on_server.place.server) as connection:
        rows = connection.execute("select payload, key from pytx_outbox").fetchall()
    assert sorted(rows) == [('"ab"', "a"), ('"ab"', "b"), ('"ba"', "a"), ('"ba"', "b")]


def test_c13_a_rollback_of_the_callers_forgets_nothing(scene: Scene) -> None:
    """Claim and result are not in the caller's transaction: the retry replays."""
    keys = [f"rollback {number}" for number in range(per(5))]
    for key in keys:
        with scene.place.connected() as connection:
            connection.execute("begin")
            connection.execute("select count(*) from pytx_op").fetchall()
            money = pytx.Money(amount_minor=amount_of(key), currency=CURRENCY)
            with scene.guard.once(
                OPERATION, key=(key,), money=money, recover=pytx.manual(), cap="all"
            ) as op:
                scene.place.provider().pay(op.provider_key, money.amount_minor, CURRENCY)
                op.result = result_of(op.provider_key, money.amount_minor)
            connection.execute("rollback")
    assert run([Job(place=scene.place, keys=tuple(keys))]) == [0]
    scene.check(keys)
    assert len(scene.told("replayed")) == len(keys)


@pytest.mark.real
def test_c19_one_key_with_two_amounts_is_one_of_them(scene: Scene) -> None:
    """Eight at once, half of them with another amount: whoever lost is refused, never replayed."""
    keys = tuple(f"amount {number}" for number in range(per(20)))
    gate = barrier(8)
    jobs = [Job(place=scene.place, keys=keys, lease=30, minor=minor) for minor in (700, 800)]
    assert ended(start(race, job, gate) for job in jobs * 4) == [0] * 8
    amounts = {each.key: each.amount_minor for each in scene.place.provider().effects()}
    assert len(amounts) == scene.effects().total() == len(keys)
    told = Counter(each["error"] for each in scene.told("raised"))
    assert told["Mismatch"] == 4 * len(keys)
    assert set(told) <= {"Mismatch", "InProgress"}
    scene.check(keys)


@pytest.mark.real
def test_c20_refunds_of_one_payment_stay_below_its_cap(on_server: Scene) -> None:
    """Sixteen workers refund 30 % each, some are killed: three fit, at any moment."""
    scene, order = on_server, chance("caps")
    payments = [f"payment {number}" for number in range(per(2))]
    refunds = {f"{payment}/{number}": payment for payment in payments for number in range(16)}
    for payment in payments:
        scene.guard.set_cap(payment, CURRENCY, 1000)
    stop = threading.Event()
    seen: list[tuple[int, int, int]] = []

    def watch() -> None:
        with psycopg.connect(scene.place.server, autocommit=True) as connection:
            while not stop.is_set():
                seen.extend(connection.execute("select held, spent, cap from pytx_cap").fetchall())
                time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    jobs = [
        Job(
            place=scene.place,
            keys=(key,),
            cap=payment,
            minor=300,
            fault=Fault(at=order.choice(POINTS), act="kill") if order.random() < 0.5 else None,
        )
        for key, payment in refunds.items()
    ]
    run(jobs, at_once=16)
    time.sleep(LEASE + SETTLE_AFTER)
    scene.recover()
    again = [dataclasses.replace(job, fault=None, patience=5) for job in jobs]
    run(again)
    stop.set()
    watcher.join()
    assert len(seen) > 100
    assert all(held >= 0 and spent >= 0 and held + spent <= cap for held, spent, cap in seen)
    refused = {each["key"] for each in scene.told("raised") if each["error"] == "CapExceeded"}
    scene.check(refunds, refused=refused, cap=None)
    for payment in payments:
        used = scene.guard.cap(payment, CURRENCY)
        assert used is not None
        assert (used.held, used.spent) == (0, 900)
    assert scene.effects().total() == 3 * len(payments)

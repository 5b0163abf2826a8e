"""The outbox and its relay, with handlers that do nothing."""

from __future__ import annotations

import json
import statistics
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import psycopg

import pytx
from counting import Counter
from measuring import Figure, pair, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from pg_server import Postgres

MESSAGES: Final = 4_000
KEYS: Final = 500
HOT_MESSAGES: Final = 150
PAIRS: Final = 200
COUNTED: Final = 100
WARM: Final = 20
LATENCIES: Final = 40
POLL_S: Final = 0.1
PAYLOAD: Final = {"id": 7, "amount": "10.00", "currency": "EUR"}
BUSINESS: Final = "insert into business (note) values (%s)"
BARE: Final = """insert into floor_outbox (message_id, topic, payload, headers)
  values (%s, 'bench', %s, '{}')"""


def postgres(server: Postgres) -> list[Figure]:
    """Throughput, what an enqueue costs, and how soon a message arrives."""
    store = pytx.PgStore(server.conninfo)
    store.create_schema()
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("drop table if exists business, floor_outbox")
        connection.execute("create table business (id bigserial primary key, note text)")
        connection.execute("create table floor_outbox (like pytx_outbox including all)")
        figures = [
            _throughput(store, connection, "relay, batch 100, no key", MESSAGES, None, 5_000),
            _throughput(store, connection, f"relay, {KEYS} keys", MESSAGES, KEYS, 3_000),
            _throughput(store, connection, "relay, one hot key", HOT_MESSAGES, 1, 100),
            *_enqueue(server, store, connection),
            _latency(store, connection, poke=False, bound=100),
            _latency(store, connection, poke=True, bound=20),
        ]
    store.close()
    return figures


def _throughput(  # noqa: PLR0913, PLR0917 - one line of the table each
    store: pytx.PgStore,
    connection: psycopg.Connection[Any],
    subject: str,
    messages: int,
    keys: int | None,
    bound: float,
) -> Figure:
    connection.execute("truncate pytx_outbox")
    outbox = pytx.Outbox(store)
    with connection.transaction():
        for number in range(messages):
            key = None if keys is None else f"key-{number % keys}"
            outbox.enqueue(connection, "bench", PAYLOAD, key=key)
    connection.execute("analyze pytx_outbox")
    seen: list[int] = []
    relay = pytx.Relay(store, {"bench": lambda message: seen.append(message.id)}, batch=100)
    started = time.perf_counter()
    while relay.run_once():
        pass
    spent = time.perf_counter() - started
    if len(set(seen)) != messages or len(seen) != messages:
        raise RuntimeError(f"{subject}: {len(seen)} of {messages} messages were delivered")
    return Figure(subject=subject, kind="rate", unit="msg/s", ours=messages / spent, bound=bound)


def _enqueue(
    server: Postgres, store: pytx.PgStore, connection: psycopg.Connection[Any]
) -> list[Figure]:
    """A message beside a business insert, in its transaction.

    The floor inserts a bare row of the same columns beside it. What the row itself costs is told
    by the other figure, whose floor is the business insert alone.
    """
    outbox = pytx.Outbox(store)

    def alone(_: int = 0) -> None:
        with connection.transaction():
            connection.execute(BUSINESS, ["late"])

    def floor(_: int = 0) -> None:
        with connection.transaction():
            connection.execute(BUSINESS, ["late"])
            connection.execute(BARE, [str(uuid.uuid4()), json.dumps(PAYLOAD)])

    def ours(_: int = 0) -> None:
        with connection.transaction():
            connection.execute(BUSINESS, ["late"])
            outbox.enqueue(connection, "bench", PAYLOAD)

    calls = (alone, floor, ours)
    taken = [[seconds(call) for call in calls] for _ in range(WARM + PAIRS)][WARM:]
    least, bare, full = zip(*taken, strict=True)
    counter = Counter(server, connection)
    commits = [counter.per_call(COUNTED, call).commits for call in (alone, ours)]
    counter.close()
    connection.execute("truncate pytx_outbox")
    middle, low = statistics.median(full), statistics.median(least)
    return [
        pair("enqueue beside an insert; floor: a bare row", bare, full, bound=1.25),
        Figure(
            subject="enqueue beside an insert; floor: no enqueue", kind="goal", unit="x",
            ours=middle / low, floor=1, bound=1.05,
        ),
        Figure(
            subject="enqueue beside an insert, extra commits", kind="counter", unit="per call",
            ours=commits[1] - commits[0], bound=0,
        ),
    ]  # fmt: skip


def _latency(
    store: pytx.PgStore, connection: psycopg.Connection[Any], *, poke: bool, bound: float
) -> Figure:
    """From the end of the commit to the handler, with a relay that runs in a thread."""
    outbox = pytx.Outbox(store)
    arrived: list[float] = []
    came = threading.Event()
    stop = threading.Event()

    def handler(_: pytx.Message) -> None:
        arrived.append(time.perf_counter())
        came.set()

    relay = pytx.Relay(store, {"bench": handler}, poll=POLL_S)
    thread = threading.Thread(target=_run, args=(relay.run, stop, store.close))
    thread.start()
    spent = []
    try:
        for number in range(LATENCIES):
            time.sleep(POLL_S * (number % 10) / 10)  # not in step with the polling
            came.clear()
            with connection.transaction():
                outbox.enqueue(connection, "bench", PAYLOAD)
            committed = time.perf_counter()
            if poke:
                outbox.poke()
            if not came.wait(timeout=30):
                raise RuntimeError("a message did not arrive")
            spent.append(arrived[-1] - committed)
    finally:
        stop.set()
        outbox.poke()
        thread.join()
    return Figure(
        subject=f"commit to handler, {'poked' if poke else f'polled every {POLL_S * 1e3:.0f} ms'}",
        kind="time", unit="ms", ours=statistics.median(spent) * 1e3, bound=bound,
    )  # fmt: skip


def _run(
    run: Callable[[threading.Event], None], stop: threading.Event, close: Callable[[], None]
) -> None:
    try:
        run(stop)
    finally:
        close()

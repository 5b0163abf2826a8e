"""First calls and replays of the guard, each beside the bare statements of the same database."""

from __future__ import annotations

import sqlite3
import statistics
import threading
import time
import uuid
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import psycopg

import pytx
from counting import Counter, round_trips
from measuring import Figure, pair, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pg_server import Postgres

CALLS: Final = 300
COUNTED: Final = 200
WARM: Final = 20  # psycopg prepares a statement at its sixth use
CALLERS: Final = 16
CALLS_OF_A_CALLER: Final = 60
THREADS: Final = 8
CALLS_OF_A_THREAD: Final = 60

MONEY: Final = pytx.Money(amount_minor=1000, currency="EUR")
RESULT: Final = {"id": "re_1", "amount": "10.00", "status": "succeeded"}
RESULT_TEXT: Final = '{"id":"re_1","amount":"10.00","status":"succeeded"}'

_PLAIN: Final = """scope, operation, key, fingerprint, state, fence, owner, attempt, generation,
  provider_key, {times}, checks, next_check_at, result, error_code, error, late, note, cap_subject,
  cap_currency, cap_minor"""
_TIMES: Final = ("lease_until", "created_at", "first_sent_at", "updated_at")
_PG_COLUMNS: Final = _PLAIN.format(
    times=", ".join(f"extract(epoch from {name})::float8" for name in _TIMES)
).replace("next_check_at", "extract(epoch from next_check_at)::float8")
_LITE_COLUMNS: Final = _PLAIN.format(times=", ".join(_TIMES))


def _with_columns(columns: str, statements: dict[str, str]) -> dict[str, str]:
    """The floor reads the same columns as pytx does."""
    return {name: text.replace("COLUMNS", columns) for name, text in statements.items()}


PG_FLOOR: Final = _with_columns(
    _PG_COLUMNS,
    {
        "make": "create table floor_op (like pytx_op including all)",
        "insert": """insert into floor_op (scope, operation, key, fingerprint, state, owner,
        provider_key, lease_until, created_at, first_sent_at, updated_at, cap_currency, cap_minor)
      values (%(scope)s, %(operation)s, %(key)s, %(fingerprint)s, 'running', %(owner)s,
        %(provider_key)s, clock_timestamp() + %(lease)s * interval '1 second', clock_timestamp(),
        clock_timestamp(), clock_timestamp(), 'EUR', 1000)
      on conflict do nothing returning COLUMNS""",
        "update": """update floor_op set state = 'succeeded', result = %(result)s,
        updated_at = clock_timestamp()
      where scope = %(scope)s and operation = %(operation)s and key = %(key)s returning fence""",
        "select": """select COLUMNS from floor_op
      where scope = %(scope)s and operation = %(operation)s and key = %(key)s""",
    },
)
LITE_FLOOR: Final = _with_columns(
    _LITE_COLUMNS,
    {
        "insert": """insert into pytx_op (scope, operation, key, fingerprint, state, owner,
        provider_key, lease_until, created_at, first_sent_at, updated_at, cap_currency, cap_minor)
      values (:scope, :operation, :key, :fingerprint, 'running', :owner, :provider_key,
        :now + :lease, :now, :now, :now, 'EUR', 1000)
      on conflict do nothing returning COLUMNS""",
        "update": """update pytx_op set state = 'succeeded', result = :result, updated_at = :now
      where scope = :scope and operation = :operation and key = :key returning fence""",
        "select": """select COLUMNS from pytx_op
      where scope = :scope and operation = :operation and key = :key""",
    },
)


def postgres(server: Postgres) -> list[Figure]:
    """PostgreSQL: ratios, counters, and many callers at once."""
    with (
        psycopg.connect(server.conninfo, autocommit=True) as connection,
        psycopg.connect(server.conninfo, autocommit=True) as bare,
    ):
        store = pytx.PgStore(connection)
        store.create_schema()
        bare.execute("drop table if exists floor_op")
        bare.execute(PG_FLOOR["make"])
        guard = pytx.Guard(store, scope="bench/live")
        first, replay = _paired(guard, lambda name, values: bare.execute(PG_FLOOR[name], values))
        return [
            pair("PostgreSQL first call; floor: 2 statements", *first, bound=1.5),
            pair("PostgreSQL replay; floor: SELECT", *replay, bound=2.4),
            *_counted(server, connection, guard),
            *_callers(server),
        ]


def sqlite(folder: Path) -> list[Figure]:
    """SQLite with `synchronous=FULL`: ratios, and threads that write at once."""
    store = pytx.SqliteStore(folder / "pytx.db")
    store.create_schema()
    twin = pytx.SqliteStore(folder / "floor.db")
    twin.create_schema()
    twin.close()
    guard = pytx.Guard(store, scope="bench/live")
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as bare:
        bare.execute("pragma synchronous = full")

        def floor(name: str, values: dict[str, object]) -> sqlite3.Cursor:
            return bare.execute(LITE_FLOOR[name], {**values, "now": time.time()})

        first, replay = _paired(guard, floor)
    store.close()
    return [
        pair("SQLite FULL first call; floor: 2 statements", *first, bound=1.5),
        Figure(
            subject="SQLite FULL replay; floor: SELECT", kind="time", unit="µs",
            ours=statistics.median(replay[1]) * 1e6, floor=statistics.median(replay[0]) * 1e6,
            ratio=statistics.median(replay[1]) / statistics.median(replay[0]), bound=100,
        ),
        _threads(folder),
    ]  # fmt: skip


Series = tuple[list[float], list[float]]


def _paired(
    guard: pytx.Guard, floor: Callable[[str, dict[str, object]], Any]
) -> tuple[Series, Series]:
    """Seconds of first calls and of replays: floor, ours, floor, ours, ..."""
    prefix = uuid.uuid4().hex[:8]
    first: Series = ([], [])
    replay: Series = ([], [])
    for number in range(WARM + CALLS):
        key = f"{prefix}-{number}"
        values = _values(key)

        def bare(values: dict[str, object] = values) -> None:
            floor("insert", values).fetchone()
            floor("update", values).fetchone()

        first[0].append(seconds(bare))
        first[1].append(seconds(partial(_once, guard, key)))
    for number in range(WARM + CALLS):
        key = f"{prefix}-{number}"
        values = _values(key)

        def one(values: dict[str, object] = values) -> None:
            floor("select", values).fetchone()

        replay[0].append(seconds(one))
        replay[1].append(seconds(partial(_once, guard, key)))
    for low, high in (first, replay):
        del low[:WARM], high[:WARM]
    return first, replay


def _values(key: str) -> dict[str, object]:
    return {
        "scope": "bench/live", "operation": "refund.create", "key": f'["{key}"]',
        "fingerprint": bytes(32), "owner": str(uuid.uuid4()), "provider_key": str(uuid.uuid4()),
        "lease": 60, "result": RESULT_TEXT,
    }  # fmt: skip


def _once(guard: pytx.Guard, key: str) -> None:
    """A guarded effect that takes no time."""
    with guard.once(
        "refund.create", key=(key,), same={"reason": "late"}, money=MONEY, recover=pytx.manual()
    ) as op:
        if not op.replayed:
            op.result = RESULT


def _counted(
    server: Postgres, connection: psycopg.Connection[Any], guard: pytx.Guard
) -> list[Figure]:
    prefix = uuid.uuid4().hex[:8]
    trips = round_trips(connection, lambda: _once(guard, f"{prefix}-traced"))
    again = round_trips(connection, lambda: _once(guard, f"{prefix}-traced"))
    counter = Counter(server, connection)
    first = counter.per_call(COUNTED, lambda number: _once(guard, f"{prefix}-{number}"))
    replay = counter.per_call(COUNTED, lambda number: _once(guard, f"{prefix}-{number}"))
    counter.close()
    told = (
        ("first call, round trips", trips, 2),
        ("first call, commits", first.commits, 2),
        ("first call, WAL syncs", first.syncs, 2),
        ("replay, round trips", again, 1),
        ("replay, WAL syncs", replay.syncs, 0),
    )
    return [
        Figure(
            subject=f"PostgreSQL {what}", kind="counter", unit="per call", ours=ours, bound=bound
        )
        for what, ours, bound in told
    ]


def _callers(server: Postgres) -> list[Figure]:
    """First calls of many callers at once, each with a connection of its own."""
    store = pytx.PgStore(server.conninfo)
    guard = pytx.Guard(store, scope="bench/live")
    taken, errors = _at_once(guard, CALLERS, CALLS_OF_A_CALLER, store.close)
    calls = CALLERS * CALLS_OF_A_CALLER
    return [
        Figure(
            subject=f"PostgreSQL {CALLERS} callers, first calls", kind="rate", unit="per s",
            ours=calls / max(end for _, end in taken), bound=700,
        ),
        Figure(
            subject=f"PostgreSQL {CALLERS} callers, errors", kind="limit", unit="", bound=0,
            ours=len(errors),
        ),
    ]  # fmt: skip


def _threads(folder: Path) -> Figure:
    store = pytx.SqliteStore(folder / "threads.db")
    store.create_schema()
    guard = pytx.Guard(store, scope="bench/live")
    taken, errors = _at_once(guard, THREADS, CALLS_OF_A_THREAD, store.close)
    store.close()
    if errors:
        raise RuntimeError(f"{len(errors)} calls failed, such as: {errors[0]!r}")
    spent = sorted(each for each, _ in taken)
    return Figure(
        subject=f"SQLite FULL {THREADS} threads, p99 of a first call", kind="time", unit="ms",
        ours=spent[int(len(spent) * 0.99)] * 1e3, bound=200,
    )  # fmt: skip


def _at_once(
    guard: pytx.Guard, threads: int, calls: int, close: Callable[[], None]
) -> tuple[list[tuple[float, float]], list[Exception]]:
    """Seconds of each call, with when it ended after the start of all; and what was raised."""
    taken: list[tuple[float, float]] = []
    errors: list[Exception] = []
    started = 0.0
    prefix = uuid.uuid4().hex[:8]

    def mark() -> None:
        nonlocal started
        started = time.perf_counter()

    barrier = threading.Barrier(threads, mark)

    def caller(name: int) -> None:
        try:
            _once(guard, f"{prefix}-{name}-warm")
            barrier.wait(timeout=30)
            for number in range(calls):
                spent = seconds(partial(_once, guard, f"{prefix}-{name}-{number}"))
                taken.append((spent, time.perf_counter() - started))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            errors.append(error)
        finally:
            close()

    pool = [threading.Thread(target=caller, args=(name,)) for name in range(threads)]
    for each in pool:
        each.start()
    for each in pool:
        each.join()
    return taken, errors

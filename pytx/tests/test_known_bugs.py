"""Bugs that users of other projects met: each as a test that would fail if pytx had it.

`docs/known-bugs.md` lists all of them, and says why where one has no test here.
"""

import contextlib
import inspect
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
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
from pytx import Outbox, Relay
from pytx.recover import Recover
from pytx.testing import Clock, Provider

PAGE = Path(__file__).parents[1] / "docs" / "known-bugs.md"
RELAY = Path(__file__).with_name("relay_worker.py")
KEY = ("p1", "case-7")
EUR = pytx.Money(amount_minor=1000, currency="EUR")


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str
    folder: Path
    _user: str | None

    def make(self) -> None:
        """Make the cluster."""

    def start(self) -> None:
        """Start it."""

    def stop(self) -> None:
        """End it."""


class DeclinedError(Exception):
    """What a provider's library raises where it refuses."""


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[pytx.SqliteStore]:
    """An empty store."""
    made = pytx.SqliteStore(tmp_path / "pytx.db", clock=clock)
    made.create_schema()
    yield made
    made.close()


@pytest.fixture
def guard(store: pytx.SqliteStore) -> pytx.Guard:
    """A guard."""
    return pytx.Guard(store, scope="acme/test")


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    """A provider that ignores keys: every request moves money."""
    return Provider(tmp_path / "ledger.jsonl")


@pytest.fixture
def honest(tmp_path: Path) -> Provider:
    """A provider that honours keys."""
    return Provider(tmp_path / "honest.jsonl", profile="replay_all_24h")


@pytest.fixture
def server(postgres: Postgres) -> Iterator[pytx.PgStore]:
    """A store in PostgreSQL, with nothing in it."""
    with contextlib.closing(pytx.PgStore(postgres.conninfo)) as made:
        made.create_schema()
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("truncate pytx_op, pytx_cap, pytx_outbox, pytx_inbox")
        yield made


def moved(provider: Provider) -> int:
    """How often money moved."""
    return len(list(provider.effects()))


def pay(  # noqa: PLR0913 - each is one thing that may go otherwise
    guard: pytx.Guard,
    provider: Provider,
    *,
    before: BaseException | None = None,
    after: BaseException | None = None,
    recover: Recover | None = None,
    money: pytx.Money = EUR,
    **options: Any,  # noqa: ANN401 - as `once`
) -> object:
    """Pay once; raise before or after the money moved."""
    options = {"operation": "refund.create", "key": KEY, **options}
    with guard.once(
        options.pop("operation"), money=money, recover=recover or pytx.manual(), **options
    ) as op:
        if not op.replayed:
            op.timeout(20)
            if before:
                raise before
            op.result = provider.pay(op.provider_key, money.amount_minor, money.currency)
            if after:
                raise after
    return op.result


def killed(guard: pytx.Guard, **options: Any) -> pytx.Op:  # noqa: ANN401 - as `once`
    """Begin a call that never ends, as that of a process which is killed."""
    options = {"key": KEY, "money": EUR, "recover": pytx.manual(), **options}
    return guard.once("refund.create", **options).__enter__()


def found_in(provider: Provider, **options: Any) -> Recover:  # noqa: ANN401 - as `by_lookup`
    """Look the payment up in the provider's ledger."""

    def find(reference: pytx.Reference) -> pytx.Found | pytx.Absent:
        effect = provider.find(reference.provider_key)
        if effect is None:
            return pytx.Absent()
        result = {"id": f"pay_{effect.key[:8]}", "amount_minor": effect.amount_minor}
        return pytx.Found(result=result, minor=effect.amount_minor, currency="EUR")

    return pytx.by_lookup(find, absent_is_final=True, **options)


# guards and durable execution


def test_a_time_out_in_progress_runs_nothing_again(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """aws-powertools/powertools-lambda-python #8049.

    The withdrawal that timed out is not made again.
    """
    op = killed(guard, lease=60)
    provider.pay(op.provider_key, 1000, "EUR")
    for _ in range(3):
        clock.advance(61)
        with pytest.raises(pytx.OutcomeUnknown):
            pay(guard, provider)
    assert moved(provider) == 1


@pytest.mark.parametrize("paid", [True, False], ids=["it had paid", "it had not"])
def test_a_call_that_timed_out_is_not_stuck(
    guard: pytx.Guard, provider: Provider, clock: Clock, *, paid: bool
) -> None:
    """aws-powertools/powertools-lambda-python #738, #1038.

    It is found out after its lease, and then goes on.
    """
    recover = found_in(provider, settle_after=120)
    op = killed(guard, recover=recover, lease=60)
    if paid:
        provider.pay(op.provider_key, 1000, "EUR")
    clock.advance(180)
    result = pay(guard, provider, recover=recover)
    assert result == {"id": f"pay_{op.provider_key[:8]}", "amount_minor": 1000}
    assert moved(provider) == 1
    assert guard.open() == []


def test_no_time_left_is_no_time_without_end(
    guard: pytx.Guard, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aws-powertools/powertools-lambda-python #4759.

    A remaining time of 0 sends nothing; a lease of 0 is none.
    """
    with pytest.raises(ValueError, match="the lease is 0"):
        pay(guard, provider, lease=0)
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began)
    op = killed(guard, lease=60)
    monkeypatch.setattr(time, "monotonic", lambda: began + 60)
    assert op.remaining() == 0
    with pytest.raises(pytx.LeaseSpent):
        op.timeout(20)
    monkeypatch.undo()
    assert moved(provider) == 0


@pytest.mark.parametrize("way", ["by_key", "by_lookup", "manual"])
def test_a_live_call_is_no_orphan(
    guard: pytx.Guard, provider: Provider, clock: Clock, way: str
) -> None:
    """aws-powertools/powertools-lambda-python #8386.

    Whoever comes within the lease runs nothing beside it.
    """
    recover = {
        "by_key": pytx.by_key(window=86400),
        "by_lookup": found_in(provider, first_after=0, settle_after=0),
        "manual": pytx.manual(),
    }[way]
    with guard.once("refund.create", key=KEY, money=EUR, recover=recover, lease=60) as op:
        for _ in range(59):
            clock.advance(1)
            with pytest.raises(pytx.InProgress):
                pay(guard, provider, recover=recover)
            assert guard.recover() == []
        op.result = provider.pay(op.provider_key, 1000, "EUR")
    assert pay(guard, provider, recover=recover) == op.result
    assert moved(provider) == 1


def test_every_time_is_in_seconds(guard: pytx.Guard, provider: Provider, clock: Clock) -> None:
    """aws-powertools/powertools-lambda-java #1285.

    A lease of 60 ends after 60 seconds, by every clock.
    """
    op = killed(guard, lease=60)
    assert 59 < op.remaining() <= 60
    clock.advance(59)
    with pytest.raises(pytx.InProgress) as caught:
        pay(guard, provider)
    assert caught.value.retry_after == pytest.approx(1)
    assert guard.open() == []
    clock.advance(1)
    assert [row.lease_until - row.created_at for row in guard.open()] == [60]


def test_the_op_reaches_the_function(guard: pytx.Guard) -> None:
    """aws-powertools/powertools-lambda-typescript #1482.

    It is the one of this call, and never missing.
    """
    got: list[pytx.Op] = []

    class Refunds:
        @guard.effect("refund.create", key=("case",), recover=pytx.manual(), lease=60)
        def refund(self, case: str, *, op: pytx.Op) -> str:
            got.append(op)
            assert 0 < op.timeout(20) <= 20
            return case

    assert [Refunds().refund(case) for case in ("a", "b")] == ["a", "b"]
    for op in got:
        seen = guard.store.by_provider_key(op.provider_key)
        assert seen is not None
        assert (seen.row.state, seen.row.fence) == ("succeeded", op.fence)
    assert len({op.provider_key for op in got}) == 2


@pytest.mark.parametrize(
    "path", ["in progress", "past its lease", "succeeded", "failed", "released", "unknown"]
)
def test_another_amount_is_refused_on_every_path(
    guard: pytx.Guard, provider: Provider, clock: Clock, path: str
) -> None:
    """aws-powertools/powertools-lambda-typescript #1499, #2058, #5705.

    And -python #3781, #3821, -java #2260: six bugs of one kind, each on another path. Where
    the payload differs it is always refused, and where it is the same it never is.
    """
    recover = pytx.by_key(window=86400)
    if path in ("in progress", "past its lease"):
        killed(guard, recover=recover, lease=60)
        clock.advance(61 if path == "past its lease" else 1)
    else:
        errors = {"failed": DeclinedError(), "released": pytx.NotSent(), "unknown": TimeoutError()}
        with contextlib.suppress(*map(type, errors.values())):
            pay(
                guard, provider, before=errors.get(path), recover=recover, rejected=(DeclinedError,)
            )
    before = moved(provider)
    for other in (
        pytx.Money(amount_minor=99900, currency="EUR"),
        pytx.Money(amount_minor=1000, currency="USD"),
    ):
        for _ in range(2):  # what was refused must not become what is compared with
            with pytest.raises(pytx.Mismatch):
                pay(guard, provider, money=other, recover=recover, retry_failed=True)
    assert moved(provider) == before
    with contextlib.suppress(pytx.InProgress):
        for _ in range(2):
            pay(guard, provider, recover=recover, retry_failed=True)
        assert moved(provider) == 1


def test_work_may_outlast_the_window_in_which_copies_are_known(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """aws-powertools/powertools-lambda-python #2023.

    A copy that comes after the lease runs nothing, nor does one that comes after the work. No
    window is counted: a key is known until somebody purges it.
    """
    with guard.once("refund.create", key=KEY, money=EUR, recover=pytx.manual(), lease=60) as op:
        op.result = provider.pay(op.provider_key, 1000, "EUR")
        clock.advance(300)
        with pytest.raises(pytx.OutcomeUnknown):
            pay(guard, provider)
    clock.advance(400 * 86400)
    assert pay(guard, provider) == op.result
    assert moved(provider) == 1


def test_a_write_inside_a_step_is_not_repeated_with_the_step(
    guard: pytx.Guard, store: pytx.SqliteStore
) -> None:
    """dbos-inc/dbos-transact-py #770.

    The step is retried after its write committed; it stands once.
    """
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("create table posts (ref text)")

        def step() -> None:
            connection.execute("begin immediate")
            with guard.local(connection, "ledger.post", key=("workflow-1", "step-2")) as op:
                if not op.replayed:
                    connection.execute("insert into posts values ('e1')")
            connection.execute("commit")
            raise ConnectionError("after the write")

        for _ in range(4):
            with pytest.raises(ConnectionError):
                step()
        assert connection.execute("select count(*) from posts").fetchone() == (1,)


@pytest.mark.real
def test_a_second_execution_of_a_transaction_waits_for_the_first(
    postgres: Postgres, server: pytx.PgStore
) -> None:
    """dbos-inc/dbos-transact-py #818.

    It is parked until the first one commits, and replays its result.
    """
    guard = pytx.Guard(server, scope="acme/test")
    ran: list[str] = []
    ended: list[str] = []

    def work(name: str, inside: threading.Event, go_on: threading.Event) -> None:
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("select 1")
            with guard.local(connection, "ledger.post", key=("w1",)) as op:
                if not op.replayed:
                    ran.append(name)
                    op.result = name
                inside.set()
                assert go_on.wait(10)
            connection.commit()
            ended.append(f"{name}: {op.result}")

    inside, go_on, second = threading.Event(), threading.Event(), threading.Event()
    first_one = threading.Thread(target=work, args=("one", inside, go_on))
    first_one.start()
    assert inside.wait(10)
    second_one = threading.Thread(target=work, args=("two", second, go_on))
    second_one.start()
    assert not second.wait(0.3)  # it is parked: no execution of its own has begun
    go_on.set()
    first_one.join()
    second_one.join()
    assert ran == ["one"]
    assert sorted(ended) == ["one: one", "two: one"]


def test_a_workflow_that_runs_again_calls_no_tool_twice(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """agentarea/agentarea #320.

    The whole workflow is run again 30 s later; each tool had its effect once.
    """

    def workflow(run: int) -> None:
        pay(guard, provider, key=("order-1", "capture"))
        with contextlib.suppress(pytx.OutcomeUnknown):
            lost = TimeoutError("the worker was lost") if run == 0 else None
            pay(guard, provider, key=("order-1", "refund"), after=lost)

    with pytest.raises(TimeoutError):
        workflow(0)
    for run in (1, 2):
        clock.advance(30)
        workflow(run)
    assert moved(provider) == 2


def test_a_duplicate_in_flight_is_told_so(
    guard: pytx.Guard, store: pytx.SqliteStore, provider: Provider, clock: Clock
) -> None:
    """tashfeenahmed/freellmapi #1110.

    While the first is in flight there is a state, and every process sees it.
    """
    elsewhere = pytx.SqliteStore(store.path, clock=clock)
    other = pytx.Guard(elsewhere, scope="acme/test")
    with guard.once("refund.create", key=KEY, money=EUR, recover=pytx.manual(), lease=60) as op:
        with pytest.raises(pytx.InProgress) as caught:
            pay(other, provider)
        assert caught.value.retry_after == pytest.approx(60)
        op.result = provider.pay(op.provider_key, 1000, "EUR")
    assert pay(other, provider) == op.result
    elsewhere.close()
    assert moved(provider) == 1


@pytest.mark.real
def test_a_rollback_of_the_request_does_not_forget_the_key(
    postgres: Postgres, server: pytx.PgStore, provider: Provider
) -> None:
    """dj-stripe/dj-stripe #455: the request's transaction is rolled back after the money moved."""
    guard = pytx.Guard(server, scope="acme/test")

    def request() -> None:
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("create temporary table orders (id int) on commit drop")
            pay(guard, provider)
            raise RuntimeError("a later line of the view")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            request()
    assert moved(provider) == 1
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("select 1")
        inside = pytx.Guard(pytx.PgStore(connection), scope="acme/test")
        with pytest.raises(pytx.InTransaction):
            pay(inside, provider, key=("p2",))
    assert moved(provider) == 1


def test_a_retry_keeps_the_key(guard: pytx.Guard, honest: Provider, clock: Clock) -> None:
    """stripe/stripe-php #637: however an attempt ended, the next one sends the same key."""
    recover = pytx.by_key(window=86400)
    sent: list[str] = []

    def attempt(error: BaseException | None) -> None:
        with guard.once("refund.create", key=KEY, money=EUR, recover=recover) as op:
            sent.append(op.provider_key)
            if not isinstance(error, pytx.NotSent):
                op.result = honest.pay(op.provider_key, 1000, "EUR")
            if error:
                raise error

    for error in (pytx.NotSent(), TimeoutError(), ConnectionResetError()):
        with pytest.raises(type(error)):
            attempt(error)
        clock.advance(10)
    attempt(None)
    assert len(sent) == 4
    assert len(set(sent)) == 1
    assert moved(honest) == 1


def test_a_key_in_use_is_pending_and_no_failure(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """beam-community/stripity-stripe #564.

    A 409 "idempotency_key_in_use" leaves it open until it is found.
    """

    class KeyInUseError(Exception):
        """The provider's 409."""

    recover = found_in(provider)

    def conflict() -> None:
        with guard.once(
            "refund.create", key=KEY, money=EUR, recover=recover, rejected=(DeclinedError,)
        ) as op:
            provider.pay(op.provider_key, 1000, "EUR")  # by the request that is in flight
            raise KeyInUseError

    with pytest.raises(KeyInUseError) as caught:
        conflict()
    assert pytx.explain(caught.value)["status"] == "unknown"
    clock.advance(5)
    assert pay(guard, provider, recover=recover)
    assert moved(provider) == 1


def test_two_endpoints_never_share_a_key(guard: pytx.Guard) -> None:
    """odoo/odoo #101243.

    The operation is in the provider's key, so each endpoint accepts its own.
    """
    used: dict[str, str] = {}

    def post(endpoint: str, key: str) -> str:
        if used.setdefault(key, endpoint) != endpoint:
            raise DeclinedError("keys can only be used for the same endpoint")
        return endpoint

    for operation in ("payment.authorize", "payment.capture", "payment.void"):
        with guard.once(operation, key=("order-1",), recover=pytx.by_key(window=86400)) as op:
            op.result = post(operation, op.provider_key)
    assert len(used) == 3


def test_a_later_charge_of_the_same_object_is_another_intent(
    guard: pytx.Guard, provider: Provider
) -> None:
    """HealthByRo/aa-stripe #68: each month of a subscription is charged, and each of them once."""
    for _ in range(2):
        for month in ("2026-01", "2026-02", "2026-03"):
            pay(guard, provider, operation="charge.create", key=("subscription-1", month))
    assert moved(provider) == 3


@pytest.mark.parametrize("operation", ["refund.create", "capture.create"])
def test_a_row_that_is_deleted_on_an_error_changes_no_key(
    guard: pytx.Guard, honest: Provider, operation: str
) -> None:
    """medusajs/medusa #16681, #16292.

    The caller's row is new at each try, and the provider's key is not.
    """
    rows: dict[int, str] = {}
    recover = pytx.by_key(window=86400)
    for attempt in range(3):
        rows[attempt] = "created"
        try:
            pay(
                guard, honest, operation=operation, recover=recover,
                after=TimeoutError() if attempt < 2 else None,
            )  # fmt: skip
        except TimeoutError:
            del rows[attempt]
    assert list(rows) == [2]
    assert moved(honest) == 1


def test_a_retry_after_a_refusal_is_debited_again(guard: pytx.Guard, provider: Provider) -> None:
    """elizaOS/eliza #11022.

    The refused transfer gave its hold back; the next one does not go without.
    """
    guard.set_cap("wallet", "EUR", 1000)
    with pytest.raises(pytx.Rejected):
        pay(guard, provider, before=pytx.Rejected("51"), cap="wallet")
    cap = guard.cap("wallet", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 0)
    pay(guard, provider, cap="wallet", retry_failed=True)
    with pytest.raises(pytx.CapExceeded):
        pay(guard, provider, cap="wallet", key=("p2",))
    cap = guard.cap("wallet", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 1000)
    assert moved(provider) == 1


def test_already_refunded_is_the_end_of_it(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """vm0-ai/vm0 #32132: it is settled as done by the first pass, and 60 more passes do nothing."""
    asked: list[str] = []

    def find(reference: pytx.Reference) -> pytx.Found:
        asked.append(reference.provider_key)
        return pytx.Found(result={"status": "already refunded"})

    recover = pytx.by_lookup(find, absent_is_final=True)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    settled = []
    for _ in range(61):
        clock.advance(60)
        settled += guard.recover()
        intents = guard.intents("refund.create", since=0)
        lines = [
            pytx.Line(ref=each.key, minor=1000, currency="EUR", provider_id="r1")
            for each in provider.effects()
        ]
        report = pytx.reconcile(intents, lines, cutoff=clock())
        settled += guard.apply(report, absent_is_final=True)
        assert pay(guard, provider, recover=recover) == {"status": "already refunded"}
    assert [row.state for row in settled] == ["succeeded"]
    assert len(asked) == 1
    assert moved(provider) == 1


def test_a_message_that_comes_again_while_it_is_handled_pays_once(
    guard: pytx.Guard, store: pytx.SqliteStore, provider: Provider, clock: Clock
) -> None:
    """celery/celery #5306, #3270, #5935, kombu #337: its time-out is shorter than the handler."""
    runs: list[int] = []

    def handle(message: pytx.Message) -> None:
        runs.append(message.attempt)
        with guard.once(
            "refund.create", key=(message.message_id,), recover=pytx.manual(), lease=7200
        ) as op:
            if op.replayed:
                return
            clock.advance(3600)  # far past the relay's lease: another relay takes it
            Relay(store, {"refund": handle}, lease=60).run_once()
            op.result = provider.pay(op.provider_key, message.payload, "EUR")

    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("begin immediate")
        Outbox(store).enqueue(connection, "refund", 1000)
        connection.execute("commit")
        Relay(store, {"refund": handle}, lease=60).run_once()
        clock.advance(3600)
        Relay(store, {"refund": handle}, lease=60).run_once()
        assert connection.execute("select count(*) from pytx_outbox").fetchone() == (0,)
    assert runs == [1, 2, 3]
    assert moved(provider) == 1


# agents


class Agent:
    """A tool as an agent's application writes it; the loops below are the frameworks' mistakes."""

    def __init__(self, guard: pytx.Guard, provider: Provider, **options: Any) -> None:  # noqa: ANN401
        """Nothing was called. `fails` is raised by the next call, after the money moved."""
        self.fails: BaseException | None = None
        self.keys: list[str] = []
        options = {"recover": pytx.manual(), **options}

        @guard.effect(
            "refund.create", key=("payment_id", "case_id"), money=("amount", "currency"), **options
        )
        def refund(
            payment_id: str, case_id: str, amount: object, currency: str, *, op: pytx.Op
        ) -> dict[str, object]:
            assert payment_id, case_id
            op.timeout(20)
            self.keys.append(op.provider_key)
            minor = pytx.minor(amount, currency)  # type: ignore[arg-type]  # as a model writes it
            done = provider.pay(op.provider_key, minor, currency)
            if self.fails:
                error, self.fails = self.fails, None
                raise error
            return {"status": "done", **done}

        self.refund = refund

    def call(self, tool_call_id: str, amount: object = "10.00", case: str = "c1") -> dict[str, Any]:
        """Call the tool; what it returns is what the model reads."""
        assert tool_call_id
        try:
            return dict(self.refund("p1", case, amount, "EUR"))
        except Exception as error:  # noqa: BLE001 - an exception would make the framework retry
            return pytx.explain(error)


@pytest.fixture
def agent(guard: pytx.Guard, provider: Provider) -> Agent:
    """An agent with one tool."""
    return Agent(guard, provider)


def test_a_model_that_plans_again_pays_once(agent: Agent, provider: Provider) -> None:
    """stripe/ai #402.

    The call failed, and is planned anew: another id, the amount in other words.
    """
    agent.fails = TimeoutError("the reply was lost")
    plans = [("call_1", "10.00"), ("call_2", "10"), ("call_3", 10), ("call_4", Decimal("10.0"))]
    told = [agent.call(*plan) for plan in plans]
    assert [(each["status"], each["retry"]) for each in told] == [("unknown", False)] * 4
    assert moved(provider) == 1


def test_a_tool_always_sends_a_key(agent: Agent, provider: Provider) -> None:
    """razorpay/razorpay-mcp-server #128.

    The model cannot pass one and need not; three calls, one refund.
    """
    parameters = list(inspect.signature(agent.call).parameters)
    assert not any("key" in name for name in parameters)
    for number in range(3):
        agent.call(f"call_{number}")
    [key] = agent.keys
    assert re.fullmatch(r"[0-9a-f-]{36}", key)
    assert moved(provider) == 1


def test_a_task_that_is_retried_keeps_what_its_tools_did(agent: Agent, provider: Provider) -> None:
    """crewAIInc/crewAI #5802: the task fails after its tools ran, and is run again as a whole."""

    def task(attempt: int) -> list[dict[str, Any]]:
        told = [agent.call(f"{attempt}-{case}", case=case) for case in ("c1", "c2")]
        if attempt < 2:
            raise ValueError("the output does not fit its schema")
        return told

    for attempt in range(2):
        with pytest.raises(ValueError, match="schema"):
            task(attempt)
    assert [each["status"] for each in task(2)] == ["done", "done"]
    assert moved(provider) == 2


def test_a_call_with_another_id_is_the_same_intent(agent: Agent, provider: Provider) -> None:
    """openai/openai-agents-python #4254: every turn mints a new tool_call_id; the case decides."""
    told = [agent.call(f"call_{number}") for number in range(5)]
    assert all(each == told[0] for each in told)
    agent.call("call_0", case="c2")  # and the same id for another case is another intent
    assert moved(provider) == 2


def test_a_tool_that_is_called_on_and_on_answers_the_same(agent: Agent, provider: Provider) -> None:
    """openai/openai-agents-python #981: it had succeeded, and says so until the turns run out."""
    turns = [agent.call(f"turn_{number}") for number in range(50)]
    assert {each["status"] for each in turns} == {"done"}
    assert len(agent.keys) == moved(provider) == 1


def test_a_node_that_runs_again_after_an_interrupt_repeats_no_tool(
    agent: Agent, provider: Provider
) -> None:
    """langchain-ai/langgraph #3126.

    One tool interrupts, and after resuming the whole node executes again.
    """

    class InterruptError(Exception):
        """The framework's."""

    def node(answer: str | None) -> list[dict[str, Any]]:
        told = [agent.call("a", case="c1")]
        if answer is None:
            raise InterruptError
        return [*told, agent.call("b", case="c2")]

    with pytest.raises(InterruptError):
        node(None)
    assert [each["status"] for each in node("yes")] == ["done", "done"]
    assert [each["status"] for each in node("yes")] == ["done", "done"]
    assert moved(provider) == 2


def approving(guard: pytx.Guard, provider: Provider) -> Callable[[str, str], dict[str, Any]]:
    """A tool that runs under an approval, whose id is in the key."""

    @guard.effect(
        "payout.create", key=("approval_id",), money=("amount", "currency"), recover=pytx.manual()
    )
    def payout(
        approval_id: str, amount: str, currency: str = "EUR", *, op: pytx.Op
    ) -> dict[str, Any]:
        assert approval_id
        op.timeout(20)
        return provider.pay(op.provider_key, pytx.minor(amount, currency), currency)

    def call(approval_id: str, amount: str) -> dict[str, Any]:
        try:
            return payout(approval_id, amount)
        except pytx.PytxError as error:
            return pytx.explain(error)

    return call


def test_an_interrupt_that_is_resumed_twice_counts_once(
    guard: pytx.Guard, provider: Provider
) -> None:
    """langchain-ai/langgraph #6663.

    The second answer, with another value, moves nothing and asks a person.
    """
    resume = approving(guard, provider)
    assert resume("interrupt-1", "10.00")["amount_minor"] == 1000
    assert resume("interrupt-1", "25.00")["status"] == "needs_approval"
    assert [each.amount_minor for each in provider.effects()] == [1000]


def test_an_approval_is_used_up(guard: pytx.Guard, provider: Provider) -> None:
    """pydantic/pydantic-ai #5536.

    An ordinary retry of an approved call replays; a new approval pays.
    """
    activity = approving(guard, provider)
    told = [activity("approval-1", "10.00") for _ in range(3)]
    assert told[0] == told[1] == told[2]
    activity("approval-2", "10.00")
    assert moved(provider) == 2


@pytest.mark.parametrize("kind", [Exception, BaseException])
def test_a_control_flow_exception_that_is_retried_repeats_nothing(
    agent: Agent, provider: Provider, kind: type[BaseException]
) -> None:
    """pydantic/pydantic-ai #6640.

    It crosses the step after the effect; the engine tries five times.
    """
    deferred = type("CallDeferred", (kind,), {})
    agent.fails = deferred()
    for attempt in range(5):
        with contextlib.suppress(deferred):
            assert agent.call(f"attempt_{attempt}")["status"] == "unknown"
    assert len(agent.keys) == moved(provider) == 1


def test_an_error_that_will_not_change_is_not_sent_again(
    guard: pytx.Guard, provider: Provider
) -> None:
    """pydantic/pydantic-ai #6979.

    A schema error is refused once; an engine that retries gets it again.
    """
    asked: list[str] = []

    class SchemaError(Exception):
        """The provider's 400."""

    @guard.effect(
        "refund.create", key=("case",), money=("amount", "currency"), recover=pytx.manual(),
        rejected=(SchemaError,),
    )  # fmt: skip
    def refund(case: str, amount: object, currency: str, *, op: pytx.Op) -> None:
        asked.append(op.provider_key)
        raise SchemaError(case, amount, currency)

    told = []
    for _ in range(5):
        for amount in ("10.00", 10.5):  # the float does not even fit our own schema
            try:
                refund("c1", amount, "EUR")
            except (SchemaError, pytx.OperationFailed, pytx.MoneyError) as error:
                told.append(type(error))
    assert told == [SchemaError, pytx.MoneyError, *[pytx.OperationFailed, pytx.MoneyError] * 4]
    assert len(asked) == 1
    assert moved(provider) == 0


def test_attempts_that_are_left_run_nothing(agent: Agent, provider: Provider) -> None:
    """NVIDIA-AI-Blueprints/video-search-and-summarization #2170.

    All three attempts are made though the first succeeded.
    """
    told = [agent.call("call_1") for _ in range(3)]
    assert [each["status"] for each in told] == ["done"] * 3
    assert len(agent.keys) == moved(provider) == 1


def test_a_call_that_is_streamed_twice_pays_once(
    store: pytx.SqliteStore, agent: Agent, provider: Provider
) -> None:
    """agno-agi/agno #2640: the adapter hands the same call on twice, at the same time."""
    for number in range(10):
        barrier = threading.Barrier(2)
        told: list[str] = []

        def run(case: str, barrier: threading.Barrier, told: list[str]) -> None:
            barrier.wait()
            told.append(agent.call("call_1", case=case)["status"])
            store.close()

        threads = [
            threading.Thread(target=run, args=(f"c{number}", barrier, told)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) in (["done", "done"], ["done", "in_progress"])
    assert moved(provider) == 10


# outbox, inbox, queues


def drain(relay: Relay) -> None:
    """Deliver all that is due."""
    while relay.run_once():
        pass


@pytest.mark.real
def test_a_message_that_commits_late_is_not_skipped(
    postgres: Postgres, server: pytx.PgStore
) -> None:
    """kamu-data/kamu-cli #1398: a relay does not pass it by because a later id was there first.

    So Eventuous/eventuous #222, SQLStreamStore #121, NEventStore #425, and #2 of
    eugene-khyst/postgresql-event-sourcing.
    """
    outbox, got = Outbox(server), []
    relay = Relay(server, {"t": lambda m: got.append(m.payload)})
    with psycopg.connect(postgres.conninfo) as slow, psycopg.connect(postgres.conninfo) as fast:
        outbox.enqueue(slow, "t", "early id, late commit")
        outbox.enqueue(fast, "t", "late id, early commit")
        fast.commit()
        drain(relay)
        slow.commit()
    drain(relay)
    assert got == ["late id, early commit", "early id, late commit"]


@pytest.mark.real
def test_a_message_that_commits_late_keeps_its_place_in_its_key(
    postgres: Postgres, server: pytx.PgStore
) -> None:
    """thomhurst/Dekaf #2374.

    Who writes the key after an open transaction waits for it; the order holds.
    """
    outbox, got = Outbox(server), []
    relay = Relay(server, {"t": lambda m: got.append(m.payload)})
    written = threading.Event()

    def write_second() -> None:
        with psycopg.connect(postgres.conninfo) as fast:
            outbox.enqueue(fast, "t", "second", key="a")
            written.set()

    with psycopg.connect(postgres.conninfo) as slow:
        outbox.enqueue(slow, "t", "first", key="a")
        thread = threading.Thread(target=write_second)
        thread.start()
        assert not written.wait(0.3)
        drain(relay)
        slow.commit()
    thread.join()
    drain(relay)
    assert got == ["first", "second"]


@pytest.mark.real
def test_a_gap_of_a_rollback_holds_nothing_up(postgres: Postgres, server: pytx.PgStore) -> None:
    """google/nomulus #1539.

    An id that will never come is not waited for; one in flight is not lost.
    """
    outbox, got = Outbox(server), []
    relay = Relay(server, {"t": lambda m: got.append(m.payload)})
    with psycopg.connect(postgres.conninfo) as flight, psycopg.connect(postgres.conninfo) as other:
        for payload, end in (("one", other.commit), ("gone", other.rollback)):
            outbox.enqueue(other, "t", payload)
            end()
        outbox.enqueue(flight, "t", "in flight")
        outbox.enqueue(other, "t", "two")
        other.commit()
        drain(relay)
        assert got == ["one", "two"]
        flight.commit()
    drain(relay)
    assert got == ["one", "two", "in flight"]


@pytest.mark.real
def test_what_waits_is_delivered_after_a_dump_and_restore(
    postgres: Postgres, server: pytx.PgStore
) -> None:
    """ThreeDotsLabs/watermill #576.

    A new cluster counts transactions anew, and nothing goes by them.
    """
    outbox = Outbox(server)
    with psycopg.connect(postgres.conninfo) as connection:
        for number in range(300):  # so that the old cluster is far ahead of the new one
            outbox.enqueue(connection, "t", number, key="a" if number % 2 else None)
            connection.commit()
        [[old]] = connection.execute("select pg_current_xact_id()::text::bigint").fetchall()
    tools = {each.parent for each in Path("/usr/lib/postgresql").glob("*/bin/pg_dump")}
    dump = shutil.which("pg_dump") or str(max(tools) / "pg_dump")
    tables = ["-t", "pytx_outbox", "-t", "pytx_inbox", "--inserts"]
    text = subprocess.run(
        [dump, *tables, "-d", postgres.conninfo], capture_output=True, text=True, check=True
    ).stdout
    folder = Path(tempfile.mkdtemp(prefix="pytx-restored-"))
    user = postgres._user  # noqa: SLF001 - who may run a server is the fixture's to know
    if user:
        shutil.chown(folder, user)
    restored = type(postgres)(folder, user)  # type: ignore[call-arg]  # the fixture's own class
    try:
        restored.make()
        restored.start()
        plain = "\n".join(each for each in text.splitlines() if not each.startswith("\\"))
        with psycopg.connect(restored.conninfo) as connection:
            connection.execute(plain.encode())
            [[new]] = connection.execute("select pg_current_xact_id()::text::bigint").fetchall()
        assert int(new) < int(old)
        got: list[int] = []
        with contextlib.closing(pytx.PgStore(restored.conninfo)) as store:
            drain(Relay(store, {"t": lambda m: got.append(m.payload)}))
    finally:
        restored.stop()
        shutil.rmtree(folder, ignore_errors=True)
    assert sorted(got) == list(range(300))
    assert [each for each in got if each % 2] == list(range(1, 300, 2))


@pytest.mark.real
def test_two_relays_publish_nothing_twice(postgres: Postgres, server: pytx.PgStore) -> None:
    """MassTransit/MassTransit #3791, #4470: at READ COMMITTED, with four relays at once."""
    outbox = Outbox(server)
    with psycopg.connect(postgres.conninfo) as connection:
        for number in range(400):
            outbox.enqueue(connection, "t", number, key=str(number % 20) if number % 2 else None)
    got: list[int] = []
    barrier = threading.Barrier(4)

    def deliver() -> None:
        barrier.wait()
        drain(Relay(server, {"t": lambda m: got.append(m.payload)}, batch=7))
        server.close()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain(Relay(server, {"t": lambda m: got.append(m.payload)}))  # keys that were held meanwhile
    assert Counter(got) == Counter(range(400))


@pytest.mark.real
def test_copies_at_the_same_time_are_handled_once(postgres: Postgres, server: pytx.PgStore) -> None:
    """Particular/NServiceBus #4086.

    The second copy waits for the first one's commit, and then skips.
    """
    assert server.now() > 0
    handled: list[int] = []
    barrier = threading.Barrier(4)

    def receive() -> None:
        for number in range(10):
            barrier.wait()
            with (
                psycopg.connect(postgres.conninfo) as connection,
                pytx.inbox(connection, consumer="ledger", message_id=f"m{number}") as first,
            ):
                if first:
                    handled.append(number)
                    time.sleep(0.02)

    threads = [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(handled) == list(range(10))


@pytest.mark.real
def test_a_message_whose_record_fails_is_handled_once(
    postgres: Postgres, server: pytx.PgStore
) -> None:
    """Particular/NServiceBus docs #1816.

    It could not be marked as dispatched, comes again, and is dropped.
    """
    with psycopg.connect(postgres.conninfo) as connection:
        Outbox(server).enqueue(connection, "t", 1)
    runs, handled = [], []

    def handle(message: pytx.Message) -> None:
        runs.append(message.attempt)
        with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
            with (
                connection.transaction(),
                pytx.inbox(connection, consumer="c", message_id=message.message_id) as first,
            ):
                if first:
                    handled.append(message.payload)
            if message.attempt == 1:  # the relay's own connection is lost
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where pid <> pg_backend_pid() and backend_type = 'client backend'"
                )

    relay = Relay(server, {"t": handle}, lease=1)
    with pytest.raises(pytx.StoreUnavailable):
        relay.run_once()
    assert relay.run_once() == 0  # it is leased still
    time.sleep(1.1)
    assert relay.run_once() == 1
    assert (runs, handled) == ([1, 2], [1])


class Queue:
    """An outbox in a file, by a clock that a test sets."""

    def __init__(self, store: pytx.SqliteStore, clock: Clock) -> None:
        """Empty."""
        self.store, self.clock = store, clock
        self.outbox = Outbox(store)
        self.got: list[object] = []

    def send(self, *payloads: object, key: str | None = None) -> None:
        """Write messages."""
        with contextlib.closing(sqlite3.connect(self.store.path, isolation_level=None)) as file:
            file.execute("begin immediate")
            for payload in payloads:
                self.outbox.enqueue(file, "t", payload, key=key)
            file.execute("commit")

    def relay(self, handle: Callable[[pytx.Message], object] | None = None, **more: Any) -> Relay:  # noqa: ANN401
        """A relay that notes what it gets, unless it is told otherwise."""
        return Relay(
            self.store, {"t": handle or (lambda each: self.got.append(each.payload))}, **more
        )


@pytest.fixture
def queue(store: pytx.SqliteStore, clock: Clock) -> Queue:
    """An empty one."""
    return Queue(store, clock)


def test_a_key_keeps_its_order_when_one_fails(queue: Queue) -> None:
    """gruelbox/transaction-outbox #198: the later ones wait for the one that is tried again."""
    queue.send(1, 2, 3, key="a")
    queue.send("other")

    def handle(message: pytx.Message) -> None:
        if message.payload == 1 and message.attempt < 3:
            raise ConnectionError
        queue.got.append(message.payload)

    for _ in range(12):
        queue.relay(handle).run_once()
        queue.clock.advance(5)
    assert [each for each in queue.got if each != "other"] == [1, 2, 3]
    assert queue.got[0] == "other"


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_a_message_of_a_relay_that_died_is_picked_again(
    queue: Queue, tmp_path: Path, how: str
) -> None:
    """janbjorge/pgqueuer #475, #630, #431: after its lease, not sooner and not never."""
    queue.clock.at = time.time()
    queue.send("job")
    if how == "SIGKILL":
        command = [sys.executable, str(RELAY), str(queue.store.path), str(tmp_path / "heard"), "1"]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    else:
        with pytest.raises(SystemExit):  # what a handler of SIGTERM raises
            queue.relay(lambda _: sys.exit(143)).run_once()
    queue.clock.at = time.time() + 30
    assert queue.relay().run_once() == 0
    queue.clock.advance(60)
    assert queue.relay().run_once() == 1
    assert queue.got == ["job"]


def test_nothing_is_being_done_for_ever(queue: Queue) -> None:
    """procrastinate-org/procrastinate #740, #1408, geolens #624.

    No job repairs, so none can stall; each relay does.
    """
    queue.send("deadly", "fine")

    def handle(message: pytx.Message) -> None:
        if message.payload == "deadly":
            sys.exit(1)
        queue.got.append(message.payload)

    for _ in range(8):
        with contextlib.suppress(SystemExit):
            queue.relay(handle, most_attempts=3).run_once()
        queue.clock.advance(61)
    assert queue.got == ["fine"]
    [dead] = queue.outbox.dead()
    assert (dead.payload, dead.attempt) == ("deadly", 3)


def test_a_batch_of_a_relay_that_died_has_an_owner_again(queue: Queue, tmp_path: Path) -> None:
    """graphile/worker #449: what it had taken and not begun is delivered by another one."""
    queue.clock.at = time.time()
    queue.send(*range(5))
    command = [sys.executable, str(RELAY), str(queue.store.path), str(tmp_path / "heard"), "2"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    queue.clock.at = time.time() + 61
    drain(queue.relay())
    assert {2, 3, 4} <= set(queue.got)
    assert len(queue.got) == 5  # the two that it had delivered come again: at least once
    assert queue.outbox.dead() == []


@pytest.mark.real
def test_a_batch_is_never_larger_than_asked(postgres: Postgres, server: pytx.PgStore) -> None:
    """rust-playground/relay-rs #22.

    Also where the plan is a nested loop that runs the inner query again.
    """
    outbox = Outbox(server)
    with psycopg.connect(postgres.conninfo) as connection:
        for number in range(300):
            outbox.enqueue(connection, "t", number)
        connection.execute("analyze pytx_outbox")
    settings = "enable_hashjoin enable_mergejoin enable_material enable_memoize enable_indexscan"
    options = " ".join(f"-c {name}=off" for name in settings.split())
    with contextlib.closing(pytx.PgStore(f"{postgres.conninfo} options='{options}'")) as store:
        got: list[int] = []
        relay = Relay(store, {"t": lambda m: got.append(m.payload)}, batch=10)
        assert [relay.run_once() for _ in range(3)] == [10, 10, 10]
    assert got == list(range(30))


# the page


def rows() -> list[list[str]]:
    """The page's table: number, issue, what went wrong, what pytx does, test."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [each for each in cells if len(each) == 5 and each[0].isdigit()]


def test_the_page_and_these_tests_agree() -> None:
    """Each of the 46 once, each test with its issue's number; what has none says why."""
    assert [int(number) for number, *_ in rows()] == list(range(1, 47))
    named: dict[str, str] = {}
    for _, issue, _, _, test in rows():
        if test.startswith("- "):
            assert len(test) > 20, "it says why"
            continue
        for file, name in re.findall(r"`(\w+\.py)::(\w+)`", test):
            assert f"def {name}(" in Path(__file__).with_name(file).read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)`", test):
            named[name] = named.get(name, "") + issue
    tests = {name: each for name, each in globals().items() if name.startswith("test_")}
    del tests["test_the_page_and_these_tests_agree"]
    assert named.keys() == tests.keys()
    for name, test in tests.items():
        told = set(re.findall(r"#\d+", test.__doc__ or ""))
        assert told, name
        assert told <= set(re.findall(r"#\d+", named[name])), name

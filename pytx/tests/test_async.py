"""The async faces: the same promises, and a cancellation at any moment breaks none of them."""

import asyncio
import types
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

import pytx
from pytx.recover import Recover
from pytx.testing import Provider

EUR = pytx.Money(amount_minor=1000, currency="EUR")
R = TypeVar("R")


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    """A provider that ignores keys: every request moves money."""
    return Provider(tmp_path / "ledger.jsonl")


@asynccontextmanager
async def opened(source: Any, **options: Any) -> AsyncIterator[pytx.AsyncPgStore]:  # noqa: ANN401
    """A store, closed at the end."""
    store = pytx.AsyncPgStore(source, **options)
    try:
        yield store
    finally:
        await store.close()


def moved(provider: Provider) -> int:
    """How often money moved."""
    return len(list(provider.effects()))


def by_look_up(provider: Provider) -> Recover:
    """Look the payment up in the provider's ledger, asynchronously."""

    async def find(reference: pytx.Reference) -> pytx.Found | pytx.Absent:
        await asyncio.sleep(0)
        effect = provider.find(reference.provider_key)
        if effect is None:
            return pytx.Absent()
        return pytx.Found(result="found", minor=effect.amount_minor, currency=effect.currency)

    return pytx.by_lookup(find, first_after=0, tries=50, settle_after=0, absent_is_final=True)


async def pay(
    guard: pytx.AsyncGuard,
    provider: Provider,
    key: str = "k",
    **options: Any,  # noqa: ANN401
) -> object:
    """Pay once, with a breath before and after the money moves."""
    money = options.pop("money", EUR)
    options.setdefault("recover", pytx.manual())
    async with guard.once("refund.create", key=(key,), money=money, **options) as op:
        if not op.replayed:
            await asyncio.sleep(0)
            op.timeout(20)
            provider.pay(op.provider_key, money.amount_minor, money.currency)
            await asyncio.sleep(0)
            op.result = op.provider_key
    return op.result


@pytest.mark.parametrize("kind", ["conninfo", "pool", "connection"])
def test_sixteen_tasks_on_one_key_pay_once(conninfo: str, provider: Provider, kind: str) -> None:
    """Ten keys: whoever does not pay replays, or is told that it is under way."""

    async def race(store: pytx.AsyncPgStore) -> None:
        guard = pytx.AsyncGuard(store, scope="acme/test")
        for key in map(str, range(10)):
            tasks = [pay(guard, provider, key, wait=20) for _ in range(16)]
            results = await asyncio.gather(*tasks)
            assert len(set(results)) == 1
        assert await guard.open() == []

    async def main() -> None:
        if kind == "conninfo":
            async with opened(conninfo) as store:
                await race(store)
        elif kind == "pool":
            async with (
                AsyncConnectionPool(conninfo, min_size=2, max_size=4, open=False) as pool,
                opened(pool) as store,
            ):
                await race(store)
        else:
            async with (
                await psycopg.AsyncConnection.connect(conninfo) as connection,
                opened(connection) as store,
            ):
                await race(store)
                assert not connection.autocommit

    asyncio.run(main())
    assert moved(provider) == 10


def test_a_function_is_guarded_by_its_arguments(conninfo: str, provider: Provider) -> None:
    """A second call replays, another amount is refused, a refusal is final."""

    async def main() -> None:
        async with opened(conninfo) as store:
            guard = pytx.AsyncGuard(store, scope="acme/test")

            @guard.effect(
                "refund.create",
                key=("payment_id",),
                money=("amount", "currency"),
                recover=pytx.manual(),
                rejected=(PermissionError,),
            )
            async def refund(payment_id: str, amount: str, currency: str, *, op: pytx.Op) -> str:
                await asyncio.sleep(0)
                if payment_id == "bad":
                    raise PermissionError("no")
                provider.pay(op.provider_key, 1000, currency)
                return f"{payment_id} {amount}"

            assert await refund("p1", "10.00", "EUR") == "p1 10.00"
            assert await refund("p1", "10.0", "EUR") == "p1 10.00"
            with pytest.raises(pytx.Mismatch):
                await refund("p1", "999.00", "EUR")
            with pytest.raises(PermissionError):
                await refund("bad", "10.00", "EUR")
            with pytest.raises(pytx.OperationFailed, match="no"):
                await refund("bad", "10.00", "EUR")

    asyncio.run(main())
    assert moved(provider) == 1


def test_what_nobody_knows_is_found_out(conninfo: str, provider: Provider) -> None:
    """An exception after the effect is unknown; an async look-up settles it; caps agree."""

    async def main() -> None:
        async with opened(conninfo) as store:
            guard = pytx.AsyncGuard(store, scope="acme/test")
            await guard.set_cap("p1", "EUR", 5000)
            recover = by_look_up(provider)
            with pytest.raises(TimeoutError):  # noqa: PT012 - the block is what is tried
                async with guard.once(
                    "refund.create", key=("k",), money=EUR, recover=recover, cap="p1"
                ) as op:
                    provider.pay(op.provider_key, 1000, "EUR")
                    raise TimeoutError
            assert [row.state for row in await guard.open()] == ["unknown"]
            [row] = await guard.recover()
            assert row.state == "succeeded"
            assert await pay(guard, provider, recover=recover, cap="p1") == "found"
            cap = await guard.cap("p1", "EUR")
            assert cap is not None
            assert (cap.held, cap.spent) == (0, 1000)
            with pytest.raises(TimeoutError):
                async with guard.once("refund.create", key=("l",), recover=pytx.manual()):
                    raise TimeoutError
            [lost] = await guard.open()
            await guard.resolve(lost.provider_key, "released", why="never sent")
            assert await guard.open() == []
            [known, _] = await store.rows_since("acme/test", "refund.create", 0)
            assert known.identity.key == '["k"]'
            assert await guard.purge(older_than=-5) == 1

    asyncio.run(main())
    assert moved(provider) == 1


class CancelledAt:
    """Runs a coroutine and cancels its task where it waits for the n-th time."""

    def __init__(self, steps: Coroutine[Any, Any, R], n: int) -> None:
        """Count from 1."""
        self._steps = steps
        self._n = n
        self.reached = False

    @types.coroutine
    def run(self) -> Generator[Any, Any, Any]:
        """Go on until it is time."""
        count = 0
        send: Callable[[], Any] = lambda: self._steps.send(None)  # noqa: E731 - see below
        while True:
            try:
                waited_for = send()
            except StopIteration as end:
                return end.value
            count += 1
            if count == self._n:
                self.reached = True
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                yield waited_for
            except BaseException as error:  # noqa: BLE001 - the coroutine is to see all of them
                thrown = error
                send = lambda: self._steps.throw(thrown)  # noqa: B023, E731 - used before it changes
            else:
                send = lambda: self._steps.send(None)  # noqa: E731


@pytest.mark.real
def test_cancelled_at_every_await(conninfo: str, provider: Provider) -> None:
    """C17: money moves at most once, what was done is recorded, and a retry ends in one effect."""
    told: list[str] = []

    async def one(guard: pytx.AsyncGuard, n: int) -> bool:
        recover = by_look_up(provider)
        options = {"recover": recover, "lease": 3, "cap": "p1"}
        cancelled = CancelledAt(pay(guard, provider, str(n), **options), n)
        task = asyncio.ensure_future(_awaited(cancelled))
        await asyncio.wait([task])
        before = moved(provider)
        seen = await guard.store.rows_since("acme/test", "refund.create", 0)
        state = next((row.state for row in seen if row.identity.key == f'["{n}"]'), "none")
        if task.cancelled():
            told.append(f"{state}, {'paid' if _paid(provider, seen, n) else 'not paid'}")
        assert before in (n - 1, n)
        return cancelled.reached

    async def main() -> None:
        async with opened(conninfo) as store:
            guard = pytx.AsyncGuard(store, scope="acme/test")
            await guard.set_cap("p1", "EUR", 10_000_000)
            n = 1
            while await one(guard, n):
                for _ in range(200):
                    try:
                        await pay(guard, provider, str(n), recover=by_look_up(provider), cap="p1")
                        break
                    except (pytx.InProgress, pytx.OutcomeUnknown):
                        await asyncio.sleep(0.1)
                assert moved(provider) == n, f"cancelled at step {n}"
                n += 1
            cap = await guard.cap("p1", "EUR")
            assert cap is not None
            assert (cap.held, cap.spent) == (0, 1000 * moved(provider))
            assert await guard.open() == []

    asyncio.run(main())
    keys = [effect.key for effect in provider.effects()]
    assert len(keys) == len(set(keys))
    assert {"unknown, paid", "succeeded, paid"} <= set(told)
    assert {"released, not paid", "none, not paid"} & set(told)
    assert not {"running, not paid", "succeeded, not paid"} & set(told)  # no claim stays behind


def test_a_record_outlives_the_cancellation_of_its_caller(
    conninfo: str, provider: Provider
) -> None:
    """The row is locked when the effect has ended, and the caller is cancelled while it waits."""

    async def main() -> None:
        async with (
            opened(conninfo) as store,
            await psycopg.AsyncConnection.connect(conninfo) as other,
        ):
            guard = pytx.AsyncGuard(store, scope="acme/test")

            async def work() -> None:
                async with guard.once("refund.create", key=("k",), recover=pytx.manual()) as op:
                    provider.pay(op.provider_key, 1000, "EUR")
                    await other.execute("select 1 from pytx_op for update")

            task = asyncio.ensure_future(work())
            await asyncio.wait([task], timeout=0.5)
            task.cancel()
            await asyncio.wait([task], timeout=0.5)
            assert not task.done()
            await other.commit()
            await asyncio.wait([task], timeout=10)
            assert task.cancelled()
            [row] = await store.rows_since("acme/test", "refund.create", 0)
            assert row.state == "succeeded"

    asyncio.run(main())


async def _awaited(cancelled: CancelledAt) -> object:
    return await cancelled.run()


def _paid(provider: Provider, rows: list[Any], n: int) -> bool:
    keys = {row.provider_key for row in rows if row.identity.key == f'["{n}"]'}
    return any(effect.key in keys for effect in provider.effects())


def test_a_connection_that_is_cut_is_opened_again(conninfo: str, provider: Provider) -> None:
    """All of them at once, around the effect: the record is written over another one."""

    async def main() -> None:
        async with opened(conninfo) as store:
            guard = pytx.AsyncGuard(store, scope="acme/test")
            await asyncio.gather(*(pay(guard, provider, f"warm {n}") for n in range(8)))
            for n in range(5):
                async with guard.once("refund.create", key=(str(n),), recover=pytx.manual()) as op:
                    with psycopg.connect(conninfo, autocommit=True) as connection:
                        connection.execute(
                            "select pg_terminate_backend(pid) from pg_stat_activity "
                            "where pid <> pg_backend_pid() and backend_type = 'client backend'"
                        )
                    provider.pay(op.provider_key, 1000, "EUR")
            assert await guard.open() == []

    asyncio.run(main())
    assert moved(provider) == 13


def test_claim_effect_and_result_commit_together(conninfo: str) -> None:
    """In the caller's async transaction: a rollback forgets all of it, a second call replays."""

    async def main() -> None:
        async with (
            opened(conninfo) as store,
            await psycopg.AsyncConnection.connect(conninfo) as connection,
        ):
            guard = pytx.AsyncGuard(store, scope="acme/test")
            for rolled_back in (True, False, False):
                async with guard.local(connection, "ledger.post", key=("e1",)) as op:
                    assert op.replayed is (op.result == "posted")
                    op.result = "posted"
                await (connection.rollback() if rolled_back else connection.commit())
            with pytest.raises(ZeroDivisionError):
                async with guard.local(connection, "ledger.post", key=("e2",)):
                    raise ZeroDivisionError
            await connection.commit()
            rows = await store.rows_since("acme/test", "ledger.post", 0)
            assert [row.identity.key for row in rows] == ['["e1"]']
            await connection.set_autocommit(True)
            with pytest.raises(pytx.NoTransaction):
                guard.local(connection, "ledger.post", key=("e3",))

    asyncio.run(main())


def test_messages_are_delivered_in_order_and_received_once(conninfo: str) -> None:
    """Handlers may be async or not; what fails is dead in the end, and may be sent again."""
    got: list[object] = []

    async def handle(message: pytx.Message) -> None:
        await asyncio.sleep(0)
        if message.payload == "bad":
            raise pytx.Poison("cannot be read")
        got.append(message.payload)

    async def main() -> None:
        async with (
            opened(conninfo) as store,
            await psycopg.AsyncConnection.connect(conninfo) as connection,
        ):
            outbox = pytx.AsyncOutbox(store)
            for payload in (1, 2, 3, "bad"):
                async with connection.transaction():
                    await outbox.enqueue(connection, "t", payload, key="a")
            await outbox.enqueue(connection, "u", 9)
            await connection.rollback()
            relay = pytx.AsyncRelay(store, {"t": handle, "u": print})
            while await relay.run_once():
                pass
            assert got == [1, 2, 3]
            [dead] = await outbox.dead()
            await outbox.retry_dead(dead.message_id)
            await relay.run_once()
            await outbox.drop_dead(dead.message_id)
            assert await outbox.dead() == []
            for first in (True, False):
                async with (
                    connection.transaction(),
                    pytx.inbox(connection, consumer="c", message_id="m") as is_first,
                ):
                    assert is_first is first

    asyncio.run(main())


def test_a_running_relay_is_woken_and_outlives_a_cancellation(conninfo: str) -> None:
    """A message whose handler is cancelled comes again to the next relay."""
    got: list[int] = []

    async def main() -> None:
        async with (
            opened(conninfo) as store,
            await psycopg.AsyncConnection.connect(conninfo) as connection,
        ):
            outbox, started, stop = pytx.AsyncOutbox(store), asyncio.Event(), asyncio.Event()

            async def handle(message: pytx.Message) -> None:
                got.append(message.attempt)
                started.set()
                if message.attempt == 1:
                    await asyncio.sleep(60)

            first = pytx.AsyncRelay(store, {"t": handle}, poll=30, lease=1)
            task = asyncio.ensure_future(first.run(stop))
            await asyncio.sleep(0.3)
            async with connection.transaction():
                await outbox.enqueue(connection, "t", 1)
            await outbox.poke()
            await asyncio.wait_for(started.wait(), 10)
            task.cancel()
            await asyncio.wait([task])
            started.clear()
            second = pytx.AsyncRelay(store, {"t": handle}, poll=0.05)
            running = asyncio.ensure_future(second.run(stop))
            await asyncio.wait_for(started.wait(), 10)
            assert got == [1, 2]
            stop.set()
            await running

    asyncio.run(main())


def test_a_source_of_the_other_face_is_refused(conninfo: str) -> None:
    """With the name of the one that takes it; so are a blocking function and an async look-up."""

    async def main() -> None:
        async with opened(conninfo) as store:
            with pytest.raises(TypeError, match=r"pytx\.AsyncGuard"):
                pytx.Guard(store, scope="s")  # type: ignore[arg-type]  # what is refused
            guard = pytx.AsyncGuard(store, scope="s")
            with pytest.raises(TypeError, match="make it async"):

                @guard.effect("o", key=("k",), recover=pytx.manual())
                def pay(k: str, *, op: pytx.Op) -> None:
                    """Block."""

            async with AsyncConnectionPool(conninfo, open=False) as pool:
                with pytest.raises(TypeError, match=r"pytx\.AsyncPgStore"):
                    pytx.PgStore(pool)  # type: ignore[arg-type]  # what is refused
            async with await psycopg.AsyncConnection.connect(conninfo) as connection:
                with pytest.raises(TypeError, match=r"pytx\.AsyncPgStore"):
                    pytx.PgStore(connection)  # type: ignore[arg-type]  # what is refused

    asyncio.run(main())
    with closing(pytx.PgStore(conninfo)) as store:
        with pytest.raises(TypeError, match=r"pytx\.Guard"):
            pytx.AsyncGuard(store, scope="s")  # type: ignore[arg-type]  # what is refused
        guard = pytx.Guard(store, scope="s")

        async def find(_: pytx.Reference) -> pytx.Absent:
            return pytx.Absent()

        recover = pytx.by_lookup(find, first_after=0, settle_after=0, absent_is_final=True)
        with pytest.raises(TimeoutError), guard.once("o", key=("k",), recover=recover):
            raise TimeoutError
        with pytest.raises(pytx.OutcomeUnknown), guard.once("o", key=("k",), recover=recover):
            pass
    with (
        ConnectionPool(conninfo, open=False) as blocking,
        pytest.raises(TypeError, match=r"pytx\.PgStore"),
    ):
        pytx.AsyncPgStore(blocking)  # type: ignore[arg-type]  # what is refused

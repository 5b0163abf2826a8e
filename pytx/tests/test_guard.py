"""The guard: at most one effect per intent, whatever happens around it."""

import contextlib
import datetime as dt
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import pytx
from pytx.model import Outcome, Reference, Row, State
from pytx.stores.sqlite import SqliteStore
from pytx.testing import Clock, Provider

KEY = ("p1", "case-7")
EUR = pytx.Money(amount_minor=1000, currency="EUR")


class CardDeclinedError(Exception):
    """What a provider's library raises."""


class NoRouteError(Exception):
    """Nothing left this process."""


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    """An empty store."""
    made = SqliteStore(tmp_path / "pytx.db", clock=clock)
    made.create_schema()
    yield made
    made.close()


@pytest.fixture
def events() -> list[str]:
    """What the guard told."""
    return []


@pytest.fixture
def guard(store: SqliteStore, events: list[str]) -> pytx.Guard:
    """A guard that tells."""
    return pytx.Guard(store, scope="acme/test", on_event=lambda name, _: events.append(name))


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    """A provider that ignores keys: every request moves money."""
    return Provider(tmp_path / "ledger.jsonl")


def moved(provider: Provider) -> int:
    """How often money moved."""
    return len(list(provider.effects()))


def pay(  # noqa: PLR0913 - each is one thing that may go otherwise
    guard: pytx.Guard,
    provider: Provider,
    *,
    after: BaseException | None = None,
    before: BaseException | None = None,
    recover: pytx.recover.Recover | None = None,
    money: pytx.Money = EUR,
    **options: Any,  # noqa: ANN401 - as `once`
) -> object:
    """Pay once; raise before or after the money moved."""
    with guard.once(
        "refund.create", key=options.pop("key", KEY), money=money,
        recover=recover or pytx.manual(), **options,
    ) as op:  # fmt: skip
        if not op.replayed:
            timeout = op.timeout(20)
            assert 0 < timeout <= 20
            if before:
                raise before
            op.result = provider.pay(op.provider_key, money.amount_minor, money.currency)
            if after:
                raise after
    return op.result


def by_look_up(provider: Provider, **changes: Any) -> pytx.recover.Recover:  # noqa: ANN401
    """Look the payment up in the provider's ledger."""

    def find(reference: Reference) -> pytx.Found | pytx.Absent:
        effect = provider.find(reference.provider_key)
        if effect is None:
            return pytx.Absent()
        result = {"id": f"pay_{effect.key[:8]}", "amount_minor": effect.amount_minor}
        return pytx.Found(result=result, minor=effect.amount_minor, currency=effect.currency)

    options = {"absent_is_final": True, **changes}
    return pytx.by_lookup(find, **options)


def test_a_second_call_gets_the_first_ones_result(
    guard: pytx.Guard, provider: Provider, events: list[str]
) -> None:
    """And nothing moves."""
    first = pay(guard, provider)
    assert pay(guard, provider) == first
    assert moved(provider) == 1
    assert events == ["claimed", "replayed"]


@pytest.mark.parametrize(
    ("other", "key"),
    [
        (pytx.Money(amount_minor=99900, currency="EUR"), KEY),
        (pytx.Money(amount_minor=1000, currency="USD"), KEY),
    ],
)
def test_a_key_is_not_used_for_another_amount(
    guard: pytx.Guard, provider: Provider, other: pytx.Money, key: tuple[str, ...]
) -> None:
    """Whatever became of the first one: it is neither run nor answered with another's result."""
    pay(guard, provider)
    with pytest.raises(pytx.Mismatch, match="another intent needs another key"):
        pay(guard, provider, money=other, key=key)
    assert moved(provider) == 1


def test_another_operation_or_scope_is_another_intent(
    guard: pytx.Guard, store: SqliteStore, provider: Provider
) -> None:
    """A refund is not swallowed because a capture had the same key."""
    pay(guard, provider)
    with guard.once("capture.create", key=KEY, recover=pytx.manual()) as op:
        assert not op.replayed
        provider.pay(op.provider_key, 1, "EUR")
    pay(pytx.Guard(store, scope="acme/live"), provider)
    assert moved(provider) == 3


LOST = [
    TimeoutError("the reply was lost"),
    ConnectionResetError("mid-air"),
    CardDeclinedError("not listed as a refusal"),
    KeyboardInterrupt(),
    SystemExit(1),
]


@pytest.mark.parametrize("error", LOST, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_exception_that_proves_nothing_leaves_the_outcome_unknown(
    guard: pytx.Guard, provider: Provider, error: BaseException, when: str
) -> None:
    """The caller sees its own exception; nobody runs it again, and it is listed."""
    with pytest.raises(type(error)):
        pay(guard, provider, before=error if when == "before" else None, after=error)
    for _ in range(3):
        with pytest.raises(pytx.OutcomeUnknown) as caught:
            pay(guard, provider)
        assert caught.value.next_check is None
    assert moved(provider) == (1 if when == "after" else 0)
    [row] = guard.open()
    assert (row.state, row.error) == ("unknown", type(error).__name__)


def test_a_refusal_is_final_and_replayed(guard: pytx.Guard, provider: Provider) -> None:
    """A declined card is not asked again, unless somebody wants that; then under another key."""
    declined = (CardDeclinedError,)
    with pytest.raises(CardDeclinedError):
        pay(guard, provider, before=CardDeclinedError("51"), rejected=declined)
    with pytest.raises(pytx.OperationFailed) as caught:
        pay(guard, provider, rejected=declined)
    assert (caught.value.code, caught.value.message) == ("CardDeclinedError", "51")
    pay(guard, provider, rejected=declined, retry_failed=True)
    [effect] = provider.effects()
    first = pytx.canon.provider_key("acme/test", "refund.create", '["p1","case-7"]', 1)
    assert effect.key != first


def test_a_refusal_of_ones_own_says_its_code(guard: pytx.Guard, provider: Provider) -> None:
    """`Rejected` needs no list."""
    with pytest.raises(pytx.Rejected):
        pay(guard, provider, before=pytx.Rejected("51", "insufficient funds"))
    with pytest.raises(pytx.OperationFailed, match="51: insufficient funds"):
        pay(guard, provider)
    assert moved(provider) == 0


@pytest.mark.parametrize(
    ("error", "options"),
    [(NoRouteError("down"), {"not_sent": (NoRouteError,)}), (pytx.NotSent("full"), {})],
)
def test_what_was_not_sent_runs_again(
    guard: pytx.Guard, provider: Provider, error: Exception, options: dict[str, Any]
) -> None:
    """Nothing happened, so the next call is a first one, under the same key of the provider."""
    with pytest.raises(type(error)):
        pay(guard, provider, before=error, **options)
    assert guard.open() == []
    pay(guard, provider, **options)
    assert moved(provider) == 1


@pytest.mark.parametrize("error", [pytx.NotSent("refused the connection"), pytx.Rejected("51")])
def test_a_second_send_in_one_run_proves_nothing(
    guard: pytx.Guard, provider: Provider, error: Exception
) -> None:
    """The first one may have had its effect, whatever the second one says."""

    def send_twice() -> None:
        with guard.once("refund.create", key=KEY, recover=pytx.manual()) as op:
            op.timeout(20)
            provider.pay(op.provider_key, 1000, "EUR")
            op.timeout(20)
            raise error

    with pytest.raises(type(error)):
        send_twice()
    assert [row.state for row in guard.open()] == ["unknown"]
    assert pytx.explain(error)["status"] == "unknown"


def test_not_sent_proves_nothing_after_an_unknown_call(
    guard: pytx.Guard, tmp_path: Path, clock: Clock
) -> None:
    """The first call's reply was lost, the second one sent nothing: the money has moved, once.

    Were the intent released, a call after the provider's window would pay again.
    """
    provider = Provider(tmp_path / "ledger.jsonl")
    recover = pytx.by_key(window=3600)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    with pytest.raises(pytx.NotSent) as caught:
        pay(guard, provider, before=pytx.NotSent("no route"), recover=recover)
    assert pytx.explain(caught.value)["status"] == "unknown"
    assert [row.state for row in guard.open()] == ["unknown"]
    clock.advance(3600)
    with pytest.raises(pytx.OutcomeUnknown):
        pay(guard, provider, recover=recover)
    assert moved(provider) == 1


def test_being_turned_away_proves_nothing_after_an_unknown_call(
    guard: pytx.Guard, provider: Provider
) -> None:
    """A door that is shut to the second call says nothing of the first; a refused key does."""
    window = pytx.by_key(window=86400)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=window)
    with pytest.raises(CardDeclinedError):
        pay(guard, provider, before=CardDeclinedError(), recover=window,
            rejected=(CardDeclinedError,))  # fmt: skip
    assert [row.state for row in guard.open()] == ["unknown"]
    other = ("p2",)
    with pytest.raises(TimeoutError):
        pay(guard, provider, before=TimeoutError(), recover=window, key=other)
    with pytest.raises(pytx.Rejected):
        pay(guard, provider, before=pytx.Rejected("declined"), recover=window, key=other)
    with pytest.raises(pytx.OperationFailed):
        pay(guard, provider, recover=window, key=other)
    assert moved(provider) == 1


def test_a_lease_that_is_spent_sends_nothing(
    guard: pytx.Guard, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped past its lease learns so in the argument of its call."""
    real = time.monotonic

    def stopped() -> None:
        with guard.once("refund.create", key=KEY, recover=pytx.manual(), lease=60) as op:
            monkeypatch.setattr(time, "monotonic", lambda: real() + 59)
            provider.pay(op.provider_key, int(op.timeout(20)), "EUR")

    with pytest.raises(pytx.LeaseSpent):
        stopped()
    monkeypatch.undo()
    assert moved(provider) == 0
    assert guard.open() == []  # released: nothing happened


def test_whoever_comes_while_it_runs_is_told_when_to_come_back(
    guard: pytx.Guard, provider: Provider, clock: Clock, events: list[str]
) -> None:
    """And after the lease nobody runs it again."""
    with guard.once("refund.create", key=KEY, money=EUR, recover=pytx.manual(), lease=60) as op:
        clock.advance(10)
        with pytest.raises(pytx.InProgress) as caught:
            pay(guard, provider)
        assert caught.value.retry_after == pytest.approx(50)
        clock.advance(51)
        with pytest.raises(pytx.OutcomeUnknown):
            pay(guard, provider)
        op.result = provider.pay(op.provider_key, 1000, "EUR")
    assert pay(guard, provider) == op.result  # the slow owner settled its own
    assert moved(provider) == 1
    assert events.count("in_progress") == 1


def test_a_caller_may_wait(tmp_path: Path, provider: Provider) -> None:
    """It gets the other's result, holding no connection meanwhile."""
    store = SqliteStore(tmp_path / "waiting.db")
    store.create_schema()
    guard = pytx.Guard(store, scope="acme/test")
    inside = threading.Event()

    def slow() -> None:
        with guard.once("refund.create", key=KEY, money=EUR, recover=pytx.manual()) as op:
            inside.set()
            time.sleep(0.3)
            op.result = provider.pay(op.provider_key, 1000, "EUR")

    thread = threading.Thread(target=slow)
    thread.start()
    inside.wait()
    result = pay(guard, provider, wait=10)
    thread.join()
    assert result == pay(guard, provider)
    assert moved(provider) == 1


def test_inside_the_providers_window_it_is_sent_again_under_the_same_key(
    guard: pytx.Guard, tmp_path: Path, clock: Clock
) -> None:
    """The provider knows the key; after the window nobody sends any more."""
    provider = Provider(tmp_path / "honest.jsonl", profile="replay_all_24h")
    recover = pytx.by_key(window=3600)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    assert pay(guard, provider, recover=recover) == pay(guard, provider, recover=recover)
    assert moved(provider) == 1
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover, key=("p2",))
    clock.advance(3600)
    with pytest.raises(pytx.OutcomeUnknown):
        pay(guard, provider, recover=recover, key=("p2",))
    assert moved(provider) == 2


def test_a_look_up_finds_what_happened(
    guard: pytx.Guard, provider: Provider, clock: Clock, events: list[str]
) -> None:
    """The retry gets the original result, once the provider may be asked."""
    recover = by_look_up(provider)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    with pytest.raises(pytx.OutcomeUnknown) as caught:
        pay(guard, provider, recover=recover)
    assert caught.value.next_check == pytest.approx(2)
    clock.advance(2)
    result = pay(guard, provider, recover=recover)
    assert result == {"id": f"pay_{next(provider.effects()).key[:8]}", "amount_minor": 1000}
    assert moved(provider) == 1
    assert events[-3:] == ["checked", "recovered", "replayed"]


def test_absent_is_believed_only_when_the_first_owner_is_surely_done(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """Not at the first look-up; after settling, the intent runs for the first time."""
    recover = by_look_up(provider, settle_after=120)
    with pytest.raises(TimeoutError):
        pay(guard, provider, before=TimeoutError(), recover=recover)
    clock.advance(2)
    with pytest.raises(pytx.OutcomeUnknown) as caught:
        pay(guard, provider, recover=recover)
    assert caught.value.next_check == pytest.approx(118)
    clock.advance(118)
    pay(guard, provider, recover=recover)
    assert moved(provider) == 1


def test_absent_that_is_never_final_leaves_it_to_a_person(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """Three look-ups, within two hours, and no more."""
    recover = by_look_up(provider, absent_is_final=False, tries=3, first_after=90)
    with pytest.raises(TimeoutError):
        pay(guard, provider, before=TimeoutError(), recover=recover)
    told: list[float | None] = []
    for _ in range(6):
        clock.advance(3000)
        with pytest.raises(pytx.OutcomeUnknown) as caught:
            pay(guard, provider, recover=recover)
        told.append(caught.value.next_check)
    assert told[-1] is None
    assert guard.open()[0].checks <= 3
    assert moved(provider) == 0


def test_another_amount_at_the_provider_settles_nothing(
    guard: pytx.Guard, provider: Provider, clock: Clock, events: list[str]
) -> None:
    """It is told, and left to a person."""
    recover = pytx.by_lookup(
        lambda _: pytx.Found(result={}, minor=999, currency="EUR"), absent_is_final=True
    )
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    clock.advance(5)
    with pytest.raises(pytx.OutcomeUnknown):
        pay(guard, provider, recover=recover)
    assert "contradiction" in events


def test_a_refusal_that_is_found_is_replayed(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """As if the first call had heard it."""
    recover = pytx.by_lookup(lambda _: pytx.Refused(code="51"), absent_is_final=True)
    with pytest.raises(TimeoutError):
        pay(guard, provider, before=TimeoutError(), recover=recover)
    clock.advance(5)
    with pytest.raises(pytx.OperationFailed, match="51"):
        pay(guard, provider, recover=recover)


def test_a_look_up_that_breaks_says_nothing(
    guard: pytx.Guard, provider: Provider, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, counted, and tried again later."""

    def broken(_: Reference) -> pytx.Found:
        raise RuntimeError("no network")

    recover = pytx.by_lookup(broken, absent_is_final=True)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    clock.advance(5)
    with caplog.at_level(logging.ERROR, "pytx"), pytest.raises(pytx.OutcomeUnknown):
        pay(guard, provider, recover=recover)
    assert "the look-up of" in caplog.text
    assert guard.open()[0].checks == 1


def test_a_retry_storm_is_no_status_storm(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """Fifty callers at once make one look-up, and all of them five in all."""
    asked: list[float] = []

    def pending(_: Reference) -> pytx.Pending:
        asked.append(clock())
        time.sleep(0.01)
        return pytx.Pending()

    recover = pytx.by_lookup(pending, absent_is_final=True, first_after=2, tries=5)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)

    def call() -> None:
        with pytest.raises(pytx.OutcomeUnknown):
            pay(guard, provider, recover=recover)
        guard.store.close()

    for _ in range(8):
        clock.advance(100)
        threads = [threading.Thread(target=call) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(asked) == 5
    assert len(set(asked)) == 5


def test_recover_makes_one_pass(guard: pytx.Guard, provider: Provider, clock: Clock) -> None:
    """Over all that is due and known to this guard; nothing is sent again."""
    recover = by_look_up(provider)
    for key in (("a",), ("b",), ("c",)):
        error = {"before": TimeoutError()} if key == ("c",) else {"after": TimeoutError()}
        with pytest.raises(TimeoutError):
            pay(guard, provider, recover=recover, key=key, **error)  # type: ignore[arg-type]  # one of two
    with pytest.raises(TimeoutError), guard.once("other", key=KEY, recover=pytx.manual()):
        raise TimeoutError
    assert guard.recover() == []
    clock.advance(5)
    assert {row.identity.key for row in guard.recover()} == {'["a"]', '["b"]'}
    clock.advance(200)
    assert [row.state for row in guard.recover()] == ["released"]
    assert [row.identity.operation for row in guard.open()] == ["other"]
    assert moved(provider) == 2
    assert pytx.Guard(guard.store, scope="acme/test").recover() == []


def test_what_nobody_can_look_up_does_not_keep_others_from_it(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """However many wait for a person, and are older."""
    for number in range(5):
        with pytest.raises(TimeoutError):
            pay(guard, provider, after=TimeoutError(), key=("manual", number))
    clock.advance(100)
    found = pytx.by_lookup(lambda _: pytx.Found(), absent_is_final=True)
    with pytest.raises(TimeoutError), guard.once("look-up", key=("k",), recover=found):
        raise TimeoutError
    clock.advance(61)
    assert [row.state for row in guard.recover(limit=2)] == ["succeeded"]


def test_nobody_asks_a_provider_too_late(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """Not later than `within` after the send, though no look-up was made before."""
    recover = by_look_up(provider, first_after=90, tries=3, within=7200)
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError(), recover=recover)
    clock.advance(7201)
    assert guard.recover() == []
    with pytest.raises(pytx.OutcomeUnknown) as caught:
        pay(guard, provider, recover=recover)
    assert caught.value.next_check is None
    assert [row.checks for row in guard.open()] == [0]


def test_a_person_settles_what_nobody_knows(
    guard: pytx.Guard, provider: Provider, events: list[str]
) -> None:
    """With a reason, once, and only what is unknown."""
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError())
    [row] = guard.open()
    for state, why, said in (
        ("unknown", "x", "resolved as succeeded, failed or released"),
        ("succeeded", " ", "say why"),
    ):
        with pytest.raises(ValueError, match=said):
            guard.resolve(row.provider_key, state, why=why)  # type: ignore[arg-type]  # a wrong one
    with pytest.raises(ValueError, match="there is no intent"):
        guard.resolve("nobody's", "failed", why="x")
    with pytest.raises(ValueError, match="there is no intent"):
        pytx.Guard(guard.store, scope="acme/live").resolve(row.provider_key, "failed", why="x")
    settled = guard.resolve(row.provider_key, "succeeded", why="on the statement", result={"id": 1})
    assert (settled.state, settled.note) == ("succeeded", "on the statement")
    assert pay(guard, provider) == {"id": 1}
    with pytest.raises(ValueError, match="the intent is succeeded"):
        guard.resolve(row.provider_key, "failed", why="x")
    assert events[-2:] == ["recovered", "replayed"]


@pytest.mark.parametrize(("state", "after"), [("failed", pytx.OperationFailed), ("released", None)])
def test_a_person_may_say_that_nothing_moved(
    guard: pytx.Guard,
    provider: Provider,
    state: State,
    after: type[Exception] | None,
) -> None:
    """Failed is final; released runs again."""
    with pytest.raises(TimeoutError):
        pay(guard, provider, before=TimeoutError())
    [row] = guard.open()
    guard.resolve(row.provider_key, state, why="asked the provider by phone")
    if after:
        with pytest.raises(after, match="asked the provider by phone"):
            pay(guard, provider)
    else:
        pay(guard, provider)
    assert moved(provider) == (0 if after else 1)


def test_caps_stop_split_refunds(guard: pytx.Guard, provider: Provider, events: list[str]) -> None:
    """Two keys, one payment: together not more than was captured."""
    with pytest.raises(pytx.CapMissing):
        pay(guard, provider, cap="p1")
    guard.set_cap("p1", "EUR", 1500)
    pay(guard, provider, cap="p1")
    with pytest.raises(pytx.CapExceeded) as caught:
        pay(guard, provider, cap="p1", key=("p1", "case-8"))
    assert caught.value.remaining == 500
    cap = guard.cap("p1", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent, cap.remaining) == (0, 1000, 500)
    assert events.count("cap_refused") == 2
    assert moved(provider) == 1


@pytest.mark.parametrize(
    "result",
    [
        None,
        {"id": "r1", "amount": Decimal("10.00"), "on": dt.date(2026, 3, 1), "list": [1, "a", 1.5]},
        dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        uuid.UUID(int=7),
        "text",
        [],
    ],
)
def test_a_replay_is_of_the_same_value_and_type(guard: pytx.Guard, result: object) -> None:
    """Decimals, dates and ids come back as what they were."""
    with guard.once("o", key=KEY, recover=pytx.manual()) as first:
        first.result = result
    with guard.once("o", key=KEY, recover=pytx.manual()) as op:
        assert op.replayed
    assert op.result == result
    assert type(op.result) is type(result)


@pytest.mark.parametrize(
    "result", [object(), {1: "a"}, {"$pytx": 1}, "x" * 70_000, float("nan"), b"bytes"]
)
def test_a_result_that_cannot_be_kept_has_happened_all_the_same(
    guard: pytx.Guard, result: object
) -> None:
    """The first caller has it; a replay says that it happened, and does not run again."""
    with guard.once("o", key=KEY, recover=pytx.manual()) as op:
        op.result = result
    assert op.result is result
    again = guard.once("o", key=KEY, recover=pytx.manual())
    with pytest.raises(pytx.ReplayUnavailable, match="it happened, once"), again:
        pass
    assert guard.open() == []


def test_a_purged_result_is_not_paid_again(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """The key stays for as long as nobody says otherwise."""
    pay(guard, provider)
    clock.advance(100)
    assert guard.purge(older_than=101) == 0
    assert guard.purge(older_than=99) == 1
    with pytest.raises(pytx.ReplayUnavailable):
        pay(guard, provider)
    assert guard.purge(older_than=99, keep_keys=False) == 1
    pay(guard, provider)
    assert moved(provider) == 2


def test_an_owner_that_comes_too_late_is_told(
    guard: pytx.Guard, tmp_path: Path, clock: Clock, events: list[str]
) -> None:
    """Its result is kept beside the other one: a suspected duplicate."""
    provider = Provider(tmp_path / "honest.jsonl")
    recover = pytx.by_key(window=3600)
    ops: list[pytx.Op] = []

    def slow() -> None:
        with guard.once("refund.create", key=KEY, money=EUR, recover=recover, lease=60) as op:
            ops.append(op)
            clock.advance(61)
            pay(guard, provider, recover=recover)
            op.result = provider.pay(op.provider_key, 1000, "EUR")

    with pytest.raises(pytx.LateResult) as caught:
        slow()
    [op] = ops
    assert caught.value.result == op.result
    assert "late_result" in events
    seen = guard.store.by_provider_key(op.provider_key)
    assert seen is not None
    assert (seen.row.state, seen.row.late is not None) == ("succeeded", True)


def test_a_late_result_of_a_released_intent_is_not_paid_again(
    guard: pytx.Guard, provider: Provider, clock: Clock
) -> None:
    """The provider said that there is none, and was wrong: the intent waits for a person then."""
    guard.set_cap("p1", "EUR", 1000)
    absent = pytx.by_lookup(lambda _: pytx.Absent(), absent_is_final=True, settle_after=0)

    def slow() -> None:
        with guard.once(
            "refund.create", key=KEY, money=EUR, recover=absent, lease=60, cap="p1"
        ) as op:
            clock.advance(61)
            assert [row.state for row in guard.recover()] == ["released"]
            op.result = provider.pay(op.provider_key, 1000, "EUR")

    with pytest.raises(pytx.LateResult):
        slow()
    for _ in range(2):
        with pytest.raises(pytx.OutcomeUnknown) as caught:
            pay(guard, provider, recover=absent, cap="p1")
        assert caught.value.next_check is None
    [row] = guard.open()
    assert (row.state, row.late is not None) == ("released", True)
    guard.resolve(row.provider_key, "succeeded", why="it is on the statement", result={"id": 1})
    assert pay(guard, provider, recover=absent, cap="p1") == {"id": 1}
    cap = guard.cap("p1", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 1000)
    assert moved(provider) == 1
    assert guard.open() == []


def test_a_late_result_may_be_found_to_be_nothing(guard: pytx.Guard, clock: Clock) -> None:
    """A person says that it failed: caps stay as they were, and it is not asked about again."""
    guard.set_cap("p1", "EUR", 1000)
    absent = pytx.by_lookup(lambda _: pytx.Absent(), absent_is_final=True, settle_after=0)

    def slow() -> None:
        with guard.once("refund.create", key=KEY, money=EUR, recover=absent, lease=60, cap="p1"):
            clock.advance(61)
            guard.recover()

    with pytest.raises(pytx.LateResult):
        slow()
    [row] = guard.open()
    settled = guard.resolve(row.provider_key, "failed", why="the provider reversed it")
    assert settled.note == "the provider reversed it (late result: null)"
    assert guard.open() == []
    cap = guard.cap("p1", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 0)


class Failing:
    """A store that cannot be used now and then, in front of a real one."""

    def __init__(self, store: SqliteStore) -> None:
        """Everything goes through."""
        self._store = store
        self.before = 0  # so many writes never arrive
        self.after = 0  # so many writes arrive, and their answers are lost
        self.only = ""  # only those of this name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the store's own
        """Let a call through, or lose it or its answer."""
        real: Callable[..., Any] = getattr(self._store, name)
        if name not in ((self.only,) if self.only else ("claim", "reclaim", "finish")):
            return real

        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if self.before:
                self.before -= 1
                raise pytx.StoreUnavailable("down")
            result = real(*args, **kwargs)
            if self.after:
                self.after -= 1
                raise pytx.StoreUnavailable("the answer was lost")
            return result

        return call


@pytest.fixture
def failing(store: SqliteStore) -> Failing:
    """The store behind a bad line."""
    return Failing(store)


def test_without_its_store_nothing_runs(failing: Failing, provider: Provider) -> None:
    """No option changes that."""
    guard = pytx.Guard(failing, scope="acme/test")
    failing.before = 99
    with pytest.raises(pytx.StoreUnavailable):
        pay(guard, provider)
    assert moved(provider) == 0


def test_a_claim_whose_answer_is_lost_is_made_again(failing: Failing, provider: Provider) -> None:
    """It finds its own owner, and has won."""
    guard = pytx.Guard(failing, scope="acme/test")
    failing.after = 2
    result = pay(guard, provider)
    assert pay(guard, provider) == result
    assert moved(provider) == 1


def test_a_released_claim_whose_answer_is_lost_is_made_again(
    failing: Failing, provider: Provider
) -> None:
    """The same for one that takes over what was released."""
    guard = pytx.Guard(failing, scope="acme/test")
    with pytest.raises(pytx.NotSent):
        pay(guard, provider, before=pytx.NotSent())
    failing.only, failing.after = "reclaim", 2
    with guard.once("refund.create", key=KEY, money=EUR, recover=pytx.manual()) as op:
        assert failing.after == 0
        op.result = provider.pay(op.provider_key, 1000, "EUR")
    assert moved(provider) == 1
    assert guard.open() == []


def test_a_late_result_is_told_though_it_cannot_be_kept(
    failing: Failing, provider: Provider, clock: Clock
) -> None:
    """The caller learns of the duplicate, whatever the store does."""
    guard = pytx.Guard(failing, scope="acme/test")
    recover = pytx.by_key(window=3600)

    def slow() -> None:
        with guard.once("refund.create", key=KEY, money=EUR, recover=recover, lease=60) as op:
            clock.advance(61)
            pay(guard, provider, recover=recover)
            op.result = provider.pay(op.provider_key, 1000, "EUR")
            failing.only, failing.before = "keep_late", 99

    with pytest.raises(pytx.LateResult):
        slow()


def test_a_finish_is_repeated(failing: Failing, provider: Provider, events: list[str]) -> None:
    """Also when it had arrived and only the answer was lost: that is no late result."""
    guard = pytx.Guard(failing, scope="acme/test")

    def pay_with(before: int, after: int, key: tuple[str]) -> None:
        with guard.once("o", key=key, recover=pytx.manual()) as op:
            failing.before, failing.after = before, after
            op.result = provider.pay(op.provider_key, 1, "EUR")
        failing.before = failing.after = 0
        with guard.once("o", key=key, recover=pytx.manual()) as again:
            assert again.replayed

    pay_with(2, 0, ("a",))
    pay_with(0, 1, ("b",))
    assert moved(provider) == 2
    assert "late_result" not in events


def test_a_finish_that_is_never_taken_leaves_it_unknown(
    failing: Failing, store: SqliteStore, provider: Provider, clock: Clock
) -> None:
    """The caller has its result; nobody runs it again, and a look-up heals it."""
    told: list[str] = []
    guard = pytx.Guard(
        failing,
        scope="acme/test",
        on_event=lambda name, _: told.append(name),
    )
    recover = by_look_up(provider)
    with guard.once("refund.create", key=KEY, money=EUR, recover=recover, lease=1.6) as op:
        op.result = provider.pay(op.provider_key, 1000, "EUR")
        failing.before = 10_000
    assert told[-1] == "finish_lost"
    failing.before = 0
    clock.advance(10)
    assert [row.state for row in guard.open()] == ["running"]
    assert pay(pytx.Guard(store, scope="acme/test"), provider, recover=recover) == op.result
    assert moved(provider) == 1


def test_a_hook_that_raises_changes_nothing(
    store: SqliteStore, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged."""

    def broken(name: str, row: Row | None) -> None:
        raise RuntimeError(name, row)

    guard = pytx.Guard(store, scope="acme/test", on_event=broken)
    with caplog.at_level(logging.ERROR, "pytx"):
        assert pay(guard, provider) == pay(guard, provider)
    assert "the on_event hook raised at claimed" in caplog.text


# the decorator


def test_a_function_is_guarded_by_its_arguments(guard: pytx.Guard, provider: Provider) -> None:
    """By name or place, default or given: it is the same intent, and the same amount."""

    @guard.effect(
        "refund.create", key=("payment_id", "case_id"), same=("reason",),
        money=("amount", "currency"), recover=pytx.manual(), cap="payment_id",
    )  # fmt: skip
    def refund(  # noqa: PLR0913 - as real ones have
        payment_id: str,
        case_id: str,
        amount: str | Decimal | int,
        currency: str = "EUR",
        *,
        reason: str = "late",
        op: pytx.Op,
    ) -> dict[str, object]:
        """Refund a payment."""
        assert (payment_id, case_id, reason) == ("p1", "c1", "late")
        op.timeout(20)
        return provider.pay(op.provider_key, pytx.minor(amount, currency), currency)

    guard.set_cap("p1", "EUR", 1000)
    first = refund("p1", "c1", "10.00")
    assert refund(case_id="c1", payment_id="p1", amount=Decimal("10.0"), reason="late") == first
    assert refund("p1", "c1", 10, "EUR") == first
    with pytest.raises(pytx.Mismatch):
        refund("p1", "c1", "10.00", reason="broken")
    with pytest.raises(pytx.CapExceeded):
        refund("p1", "c2", "0.01")
    with pytest.raises(pytx.MoneyError, match="float"):
        refund("p1", "c3", 10.0)
    assert moved(provider) == 1
    assert (refund.__name__, refund.__doc__) == ("refund", "Refund a payment.")


def test_a_key_may_be_computed(guard: pytx.Guard, provider: Provider) -> None:
    """From all arguments."""

    @guard.effect("o", key=lambda a: (a["order"]["id"],), recover=pytx.manual())
    def ship(order: dict[str, str], *, op: pytx.Op) -> object:
        return provider.pay(op.provider_key, len(order), "EUR")

    assert ship({"id": "o1", "note": "a"}) == ship({"id": "o1", "note": "b"})
    assert moved(provider) == 1


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        (lambda payment: payment, {}, "has no keyword argument 'op'"),
        (lambda *, op: op, {}, "has no argument 'payment'"),
        (lambda payment, *, op: (payment, op), {"same": ("reason",)}, "no argument 'reason'"),
        (lambda payment, *, op: (payment, op), {"money": ("a", "b")}, "has no argument 'a'"),
    ],
)
def test_a_function_that_cannot_be_guarded_is_refused_where_it_is_written(
    guard: pytx.Guard, function: Callable[..., object], options: dict[str, Any], said: str
) -> None:
    """Not at its first call."""
    with pytest.raises(TypeError, match=said):
        guard.effect("o", key=("payment",), recover=pytx.manual(), **options)(function)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"key": ()}, ValueError, "at least one part"),
        ({"key": ("",)}, ValueError, "part 1 of the key is empty"),
        ({"key": (1.5,)}, TypeError, "float"),
        ({"same": {"rate": 1.5}}, TypeError, "float"),
        ({"same": {"at": dt.datetime(2026, 1, 1)}}, TypeError, "no zone"),  # noqa: DTZ001
        ({"operation": " "}, ValueError, "an operation has a name"),
        ({"lease": 0}, ValueError, "the lease is 0"),
        ({"cap": "p1"}, ValueError, "a cap counts money"),
        ({"money": pytx.Money(amount_minor=-1, currency="EUR")}, ValueError, "is negative"),
    ],
)
def test_bad_input_is_refused_before_anything_is_stored(
    guard: pytx.Guard,
    store: SqliteStore,
    options: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    """With one clear sentence."""
    options = {"operation": "o", "key": KEY, **options}
    with pytest.raises(error, match=said):
        guard.once(options.pop("operation"), recover=pytx.manual(), **options)
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("select count(*) from pytx_op").fetchone() == (0,)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: pytx.by_key(window=0), "the window is 0"),
        (lambda: pytx.by_lookup(lambda _: pytx.Pending(), tries=0, absent_is_final=True), "tries"),
        (
            lambda: pytx.by_lookup(lambda _: pytx.Pending(), within=-1, absent_is_final=True),
            "within is -1",
        ),
        (lambda: pytx.manual() | pytx.by_key(window=1), "in this order"),
        (lambda: pytx.by_key(window=1) | pytx.manual(), "in this order"),
        (
            lambda: (
                pytx.by_key(window=86400)
                | pytx.by_lookup(lambda _: pytx.Pending(), absent_is_final=True)
            ),
            "say a longer within=",
        ),
    ],
)
def test_a_recovery_that_makes_no_sense_is_refused(make: Callable[[], object], said: str) -> None:
    """Where it is written."""
    with pytest.raises(ValueError, match=said):
        make()


def test_again_inside_the_window_and_a_look_up_after_it(
    guard: pytx.Guard, tmp_path: Path, clock: Clock
) -> None:
    """Both ways, one after the other."""
    provider = Provider(tmp_path / "honest.jsonl", profile="replay_all_24h")
    recover = pytx.by_key(window=600) | by_look_up(provider)
    for key, passed in ((("a",), 10), (("b",), 700)):
        with pytest.raises(TimeoutError):
            pay(guard, provider, after=TimeoutError(), recover=recover, key=key)
        clock.advance(passed)
        assert pay(guard, provider, recover=recover, key=key)
    assert moved(provider) == 2


def test_a_scope_is_named(store: SqliteStore) -> None:
    """Tenant and environment keep apart what must not meet."""
    with pytest.raises(ValueError, match="a scope names the tenant"):
        pytx.Guard(store, scope=" ")


def test_an_intent_that_changes_while_a_person_looks_is_not_settled(
    guard: pytx.Guard, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is asked to look again."""
    with pytest.raises(TimeoutError):
        pay(guard, provider, after=TimeoutError())
    [row] = guard.open()
    real = guard.store.by_provider_key

    def meanwhile(provider_key: str) -> object:
        seen = real(provider_key)
        guard.store.settle(row, Outcome(state="succeeded", result="1"), "somebody else")
        return seen

    monkeypatch.setattr(guard.store, "by_provider_key", meanwhile)
    with pytest.raises(ValueError, match="changed meanwhile"):
        guard.resolve(row.provider_key, "failed", why="x")

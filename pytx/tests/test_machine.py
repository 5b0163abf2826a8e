"""Two workers, a clock that steps and faults, against a model: Hypothesis looks for a way in.

Nobody lies in it: the provider honours keys where `by_key` says so, and for as long as it says; a
look-up may be late, but not later than the settling time; a person reads the ledger; and whatever
is sent is sent under `op.timeout()`. What is left then is the one promise: at most one effect per
intent, and no intent whose state is lost.
"""

import asyncio
import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import pytx
from pytx.blocks import Once
from pytx.model import Identity, State
from pytx.recover import Recover
from pytx.testing import Clock

LEASE = 60.0
WINDOW = 3600.0
SETTLE = 120.0
NEVER = 1e9
SCOPE = "acme/test"
OPERATION = "refund.create"
WAYS: tuple[str | type[BaseException], ...] = (
    "told", "told", "told", "killed", TimeoutError, KeyboardInterrupt, asyncio.CancelledError
)  # fmt: skip
FATES = ("paid", "paid", "refused", "lost", "unreachable")
AMOUNTS = st.sampled_from([100, 100, 100, 100, 100, 100, 100, 250])
CHANGES = st.sampled_from([None, None, None, 3000, 350, 0])
SHARED = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
MEMORY = SHARED if Path(SHARED).is_dir() else None  # no power is cut here, so no disk is needed
HOW = ("look-ups", "look-ups", "person", "statement", "statement", "all")
STEPS = st.sampled_from([60.0, 1800.0, 120.0, 2.0, 30.0, 58.6, 0.1, 119.0, 3540.0, 10800.0])


@dataclass(slots=True, kw_only=True)
class Request:
    """One that reached the provider: money moved, or it was refused. Look-ups may see it later."""

    key: str
    minor: int
    paid: bool
    at: float
    seen_from: float

    @property
    def result(self) -> dict[str, object]:
        """What the provider answers of it."""
        return {"id": f"pay_{self.key[:8]}_{self.at}", "minor": self.minor}


class Bank:
    """A provider in memory. Where it honours keys, it forgets them after the window."""

    def __init__(self, clock: Clock, *, honours_keys: bool) -> None:
        """Nothing has reached it."""
        self.honours_keys = honours_keys
        self.requests: list[Request] = []
        self._clock = clock

    @property
    def ledger(self) -> list[Request]:
        """Money that moved, in order."""
        return [each for each in self.requests if each.paid]

    def take(self, key: str, minor: int, *, paid: bool, lag: float) -> Request:
        """Do what is asked; or answer as before, where the key is known."""
        now = self._clock()
        known = self.last(key)
        if known is not None and self.honours_keys and now < known.at + WINDOW:
            return known
        made = Request(key=key, minor=minor, paid=paid, at=now, seen_from=now + lag)
        self.requests.append(made)
        return made

    def last(self, key: str) -> Request | None:
        """What reached it under a key at last."""
        return next((each for each in reversed(self.requests) if each.key == key), None)

    def look_up(self, reference: pytx.Reference) -> pytx.Found | pytx.Refused | pytx.Absent:
        """What it says of a key, as far as it sees."""
        known = self.last(reference.provider_key)
        if known is None or known.seen_from > self._clock():
            return pytx.Absent()
        if not known.paid:
            return pytx.Refused(code="51")
        return pytx.Found(result=known.result, minor=known.minor, currency="EUR")


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A call inside its block: `heard` is what became of each send."""

    key: str
    once: Once
    op: pytx.Op
    until: float
    sent_before: bool
    heard: list[str] = field(default_factory=list)
    reply: Request | None = None


@dataclass(slots=True, kw_only=True)
class Intent:
    """What the model says of one intent."""

    minor: int
    state: State
    owner: Call
    until: float
    first: float
    changed: float
    late: bool = False
    result: object = None

    def is_unknown(self, now: float) -> bool:
        """Whether nobody knows of it."""
        if self.state == "running":
            return self.until <= now
        return self.state == "unknown" or (self.late and self.state != "succeeded")

    def settled_at(self) -> float:
        """From when on "absent" is a proof."""
        return (self.until if self.state == "running" else self.changed) + SETTLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How outcomes are found out, and what the provider is then."""

    by_key: bool = False
    by_lookup: bool = False
    absent_is_final: bool = False
    honours_keys: bool = False


PLANS = {
    "by_key": Plan(by_key=True, honours_keys=True),
    "by_lookup": Plan(by_lookup=True, absent_is_final=True),
    "by_lookup, absent is not final": Plan(by_lookup=True),
    "by_key, then by_lookup": Plan(
        by_key=True, by_lookup=True, absent_is_final=True, honours_keys=True
    ),
    "manual": Plan(),
}


class Machine(RuleBasedStateMachine):
    """Two guards on one file, each with a store of its own."""

    plan: Plan

    def __init__(self) -> None:
        """Nothing has happened."""
        super().__init__()
        plan = self.plan
        self.clock = Clock()
        self.bank = Bank(self.clock, honours_keys=plan.honours_keys)
        self.weather = "clear"
        self.cap = 3000
        self.intents: dict[str, Intent] = {}
        self.working: list[Call | None] = [None, None]
        self.keys: dict[str, str] = {}  # whose each of the provider's keys is
        self.recover_by = self._recovery()
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(time, "monotonic", lambda: self.clock.at)
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        path = Path(self.folder.name) / "pytx.db"
        self.stores = [
            pytx.SqliteStore(path, synchronous="NORMAL", clock=self.clock) for _ in range(2)
        ]
        self.stores[0].create_schema()
        self.guards = [pytx.Guard(store, scope=SCOPE) for store in self.stores]
        self.guards[0].set_cap("all", "EUR", self.cap)

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.patches.undo()
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    def _recovery(self) -> Recover:
        if not self.plan.by_lookup:
            return pytx.by_key(WINDOW) if self.plan.by_key else pytx.manual()
        ask = pytx.by_lookup(
            self._ask, first_after=2, tries=4, within=86400, settle_after=SETTLE,
            absent_is_final=self.plan.absent_is_final,
        )  # fmt: skip
        return pytx.by_key(WINDOW) | ask if self.plan.by_key else ask

    def _ask(
        self, reference: pytx.Reference
    ) -> pytx.Found | pytx.Refused | pytx.Absent | pytx.Pending:
        """A look-up; the model hears the same, and draws its own conclusion."""
        now = self.clock()
        intent = self.intents[json.loads(reference.key)[0]]
        assert intent.is_unknown(now), "asked while a call may still send"
        assert now >= intent.first + 2
        if self.weather == "error":
            raise ConnectionError("no network")
        if self.weather == "pending":
            return pytx.Pending()
        seen = self.bank.look_up(reference)
        if isinstance(seen, pytx.Found):
            self._settle(intent, "succeeded", seen.result)
        elif isinstance(seen, pytx.Refused):
            self._settle(intent, "failed")
        elif self.plan.absent_is_final and now >= intent.settled_at():
            self._settle(intent, "released")
        return seen

    def _settle(self, intent: Intent, state: State, result: object = None) -> None:
        intent.state, intent.result, intent.changed = state, result, self.clock()

    def _held(self) -> int:
        open_ = (each for each in self.intents.values() if each.state in ("running", "unknown"))
        return sum(each.minor for each in open_)

    def _spent(self) -> int:
        return sum(each.minor for each in self.intents.values() if each.state == "succeeded")

    def _fits(self, minor: int) -> str | type[pytx.PytxError]:
        return "run" if self._held() + self._spent() + minor <= self.cap else pytx.CapExceeded

    def _answer(  # noqa: PLR0911 - one line for each state
        self, key: str, minor: int, *, again: bool
    ) -> str | type[pytx.PytxError]:
        """What a call has to get: a replay, a run or an error."""
        now, intent = self.clock(), self.intents.get(key)
        if intent is None:
            return self._fits(minor)
        if intent.minor != minor:
            return pytx.Mismatch
        if intent.state == "succeeded":
            return "replay"
        if intent.is_unknown(now):
            inside = self.plan.by_key and now + LEASE < intent.first + WINDOW
            return "run" if inside and not intent.late else pytx.OutcomeUnknown
        if intent.state == "running":
            return pytx.InProgress
        if intent.state == "failed" and not again:
            return pytx.OperationFailed
        return self._fits(minor)

    @rule(data=st.data())
    def one_worker_goes_on(self, data: st.DataObject) -> None:
        """It begins a call, sends, or leaves: see `_go_on`."""
        self._go_on(0, data)

    @rule(data=st.data())
    def the_other_worker_goes_on(self, data: st.DataObject) -> None:
        """The same."""
        self._go_on(1, data)

    def _go_on(self, who: int, data: st.DataObject) -> None:
        call = self.working[who]
        if call is None:
            self.working[who] = self._enter(
                who,
                data.draw(st.sampled_from(self._keys()), label="key"),
                data.draw(AMOUNTS, label="amount"),
                again=data.draw(st.booleans(), label="retry what was refused"),
            )
            return
        sent = {"paid", "refused", "lost"} & set(call.heard)
        if sent and not self.bank.honours_keys:  # a second send would be the caller's own mistake
            ways = ["leave"]
        else:
            ways = ["leave", "leave", "send"] if call.heard else ["send", "send", "leave"]
        if data.draw(st.sampled_from(ways), label="what") == "send":
            self._send(
                call,
                data.draw(st.sampled_from(FATES), label="fate"),
                data.draw(st.sampled_from([0.0, 1.0, 119.0, NEVER]), label="lag"),
            )
            return
        self.working[who] = None
        self._leave(call, data.draw(st.sampled_from(WAYS), label="how"))

    def _keys(self) -> list[str]:
        """A few: those that are not settled, another one, and now and then one that is."""
        settled = [key for key, each in self.intents.items() if each.state == "succeeded"]
        return [
            *(key for key in self.intents if key not in settled),
            f"k{len(self.intents)}",
            *settled[-1:],
        ]

    def _enter(self, who: int, key: str, minor: int, *, again: bool) -> Call | None:
        """A worker begins a call, and gets what the model says."""
        once = self.guards[who].once(
            OPERATION, key=(key,), money=pytx.Money(amount_minor=minor, currency="EUR"),
            recover=self.recover_by, lease=LEASE, cap="all", retry_failed=again,
        )  # fmt: skip
        try:
            op = once.__enter__()
        except pytx.PytxError as error:
            self._refused(key, error, self._answer(key, minor, again=again))
            return None
        assert self._answer(key, minor, again=again) == ("replay" if op.replayed else "run")
        if op.replayed:
            assert op.result == self.intents[key].result
            once.__exit__(TimeoutError, TimeoutError(), None)  # after a replay it changes nothing
            return None
        return self._begin(key, minor, once, op)

    def _refused(self, key: str, error: pytx.PytxError, answer: str | type[pytx.PytxError]) -> None:
        assert type(error) is answer
        if isinstance(error, pytx.InProgress):
            assert error.retry_after == pytest.approx(self.intents[key].until - self.clock())
        if isinstance(error, pytx.CapExceeded):
            assert error.remaining == self.cap - self._held() - self._spent()

    def _begin(self, key: str, minor: int, once: Once, op: pytx.Op) -> Call:
        now, intent = self.clock(), self.intents.get(key)
        call = Call(
            key=key, once=once, op=op, until=now + LEASE,
            sent_before=intent is not None and intent.is_unknown(now),
        )  # fmt: skip
        if intent is not None and intent.state != "failed":
            assert op.provider_key == intent.owner.op.provider_key
        else:
            assert op.provider_key not in self.keys  # a new intent, or a new try of a refused one
        self.keys[op.provider_key] = key
        first = intent.first if intent is not None and call.sent_before else now
        self.intents[key] = Intent(
            minor=minor, state="running", owner=call, until=call.until, first=first, changed=now,
            late=intent is not None and intent.late,
        )  # fmt: skip
        return call

    def _send(self, call: Call, fate: str, lag: float) -> None:
        """It sends, under `op.timeout()`."""
        now = self.clock()
        try:
            seconds = call.op.timeout(20)
        except pytx.LeaseSpent:
            assert call.until - now < 1.6
            call.heard.append("spent")
            return
        assert now + seconds < call.until
        if fate in ("paid", "refused"):
            if self.plan.absent_is_final or not self.plan.by_lookup:
                lag = min(lag, SETTLE - 1)
            minor = self.intents[call.key].minor
            call.reply = self.bank.take(call.op.provider_key, minor, paid=fate == "paid", lag=lag)
            fate = "paid" if call.reply.paid else "refused"
        call.heard.append(fate)

    def _leave(self, call: Call, way: str | type[BaseException]) -> None:
        """It ends with what it was told, or with an error that proves nothing; or it is killed."""
        if way == "killed":
            return
        heard = call.heard[-1] if call.heard else "spent"
        if way == "told" and heard == "paid":
            self._return(call)
            return
        error: BaseException = TimeoutError() if isinstance(way, str) else way()
        if way == "told" and heard == "refused":
            error = pytx.Rejected("51")
        if way == "told" and heard in ("unreachable", "spent"):
            error = pytx.NotSent()
        call.once.__exit__(type(error), error, None)
        intent = self.intents[call.key]
        if intent.owner is not call or intent.state not in ("running", "unknown"):
            return
        if isinstance(error, pytx.Rejected) and len(call.heard) == 1:
            self._settle(intent, "failed")
        elif isinstance(error, pytx.NotSent) and len(call.heard) < 2 and not call.sent_before:
            self._settle(intent, "released")
        else:
            self._settle(intent, "unknown")

    def _return(self, call: Call) -> None:
        assert call.reply is not None
        call.op.result = call.reply.result
        intent = self.intents[call.key]
        if intent.owner is call and intent.state == "succeeded":  # a look-up or a person was first
            call.once.__exit__(None, None, None)
        elif intent.owner is call:
            assert intent.state in ("running", "unknown")
            call.once.__exit__(None, None, None)
            self._settle(intent, "succeeded", call.reply.result)
        else:
            with pytest.raises(pytx.LateResult) as caught:
                call.once.__exit__(None, None, None)
            assert caught.value.result == call.reply.result
            intent.late = True

    @rule(seconds=STEPS)
    @precondition(lambda self: self.intents)
    def time_passes(self, seconds: float) -> None:
        """For the store and for both workers."""
        self.clock.advance(seconds)

    @rule(weather=st.sampled_from(["clear", "pending", "error"]), minor=CHANGES)
    @precondition(lambda self: self.intents)
    def the_world_changes(self, weather: str, minor: int | None) -> None:
        """Look-ups may say nothing, or break; and the cap is changed."""
        self.weather = weather
        if minor is not None:
            self._set_cap(minor)

    def _set_cap(self, minor: int) -> None:
        """Never below what is held and spent."""
        if minor < self._held() + self._spent():
            with pytest.raises(ValueError, match="is held and spent already"):
                self.guards[0].set_cap("all", "EUR", minor)
        else:
            self.guards[0].set_cap("all", "EUR", minor)
            self.cap = minor

    @rule(how=st.sampled_from(HOW), data=st.data())
    @precondition(lambda self: self.intents)
    def somebody_finds_out(self, how: str, data: st.DataObject) -> None:
        """By look-ups that are due, by the ledger or by a statement."""
        if how == "look-ups":
            self._look_up()
        elif how == "person":
            self._read_the_ledger()
        elif how == "statement":
            ends = [self.clock(), *(each.at for each in reversed(self.bank.ledger))]
            self._take_a_statement(data.draw(st.sampled_from(ends), label="cutoff"))
        else:
            self._close_the_books()

    def _look_up(self) -> None:
        for row in self.guards[1].recover():
            assert row.state == self.intents[json.loads(row.identity.key)[0]].state
            assert row.state not in ("running", "unknown")

    def _read_the_ledger(self) -> None:
        """A person settles the oldest of what nobody knows."""
        for row in self.guards[0].open(limit=1):
            found = next((x for x in self.bank.ledger if x.key == row.provider_key), None)
            state: State = "succeeded" if found else "released"
            result = found.result if found else None
            self.guards[1].resolve(row.provider_key, state, why="the ledger", result=result)
            self._settle(self.intents[self.keys[row.provider_key]], state, result)

    def _take_a_statement(self, cutoff: float) -> None:
        """It has all that moved before its cutoff, and settles what nobody knew."""
        lines = [
            pytx.Line(ref=each.key, minor=each.minor, currency="EUR", provider_id=str(each.at))
            for each in self.bank.ledger
            if each.at < cutoff
        ]
        report = pytx.reconcile(self.guards[0].intents(OPERATION, since=0), lines, cutoff=cutoff)
        told = {each.ref: {"provider_id": each.provider_id} for each in lines}
        for row in self.guards[0].apply(report, absent_is_final=True):
            intent = self.intents[self.keys[row.provider_key]]
            assert intent.is_unknown(self.clock())
            assert row.state == ("succeeded" if row.provider_key in told else "released")
            self._settle(intent, row.state, told.get(row.provider_key))

    def _close_the_books(self) -> None:
        """A day later a person settles all that is left, and they agree with the ledger."""
        self.clock.advance(86400)
        for _ in self.intents:
            self._read_the_ledger()
        assert self.guards[1].open() == []
        cap = self.guards[1].cap("all", "EUR")
        assert cap is not None
        assert (cap.held, cap.spent) == (0, sum(each.minor for each in self.bank.ledger))

    @invariant()
    def money_moves_once(self) -> None:
        """At most one effect per intent; and whatever moved is known, or listed, or under way."""
        moved = Counter(self.keys[each.key] for each in self.bank.ledger)
        assert set(moved.values()) <= {1}
        listed = {self.keys[row.provider_key] for row in self.guards[0].open()}
        for key in moved:
            seen = self.stores[1].read(Identity(scope=SCOPE, operation=OPERATION, key=f'["{key}"]'))
            assert seen is not None
            assert seen.row.state in ("succeeded", "running") or key in listed

    @invariant()
    def the_store_is_as_the_model_says(self) -> None:
        """Every intent, whichever worker asks."""
        now = self.clock()
        for key, intent in self.intents.items():
            identity = Identity(scope=SCOPE, operation=OPERATION, key=f'["{key}"]')
            seen = self.stores[0].read(identity)
            assert seen is not None
            row = seen.row
            assert (row.state, row.late is not None) == (intent.state, intent.late)
            assert row.minor == intent.minor
            assert intent.state != "succeeded" or json.loads(row.result or "") == intent.result
        unknown = {key for key, intent in self.intents.items() if intent.is_unknown(now)}
        assert {self.keys[row.provider_key] for row in self.guards[1].open()} == unknown

    @invariant()
    def caps_hold(self) -> None:
        """What is unknown stays held, what was paid is spent; both fit."""
        cap = self.guards[0].cap("all", "EUR")
        assert cap is not None
        assert (cap.minor, cap.held, cap.spent) == (self.cap, self._held(), self._spent())
        assert cap.held + cap.spent <= cap.minor


def run(plan: Plan, examples: int) -> None:
    """Let the machine look for a way in."""
    machine: type[Machine] = type("Machine", (Machine,), {"plan": plan})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_order_of_calls_faults_and_time_moves_money_twice(plan: Plan) -> None:
    """However outcomes are found out."""
    run(plan, 20)


@pytest.mark.real
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_long_search_finds_one_either(plan: Plan) -> None:
    """The same, for longer."""
    run(plan, 100)

"""The guard: at most one effect per intent, and no intent whose state is lost."""

import functools
import inspect
import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

from pytx import canon, results
from pytx.errors import (
    CapExceeded,
    CapMissing,
    InProgress,
    LateResult,
    LeaseSpent,
    Mismatch,
    NotSent,
    OperationFailed,
    OutcomeUnknown,
    Rejected,
    ReplayUnavailable,
    StoreUnavailable,
)
from pytx.model import (
    Absent,
    Check,
    Differ,
    Fail,
    Found,
    Identity,
    Outcome,
    Pending,
    Policy,
    Recovery,
    Reference,
    Refused,
    Replay,
    Row,
    Run,
    State,
    Wait,
    conclude,
    contradicts,
    decide,
    usable,
)
from pytx.money import Money, minor
from pytx.reconciling import ABSENT, RESOLVED, Intent, Match, Report
from pytx.recover import Recover
from pytx.stores.base import Cap, Claim, Seen, Store

Event = Callable[[str, Row | None], None]
Key = Callable[[Mapping[str, Any]], tuple[object, ...]]
P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger("pytx")
_FIRST_POLL_S: Final = 0.05
_LONGEST_POLL_S: Final = 1.0
_TRIES_OF_CLAIMS: Final = 3


@dataclass(slots=True)
class Op:
    """One call that may have to run its effect. Use it inside of the guarded block only.

    Attributes:
        provider_key: Give it to the provider as its idempotency key.
        attempt: Which call of this intent runs, from 1.
        fence: Rises whenever the key goes to another call.
        replayed: Whether it has happened before; `result` is that of then, and nothing may run.
        result: What the effect returned; set it inside of a `with` block.
    """

    provider_key: str
    attempt: int
    fence: int
    replayed: bool
    deadline: float
    result: Any = None
    sends: int = 0

    def remaining(self) -> float:
        """Seconds left of the lease, by a clock that nobody can set."""
        return self.deadline - time.monotonic()

    def timeout(self, most: float) -> float:
        """The time-out of the provider call, in seconds: write it into its argument list.

        It is read last then, so that a process which was stopped cannot send after its lease. A
        second call in one run says that something was sent before it.

        Raises:
            LeaseSpent: too little is left; nothing was sent by this call.
        """
        self.sends += 1
        seconds = usable(self.remaining(), most)
        if seconds is None:
            raise LeaseSpent("too little of the lease is left to send anything; call again")
        return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What one guarded call wants."""

    identity: Identity
    fingerprint: bytes
    policy: Policy
    money: Money | None
    cap: str | None
    rejected: tuple[type[BaseException], ...]
    not_sent: tuple[type[BaseException], ...]
    wait: float


class Guard:
    """Runs an effect at most once per intent.

    An intent is (scope, operation, key). Whatever else must be the same is compared, always. An
    exception that is not known to mean "nothing happened" means that nobody knows: the effect
    does not run again until the provider, a statement or a person has told.
    """

    def __init__(self, store: Store, *, scope: str, on_event: Event | None = None) -> None:
        """Guard effects.

        Args:
            store: Where intents are kept.
            scope: Tenant and environment, such as "acme/live".
            on_event: Told of what happens, with the row: claimed, replayed, mismatch, in_progress,
                unknown, checked, recovered, contradiction, late_result, finish_lost; and
                cap_refused, without one. What it raises is logged, and changes nothing.

        Raises:
            ValueError: the scope is empty.
        """
        if not scope.strip():
            raise ValueError("a scope names the tenant and the environment, such as 'acme/live'")
        self.store = store
        self.scope = scope
        self._on_event = on_event
        self._recoveries: dict[str, Recovery] = {}

    def effect(  # noqa: PLR0913 - each is one promise that a person has to make
        self,
        operation: str,
        *,
        key: tuple[str, ...] | Key,
        same: tuple[str, ...] = (),
        money: tuple[str, str] | None = None,
        recover: Recover,
        rejected: tuple[type[BaseException], ...] = (),
        not_sent: tuple[type[BaseException], ...] = (),
        lease: float = 60,
        wait: float = 0,
        cap: str | None = None,
        retry_failed: bool = False,
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Guard a function; it gets `op`, an `Op`, as a keyword argument.

        Args:
            operation: Its name in the store: it stays when the function is renamed.
            key: Names of the arguments that say which intent it is, or a function of all arguments.
            same: Names of further arguments that must not differ under one key.
            money: Names of the amount (major units) and the currency; they must not differ either.
            recover: How an unknown outcome is found out.
            rejected: Exceptions with which the provider refuses for good: nothing moved.
            not_sent: Exceptions that prove that nothing left this process.
            lease: Seconds that one call may take.
            wait: Seconds to wait for another call that holds the key.
            cap: Name of the argument whose cap the amount counts against.
            retry_failed: Run a refused intent again, under a new provider key.

        Raises:
            TypeError: the function has no `op`, or lacks an argument that is named.
            ValueError: a cap without money, or an operation without a name.
        """
        _need(operation, lease, cap, has_money=money is not None)
        self._recoveries[operation] = recover.recovery

        def decorate(function: Callable[..., R]) -> Callable[..., R]:
            signature = _signature(function, key, (*same, *(money or ()), *((cap,) if cap else ())))

            @functools.wraps(function)
            def guarded(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - as the function's own
                bound = signature.bind(*args, **kwargs)
                bound.apply_defaults()
                arguments = bound.arguments
                parts = key(arguments) if callable(key) else tuple(arguments[name] for name in key)
                amount = money and Money(
                    amount_minor=minor(arguments[money[0]], arguments[money[1]]),
                    currency=arguments[money[1]],
                )
                guarding = self.once(
                    operation,
                    key=parts,
                    same={name: arguments[name] for name in same},
                    money=amount,
                    recover=recover,
                    rejected=rejected,
                    not_sent=not_sent,
                    lease=lease,
                    wait=wait,
                    cap=str(arguments[cap]) if cap else None,
                    retry_failed=retry_failed,
                )
                with guarding as op:
                    if not op.replayed:
                        op.result = function(*args, **kwargs, op=op)
                result: R = op.result
                return result

            return guarded

        return decorate

    def once(  # noqa: PLR0913 - as `effect`
        self,
        operation: str,
        *,
        key: tuple[object, ...],
        same: Mapping[str, object] | None = None,
        money: Money | None = None,
        recover: Recover,
        rejected: tuple[type[BaseException], ...] = (),
        not_sent: tuple[type[BaseException], ...] = (),
        lease: float = 60,
        wait: float = 0,
        cap: str | None = None,
        retry_failed: bool = False,
    ) -> "Once":
        """Guard a `with` block: run the effect where `op.replayed` is false, and set `op.result`.

        Args are as in `effect`, but values: `money` is a `Money`, `cap` the subject itself.

        Raises:
            TypeError, ValueError: the key, `same` or `money` cannot be told apart from others.
        """
        _need(operation, lease, cap, has_money=money is not None)
        text = canon.key_text(key)
        fields = dict(same or {})
        if money is not None:
            if money.amount_minor < 0:
                raise ValueError(f"{money} is negative; an effect moves an amount forward")
            fields["~money"] = [money.amount_minor, money.currency]
        self._recoveries[operation] = recover.recovery
        call = _Call(
            identity=Identity(scope=self.scope, operation=operation, key=text),
            fingerprint=canon.fingerprint(text, fields),
            policy=Policy(lease=lease, recovery=recover.recovery, retry_failed=retry_failed),
            money=money,
            cap=cap,
            rejected=(*rejected, Rejected),
            not_sent=(*not_sent, NotSent),
            wait=wait,
        )
        return Once(self, call)

    def local(  # noqa: PLR0913 - as `once`
        self,
        connection: Any,  # noqa: ANN401 - sqlite3's or psycopg's, as the store is
        operation: str,
        *,
        key: tuple[object, ...],
        same: Mapping[str, object] | None = None,
        money: Money | None = None,
        cap: str | None = None,
    ) -> "Local":
        """Guard an effect in your own database: claim, effect and result in your transaction.

        There is no doubt then: all of it commits, or none of it. A second call at the same time
        waits for the first one's end, and replays. What the block raises undoes what it did, and
        the claim; your transaction goes on.

        Args:
            connection: Inside a transaction, in the database that the store is in.
            operation: As in `once`, and so are the others.
            key: Which intent it is.
            same: What must not differ under the key.
            money: The intent's amount.
            cap: Whose cap it counts against.

        Raises:
            NoTransaction: the connection is inside no transaction.
            TypeError, ValueError: as `once`.
        """
        inside = Guard(self.store.inside(connection), scope=self.scope, on_event=self._on_event)
        recover = Recover(Recovery())
        once = inside.once(operation, key=key, same=same, money=money, recover=recover, cap=cap)
        return Local(connection, once)

    def open(self, limit: int = 100) -> list[Row]:
        """Every intent that nobody knows the outcome of, the oldest first.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        return self.store.open_rows(self.scope, limit)

    def recover(self, limit: int = 100) -> list[Row]:
        """Make one pass of the look-ups that are due; return what was settled by them.

        Only operations that this guard knows (by `effect` or `once`) can be looked up.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        settled = []
        for row in self.open(limit):
            recovery = self._recoveries.get(row.identity.operation)
            if recovery is None or recovery.schedule is None:
                continue
            due = recovery.schedule.due_at(row)
            now = self.store.now()
            if due is not None and due <= now and self.look_up(row, recovery):
                after = self.store.read(row.identity)
                if after is not None:
                    settled.append(after.row)
        return settled

    def resolve(self, provider_key: str, state: State, *, why: str, result: object = None) -> Row:
        """Settle an unknown intent by hand: "succeeded", "failed" or "released".

        "released" lets the next call run the effect again: say it only where nothing moved.

        Raises:
            ValueError: there is no such intent, it is not unknown, or `why` is empty.
            StoreUnavailable: the store cannot be used.
        """
        if state not in ("succeeded", "failed", "released"):
            raise ValueError(f"an intent is resolved as succeeded, failed or released, not {state}")
        if not why.strip():
            raise ValueError("say why, for whoever reads it later")
        seen = self.store.by_provider_key(provider_key)
        if seen is None or seen.row.identity.scope != self.scope:
            raise ValueError(f"there is no intent with the provider key {provider_key}")
        if not seen.row.is_unknown(seen.now):
            raise ValueError(f"the intent is {seen.row.state}; only an unknown one is resolved")
        failed = state == "failed"
        outcome = Outcome(
            state=state,
            result=results.encode(result) if state == "succeeded" else None,
            error_code="resolved" if failed else None,
            error=why if failed else None,
        )
        if not self.store.settle(seen.row, outcome, why):
            raise ValueError("the intent changed meanwhile; look at it again")
        after = self.store.by_provider_key(provider_key)
        assert after is not None  # noqa: S101 - rows of this scope do not vanish
        self.tell("recovered", after.row)
        return after.row

    def intents(self, operation: str, *, since: float) -> list[Intent]:
        """Intents of an operation that changed at a time or after it, for `pytx.reconcile`.

        Raises:
            ValueError: one was guarded without `money`.
            StoreUnavailable: the store cannot be read.
        """
        return [Intent.of(row) for row in self.store.rows_since(self.scope, operation, since)]

    def apply(self, report: Report, *, absent_is_final: bool) -> list[Row]:
        """Settle what nobody knew by what a statement says; everything else is for a person.

        Args:
            report: What `pytx.reconcile` found.
            absent_is_final: Whether an intent that the statement does not have never happened: it
                is released then, and the next call runs it.

        Returns:
            The rows that were settled.

        Raises:
            StoreUnavailable: the store cannot be used; what was settled before stays so.
        """
        wanted: list[tuple[Match, Outcome]] = []
        for match in report.of(RESOLVED):
            line = match.line
            told = results.encode({"provider_id": line.provider_id if line else None})
            wanted.append((match, Outcome(state="succeeded", result=told)))
        if absent_is_final:
            wanted += [(match, Outcome(state="released")) for match in report.of(ABSENT)]
        settled = []
        for match, outcome in wanted:
            intent = match.intent
            seen = intent and self.store.by_provider_key(intent.provider_key)
            if seen and self.store.settle(seen.row, outcome, "by a statement"):
                after = self.store.read(seen.row.identity)
                if after is not None:
                    settled.append(after.row)
                    self.tell("recovered", after.row)
        return settled

    def purge(self, *, older_than: float, keep_keys: bool = True) -> int:
        """Drop the results of intents that were settled so many seconds ago; return how many.

        Without `keep_keys` the intents themselves go: the same call then pays again. Keep them for
        longer than any dispute.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        before = self.store.now() - older_than
        return self.store.purge(self.scope, before=before, keep_keys=keep_keys)

    def set_cap(self, subject: str, currency: str, amount_minor: int) -> None:
        """Say how much may be moved for a subject at most, in minor units.

        Raises:
            MoneyError: no such currency or amount.
            ValueError: it is negative, or more is held and spent already.
        """
        money = Money(amount_minor=amount_minor, currency=currency)
        if money.amount_minor < 0:
            raise ValueError(f"a cap of {money} is negative")
        self.store.set_cap(self.scope, subject, currency, amount_minor)

    def cap(self, subject: str, currency: str) -> Cap | None:
        """The cap of a subject, with what is held and spent; `None` where there is none."""
        return self.store.cap(self.scope, subject, currency)

    def tell(self, name: str, row: Row | None) -> None:
        """Tell the user's hook. It cannot change what happens."""
        if self._on_event is None:
            return
        try:
            self._on_event(name, row)
        except Exception:  # noqa: BLE001 - a user's code, which must not undo a payment
            _log.exception("the on_event hook raised at %s", name)

    def look_up(self, row: Row, recovery: Recovery) -> bool:
        """Ask the provider about a row, if nobody else just did; whether that settled it."""
        schedule, look_up = recovery.schedule, recovery.look_up
        if schedule is None or look_up is None:
            return False
        planned = self.store.now() + schedule.pause_after(row.checks + 1)
        if not self.store.take_check(row, next_check_at=planned):
            return False
        self.tell("checked", row)
        reference = Reference(
            provider_key=row.provider_key,
            scope=row.identity.scope,
            operation=row.identity.operation,
            key=row.identity.key,
            first_sent_at=row.first_sent_at,
        )
        try:
            seen = look_up(reference)
        except Exception:  # noqa: BLE001 - whatever it is, nobody knows more than before
            _log.exception("the look-up of %s raised", row.provider_key)
            seen = Pending()
        now = self.store.now()
        settled = conclude(row, seen, now, recovery)
        if settled is None:
            if isinstance(seen, Found) and contradicts(row, seen):
                self.tell("contradiction", row)
            if isinstance(seen, Absent) and recovery.absent_is_final:
                at = max(planned, recovery.settled_at(row))
                self.store.put_off(row, next_check_at=at)
            return False
        done = self.store.settle(row, _outcome_of(settled), "found by a look-up")
        if done:
            self.tell("recovered", row)
        return done


def _outcome_of(seen: Found | Refused | Pending | Absent) -> Outcome:
    if isinstance(seen, Found):
        return Outcome(state="succeeded", result=results.encode(seen.result))
    if isinstance(seen, Refused):
        return Outcome(state="failed", error_code=seen.code, error=seen.message)
    return Outcome(state="released")


class Once:
    """One guarded block. Made by `Guard.once`; enter it once."""

    def __init__(self, guard: Guard, call: _Call) -> None:
        """Nothing is claimed yet."""
        self._guard = guard
        self._store = guard.store
        self._call = call
        self._row: Row | None = None
        self._op: Op | None = None

    def __enter__(self) -> Op:
        """Claim the intent, or answer with what is known of it.

        Raises:
            Mismatch, InProgress, OutcomeUnknown, OperationFailed, ReplayUnavailable, CapExceeded,
            CapMissing, StoreUnavailable: the block does not run.
        """
        patience = time.monotonic() + self._call.wait
        poll = _FIRST_POLL_S
        owner = str(uuid.uuid4())
        seen = self._claim(owner)
        while True:
            seen, op = self._step(seen, owner)
            if op is not None:
                self._op = op
                return op
            left = patience - time.monotonic()
            if left <= 0:
                self._guard.tell("in_progress", seen.row)
                seconds = max(0.0, seen.row.lease_until - seen.now)
                raise InProgress("another call of this intent is under way", seconds)
            time.sleep(min(left, poll * random.uniform(0.5, 1)))  # noqa: S311 - spreads the polls
            poll = min(_LONGEST_POLL_S, poll * 2)
            seen = self._store.read(self._call.identity) or seen

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Record what became of it. What the block raised flies on.

        Raises:
            LateResult: the effect ran, after the key had gone to another call.
        """
        op, row = self._op, self._row
        assert op is not None  # noqa: S101 - the block was entered
        if op.replayed or row is None:
            return
        if error is None:
            self._succeed(row, op)
        else:
            self._fail(row, op, error)

    def _claim(self, owner: str) -> Seen:
        call, identity = self._call, self._call.identity
        wish = Claim(
            identity=identity,
            fingerprint=call.fingerprint,
            owner=owner,
            provider_key=canon.provider_key(*_names(identity), 1),
            lease=call.policy.lease,
            subject=call.cap,
            currency=call.money.currency if call.money else None,
            minor=call.money.amount_minor if call.money else None,
        )
        return self._taking(lambda: self._store.claim(wish))

    def _taking(self, take: Callable[[], Seen]) -> Seen:
        """Claim; where the answer is lost, once more: a claim that finds its own owner has won.

        Raises:
            StoreUnavailable: the effect has not run, and does not.
        """
        self._sent_at = time.monotonic()
        left = _TRIES_OF_CLAIMS
        while True:
            left -= 1
            try:
                return take()
            except StoreUnavailable:
                if not left:
                    raise
            except (CapExceeded, CapMissing):
                self._guard.tell("cap_refused", None)
                raise

    def _step(self, seen: Seen, owner: str) -> tuple[Seen, Op | None]:
        """One decision. No `Op` means that another call is under way."""
        guard, call = self._guard, self._call
        for _ in range(_MOST_STEPS):
            if seen.won:
                self._row = seen.row
                guard.tell("claimed", seen.row)
                return seen, self._operation(seen.row, replayed=False)
            row = seen.row
            decision = decide(row, seen.now, call.policy, call.fingerprint)
            match decision:
                case Replay():
                    return seen, self._replay(row)
                case Wait():
                    return seen, None
                case Fail():
                    raise OperationFailed(row.error_code or "", row.error or "")
                case Differ():
                    guard.tell("mismatch", row)
                    raise Mismatch(
                        "this key was used before with another amount or another field that must "
                        "be the same; another intent needs another key"
                    )
                case Run(generation=generation):
                    seen = self._reclaim(row, owner, generation)
                case Check():
                    guard.look_up(row, call.policy.recovery)
                    seen = self._store.read(row.identity) or seen
                    if seen.row.checks != row.checks and seen.row.is_unknown(seen.now):
                        self._unknown(seen)
                case _:
                    self._unknown(seen)
        self._unknown(seen)
        raise AssertionError  # pragma: no cover - the line above raises

    def _reclaim(self, row: Row, owner: str, generation: int) -> Seen:
        key = canon.provider_key(*_names(row.identity), generation)
        lease = self._call.policy.lease
        return self._taking(
            lambda: self._store.reclaim(
                row, owner=owner, lease=lease, generation=generation, key=key
            )
        )

    def _unknown(self, seen: Seen) -> None:
        row, recovery = seen.row, self._call.policy.recovery
        due = recovery.schedule.due_at(row) if recovery.schedule else None
        self._guard.tell("unknown", row)
        raise OutcomeUnknown(
            "an earlier call may have had its effect, and nobody knows yet; do not send it under "
            "another key",
            None if due is None else max(0.0, due - seen.now),
        )

    def _operation(self, row: Row, *, replayed: bool) -> Op:
        return Op(
            provider_key=row.provider_key,
            attempt=row.attempt,
            fence=row.fence,
            replayed=replayed,
            deadline=self._sent_at + self._call.policy.lease,
        )

    def _replay(self, row: Row) -> Op:
        if row.result is None:
            raise ReplayUnavailable("it happened, once, and its result is not kept")
        self._guard.tell("replayed", row)
        op = self._operation(row, replayed=True)
        op.result = results.decode(row.result)
        return op

    def _succeed(self, row: Row, op: Op) -> None:
        text = results.encode(op.result)
        outcome = Outcome(state="succeeded", result=text)
        if self._finish(row, outcome, until=op.deadline) is False:
            self._store.keep_late(row.identity, text if text is not None else "null")
            self._guard.tell("late_result", row)
            raise LateResult(
                "the effect ran, after the key had gone to another call: look for a duplicate",
                op.result,
            )

    def _fail(self, row: Row, op: Op, error: BaseException) -> None:
        """Rejected: failed. Not sent: released. Anything else: nobody knows."""
        call = self._call
        if op.sends > 1:  # the first send may have had its effect, whatever the second one says
            outcome = Outcome(state="unknown", error=type(error).__name__)
        elif isinstance(error, call.rejected):
            code = error.code if isinstance(error, Rejected) else type(error).__name__
            message = error.message if isinstance(error, Rejected) else str(error)
            outcome = Outcome(state="failed", error_code=code, error=message)
        elif isinstance(error, call.not_sent):
            outcome = Outcome(state="released")
        else:
            outcome = Outcome(state="unknown", error=type(error).__name__)
        known = outcome.state != "unknown"  # running past its lease is unknown by itself
        self._finish(row, outcome, until=op.deadline if known else 0.0)
        if outcome.state == "unknown":
            self._guard.tell("unknown", row)

    def _finish(self, row: Row, outcome: Outcome, *, until: float) -> bool | None:
        """Record an outcome; `None` where the store never took it: the row becomes unknown."""
        pause = _FIRST_POLL_S
        while True:
            try:
                if self._store.finish(row, outcome):
                    return True
                seen = self._store.read(row.identity)
                return seen is not None and _is_ours(seen.row, row, outcome)
            except StoreUnavailable:
                left = until - time.monotonic()
                if left <= 0:
                    self._guard.tell("finish_lost", row)
                    return None
                time.sleep(min(left, pause))
                pause = min(_LONGEST_POLL_S, pause * 2)


class Local:
    """One guarded block in the caller's transaction. Made by `Guard.local`; enter it once."""

    def __init__(self, connection: Any, once: Once) -> None:  # noqa: ANN401 - as `Guard.local`
        """Nothing is claimed yet."""
        self._connection = connection
        self._once = once

    def __enter__(self) -> Op:
        """Claim the intent in the caller's transaction, or answer with what is known of it.

        Raises:
            Mismatch, InProgress, OutcomeUnknown, OperationFailed, ReplayUnavailable, CapExceeded,
            CapMissing: the block does not run, and the transaction is as it was.
        """
        self._connection.execute("savepoint pytx_local")
        try:
            return self._once.__enter__()
        except BaseException:
            self._undo()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Record the result, or undo the block. What it raised flies on."""
        if error is not None:
            self._undo()
            return
        self._once.__exit__(None, None, None)
        self._connection.execute("release savepoint pytx_local")

    def _undo(self) -> None:
        """Back to where the block began; a transaction that is lost anyway stays the caller's."""
        try:
            self._connection.execute("rollback to savepoint pytx_local")
            self._connection.execute("release savepoint pytx_local")
        except Exception:  # noqa: BLE001 - sqlite3's and psycopg's have no class in common
            _log.debug("the caller's transaction was lost before it could be undone")


_MOST_STEPS: Final = 10  # each lost race is another call's step; ten in a row are no chance


def _is_ours(now: Row, then: Row, outcome: Outcome) -> bool:
    """Whether an earlier try of this very write got through."""
    return (now.fence, now.owner, now.state) == (then.fence, then.owner, outcome.state)


def _names(identity: Identity) -> tuple[str, str, str]:
    return identity.scope, identity.operation, identity.key


def _need(operation: str, lease: float, cap: str | None, *, has_money: bool) -> None:
    if not operation.strip():
        raise ValueError("an operation has a name that stays, such as 'refund.create'")
    if not lease > 0:
        raise ValueError(f"the lease is {lease}; it is how many seconds one call may take")
    if cap is not None and not has_money:
        raise ValueError("a cap counts money; say which by 'money'")


def _signature(
    function: Callable[..., object], key: tuple[str, ...] | Key, names: tuple[str, ...]
) -> inspect.Signature:
    """The function's signature without `op`, which the guard gives."""
    signature = inspect.signature(function)
    parameters = dict(signature.parameters)
    what = getattr(function, "__qualname__", repr(function))
    if parameters.pop("op", None) is None:
        raise TypeError(f"{what} has no keyword argument 'op', which carries the provider key")
    wanted = names if callable(key) else (*key, *names)
    if lacking := [name for name in wanted if name not in parameters]:
        raise TypeError(f"{what} has no argument {lacking[0]!r}")
    return signature.replace(parameters=list(parameters.values()))

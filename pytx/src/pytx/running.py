"""One guarded block, from its claim to its record."""

import logging
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pytx import canon, results
from pytx.desk import Desk
from pytx.errors import (
    UNPROVEN,
    CapExceeded,
    CapMissing,
    InProgress,
    LateResult,
    LeaseSpent,
    Mismatch,
    OperationFailed,
    OutcomeUnknown,
    Rejected,
    ReplayUnavailable,
    StoreUnavailable,
)
from pytx.model import (
    Check,
    Differ,
    Fail,
    Identity,
    Outcome,
    Policy,
    Replay,
    Row,
    Run,
    Unknown,
    Wait,
    decide,
    usable,
)
from pytx.money import Money
from pytx.stores.base import Claim, Seen

_log = logging.getLogger("pytx")
_FIRST_POLL_S: Final = 0.05
_LONGEST_POLL_S: Final = 1.0
_TRIES_OF_CLAIMS: Final = 3
_MOST_STEPS: Final = 10  # each lost race is another call's step; ten in a row are no chance


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
class Call:
    """What one guarded call wants."""

    identity: Identity
    fingerprint: bytes
    policy: Policy
    money: Money | None
    cap: str | None
    rejected: tuple[type[BaseException], ...]
    not_sent: tuple[type[BaseException], ...]
    wait: float


class Block:
    """The steps of one guarded block: `enter` it once, then `leave` it."""

    def __init__(self, desk: Desk, call: Call) -> None:
        """Nothing is claimed yet."""
        self._desk = desk
        self._store = desk.store
        self._call = call
        self._owner = os.urandom(16).hex()
        self._row: Row | None = None
        self._op: Op | None = None
        self._sent_before = False  # an earlier call of this intent may have had its effect

    async def enter(self) -> Op:
        """Claim the intent, or answer with what is known of it.

        Raises:
            Mismatch, InProgress, OutcomeUnknown, OperationFailed, ReplayUnavailable, CapExceeded,
            CapMissing, StoreUnavailable: the block does not run.
        """
        patience = time.monotonic() + self._call.wait
        poll = _FIRST_POLL_S
        seen = await self._claim()
        while True:
            seen, op = await self._step(seen)
            if op is not None:
                self._op = op
                return op
            left = patience - time.monotonic()
            if left <= 0:
                self._desk.tell("in_progress", seen.row)
                seconds = max(0.0, seen.row.lease_until - seen.now)
                raise InProgress("another call of this intent is under way", seconds)
            pause = min(left, poll * random.uniform(0.5, 1))  # noqa: S311 - spreads the polls
            await self._desk.waits.sleep(pause)
            poll = min(_LONGEST_POLL_S, poll * 2)
            seen = await self._store.read(self._call.identity) or seen

    async def leave(self, error: BaseException | None) -> None:
        """Record what became of it.

        Raises:
            LateResult: the effect ran, after the key had gone to another call.
        """
        op, row = self._op, self._row
        assert op is not None  # noqa: S101 - the block was entered
        if op.replayed or row is None:
            return
        if error is None:
            await self._succeed(row, op)
        else:
            await self._fail(row, op, error)

    async def give_up(self) -> None:
        """Let go of a claim that was made while its caller was cancelled: nothing was sent.

        Where the store cannot be used, the lease ends, and nobody knows.
        """
        try:
            seen = await self._store.read(self._call.identity)
            ours = seen is not None and seen.row.owner == self._owner
            if seen is not None and ours and not self._sent_before:
                await self._store.finish(seen.row, Outcome(state="released"))
        except StoreUnavailable:
            _log.exception("a claim that was cancelled could not be released")

    async def _claim(self) -> Seen:
        call, identity = self._call, self._call.identity
        wish = Claim(
            identity=identity,
            fingerprint=call.fingerprint,
            owner=self._owner,
            provider_key=canon.provider_key(*_names(identity), 1),
            lease=call.policy.lease,
            subject=call.cap,
            currency=call.money.currency if call.money else None,
            minor=call.money.amount_minor if call.money else None,
        )
        return await self._taking(lambda: self._store.claim(wish))

    async def _taking(self, take: Callable[[], Awaitable[Seen]]) -> Seen:
        """Claim; where the answer is lost, once more: a claim that finds its own owner has won.

        Raises:
            StoreUnavailable: the effect has not run, and does not.
        """
        self._sent_at = time.monotonic()
        left = _TRIES_OF_CLAIMS
        while True:
            left -= 1
            try:
                return await take()
            except StoreUnavailable:
                if not left:
                    raise
            except (CapExceeded, CapMissing):
                self._desk.tell("cap_refused", None)
                raise

    async def _step(self, seen: Seen) -> tuple[Seen, Op | None]:
        """One decision. No `Op` means that another call is under way."""
        desk, call = self._desk, self._call
        for _ in range(_MOST_STEPS):
            if seen.won:
                self._row = seen.row
                desk.tell("claimed", seen.row)
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
                    desk.tell("mismatch", row)
                    raise Mismatch(
                        "this key was used before with another amount or another field that must "
                        "be the same; another intent needs another key"
                    )
                case Run(generation=generation):
                    self._sent_before = row.is_unknown(seen.now)
                    seen = await self._reclaim(row, generation)
                case Check():
                    await desk.look_up(row, call.policy.recovery)
                    seen = await self._store.read(row.identity) or seen
                case Unknown(next_check=next_check):
                    self._unknown(row, next_check)
        return self._unknown(seen.row, None)

    async def _reclaim(self, row: Row, generation: int) -> Seen:
        key = canon.provider_key(*_names(row.identity), generation)
        lease = self._call.policy.lease
        return await self._taking(
            lambda: self._store.reclaim(
                row, owner=self._owner, lease=lease, generation=generation, key=key
            )
        )

    def _unknown(self, row: Row, next_check: float | None) -> NoReturn:
        self._desk.tell("unknown", row)
        raise OutcomeUnknown(
            "an earlier call may have had its effect, and nobody knows yet; do not send it under "
            "another key",
            next_check,
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
        self._desk.tell("replayed", row)
        op = self._operation(row, replayed=True)
        op.result = results.decode(row.result)
        return op

    async def _succeed(self, row: Row, op: Op) -> None:
        text = results.encode(op.result)
        outcome = Outcome(state="succeeded", result=text)
        if await self._finish(row, outcome, until=op.deadline) is False:
            try:
                await self._store.keep_late(row.identity, text if text is not None else "null")
            except StoreUnavailable:
                _log.exception("a late result of %s could not be kept", row.provider_key)
            self._desk.tell("late_result", row)
            raise LateResult(
                "the effect ran, after the key had gone to another call: look for a duplicate",
                op.result,
            )

    async def _fail(self, row: Row, op: Op, error: BaseException) -> None:
        """Rejected: failed. Not sent: released. Anything else: nobody knows.

        That this call sent nothing, or was turned away, proves nothing where an earlier one may
        have moved money; `Rejected` itself says that the provider refused this very key.
        """
        call = self._call
        unknown = Outcome(state="unknown", error=type(error).__name__)
        if op.sends > 1:  # the first send may have had its effect, whatever the second one says
            outcome = unknown
        elif isinstance(error, Rejected) or (
            isinstance(error, call.rejected) and not self._sent_before
        ):
            code = error.code if isinstance(error, Rejected) else type(error).__name__
            message = error.message if isinstance(error, Rejected) else str(error)
            outcome = Outcome(state="failed", error_code=code, error=message)
        elif isinstance(error, call.not_sent) and not self._sent_before:
            outcome = Outcome(state="released")
        else:
            outcome = unknown
        known = outcome is not unknown  # running past its lease is unknown by itself
        await self._finish(row, outcome, until=op.deadline if known else 0.0)
        if not known:
            error.add_note(UNPROVEN)
            self._desk.tell("unknown", row)

    async def _finish(self, row: Row, outcome: Outcome, *, until: float) -> bool | None:
        """Record an outcome; `None` where the store never took it: the row becomes unknown."""
        pause = _FIRST_POLL_S
        while True:
            try:
                if await self._store.finish(row, outcome):
                    return True
                seen = await self._store.read(row.identity)
                return seen is not None and _is_ours(seen.row, row, outcome)
            except StoreUnavailable:
                left = until - time.monotonic()
                if left <= 0:
                    self._desk.tell("finish_lost", row)
                    return None
                await self._desk.waits.sleep(min(left, pause))
                pause = min(_LONGEST_POLL_S, pause * 2)


def _is_ours(now: Row, then: Row, outcome: Outcome) -> bool:
    """Whether an earlier try of this very write got through."""
    return (now.fence, now.owner, now.state) == (then.fence, then.owner, outcome.state)


def _names(identity: Identity) -> tuple[str, str, str]:
    return identity.scope, identity.operation, identity.key

r"""The states of an operation and everything that may follow from one: pure, without a store.

    (none) --claim--> running --finish--> succeeded        final, replayed
                         |  |  \-- Rejected --> failed      final; or again, generation + 1
                         |  \----- NotSent ---> released    nothing happened: claimed anew
                         \-- anything else, cancelled, lease over --> unknown

    unknown -- the provider has it --> succeeded        unknown -- it was refused --> failed
    unknown -- it is absent, settled, and that is final --> released
    unknown -- by_key, inside the provider's window --> running, same provider key, fence + 1
    unknown -- a late finish of the same fence and owner --> succeeded or failed
    unknown -- a statement, or a person --> succeeded, failed or released

`running` past its lease is `unknown` everywhere. A lease that is over never lets the effect run
again by itself: that only by_key may, because then the provider itself sees to it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["running", "succeeded", "failed", "unknown", "released"]

FINAL: tuple[State, ...] = ("succeeded", "failed", "released")
OPEN: tuple[State, ...] = ("running", "unknown")

_GRACE_S = 1.0  # of a lease is kept for recording what the provider said


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which operation: two calls with equal identities are one intent."""

    scope: str
    operation: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An amount in minor units that counts against the cap of a subject."""

    subject: str
    currency: str
    minor: int


def hold_of(subject: str | None, currency: str | None, minor: int | None) -> Hold | None:
    """The hold of an intent that counts against a cap."""
    if subject is None or currency is None or minor is None:
        return None
    return Hold(subject=subject, currency=currency, minor=minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An operation as the store has it. Times are seconds since 1970, by the store's clock.

    `result` is JSON text, `None` where there is none or it is not kept. `late` is what came after
    the key had gone to another call. `minor` and `currency` are the intent's amount, `subject` is
    whose cap it counts against.
    """

    identity: Identity
    fingerprint: bytes
    state: State
    fence: int
    owner: str
    attempt: int
    generation: int
    provider_key: str
    lease_until: float
    created_at: float
    first_sent_at: float
    updated_at: float
    checks: int = 0
    next_check_at: float | None = None
    result: str | None = None
    error_code: str | None = None
    error: str | None = None
    late: str | None = None
    note: str | None = None
    subject: str | None = None
    currency: str | None = None
    minor: int | None = None

    @property
    def hold(self) -> Hold | None:
        """What of it counts against a cap."""
        return hold_of(self.subject, self.currency, self.minor)

    def is_unknown(self, now: float) -> bool:
        """Whether nobody knows: unknown, running past its lease, or contradicted since.

        A late result contradicts that it failed or was never sent: it may have moved money.
        """
        if self.state == "running":
            return self.lease_until <= now
        return self.state == "unknown" or (self.late is not None and self.state != "succeeded")

    @property
    def silent_since(self) -> float:
        """When the last owner was sure to be done at the latest."""
        return self.lease_until if self.state == "running" else self.updated_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a look-up gets to find an operation by. `first_sent_at` is in seconds since 1970."""

    provider_key: str
    scope: str
    operation: str
    key: str
    first_sent_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The provider has it: this is its result, and its amount where the provider says one."""

    result: object = None
    minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The provider has it and refused it for good."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider has it and does not know yet."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider has no such operation."""


Seen = Found | Refused | Pending | Absent
LookUp = Callable[[Reference], Seen | Awaitable[Seen]]
"""Async only for an `AsyncGuard`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a provider is asked, in seconds.

    First so long after the send, then after pauses that double, so many times at most, and not
    later than `within` after the send.
    """

    first_after: float
    tries: int
    within: float

    def first_check_at(self, row: Row) -> float:
        """When the first look-up is due: not while the first owner may still send."""
        return max(row.first_sent_at + self.first_after, row.silent_since)

    def due_at(self, row: Row, now: float) -> float | None:
        """When the next look-up is due; `None` when there is none any more."""
        at = self.first_check_at(row) if row.next_check_at is None else row.next_check_at
        too_late = max(at, now) > row.first_sent_at + self.within
        return None if too_late or row.checks >= self.tries else at

    def pause_after(self, checks: int) -> float:
        """How long to wait after the look-up that is the `checks`-th, from 1."""
        return max(1.0, self.first_after) * 2.0 ** min(checks, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How an unknown outcome may be found out: see `pytx.by_key`, `by_lookup` and `manual`."""

    window: float | None = None
    look_up: LookUp | None = None
    schedule: Schedule | None = None
    settle_after: float = 0
    absent_is_final: bool = False

    def settled_at(self, row: Row) -> float:
        """From when on an absent answer may be believed."""
        return row.silent_since + self.settle_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a call asks for: its lease in seconds, how to recover, whether to retry a failure."""

    lease: float
    recovery: Recovery
    retry_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Claim the row as it is, and run. `generation` is the provider key's."""

    generation: int


@dataclass(frozen=True, slots=True)
class Replay:
    """It happened: answer with what is kept."""


@dataclass(frozen=True, slots=True)
class Fail:
    """It was refused for good: say so again."""


@dataclass(frozen=True, slots=True)
class Differ:
    """The key was used with something else."""


@dataclass(frozen=True, slots=True)
class Check:
    """Ask the provider now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Another call holds the key for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody knows; the provider is asked in so many seconds, or not by us (`None`)."""

    next_check: float | None


Decision = Run | Replay | Fail | Differ | Check | Wait | Unknown


def decide(  # noqa: PLR0911 - one line for each state
    row: Row, now: float, policy: Policy, fingerprint: bytes
) -> Decision:
    """What a call does with a row that it found. `now` is by the store's clock."""
    if row.fingerprint != fingerprint:
        return Differ()
    if row.state == "succeeded":
        return Replay()
    if row.late is not None and row.is_unknown(now):
        return Unknown(next_check=None)  # it happened at least once: a person says what holds
    if row.state == "released":
        return Run(generation=row.generation)
    if row.state == "failed":
        return Run(generation=row.generation + 1) if policy.retry_failed else Fail()
    if not row.is_unknown(now):
        return Wait(seconds=row.lease_until - now)
    recovery = policy.recovery
    if recovery.window is not None and now + policy.lease < row.first_sent_at + recovery.window:
        return Run(generation=row.generation)
    if recovery.schedule is None:
        return Unknown(next_check=None)
    due = recovery.schedule.due_at(row, now)
    if due is None:
        return Unknown(next_check=None)
    return Check() if due <= now else Unknown(next_check=due - now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a row: its state, and what goes with it. `result` is JSON text."""

    state: State
    result: str | None = None
    error_code: str | None = None
    error: str | None = None


def contradicts(row: Row, found: Found) -> bool:
    """Whether the provider names another amount than the intent was for."""
    if row.minor is None or found.minor is None:
        return False
    return (found.minor, found.currency or row.currency) != (row.minor, row.currency)


def conclude(row: Row, seen: Seen, now: float, recovery: Recovery) -> Seen | None:
    """What a look-up settles, or `None` where nobody knows still.

    Absent counts only once the first owner can no longer send: see `Recovery.settled_at`.
    """
    if isinstance(seen, Found):
        return None if contradicts(row, seen) else seen
    if isinstance(seen, Refused):
        return seen
    final = recovery.absent_is_final and now >= recovery.settled_at(row)
    return seen if isinstance(seen, Absent) and final else None


def usable(seconds_left: float, most: float) -> float | None:
    """The time-out of the provider call: what is left less a grace; `None` if too little."""
    seconds = min(most, seconds_left - _GRACE_S)
    return seconds if seconds >= _LEAST_S else None


_LEAST_S = 0.5

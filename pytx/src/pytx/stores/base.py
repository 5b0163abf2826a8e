"""What the guard asks of a store. Each method is one transaction, durable when it returns."""

from dataclasses import dataclass
from typing import Any, Protocol

from pytx.model import Hold, Identity, Outcome, Row, hold_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A wish to run an operation for the first time.

    `lease` is in seconds, `minor` and `currency` are the intent's amount, and `subject` is whose
    cap it counts against.
    """

    identity: Identity
    fingerprint: bytes
    owner: str
    provider_key: str
    lease: float
    subject: str | None = None
    currency: str | None = None
    minor: int | None = None

    @property
    def hold(self) -> Hold | None:
        """What of it counts against a cap."""
        return hold_of(self.subject, self.currency, self.minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A row as it was, with the store's clock then; `won` says that the claim made it."""

    row: Row
    now: float
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """What may be moved for a subject at most, and what of it is held and spent, in minor units."""

    subject: str
    currency: str
    minor: int
    held: int
    spent: int

    @property
    def remaining(self) -> int:
        """What may still be claimed."""
        return self.minor - self.held - self.spent


class Store(Protocol):
    """Keeps operations and caps.

    Every method raises `StoreUnavailable` when the store cannot be used. Whoever gets that from a
    write does not know whether it happened; `claim` and `finish` may be repeated as they are.
    """

    def create_schema(self) -> None:
        """Make the tables that are not there yet."""
        ...

    def claim(self, claim: Claim) -> Seen:
        """Insert the row as running, with its hold, or return the one that is there.

        A row that this very owner inserted before is won.

        Raises:
            CapMissing, CapExceeded: the hold does not fit; nothing is inserted.
        """
        ...

    def reclaim(self, row: Row, *, owner: str, lease: float, generation: int, key: str) -> Seen:
        """Make `row` running again with a new owner, if it is still as it was (state and fence).

        A hold that was given back is taken again. `key` is the provider key of `generation`.

        Raises:
            CapMissing, CapExceeded: as `claim`.
        """
        ...

    def finish(self, row: Row, outcome: Outcome) -> bool:
        """Settle a row that this owner holds, or lost to `unknown`; False where another has it.

        Succeeded turns the hold into money spent; failed and released give it back.
        """
        ...

    def settle(self, row: Row, outcome: Outcome, note: str) -> bool:
        """Settle a row that nobody knows of, if it is still as it was; else False."""
        ...

    def take_check(self, row: Row, *, next_check_at: float) -> bool:
        """Count one look-up of a row that nobody knows of; False where another took it."""
        ...

    def put_off(self, row: Row, *, next_check_at: float) -> None:
        """Look a row up at another time than was planned."""
        ...

    def keep_late(self, identity: Identity, result: str) -> None:
        """Keep a result that came after the key had gone to another call."""
        ...

    def read(self, identity: Identity) -> Seen | None:
        """The row, if there is one."""
        ...

    def by_provider_key(self, provider_key: str) -> Seen | None:
        """The row that the provider knows by this key."""
        ...

    def open_rows(self, scope: str, limit: int) -> list[Row]:
        """Rows that nobody knows of, the oldest first."""
        ...

    def rows_since(self, scope: str, operation: str, since: float) -> list[Row]:
        """Rows of an operation that changed at a time or after it, the oldest first."""
        ...

    def purge(self, scope: str, *, before: float, keep_keys: bool) -> int:
        """Drop the results of rows that were settled before a time; or the rows. How many."""
        ...

    def set_cap(self, scope: str, subject: str, currency: str, minor: int) -> None:
        """Set or change a cap.

        Raises:
            ValueError: more than that is held and spent already.
        """
        ...

    def cap(self, scope: str, subject: str, currency: str) -> Cap | None:
        """The cap of a subject, if there is one."""
        ...

    def now(self) -> float:
        """The store's clock, seconds since 1970."""
        ...

    def inside(self, connection: Any) -> "Store":  # noqa: ANN401 - the store's own kind
        """The same store in the caller's transaction: nothing is committed, no error is changed.

        Raises:
            NoTransaction: the connection is inside none.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

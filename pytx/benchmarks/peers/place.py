"""What an adapter is given, and what it gives: one file for each peer, `with_NAME.py`.

An adapter has `made(place)`, `made_async(place)`, or both. Each returns one function that pays
under the peer's guard: `pay(operation, key, minor, effect)`. `effect` takes the key to send to the
provider. Leases are `LEASE_S` where the peer has one to set; all else is the peer's default.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

LEASE_S = 1

Effect = Callable[[str], object]
AsyncEffect = Callable[[str], Awaitable[object]]
Pay = Callable[[str, str, int, Effect], object]
AsyncPay = Callable[[str, str, int, AsyncEffect], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a peer keeps what it knows. Where `down`, nothing answers there."""

    store: str
    variant: str
    folder: str
    database: str
    postgres_port: int
    redis_port: int
    down: bool = False

    @property
    def file(self) -> str:
        """A file for SQLite; the folder itself, which is none, where the store is down."""
        return self.folder if self.down else str(Path(self.folder) / "peer.db")

    @property
    def postgres(self) -> str:
        """A URL; port 1 is closed."""
        port = 1 if self.down else self.postgres_port
        return f"postgresql://tester@127.0.0.1:{port}/{self.database}"

    @property
    def redis(self) -> str:
        """A URL; port 1 is closed."""
        return f"redis://127.0.0.1:{1 if self.down else self.redis_port}/0"


class NotDone(Exception):  # noqa: N818 - as a peer that answers, instead of raising, would name it
    """The peer said, in its answer, that nothing was done."""


class Declined(Exception):  # noqa: N818 - as payment SDKs name it
    """The provider refuses: nothing moved."""

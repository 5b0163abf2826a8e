"""What a message is, and what outbox and relay ask of a store."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pytx import results


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a handler gets. `message_id` is what an inbox knows it by, `attempt` counts from 1."""

    id: int
    message_id: str
    topic: str
    key: str | None
    payload: Any
    headers: Mapping[str, str]
    attempt: int
    fence: int
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages a relay takes. `lease` is in seconds; `suspects` were tried twice before."""

    topics: tuple[str, ...]
    limit: int
    lease: float
    most_attempts: int
    suspects: bool
    skips_dead: bool


class Mailroom(Protocol):
    """What the outbox asks of a store; each method but `enqueue` is one transaction."""

    def enqueue(  # noqa: PLR0913, PLR0917 - the columns of a message
        self,
        connection: Any,  # noqa: ANN401 - the store's own kind
        message_id: str,
        topic: str,
        key: str | None,
        payload: str,
        headers: str,
    ) -> None:
        """Insert a message in the caller's transaction.

        Raises:
            NoTransaction: the connection is inside none.
        """
        ...

    def take_messages(self, wanted: Wanted) -> list[tuple[Any, ...]]:
        """Lease messages that are due, the oldest first; of one key only its oldest."""
        ...

    def delivered(self, taken: list[tuple[int, int]]) -> None:
        """Forget messages by id and fence."""
        ...

    def undelivered(self, taken: tuple[int, int], *, pause: float, dead: bool, why: str) -> None:
        """Put a message off, or out."""
        ...

    def bury(self, most_attempts: int) -> int:
        """Put out messages whose attempts are used up and whose last taker never came back."""
        ...

    def dead_messages(self, limit: int) -> list[tuple[Any, ...]]:
        """Messages that are out, the oldest first."""
        ...

    def revive(self, message_id: str) -> bool:
        """Let a dead message be delivered after all."""
        ...

    def drop(self, message_id: str) -> bool:
        """Forget a dead message."""
        ...

    def announce(self, connection: Any) -> None:  # noqa: ANN401 - the store's own kind
        """Notify those who listen when the caller's transaction commits.

        Raises:
            ValueError: the database cannot.
        """
        ...

    def listen(self, ear: object, seconds: float) -> object:
        """Wait for a notification by `ear`, and return it.

        Where there is none it is opened, without waiting, and where it was lost none is returned:
        in both cases the outbox is to be looked at at once.

        Raises:
            StoreUnavailable: it cannot be opened.
            ValueError: the database has none.
        """
        ...

    def doze(self, seconds: float) -> None:
        """Wait to be poked in this process."""
        ...

    def poke(self) -> None:
        """Wake those who doze, and those who listen. It may be lost."""
        ...

    def statement(self, name: str) -> str:
        """A statement as the database's driver takes it."""
        ...


def message_of(values: Iterable[Any]) -> Message:
    """A message as the statements select it."""
    number, message_id, topic, key, payload, headers, attempts, fence, last_error = values
    return Message(
        id=number,
        message_id=message_id,
        topic=topic,
        key=key,
        payload=results.decode(payload),
        headers=json.loads(headers),
        attempt=attempts,
        fence=fence,
        last_error=last_error,
    )


def enqueuing(key: str | None) -> str:
    """The name of the statement that writes a message."""
    return "enqueue" if key is None else "enqueue_keyed"

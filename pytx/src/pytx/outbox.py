"""The outbox: a message commits with the data that it tells of, and is delivered at least once.

A relay delivers by state, never by counting ids: a transaction that commits late is not skipped.
Messages of one key keep the order of their commits. After a crash up to one batch comes again:
whoever receives it drops what it has seen (`pytx.inbox`).
"""

import json
import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from pytx import results
from pytx.errors import Poison, StoreUnavailable

_log = logging.getLogger("pytx")
_LONGEST_PAUSE_S: Final = 300.0
_STORE_PAUSE_S: Final = 1.0
_LONGEST_ERROR: Final = 500


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

    awake: threading.Event

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


class Outbox:
    """Writes messages in the caller's transaction, and looks after the dead ones."""

    def __init__(self, store: Mailroom) -> None:
        """Write into `store`'s database."""
        self._store = store

    def enqueue(
        self,
        connection: Any,  # noqa: ANN401 - sqlite3's or psycopg's, as the store is
        topic: str,
        payload: object,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Write a message that is delivered if, and only if, the caller's transaction commits.

        Args:
            connection: Inside a transaction, in the database that the store is in.
            topic: Which handler gets it.
            payload: JSON, with Decimal, date, datetime and UUID besides.
            key: Messages of one topic and key are delivered in the order of their commits. A
                transaction that writes several keys writes them sorted, or may deadlock.
            headers: Texts beside the payload.

        Returns:
            The message's id, by which an inbox knows it.

        Raises:
            NoTransaction: the connection is inside no transaction.
            TypeError: the payload cannot be kept.
            ValueError: the topic is empty.
        """
        if not topic.strip():
            raise ValueError("a message has a topic, such as 'refund.done'")
        text = results.encode(payload)
        if text is None:
            raise TypeError("the payload is no JSON, or longer than 64 KiB; send a reference to it")
        message_id = str(uuid.uuid4())
        told = json.dumps(dict(headers or {}), ensure_ascii=False)
        self._store.enqueue(connection, message_id, topic, key, text, told)
        return message_id

    def poke(self) -> None:
        """After a commit: wake the relays of this process before their next poll."""
        self._store.awake.set()

    def dead(self, limit: int = 100) -> list[Message]:
        """Messages that are not delivered any more, with their last error."""
        return [_message(each) for each in self._store.dead_messages(limit)]

    def retry_dead(self, message_id: str) -> None:
        """Deliver a dead message after all, with all attempts anew.

        Raises:
            ValueError: there is no such dead message.
        """
        if not self._store.revive(message_id):
            raise ValueError(f"there is no dead message {message_id}")

    def drop_dead(self, message_id: str) -> None:
        """Forget a dead message; a key that it blocked goes on.

        Raises:
            ValueError: there is no such dead message.
        """
        if not self._store.drop(message_id):
            raise ValueError(f"there is no dead message {message_id}")


Handler = Callable[[Message], object]


class Relay:
    """Delivers messages to handlers, at least once. Any number may run at the same time."""

    def __init__(  # noqa: PLR0913 - each is one decision about delivery
        self,
        store: Mailroom,
        handlers: Mapping[str, Handler],
        *,
        batch: int = 50,
        lease: float = 60,
        most_attempts: int = 10,
        keyed: Literal["block", "skip"] = "block",
        poll: float = 0.1,
    ) -> None:
        """Deliver topics to handlers.

        Args:
            store: Whose outbox.
            handlers: By topic. A handler that raises is tried again later; `Poison` ends that.
            batch: How many messages are taken at once: so many may come again after a crash.
            lease: Seconds for a whole batch.
            most_attempts: After so many a message is dead. Attempts count when it is taken, so one
                that kills the process is dead in the end as well.
            keyed: Whether a dead message blocks those of its key ("block") or not ("skip").
            poll: Seconds between looks at an empty outbox.

        Raises:
            ValueError: there is no handler, or a number is not positive.
        """
        if not handlers:
            raise ValueError("a relay without a handler would deliver nothing")
        for name, value in (("batch", batch), ("lease", lease), ("most_attempts", most_attempts)):
            if not value > 0:
                raise ValueError(f"{name} is {value}; it is more than nothing")
        self._store = store
        self._handlers = dict(handlers)
        self._batch = batch
        self._lease = lease
        self._most_attempts = most_attempts
        self._skips_dead = keyed == "skip"
        self._poll = poll

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set; an empty outbox is looked at again every `poll` seconds.

        A store that cannot be used is logged and tried again: polling never stops by itself.
        """
        while not stop.is_set():
            self._store.awake.clear()
            try:
                if not self.run_once():
                    self._store.awake.wait(self._poll)
            except StoreUnavailable as error:
                _log.warning("the relay waits for its store: %s", error)
                stop.wait(max(self._poll, _STORE_PAUSE_S))

    def run_once(self) -> int:
        """Deliver what is due, one batch; return how many messages were taken.

        A message that was tried twice is taken alone: if it kills the process, it kills no others.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        self._store.bury(self._most_attempts)
        taken = self._deliver(suspects=False, limit=self._batch)
        return taken + self._deliver(suspects=True, limit=1)

    def _deliver(self, *, suspects: bool, limit: int) -> int:
        until = time.monotonic() + self._lease
        wanted = Wanted(
            topics=tuple(self._handlers),
            limit=limit,
            lease=self._lease,
            most_attempts=self._most_attempts,
            suspects=suspects,
            skips_dead=self._skips_dead,
        )
        messages = sorted(map(_message, self._store.take_messages(wanted)), key=lambda m: m.id)
        done: list[tuple[int, int]] = []
        try:
            for message in messages:
                if time.monotonic() >= until:  # another relay may have it by now
                    break
                if self._handle(message):
                    done.append((message.id, message.fence))
        finally:
            if done:
                self._store.delivered(done)
        return len(messages)

    def _handle(self, message: Message) -> bool:
        try:
            self._handlers[message.topic](message)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others go on
            dead = isinstance(error, Poison) or message.attempt >= self._most_attempts
            why = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
            _log.warning("message %s was not delivered: %s", message.message_id, why)
            pause = min(_LONGEST_PAUSE_S, 2.0**message.attempt)
            pause *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries
            place = (message.id, message.fence)
            self._store.undelivered(place, pause=pause, dead=dead, why=why)
            return False
        return True


def _message(values: Iterable[Any]) -> Message:
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

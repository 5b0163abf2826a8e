"""The relay: delivers what the outbox holds, at least once, and each key in order.

It goes by state, never by counting ids: a transaction that commits late is not skipped. Messages
of one key keep the order of their commits. After a crash up to one batch comes again: whoever
receives it drops what it has seen (`pytx.inbox`).
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypedDict, Unpack, cast

from pytx.driving import Blocking, Eager, Waits, blocking, got
from pytx.errors import Poison, StoreUnavailable
from pytx.mail import Mailroom, Message, Wanted, message_of

if TYPE_CHECKING:
    from pytx.stores.sql_store import SqlStore

_log = logging.getLogger("pytx")
_LONGEST_PAUSE_S: Final = 300.0
_STORE_PAUSE_S: Final = 1.0
_LONGEST_ERROR: Final = 500
_LEAST_ATTEMPTS: Final = 3  # the third one is alone: see `Relaying.run_once`


class Stop(Protocol):
    """An event, of threading or asyncio."""

    def is_set(self) -> bool:
        """Whether it has happened."""
        ...


Handler = Callable[[Message], object]


class RelayOptions(TypedDict, total=False):
    """How a relay delivers.

    Attributes:
        batch: How many messages are taken at once: so many may come again after a crash. 50.
        lease: Seconds for a whole batch. 60.
        most_attempts: After so many a message is dead. Attempts count when it is taken, so one that
            kills the process is dead in the end as well. 10.
        keyed: Whether a dead message blocks those of its key ("block", as it is) or not ("skip").
        poll: Seconds between looks at an empty outbox. 0.1.
        wake: "notify" listens meanwhile, for an outbox that notifies or pokes (PostgreSQL).
    """

    batch: int
    lease: float
    most_attempts: int
    keyed: Literal["block", "skip"]
    poll: float
    wake: Literal["poll", "notify"]


class Relaying:
    """The steps of `Relay`."""

    def __init__(  # noqa: PLR0913 - each is one decision about delivery
        self,
        store: "SqlStore[Any]",
        waits: Waits,
        handlers: Mapping[str, Handler],
        *,
        batch: int = 50,
        lease: float = 60,
        most_attempts: int = 10,
        keyed: Literal["block", "skip"] = "block",
        poll: float = 0.1,
        wake: Literal["poll", "notify"] = "poll",
    ) -> None:
        """See `Relay`."""
        if not handlers:
            raise ValueError("a relay without a handler would deliver nothing")
        for name, value in (("batch", batch), ("lease", lease), ("most_attempts", most_attempts)):
            if not value > 0:
                raise ValueError(f"{name} is {value}; it is more than nothing")
        if most_attempts < _LEAST_ATTEMPTS:
            raise ValueError(
                f"most_attempts is {most_attempts}; a message shares two with a batch, and one of "
                f"that may kill the process: say {_LEAST_ATTEMPTS} or more"
            )
        self._store = store
        self._waits = waits
        self._handlers = dict(handlers)
        self._batch = batch
        self._lease = lease
        self._most_attempts = most_attempts
        self._skips_dead = keyed == "skip"
        self._poll = poll
        self._listens = wake == "notify"

    async def run(self, stop: Stop) -> None:
        """Deliver until `stop` is set; an empty outbox is looked at again every `poll` seconds.

        A store that cannot be used is logged and tried again: polling never stops by itself.
        """
        ear: Any = None
        try:
            while not stop.is_set():
                try:
                    if await self.run_once():
                        continue
                    if self._listens:
                        ear = await self._store.listen(ear, self._poll)
                    else:
                        await self._store.doze(self._poll)
                except StoreUnavailable as error:
                    _log.warning("the relay waits for its store: %s", error)
                    await self._waits.sleep(max(self._poll, _STORE_PAUSE_S))
        finally:
            if ear is not None:
                await got(ear.close())

    async def run_once(self) -> int:
        """Deliver what is due, one batch; return how many messages were taken.

        A message that was tried twice is taken alone: if it kills the process, it kills no others.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        await self._store.bury(self._most_attempts)
        taken = await self._deliver(suspects=False, limit=self._batch)
        return taken + await self._deliver(suspects=True, limit=1)

    async def _deliver(self, *, suspects: bool, limit: int) -> int:
        until = time.monotonic() + self._lease
        wanted = Wanted(
            topics=tuple(self._handlers),
            limit=limit,
            lease=self._lease,
            most_attempts=self._most_attempts,
            suspects=suspects,
            skips_dead=self._skips_dead,
        )
        taken = await self._store.take_messages(wanted)
        messages = sorted(map(message_of, taken), key=lambda message: message.id)
        done: list[tuple[int, int]] = []
        try:
            for message in messages:
                if time.monotonic() >= until:  # another relay may have it by now
                    break
                if await self._handle(message):
                    done.append((message.id, message.fence))
        finally:
            if done:
                await self._store.delivered(done)
        return len(messages)

    async def _handle(self, message: Message) -> bool:
        try:
            await self._waits.call(self._handlers[message.topic], message)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others go on
            dead = isinstance(error, Poison) or message.attempt >= self._most_attempts
            why = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
            _log.warning("message %s was not delivered: %s", message.message_id, why)
            pause = min(_LONGEST_PAUSE_S, 2.0**message.attempt)
            pause *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries
            place = (message.id, message.fence)
            await self._store.undelivered(place, pause=pause, dead=dead, why=why)
            return False
        return True


class Relay:
    """Delivers messages to handlers, at least once. Any number may run at the same time."""

    def __init__(
        self, store: Mailroom, handlers: Mapping[str, Handler], **options: Unpack[RelayOptions]
    ) -> None:
        """Deliver topics to handlers.

        Args:
            store: Whose outbox.
            handlers: By topic. A handler that raises is tried again later; `Poison` ends that.
            **options: See `RelayOptions`.

        Raises:
            ValueError: there is no handler, a number is not positive, or there are fewer than three
                attempts.
        """
        steps = cast("SqlStore[Any]", Eager(store))
        self.steps = Relaying(steps, Blocking(), handlers, **options)

    run = blocking(Relaying.run)
    run_once = blocking(Relaying.run_once)

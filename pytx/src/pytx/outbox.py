"""The outbox: a message commits with the data that it tells of, and is delivered at least once."""

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from pytx import results
from pytx.driving import Eager, blocking
from pytx.mail import Mailroom, Message, enqueuing, message_of

if TYPE_CHECKING:
    from pytx.stores.sql_store import SqlStore

_PLACE: Final = re.compile(r"%\((\w+)\)s|:(\w+)")
"""A parameter in a statement, as psycopg or sqlite3 takes it."""


class Posting:
    """The steps of `Outbox`."""

    def __init__(
        self,
        statement: Callable[[str], str],
        store: "SqlStore[Any]",
        wake: Literal["poll", "notify"],
    ) -> None:
        """Write into a store's database. `statement` is the store's own."""
        self._statement = statement
        self._store = store
        self._notifies = wake == "notify"

    async def enqueue(
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
            ValueError: the topic is empty, or the database cannot notify.
        """
        written = _written(topic, payload, key, headers)
        if self._notifies:
            await self._store.announce(connection)
        await self._store.enqueue(connection, **written)
        return str(written["message_id"])

    def statement(
        self,
        topic: str,
        payload: object,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        style: Literal["numeric", "named"] = "numeric",
    ) -> tuple[str, tuple[object, ...] | dict[str, object]]:
        """The statement that writes a message, for a driver that pytx does not know.

        Run it in your transaction, as `enqueue` would. With a key it must run before anything
        else of that key can commit: the statement itself sees to that.

        Args:
            topic: As in `enqueue`, and so are `payload`, `key` and `headers`.
            payload: See there.
            key: See there.
            headers: See there.
            style: "numeric" is `$1` with a tuple (asyncpg), "named" is `:name` with a mapping
                (SQLAlchemy's `text`, sqlite3).

        Returns:
            The statement, and its parameters.

        Raises:
            TypeError, ValueError: as `enqueue`.
        """
        written = _written(topic, payload, key, headers) | {"now": time.time()}
        text = self._statement(enqueuing(key)).strip()
        names = list(dict.fromkeys(match[1] or match[2] for match in _PLACE.finditer(text)))
        if style == "named":
            return _PLACE.sub(lambda m: f":{m[1] or m[2]}", text), {n: written[n] for n in names}
        numbered = _PLACE.sub(lambda m: f"${names.index(m[1] or m[2]) + 1}", text)
        return numbered, tuple(written[name] for name in names)

    async def poke(self) -> None:
        """After a commit: wake relays before their next poll.

        Those of this process, and on PostgreSQL those that listen (`wake="notify"`), at most 20
        times a second. It may be lost: polling is what delivers.
        """
        await self._store.poke()

    async def dead(self, limit: int = 100) -> list[Message]:
        """Messages that are not delivered any more, with their last error."""
        return [message_of(each) for each in await self._store.dead_messages(limit)]

    async def retry_dead(self, message_id: str) -> None:
        """Deliver a dead message after all, with all attempts anew.

        Raises:
            ValueError: there is no such dead message.
        """
        if not await self._store.revive(message_id):
            raise ValueError(f"there is no dead message {message_id}")

    async def drop_dead(self, message_id: str) -> None:
        """Forget a dead message; a key that it blocked goes on.

        Raises:
            ValueError: there is no such dead message.
        """
        if not await self._store.drop(message_id):
            raise ValueError(f"there is no dead message {message_id}")


class Outbox:
    """Writes messages in the caller's transaction, and looks after the dead ones."""

    def __init__(self, store: Mailroom, *, wake: Literal["poll", "notify"] = "poll") -> None:
        """Write into `store`'s database.

        With `wake="notify"` each message notifies the relays that listen, in the transaction that
        writes it. PostgreSQL takes one lock for all such commits: at 16 writers it costs more than
        half of what they write. `poke` after the commit costs less.
        """
        self.steps = Posting(store.statement, cast("SqlStore[Any]", Eager(store)), wake)
        self.statement = self.steps.statement

    enqueue = blocking(Posting.enqueue)
    poke = blocking(Posting.poke)
    dead = blocking(Posting.dead)
    retry_dead = blocking(Posting.retry_dead)
    drop_dead = blocking(Posting.drop_dead)


def _written(
    topic: str, payload: object, key: str | None, headers: Mapping[str, str] | None
) -> dict[str, Any]:
    """The columns of a message.

    Raises:
        TypeError: the payload cannot be kept.
        ValueError: the topic is empty.
    """
    if not topic.strip():
        raise ValueError("a message has a topic, such as 'refund.done'")
    text = results.encode(payload)
    if text is None:
        raise TypeError("the payload is no JSON, or longer than 64 KiB; send a reference to it")
    return {
        "message_id": str(uuid.uuid4()),
        "topic": topic,
        "key": key,
        "payload": text,
        "headers": json.dumps(dict(headers or {}), ensure_ascii=False),
    }

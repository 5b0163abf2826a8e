"""The steps of `pytx.mail.Mailroom`, but for what differs between the databases."""

import dataclasses
import threading
from typing import Any

from pytx.driving import got
from pytx.mail import Wanted, enqueuing
from pytx.stores.sql_base import C, SqlBase


class SqlMail(SqlBase[C]):
    """Messages of the outbox."""

    def __init__(self, kind: str, violation: type[Exception]) -> None:
        """See `SqlBase`."""
        super().__init__(kind, violation)
        self._awake = threading.Event()

    async def enqueue(  # noqa: PLR0913, PLR0917 - see `Mailroom`
        self,
        connection: C,
        message_id: str,
        topic: str,
        key: str | None,
        payload: str,
        headers: str,
    ) -> None:
        """See `Mailroom.enqueue`.

        With a key a statement of its own sees to it that the ids of one key are in the order of
        their commits: see `sql/postgres.sql`.
        """
        self._need_transaction(connection)
        await self._do(
            connection, enqueuing(key), message_id=message_id, topic=topic, key=key,
            payload=payload, headers=headers,
        )  # fmt: skip

    async def take_messages(self, wanted: Wanted) -> list[tuple[Any, ...]]:
        """See `Mailroom.take_messages`."""
        values = dataclasses.asdict(wanted) | {"topics": self._list(wanted.topics)}
        async with self._changing() as connection:
            return await self._ask(connection, "take_messages", values)

    async def delivered(self, taken: list[tuple[int, int]]) -> None:
        """See `Mailroom.delivered`."""
        rows = [{"id": number, "fence": fence} for number, fence in taken]
        async with self._writing() as connection:
            cursor = connection.cursor()
            await got(cursor.executemany(self._sql["delivered"], rows))
            await got(cursor.close())

    async def undelivered(
        self, taken: tuple[int, int], *, pause: float, dead: bool, why: str
    ) -> None:
        """See `Mailroom.undelivered`."""
        number, fence = taken
        state = "dead" if dead else "ready"
        await self._change("undelivered", id=number, fence=fence, pause=pause, state=state, why=why)

    async def bury(self, most_attempts: int) -> int:
        """See `Mailroom.bury`."""
        return await self._change("bury", most_attempts=most_attempts)

    async def dead_messages(self, limit: int) -> list[tuple[Any, ...]]:
        """See `Mailroom.dead_messages`."""
        return await self._all("dead_messages", limit=limit)

    async def revive(self, message_id: str) -> bool:
        """See `Mailroom.revive`."""
        return await self._change("revive", message_id=message_id) == 1

    async def drop(self, message_id: str) -> bool:
        """See `Mailroom.drop`."""
        return await self._change("drop", message_id=message_id) == 1

    async def announce(self, connection: C) -> None:
        """See `Mailroom.announce`."""
        raise ValueError(f"{connection} has nobody to notify; leave out wake='notify'")

    async def listen(self, ear: object, seconds: float) -> object:  # noqa: ARG002 - for PostgreSQL
        """See `Mailroom.listen`."""
        raise ValueError(f"{self} has nobody to listen to; leave out wake='notify'")

    async def doze(self, seconds: float) -> None:
        """See `Mailroom.doze`."""
        if self._awake.wait(seconds):
            self._awake.clear()

    async def poke(self) -> None:
        """See `Mailroom.poke`."""
        self._awake.set()

    def statement(self, name: str) -> str:
        """See `Mailroom.statement`."""
        return self._sql[name]

    def _list(self, texts: tuple[str, ...]) -> object:
        """Texts as one parameter."""
        return list(texts)

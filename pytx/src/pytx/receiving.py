"""The inbox: a message that comes twice is handled once, in the receiver's own transaction."""

import sqlite3
import time
from typing import Any

from pytx.driving import got, run
from pytx.errors import NoTransaction
from pytx.sql import statements


class Inbox:
    """Whether a consumer sees a message for the first time. Made by `inbox`."""

    def __init__(self, connection: Any, values: dict[str, object]) -> None:  # noqa: ANN401
        """Nothing is written yet."""
        self._connection = connection
        self._values = values

    def __enter__(self) -> bool:
        """Write the message down.

        Raises:
            NoTransaction: the connection is inside no transaction.
        """
        return run(self.__aenter__())

    def __exit__(self, *error: object) -> None:
        """The caller's transaction says what becomes of it."""

    async def __aenter__(self) -> bool:
        """As `__enter__`, for an async connection."""
        statement = _statement(self._connection, "receive")
        cursor = await got(self._connection.execute(statement, self._values))
        return bool(cursor.rowcount)

    async def __aexit__(self, *error: object) -> None:
        """As `__exit__`."""


def inbox(
    connection: Any,  # noqa: ANN401 - sqlite3's or psycopg's
    *,
    consumer: str,
    message_id: str,
) -> Inbox:
    """Say whether a consumer sees a message for the first time; false for a copy.

    What is written beside it commits with it. A copy that comes at the same time waits until the
    first one's transaction ends. The tables are those of the store (`create_schema`). Use it with
    `with`, or for an async connection of psycopg with `async with`.

    Raises:
        NoTransaction: the connection is inside no transaction.
        ValueError: the consumer or the message has no name.
    """
    if not consumer.strip() or not message_id.strip():
        raise ValueError("an inbox knows a message by its consumer and its id; one is empty")
    values = {"consumer": consumer, "message_id": message_id, "now": time.time()}
    return Inbox(connection, values)


def forget_received(connection: Any, *, older_than: float) -> int:  # noqa: ANN401
    """Forget messages that were received so many seconds ago; how many.

    Keep them for longer than any sender sends again.

    Raises:
        NoTransaction: the connection is inside no transaction.
    """
    values = {"before": time.time() - older_than}
    changed: int = connection.execute(_statement(connection, "forget_received"), values).rowcount
    return changed


def _statement(connection: Any, name: str) -> str:  # noqa: ANN401
    if isinstance(connection, sqlite3.Connection):
        begun, kind = connection.in_transaction, "sqlite"
    else:
        begun, kind = (
            not connection.autocommit or connection.info.transaction_status != 0,
            "postgres",
        )
    if not begun:
        raise NoTransaction("begin a transaction first: the message and its effect commit together")
    return statements(kind)[name]

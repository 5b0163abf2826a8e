"""Outbox and relay for asyncio."""

from collections.abc import Mapping
from typing import Literal, Unpack

from pytx.async_guard import Awaiting
from pytx.outbox import Posting
from pytx.relaying import Handler, Relaying, RelayOptions
from pytx.stores.async_postgres import AsyncPgStore


class AsyncOutbox(Posting):
    """As `Outbox`, for asyncio: the connection is async, and everything but `statement` awaited."""

    def __init__(self, store: AsyncPgStore, *, wake: Literal["poll", "notify"] = "poll") -> None:
        """Write into `store`'s database; `wake` is as in `Outbox`."""
        super().__init__(store.statement, store, wake)


class AsyncRelay(Relaying):
    """As `Relay`, for asyncio: `run` takes an `asyncio.Event`, and a handler may be async or not.

    Handlers of one relay run one after another. One that is cancelled is delivered again.
    """

    def __init__(
        self, store: AsyncPgStore, handlers: Mapping[str, Handler], **options: Unpack[RelayOptions]
    ) -> None:
        """Deliver topics to handlers; the options are those of `Relay`.

        Raises:
            ValueError: there is no handler, or a number is not positive.
        """
        super().__init__(store, Awaiting(), handlers, **options)

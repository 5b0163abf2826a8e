"""A user's own code that blocks: in a daemon thread, so that a hung call holds up no end."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_thread(act: Callable[[], T], *, name: str) -> tuple[T | None, BaseException | None]:
    """What `act` returned, or what it raised: a coroutine cannot hand on a `StopIteration`.

    Whoever is cancelled meanwhile does not wait for it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[T | None, BaseException | None]] = loop.create_future()

    def settle(ended: tuple[T | None, BaseException | None]) -> None:
        if not future.done():
            future.set_result(ended)

    def call() -> None:
        ended: tuple[T | None, BaseException | None]
        try:
            ended = act(), None
        except BaseException as error:  # noqa: BLE001 - handed over to the caller, whatever it is
            ended = None, error
        try:
            loop.call_soon_threadsafe(settle, ended)
        except RuntimeError:  # the loop has ended: nobody waits any more
            return

    threading.Thread(target=call, daemon=True, name=name).start()
    return await future

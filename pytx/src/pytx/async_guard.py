"""The guard for asyncio: what is recorded is recorded although the caller is cancelled."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, TypeVar, cast

from pytx.blocks import LocalBlock
from pytx.desk import Desk, Event
from pytx.driving import got
from pytx.guarding import Guarding
from pytx.office import Office
from pytx.running import Block, Call, Op
from pytx.stores.async_postgres import AsyncPgStore

R = TypeVar("R")


class Awaiting:
    """Lets the event loop go on; a user's function may be async or not."""

    async def sleep(self, seconds: float) -> None:
        """See `Waits.sleep`."""
        await asyncio.sleep(seconds)

    async def call(self, function: Callable[[Any], Any], value: object) -> Any:  # noqa: ANN401
        """See `Waits.call`."""
        return await got(function(value))


async def surely(steps: Coroutine[Any, Any, R]) -> R:
    """Run steps to their end, also when the caller is cancelled meanwhile; then it is."""
    task = asyncio.ensure_future(steps)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except BaseException:  # noqa: BLE001, S112 - the task's own, which its result raises
            continue
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()


class AsyncOnce:
    """One guarded block. Made by `AsyncGuard.once` or `AsyncGuard.local`; enter it once."""

    def __init__(self, block: Block | LocalBlock) -> None:
        """Nothing is claimed yet."""
        self._block = block

    async def __aenter__(self) -> Op:
        """Claim the intent, or answer with what is known of it.

        Raises:
            Mismatch, InProgress, OutcomeUnknown, OperationFailed, ReplayUnavailable, CapExceeded,
            CapMissing, StoreUnavailable: the block does not run.
        """
        try:
            return await self._block.enter()
        except asyncio.CancelledError:
            await surely(self._block.give_up())
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Record what became of it. What the block raised flies on.

        Raises:
            LateResult: the effect ran, after the key had gone to another call.
        """
        await surely(self._block.leave(error))


class AsyncGuard(Guarding[AsyncOnce], Office):
    """As `Guard`, for asyncio: `async with`, async functions, and everything is awaited.

    A caller that is cancelled during the effect leaves an unknown intent; what became of an effect
    that has ended is recorded first. A look-up may be async or not.
    """

    def __init__(self, store: AsyncPgStore, *, scope: str, on_event: Event | None = None) -> None:
        """Guard effects; the arguments are those of `Guard`, `on_event` is no coroutine.

        Raises:
            TypeError: the store blocks.
            ValueError: the scope is empty.
        """
        if not iscoroutinefunction(store.claim):
            raise TypeError("this store blocks; guard with pytx.Guard")
        desk = Desk(store, Awaiting(), on_event)
        Guarding.__init__(self, store, scope, desk)
        Office.__init__(self, desk, scope, self._recoveries)

    def _once(self, call: Call) -> AsyncOnce:
        return AsyncOnce(Block(self._desk, call))

    def _local(self, connection: Any, call: Call) -> AsyncOnce:  # noqa: ANN401 - see `local`
        inside = Desk(self.store.inside(connection), Awaiting(), self._desk.on_event)
        return AsyncOnce(LocalBlock(connection, Block(inside, call)))

    def _guarded(
        self, function: Callable[..., R], prepare: Callable[..., AsyncOnce]
    ) -> Callable[..., R]:
        if not iscoroutinefunction(function):
            raise TypeError(f"{function!r} blocks; guard it with pytx.Guard, or make it async")

        @functools.wraps(function)
        async def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function's own
            async with prepare(*args, **kwargs) as op:
                if not op.replayed:
                    op.result = await function(*args, **kwargs, op=op)
            return op.result

        return cast("Callable[..., R]", guarded)

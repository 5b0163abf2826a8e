"""What `with guard.once(...)` and `with guard.local(...)` enter."""

import logging
from types import TracebackType
from typing import Any

from pytx.driving import got, run
from pytx.running import Block, Op

_log = logging.getLogger("pytx")


class LocalBlock:
    """The steps of one guarded block in the caller's transaction."""

    def __init__(self, connection: Any, block: Block) -> None:  # noqa: ANN401 - as `Guard.local`
        """Nothing is claimed yet."""
        self._connection = connection
        self._block = block

    async def enter(self) -> Op:
        """Claim the intent in the caller's transaction, or answer with what is known of it.

        Raises:
            Mismatch, InProgress, OutcomeUnknown, OperationFailed, ReplayUnavailable, CapExceeded,
            CapMissing: the block does not run, and the transaction is as it was.
        """
        await self._say("savepoint pytx_local")
        try:
            return await self._block.enter()
        except BaseException:
            await self._undo()
            raise

    async def leave(self, error: BaseException | None) -> None:
        """Record the result, or undo the block."""
        if error is not None:
            await self._undo()
            return
        await self._block.leave(None)
        await self._say("release savepoint pytx_local")

    async def give_up(self) -> None:
        """Nothing is left of a claim that was cancelled: see `enter`."""

    async def _say(self, statement: str) -> None:
        await got(self._connection.execute(statement))

    async def _undo(self) -> None:
        """Back to where the block began; a transaction that is lost anyway stays the caller's."""
        try:
            await self._say("rollback to savepoint pytx_local")
            await self._say("release savepoint pytx_local")
        except Exception:  # noqa: BLE001 - sqlite3's and psycopg's have no class in common
            _log.debug("the caller's transaction was lost before it could be undone")


class Once:
    """One guarded block. Made by `Guard.once` or `Guard.local`; enter it once."""

    def __init__(self, block: Block | LocalBlock) -> None:
        """Nothing is claimed yet."""
        self._block = block

    def __enter__(self) -> Op:
        """Claim the intent, or answer with what is known of it.

        Raises:
            Mismatch, InProgress, OutcomeUnknown, OperationFailed, ReplayUnavailable, CapExceeded,
            CapMissing, StoreUnavailable: the block does not run.
        """
        return run(self._block.enter())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Record what became of it. What the block raised flies on.

        Raises:
            LateResult: the effect ran, after the key had gone to another call.
        """
        run(self._block.leave(error))

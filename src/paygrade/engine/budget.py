"""Budget by reservation: the highest possible cost of a call is set aside before it leaves.

Amounts are US dollars as `Decimal`. What is spent, plus what is set aside for calls in flight,
never passes the limit; a call whose cost stays unknown counts with all that was set aside for it.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal


class OverBudgetError(Exception):
    """The next call could pass the limit, and no call is in flight whose end could free some."""


class Budget:
    """The money of one run, shared by all its calls."""

    def __init__(self, limit: Decimal | None, spent: Decimal = Decimal(0)) -> None:
        """`limit` of `None` is no limit; `spent` is what earlier sessions of the run took."""
        self._limit = limit
        self._reserved = Decimal(0)
        self._changed = asyncio.Condition()
        self.spent = spent

    @property
    def limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._limit is not None

    async def reserve(self, ceiling: Decimal) -> None:
        """Set `ceiling` aside, waiting for calls in flight where that can help.

        Raises:
            OverBudgetError: it cannot.
        """
        async with self._changed:
            while self._limit is not None and self.spent + self._reserved + ceiling > self._limit:
                if not self._reserved:
                    raise OverBudgetError
                await self._changed.wait()
            self._reserved += ceiling

    async def settle(self, ceiling: Decimal, cost: Decimal | None) -> None:
        """A call that set `ceiling` aside ended and cost `cost` (`None`: nobody knows)."""
        async with self._changed:
            self._reserved -= ceiling
            self.spent += ceiling if cost is None else cost
            self._changed.notify_all()

"""Requests and tokens per minute: who may leave when."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_BURST_S = 1.0
"""At most a second's worth leaves at once, so that no minute sees more than a minute's worth."""

_SHORTEST_S = 1e-6
"""What is shorter is no wait: a clock may not be able to tell it from none."""


class Bucket:
    """Refills evenly; what is larger than it may leave once it is full, and is paid back after."""

    def __init__(self, per_minute: float, now: float) -> None:
        """Start full."""
        self._per_second = per_minute / 60
        self._capacity = max(self._per_second * _BURST_S, 1.0)
        self._level = self._capacity
        self._at = now

    def wait_s(self, amount: float, now: float) -> float:
        """Seconds until `amount` may leave; 0 when it may leave now."""
        self._refill(now)
        return max(0.0, (min(amount, self._capacity) - self._level) / self._per_second)

    def take(self, amount: float, now: float) -> None:
        """Let `amount` leave, also below empty."""
        self._refill(now)
        self._level -= amount

    def _refill(self, now: float) -> None:
        self._level = min(self._capacity, self._level + (now - self._at) * self._per_second)
        self._at = now


class Pace:
    """The limits of one runner, shared by all its calls. Calls leave in the order they came."""

    def __init__(
        self,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`None` is no limit."""
        self._clock = clock
        self._sleep = sleep
        self._requests = Bucket(requests_per_minute, clock()) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute, clock()) if tokens_per_minute else None
        self._pause_until = 0.0
        self._queue = asyncio.Lock()

    def pause(self, seconds: float) -> None:
        """Nobody leaves for so long: the provider said so."""
        self._pause_until = max(self._pause_until, self._clock() + seconds)

    async def leave(self, tokens: float) -> None:
        """Wait until one request of `tokens` tokens may leave, and count it."""
        async with self._queue:
            while (wait := self._wait_s(tokens)) > _SHORTEST_S:
                await self._sleep(wait)
            now = self._clock()
            if self._requests:
                self._requests.take(1, now)
            if self._tokens:
                self._tokens.take(tokens, now)

    def _wait_s(self, tokens: float) -> float:
        now = self._clock()
        waits = [self._pause_until - now]
        if self._requests:
            waits.append(self._requests.wait_s(1, now))
        if self._tokens:
            waits.append(self._tokens.wait_s(tokens, now))
        return max(waits)

"""pyidempotent: its decorator on Redis. It has no lease: a key that is held is held for its TTL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyidempotent import idempotent
from pyidempotent.backends.redis import RedisBackend
from redis.asyncio import Redis

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Place


def made_async(place: Place) -> AsyncPay:
    """Async; its sync form starts a loop for each call."""
    backend = RedisBackend(Redis.from_url(place.redis))

    async def pay(_: str, key: str, minor: int, effect: AsyncEffect) -> object:
        async def run(key: str, minor: int) -> object:
            del minor
            return await effect(key)

        guarded = idempotent(backend, key_extractor=lambda key, _minor, **_: key)(run)
        return await guarded(key, minor)

    return pay

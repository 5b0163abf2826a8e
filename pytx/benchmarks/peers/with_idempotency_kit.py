"""idempotency-kit: its coordinator on Redis, with a fingerprint of the amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idempotency_kit import (
    AsyncIdempotencyCoordinator,
    IdempotencyDomainService,
    JsonResultAdapter,
    fingerprint_of,
)
from idempotency_kit.infra.storage.redis.aio.repository import RedisAsyncIdempotencyRepository
from redis.asyncio import Redis

from place import LEASE_S

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Place


def made_async(place: Place) -> AsyncPay:
    """Async; it has no sync form."""
    coordinator = AsyncIdempotencyCoordinator(
        RedisAsyncIdempotencyRepository(Redis.from_url(place.redis)),
        IdempotencyDomainService(),
        in_flight_lease_seconds=LEASE_S,
    )

    async def pay(operation: str, key: str, minor: int, effect: AsyncEffect) -> object:
        async def action() -> object:
            return await effect(key)

        told: object = await coordinator.coordinate(
            operation,
            key,
            None,
            JsonResultAdapter(),
            action,
            idempotency_fingerprint=fingerprint_of(minor=minor),
        )
        return told

    return pay

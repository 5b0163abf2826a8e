"""idemkit: its decorator for functions, with an explicit key."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from idemkit import MethodConfig, PostgresBackend, RedisBackend, idempotent

from place import LEASE_S

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Place


def made_async(place: Place) -> AsyncPay:
    """Async; its sync form is the same engine on a loop in another thread."""
    if place.store == "PostgreSQL":
        if not place.down:
            command = [sys.executable, "-m", "idemkit.cli", "init-pg", place.postgres]
            subprocess.run(command, check=True, capture_output=True)
        backend: Any = PostgresBackend.from_url(place.postgres)
    else:
        backend = RedisBackend.from_url(place.redis)
    effects: dict[int, AsyncEffect] = {}

    async def run(operation: str, key: str, minor: int) -> dict[str, Any]:
        del operation, minor
        result = await effects[0](key)
        return result if isinstance(result, dict) else {}

    guarded = {}

    async def pay(operation: str, key: str, minor: int, effect: AsyncEffect) -> object:
        effects[0] = effect
        if operation not in guarded:

            async def named(key: str, minor: int) -> dict[str, Any]:
                return await run(operation, key, minor)

            named.__name__ = operation  # the function's name is part of its key
            config = MethodConfig(lease_ttl_seconds=LEASE_S, scope=lambda _: "acme")
            guarded[operation] = idempotent(backend=backend, config=config)(named)
        return await guarded[operation](key, minor, idempotency_key=key)

    return pay

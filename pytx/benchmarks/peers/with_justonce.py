"""justonce: its engine, with the amount as the payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from justonce.asyncio import AsyncIdempotent
from justonce.core import Idempotent
from justonce.stores.postgres import PostgresStore
from justonce.stores.sqlite import SqliteStore

from place import LEASE_S

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Effect, Pay, Place


def _store(place: Place) -> Any:  # noqa: ANN401 - the peer's own kind
    return PostgresStore(place.postgres) if place.store == "PostgreSQL" else SqliteStore(place.file)


def made(place: Place) -> Pay:
    """Sync."""
    engine = Idempotent(_store(place), ttl_seconds=LEASE_S)

    def pay(_: str, key: str, minor: int, effect: Effect) -> object:
        return engine.run(key, lambda: effect(key), payload={"minor": minor}).value

    return pay


def made_async(place: Place) -> AsyncPay:
    """Async."""
    engine = AsyncIdempotent(_store(place), ttl_seconds=LEASE_S)

    async def pay(_: str, key: str, minor: int, effect: AsyncEffect) -> object:
        return (await engine.run(key, lambda: effect(key), payload={"minor": minor})).value

    return pay

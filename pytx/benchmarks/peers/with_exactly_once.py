"""exactly-once: its decorator, with an explicit key; the policy is its default, quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exactly_once import once
from exactly_once.stores.postgres import PostgresStore
from exactly_once.stores.sqlite import SQLiteStore

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Effect, Pay, Place


def _guarded(place: Place) -> Any:  # noqa: ANN401 - the peer has no types here
    store = (
        PostgresStore(place.postgres) if place.store == "PostgreSQL" else SQLiteStore(place.file)
    )
    return once(store, key=lambda key, _minor: key)


def made(place: Place) -> Pay:
    """Sync."""
    guard = _guarded(place)

    def pay(_: str, key: str, minor: int, effect: Effect) -> object:
        def refund(key: str, _minor: int) -> object:
            return effect(key)

        return guard(refund)(key, minor)

    return pay


def made_async(place: Place) -> AsyncPay:
    """Async."""
    guard = _guarded(place)

    async def pay(_: str, key: str, minor: int, effect: AsyncEffect) -> object:
        async def refund(key: str, _minor: int) -> object:
            return await effect(key)

        return await guard(refund)(key, minor)

    return pay

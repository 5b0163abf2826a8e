"""pytx itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytx
from place import LEASE_S, Declined
from pytx.testing import Provider

if TYPE_CHECKING:
    from place import AsyncEffect, AsyncPay, Effect, Pay, Place
    from pytx.recover import Recover

SYNC_ONLY = ("SQLite",)


def made(place: Place) -> Pay:
    """`manual()`, or `by_lookup` where the variant says so."""
    store: pytx.PgStore | pytx.SqliteStore = pytx.SqliteStore(place.file)
    if place.store == "PostgreSQL":
        store = pytx.PgStore(place.postgres)
    if not place.down:
        store.create_schema()
    guard = pytx.Guard(store, scope="acme/live")
    recover = _recover(place)

    def pay(operation: str, key: str, minor: int, effect: Effect) -> object:
        with guard.once(
            operation,
            key=(key,),
            money=pytx.Money(amount_minor=minor, currency="EUR"),
            recover=recover,
            rejected=(Declined,),
            lease=LEASE_S,
        ) as op:
            if not op.replayed:
                op.result = effect(op.provider_key)
        return op.result

    return pay


def made_async(place: Place) -> AsyncPay:
    """Async, with PostgreSQL."""
    with closing(pytx.PgStore(place.postgres)) as store:
        store.create_schema()
    guard = pytx.AsyncGuard(pytx.AsyncPgStore(place.postgres), scope="acme/live")
    recover = _recover(place)

    async def pay(operation: str, key: str, minor: int, effect: AsyncEffect) -> object:
        async with guard.once(
            operation,
            key=(key,),
            money=pytx.Money(amount_minor=minor, currency="EUR"),
            recover=recover,
            rejected=(Declined,),
            lease=LEASE_S,
        ) as op:
            if not op.replayed:
                op.result = await effect(op.provider_key)
        return op.result

    return pay


def _recover(place: Place) -> Recover:
    """By hand, or by a look-up where the variant says so."""
    provider = Provider(Path(place.folder) / "ledger.jsonl")

    def find(reference: pytx.Reference) -> pytx.Found | pytx.Absent:
        effect = provider.find(reference.provider_key)
        if effect is None:
            return pytx.Absent()
        return pytx.Found(result={"id": effect.key}, minor=effect.amount_minor, currency="EUR")

    if place.variant != "look-up":
        return pytx.manual()
    return pytx.by_lookup(
        find, first_after=0, tries=5, within=3600, settle_after=1, absent_is_final=True
    )

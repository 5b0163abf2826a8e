"""safeagent-exec-guard: its registry, which answers with a receipt instead of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeagent_exec_guard import SettlementRequestRegistry

from place import LEASE_S, NotDone

if TYPE_CHECKING:
    from place import Effect, Pay, Place


def made(place: Place) -> Pay:
    """Sync."""
    if place.store == "PostgreSQL":
        registry = SettlementRequestRegistry(postgres_dsn=place.postgres)
    else:
        registry = SettlementRequestRegistry(sqlite_path=place.file, pending_ttl_seconds=LEASE_S)

    def pay(operation: str, key: str, minor: int, effect: Effect) -> object:
        receipt = registry.execute(
            request_id=key,
            action=operation,
            payload={"minor": minor},
            execute_fn=lambda _: effect(key),
        )
        if not receipt["ok"]:
            raise NotDone(receipt["reason"])
        return receipt

    return pay

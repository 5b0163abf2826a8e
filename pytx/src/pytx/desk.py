"""Asking the provider what became of an intent, and telling the user's hook of all that happens."""

import logging
from collections.abc import Callable
from typing import Any

from pytx import results
from pytx.driving import Waits
from pytx.model import (
    Absent,
    Found,
    Outcome,
    Pending,
    Recovery,
    Reference,
    Refused,
    Row,
    conclude,
    contradicts,
)
from pytx.stores.sql_store import SqlStore

Event = Callable[[str, Row | None], None]

_log = logging.getLogger("pytx")


class Desk:
    """What a guard and its blocks share: the store, the hook, and who may ask the provider."""

    def __init__(self, store: SqlStore[Any], waits: Waits, on_event: Event | None) -> None:
        """Nothing is asked yet."""
        self.store = store
        self.waits = waits
        self.on_event = on_event

    def tell(self, name: str, row: Row | None) -> None:
        """Tell the user's hook. It cannot change what happens."""
        if self.on_event is None:
            return
        try:
            self.on_event(name, row)
        except Exception:  # noqa: BLE001 - a user's code, which must not undo a payment
            _log.exception("the on_event hook raised at %s", name)

    async def look_up(self, row: Row, recovery: Recovery) -> bool:
        """Ask the provider about a row, if nobody else just did; whether that settled it."""
        schedule, look_up = recovery.schedule, recovery.look_up
        if schedule is None or look_up is None:
            return False
        planned = await self.store.now() + schedule.pause_after(row.checks + 1)
        if not await self.store.take_check(row, next_check_at=planned):
            return False
        self.tell("checked", row)
        reference = Reference(
            provider_key=row.provider_key,
            scope=row.identity.scope,
            operation=row.identity.operation,
            key=row.identity.key,
            first_sent_at=row.first_sent_at,
        )
        try:
            seen = await self.waits.call(look_up, reference)
        except Exception:  # noqa: BLE001 - whatever it is, nobody knows more than before
            _log.exception("the look-up of %s raised", row.provider_key)
            seen = Pending()
        now = await self.store.now()
        settled = conclude(row, seen, now, recovery)
        if settled is None:
            if isinstance(seen, Found) and contradicts(row, seen):
                self.tell("contradiction", row)
            if isinstance(seen, Absent) and recovery.absent_is_final:
                at = max(planned, recovery.settled_at(row))
                await self.store.put_off(row, next_check_at=at)
            return False
        done = await self.store.settle(row, _outcome_of(settled), "found by a look-up")
        if done:
            self.tell("recovered", row)
        return done


def _outcome_of(seen: Found | Refused | Pending | Absent) -> Outcome:
    if isinstance(seen, Found):
        return Outcome(state="succeeded", result=results.encode(seen.result))
    if isinstance(seen, Refused):
        return Outcome(state="failed", error_code=seen.code, error=seen.message)
    return Outcome(state="released")

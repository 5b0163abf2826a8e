"""What both stores make of rows, outcomes and refused holds."""

import dataclasses
from typing import Any

from pytx.errors import CapExceeded, CapMissing, PytxError
from pytx.model import Hold, Identity, Outcome, Row
from pytx.stores.base import Cap, Seen


def row_of(values: tuple[Any, ...]) -> Row:
    """A row as the statements select it."""
    (scope, operation, key, fingerprint, state, fence, owner, attempt, generation, provider_key,
     lease_until, created_at, first_sent_at, updated_at, checks, next_check_at, result,
     error_code, error, late, note, subject, currency, minor) = values  # fmt: skip
    return Row(
        identity=Identity(scope=scope, operation=operation, key=key),
        fingerprint=bytes(fingerprint), state=state, fence=fence, owner=owner, attempt=attempt,
        generation=generation, provider_key=provider_key, lease_until=lease_until,
        created_at=created_at, first_sent_at=first_sent_at, updated_at=updated_at, checks=checks,
        next_check_at=next_check_at, result=result, error_code=error_code, error=error, late=late,
        note=note, subject=subject, currency=currency, minor=minor,
    )  # fmt: skip


def own(seen: Seen, owner: str) -> Seen:
    """A row of this very owner is won: its claim was made, and only the answer was lost."""
    won = seen.row.owner == owner and seen.row.state == "running"
    return dataclasses.replace(seen, won=won)


def place(identity: Identity) -> dict[str, str]:
    """The parameters that say which row."""
    return {"scope": identity.scope, "operation": identity.operation, "key": identity.key}


def told(outcome: Outcome) -> dict[str, str | None]:
    """The parameters that say what became of it."""
    return {
        "state": outcome.state,
        "result": outcome.result,
        "error_code": outcome.error_code,
        "error": outcome.error,
    }


def unheld(hold: Hold, cap: Cap | None) -> PytxError:
    """Why a hold did not fit."""
    what = f"{hold.subject!r} in {hold.currency}"
    if cap is None:
        return CapMissing(f"no cap is set for {what}; set it first with guard.set_cap")
    return CapExceeded(
        f"{hold.minor} does not fit below the cap of {what}: {cap.remaining} is left",
        cap.remaining,
    )

"""What is alike in both databases: which statement each method is, and what is one transaction.

The databases differ in their statements (`sql/*.sql`), in how they connect and tell the time, and
in how they claim: that is in `sqlite.py` and `postgres.py`. All of it is steps (see `driving.py`):
`blocking.py` has the face of the stores that block, `sql_mail.py` the messages.
"""

import dataclasses
from abc import abstractmethod
from typing import Any, Final

from pytx.errors import CapExceeded, CapMissing, StoreUnavailable
from pytx.model import FINAL, Hold, Identity, Outcome, Row
from pytx.stores.base import Cap, Claim, Seen
from pytx.stores.sql_base import C, Connected
from pytx.stores.sql_mail import SqlMail

_GIVEN_BACK: Final = ("failed", "released")


class SqlStore(SqlMail[C]):
    """The steps of `pytx.stores.base.Store`, but for what differs."""

    @abstractmethod
    def _seen(self, values: tuple[Any, ...]) -> Seen:
        """A row as the statements select it, with the time then."""

    @abstractmethod
    async def claim(self, claim: Claim) -> Seen:
        """See `Store.claim`."""

    @abstractmethod
    async def now(self) -> float:
        """See `Store.now`."""

    @abstractmethod
    async def close(self) -> None:
        """See `Store.close`."""

    async def reclaim(
        self, row: Row, *, owner: str, lease: float, generation: int, key: str
    ) -> Seen:
        """See `Store.reclaim`."""
        async with self._writing() as connection:
            changed = await self._do(
                connection, "reclaim", **place(row.identity), owner=owner, lease=lease,
                generation=generation, provider_key=key, fence=row.fence, state=row.state,
            )  # fmt: skip
            if changed and row.state in _GIVEN_BACK:
                await self._hold(connection, row.identity.scope, row.hold)
            found = await self._one(connection, "read", **place(row.identity))
        if found is None:
            raise StoreUnavailable(f"the intent {row.provider_key} is gone; nothing ran")
        return own(found, owner)

    async def finish(self, row: Row, outcome: Outcome) -> bool:
        """See `Store.finish`."""
        return await self._end("finish", row, outcome, owner=row.owner)

    async def settle(self, row: Row, outcome: Outcome, note: str) -> bool:
        """See `Store.settle`."""
        return await self._end("settle", row, outcome, note=note, was=row.state)

    async def take_check(self, row: Row, *, next_check_at: float) -> bool:
        """See `Store.take_check`."""
        return bool(
            await self._change(
                "take_check", **place(row.identity), fence=row.fence, checks=row.checks,
                next_check_at=next_check_at,
            )
        )  # fmt: skip

    async def put_off(self, row: Row, *, next_check_at: float) -> None:
        """See `Store.put_off`."""
        where = place(row.identity)
        await self._change("put_off", **where, fence=row.fence, next_check_at=next_check_at)

    async def keep_late(self, identity: Identity, result: str) -> None:
        """See `Store.keep_late`."""
        await self._change("keep_late", **place(identity), late=result)

    async def read(self, identity: Identity) -> Seen | None:
        """See `Store.read`."""
        async with self._using() as connection:
            return await self._one(connection, "read", **place(identity))

    async def by_provider_key(self, provider_key: str) -> Seen | None:
        """See `Store.by_provider_key`."""
        async with self._using() as connection:
            return await self._one(connection, "by_provider_key", provider_key=provider_key)

    async def open_rows(self, scope: str, limit: int) -> list[Row]:
        """See `Store.open_rows`."""
        return await self._rows("open_rows", scope=scope, limit=limit)

    async def rows_since(self, scope: str, operation: str, since: float) -> list[Row]:
        """See `Store.rows_since`."""
        return await self._rows("rows_since", scope=scope, operation=operation, since=since)

    async def purge(self, scope: str, *, before: float, keep_keys: bool) -> int:
        """See `Store.purge`."""
        name = "drop_results" if keep_keys else "drop_rows"
        return await self._change(name, scope=scope, before=before)

    async def set_cap(self, scope: str, subject: str, currency: str, minor: int) -> None:
        """See `Store.set_cap`."""
        async with self._changing() as connection:
            try:
                await self._do(
                    connection, "set_cap", scope=scope, subject=subject, currency=currency,
                    minor=minor,
                )  # fmt: skip
            except self._violation as error:
                raise ValueError(f"more than {minor} is held and spent already") from error

    async def cap(self, scope: str, subject: str, currency: str) -> Cap | None:
        """See `Store.cap`."""
        async with self._using() as connection:
            return await self._cap(connection, scope, subject, currency)

    def _claim_values(self, claim: Claim) -> dict[str, Any]:
        return {
            **place(claim.identity), "fingerprint": claim.fingerprint, "owner": claim.owner,
            "provider_key": claim.provider_key, "lease": claim.lease, "subject": claim.subject,
            "currency": claim.currency, "minor": claim.minor,
        }  # fmt: skip

    async def _one(
        self,
        connection: Connected,
        name: str,
        **values: object,
    ) -> Seen | None:
        rows = await self._ask(connection, name, values)
        return self._seen(rows[0]) if rows else None

    async def _rows(self, name: str, **values: object) -> list[Row]:
        return [self._seen(each).row for each in await self._all(name, **values)]

    async def _end(self, name: str, row: Row, outcome: Outcome, **values: object) -> bool:
        """Change the row and, where money is held for it, the cap: in one transaction."""
        counts = row.hold is not None and outcome.state in FINAL
        async with self._writing() if counts else self._changing() as connection:
            changed = await self._do(
                connection, name, **place(row.identity), **told(outcome), fence=row.fence, **values
            )
            if changed and counts:
                await self._give(connection, row, outcome)
        return bool(changed)

    async def _cap(
        self,
        connection: Connected,
        scope: str,
        subject: str,
        currency: str,
    ) -> Cap | None:
        values = {"scope": scope, "subject": subject, "currency": currency}
        rows = await self._ask(connection, "cap", values)
        for minor, held, spent in rows:
            return Cap(subject=subject, currency=currency, minor=minor, held=held, spent=spent)
        return None

    async def _hold(
        self,
        connection: Connected,
        scope: str,
        hold: Hold | None,
    ) -> None:
        """Set the amount aside, in the transaction of the claim.

        Raises:
            CapMissing, CapExceeded: it does not fit.
        """
        if hold is None:
            return
        if await self._do(connection, "hold", scope=scope, **dataclasses.asdict(hold)):
            return
        cap = await self._cap(connection, scope, hold.subject, hold.currency)
        what = f"{hold.subject!r} in {hold.currency}"
        if cap is None:
            raise CapMissing(f"no cap is set for {what}; set it first with guard.set_cap")
        raise CapExceeded(
            f"{hold.minor} does not fit below the cap of {what}: {cap.remaining} is left",
            cap.remaining,
        )

    async def _give(self, connection: Connected, row: Row, outcome: Outcome) -> None:
        """Turn the hold into money spent, or give it back."""
        hold, scope = row.hold, row.identity.scope
        assert hold is not None  # noqa: S101 - the caller looked
        moved = outcome.state == "succeeded"
        if row.state in _GIVEN_BACK:  # a late result of what was believed not to have happened
            if not moved:
                return
            await self._hold(connection, scope, hold)
        spent = hold.minor if moved else 0
        await self._do(connection, "give", scope=scope, spent=spent, **dataclasses.asdict(hold))


def own(seen: Seen, owner: str) -> Seen:
    """A row of this very owner is won: its claim was made, and only the answer was lost."""
    row = seen.row
    return Seen(row=row, now=seen.now, won=row.owner == owner and row.state == "running")


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

"""What a person on call, a cron job and a statement do with intents."""

from typing import TYPE_CHECKING, Any

from pytx import results
from pytx.desk import Desk
from pytx.model import Outcome, Recovery, Row, State
from pytx.money import Money
from pytx.reconciling import ABSENT, RESOLVED, Intent, Match, Report
from pytx.stores.base import Cap

if TYPE_CHECKING:
    from pytx.stores.sql_store import SqlStore


class Office:
    """The steps of `Guard` that run no effect."""

    def __init__(self, desk: Desk, scope: str, recoveries: dict[str, Recovery]) -> None:
        """Look after the intents of a scope; `recoveries` says how each operation is found out."""
        self._desk = desk
        self._store: SqlStore[Any] = desk.store
        self._scope = scope
        self._recoveries = recoveries

    async def open(self, limit: int = 100) -> list[Row]:
        """Every intent that nobody knows the outcome of, the oldest first.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        return await self._store.open_rows(self._scope, limit)

    async def recover(self, limit: int = 100) -> list[Row]:
        """Make one pass of the look-ups that are due; return what was settled by them.

        Only operations that this guard knows (by `effect` or `once`) can be looked up.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        settled = []
        for row, recovery in await self._due(limit):
            if await self._desk.look_up(row, recovery):
                after = await self._store.read(row.identity)
                if after is not None:
                    settled.append(after.row)
        return settled

    async def _due(self, limit: int) -> list[tuple[Row, Recovery]]:
        """Rows whose look-up is due, however many there are that nobody can look up."""
        many = limit
        while True:
            rows, now = await self.open(many), await self._store.now()
            known = ((row, self._recoveries.get(row.identity.operation)) for row in rows)
            due = [(row, how) for row, how in known if how is not None and _is_due(row, how, now)]
            if len(due) >= limit or len(rows) < many:
                return due[:limit]
            many *= 4

    async def resolve(
        self, provider_key: str, state: State, *, why: str, result: object = None
    ) -> Row:
        """Settle an unknown intent by hand: "succeeded", "failed" or "released".

        "released" lets the next call run the effect again: say it only where nothing moved.

        Raises:
            ValueError: there is no such intent, it is not unknown, or `why` is empty.
            StoreUnavailable: the store cannot be used.
        """
        if state not in ("succeeded", "failed", "released"):
            raise ValueError(f"an intent is resolved as succeeded, failed or released, not {state}")
        if not why.strip():
            raise ValueError("say why, for whoever reads it later")
        seen = await self._store.by_provider_key(provider_key)
        if seen is None or seen.row.identity.scope != self._scope:
            raise ValueError(f"there is no intent with the provider key {provider_key}")
        if not seen.row.is_unknown(seen.now):
            raise ValueError(f"the intent is {seen.row.state}; only an unknown one is resolved")
        failed = state == "failed"
        outcome = Outcome(
            state=state,
            result=results.encode(result) if state == "succeeded" else None,
            error_code="resolved" if failed else None,
            error=why if failed else None,
        )
        if not await self._store.settle(seen.row, outcome, why):
            raise ValueError("the intent changed meanwhile; look at it again")
        after = await self._store.by_provider_key(provider_key)
        assert after is not None  # noqa: S101 - rows of this scope do not vanish
        self._desk.tell("recovered", after.row)
        return after.row

    async def intents(self, operation: str, *, since: float) -> list[Intent]:
        """Intents of an operation that changed at a time or after it, for `pytx.reconcile`.

        Raises:
            ValueError: one was guarded without `money`.
            StoreUnavailable: the store cannot be read.
        """
        return [
            Intent.of(row) for row in await self._store.rows_since(self._scope, operation, since)
        ]

    async def apply(self, report: Report, *, absent_is_final: bool) -> list[Row]:
        """Settle what nobody knew by what a statement says; everything else is for a person.

        Args:
            report: What `pytx.reconcile` found for `intents`. An intent that has changed since is
                left for the next report.
            absent_is_final: Whether an intent that the statement does not have never happened: it
                is released then, and the next call runs it.

        Returns:
            The rows that were settled.

        Raises:
            StoreUnavailable: the store cannot be used; what was settled before stays so.
        """
        wanted: list[tuple[Match, Outcome]] = []
        for match in report.of(RESOLVED):
            line = match.line
            told = results.encode({"provider_id": line.provider_id if line else None})
            wanted.append((match, Outcome(state="succeeded", result=told)))
        if absent_is_final:
            wanted += [(match, Outcome(state="released")) for match in report.of(ABSENT)]
        settled = []
        for match, outcome in wanted:
            intent = match.intent
            seen = intent and await self._store.by_provider_key(intent.provider_key)
            if seen and Intent.of(seen.row) != intent:
                continue  # it was sent again: what the statement does not have may be yet to come
            if seen and await self._store.settle(seen.row, outcome, "by a statement"):
                after = await self._store.read(seen.row.identity)
                if after is not None:
                    settled.append(after.row)
                    self._desk.tell("recovered", after.row)
        return settled

    async def purge(self, *, older_than: float, keep_keys: bool = True) -> int:
        """Drop the results of intents that were settled so many seconds ago; return how many.

        Without `keep_keys` the intents themselves go: the same call then pays again. Keep them for
        longer than any dispute.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        before = await self._store.now() - older_than
        return await self._store.purge(self._scope, before=before, keep_keys=keep_keys)

    async def set_cap(self, subject: str, currency: str, amount_minor: int) -> None:
        """Say how much may be moved for a subject at most, in minor units.

        Raises:
            MoneyError: no such currency or amount.
            ValueError: it is negative, or more is held and spent already.
        """
        money = Money(amount_minor=amount_minor, currency=currency)
        if money.amount_minor < 0:
            raise ValueError(f"a cap of {money} is negative")
        await self._store.set_cap(self._scope, subject, currency, amount_minor)

    async def cap(self, subject: str, currency: str) -> Cap | None:
        """The cap of a subject, with what is held and spent; `None` where there is none."""
        return await self._store.cap(self._scope, subject, currency)


def _is_due(row: Row, recovery: Recovery, now: float) -> bool:
    at = recovery.schedule.due_at(row, now) if recovery.schedule else None
    return at is not None and at <= now

"""The guard: at most one effect per intent, and no intent whose state is lost."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pytx import canon, results
from pytx.desk import Desk, Event
from pytx.errors import NotSent, Rejected
from pytx.model import Identity, Outcome, Policy, Recovery, Row, State
from pytx.money import Money, minor
from pytx.reconciling import ABSENT, RESOLVED, Intent, Match, Report
from pytx.recover import Recover
from pytx.running import Call, Local, Once
from pytx.stores.base import Cap, Store

Key = Callable[[Mapping[str, Any]], tuple[object, ...]]
R = TypeVar("R")


class Guard:
    """Runs an effect at most once per intent.

    An intent is (scope, operation, key). Whatever else must be the same is compared, always. An
    exception that is not known to mean "nothing happened" means that nobody knows: the effect
    does not run again until the provider, a statement or a person has told.
    """

    def __init__(self, store: Store, *, scope: str, on_event: Event | None = None) -> None:
        """Guard effects.

        Args:
            store: Where intents are kept.
            scope: Tenant and environment, such as "acme/live".
            on_event: Told of what happens, with the row: claimed, replayed, mismatch, in_progress,
                unknown, checked, recovered, contradiction, late_result, finish_lost; and
                cap_refused, without one. What it raises is logged, and changes nothing.

        Raises:
            ValueError: the scope is empty.
        """
        if not scope.strip():
            raise ValueError("a scope names the tenant and the environment, such as 'acme/live'")
        self.store = store
        self.scope = scope
        self._desk = Desk(store, on_event)
        self._recoveries: dict[str, Recovery] = {}

    def effect(  # noqa: PLR0913 - each is one promise that a person has to make
        self,
        operation: str,
        *,
        key: tuple[str, ...] | Key,
        same: tuple[str, ...] = (),
        money: tuple[str, str] | None = None,
        recover: Recover,
        rejected: tuple[type[BaseException], ...] = (),
        not_sent: tuple[type[BaseException], ...] = (),
        lease: float = 60,
        wait: float = 0,
        cap: str | None = None,
        retry_failed: bool = False,
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Guard a function; it gets `op`, an `Op`, as a keyword argument.

        Args:
            operation: Its name in the store: it stays when the function is renamed.
            key: Names of the arguments that say which intent it is, or a function of all arguments.
            same: Names of further arguments that must not differ under one key.
            money: Names of the amount (major units) and the currency; they must not differ either.
            recover: How an unknown outcome is found out.
            rejected: Exceptions with which the provider refuses for good: nothing moved.
            not_sent: Exceptions that prove that nothing left this process.
            lease: Seconds that one call may take.
            wait: Seconds to wait for another call that holds the key.
            cap: Name of the argument whose cap the amount counts against.
            retry_failed: Run a refused intent again, under a new provider key.

        Raises:
            TypeError: the function has no `op`, or lacks an argument that is named.
            ValueError: a cap without money, or an operation without a name.
        """
        _need(operation, lease, cap, has_money=money is not None)
        self._recoveries[operation] = recover.recovery

        def decorate(function: Callable[..., R]) -> Callable[..., R]:
            signature = _signature(function, key, (*same, *(money or ()), *((cap,) if cap else ())))

            @functools.wraps(function)
            def guarded(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - as the function's own
                bound = signature.bind(*args, **kwargs)
                bound.apply_defaults()
                arguments = bound.arguments
                parts = key(arguments) if callable(key) else tuple(arguments[name] for name in key)
                amount = money and Money(
                    amount_minor=minor(arguments[money[0]], arguments[money[1]]),
                    currency=arguments[money[1]],
                )
                guarding = self.once(
                    operation,
                    key=parts,
                    same={name: arguments[name] for name in same},
                    money=amount,
                    recover=recover,
                    rejected=rejected,
                    not_sent=not_sent,
                    lease=lease,
                    wait=wait,
                    cap=str(arguments[cap]) if cap else None,
                    retry_failed=retry_failed,
                )
                with guarding as op:
                    if not op.replayed:
                        op.result = function(*args, **kwargs, op=op)
                result: R = op.result
                return result

            return guarded

        return decorate

    def once(  # noqa: PLR0913 - as `effect`
        self,
        operation: str,
        *,
        key: tuple[object, ...],
        same: Mapping[str, object] | None = None,
        money: Money | None = None,
        recover: Recover,
        rejected: tuple[type[BaseException], ...] = (),
        not_sent: tuple[type[BaseException], ...] = (),
        lease: float = 60,
        wait: float = 0,
        cap: str | None = None,
        retry_failed: bool = False,
    ) -> Once:
        """Guard a `with` block: run the effect where `op.replayed` is false, and set `op.result`.

        Args are as in `effect`, but values: `money` is a `Money`, `cap` the subject itself.

        Raises:
            TypeError, ValueError: the key, `same` or `money` cannot be told apart from others.
        """
        _need(operation, lease, cap, has_money=money is not None)
        text = canon.key_text(key)
        fields = dict(same or {})
        if money is not None:
            if money.amount_minor < 0:
                raise ValueError(f"{money} is negative; an effect moves an amount forward")
            fields["~money"] = [money.amount_minor, money.currency]
        self._recoveries[operation] = recover.recovery
        call = Call(
            identity=Identity(scope=self.scope, operation=operation, key=text),
            fingerprint=canon.fingerprint(text, fields),
            policy=Policy(lease=lease, recovery=recover.recovery, retry_failed=retry_failed),
            money=money,
            cap=cap,
            rejected=(*rejected, Rejected),
            not_sent=(*not_sent, NotSent),
            wait=wait,
        )
        return Once(self._desk, call)

    def local(  # noqa: PLR0913 - as `once`
        self,
        connection: Any,  # noqa: ANN401 - sqlite3's or psycopg's, as the store is
        operation: str,
        *,
        key: tuple[object, ...],
        same: Mapping[str, object] | None = None,
        money: Money | None = None,
        cap: str | None = None,
    ) -> Local:
        """Guard an effect in your own database: claim, effect and result in your transaction.

        There is no doubt then: all of it commits, or none of it. A second call at the same time
        waits for the first one's end, and replays. What the block raises undoes what it did, and
        the claim; your transaction goes on.

        Args:
            connection: Inside a transaction, in the database that the store is in.
            operation: As in `once`, and so are the others.
            key: Which intent it is.
            same: What must not differ under the key.
            money: The intent's amount.
            cap: Whose cap it counts against.

        Raises:
            NoTransaction: the connection is inside no transaction.
            TypeError, ValueError: as `once`.
        """
        inside = Guard(
            self.store.inside(connection), scope=self.scope, on_event=self._desk.on_event
        )
        recover = Recover(Recovery())
        once = inside.once(operation, key=key, same=same, money=money, recover=recover, cap=cap)
        return Local(connection, once)

    def open(self, limit: int = 100) -> list[Row]:
        """Every intent that nobody knows the outcome of, the oldest first.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        return self.store.open_rows(self.scope, limit)

    def recover(self, limit: int = 100) -> list[Row]:
        """Make one pass of the look-ups that are due; return what was settled by them.

        Only operations that this guard knows (by `effect` or `once`) can be looked up.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        settled = []
        for row in self.open(limit):
            recovery = self._recoveries.get(row.identity.operation)
            if recovery is None or recovery.schedule is None:
                continue
            due = recovery.schedule.due_at(row)
            now = self.store.now()
            if due is not None and due <= now and self._desk.look_up(row, recovery):
                after = self.store.read(row.identity)
                if after is not None:
                    settled.append(after.row)
        return settled

    def resolve(self, provider_key: str, state: State, *, why: str, result: object = None) -> Row:
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
        seen = self.store.by_provider_key(provider_key)
        if seen is None or seen.row.identity.scope != self.scope:
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
        if not self.store.settle(seen.row, outcome, why):
            raise ValueError("the intent changed meanwhile; look at it again")
        after = self.store.by_provider_key(provider_key)
        assert after is not None  # noqa: S101 - rows of this scope do not vanish
        self._desk.tell("recovered", after.row)
        return after.row

    def intents(self, operation: str, *, since: float) -> list[Intent]:
        """Intents of an operation that changed at a time or after it, for `pytx.reconcile`.

        Raises:
            ValueError: one was guarded without `money`.
            StoreUnavailable: the store cannot be read.
        """
        return [Intent.of(row) for row in self.store.rows_since(self.scope, operation, since)]

    def apply(self, report: Report, *, absent_is_final: bool) -> list[Row]:
        """Settle what nobody knew by what a statement says; everything else is for a person.

        Args:
            report: What `pytx.reconcile` found.
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
            seen = intent and self.store.by_provider_key(intent.provider_key)
            if seen and self.store.settle(seen.row, outcome, "by a statement"):
                after = self.store.read(seen.row.identity)
                if after is not None:
                    settled.append(after.row)
                    self._desk.tell("recovered", after.row)
        return settled

    def purge(self, *, older_than: float, keep_keys: bool = True) -> int:
        """Drop the results of intents that were settled so many seconds ago; return how many.

        Without `keep_keys` the intents themselves go: the same call then pays again. Keep them for
        longer than any dispute.

        Raises:
            StoreUnavailable: the store cannot be used.
        """
        before = self.store.now() - older_than
        return self.store.purge(self.scope, before=before, keep_keys=keep_keys)

    def set_cap(self, subject: str, currency: str, amount_minor: int) -> None:
        """Say how much may be moved for a subject at most, in minor units.

        Raises:
            MoneyError: no such currency or amount.
            ValueError: it is negative, or more is held and spent already.
        """
        money = Money(amount_minor=amount_minor, currency=currency)
        if money.amount_minor < 0:
            raise ValueError(f"a cap of {money} is negative")
        self.store.set_cap(self.scope, subject, currency, amount_minor)

    def cap(self, subject: str, currency: str) -> Cap | None:
        """The cap of a subject, with what is held and spent; `None` where there is none."""
        return self.store.cap(self.scope, subject, currency)


def _need(operation: str, lease: float, cap: str | None, *, has_money: bool) -> None:
    if not operation.strip():
        raise ValueError("an operation has a name that stays, such as 'refund.create'")
    if not lease > 0:
        raise ValueError(f"the lease is {lease}; it is how many seconds one call may take")
    if cap is not None and not has_money:
        raise ValueError("a cap counts money; say which by 'money'")


def _signature(
    function: Callable[..., object], key: tuple[str, ...] | Key, names: tuple[str, ...]
) -> inspect.Signature:
    """The function's signature without `op`, which the guard gives."""
    signature = inspect.signature(function)
    parameters = dict(signature.parameters)
    what = getattr(function, "__qualname__", repr(function))
    if parameters.pop("op", None) is None:
        raise TypeError(f"{what} has no keyword argument 'op', which carries the provider key")
    wanted = names if callable(key) else (*key, *names)
    if lacking := [name for name in wanted if name not in parameters]:
        raise TypeError(f"{what} has no argument {lacking[0]!r}")
    return signature.replace(parameters=list(parameters.values()))

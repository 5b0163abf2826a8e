"""What both guards are asked for, and how it becomes a call."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from pytx import canon
from pytx.desk import Desk
from pytx.errors import NotSent, Rejected
from pytx.model import Identity, Policy, Recovery
from pytx.money import Money, minor
from pytx.recover import Recover, manual
from pytx.running import Call

Key = Callable[[Mapping[str, Any]], tuple[object, ...]]
R = TypeVar("R")
B = TypeVar("B")
"""A guarded block, to enter with `with` or `async with`."""


class Guarding(ABC, Generic[B]):
    """Makes guarded blocks and functions."""

    def __init__(self, store: Any, scope: str, desk: Desk) -> None:  # noqa: ANN401 - as the guard
        """Guard effects.

        Raises:
            ValueError: the scope is empty.
        """
        if not scope.strip():
            raise ValueError("a scope names the tenant and the environment, such as 'acme/live'")
        self.store = store
        self.scope = scope
        self._desk = desk
        self._recoveries: dict[str, Recovery] = {}

    @abstractmethod
    def _once(self, call: Call) -> B:
        """The block of a call."""

    @abstractmethod
    def _local(self, connection: Any, call: Call) -> B:  # noqa: ANN401 - see `local`
        """The block of a call in the caller's transaction."""

    @abstractmethod
    def _guarded(self, function: Callable[..., R], prepare: Callable[..., B]) -> Callable[..., R]:
        """The function inside of its block. `prepare` makes the block of the same arguments."""

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

            def prepare(*args: object, **kwargs: object) -> B:
                bound = signature.bind(*args, **kwargs)
                bound.apply_defaults()
                arguments = bound.arguments
                parts = key(arguments) if callable(key) else tuple(arguments[name] for name in key)
                amount = money and Money(
                    amount_minor=minor(arguments[money[0]], arguments[money[1]]),
                    currency=arguments[money[1]],
                )
                return self.once(
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

            return self._guarded(function, prepare)

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
    ) -> B:
        """Guard a `with` block: run the effect where `op.replayed` is false, and set `op.result`.

        Args are as in `effect`, but values: `money` is a `Money`, `cap` the subject itself.

        Raises:
            TypeError, ValueError: the key, `same` or `money` cannot be told apart from others.
        """
        call = self._call(
            operation,
            key=key,
            same=same,
            money=money,
            recover=recover,
            rejected=rejected,
            not_sent=not_sent,
            lease=lease,
            wait=wait,
            cap=cap,
            retry_failed=retry_failed,
        )
        self._recoveries[operation] = recover.recovery
        return self._once(call)

    def local(  # noqa: PLR0913 - as `once`
        self,
        connection: Any,  # noqa: ANN401 - sqlite3's or psycopg's, as the store is
        operation: str,
        *,
        key: tuple[object, ...],
        same: Mapping[str, object] | None = None,
        money: Money | None = None,
        cap: str | None = None,
    ) -> B:
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
        call = self._call(operation, key=key, same=same, money=money, recover=manual(), cap=cap)
        return self._local(connection, call)

    def _call(  # noqa: PLR0913 - as `once`
        self,
        operation: str,
        *,
        key: tuple[object, ...],
        same: Mapping[str, object] | None,
        money: Money | None,
        recover: Recover,
        cap: str | None,
        rejected: tuple[type[BaseException], ...] = (),
        not_sent: tuple[type[BaseException], ...] = (),
        lease: float = 60,
        wait: float = 0,
        retry_failed: bool = False,
    ) -> Call:
        _need(operation, lease, cap, has_money=money is not None)
        text = canon.key_text(key)
        fields = dict(same or {})
        if money is not None:
            if money.amount_minor < 0:
                raise ValueError(f"{money} is negative; an effect moves an amount forward")
            fields["~money"] = [money.amount_minor, money.currency]
        return Call(
            identity=Identity(scope=self.scope, operation=operation, key=text),
            fingerprint=canon.fingerprint(text, fields),
            policy=Policy(lease=lease, recovery=recover.recovery, retry_failed=retry_failed),
            money=money,
            cap=cap,
            rejected=(*rejected, Rejected),
            not_sent=(*not_sent, NotSent),
            wait=wait,
        )


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

"""The guard: at most one effect per intent, and no intent whose state is lost."""

import functools
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pytx.blocks import LocalBlock, Once
from pytx.desk import Desk, Event
from pytx.driving import Blocking, Eager, blocking
from pytx.guarding import Guarding
from pytx.office import Office
from pytx.running import Block, Call
from pytx.stores.base import Store

if TYPE_CHECKING:
    from pytx.stores.sql_store import SqlStore

R = TypeVar("R")


class Guard(Guarding[Once]):
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
            TypeError: the store is async.
            ValueError: the scope is empty.
        """
        if iscoroutinefunction(store.claim):
            raise TypeError("this store is async; guard with pytx.AsyncGuard")
        super().__init__(store, scope, _desk(store, on_event))
        self.steps = Office(self._desk, scope, self._recoveries)

    open = blocking(Office.open)
    recover = blocking(Office.recover)
    resolve = blocking(Office.resolve)
    intents = blocking(Office.intents)
    apply = blocking(Office.apply)
    purge = blocking(Office.purge)
    set_cap = blocking(Office.set_cap)
    cap = blocking(Office.cap)

    def _once(self, call: Call) -> Once:
        return Once(Block(self._desk, call))

    def _local(self, connection: Any, call: Call) -> Once:  # noqa: ANN401 - see `local`
        inside = _desk(self.store.inside(connection), self._desk.on_event)
        return Once(LocalBlock(connection, Block(inside, call)))

    def _guarded(
        self, function: Callable[..., R], prepare: Callable[..., Once]
    ) -> Callable[..., R]:
        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - as the function's own
            with prepare(*args, **kwargs) as op:
                if not op.replayed:
                    op.result = function(*args, **kwargs, op=op)
            result: R = op.result
            return result

        return guarded


def _desk(store: Store, on_event: Event | None) -> Desk:
    return Desk(cast("SqlStore[Any]", Eager(store)), Blocking(), on_event)

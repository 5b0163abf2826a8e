"""A crash in process: the store dies at a named point, and with it whatever the guard would do."""

import functools
from collections.abc import Callable
from typing import Any, Final, Literal, NoReturn, TypeVar, cast

from pytx.stores.base import Store

Point = Literal["before_claim", "after_claim", "before_finish", "after_finish"]

_METHODS: Final = {
    "before_claim": ("claim", "reclaim"),
    "after_claim": ("claim", "reclaim"),
    "before_finish": ("finish",),
    "after_finish": ("finish",),
}
S = TypeVar("S", bound=Store)


class SimulatedCrash(BaseException):
    """The process died here. Nothing that it would have done later may happen.

    A test may raise it in a guarded block whose guard has a `crashing` store: the intent is left
    as a kill leaves it. With another store the guard would record that the outcome is unknown.
    """


def crashing(store: S, *, at: Point | None = None) -> S:
    """The same store until it crashes; from then on every call raises `SimulatedCrash`.

    It crashes where `at` says: before a claim is tried, after one is won, before or after an
    outcome is recorded. Or when a guarded block raises `SimulatedCrash`. Close the store itself,
    not this one.

    Raises:
        ValueError: there is no such point.
    """
    if at is not None and at not in _METHODS:
        raise ValueError(f"there is no point {at!r}; there are {', '.join(_METHODS)}")
    return cast("S", _Crashing(store, at, _Life()))


class _Life:
    """Whether the process lives; a store and what it makes share it."""

    over = False

    def end(self) -> NoReturn:
        self.over = True
        raise SimulatedCrash


class _Crashing:
    """Hands every call on to a store, while it lives."""

    def __init__(self, store: Store, at: Point | None, life: _Life) -> None:
        self._store = store
        self._at = at
        self._life = life

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._store, name)
        return self._handing_on(name, found) if callable(found) else found

    def _handing_on(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the store's method
            here = self._at is not None and name in _METHODS[self._at]
            if self._life.over or (here and self._at in ("before_claim", "before_finish")):
                self._life.end()
            if name == "finish" and args[1].error == SimulatedCrash.__name__:
                self._life.end()  # the block raised it: a dead process records nothing
            done = method(*args, **kwargs)
            if here and (done.won if "claim" in name else done):
                self._life.end()
            return _Crashing(done, self._at, self._life) if name == "inside" else done

        return call

"""One set of steps behind two faces, a blocking one and an async one.

What the guard, the outbox and the stores do is written once, as coroutines. Behind a blocking face
nothing in them ever suspends: its store blocks instead, so they run to their end without an event
loop. Nothing here imports asyncio, which takes longer to load than all the rest.
"""

import functools
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def run(steps: Coroutine[Any, Any, R]) -> R:
    """Run steps that never suspend, to their end."""
    try:
        steps.send(None)
    except StopIteration as end:
        value: R = end.value
        return value
    steps.close()
    raise RuntimeError("a blocking face cannot wait for an event loop; use the async one")


async def got(value: Any) -> Any:  # noqa: ANN401 - whatever a driver or a user's function returns
    """The value, or what it is a promise of."""
    return await value if hasattr(value, "__await__") else value


def blocking(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Any, P], R]:
    """A method of a blocking face: the method of that name of its `steps`, run to its end."""
    name = method.__name__

    def face(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:  # noqa: ANN401 - any face
        found: R = run(getattr(self.steps, name)(*args, **kwargs))
        return found

    functools.update_wrapper(face, method)
    return face


class Waits(Protocol):
    """How a face waits, and how it calls a user's function."""

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...

    async def call(self, function: Callable[[Any], Any], value: object) -> Any:  # noqa: ANN401
        """What the user's function makes of a value."""
        ...


class Blocking:
    """Blocks the thread. A user's function that is async is refused."""

    async def sleep(self, seconds: float) -> None:
        """See `Waits.sleep`."""
        time.sleep(seconds)  # noqa: ASYNC251 - no event loop runs this

    async def call(self, function: Callable[[Any], Any], value: object) -> Any:  # noqa: ANN401
        """See `Waits.call`.

        Raises:
            TypeError: the function is async.
        """
        found = function(value)
        if isinstance(found, Coroutine):
            found.close()
            raise TypeError(f"{function!r} is async; it needs an async guard or relay")
        return found


class Eager:
    """A blocking store as the steps want it: each method has answered when it is awaited."""

    def __init__(self, store: object) -> None:
        """Stand before a store."""
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        """A method of the store."""
        method = getattr(self._store, name)

        async def answer(*args: object, **kwargs: object) -> object:
            return method(*args, **kwargs)

        return answer

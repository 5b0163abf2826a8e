"""`provider: python`: a callable of the user's own, `FILE.py:FUNCTION`, sync or async.

It takes one `Request` and returns text, a JSON-like dict or list (sent on as JSON text), or an
`Answer`. What it raises is an error of the infrastructure (`runner_crashed`), never a wrong answer.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import TYPE_CHECKING, Any

from paygrade import scripts
from paygrade.errors import RunnerError, UsageError
from paygrade.records.answer import Answer
from paygrade.runners.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from paygrade.records.answer import Request
    from paygrade.records.plan import RunnerProfile


class PythonRunner:
    """Calls a function.

    A sync one runs in a daemon thread, so that a hung call cannot hold up the process's end.
    """

    def __init__(self, function: Callable[[Request], Any]) -> None:
        """Take the callable itself, as `paygrade.testing` does."""
        self._function = function

    @classmethod
    def load(cls, profile: RunnerProfile) -> PythonRunner:
        """Import the profile's `callable`.

        Raises:
            UsageError: the file cannot be imported, or has no such function.
        """
        path, _, name = str(profile.options["callable"]).rpartition(":")
        return cls(load_function(profile.folder / path, name))

    async def answer(self, request: Request) -> Answer:
        """Call, and make an `Answer` of what comes back."""
        try:
            if inspect.iscoroutinefunction(self._function):
                result = await self._function(request)
            else:
                name = f"runner-{request.sample_id}"
                result, raised = await in_thread(lambda: self._function(request), name=name)
                if raised is not None:
                    raise raised  # noqa: TRY301 - here, where it is told apart
                if inspect.isawaitable(result):  # such as an object with an async `__call__`
                    result = await result
        except (RunnerError, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError):
            raise
        except BaseException as error:  # a user's code may raise anything, `SystemExit` too
            raise RunnerError(
                f"the callable raised {scripts.said(error)}", kind="runner_crashed"
            ) from error
        return _answer(result)

    async def close(self) -> None:
        """Nothing to let go of: threads are daemons."""


def _answer(result: object) -> Answer:
    if isinstance(result, Answer):
        return result
    if isinstance(result, str):
        return Answer(text=result)
    if isinstance(result, dict | list):
        try:
            return Answer(text=json.dumps(result, ensure_ascii=False, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            problem = f"the callable returned what is not JSON: {error}"
            raise RunnerError(problem, kind="runner_crashed") from error
    problem = f"the callable returned {type(result).__name__}, not text, a dict or an Answer"
    raise RunnerError(problem, kind="runner_crashed")


def load_function(file: Path, name: str) -> Callable[..., Any]:
    """Run `file` and return its function `name`.

    Raises:
        UsageError: it cannot be run, or has no such function.
    """
    try:
        function = getattr(scripts.load(file).module, name, None)
    except scripts.ScriptError as error:
        raise UsageError(f"{file}: {error}") from error
    if not callable(function):
        raise UsageError(f"{file}: has no function {name!r}")
    return function  # type: ignore[no-any-return]  # a user's module is untyped

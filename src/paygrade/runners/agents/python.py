"""`provider: python` with tools: a function of the user's own, `agent(request, tools) -> str`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import RunnerError
from paygrade.runners.agents.session import LastWords

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.answer import Answer, Request
    from paygrade.records.protocols import Tools
    from paygrade.runners.agents.session import Session


class PythonBody:
    """Calls the function. What it returns are its last words."""

    def __init__(self, function: Callable[[Request, Tools], object]) -> None:
        """Take the callable itself."""
        self._function = function

    def __call__(
        self,
        request: Request,
        session: Session,
        ask: Callable[[Request], Answer],  # noqa: ARG002 - it asks no model of ours
    ) -> LastWords:
        """See `Body`."""
        returned = self._function(request, session)
        if not isinstance(returned, str):
            problem = f"the agent returned {type(returned).__name__}, not text"
            raise RunnerError(problem, kind="runner_crashed")
        return LastWords(text=returned)

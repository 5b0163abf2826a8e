"""From a runner's profile to its agent."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from paygrade.errors import UsageError
from paygrade.runners.agents.acting import ToolAgent
from paygrade.runners.agents.opening import function_of
from paygrade.runners.agents.session import MAX_STEPS, MAX_TOOL_ERRORS, Limits
from paygrade.runners.agents.supervising import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.agent import GuardName, Toolbox
    from paygrade.records.plan import RunnerProfile
    from paygrade.runners.agents.session import Body

_NOT_OURS = (
    "the case kills the agent's process, and an agent behind an address of its own is not ours to "
    "kill; leave the case out with --filter-id, or run the agent as 'provider: python'"
)


def build(profile: RunnerProfile, toolbox: Toolbox) -> ToolAgent:
    """The agent that `profile` describes.

    Raises:
        UsageError: its callable cannot be loaded, or its guard is none.
    """
    options = profile.options
    guard: GuardName = _guard(profile)
    limits = Limits(
        max_steps=_number(options.get("max_steps"), MAX_STEPS),
        max_tool_errors=_number(options.get("max_tool_errors"), MAX_TOOL_ERRORS),
    )
    body, function = _body(profile)
    supervisor = None
    if function is not None:
        supervisor = Supervisor(toolbox, guard=guard, limits=limits, function=function)
    return ToolAgent(
        body, toolbox, guard=guard, limits=limits, supervisor=supervisor, no_crash=_NOT_OURS
    )


def _body(profile: RunnerProfile) -> tuple[Body, str | None]:
    """The agent's code, and how a process of its own finds it; `None` where it cannot."""
    if profile.provider == "python":
        from paygrade.runners.agents.python import PythonBody  # noqa: PLC0415 - on demand

        path, _, name = str(profile.options["callable"]).rpartition(":")
        file = (profile.folder / path).resolve()
        function = function_of(file, name)
        if not _takes_two(function):
            raise UsageError(
                f"{profile.path}: {name} does not take (request, tools), as an agent does",
                hint="name the suites that it is for, or another runner for this one",
            )
        return PythonBody(function), f"{file}:{name}"
    if profile.provider == "http":
        from paygrade.runners.agents.endpoint import EndpointBody  # noqa: PLC0415 - on demand

        url = str(profile.options["url"])
        return EndpointBody(url, timeout_s=profile.attempt_timeout_s), None
    from paygrade.runners.agents.loop import converse  # noqa: PLC0415 - on demand

    return converse, ""


def _takes_two(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        return False
    except ValueError:  # of what is not written in Python nobody knows
        return True
    return True


def _guard(profile: RunnerProfile) -> GuardName:
    guard = profile.options.get("guard") or "none"
    if guard == "none":
        return "none"
    if guard == "pytx":
        return "pytx"
    raise UsageError(f"{profile.path}: 'guard' is none or pytx, not {guard!r}")


def _number(value: Any, default: int) -> int:  # noqa: ANN401 - a profile's own
    return default if value is None else int(value)

"""What an agent's side asks of a hosted world, wherever that lives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.errors import ToolError
    from paygrade.records.agent import Tool, ToolCall, Trajectory
    from paygrade.records.json_value import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What came of a call: a result, or the error that the agent is told. `fault` struck it."""

    result: Json = None
    error: ToolError | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A call as it is kept, and the error that a plain-Python agent gets raised."""

    call: ToolCall
    error: ToolError | None = None


def answered(call: ToolCall, called: Called) -> Told:
    """The call with its result, or with what the agent is told instead."""
    fault = called.fault or call.fault
    if called.error is None:
        return Told(call=replace(call, result=called.result, fault=fault))
    result = told_of(called.error)
    return Told(call=replace(call, status="error", result=result, fault=fault), error=called.error)


def told_of(error: ToolError) -> dict[str, Json]:
    """What an agent reads of an error."""
    return {"code": error.code, "message": error.message, "retryable": error.retryable}


class Hosted(Protocol):
    """A world with its faults: `hosting.Host` in this process, `remote.RemoteHost` over HTTP.

    Every method raises a `RunnerError`: `tool_crashed` where a tool or its world raised what it
    must not, `connection` where it cannot be reached.
    """

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What may be called."""
        ...

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Called:
        """Call a tool that is there, with arguments that fit."""
        ...

    def hear(self, text: str) -> str | None:
        """Tell the customer; what they answer, `None` when the talk has ended."""
        ...

    def now(self) -> float | None:
        """The world's own clock in seconds since 1970, where it has one."""
        ...

    def restart(self) -> None:
        """Tell the world that the agent's process was killed and started again."""
        ...

    def end(self) -> Trajectory:
        """How it ended, without what the agent did."""
        ...

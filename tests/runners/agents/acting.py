"""One attempt of an agent with the till, as an engine lets it act."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paygrade.records.agent import Fault, Toolbox, Trajectory
from paygrade.runners.agents import build_agent
from runners.profiles import profile, request

if TYPE_CHECKING:
    from paygrade.records.answer import Answer, Request

HERE = Path(__file__).parent
TOOLBOX = Toolbox(script="till.py:open_till", folder=str(HERE))


def fault(kind: str, tool: str = "refund", **options: Any) -> Fault:  # noqa: ANN401
    """A fault of the refund, unless told."""
    return Fault(kind=kind, tool=tool, **options)


async def unasked(request: Request) -> Answer:
    """For agents that ask no model."""
    raise AssertionError(request)


def act(
    agent: str,
    *faults: Fault,
    guard: str = "none",
    world: dict[str, Any] | None = None,
    toolbox: Toolbox = TOOLBOX,
    **options: Any,  # noqa: ANN401
) -> Answer:
    """What `agents.py:AGENT` answers."""
    told = profile(HERE, "python", callable=f"agents.py:{agent}", guard=guard, **options)

    async def once() -> Answer:
        built = build_agent(told, toolbox)
        try:
            return await built.act(replace(request(), world=world, faults=faults), unasked)
        finally:
            await built.close()

    return asyncio.run(once())


def trajectory_of(answer: Answer) -> Trajectory:
    """Its trajectory, which is there."""
    assert answer.trajectory is not None
    return answer.trajectory

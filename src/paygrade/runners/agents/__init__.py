"""Agents: how tools reach them, and how they run. One module a provider, loaded on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import UsageError
from paygrade.records.agent import AGENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.records.agent import Delivery, Fault, Toolbox
    from paygrade.records.json_value import Json
    from paygrade.records.plan import RunnerProfile
    from paygrade.records.protocols import Agent

__all__ = ["build_agent", "replay", "try_world"]


def build_agent(profile: RunnerProfile, toolbox: Toolbox) -> Agent:
    """The agent that `profile` describes, with the tools of `toolbox`.

    Raises:
        UsageError: its provider calls no tools, or its callable cannot be loaded.
    """
    if profile.provider not in AGENTS:
        raise UsageError(
            f"{profile.path}: the provider {profile.provider!r} calls no tools, and the suite is "
            "for agents",
            hint=f"take one of {', '.join(AGENTS)}",
        )
    from paygrade.runners.agents.building import build  # noqa: PLC0415 - on demand

    return build(profile, toolbox)


def try_world(toolbox: Toolbox, world: Json, faults: Sequence[Fault]) -> None:
    """Make the world of a sample, and let go of it.

    Raises:
        UsageError: the world or a fault cannot be used.
        RunnerError: `tool_crashed`: the world cannot be made.
    """
    from paygrade.runners.agents import opening  # noqa: PLC0415 - on demand

    opening.open_world(toolbox, world, faults)


def replay(
    toolbox: Toolbox, world: Json, faults: Sequence[Fault], deliveries: Sequence[Delivery]
) -> str:
    """See `opening.replay`."""
    from paygrade.runners.agents import opening  # noqa: PLC0415 - on demand

    return opening.replay(toolbox, world, faults, deliveries)

"""Lets a model act on the kiosk of `kiosk.py`, for the tests of its loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paygrade.records.agent import Toolbox
from paygrade.records.answer import Answer, AskedCall, Message, Request
from paygrade.runners.agents.acting import ToolAgent
from paygrade.runners.agents.loop import converse
from paygrade.runners.agents.session import Limits

if TYPE_CHECKING:
    from paygrade.records.agent import Fault
    from paygrade.records.protocols import Ask

KIOSK = Toolbox(script="kiosk.py:kiosk", folder=str(Path(__file__).parent))


def request(*faults: Fault, **world: Any) -> Request:  # noqa: ANN401 - JSON
    """A case of the kiosk's."""
    return Request(
        sample_id="s1",
        epoch=1,
        prompt="kiosk@v1",
        messages=(
            Message(role="system", content="You keep the kiosk."),
            Message(role="user", content="Pay order o1 back."),
        ),
        input={},
        world=world,
        faults=faults,
    )


def agent(**limits: int) -> ToolAgent:
    """A model in its loop, at the kiosk."""
    return ToolAgent(converse, KIOSK, guard="none", limits=Limits(**limits), supervisor=None)


def act(ask: Ask, case: Request | None = None, **limits: int) -> Answer:
    """One attempt of a model that answers by `ask`."""

    async def once() -> Answer:
        acting = agent(**limits)
        try:
            return await acting.act(case or request(), ask)
        finally:
            await acting.close()

    return asyncio.run(once())


def call(tool: str, arguments: str, *, id: str = "c1") -> AskedCall:  # noqa: A002 - its name
    """A call as a model writes it."""
    return AskedCall(id=id, tool=tool, arguments=arguments)


@dataclass(slots=True)
class Model:
    """Says what it was told to, in order; the last answer stays. Keeps what it was asked."""

    answers: list[Answer]
    asked: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Answer:
        """See `Ask`."""
        self.asked.append(request)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]

"""`provider: echo`: answers with the last message it was sent. For trying a workspace out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.answer import Answer

if TYPE_CHECKING:
    from paygrade.records.answer import Request


class EchoRunner:
    """Costs nothing, calls nothing."""

    async def answer(self, request: Request) -> Answer:
        """The content of the last message."""
        return Answer(text=request.messages[-1].content, model="echo")

    async def close(self) -> None:
        """Nothing to let go of."""

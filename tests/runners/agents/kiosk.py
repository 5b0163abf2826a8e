"""A tiny world: a kiosk that pays out, and a customer who says what the case says.

A case is `{"balance_minor": …, "customer": [replies]}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.errors import ToolError
from paygrade.records.agent import Effect, Ending, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json

PAY = Tool(
    name="pay",
    description="Pay out of the kiosk.",
    parameters={
        "type": "object",
        "properties": {"order": {"type": "string"}, "amount_minor": {"type": "integer"}},
        "required": ["order", "amount_minor"],
        "additionalProperties": False,
    },
)
LOOK = Tool(
    name="look",
    description="Look into the kiosk.",
    parameters={"type": "object", "properties": {"currency": {"type": "string"}}},
)


class Kiosk:
    """Implements `records.protocols.World`."""

    def __init__(self, world: Mapping[str, Any]) -> None:
        """Open it."""
        self._balance = world.get("balance_minor", 10_000)
        self._replies = list(world.get("customer", ()))
        self._paid: list[Effect] = []
        self._heard: list[str] = []

    def tools(self) -> tuple[Tool, ...]:
        """See `World`."""
        return PAY, LOOK

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Json:
        """See `World`."""
        if tool == "look":
            return {"balance_minor": self._balance}
        amount = arguments["amount_minor"]
        assert isinstance(amount, int)
        if amount > self._balance:
            raise ToolError("insufficient_funds", "The kiosk holds less.")
        self._balance -= amount
        number = len(self._paid) + 1
        order = str(arguments["order"])
        self._paid.append(Effect(intent=order, id=f"p_{number}", amount_minor=amount))
        return {"id": f"p_{number}"}

    def hear(self, text: str) -> str | None:
        """See `World`."""
        self._heard.append(text)
        return self._replies.pop(0) if self._replies else None

    def end(self) -> Ending:
        """See `World`."""
        snapshot: Json = {"balance_minor": self._balance, "heard": list(self._heard)}
        return Ending(snapshot=snapshot, effects=tuple(self._paid))


def kiosk(world: Mapping[str, Any]) -> Kiosk:
    """Make one."""
    return Kiosk(world)

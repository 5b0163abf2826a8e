"""A till that refunds payments, with a ledger: the tools of these tests.

A world is `{"keys": true}` where it honours idempotency keys, and may say at which `now` it starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade import Claim, Effect, Ending, Tool, ToolError, ToolIntent, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json

TEXT = {"type": "string", "minLength": 1}
AMOUNT = {"type": "integer", "minimum": 1}
REFUND = {"payment": TEXT, "amount_minor": AMOUNT, "currency": TEXT, "key": TEXT}


def tool(name: str, properties: dict[str, Any], intent: ToolIntent | None = None) -> Tool:
    """One tool, all of whose arguments are required."""
    parameters: dict[str, Json] = {
        "type": "object", "additionalProperties": False,
        "properties": properties, "required": list(properties),
    }  # fmt: skip
    return Tool(name=name, description=f"Does: {name}.", parameters=parameters, intent=intent)


INTENT = ToolIntent(
    key=("payment",), money=("amount_minor", "currency"), key_argument="key", look_up="operation"
)


class Till:
    """Refunds up to 5000 a payment; `broken` raises what no tool may."""

    FAULTS = frozenset({"stale_look_up"})

    def __init__(self, world: dict[str, Any]) -> None:
        """An empty ledger."""
        self.world = world
        self.at = float(world.get("now", 1_800_000_000))
        self.ledger: list[Effect] = []
        self.done: dict[str, dict[str, Any]] = {}
        self.heard: list[str] = []
        self.restarts = self.stale = 0

    def tools(self) -> tuple[Tool, ...]:
        """See `World`."""
        return (
            tool("refund", REFUND, INTENT), tool("operation", {"key": TEXT}), tool("broken", {}),
            tool("wait", {"seconds": AMOUNT}),
        )  # fmt: skip

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Json:
        """See `World`."""
        acts = {"refund": self._refund, "operation": self._operation, "wait": self._wait}
        result: Json = acts[tool](dict(arguments)) if tool in acts else 1 // 0
        return result

    def hear(self, text: str) -> str | None:
        """The customer says thanks, once, to whoever asks."""
        self.heard.append(text)
        return "Thanks." if text.endswith("?") and len(self.heard) == 1 else None

    def now(self) -> float:
        """See `World`."""
        return self.at

    def restarted(self) -> None:
        """See `World`."""
        self.restarts += 1

    def struck(self) -> list[int]:
        """How often it was stale."""
        return [self.stale for _ in self.world.get("faults", ())]

    def end(self) -> Ending:
        """See `World`."""
        total = sum(each.amount_minor for each in self.ledger)
        claims = [
            Claim(text=each, done=True, holds=bool(self.ledger))
            for each in self.heard
            if "refunded" in each
        ]
        broken = [Violation(rule="I2", reason="too much")] if total > 5000 else []
        snapshot: dict[str, Json] = {
            "ledger": [each.id for each in self.ledger],
            "heard": self.heard,
            "at": self.at,
            "restarts": self.restarts,
        }
        return Ending(
            snapshot=snapshot, effects=tuple(self.ledger), claims=tuple(claims),
            violations=tuple(broken),
        )  # fmt: skip

    def _refund(self, asked: dict[str, Any]) -> Json:
        payment, amount_minor = asked["payment"], asked["amount_minor"]
        currency, key = asked["currency"], asked["key"]
        if amount_minor > 5000:
            raise ToolError("policy_denied", "more than 50.00")
        if self.world.get("keys") and key in self.done:
            result: Json = self.done[key]["result"]
            return result
        id_ = f"re_{len(self.ledger) + 1}"
        effect = Effect(
            intent=f"refund:{payment}", id=id_, amount_minor=amount_minor, currency=currency,
            subject=payment,
        )  # fmt: skip
        self.ledger.append(effect)
        self.done[key] = {"status": "succeeded", "result": {"id": id_}, "at": self.at,
                          "amount_minor": amount_minor, "currency": currency}  # fmt: skip
        return {"id": id_}

    def _operation(self, asked: dict[str, Any]) -> Json:
        found = self.done.get(asked["key"], {"status": "not_found"})
        if self.world.get("faults") and found.get("at") == self.at:
            self.stale += 1
            return {"status": "not_found"}
        return found

    def _wait(self, asked: dict[str, Any]) -> Json:
        self.at += asked["seconds"]
        return {"now": self.at}


def open_till(world: dict[str, Any]) -> Till:
    """What `tools:` of a suite names."""
    return Till(world)

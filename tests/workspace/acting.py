"""The refunds workspace as a suite for agents: a shop that pays back, and an agent that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit import SAMPLES

if TYPE_CHECKING:
    from kit import WorkspaceFolder

SHOP = '''\
"""A shop that pays back what was paid, and counts how often."""

from paygrade import Claim, Effect, Ending, Tool, ToolError, Violation

REFUND = Tool(
    name="refund",
    description="Pay back.",
    parameters={
        "type": "object",
        "required": ["payment", "amount_minor"],
        "properties": {
            "payment": {"type": "string"},
            "amount_minor": {"type": "integer"},
            "note": {"type": "string"},
        },
        "additionalProperties": False,
    },
)


class Shop:
    def __init__(self, world):
        self.paid = world["paid"]
        self.refunds = []
        self.said = []

    def tools(self):
        return [REFUND]

    def call(self, tool, arguments):
        if arguments["payment"] not in self.paid:
            raise ToolError("not_found", "no such payment")
        self.refunds.append(dict(arguments))
        return {"refund": f"re_{len(self.refunds)}"}

    def hear(self, text):
        self.said.append(text)
        return None

    def end(self):
        return Ending(
            snapshot={"refunds": self.refunds},
            effects=[
                Effect(
                    intent=f"refund:{each['payment']}",
                    id=f"re_{number}",
                    amount_minor=each["amount_minor"],
                    currency="EUR",
                    subject=each["payment"],
                )
                for number, each in enumerate(self.refunds, 1)
            ],
            claims=[
                Claim(text=each, done=True, holds=bool(self.refunds), reason="by the books")
                for each in self.said
            ],
            violations=[Violation(rule="P5", reason="paid back twice")] * (len(self.refunds) > 1),
        )


def shop(world):
    return Shop(world)
'''

AGENT = '''\
"""Pays back at once."""


def answer(request, tools):
    tools.call("refund", payment="pay_1", amount_minor=request.input["amount_minor"])
    tools.say("You have your money back.")
    return '{"action": "refund"}'
'''


def agent_samples(**changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """The samples of the small workspace, each with a payment in its world."""
    return [{**each, "world": {"paid": {"pay_1": 4200}}, **changes} for each in SAMPLES]


def with_tools(workspace: WorkspaceFolder) -> None:
    """Make the suite one for agents."""
    workspace.write("evals/refunds/tools.py", SHOP)
    workspace.replace("evals/refunds/suite.yaml", "slices:", "tools: tools.py:shop\nslices:")
    workspace.write("runners/always_refund.py", AGENT)
    workspace.samples(agent_samples())

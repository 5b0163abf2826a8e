"""Agents run with a guard and without, and what that is worth, from the outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

SUITE = """\
suite: refunds
prompt: refunds@v1
dataset: refunds@v1
runners: [clumsy, guarded]
tools: till.py:open_till
epochs: 2
scorers:
  - effect:at-most-once
  - effect:lost
  - effect:false-done
"""

TILL = '''\
"""A till that refunds as often as it is asked, and keeps what it did by key."""

from paygrade import Effect, Ending, Tool, ToolIntent

TEXT, AMOUNT = {"type": "string"}, {"type": "integer"}


def tool(name, intent=None, **properties):
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return Tool(name=name, description=name, parameters=parameters, intent=intent)


class Till:
    FAULTS = frozenset()

    def __init__(self, world):
        self.effects, self.done = [], {}

    def tools(self):
        intent = ToolIntent(
            key=("payment",), money=("amount_minor", "currency"), key_argument="key",
            look_up="operation",
        )
        refund = {"payment": TEXT, "amount_minor": AMOUNT, "currency": TEXT, "key": TEXT}
        return (tool("refund", intent, **refund), tool("operation", key=TEXT))

    def call(self, tool, arguments):
        if tool == "operation":
            return self.done.get(arguments["key"], {"status": "not_found"})
        money = {"amount_minor": arguments["amount_minor"], "currency": arguments["currency"]}
        effect = Effect(
            intent=f"refund:{arguments['payment']}", id=f"re_{len(self.effects)}",
            subject=arguments["payment"], **money,
        )
        self.effects.append(effect)
        self.done[arguments["key"]] = {
            "status": "succeeded", "result": {"id": effect.id}, **money
        }
        return {"id": effect.id}

    def hear(self, text):
        return None

    def now(self):
        return 1_800_000_000.0

    def restarted(self):
        pass

    def struck(self):
        return []

    def end(self):
        return Ending(snapshot={"refunds": len(self.effects)}, effects=tuple(self.effects))


def open_till(world):
    return Till(world)
'''

AGENT = '''\
"""Tries again with a new key until a refund is confirmed."""

from paygrade import ToolError


def refund(request, tools):
    for number in range(6):
        try:
            tools.call("refund", payment="pay_1", amount_minor=4200, currency="USD",
                       key=f"key-{number}")
        except ToolError:
            continue
        return "refunded"
    return "gave up"
'''

EFFECTS = [{"intent": "refund:pay_1", "amount_minor": 4200, "currency": "USD", "subject": "pay_1"}]


@pytest.fixture
def agents(workspace: WorkspaceFolder) -> WorkspaceFolder:
    """Four refunds, two of which lose the reply; one agent, with a guard and without."""
    workspace.write("evals/refunds/suite.yaml", SUITE)
    workspace.write("evals/refunds/till.py", TILL)
    workspace.write("runners/agent.py", AGENT)
    profile = "provider: python\ncallable: agent.py:refund\n"
    workspace.write("runners/clumsy.yaml", f"runner: clumsy\n{profile}")
    workspace.write("runners/guarded.yaml", f"runner: guarded\n{profile}guard: pytx\n")
    lost = [{"kind": "timeout_after_commit", "tool": "refund"}]
    workspace.samples(
        [
            {
                "id": f"s{n}",
                "input": {"message": "Refund it.", "amount_minor": 4200},
                "expected": {"effects": EFFECTS},
                "slices": {"fault": "timeout_after_commit" if n % 2 else "none"},
                "world": {},
                **({"faults": lost} if n % 2 else {}),
            }
            for n in range(4)
        ]
    )
    workspace.replace(
        "datasets/refunds/card.yaml", "{kind: why they ask}", "{fault: what goes wrong}"
    )
    return workspace


def said(text: str) -> str:
    """Without the breaks of lines."""
    return " ".join(text.split())


@pytest.mark.real
def test_a_run_of_two_agents_ends_with_both_side_by_side(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Without the guard a lost reply is paid twice, with it once: rate, bound and money."""
    ended = paygrade("run", "-w", agents.root)
    assert ended.code == 0, ended.err
    last = said(ended.out[ended.out.index("side by side") :])
    assert "figure clumsy, guard none guarded, guard pytx" in last
    assert "duplicate money 4 of 8, 50.0 % (" in last
    assert ") 0 of 8 (4 cases), at most 52.7 %" in last
    assert "duplicate money, USD 168.00 USD 0.00 USD" in last
    assert (
        "recovered: timeout_after_commit 0 of 4 (2 cases), at most 77.6 % "
        "4 of 4 (2 cases), at least 22.4 %"
    ) in last
    assert "pass^2 50.0 % 100.0 %" in last


@pytest.mark.real
def test_a_comparison_of_two_agents_says_the_same(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """From what is stored."""
    paygrade("run", "-q", "-w", agents.root)
    ended = paygrade("compare", "clumsy", "guarded", "-w", agents.root)
    assert "duplicate money, USD 168.00 USD 0.00 USD" in said(ended.out)
    found = paygrade("compare", "clumsy", "guarded", "--json", "-w", agents.root).json
    assert [each["effects"]["guards"] for each in found["columns"]] == [["none"], ["pytx"]]
    assert json.dumps(found)

"""A trajectory survives being written as JSON; what is none is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paygrade.records.agent import (
    Claim,
    Delivery,
    Effect,
    Step,
    Struck,
    ToolCall,
    Trajectory,
    Violation,
)
from paygrade.records.agent_json import trajectory_from_json, trajectory_to_json

REFUND: dict[str, str | int] = {"payment_id": "pay_1", "amount_minor": 4200}

WHOLE = Trajectory(
    guard="pytx",
    steps=(
        Step(
            role="agent",
            text="One moment.",
            calls=(
                ToolCall(
                    id="1", tool="create_refund", arguments=REFUND, result={"id": "re_1"},
                    fault="timeout_after_commit", guard="ran",
                ),
                ToolCall(id="2", tool="refund", arguments="{", status="unknown_tool"),
            ),
        ),
        Step(role="customer", text="Thank you."),
    ),
    deliveries=(
        Delivery(op="call", tool="create_refund", arguments=REFUND),
        Delivery(op="restart"),
        Delivery(op="hear", text="Done."),
    ),
    effects=(
        Effect(
            intent="refund:pay_1", id="re_1", amount_minor=4200, currency="USD", subject="pay_1"
        ),
    ),
    claims=(Claim(text="Refunded.", done=True, holds=False, reason="nothing was refunded"),),
    violations=(Violation(rule="P3", reason="a dispute was open"),),
    snapshot={"payments": [{"id": "pay_1"}]},
    snapshot_hash="0" * 64,
    faults=(Struck(kind="timeout_after_commit", tool="create_refund", times=1),),
    restarts=1,
    turns=3,
)  # fmt: skip


def test_a_trajectory_survives_json() -> None:
    """Written as JSON text and read back, it is equal."""
    assert trajectory_from_json(json.loads(json.dumps(trajectory_to_json(WHOLE)))) == WHOLE


def test_defaults_may_be_missing() -> None:
    """Only what has no default must be there."""
    least = {
        "guard": "none", "snapshot": None, "snapshot_hash": "", "steps": [{"role": "agent"}],
    }  # fmt: skip
    assert trajectory_from_json(least).steps == (Step(role="agent"),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"guard": "steel"}, "the 'guard' of the trajectory is not one of none, pytx"),
        ({"steps": "none"}, "the 'steps' of the trajectory is not a list"),
        ({"steps": [3]}, "a step is no object"),
        ({"effects": [{"intent": "a"}]}, "an effect has no 'id'"),
        (
            {"effects": [{"intent": "a", "id": "b", "amount_minor": True}]},
            "the 'amount_minor' of an effect is not a whole number",
        ),
        (
            {"effects": [{"intent": "a", "id": "b", "amount_minor": 2**63}]},
            "the 'amount_minor' of an effect is not a whole number of 64 bits",
        ),
        ({"claims": [{"text": "", "done": 1}]}, "the 'done' of a claim is not true or false"),
        ({"deliveries": [{"op": "call", "arguments": []}]}, "of a delivery is not an object"),
    ],
)
def test_what_is_no_trajectory_is_refused(change: dict[str, Any], problem: str) -> None:
    """The sentence names the record and the key."""
    with pytest.raises(ValueError, match=problem):
        trajectory_from_json({**trajectory_to_json(WHOLE), **change})

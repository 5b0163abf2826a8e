"""Laws that hold for every scorer of agents: whatever an agent did, each gives its verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.records.agent import Claim, Effect, Step, ToolCall, Trajectory, Violation
from paygrade.scorers import CATALOGUE

if TYPE_CHECKING:
    from scorers.conftest import Judge

LABEL: dict[str, Any] = {
    "effects": [
        {"intent": "a", "amount_minor": 5, "currency": "USD", "subject": "p"},
        {"intent": "e", "subject": "p"},
    ],
    "end_state": [
        {"at": "a", "equals": 1},
        {"any_of": [[{"at": "b", "count": 1, "where": {"c": 1}}], [{"at": "b", "absent": True}]]},
    ],
    "trajectory": ["a", {"tool": "b", "arguments": {"a": 1}}],
    "max_calls": 1,
}
PARAMS: dict[str, dict[str, Any]] = {
    "trajectory:tool-used": {"tool": "a", "max": 1},
    "trajectory:in_order": {"ignore": ["a.b", "0"]},
}
AGENTS = [
    name
    for name in CATALOGUE.names()
    if name.startswith(("effect:", "trajectory:")) or name == "call_budget"
]

TEXT = st.sampled_from(["", "a", "b", "P1", "I1", "USD", "\n", "x" * 2000]) | st.text(max_size=4)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)
CALLS = st.builds(
    ToolCall,
    id=st.just("c"),
    tool=TEXT,
    arguments=st.dictionaries(TEXT, JSON, max_size=2) | JSON,
    status=st.sampled_from(["ok", "error", "malformed_arguments", "unknown_tool"]),
)
TRAJECTORIES = st.builds(
    Trajectory,
    guard=st.just("none"),
    steps=st.lists(
        st.builds(Step, role=st.just("agent"), calls=st.lists(CALLS, max_size=2).map(tuple)),
        max_size=3,
    ).map(tuple),
    deliveries=st.just(()),
    effects=st.lists(
        st.builds(
            Effect,
            intent=TEXT,
            id=TEXT,
            amount_minor=st.integers(-(10**20), 10**20) | st.integers(0, 9),
            currency=TEXT,
            subject=TEXT,
        ),
        max_size=4,
    ).map(tuple),
    claims=st.lists(
        st.builds(Claim, text=TEXT, done=st.booleans(), holds=st.booleans(), reason=TEXT),
        max_size=3,
    ).map(tuple),
    violations=st.lists(st.builds(Violation, rule=TEXT, reason=TEXT), max_size=5).map(tuple),
    snapshot=st.fixed_dictionaries({"a": JSON, "b": JSON}) | JSON,
    snapshot_hash=st.just(""),
)
OPPOSITE = {"pass": "fail", "fail": "pass"}


@pytest.mark.parametrize("name", AGENTS)
def test_without_a_trajectory_there_is_no_verdict(judge: Judge, name: str) -> None:
    """An answer of which nobody knows what was done is an error, negated or not."""
    for entry in (name, f"not-{name}"):
        check = judge(entry, PARAMS.get(name, {}), "Refunded.", LABEL)
        assert (check.result, check.reason) == (
            "error",
            "this answer has no trajectory (the suite needs 'tools')",
        )


@pytest.mark.parametrize("name", AGENTS)
def test_how_bad_a_miss_is(name: str) -> None:
    """What happened to money is critical, the way there major, the number of calls minor."""
    severity = {"effect": "critical", "trajectory": "major", "call_budget": "minor"}
    assert CATALOGUE.severity(name) == severity[name.partition(":")[0]]


@given(name=st.sampled_from(AGENTS), trajectory=TRAJECTORIES)
def test_whatever_an_agent_did_it_is_judged(
    judge: Judge, name: str, trajectory: Trajectory
) -> None:
    """With a good label no agent and no world makes a check an error, and every reason is short.

    `not-` is the exact opposite, and figures are numbers that the store can hold.
    """
    params = PARAMS.get(name, {})
    check = judge(name, params, "", LABEL, trajectory=trajectory)
    negated = judge(f"not-{name}", params, "", LABEL, trajectory=trajectory)
    assert negated.result == OPPOSITE[check.result]
    assert negated.partial == check.partial
    assert check == judge(name, params, "", LABEL, trajectory=trajectory)
    assert bool(check.reason) == (check.result == "fail")
    assert negated.reason
    for reason in (check.reason, negated.reason):
        assert len(reason) < 600
        assert reason.isprintable()
    assert all(math.isfinite(each) and key.isprintable() for key, each in check.partial.items())

"""What goes wrong on the way to a tool, as the agent is told and as the ledger has it."""

from __future__ import annotations

import pytest

from paygrade.errors import UsageError
from paygrade.records.agent import Fault, Struck
from runners.agents.acting import act, fault, trajectory_of

KEYS = {"keys": True}


@pytest.mark.parametrize(
    ("kind", "told", "effects"),
    [
        ("timeout_before_commit", "timeout, unknown: True", 0),
        ("timeout_after_commit", "timeout, unknown: True", 1),
        ("error_500_before_commit", "api_error, unknown: True", 0),
        ("error_500_after_commit", "api_error, unknown: True", 1),
        ("fail_n_then_ok", "unavailable, unknown: False", 0),
        ("rate_limited", "rate_limited, unknown: False", 0),
        ("duplicate_delivery", "got {'id': 're_1'}", 2),
    ],
)
def test_what_is_told_and_what_is_done(kind: str, told: str, effects: int) -> None:
    """Two faults that look alike to the agent differ in the ledger alone."""
    answer = act("single", fault(kind))
    done = trajectory_of(answer)
    assert answer.text == told
    assert len(done.effects) == effects
    assert done.steps[0].calls[0].fault == kind
    assert done.faults == (Struck(kind=kind, tool="refund", times=1),)


def test_a_duplicate_is_one_effect_where_keys_are_honoured() -> None:
    """The world is reached twice by one call, under one key."""
    done = trajectory_of(act("single", fault("duplicate_delivery"), world=KEYS))
    assert [each.op for each in done.deliveries] == ["call", "call", "hear"]
    assert len(done.effects) == 1


def test_it_strikes_the_calls_that_it_names() -> None:
    """From the second call of the tool on, twice; calls of other tools do not count."""
    done = trajectory_of(act("clumsy", fault("fail_n_then_ok", nth=1, times=3)))
    struck = [each.fault for step in done.steps for each in step.calls if each.tool == "refund"]
    assert struck == ["fail_n_then_ok"] * 3 + [""]
    waits = trajectory_of(act("endless", Fault(kind="rate_limited", nth=39, times=9)))
    assert waits.faults[0].times == 2, "the fault of any tool, and 40 steps"


def test_a_fault_that_the_agent_never_meets_is_told() -> None:
    """It struck no times."""
    done = trajectory_of(act("single", fault("rate_limited", nth=2), fault("rate_limited", "wait")))
    assert [each.times for each in done.faults] == [0, 0]


def test_when_to_try_again_is_an_option() -> None:
    """Of `rate_limited`, in seconds."""
    limited = fault("rate_limited", options={"retry_after": 7})
    call = trajectory_of(act("single", limited)).steps[0].calls[0]
    assert "try again in 7 seconds" in str(call.result)


def test_the_world_brings_about_its_own() -> None:
    """It gets them as `faults`, says how often they struck, and its calls say which it was."""
    lost, stale = fault("timeout_after_commit"), fault("stale_look_up", "operation")
    done = trajectory_of(act("clumsy", lost, stale, guard="pytx"))
    assert [(each.kind, each.times) for each in done.faults] == [
        ("timeout_after_commit", 1), ("stale_look_up", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (fault("gremlins"), "no fault is known by the kind 'gremlins'; known: crash_after_commit"),
        (fault("rate_limited", "transfer"), "'transfer', which is not there; there are: refund"),
        (fault("timeout_before_commit", options={"after": 3}), "takes no option 'after'"),
    ],
)
def test_a_fault_that_cannot_strike_is_a_mistake(wrong: Fault, told: str) -> None:
    """Nothing passes for having met a fault that nobody knows."""
    with pytest.raises(UsageError, match=told):
        act("single", wrong)


def test_what_is_known_includes_the_worlds_own() -> None:
    """The sentence lists them all."""
    with pytest.raises(UsageError, match="rate_limited, stale_look_up, timeout_after_commit"):
        act("single", fault("gremlins"))

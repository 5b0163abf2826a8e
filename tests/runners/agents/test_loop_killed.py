"""A model whose loop is killed by the case: what it has said is not asked of it again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError
from paygrade.records.agent import Fault, Toolbox
from paygrade.records.answer import Answer
from paygrade.runners.agents import build_agent
from runners.agents import looping
from runners.agents.looping import Model, call
from runners.profiles import profile

if TYPE_CHECKING:
    from paygrade.records.agent import Trajectory
    from paygrade.records.protocols import Ask

pytestmark = pytest.mark.real  # processes are started and killed

HERE = Path(__file__).parent
TILL = Toolbox(script="till.py:open_till", folder=str(HERE))
REFUND = '{"payment": "pay_1", "amount_minor": 4200, "currency": "USD", "key": "k"}'


def attempt(ask: Ask, *crashes: str, guard: str = "none") -> Answer:
    """One attempt at the till, killed at its first refund as `crashes` say."""
    told = profile(HERE, "openai", model="m", guard=guard)
    faults = [Fault(kind=each, tool="refund") for each in crashes]
    case = replace(looping.request(*faults), world={})

    async def once() -> Answer:
        agent = build_agent(told, TILL)
        try:
            return await agent.act(case, ask)
        finally:
            await agent.close()

    return asyncio.run(once())


def trajectory(answer: Answer) -> Trajectory:
    """What the agent did."""
    assert answer.trajectory is not None
    return answer.trajectory


def again() -> Model:
    """A model that asks, refunds, waits, refunds once more whatever it was told, and says so."""
    refund = Answer(text="", calls=(call("refund", REFUND),), raw=[{"type": "function_call"}])
    wait = Answer(text="", calls=(call("wait", '{"seconds": 60}'),))
    return Model([Answer(text="Shall I?"), refund, wait, refund, Answer(text="It is refunded.")])


@pytest.mark.parametrize(
    ("crash", "effects"),
    [("crash_before_call", 1), ("crash_after_commit", 2), ("crash_before_record", 2)],
)
def test_no_answer_is_asked_for_twice(crash: str, effects: int) -> None:
    """It is told that the call was interrupted; the talk before it was not had again."""
    model = again()
    answer = attempt(model, crash)
    done = trajectory(answer)
    assert (answer.text, done.restarts, done.turns) == ("It is refunded.", 1, 5)
    assert len(model.asked) == 5
    told: Any = json.loads(model.asked[2].turns[1].results[0])
    assert told["error"]["code"] == "interrupted"
    assert model.asked[3].turns[1].raw == [{"type": "function_call"}]
    assert len(done.effects) == effects
    snapshot: Any = done.snapshot
    assert snapshot["heard"] == ["Shall I?", "It is refunded."]


@pytest.mark.parametrize(
    "crash", ["crash_before_call", "crash_after_commit", "crash_before_record"]
)
def test_guarded_it_refunds_once(crash: str) -> None:
    """Whatever it calls again."""
    done = trajectory(attempt(again(), crash, guard="pytx"))
    assert len(done.effects) == 1
    assert (done.restarts, done.turns) == (1, 5)


def test_no_answer_of_the_model_flies_out_of_the_killed_one_too() -> None:
    """Asked after the restart, the provider is gone."""
    model = again()

    async def ask(request: Any) -> Answer:  # noqa: ANN401 - a request
        if len(model.asked) == 2:
            raise RunnerError("no connection", kind="connection", retryable=True)
        return await model(request)

    with pytest.raises(RunnerError, match="no connection"):
        attempt(ask, "crash_after_commit")

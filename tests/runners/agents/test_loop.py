"""A model in its loop: what it calls, what it is told, and how an attempt ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError
from paygrade.records.agent import Fault
from paygrade.records.answer import Answer, AskedCall, Usage
from runners.agents.kiosk import LOOK, PAY
from runners.agents.looping import Model, act, call, request

if TYPE_CHECKING:
    from paygrade.records.agent import Trajectory
    from paygrade.records.answer import Finish, Request

MALFORMED = ("malformed_arguments", "invalid_request")
PAID = '{"order": "o1", "amount_minor": 4200}'


def trajectory(answer: Answer) -> Trajectory:
    """What the agent did."""
    assert answer.trajectory is not None
    return answer.trajectory


def told(model: Model, turn: int = -1) -> list[Any]:
    """The results that the model read last."""
    return [json.loads(result) for result in model.asked[-1].turns[turn].results]


def test_it_calls_reads_and_answers() -> None:
    """The tools are offered, the result goes back, the last words are told to the customer."""
    model = Model([Answer(text="Let me.", calls=(call("pay", PAID),)), Answer(text="Paid.")])
    answer = act(model)
    assert (answer.text, answer.finish) == ("Paid.", "stop")
    assert model.asked[0].tools == (PAY, LOOK)
    assert told(model) == [{"id": "p_1"}]
    done = trajectory(answer)
    assert done.snapshot == {"balance_minor": 5800, "heard": ["Paid."]}
    assert [(step.text, len(step.calls)) for step in done.steps] == [("Let me.", 1), ("Paid.", 0)]
    assert done.turns == 2


def test_it_sees_neither_its_world_nor_what_goes_wrong() -> None:
    """No request that leaves for a model holds either."""
    model = Model([Answer(text="Paid.")])
    act(model, request(Fault(kind="rate_limited"), balance_minor=1))
    assert (model.asked[0].world, model.asked[0].faults) == (None, ())


def test_calls_at_once_are_made_in_order_each_one() -> None:
    """Twice the same is done twice: whether that is right is not the loop's to say."""
    twice = (call("pay", PAID, id="a"), call("pay", PAID, id="b"), call("look", "{}", id="c"))
    model = Model([Answer(text="", calls=twice), Answer(text="Paid.")])
    done = trajectory(act(model))
    assert told(model) == [{"id": "p_1"}, {"id": "p_2"}, {"balance_minor": 1600}]
    assert [effect.intent for effect in done.effects] == ["o1", "o1"]
    assert [each.id for each in done.steps[0].calls] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (call("pay", '{"order": "o1", am'), *MALFORMED),
        (call("pay", "[]"), *MALFORMED),
        (call("pay", '{"order": "o1", "amount_minor": "x"}'), *MALFORMED),
        (call("wire", "{}"), "unknown_tool", "unknown_tool"),
        (call("pay", '{"order": "o1", "amount_minor": 99999}'), "error", "insufficient_funds"),
    ],
)
def test_an_error_is_told_and_the_model_goes_on(asked: AskedCall, status: str, code: str) -> None:
    """As an object that says `error`; nothing was done."""
    model = Model([Answer(text="", calls=(asked,)), Answer(text="Sorry.")])
    answer = act(model)
    assert answer.text == "Sorry."
    assert trajectory(answer).steps[0].calls[0].status == status
    (result,) = told(model)
    assert result.keys() == {"error"}
    assert result["error"]["code"] == code
    assert not trajectory(answer).effects


def test_a_fault_is_told_like_any_error() -> None:
    """The kiosk paid; the model hears of a time-out only."""
    model = Model([Answer(text="", calls=(call("pay", PAID),)), Answer(text="Hm.")])
    answer = act(model, request(Fault(kind="timeout_after_commit", tool="pay")))
    assert told(model)[0]["error"]["code"] == "timeout"
    assert len(trajectory(answer).effects) == 1


def test_the_customer_answers_and_the_model_goes_on() -> None:
    """What was said goes back as a turn of its own; silence ends the talk."""
    model = Model([Answer(text="Which order?"), Answer(text="Done."), Answer(text="Never said.")])
    answer = act(model, request(customer=["o1", ""]))
    assert answer.text == "Done."
    assert [(turn.text, turn.said) for turn in model.asked[1].turns] == [("Which order?", "o1")]
    snapshot: Any = trajectory(answer).snapshot
    assert snapshot["heard"] == ["Which order?", "Done."]
    assert len(model.asked) == 2


@pytest.mark.parametrize("text", ["", " \n"])
def test_saying_and_calling_nothing_is_an_empty_answer(text: str) -> None:
    """Nobody is told; before any call and after one."""
    for answers in (
        [Answer(text=text)],
        [Answer(text="", calls=(call("look", "{}"),)), Answer(text=text)],
    ):
        answer = act(Model(answers))
        assert answer.finish == "empty"
        snapshot: Any = trajectory(answer).snapshot
        assert snapshot["heard"] == []


@pytest.mark.parametrize("finish", ["length", "refusal", "filter"])
def test_an_answer_cut_or_refused_ends_the_attempt(finish: Finish) -> None:
    """With that finish, what was done before stays; calls of half an answer are not made."""
    cut = Answer(text="I c", finish=finish, calls=(call("pay", PAID),))
    answer = act(Model([Answer(text="", calls=(call("pay", PAID),)), cut]))
    assert (answer.text, answer.finish) == ("I c", finish)
    assert len(trajectory(answer).effects) == 1


def test_calling_without_end_meets_the_limit() -> None:
    """Its steps are used up; all that it did is there."""
    answer = act(Model([Answer(text="", calls=(call("look", "{}"),))]), max_steps=5)
    assert answer.finish == "step_limit"
    assert len(trajectory(answer).steps) == 5


def test_talking_without_end_meets_the_limit() -> None:
    """A saying is a step as well."""
    answer = act(Model([Answer(text="And?")]), request(customer=["What?"] * 9), max_steps=3)
    assert (answer.finish, answer.text) == ("step_limit", "And?")


def test_too_many_calls_that_no_tool_takes_end_the_attempt() -> None:
    """Malformed and unknown ones count alike; a tool's own error does not."""
    wrong = (call("pay", "{"), call("wire", "{}"))
    answer = act(Model([Answer(text="", calls=wrong)]), max_tool_errors=5)
    assert answer.finish == "tool_errors"
    assert trajectory(answer).turns == 3


def test_tokens_and_costs_add_up() -> None:
    """Over all turns; the last answer names the model and the call."""
    spent = Usage(input_tokens=10, output_tokens=2, cached_tokens=4)
    first = Answer(text="", calls=(call("look", "{}"),), usage=spent, cost_usd=0.5, model="m1")
    last = Answer(text="Ok.", usage=spent, cost_usd=0.25, model="m2", request_id="r2")
    answer = act(Model([first, last]))
    assert answer.usage == Usage(input_tokens=20, output_tokens=4, cached_tokens=8)
    assert (answer.cost_usd, answer.model, answer.request_id) == (0.75, "m2", "r2")


def test_a_cost_that_is_not_known_makes_the_sum_unknown() -> None:
    """Half a sum would look like all of it."""
    first = Answer(text="", calls=(call("look", "{}"),), cost_usd=0.5)
    assert act(Model([first, Answer(text="Ok.")])).cost_usd is None


def test_no_answer_of_the_model_flies() -> None:
    """Asking again is not the loop's: whoever asks has tried."""

    async def ask(request: Request) -> Answer:  # noqa: ARG001 - nobody answers
        raise RunnerError("no connection", kind="connection", retryable=True)

    with pytest.raises(RunnerError, match="no connection"):
        act(ask)


def test_half_a_surrogate_pair_is_not_sent() -> None:
    """No HTTP client could: wherever the model or the customer wrote one."""
    half = "\ud83d"
    odd = call(half, '{"order": "' + half + '", "amount_minor": 1}', id=half)
    answers = [
        Answer(text=half, calls=(odd, call("pay", odd.arguments)), raw=[{"x": half}]),
        Answer(text=f"Which? {half}", raw={half: half}),
        Answer(text="Ok."),
    ]
    model = Model(answers)
    assert act(model, request(customer=[f"This {half}"])).text == "Ok."
    assert len(model.asked) == 3
    str(model.asked[-1].turns).encode()
    repr(model.asked[-1].turns).index("Which? ?")


def test_arguments_nested_too_deep_are_malformed() -> None:
    """As any that cannot be read."""
    deep = call("pay", '{"order": ' * 100_000)
    answer = act(Model([Answer(text="", calls=(deep,)), Answer(text="Sorry.")]))
    assert trajectory(answer).steps[0].calls[0].status == "malformed_arguments"

"""Tools by all three ways to ask, against a server that refuses turns that do not fit together."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.records.answer import AskedCall, Turn
from runners.vendors.asking import ADAPTERS, LOOK_UP, REFUND, adapter, ask, request, turn

if TYPE_CHECKING:
    from paygrade.records.answer import Answer
    from peers.running import Strict

pytestmark = pytest.mark.parametrize("name", ADAPTERS)

TOOLS = (REFUND, LOOK_UP)
PAY = {"name": "refund", "input": {"payment": "pay_1", "amount_minor": 4200}}
FIND = {"name": "look_up", "input": {"payment": "pay_1"}}


def asked(name: str, strict: Strict, *turns: Turn, **options: Any) -> Answer:  # noqa: ANN401
    """Ask with both tools and these turns."""
    return ask(adapter(name, strict.url, **options), request(tools=TOOLS, turns=turns))


def test_a_call_comes_back_as_the_model_wrote_it(name: str, strict: Strict) -> None:
    """Its id, its tool, its arguments as text, and what was said beside it."""
    strict.answers(text="Let me pay.", calls=[PAY])
    answer = asked(name, strict)
    assert (answer.text, answer.finish) == ("Let me pay.", "stop")
    assert [call.tool for call in answer.calls] == ["refund"]
    assert json.loads(answer.calls[0].arguments) == PAY["input"]


def test_no_tools_no_trace(name: str, strict: Strict) -> None:
    """Without tools neither the body nor the answer knows of any."""
    answer = ask(adapter(name, strict.url))
    assert (answer.calls, answer.raw) == ((), None)
    assert not {"tools", "include"} & strict.calls()[0]["body"].keys()


def test_results_go_back_until_the_model_answers(name: str, strict: Strict) -> None:
    """Several calls at once, an error, a second round, then the customer says more."""
    strict.conversation(
        {"text": "", "calls": [FIND, PAY, PAY]},
        {"text": "Once more.", "calls": [PAY]},
        {"text": "Done."},
        {"text": "Bye."},
    )
    first = asked(name, strict)
    assert len({call.id for call in first.calls}) == 3
    error = '{"error": {"code": "timeout", "message": "", "retryable": true}}'
    turns = [turn(first, '{"status": "paid"}', '{"id": "re_1"}', error)]
    second = asked(name, strict, *turns)
    turns.append(turn(second, '{"id": "re_1"}'))
    third = asked(name, strict, *turns)
    assert (third.text, third.calls) == ("Done.", ())
    turns.append(turn(third, said="Thanks. Which card?"))
    assert asked(name, strict, *turns).text == "Bye."
    assert strict.counts()["by_status"] == {"200": 4}


def test_a_conversation_with_another_provider_goes_on(name: str, strict: Strict) -> None:
    """Without the provider's own form, turns are told in the words that all share."""
    call = AskedCall(id="x-7", tool="refund", arguments='{"payment": "pay_1"')
    turns = (
        Turn(text="Let me see.", said="Please do."),
        Turn(text="", calls=(call, replace(call, id="x-8")), results=("{}", "{}")),
    )
    assert asked(name, strict, *turns).text == "ok"


@pytest.mark.parametrize("finish", ["length", "refusal"])
def test_an_answer_cut_or_refused_has_no_calls(name: str, strict: Strict, finish: str) -> None:
    """The last one may be half of one."""
    strict.answers(text="No", finish=finish, calls=[PAY])
    answer = asked(name, strict)
    assert (answer.finish, answer.calls) == (finish, ())


def test_saying_nothing_is_an_answer(name: str, strict: Strict) -> None:
    """With tools a model may end without a word: that is its own doing."""
    strict.answers(text="")
    answer = asked(name, strict)
    assert (answer.text, answer.calls, answer.finish) == ("", (), "stop")


def test_a_tool_that_nobody_offered_is_the_models_mistake(name: str, strict: Strict) -> None:
    """The call comes back; whoever runs tools says that there is no such one."""
    strict.answers(calls=[{"name": "wire_everything", "input": {}}])
    answer = asked(name, strict)
    assert answer.calls[0].tool == "wire_everything"
    assert asked(name, strict, turn(answer, '{"error": {"code": "unknown_tool"}}')).calls


def test_what_was_offered_is_recorded(name: str, strict: Strict) -> None:
    """`sent` has the tools as they went out."""
    assert asked(name, strict).sent["tools"] == strict.calls()[0]["body"]["tools"]

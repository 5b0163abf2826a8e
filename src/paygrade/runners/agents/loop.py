"""A model as an agent: it is asked, its calls are made, their results go back, until it is done.

Calls of one answer are made one after the other, in its order, the same call twice if it says so.
What it says beside calls is kept and told to nobody; what it says without any is told to the
customer, who may answer. An answer that was cut off, refused or filtered ends the attempt with that
finish, whatever the model had wanted to call.

The loop holds no state but the conversation, and asks nothing but the session and `ask`: where
those answer again what they answered before, it comes to the same place again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.records.answer import Turn
from paygrade.runners.agents.arguments import storable
from paygrade.runners.agents.session import LastWords

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.agent import ToolCall
    from paygrade.records.answer import Answer, Request
    from paygrade.records.json_value import Json
    from paygrade.runners.agents.session import Session


def converse(request: Request, session: Session, ask: Callable[[Request], Answer]) -> LastWords:
    """Let the model act until it has nothing more to call: a `session.Body`."""
    asked = replace(request, tools=session.specs, turns=())
    while True:
        answer = ask(asked)
        if answer.finish != "stop":
            return LastWords(text=answer.text, finish=answer.finish)
        results: tuple[str, ...] = ()
        said = ""
        if answer.calls:
            results = tuple(map(_told, session.call_all(*answer.calls, text=answer.text)))
        elif answer.text.strip():
            said = session.say(answer.text) or ""  # a customer who says nothing has ended the talk
            if not said:
                return LastWords(text=answer.text)
        else:
            return LastWords(text="", finish="empty")
        asked = replace(asked, turns=(*asked.turns, _turn(answer, results, said)))


def _turn(answer: Answer, results: tuple[str, ...], said: str) -> Turn:
    """One round, as it can be sent: without halves of surrogate pairs, wherever they came from."""
    calls = tuple(
        replace(
            each, id=storable(each.id), tool=storable(each.tool), arguments=storable(each.arguments)
        )
        for each in answer.calls
    )
    raw: Json = json.loads(storable(json.dumps(answer.raw, ensure_ascii=False)))
    return Turn(
        text=storable(answer.text), calls=calls, results=results, said=storable(said), raw=raw
    )


def _told(call: ToolCall) -> str:
    """What came of a call as the model reads it: its result, or an object that says `error`."""
    result: Json = call.result if call.status == "ok" else {"error": call.result}
    return storable(json.dumps(result, ensure_ascii=False))

"""The process of an agent that is killed on purpose; `nursery.py` starts it.

It is told what to do in one JSON line on standard input, and says one line for each model that it
asks, which is answered by one line, and one in the end. When standard input ends, its parent is
gone: then it ends as well, whatever the agent is at. Its own journal and its guard's store lie
in the attempt's folder: that is all that is left of it when it is killed. See `supervising.py`.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from paygrade.errors import RunnerError, UsageError
from paygrade.records.agent_json import fault_from_json, plain, tool_from_json
from paygrade.records.answer import Answer, AskedCall, Message, Request, Usage
from paygrade.runners.agents.journal import Journal
from paygrade.runners.agents.remote import USAGE, RemoteHost
from paygrade.runners.agents.running import run, seen
from paygrade.runners.agents.session import Limits, Session

if TYPE_CHECKING:
    from paygrade.runners.agents.session import Body

JOURNAL = "journal.jsonl"


class _Parent:
    """Standard input and output, which nobody else may use from here on."""

    def __init__(self) -> None:
        self._heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        told: IO[str] = os.fdopen(os.dup(0), encoding="utf-8")
        threading.Thread(target=self._listen, args=(told,), daemon=True).start()
        self._out: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)  # what an agent prints is no message

    def hear(self) -> dict[str, Any]:
        """The next line."""
        message: dict[str, Any] = json.loads(self._heard.get())
        return message

    def _listen(self, told: IO[str]) -> None:
        for line in told:
            self._heard.put(line)
        os._exit(1)

    def tell(self, **message: object) -> None:
        """Write one line."""
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def ask(self, request: Request) -> Answer:
        """Have a model asked. Where it gives no answer, the parent ends this process."""
        self.tell(ask={"messages": plain(request.messages), "turns": plain(request.turns)})
        return _answer(self.hear())


def main() -> None:
    """Act once, from the journal on."""
    parent = _Parent()
    start = parent.hear()
    tools = tuple(tool_from_json(each) for each in start["tools"])
    host = RemoteHost(start["place"], tools, start["now"])
    folder = Path(start["folder"])
    guard = None
    if start["guard"] == "pytx":
        from paygrade.runners.agents.guarding import Guarded  # noqa: PLC0415 - a start must be fast

        guard = Guarded(folder, start["request"]["sample_id"], host.now)
    crashes = [fault_from_json(each) for each in start["crashes"]]
    session = Session(
        host,
        Limits(**start["limits"]),
        guard=guard,
        journal=Journal(folder / JOURNAL, crashes),
    )
    try:
        words = run(_body(start["callable"]), _request(start, session), session, parent.ask)
    except UsageError as error:
        parent.tell(failed={"problem": str(error), "kind": USAGE, "retryable": False})
    except RunnerError as error:
        told = {"problem": error.problem, "kind": error.kind, "retryable": error.retryable}
        parent.tell(failed=told)
    else:
        parent.tell(ended={"words": plain(words), "steps": plain(session.steps)})


def _body(function: str) -> Body:
    """The agent: a function of the user's, `FILE.py:FUNCTION`, or "" for a model in a loop."""
    if not function:
        from paygrade.runners.agents.loop import converse  # noqa: PLC0415 - a start must be fast

        return converse
    from paygrade.runners.agents.opening import function_of  # noqa: PLC0415 - as above
    from paygrade.runners.agents.python import PythonBody  # noqa: PLC0415 - as above

    path, _, name = function.rpartition(":")
    return PythonBody(function_of(Path(path), name))


def _request(start: dict[str, Any], session: Session) -> Request:
    data = start["request"]
    messages = tuple(Message(**each) for each in data["messages"])
    return seen(Request(**{**data, "messages": messages}), session)


def _answer(data: dict[str, Any]) -> Answer:
    usage = data["usage"]
    calls = tuple(AskedCall(**each) for each in data["calls"])
    answer = Answer(**{**data, "calls": calls, "usage": None})
    return replace(answer, usage=Usage(**usage)) if usage else answer

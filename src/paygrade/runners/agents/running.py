"""An agent's own code is let run, in whichever process, and what became of it is told apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade import scripts
from paygrade.errors import RunnerError, UsageError
from paygrade.runners.agents.session import Halt, LastWords

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.agent import Step, Trajectory
    from paygrade.records.answer import Answer, Request
    from paygrade.runners.agents.session import Body, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What an agent did, whichever process it did it in."""

    words: LastWords
    steps: tuple[Step, ...]
    trajectory: Trajectory


def run(
    body: Body, request: Request, session: Session, ask: Callable[[Request], Answer]
) -> LastWords:
    """Let `body` act; a limit that it met ends it, whatever it makes of that.

    Raises:
        RunnerError: the infrastructure failed, or the body raised what it must not
            (`runner_crashed`).
    """
    words, raised = LastWords(text=""), None
    try:
        words = body(request, session, ask)
        if words.finish == "stop":  # what was cut off or refused is told to nobody
            words = replace(words, text=session.last_words(words.text))
    except Halt:
        pass  # kept in the session
    except BaseException as error:  # noqa: BLE001 - a user's code may raise anything
        raised = error
    halt = session.halt
    if halt is not None:
        if halt.error is not None:
            raise halt.error
        return LastWords(text=session.said, finish=halt.finish or "stop")
    if isinstance(raised, RunnerError | UsageError):
        raise raised
    if raised is not None:
        problem = f"the agent raised {scripts.said(raised)}"
        raise RunnerError(problem, kind="runner_crashed") from raised
    return words


def seen(request: Request, session: Session) -> Request:
    """What an agent may see of its request."""
    return replace(request, world=None, faults=(), tools=session.specs)

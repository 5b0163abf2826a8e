"""One attempt of an agent, from a new world to its trajectory."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade.errors import UsageError
from paygrade.records.answer import Answer, Usage
from paygrade.runners.agents import faults
from paygrade.runners.agents.opening import open_world
from paygrade.runners.agents.running import Acted, run, seen
from paygrade.runners.agents.session import Session
from paygrade.runners.threads import in_thread

if TYPE_CHECKING:
    import concurrent.futures

    from paygrade.records.agent import GuardName, Toolbox, Trajectory
    from paygrade.records.answer import Request
    from paygrade.records.protocols import Ask
    from paygrade.runners.agents.session import Body, LastWords, Limits
    from paygrade.runners.agents.supervising import Supervisor


class ToolAgent:
    """Runs a `Body` against a toolbox: implements `records.protocols.Agent`.

    The body runs in a daemon thread, so that one that hangs cannot hold up the process's end; where
    the case kills it, in a process of its own.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        body: Body,
        toolbox: Toolbox,
        *,
        guard: GuardName,
        limits: Limits,
        supervisor: Supervisor | None,
        no_crash: str = "",
    ) -> None:
        """Take the agent. Without a `supervisor` it cannot be killed: `no_crash` says why."""
        self._body = body
        self._toolbox = toolbox
        self._guard: GuardName = guard
        self._limits = limits
        self._supervisor = supervisor
        self._no_crash = no_crash

    async def act(self, request: Request, ask: Ask) -> Answer:
        """See `Agent`.

        Raises:
            UsageError: the toolbox or the case's world and faults cannot be used.
        """
        tally = Tally(ask)
        if not faults.crashes_of(request.faults):
            acted = await self._here(request, tally)
        elif self._supervisor is None:
            raise UsageError(self._no_crash)
        else:
            acted = await self._supervisor.act(request, tally.ask)
        words = acted.words
        trajectory = replace(
            acted.trajectory, guard=self._guard, steps=acted.steps, turns=tally.turns
        )
        if not words.text and not acted.steps and words.finish == "stop":
            words = replace(words, finish="empty")
        return tally.answer(words, trajectory)

    async def close(self) -> None:
        """See `Agent`."""
        if self._supervisor is not None:
            await asyncio.to_thread(self._supervisor.close)

    async def _here(self, request: Request, tally: Tally) -> Acted:
        loop = asyncio.get_running_loop()
        asked: list[concurrent.futures.Future[Answer]] = []
        given_up = threading.Event()

        def ask(wanted: Request) -> Answer:
            future = asyncio.run_coroutine_threadsafe(tally.ask(wanted), loop)
            asked.append(future)
            return future.result()

        def play() -> Acted:
            host = open_world(self._toolbox, request.world, request.faults)
            with ExitStack() as stack:
                guard = None
                if self._guard == "pytx":
                    from paygrade.runners.agents.guarding import Guarded  # noqa: PLC0415 - on use

                    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="paygrade-"))
                    guard = Guarded(Path(folder), request.sample_id, host.now)
                    stack.callback(guard.close)
                session = Session(host, self._limits, guard=guard, given_up=given_up)
                words = run(self._body, seen(request, session), session, ask)
                return Acted(words=words, steps=session.steps, trajectory=host.end())

        try:
            acted, raised = await in_thread(play, name=f"agent-{request.sample_id}")
        finally:
            given_up.set()
            for future in asked:
                future.cancel()
        if raised is not None:
            raise raised
        return acted  # type: ignore[return-value]  # it is there where nothing was raised


class Tally:
    """Asks a model for an agent, and counts."""

    def __init__(self, ask: Ask) -> None:
        """Nothing was asked."""
        self._ask = ask
        self._answers: list[Answer] = []

    @property
    def turns(self) -> int:
        """How often a model was asked."""
        return len(self._answers)

    async def ask(self, request: Request) -> Answer:
        """Ask once more."""
        answer = await self._ask(request)
        self._answers.append(answer)
        return answer

    def answer(self, words: LastWords, trajectory: Trajectory) -> Answer:
        """The agent's answer: tokens and costs are sums, unknown where one of them is."""
        last = self._answers[-1] if self._answers else Answer(text="")
        usages = [each.usage for each in self._answers]
        costs = [each.cost_usd for each in self._answers]
        known = [each for each in usages if each is not None]
        paid = [each for each in costs if each is not None]
        return Answer(
            text=words.text,
            finish=words.finish,
            model=last.model,
            usage=_sum(known) if known and len(known) == len(usages) else None,
            cost_usd=sum(paid) if paid and len(paid) == len(costs) else None,
            request_id=last.request_id,
            sent=last.sent,
            trajectory=trajectory,
        )


def _sum(usages: list[Usage]) -> Usage:
    return Usage(
        **{name: sum(getattr(each, name) for each in usages) for name in Usage.__dataclass_fields__}
    )

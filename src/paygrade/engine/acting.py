"""One attempt of an agent: it acts, and each of its model's turns is asked as any answer is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade import scripts
from paygrade.engine import barrier
from paygrade.engine.asking import is_cancelled
from paygrade.engine.budget import OverBudgetError
from paygrade.errors import PaygradeError, RunnerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from paygrade.engine.asking import Asker
    from paygrade.records.answer import Answer, Request, StoredAnswer
    from paygrade.records.protocols import Agent

    Told = Callable[[str, int, Decimal | None], None]


async def act(
    agent: Agent, asker: Asker, request: Request, digest: str, told: Told
) -> StoredAnswer:
    """What the agent said and did, behind the barrier.

    `told` records each turn of its model, and what it cost (`None`: nobody knows).

    The attempt is over when the agent is, or its time, or the budget: no turn is asked after that.

    Raises:
        RunnerError: the infrastructure failed.
        UsageError: the sample's world and faults, or the tools, cannot be used.
        OverBudgetError, JournalError: the run must stop, whatever the agent made of that.
    """
    timeout_s = asker.means.profile.attempt_timeout_s
    limit = asyncio.timeout(timeout_s)
    turns = _Turns(asker, limit, told)
    started = time.perf_counter()
    try:
        async with limit:
            answer = await agent.act(request, turns.ask)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, asyncio.CancelledError) and is_cancelled():
            raise
        if turns.fatal is not None:
            raise turns.fatal from error
        if isinstance(error, UsageError):  # the case, or the tools, cannot be used at all
            problem = f"sample {request.sample_id!r}: {error.problem}"
            raise UsageError(problem, hint=error.hint) from error
        if isinstance(error, RunnerError):
            raise
        if turns.unanswered is not None:  # the agent's own wrapping says less
            raise turns.unanswered from error
        if limit.expired():
            problem = f"the agent did not end within {timeout_s:g} s"
            raise RunnerError(problem, kind="timeout") from error
        problem = f"the agent raised {scripts.said(error)}"
        raise RunnerError(problem, kind="runner_crashed") from error
    finally:
        await turns.close()
    if turns.fatal is not None:
        raise turns.fatal
    latency_s = time.perf_counter() - started
    return barrier.stored(
        asker.means.barrier,
        turns.priced(barrier.priced(answer, None)),
        request,
        latency_s=latency_s,
        at=asker.means.now(),
        calls=max(1, turns.attempt.calls),
        digest=digest,
    )


class _Turns:
    """The turns of one attempt: its `ask` is what the agent gets."""

    def __init__(self, asker: Asker, limit: asyncio.Timeout, told: Told) -> None:
        self.attempt = asker.attempt()
        self.fatal: OverBudgetError | PaygradeError | None = None
        self.unanswered: RunnerError | None = None
        self._asker = asker
        self._limit = limit
        self._told = told
        self._own = asyncio.current_task()
        self._flying: set[asyncio.Task[object]] = set()
        self._costs: list[Decimal | None] = []
        self._closed = False

    async def ask(self, request: Request) -> Answer:
        """See `records.protocols.Ask`."""
        if self.fatal is not None:
            raise self.fatal
        if self._closed:
            raise RunnerError("the attempt has ended", kind="timeout")
        task = asyncio.current_task()
        if task is not None and task is not self._own:
            self._flying.add(task)
        try:
            answer = await self._asker.answer(request, self.attempt)
            cost = barrier.exact_cost(answer)
            self._told(request.sample_id, request.epoch, cost)
        except RunnerError as error:
            self.unanswered = error
            raise
        except (OverBudgetError, PaygradeError) as error:
            self.fatal = error
            if not self._closed:  # the agent's code ends here, whatever it would make of it
                self._limit.reschedule(asyncio.get_running_loop().time())
            raise
        finally:
            if task is not None:
                self._flying.discard(task)
        self.unanswered = None
        self._costs.append(cost)
        return answer

    def priced(self, answer: Answer) -> Answer:
        """The agent's answer with what its turns cost, unless it says so or nobody knows."""
        known = [cost for cost in self._costs if cost is not None]
        if answer.cost_usd is not None or not known or len(known) < len(self._costs):
            return answer
        return replace(answer, cost_usd=float(sum(known)))

    async def close(self) -> None:
        """End what an agent left behind, so that nothing is asked for an attempt that is over."""
        self._closed = True
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)

"""One attempt's calls: paced, priced, retried where that can help, each one recorded."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade import scripts
from paygrade.engine import barrier
from paygrade.errors import RunnerError
from paygrade.records.call import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from paygrade.engine.budget import Budget
    from paygrade.engine.pace import Pace
    from paygrade.leaks import Barrier
    from paygrade.records.answer import Answer, Request, StoredAnswer
    from paygrade.records.plan import RunnerProfile
    from paygrade.records.protocols import CallLog, Pricer, Runner

LONGEST_RETRY_AFTER_S = 120.0
"""A provider that asks for a longer pause than this has given up on us, and we on it."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0

_REFUSED = frozenset(
    {"rate_limited", "overloaded", "conflict", "auth", "not_found", "payment_required",
     "bad_request"}
)  # fmt: skip
"""Kinds with which a provider says that it did nothing: they cost nothing. Others may have."""

HOPELESS = frozenset({"auth", "not_found", "payment_required"})
"""Kinds that every further call would meet too: the run stops rather than ask a thousand times."""

_MESSAGE_TOKENS = 64
_REQUEST_TOKENS = 1000
"""What a provider may add to a message and to a request, beyond their bytes. A generous bound."""

_BYTES_PER_TOKEN = 4
_USUAL_OUTPUT_TOKENS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run asks with. Without a `runner` there is no model: an agent acts by itself."""

    profile: RunnerProfile
    runner: Runner | None
    journal: CallLog
    budget: Budget
    pace: Pace
    pricer: Pricer | None
    output_bound: int | None
    now: Callable[[], str]
    barrier: Barrier


@dataclass(slots=True, kw_only=True)
class Attempt:
    """How far one attempt is: when it must have ended, how often a model was asked.

    `latency_s` is of the call that answered last.
    """

    deadline: float
    calls: int = 0
    latency_s: float = 0.0


class Asker:
    """Asks until there is an answer, or no hope of one."""

    def __init__(self, means: Means) -> None:
        """Take what a run asks with; attempts share it."""
        self.means = means

    async def ask(self, request: Request, digest: str) -> StoredAnswer:
        """The answer behind the barrier.

        Raises:
            RunnerError: none came.
            OverBudgetError: the next call could pass the budget.
        """
        attempt = self.attempt()
        answer = await self.answer(request, attempt)
        return barrier.stored(
            self.means.barrier,
            answer,
            request,
            latency_s=attempt.latency_s,
            at=self.means.now(),
            calls=attempt.calls,
            digest=digest,
        )

    def attempt(self) -> Attempt:
        """One attempt begins now."""
        return Attempt(deadline=time.monotonic() + self.means.profile.attempt_timeout_s)

    async def answer(self, request: Request, attempt: Attempt) -> Answer:
        """One answer of the model, not masked, with its cost.

        Raises:
            RunnerError: none came.
            OverBudgetError: the next call could pass the budget.
        """
        means = self.means
        ceiling = self._ceiling(request)
        tries = 0
        while True:
            tries += 1
            attempt.calls += 1
            number = attempt.calls
            await means.pace.leave(_tokens(request))
            if ceiling is not None:
                await means.budget.reserve(ceiling)
                if means.budget.limited:
                    means.journal.sent(request.sample_id, request.epoch, ceiling)
            started = time.perf_counter()
            try:
                said = await self._call(request, attempt.deadline - time.monotonic())
                attempt.latency_s = time.perf_counter() - started
                answer = barrier.priced(said, means.pricer)
            except RunnerError as error:
                pause_s = self._pause_s(error, tries, attempt.deadline)
                cost = ceiling and (0 * ceiling if error.kind in _REFUSED else ceiling)
                await self._settle(ceiling, cost)
                latency_s = time.perf_counter() - started
                means.journal.call(
                    Call(
                        sample_id=request.sample_id,
                        epoch=request.epoch,
                        number=number,
                        kind=error.kind,
                        problem=barrier.problem(means.barrier, error.problem),
                        request_id=error.request_id,
                        latency_s=round(latency_s, 6),
                        retry_in_s=None if pause_s is None else round(pause_s, 3),
                        cost_usd=None if cost is None else float(cost),
                        at=means.now(),
                    )
                )
                if pause_s is None:
                    raise
                if error.retry_after_s is not None:
                    means.pace.pause(pause_s)
                await asyncio.sleep(pause_s)
            except BaseException:
                await self._settle(ceiling, ceiling)
                raise
            else:
                await self._settle(ceiling, barrier.exact_cost(answer))
                return answer

    async def _settle(self, ceiling: Decimal | None, cost: Decimal | None) -> None:
        if ceiling is not None:
            await self.means.budget.settle(ceiling, cost)

    async def _call(self, request: Request, left_s: float) -> object:
        """What the runner returns, or a `RunnerError` for whatever it does instead."""
        runner = self.means.runner
        if runner is None:
            raise RunnerError("there is no model to ask", kind="runner_crashed")
        timeout_s = max(0.001, min(self.means.profile.timeout_s, left_s))
        limit = asyncio.timeout(timeout_s)
        try:
            async with limit:
                return await runner.answer(request)
        except RunnerError:
            raise
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:
            if limit.expired():
                problem = f"no answer within {timeout_s:g} s"
                raise RunnerError(problem, kind="timeout", retryable=True) from error
            if isinstance(error, asyncio.CancelledError) and is_cancelled():
                raise
            problem = f"the runner raised {scripts.said(error)}"
            raise RunnerError(problem, kind="runner_crashed") from error

    def _pause_s(self, error: RunnerError, number: int, deadline: float) -> float | None:
        """Seconds to the next call, or `None` when there is to be none."""
        if not error.retryable or number > self.means.profile.max_retries:
            return None
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (number - 1))
        pause_s *= random.uniform(0.5, 1)  # noqa: S311 - spreads retries, guards nothing
        if error.retry_after_s is not None:
            if error.retry_after_s > LONGEST_RETRY_AFTER_S:
                return None
            pause_s = max(0.0, error.retry_after_s)
        return pause_s if time.monotonic() + pause_s < deadline else None

    def _ceiling(self, request: Request) -> Decimal | None:
        """The most that one call can cost; `None` where no price is known."""
        if self.means.pricer is None or self.means.output_bound is None:
            return None
        return self.means.pricer.ceiling(most_input_tokens(request), self.means.output_bound)


def most_input_tokens(request: Request) -> int:
    """At most so many tokens: none is shorter than a byte."""
    schema = len(str(request.output_schema)) * 2 if request.output_schema else 0
    texts = sum(len(message.content.encode()) + _MESSAGE_TOKENS for message in request.messages)
    talk = sum(len(text.encode()) + _MESSAGE_TOKENS for text in _talk(request))
    return texts + schema + talk + _REQUEST_TOKENS


def _talk(request: Request) -> Iterator[str]:
    """What a conversation with tools adds to a request, text by text."""
    for tool in request.tools:
        yield tool.name + tool.description + str(tool.parameters)
    for turn in request.turns:
        yield turn.text + turn.said + (str(turn.raw) if turn.raw is not None else "")
        for call in turn.calls:
            yield call.id * 2 + call.tool + call.arguments  # its result names it again
        yield from turn.results


def is_cancelled() -> bool:
    """Whether somebody cancelled this task, rather than a callable that raised as if."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _tokens(request: Request) -> float:
    """What a request will count with in a limit of tokens per minute, about."""
    texts = sum(len(message.content) for message in request.messages)
    texts += sum(map(len, _talk(request)))
    bound = request.parameters.get("max_output_tokens")
    output = bound if isinstance(bound, int) else _USUAL_OUTPUT_TOKENS
    return texts / _BYTES_PER_TOKEN + output

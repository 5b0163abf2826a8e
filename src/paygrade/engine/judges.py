"""Models that judge: asked as a run's own model is, with budget, pace, retries and leak barrier."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade.engine import barrier
from paygrade.engine.asking import HOPELESS, Asker, Means
from paygrade.engine.budget import Budget, OverBudgetError
from paygrade.engine.pace import Pace
from paygrade.errors import RunnerError, ScorerError
from paygrade.leaks import Barrier
from paygrade.records.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paygrade.records.answer import Request, StoredAnswer
    from paygrade.records.plan import RunnerProfile
    from paygrade.records.protocols import CallLog, Pricer, Runner

_CLOSE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A judge, ready to be asked; without a `runner` only what it said before counts.

    `known` is what it said, by the digest of what it was asked. `spent` is what its calls have
    cost under its budget before, in US dollars.
    """

    profile: RunnerProfile
    runner: Runner | None
    pricer: Pricer | None = None
    output_bound: int | None = None
    spent: Decimal = Decimal(0)
    known: Mapping[str, StoredAnswer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Where a panel writes what it hears: `log` is the place for one judge and one rubric."""

    log: Callable[[str, str], CallLog]
    digest: Callable[[RunnerProfile, Request], str]
    now: Callable[[], str]
    barrier: Barrier = field(default_factory=Barrier)


class Panel:
    """Judges by name: implements `paygrade.records.protocols.Judges`. `close` it at the end."""

    def __init__(self, seats: Mapping[str, Seat], records: Records) -> None:
        """Take who can be asked; nothing is asked yet."""
        self._desks = {name: _Desk(seat) for name, seat in seats.items()}
        self._records = records

    def judge(self, name: str, rubric: str) -> Runner:
        """The judge `name`, asked about `rubric`; the caller closes nothing."""
        return _Judge(name, rubric, self._desks[name], self._records)

    async def close(self) -> None:
        """Let go of every judge. What was heard is written already: nothing here may undo it."""
        for desk in self._desks.values():
            if desk.seat.runner is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(_CLOSE_S):
                        await desk.seat.runner.close()


class _Desk:
    """What all calls to one judge share."""

    def __init__(self, seat: Seat) -> None:
        profile = seat.profile
        self.seat = seat
        self.budget = Budget(profile.budget_usd, seat.spent)
        self.pace = Pace(profile.requests_per_minute, profile.tokens_per_minute)
        self.at_once = asyncio.Semaphore(profile.concurrency)
        self.hopeless = ""


class _Judge:
    """One judge and one rubric: what a scorer sees is a runner."""

    def __init__(self, name: str, rubric: str, desk: _Desk, records: Records) -> None:
        self._name = name
        self._desk = desk
        self._records = records
        self._log = records.log(name, rubric)

    async def answer(self, request: Request) -> Answer:
        """What the judge says, or said to this very request before.

        Raises:
            ScorerError: it said nothing, or may not be asked.
        """
        digest = self._records.digest(self._desk.seat.profile, request)
        stored = self._desk.seat.known.get(digest)
        if stored is None:
            async with self._desk.at_once:
                stored = await self._ask(request, digest)
        return Answer(
            text=stored.text,
            finish=stored.finish,
            model=stored.model,
            usage=stored.usage,
            cost_usd=stored.cost_usd,
            request_id=stored.request_id,
        )

    async def _ask(self, request: Request, digest: str) -> StoredAnswer:
        desk, seat = self._desk, self._desk.seat
        if seat.runner is None:
            raise ScorerError(f"the judge {self._name} has not judged this answer before")
        if desk.hopeless:
            raise ScorerError(f"the judge {self._name} gave no answer: {desk.hopeless}")
        means = Means(
            profile=seat.profile,
            runner=seat.runner,
            journal=self._log,
            budget=desk.budget,
            pace=desk.pace,
            pricer=seat.pricer,
            output_bound=seat.output_bound,
            now=self._records.now,
            barrier=self._records.barrier,
        )
        try:
            stored = await Asker(means).ask(request, digest)
        except OverBudgetError as error:
            problem = f"the next call to the judge {self._name} could pass its budget"
            raise ScorerError(problem) from error
        except RunnerError as error:
            said = barrier.problem(self._records.barrier, error.problem)
            if error.kind in HOPELESS:
                desk.hopeless = said
            problem = f"the judge {self._name} gave no answer: {said}"
            raise ScorerError(problem) from error
        self._log.answer(stored)
        return stored

    async def close(self) -> None:
        """The panel closes."""

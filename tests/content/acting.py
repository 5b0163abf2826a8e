"""A shipped agent at a shipped suite's samples: it acts, and its answers are judged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from kit import REPOSITORY
from paygrade.engine.barrier import stored
from paygrade.leaks import Barrier
from paygrade.pipeline.wiring import plans_of
from paygrade.records.answer import Request
from paygrade.records.check import Subject
from paygrade.records.plan import Selection
from paygrade.runners.agents import build_agent
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.agent import GuardName, Trajectory
    from paygrade.records.answer import Answer, StoredAnswer
    from paygrade.records.check import Check
    from paygrade.records.protocols import Agent
    from paygrade.records.sample import Sample

SUITE = "refund_agent"
_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One attempt: what the agent did, and every check of it."""

    sample: Sample
    trajectory: Trajectory
    checks: tuple[Check, ...]

    @property
    def fails(self) -> list[str]:
        """The ids of the checks that count, and failed."""
        return [
            each.id for each in self.checks if each.result == "fail" and each.role != "advisory"
        ]

    def figure(self, check: str, name: str) -> float:
        """What a check counted."""
        partial = next(each.partial for each in self.checks if each.id == check)
        return (partial or {}).get(name, 0)


def samples() -> tuple[Sample, ...]:
    """All of the shipped dataset."""
    [(plan, _)] = plans_of(
        find_layout(REPOSITORY),
        (SUITE,),
        ("agent-reference",),
        Selection(suite=SUITE, runner="agent-reference"),
    )
    return plan.samples


def attempts(
    runner: str, wanted: Callable[[Sample], bool], guard: GuardName | None = None
) -> list[Judged]:
    """The runner's attempts at the samples that are wanted, by its profile but for the `guard`."""
    layout = find_layout(REPOSITORY)
    selection = Selection(suite=SUITE, runner=runner)
    [(plan, bench)] = plans_of(layout, (SUITE,), (runner,), selection)
    assert plan.toolbox is not None
    options = {**plan.runner.options, **({"guard": guard} if guard else {})}
    agent = build_agent(replace(plan.runner, options=options), plan.toolbox)

    async def once(sample: Sample, gate: asyncio.Semaphore) -> Judged:
        async with gate:
            request = Request(
                sample_id=sample.id,
                epoch=1,
                prompt=plan.prompt.reference,
                messages=(),
                input=sample.input,
                world=sample.world,
                faults=sample.faults,
            )
            answer = await _answer(agent, request)
        assert answer.trajectory is not None
        subject = Subject(
            sample_id=sample.id,
            input=sample.input,
            expected=sample.expected,
            text=answer.text,
            output=None,
            output_error="",
            findings=answer.findings,
            trajectory=answer.trajectory,
        )
        checks = await bench.judge((*plan.checks, *sample.checks), subject)
        assert all(each.result != "error" for each in checks), (sample.id, checks)
        return Judged(sample=sample, trajectory=answer.trajectory, checks=checks)

    async def every() -> list[Judged]:
        gate = asyncio.Semaphore(_AT_ONCE)
        try:
            return await asyncio.gather(
                *(once(each, gate) for each in plan.samples if wanted(each))
            )
        finally:
            await agent.close()

    return asyncio.run(every())


@cache
def whole(runner: str, guard: GuardName | None = None) -> list[Judged]:
    """The runner's attempts at all samples: made once, for whoever asks."""
    return attempts(runner, lambda _: True, guard)


async def _answer(agent: Agent, request: Request) -> StoredAnswer:
    answer = await agent.act(request, _unasked)
    return stored(Barrier(), answer, request, latency_s=0, at="", calls=1, digest="")


async def _unasked(request: Request) -> Answer:
    """None of them asks a model."""
    raise AssertionError(request)

"""Plans made by hand, and doubles that remember what the engine did with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paygrade.engine import Attempts, Tools, execute
from paygrade.records.answer import Answer, Message
from paygrade.records.baseline import CheckIdentity
from paygrade.records.check import Check, CheckSpec
from paygrade.records.plan import (
    Dataset,
    Identity,
    PromptVersion,
    RunnerProfile,
    RunPlan,
    Selection,
)
from paygrade.records.run import SampleRow
from paygrade.records.sample import Sample
from paygrade.scorers import read_output

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from decimal import Decimal

    from paygrade.records.answer import Request, StoredAnswer
    from paygrade.records.call import Call
    from paygrade.records.check import Subject
    from paygrade.records.outcome import Outcome
    from paygrade.records.protocols import Judges

ASKED = CheckSpec(id="equals", scorer="equals")


def sample(number: int, **changes: object) -> Sample:
    """A sample by its number."""
    name = f"s{number}"
    values: dict[str, Any] = {"id": name, "input": "?", "expected": "yes", "case": name}
    values.update(changes)
    return Sample(**values)


def plan(samples: int | list[Sample] = 3, *, epochs: int = 1, timeout_s: float = 5.0) -> RunPlan:
    """A plan with one check."""
    chosen = tuple(samples if isinstance(samples, list) else map(sample, range(1, samples + 1)))
    prompt = PromptVersion(
        name="p",
        version=1,
        path="p",
        changelog="",
        messages=(),
        variables=(),
        constants={},
        output_schema=None,
        parameters={"temperature": 0, "seed": 1},
        content_hash="",
    )
    runner = RunnerProfile(
        name="r",
        provider="double",
        path="r",
        folder=Path(),
        options={},
        parameters={"seed": 2},
        concurrency=4,
        timeout_s=timeout_s,
        deterministic=False,
        content_hash="",
    )
    return RunPlan(
        selection=Selection(suite="s", runner="r"),
        suite="s",
        suite_path="s",
        suite_folder=Path(),
        prompt=prompt,
        dataset=Dataset(
            name="d", version=1, path="d", samples=chosen, canary="", content_hash="", locked=False
        ),
        runner=runner,
        samples=chosen,
        epochs=epochs,
        checks=(ASKED,),
        slices=(),
        max_failure_rate=None,
        identity=Identity(prompt="", dataset="", runner="", scorers=""),
    )


class Runner:
    """Answers `yes`, or what it is given a function for; counts calls, flights and closings."""

    def __init__(self, reply: Callable[[Request], Awaitable[Any]] | None = None) -> None:
        """Take what stands in for a model."""
        self._reply = reply
        self.requests: list[Request] = []
        self.in_flight = self.most_in_flight = self.closed = 0

    async def answer(self, request: Request) -> Any:  # noqa: ANN401 - a double answers what it is told
        """Answer, and count."""
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._reply(request) if self._reply else Answer(text="yes")
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        """Count."""
        self.closed += 1


class Bench:
    """Passes what equals the expected text, or judges by a function."""

    fingerprint = ""

    def __init__(self, judge: Callable[[CheckSpec, Subject], Check] | None = None) -> None:
        """Take another judgement."""
        self._judge = judge or _equals
        self.subjects: list[Subject] = []

    def identities(self, specs: tuple[CheckSpec, ...]) -> tuple[CheckIdentity, ...]:
        """Each by its name."""
        return tuple(
            CheckIdentity(id=each.id, severity=each.severity, role=each.role, digest=each.id)
            for each in specs
        )

    async def judge(self, specs: tuple[CheckSpec, ...], subject: Subject) -> tuple[Check, ...]:
        """Judge by every spec."""
        self.subjects.append(subject)
        return tuple(self._judge(spec, subject) for spec in specs)

    def asking(self, judges: Judges) -> Bench:
        """Nobody is asked here."""
        del judges
        return self


def judged(spec: CheckSpec, result: Any, reason: str = "") -> Check:  # noqa: ANN401 - a literal
    """A judgement by `spec`."""
    return Check(
        id=spec.id,
        scorer=spec.scorer,
        severity=spec.severity,
        role=spec.role,
        result=result,
        reason=reason,
    )


def _equals(spec: CheckSpec, subject: Subject) -> Check:
    return judged(spec, "pass" if subject.text == subject.expected else "fail")


@dataclass
class Memory:
    """A journal and a progress display in one list, in the order in which things happened."""

    happened: list[tuple[str, Any]] = field(default_factory=list)
    synced: int = 0

    def sample(self, row: SampleRow) -> None:
        """Remember."""
        self.happened.append(("sample", row))

    def answer(self, answer: StoredAnswer) -> None:
        """Remember."""
        self.happened.append(("answer", answer))

    def sent(self, sample_id: str, epoch: int, ceiling_usd: Decimal) -> None:
        """Remember."""
        self.happened.append(("sent", (sample_id, epoch, ceiling_usd)))

    def turn(self, sample_id: str, epoch: int, cost_usd: Decimal | None) -> None:
        """Remember."""
        self.happened.append(("turn", (sample_id, epoch, cost_usd)))

    def call(self, call: Call) -> None:
        """Remember."""
        self.happened.append(("call", call))

    def outcome(self, outcome: Outcome) -> None:
        """Remember."""
        self.happened.append(("outcome", outcome))

    def landed(self, outcome: Outcome) -> None:
        """Remember."""
        self.happened.append(("landed", outcome))

    def sync(self) -> None:
        """Count."""
        self.synced += 1

    def all(self, kind: str) -> list[Any]:
        """What of this kind has happened."""
        return [what for each, what in self.happened if each == kind]


def tools_of(runner: Runner, bench: Bench | None = None, memory: Any = None) -> Tools:  # noqa: ANN401 - any journal
    """What the conductor would hand over."""
    memory = memory or Memory()
    return Tools(
        runner=runner,
        bench=bench or Bench(),
        journal=memory,
        progress=memory,
        render=lambda each: (Message(role="user", content=f"{each.id}?"),),
        read=read_output,
        row=_row,
        now=lambda: "2026-11-23T12:00:00.000000Z",
        sync=memory.sync,
        digest=lambda sample_id, epoch: f"{sample_id}{epoch}",
    )


def _row(each: Sample, messages: tuple[Message, ...]) -> SampleRow:
    return SampleRow(
        sample_id=each.id,
        case=each.case,
        case_class=each.case_class,
        slices={},
        exposure_minor=None,
        currency="",
        content_hash="",
        input=each.input,
        expected=each.expected,
        messages=tuple((message.role, message.content) for message in messages),
    )


def run(
    made: RunPlan,
    runner: Runner,
    bench: Bench | None = None,
    earlier: Attempts | None = None,
    concurrency: int = 4,
) -> Memory:
    """Run it all, and return what happened."""
    memory = Memory()
    tools = tools_of(runner, bench, memory)
    asyncio.run(execute(made, tools, earlier or Attempts(), concurrency=concurrency))
    return memory


def with_check(made: RunPlan, **changes: Any) -> RunPlan:  # noqa: ANN401 - fields of a spec
    """The plan with its check changed."""
    return replace(made, checks=(replace(ASKED, **changes),))

"""What the rooms ask of each other. Each protocol asks for the least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from paygrade.records.answer import Answer, Request, StoredAnswer, Usage
    from paygrade.records.baseline import CheckIdentity
    from paygrade.records.call import Call
    from paygrade.records.check import Check, CheckSpec, ParamProblem, Severity, Subject
    from paygrade.records.json_value import Json
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import SampleRow


class Runner(Protocol):
    """Answers rendered requests, many at a time."""

    async def answer(self, request: Request) -> Answer:
        """Return the answer, or raise a classified `RunnerError`."""
        ...

    async def close(self) -> None:
        """Let go of clients and threads before the event loop ends."""
        ...


class Pricer(Protocol):
    """Knows what calls to one model cost, in US dollars."""

    @property
    def snapshot(self) -> Mapping[str, Json]:
        """The price and where it comes from, to be stored with the run."""
        ...

    def cost(self, usage: Usage) -> Decimal:
        """What a call of this usage cost."""
        ...

    def ceiling(self, input_tokens: int, output_tokens: int) -> Decimal:
        """The most that a call of at most so many tokens can cost."""
        ...


class Judges(Protocol):
    """The models that a suite's scorers ask."""

    def judge(self, name: str, rubric: str) -> Runner:
        """The judge `name` (a runner profile), asked about `rubric`; the caller closes nothing."""
        ...


class CallLog(Protocol):
    """Takes the calls to one model, durably, in the order they happened."""

    def answer(self, answer: StoredAnswer) -> None:
        """Record a masked answer before it is used."""
        ...

    def sent(self, sample_id: str, epoch: int, ceiling_usd: Decimal) -> None:
        """Record, before a call under a budget leaves, the most that it can cost."""
        ...

    def call(self, call: Call) -> None:
        """Record a call that gave no answer."""
        ...


class Journal(CallLog, Protocol):
    """Takes what has happened in a run, durably, in the order it happened."""

    def sample(self, row: SampleRow) -> None:
        """Record a sample before its first answer."""
        ...

    def outcome(self, outcome: Outcome) -> None:
        """Record how an attempt ended."""
        ...


class Progress(Protocol):
    """Is told of each outcome as it lands."""

    def landed(self, outcome: Outcome) -> None:
        """Count one more."""
        ...


class Catalogue(Protocol):
    """What the workspace may ask about scorers while it binds a suite."""

    def names(self) -> tuple[str, ...]:
        """All scorer names without `not-`, sorted."""
        ...

    def severity(self, name: str) -> Severity:
        """How bad a miss of the scorer is where its entry does not say."""
        ...

    def problems(self, name: str, params: Mapping[str, Json]) -> tuple[ParamProblem, ...]:
        """All that is wrong with one entry's own parameters; empty when it is fine."""
        ...

    def params_schema(self, name: str) -> Mapping[str, Json]:
        """JSON schema of the scorer's own parameters, for editors."""
        ...


class Bench(Protocol):
    """A suite's scorers, built and ready to judge answers."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every check's parameters and every scorer's version."""
        ...

    def identities(self, specs: tuple[CheckSpec, ...]) -> tuple[CheckIdentity, ...]:
        """What each of `specs` is, as it judges: equal digests judge alike."""
        ...

    async def judge(self, specs: tuple[CheckSpec, ...], subject: Subject) -> tuple[Check, ...]:
        """Judge one answer by each of `specs`, in order. A crash is a check's `error`."""
        ...

    def asking(self, judges: Judges) -> Bench:
        """The same scorers, with the models that they may ask."""
        ...

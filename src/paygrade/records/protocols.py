"""What the rooms ask of each other. Each protocol asks for the least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from paygrade.records.agent import Ending, Tool, ToolCall
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


class World(Protocol):
    """What an agent's tools act on: made anew for each attempt, the same from the same `world`.

    Calls come one after the other. Two methods are optional: `hear(text) -> str | None`, what the
    customer answers to what the agent says (`None` ends the talk; without the method the first
    thing that is said ends it), and `now() -> float`, the world's own clock in seconds since 1970.
    `FAULTS`, a set of names, is optional too: kinds of faults that the world brings about by itself
    and gets, as `world["faults"]`, instead of paygrade injecting them. `struck()` says how
    often each of those has struck, in their order. `restarted()`, where there is one, is told that
    the agent's process was killed and started again.
    """

    def tools(self) -> Sequence[Tool]:
        """What may be called."""
        ...

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Json:
        """Do it and return the result, as JSON.

        Raises:
            ToolError: what the agent is told instead. Anything else is a defect of the tool.
        """
        ...

    def end(self) -> Ending:
        """The state, and what really happened."""
        ...


class Tools(Protocol):
    """What a plain-Python agent gets beside its request: `agent(request, tools) -> str`.

    Its process may be killed and started again: the agent is called anew then, and whatever it
    called before is answered from its own journal, in the same order, until it comes to where it
    was. A call that was under way and has no recorded answer raises `ToolError("interrupted")`.
    """

    @property
    def specs(self) -> tuple[Tool, ...]:
        """What may be called."""
        ...

    def call(self, tool: str, /, **arguments: Json) -> Json:
        """Call one tool.

        Raises:
            ToolError: its own error, or arguments that do not fit, or no such tool.
        """
        ...

    def call_all(self, *calls: tuple[str, Mapping[str, Json]]) -> tuple[ToolCall, ...]:
        """Call several at once, as a model does in one step; errors come back as results."""
        ...

    def say(self, text: str) -> str | None:
        """Tell the customer; what they answer, or `None` when the talk has ended."""
        ...


class Ask(Protocol):
    """Asks a model once more in an attempt: paced, priced, retried, recorded."""

    async def __call__(self, request: Request) -> Answer:
        """The answer, not masked.

        Raises:
            RunnerError: none came.
        """
        ...


class Agent(Protocol):
    """Acts in one attempt, from its first step to its end."""

    async def act(self, request: Request, ask: Ask) -> Answer:
        """Return its last words with its `trajectory`.

        Raises:
            UsageError: the case's world and faults, or the tools, cannot be used.
            RunnerError: the infrastructure failed; `tool_crashed` when a tool raised what it must
                not, `agent_died` when its process ended where nobody killed it.
        """
        ...

    async def close(self) -> None:
        """Let go of processes, clients and threads before the event loop ends."""
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

    def turn(self, sample_id: str, epoch: int, cost_usd: Decimal | None) -> None:
        """Record, of an attempt that goes on, that a model answered and what that cost."""
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

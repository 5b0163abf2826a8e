"""The agent's side of one attempt: its calls are checked, counted, guarded and written down."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

from paygrade.errors import RunnerError, ToolError
from paygrade.records.agent import Step, ToolCall
from paygrade.records.answer import AskedCall
from paygrade.runners.agents.arguments import (
    MalformedError,
    Schemas,
    as_object,
    copied,
    kept,
    storable,
)
from paygrade.runners.agents.hosted import Called, Told, answered, told_of
from paygrade.runners.agents.journal import NoJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paygrade.records.agent import CallStatus, Tool
    from paygrade.records.answer import Answer, Finish, Request
    from paygrade.records.json_value import Json
    from paygrade.runners.agents.guarding import Guarded
    from paygrade.runners.agents.hosted import Hosted
    from paygrade.runners.agents.journal import Recorder

T = TypeVar("T")

MAX_STEPS = 40
MAX_TOOL_ERRORS = 10


class Halt(BaseException):
    """Ends an attempt from inside: by a limit (`finish`), or since the infrastructure failed."""

    def __init__(self, *, finish: Finish | None = None, error: RunnerError | None = None) -> None:
        """One of the two."""
        super().__init__(finish or str(error))
        self.finish = finish
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWords:
    """What an agent said last, and why it ended."""

    text: str
    finish: Finish = "stop"


class Body(Protocol):
    """An agent's own code: it runs in a thread of its own, or in a process that may be killed.

    `ask` asks a model, and blocks; whoever asks needs to count nothing: turns, tokens and cost are
    counted on the way. A `Halt` or a `RunnerError` is let through.
    """

    def __call__(
        self, request: Request, session: Session, ask: Callable[[Request], Answer]
    ) -> LastWords:
        """Act until the end; last words that were not yet said are told to the customer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an agent may do: rounds of calls or sayings, and calls that no tool could take."""

    max_steps: int = MAX_STEPS
    max_tool_errors: int = MAX_TOOL_ERRORS


class Session:
    """Implements `records.protocols.Tools`; a model's loop uses it as well.

    Calls and sayings come one after the other, from whatever thread.
    """

    def __init__(
        self,
        host: Hosted,
        limits: Limits,
        *,
        guard: Guarded | None = None,
        journal: Recorder | None = None,
        given_up: threading.Event | None = None,
    ) -> None:
        """Act on `host`; with a `guard`, tools with an intent have one effect at most.

        Once `given_up` is set, nothing more reaches the world: nobody waits for this attempt.
        """
        self._host = host
        self._limits = limits
        self._guard = guard
        self._journal: Recorder = journal or NoJournal()
        self._given_up = given_up or threading.Event()
        self._specs = {tool.name: tool for tool in host.tools}
        self._schemas = Schemas(host.tools)
        self._lock = threading.RLock()
        self._steps: list[Step] = []
        self._rounds = self._errors = self._calls = 0
        self._said: str | None = None
        self.halt: Halt | None = None

    @property
    def specs(self) -> tuple[Tool, ...]:
        """What may be called."""
        return tuple(self._specs.values())

    @property
    def steps(self) -> tuple[Step, ...]:
        """What the agent has done so far."""
        return tuple(self._steps)

    @property
    def said(self) -> str:
        """What the agent told the customer last, "" if nothing."""
        return self._said or ""

    def call(self, tool: str, /, **arguments: Json) -> Json:
        """See `records.protocols.Tools`. A guard never raises: it tells what it knows."""
        with self._lock:
            told = self._round(((tool, arguments),), "")[0]
        if told.error is not None:
            raise told.error
        return told.call.result

    def call_all(
        self, *calls: tuple[str, Mapping[str, Json]] | AskedCall, text: str = ""
    ) -> tuple[ToolCall, ...]:
        """Call several in one step; errors come back as results.

        An `AskedCall` is a model's: its id is kept, its arguments are JSON text that may be broken.
        `text` is what the model said beside them: it is kept, but nobody is told.
        """
        with self._lock:
            return tuple(told.call for told in self._round(calls, text))

    def say(self, text: str) -> str | None:
        """Tell the customer; what they answer, or `None` when the talk has ended."""
        with self._lock:
            self._next_round()
            return self._tell(text)

    def last_words(self, text: str) -> str:
        """Tell the customer what the agent ended with, unless it was just said; what it was."""
        with self._lock:
            self._go_on()
            if text and text != self._said:
                self._tell(text)
            return self.said

    def _round(
        self, calls: tuple[tuple[str, Mapping[str, Json]] | AskedCall, ...], text: str
    ) -> list[Told]:
        self._next_round()
        done: list[Told] = []
        try:
            for call in calls:  # one by one: what was done before a failure is kept
                done.append(self._one(call))  # noqa: PERF401
        finally:
            kept = tuple(replace(each.call, result=copied(each.call.result)) for each in done)
            self._steps.append(Step(role="agent", text=storable(text), calls=kept))
        if self._errors > self._limits.max_tool_errors:
            self._stop(Halt(finish="tool_errors"))
        return done

    def _next_round(self) -> None:
        self._go_on()
        if self._rounds >= self._limits.max_steps:
            self._stop(Halt(finish="step_limit"))
        self._rounds += 1

    def _go_on(self) -> None:
        if self._given_up.is_set() and self.halt is None:
            self._stop(Halt(error=RunnerError("the attempt was given up", kind="timeout")))
        if self.halt is not None:
            raise self.halt

    def _stop(self, halt: Halt) -> NoReturn:
        self.halt = halt
        raise halt

    def _tell(self, text: str) -> str | None:
        text = storable(text)
        self._steps.append(Step(role="agent", text=text))
        reply = self._reaching(lambda: self._journal.saying(text, lambda: self._host.hear(text)))
        self._said = text
        if reply is not None:
            self._steps.append(Step(role="customer", text=storable(reply)))
        return reply

    def _one(self, call: tuple[str, Mapping[str, Json]] | AskedCall) -> Told:
        self._calls += 1
        id_ = str(self._calls)
        sent: object
        if isinstance(call, AskedCall):
            name, sent, id_ = call.tool, call.arguments, call.id
        else:
            name, sent = call
        tool = self._specs.get(name)
        if tool is None:
            known = ", ".join(self._specs)
            return self._unfit(id_, name, sent, "unknown_tool", f"no such tool; there are: {known}")
        try:
            arguments = as_object(sent)
            self._reaching(lambda: self._schemas.check(name, arguments))
        except MalformedError as odd:
            return self._unfit(id_, name, sent, "malformed_arguments", str(odd))
        return self._fit(tool, storable(id_), arguments)

    def _unfit(self, id_: str, name: str, sent: object, status: CallStatus, problem: str) -> Told:
        """A call that no tool could take: it reaches nobody."""
        self._errors += 1
        code = "unknown_tool" if status == "unknown_tool" else "invalid_request"
        error = ToolError(code, problem)
        call = ToolCall(
            id=storable(id_), tool=storable(name), arguments=kept(sent), status=status,
            result=told_of(error),
        )  # fmt: skip
        return Told(call=call, error=error)

    def _fit(self, tool: Tool, id_: str, arguments: Mapping[str, Json]) -> Told:
        recalled = self._reaching(lambda: self._journal.begin(tool.name, arguments))
        if recalled.told is not None:
            return replace(recalled.told, call=replace(recalled.told.call, id=id_))
        call = ToolCall(id=id_, tool=tool.name, arguments=arguments, fault=recalled.crash)
        guard = self._guard
        if tool.intent is not None and guard is not None:
            told = self._reaching(lambda: guard.call(tool, call, send=self._send, look=self._look))
        elif recalled.crash:
            lost = "the process was killed during this call, and started again"
            told = answered(call, Called(error=ToolError("interrupted", lost)))
        else:
            told = answered(call, self._send(tool.name, arguments))
        self._journal.point("crash_before_record")
        self._journal.end(told)
        return told

    def _send(self, tool: str, arguments: Mapping[str, Json]) -> Called:
        self._journal.point("crash_before_call")
        called = self._look(tool, arguments)
        self._journal.point("crash_after_commit")
        return called

    def _look(self, tool: str, arguments: Mapping[str, Json]) -> Called:
        return self._reaching(lambda: self._host.call(tool, arguments))

    def _reaching(self, act: Callable[[], T]) -> T:
        """What `act` gives. Where the infrastructure fails, the attempt ends, whoever catches."""
        try:
            return act()
        except RunnerError as error:
            self._stop(Halt(error=error))

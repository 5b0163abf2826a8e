"""What goes to a runner and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.leaks import Finding
    from paygrade.records.agent import Fault, Tool, Trajectory
    from paygrade.records.json_value import Json

Finish = Literal[
    "stop", "length", "refusal", "filter", "empty", "step_limit", "tool_errors"
]  # fmt: skip
"""Why the answer ended. All but `stop` are the model's or the agent's own failures, each with its
class; the last three are an agent's: it said and called nothing, it did not come to an end within
its steps, or too many of its calls were none that a tool could take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One rendered chat message."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCall:
    """A call of a tool that a model asks for. `arguments` is its JSON text, as the model wrote it.

    `id` is the provider's; the result goes back under it.
    """

    id: str
    tool: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One round of a conversation with tools: what the model said and asked for, what came back.

    `results` are JSON texts, one for each of `calls`, in their order; that of a call that failed is
    an object with the one key `error`. `said` is what the user said
    next, where there is any. `raw` is the provider's own form of what the model said, if it must go
    back as it was (such as reasoning items); a provider that needs none leaves it `None`.
    """

    text: str
    calls: tuple[AskedCall, ...] = ()
    results: tuple[str, ...] = ()
    said: str = ""
    raw: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One attempt, rendered: all that a runner gets to see.

    `input` is the sample's input as JSON gives it: a mapping or text. For an agent, `world` is what
    its tools are made of and `faults` what goes wrong with them: neither is for the agent to see.
    `tools` are what a model may call and `turns` the conversation after `messages`.
    """

    sample_id: str
    epoch: int
    prompt: str
    messages: tuple[Message, ...]
    input: Any
    parameters: Mapping[str, Json] = field(default_factory=dict)
    output_schema: Mapping[str, Json] | None = None
    world: Json = None
    faults: tuple[Fault, ...] = ()
    tools: tuple[Tool, ...] = ()
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call.

    `input_tokens` includes `cached_tokens` (read from a cache) and `cache_write_tokens`, and
    `output_tokens` includes `reasoning_tokens`, whatever the vendor's own habit.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a runner returned for one request.

    `model` is what the provider says it was, `request_id` the provider's own id, `sent` the
    parameters that really went out (no messages, no key). A model that asks for tools has `calls`,
    and `raw` as in `Turn`; an agent that has ended has its `trajectory`.
    """

    text: str
    finish: Finish = "stop"
    model: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None
    request_id: str = ""
    sent: Mapping[str, Json] = field(default_factory=dict)
    calls: tuple[AskedCall, ...] = ()
    raw: Json = None
    trajectory: Trajectory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer behind the leak barrier: masked, with the findings' class and place.

    `latency_s` is wall-clock seconds from send to answer, of the call that answered; `calls`
    counts those before it too. `at` is UTC, ISO 8601. `digest` is the request's, and a `cached`
    answer was given to the same request in an earlier run: nobody was asked, nothing was paid.
    """

    sample_id: str
    epoch: int
    text: str
    findings: tuple[Finding, ...]
    finish: Finish
    model: str
    usage: Usage | None
    cost_usd: float | None
    latency_s: float
    at: str
    request_id: str = ""
    sent: Mapping[str, Json] = field(default_factory=dict)
    calls: int = 1
    cached: bool = False
    digest: str = ""
    trajectory: Trajectory | None = None

"""What goes to a runner and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.leaks import Finding
    from paygrade.records.json_value import Json

Finish = Literal["stop", "length", "refusal", "filter"]
"""Why the answer ended. All but `stop` are the model's own failures, each with its class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One rendered chat message."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One attempt, rendered: all that a runner gets to see.

    `input` is the sample's input as JSON gives it: a mapping or text.
    """

    sample_id: str
    epoch: int
    prompt: str
    messages: tuple[Message, ...]
    input: Any
    parameters: Mapping[str, Json] = field(default_factory=dict)
    output_schema: Mapping[str, Json] | None = None


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
    parameters that really went out (no messages, no key).
    """

    text: str
    finish: Finish = "stop"
    model: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None
    request_id: str = ""
    sent: Mapping[str, Json] = field(default_factory=dict)


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

"""Agents that call tools: what they may call, what they did, and what it did to the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json

AGENTS = ("openai", "anthropic", "python", "http")
"""Providers that can act as agents: a model in a loop, a function, an endpoint of the user's."""

GuardName = Literal["none", "pytx"]
"""How tools reach an agent: as they are, or guarded, so that an intent has one effect at most."""

CallStatus = Literal["ok", "error", "malformed_arguments", "unknown_tool"]
"""What became of a call: a result, an error of its own, or nothing that a tool could take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolIntent:
    """How two calls of a tool that moves money are told to be one intent, for a guard.

    `key` names the arguments that say which intent a call is, besides the sample itself; what a
    model made up (its own keys, ids of its calls) is never one of them. `same` names arguments
    that may not differ under one key, `money` the amount (integer minor units) and the currency.
    `key_argument` is where the guard passes its own key on, in place of what the agent gave.
    `look_up` is a tool that takes that key under the same name and tells what became of the call:
    `{"status": "succeeded", "result": …, "amount_minor"?, "currency"?}`, `failed` with a `code`,
    `pending` or `not_found`.
    """

    key: tuple[str, ...]
    same: tuple[str, ...] = ()
    money: tuple[str, str] | None = None
    key_argument: str = "idempotency_key"
    look_up: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something that an agent may call. `parameters` is the JSON Schema of its arguments object."""

    name: str
    description: str
    parameters: Mapping[str, Json]
    intent: ToolIntent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """Where a suite's tools come from: a function of a file of yours, or a server of yours.

    `script` is `FILE.py:FUNCTION` beside the suite, called with a sample's `world`; it returns a
    `records.protocols.World`. `url` is a server that speaks the same over HTTP. One is empty.
    `content_hash` is the SHA-256 of what stands there (of the URL, for a server).
    """

    script: str = ""
    url: str = ""
    folder: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with calls of one sample's tools, and where: part of the case.

    `tool` is the one that it strikes ("" for any), `nth` the first call of it that is struck
    (from 1), `times` how many in a row. `options` are the keys of its kind alone.
    """

    kind: str
    tool: str = ""
    nth: int = 1
    times: int = 1
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that an agent made. `id` is the agent's own name for it.

    `arguments` is what it sent: an object, or text where that was no JSON object. `result` is what
    it was told: the tool's result, or `{"code", "message", "retryable"}`, or what a guard says.
    `fault` is the kind of the fault that struck it ("" if none). `guard` says what a guard did:
    "" (there was none), `ran`, `replayed`, or the status of `pytx.explain`.
    """

    id: str
    tool: str
    arguments: Json
    status: CallStatus = "ok"
    result: Json = None
    fault: str = ""
    guard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the agent said and called at once, or what the customer said."""

    role: Literal["agent", "customer"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Something that reached the world, in order: given again to a fresh one, it ends the same.

    `op` is `call` (of a tool), `hear` (the agent's `text` to the customer) or `restart` (the
    agent's process was started again).
    """

    op: Literal["call", "hear", "restart"]
    tool: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Money that moved, or something as final, as the world's own books have it.

    `intent` is what it was done for: two effects of one intent are a duplicate. `subject` is what
    they add up on, such as a payment. `amount_minor` is an integer of minor units, 0 where no
    money moves.
    """

    intent: str
    id: str
    amount_minor: int = 0
    currency: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the agent told the customer has happened.

    `done` claims must be true of the world's books when they are made: `holds` says whether.
    """

    text: str
    done: bool
    holds: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that was broken: `rule` is its short id (a policy's `P3`, an invariant's `I4`)."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The world when the agent has ended. `snapshot` is all of its state as JSON."""

    snapshot: Json
    effects: tuple[Effect, ...] = ()
    claims: tuple[Claim, ...] = ()
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A fault of the case, and how often it struck; 0 says that the agent never came there."""

    kind: str
    tool: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """One attempt of an agent, from its first step to the state of the world.

    `snapshot_hash` is the SHA-256 of the snapshot's canonical JSON, as it was before anything was
    masked. `restarts` counts how often its process was killed and started again, `turns` how often
    a model was asked.
    """

    guard: GuardName
    steps: tuple[Step, ...]
    deliveries: tuple[Delivery, ...]
    effects: tuple[Effect, ...]
    claims: tuple[Claim, ...]
    violations: tuple[Violation, ...]
    snapshot: Json
    snapshot_hash: str
    faults: tuple[Struck, ...] = ()
    restarts: int = 0
    turns: int = 0

"""`provider: anthropic`: the Messages API.

Options: `model`; `base_url` of another server; `key_env`, the name of the environment variable of
the key (`ANTHROPIC_API_KEY`); `api_version`, an older version of the API.

Which parameters go out. The rule, with its sources; what is left out is in `sent["left_out"]`:

* `max_output_tokens` is `max_tokens`, which the API demands: `DEFAULT_MAX_TOKENS` when nobody says.
* `temperature`, `top_p`: never under version 2026-10-21, which answers 400 to them at any value
  (the SDK's own list of changes in 2.0). Sent under an older `api_version`.
* `reasoning_effort` is `output_config.effort`, which takes low to max; models before Opus 4.5, and
  Sonnet and Haiku 4.5, do not have it (Anthropic, "Effort").
* `stop` is `stop_sequences`. `service_tier` takes `auto` and `standard_only`.
* `seed` and `verbosity` do not exist.

The answer is not streamed. The SDK refuses such a call above about 21,333 `max_tokens` unless it is
told how long to wait; we always tell it.
"""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Any

from anthropic import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncAnthropic,
)

from paygrade.records.answer import Answer, Usage
from paygrade.records.diagnosis import ModelFacts
from paygrade.records.parameters import PARAMETERS
from paygrade.runners import anthropic_tools, structured, vendor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from paygrade.errors import RunnerError
    from paygrade.records.answer import AskedCall, Finish, Request
    from paygrade.records.plan import RunnerProfile

DEFAULT_MAX_TOKENS = 8192
"""Asked for when neither prompt nor profile bounds the output."""

API_VERSION = "2026-10-21"
"""What the SDK sends unless `api_version` says otherwise."""

_BASE_URL = "https://api.anthropic.com"  # said here: ANTHROPIC_BASE_URL must not move a profile
_NO_KEY = "none"  # never `None`: the SDK would look for credentials by itself and send them
_NO_EFFORT = re.compile(r"claude-(3|(opus|sonnet)-4(-[01]|-2025|$|@)|(sonnet|haiku)-4-5)")
_EFFORTS = {"low", "medium", "high", "xhigh", "max"}
_TIERS = {"auto", "standard_only"}
_THOUGHTS = {"thinking", "redacted_thinking"}

_FINISH: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class AnthropicRunner:
    """Asks Anthropic, or a server that speaks its protocol. Never retries by itself."""

    def __init__(
        self, client: AsyncAnthropic, *, model: str, api_version: str, timeout_s: float
    ) -> None:
        """Take a client that does not retry and sends `api_version`."""
        self._client = client
        self._model = model
        self._api_version = api_version
        self._timeout_s = timeout_s

    @classmethod
    def load(cls, profile: RunnerProfile) -> Self:
        """Read the key and the options.

        Raises:
            UsageError: the key's variable is not set, or an option is missing or wrong.
        """
        model = vendor.model_of(profile)
        version = vendor.option(profile, "api_version", API_VERSION)
        client = AsyncAnthropic(
            api_key=vendor.api_key(profile, "ANTHROPIC_API_KEY") or _NO_KEY,
            base_url=vendor.option(profile, "base_url", _BASE_URL),
            max_retries=0,
            timeout=profile.timeout_s,
            default_headers={"anthropic-version": version},
        )
        return cls(client, model=model, api_version=version, timeout_s=profile.timeout_s)

    async def answer(self, request: Request) -> Answer:
        """Ask once.

        Raises:
            RunnerError: with a kind of `vendor`'s table.
        """
        body, left_out, notes = _parameters(self._model, self._api_version, request)
        extra = {name: body[name] for name in ("temperature", "top_p") if name in body}
        named: dict[str, Any] = {name: body[name] for name in body if name not in extra}
        system = "\n\n".join(each.content for each in request.messages if each.role == "system")
        if system:
            named["system"] = system
        messages: Any = [
            {"role": each.role, "content": each.content}
            for each in request.messages
            if each.role != "system"
        ]
        messages += anthropic_tools.messages(request.turns)
        with self._classified():
            async with vendor.within(self._timeout_s, "Anthropic"):
                raw = await self._client.messages.with_raw_response.create(
                    messages=messages,
                    extra_body=extra or None,  # the SDK has no argument for them any more
                    timeout=self._timeout_s,
                    **named,
                )
        headers = raw.http_response.headers
        try:
            data = vendor.json_of(raw.http_response.content)
            reply = read_message(data, offered=bool(request.tools))
        except vendor.Malformed as odd:
            raise vendor.error(
                "malformed_response",
                f"Anthropic's answer {odd}",
                request_id=vendor.request_id(headers),
            ) from odd
        return Answer(
            text=reply.text,
            finish=reply.finish,
            model=reply.model,
            usage=reply.usage,
            request_id=vendor.request_id(headers),
            sent=vendor.sent({"api_version": self._api_version, **body}, left_out, notes),
            calls=reply.calls,
            raw=reply.raw,
        )

    async def model_facts(self) -> ModelFacts:
        """What Anthropic says of the model. Costs nothing.

        Raises:
            RunnerError: with a kind of `vendor`'s table; `not_found` when there is no such model.
        """
        with self._classified():
            async with vendor.within(self._timeout_s, "Anthropic"):
                raw = await self._client.models.with_raw_response.retrieve(
                    self._model, timeout=self._timeout_s
                )
        headers = raw.http_response.headers
        try:
            data = vendor.json_of(raw.http_response.content)
            vendor.at(data, "id", want=str)
            said = data if isinstance(data, dict) else {}
            day = said.get("retires_at")
            return ModelFacts(
                lifecycle=vendor.one_line(str(said.get("lifecycle") or ""), 40),
                retires_on=None if day is None else vendor.day_of(str(day)),
                clock_ahead_s=vendor.clock_ahead_s(headers, now=time.time()),
            )
        except vendor.Malformed as odd:
            problem = f"Anthropic's answer about the model {odd}"
            raise vendor.error("malformed_response", problem) from odd

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @contextlib.contextmanager
    def _classified(self) -> Iterator[None]:
        """Turn the SDK's exceptions into ours.

        Raises:
            RunnerError: of the kind that the exception means.
        """
        try:
            yield
        except APITimeoutError as late:
            problem = f"Anthropic gave no answer within {self._timeout_s:g} s"
            raise vendor.error("timeout", problem) from late
        except APIConnectionError as lost:
            raise vendor.connection_error("Anthropic", lost) from lost
        except APIStatusError as refused:  # its hundred subclasses name causes, not kinds
            raise self._refused(refused) from None  # its text is the whole body
        except APIResponseValidationError as odd:
            problem = "Anthropic's answer is not what was promised"
            raise vendor.error("malformed_response", problem) from odd

    def _refused(self, refused: APIStatusError) -> RunnerError:
        return vendor.status_error(
            "Anthropic",
            refused.status_code,
            refused.response.headers,
            refused.body,
            key=self._client.api_key or "",
        )


Built = tuple[dict[str, Any], dict[str, str], tuple[str, ...]]
"""The body without messages, what was left out, notes on the schema."""


def _parameters(model: str, version: str, request: Request) -> Built:
    given = {name: value for name, value in request.parameters.items() if value is not None}
    left_out: dict[str, str] = {}
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": given.pop("max_output_tokens", DEFAULT_MAX_TOKENS),
    }
    output: dict[str, Any] = {}
    for name, value in given.items():
        why = _why_not(name, value, model, version)
        if why:
            left_out[name] = why
        elif name == "reasoning_effort":
            output["effort"] = value
        elif name == "stop":
            body["stop_sequences"] = [value] if isinstance(value, str) else value
        else:
            body[name] = value
    notes: tuple[str, ...] = ()
    if request.output_schema is not None:
        adapted = structured.adapt(request.output_schema, structured.ANTHROPIC)
        notes = adapted.notes
        if adapted.schema is None:
            left_out["output_schema"] = f"the API cannot enforce it: {adapted.why}"
        else:
            output["format"] = {"type": "json_schema", "schema": adapted.schema}
    if output:
        body["output_config"] = output
    return body | anthropic_tools.offered(request.tools), left_out, notes


def _why_not(name: str, value: object, model: str, version: str) -> str:
    """Why a parameter does not go out; empty when it does."""
    if name in {"temperature", "top_p"} and version >= API_VERSION:
        return f"the API refuses it since version {API_VERSION}"
    if name in {"seed", "verbosity"}:
        return "the API does not have it"
    if name == "reasoning_effort" and value not in _EFFORTS:
        return f"the API takes {', '.join(sorted(_EFFORTS))}"
    if name == "reasoning_effort" and _NO_EFFORT.match(model):
        return "this model does not have it"
    if name == "service_tier" and value not in _TIERS:
        return f"the API takes {' and '.join(sorted(_TIERS))}"
    return "" if name in PARAMETERS else "not a parameter that paygrade knows"


def read_message(data: object, *, offered: bool = False) -> vendor.Reply:
    """What a body of the Messages API says. `offered` says whether tools went out.

    Raises:
        vendor.Malformed: it is not one.
    """
    model = vendor.at(data, "model", want=str)
    reason = vendor.at(data, "stop_reason", want=str)
    reasons = _FINISH | anthropic_tools.FINISH if offered else _FINISH
    if reason not in reasons:
        raise vendor.Malformed(f"has the stop_reason {reason[:40]!r}")
    finish = reasons[reason]
    blocks = vendor.at(data, "content", want=list)
    texts: list[str] = []
    calls: list[AskedCall] = []
    for block in blocks:
        kind = vendor.at(block, "type", want=str)
        if kind == "text":
            texts.append(vendor.at(block, "text", want=str))
        elif kind == "tool_use" and offered:
            calls.append(anthropic_tools.call(block))
        elif kind not in _THOUGHTS:
            raise vendor.Malformed(f"has a block of type {kind[:40]!r} that was not asked for")
    if reason in anthropic_tools.FINISH and not calls:
        raise vendor.Malformed(f"has the stop_reason {reason!r} and no calls")
    text = "".join(texts)
    if finish == "refusal" and not text:
        text = _explanation(data)
    return vendor.Reply(
        text=text,
        finish=finish,
        model=model,
        usage=_usage(data),
        calls=tuple(calls) if finish == "stop" else (),
        raw=blocks if offered else None,
    )


def _explanation(data: object) -> str:
    details = data.get("stop_details") if isinstance(data, dict) else None
    said = details.get("explanation") if isinstance(details, dict) else None
    return said if isinstance(said, str) else ""


def _usage(data: object) -> Usage:
    """The API counts what is read from and written to the cache apart: we add it to the input."""
    usage = vendor.at(data, "usage", want=dict)
    read = vendor.count(usage, "cache_read_input_tokens")
    written = vendor.count(usage, "cache_creation_input_tokens")
    return Usage(
        input_tokens=vendor.at(usage, "input_tokens", want=int) + read + written,
        output_tokens=vendor.at(usage, "output_tokens", want=int),
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=vendor.count(usage, "output_tokens_details", "thinking_tokens"),
    )

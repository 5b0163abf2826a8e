"""`provider: openai`: OpenAI's Responses API, or Chat Completions for any server that speaks it.

Options: `model`; `api` (`responses`, the default, or `chat`); `base_url` of another server;
`key_env`, the name of the environment variable of the key (`OPENAI_API_KEY`; empty for a server
of your own that takes none).

Which parameters go out. The rule, with its sources; what is left out is in `sent["left_out"]`:

* `temperature`, `top_p`: not to a reasoning model, unless `reasoning_effort` is `none` (OpenAI,
  "Using the latest model": "When reasoning effort is not none, remove temperature, top_p").
* `reasoning_effort`, `verbosity`: not to a model of OpenAI's before gpt-5 (the API reference:
  "for reasoning models"); `verbosity` not to the o-series.
* `stop`: Chat Completions alone has it, and "not supported with latest reasoning models".
* `seed`: Chat Completions alone has it.
* `max_output_tokens`: `max_completion_tokens` on Chat Completions, and the older `max_tokens` for
  a model that is not OpenAI's, as other servers know it best.

A model is a reasoning model by its name: gpt-5 and later (not `-chat`), o1 and later, codex. A name
that is not OpenAI's takes what the API has.
"""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Any, Literal

from openai import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
)

from paygrade.errors import UsageError
from paygrade.records.answer import Answer, Usage
from paygrade.records.diagnosis import ModelFacts
from paygrade.records.parameters import PARAMETERS
from paygrade.runners import openai_tools, structured, vendor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from openai._legacy_response import LegacyAPIResponse

    from paygrade.errors import RunnerError
    from paygrade.records.answer import Finish, Request
    from paygrade.records.json_value import Json
    from paygrade.records.plan import RunnerProfile

_BASE_URL = "https://api.openai.com/v1"  # said here: OPENAI_BASE_URL must not move a named profile
_NO_KEY = "none"  # never `None`: the SDK would look for a key by itself and send it

_REASONING = re.compile(r"(gpt-([5-9]|\d\d)(?!.*-chat)|o\d|codex)")
_O_SERIES = re.compile(r"o\d")
_EARLIER = re.compile(r"(gpt-|chatgpt-|davinci|babbage)")

_FINISH: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "filter"}
_INCOMPLETE: dict[str, Finish] = {"max_output_tokens": "length", "content_filter": "filter"}
_FAILED: dict[str, vendor.Kind] = {
    "server_error": "server_error",
    "vector_store_timeout": "server_error",
    "rate_limit_exceeded": "rate_limited",
}

Family = Literal["reasoning", "earlier", "other"]


class OpenAIRunner:
    """Asks OpenAI, or a server that speaks its protocol. Never retries by itself."""

    def __init__(self, client: AsyncOpenAI, *, model: str, api: str, timeout_s: float) -> None:
        """Take a client that does not retry. `api` is `responses` or `chat`."""
        self._client = client
        self._model = model
        self._api = api
        self._timeout_s = timeout_s

    @classmethod
    def load(cls, profile: RunnerProfile) -> Self:
        """Read the key and the options.

        Raises:
            UsageError: the key's variable is not set, or an option is missing or wrong.
        """
        api = vendor.option(profile, "api", "responses")
        if api not in {"responses", "chat"}:
            raise UsageError(f"{profile.path}: 'api' is 'responses' or 'chat', not {api!r}")
        model = vendor.model_of(profile)
        client = AsyncOpenAI(
            api_key=vendor.api_key(profile, "OPENAI_API_KEY") or _NO_KEY,
            base_url=vendor.option(profile, "base_url", _BASE_URL),
            max_retries=0,
            timeout=profile.timeout_s,
        )
        return cls(client, model=model, api=api, timeout_s=profile.timeout_s)

    async def answer(self, request: Request) -> Answer:
        """Ask once.

        Raises:
            RunnerError: with a kind of `vendor`'s table.
        """
        is_chat = self._api == "chat"
        build = _chat_parameters if is_chat else _responses_parameters
        body, left_out, notes, is_strict = build(self._model, request)
        messages: Any = [{"role": each.role, "content": each.content} for each in request.messages]
        messages += openai_tools.sent_back(request.turns, self._api)
        raw: LegacyAPIResponse[Any]
        with self._classified():
            async with vendor.within(self._timeout_s, "OpenAI"):
                if is_chat:
                    raw = await self._client.chat.completions.with_raw_response.create(
                        messages=messages, **body
                    )
                else:
                    raw = await self._client.responses.with_raw_response.create(
                        input=messages, **body
                    )
        headers = raw.http_response.headers
        try:
            data = vendor.json_of(raw.http_response.content)
            reply = (read_chat if is_chat else read_response)(data, offered=bool(request.tools))
        except vendor.Malformed as odd:
            raise vendor.error(
                "malformed_response",
                f"OpenAI's answer {odd}",
                request_id=vendor.request_id(headers),
            ) from odd
        text = reply.text
        if is_strict and request.output_schema is not None and reply.finish == "stop":
            text = structured.restored(text, request.output_schema)
        return Answer(
            text=text,
            finish=reply.finish,
            model=reply.model,
            usage=reply.usage,
            request_id=vendor.request_id(headers),
            sent=vendor.sent({"api": self._api, **body}, left_out, notes),
            calls=reply.calls,
            raw=reply.raw,
        )

    async def model_facts(self) -> ModelFacts:
        """What OpenAI says of the model. Costs nothing.

        Raises:
            RunnerError: with a kind of `vendor`'s table; `not_found` when there is no such model.
        """
        with self._classified():
            async with vendor.within(self._timeout_s, "OpenAI"):
                raw = await self._client.models.with_raw_response.retrieve(
                    self._model, timeout=self._timeout_s
                )
        headers = raw.http_response.headers
        try:
            data = vendor.json_of(raw.http_response.content)
            vendor.at(data, "id", want=str)
            day = data.get("shutdown_date") if isinstance(data, dict) else None
            return ModelFacts(
                retires_on=None if day is None else vendor.day_of(str(day)),
                clock_ahead_s=vendor.clock_ahead_s(headers, now=time.time()),
            )
        except vendor.Malformed as odd:
            problem = f"OpenAI's answer about the model {odd}"
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
            problem = f"OpenAI gave no answer within {self._timeout_s:g} s"
            raise vendor.error("timeout", problem) from late
        except APIConnectionError as lost:
            raise vendor.connection_error("OpenAI", lost) from lost
        except APIStatusError as refused:
            raise self._refused(refused) from None  # its text is the whole body
        except APIResponseValidationError as odd:
            problem = "OpenAI's answer is not what was promised"
            raise vendor.error("malformed_response", problem) from odd

    def _refused(self, refused: APIStatusError) -> RunnerError:
        return vendor.status_error(
            "OpenAI",
            refused.status_code,
            refused.response.headers,
            refused.body,
            key=self._client.api_key,
        )


def family(model: str) -> Family:
    """Whose rules a model's name asks for; `vendor/model` and `ft:model:…` name the model too."""
    name = _bare(model)
    if _REASONING.match(name):
        return "reasoning"
    return "earlier" if _EARLIER.match(name) and not name.startswith("gpt-oss") else "other"


def _bare(model: str) -> str:
    return model.rpartition("/")[2].removeprefix("ft:").lower()


def _kept(model: str, request: Request, api: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters that `api` and `model` take, and why each other one is left out."""
    given = {name: value for name, value in request.parameters.items() if value is not None}
    thinks = family(model) == "reasoning" and given.get("reasoning_effort") != "none"
    left_out = {name: why for name in given if (why := _why_not(name, model, api, thinks=thinks))}
    return {name: value for name, value in given.items() if name not in left_out}, left_out


def _why_not(name: str, model: str, api: str, *, thinks: bool) -> str:
    """Why a parameter does not go out; empty when it does."""
    kind = family(model)
    rules = (
        (name not in PARAMETERS, "not a parameter that paygrade knows"),
        (name in {"seed", "stop"} and api == "responses", "the Responses API does not have it"),
        (
            name in {"temperature", "top_p"} and thinks,
            "a reasoning model takes it only with reasoning_effort: none",
        ),
        (name == "stop" and kind == "reasoning", "reasoning models do not take it"),
        (
            name in {"reasoning_effort", "verbosity"} and kind == "earlier",
            "models before gpt-5 do not take it",
        ),
        (
            name == "verbosity" and _O_SERIES.match(_bare(model)) is not None,
            "the o-series does not take it",
        ),
    )
    return next((why for applies, why in rules if applies), "")


Built = tuple[dict[str, Any], dict[str, str], tuple[str, ...], bool]
"""The body without messages, what was left out, notes on the schema, whether it is strict."""


def _responses_parameters(model: str, request: Request) -> Built:
    kept, left_out = _kept(model, request, "responses")
    body: dict[str, Any] = {"model": model, "store": False}  # the API's default keeps it for days
    text: dict[str, Any] = {}
    if "reasoning_effort" in kept:
        body["reasoning"] = {"effort": kept.pop("reasoning_effort")}
    if "verbosity" in kept:
        text["verbosity"] = kept.pop("verbosity")
    form, notes = _format(request.output_schema)
    if form is not None:
        text["format"] = {"type": "json_schema", **form}
    if text:
        body["text"] = text
    tools, unstrict = openai_tools.offered(request.tools, "responses")
    if tools and family(model) == "reasoning":
        body["include"] = ["reasoning.encrypted_content"]
    return {**body, **kept, **tools}, left_out, notes + unstrict, bool(form and form["strict"])


def _chat_parameters(model: str, request: Request) -> Built:
    kept, left_out = _kept(model, request, "chat")
    body: dict[str, Any] = {"model": model}
    if "max_output_tokens" in kept:
        name = "max_tokens" if family(model) == "other" else "max_completion_tokens"
        body[name] = kept.pop("max_output_tokens")
    form, notes = _format(request.output_schema)
    if form is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    tools, unstrict = openai_tools.offered(request.tools, "chat")
    return {**body, **kept, **tools}, left_out, notes + unstrict, bool(form and form["strict"])


def _format(
    schema: Mapping[str, Json] | None,
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    if schema is None:
        return None, ()
    adapted = structured.adapt(schema, structured.OPENAI)
    if adapted.schema is None:
        hint = {"name": "answer", "strict": False, "schema": structured.plain(schema)}
        return hint, (f"not strict: {adapted.why}",)
    return {"name": "answer", "strict": True, "schema": adapted.schema}, adapted.notes


def read_response(data: object, *, offered: bool = False) -> vendor.Reply:
    """What a body of the Responses API says. `offered` says whether tools went out.

    Raises:
        vendor.Malformed: it is not one.
        RunnerError: it says that the call failed.
    """
    status = vendor.at(data, "status", want=str)
    model = vendor.at(data, "model", want=str)
    if status == "failed":
        raise _failed(data)
    output = vendor.at(data, "output", want=list)
    finish = _finish(data, status)
    if finish == "stop" and not output and not offered:
        raise vendor.Malformed("has an empty output")
    parts = [part for item in output for part in _parts(item, offered=offered)]
    refusals = [vendor.at(part, "refusal", want=str) for kind, part in parts if kind == "refusal"]
    texts = [vendor.at(part, "text", want=str) for kind, part in parts if kind == "output_text"]
    return vendor.Reply(
        text="".join(texts + refusals),
        finish="refusal" if refusals else finish,
        model=model,
        usage=_usage(data, "input_tokens", "output_tokens"),
        calls=openai_tools.response_calls(output) if finish == "stop" and not refusals else (),
        raw=output if offered else None,
    )


def _finish(data: object, status: str) -> Finish:
    if status == "completed":
        return "stop"
    if status != "incomplete":
        raise vendor.Malformed(f"has the status {status[:40]!r}")
    reason = vendor.at(data, "incomplete_details", "reason", want=str)
    if reason not in _INCOMPLETE:
        raise vendor.Malformed(f"is incomplete for an unknown reason {reason[:40]!r}")
    return _INCOMPLETE[reason]


def _parts(item: object, *, offered: bool) -> list[tuple[str, object]]:
    """The parts of one item of the output, by type: none unless it is a message for the reader."""
    kind = vendor.at(item, "type", want=str)
    if kind.endswith("_call") and not (offered and kind == "function_call"):
        raise vendor.Malformed(f"calls a tool ({kind[:40]}) that was not offered")
    if kind != "message" or (isinstance(item, dict) and item.get("phase") == "commentary"):
        return []
    return [
        (vendor.at(part, "type", want=str), part) for part in vendor.at(item, "content", want=list)
    ]


def _failed(data: object) -> RunnerError:
    code = vendor.at(data, "error", "code", want=str)
    message = vendor.without_key(vendor.at(data, "error", "message", want=str), "")
    return vendor.error(_FAILED.get(code, "bad_request"), f"OpenAI failed ({code[:40]}): {message}")


def read_chat(data: object, *, offered: bool = False) -> vendor.Reply:
    """What a body of Chat Completions says. `offered` says whether tools went out.

    Raises:
        vendor.Malformed: it is not one.
    """
    model = vendor.at(data, "model", want=str)
    reason = vendor.at(data, "choices", 0, "finish_reason", want=str)
    message = vendor.at(data, "choices", 0, "message", want=dict)
    reasons = _FINISH | openai_tools.FINISH if offered else _FINISH
    if reason not in reasons:
        raise vendor.Malformed(f"has the finish_reason {reason[:40]!r}")
    finish = reasons[reason]
    refusal = vendor.at(message, "refusal", want=str) if message.get("refusal") else ""
    content = message.get("content")
    if content is None and (refusal or finish != "stop" or offered):
        content = ""
    text = vendor.at({"content": content}, "content", want=str)
    calls = openai_tools.chat_calls(message) if offered and finish == "stop" and not refusal else ()
    if reason in openai_tools.FINISH and not calls and not refusal:
        raise vendor.Malformed(f"has the finish_reason {reason!r} and no calls")
    return vendor.Reply(
        text=text + refusal,
        finish="refusal" if refusal else finish,
        model=model,
        usage=_usage(data, "prompt_tokens", "completion_tokens"),
        calls=calls,
        raw=openai_tools.chat_raw(message) if offered else None,
    )


def _usage(data: object, before: str, after: str) -> Usage | None:
    """Both APIs count cached tokens as input and reasoning as output, as we do."""
    usage = data.get("usage") if isinstance(data, dict) else None
    if usage is None:
        return None
    came, went = (
        before.replace("tokens", "tokens_details"),
        after.replace("tokens", "tokens_details"),
    )
    return Usage(
        input_tokens=vendor.at(usage, before, want=int),
        output_tokens=vendor.at(usage, after, want=int),
        cached_tokens=vendor.count(usage, came, "cached_tokens"),
        cache_write_tokens=vendor.count(usage, came, "cache_write_tokens"),
        reasoning_tokens=vendor.count(usage, went, "reasoning_tokens"),
    )

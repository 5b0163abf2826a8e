"""What every runner that calls a provider shares: kinds of error, the key, the shape of a body.

An error's kind is stable: reports, retries and tests name it.

| kind                 | from                                                            | retry |
|----------------------|-----------------------------------------------------------------|-------|
| `rate_limited`       | 429                                                             | yes   |
| `overloaded`         | 503, 529, or the body says `overloaded_error`                   | yes   |
| `server_error`       | any other 5xx                                                   | yes   |
| `connection`         | refused, reset, cut in the middle of a body, 499                | yes   |
| `timeout`            | no whole answer in time, 408                                    | yes   |
| `conflict`           | 409                                                             | yes   |
| `malformed_response` | a success without the promised shape, or a redirect to nowhere  | yes   |
| `auth`               | 401, 403                                                        | no    |
| `not_found`          | 404, 410: the model or the address is gone                      | no    |
| `payment_required`   | 402, or the body says that quota or credit is used up           | no    |
| `bad_request`        | any other 4xx (400, 413, 422)                                   | no    |
| `command_failed`     | a command that cannot start or ends with an error               | no    |

A header `x-should-retry` of the provider has the last word on the last column.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import math
import os
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal, TypeVar

from paygrade import leaks
from paygrade.errors import RunnerError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from paygrade.records.answer import AskedCall, Finish, Usage
    from paygrade.records.json_value import Json
    from paygrade.records.plan import RunnerProfile

Kind = Literal[
    "rate_limited",
    "overloaded",
    "server_error",
    "connection",
    "timeout",
    "conflict",
    "malformed_response",
    "auth",
    "not_found",
    "payment_required",
    "bad_request",
    "command_failed",
]

RETRYABLE: dict[Kind, bool] = {
    "rate_limited": True,
    "overloaded": True,
    "server_error": True,
    "connection": True,
    "timeout": True,
    "conflict": True,
    "malformed_response": True,
    "auth": False,
    "not_found": False,
    "payment_required": False,
    "bad_request": False,
    "command_failed": False,
}
"""Whether asking again can help, for every kind: the table above as data."""

_OF_STATUS: dict[int, Kind] = {
    401: "auth",
    402: "payment_required",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    410: "not_found",
    429: "rate_limited",
    499: "connection",
    503: "overloaded",
    529: "overloaded",
}

# OpenAI answers 429 to an empty account as well: waiting does not fill it.
_OF_CODE: dict[str, Kind] = {
    "insufficient_quota": "payment_required",
    "billing_hard_limit_reached": "payment_required",
    "billing_not_active": "payment_required",
    "billing_error": "payment_required",
    "overloaded_error": "overloaded",
}

_SHOWN = 240
_MULTIPLE, _CLIENT, _SERVER = 300, 400, 500
_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_*.-]{6,}")

T = TypeVar("T")


class Malformed(Exception):  # noqa: N818 - says what is wrong with a body; turned into a RunnerError
    """A body is not what was promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a body says, in our own words. `calls` and `raw` are as in an `Answer`.

    An answer that was cut off, refused or filtered has no calls: the last may be half of one.
    """

    text: str
    finish: Finish
    model: str
    usage: Usage | None
    calls: tuple[AskedCall, ...] = ()
    raw: Json = None


def error(
    kind: Kind,
    problem: str,
    *,
    request_id: str = "",
    retry_after_s: float | None = None,
    retryable: bool | None = None,
) -> RunnerError:
    """A `RunnerError` of `kind`: one short line, retryable as the table says unless told."""
    return RunnerError(
        one_line(problem, _SHOWN) + (f" [request {request_id}]" if request_id else ""),
        kind=kind,
        retryable=RETRYABLE[kind] if retryable is None else retryable,
        retry_after_s=retry_after_s,
        request_id=request_id,
    )


def status_error(
    vendor: str, status: int, headers: Mapping[str, str], body: object, *, key: str
) -> RunnerError:
    """The error that an HTTP status means.

    Of `body` only its own short message is shown, with `key` and all that looks like one cut out:
    a whole body may be a page of HTML or an echo of the prompt.
    """
    inner = body.get("error", body) if isinstance(body, dict) else body
    told = inner if isinstance(inner, dict) else {}
    codes = [str(told.get(name)) for name in ("code", "type")]
    kind = next((_OF_CODE[code] for code in codes if code in _OF_CODE), _kind_of(status))
    message = told.get("message")
    if isinstance(inner, str) and "json" in headers.get("content-type", ""):
        message = inner  # {"error": "a sentence"}, as some servers write it
    said = f": {without_key(message, key)}" if isinstance(message, str) and message else ""
    return error(
        kind,
        f"{vendor} answered {status}{said}",
        request_id=request_id(headers),
        retry_after_s=retry_after_s(headers, now=time.time()),
        retryable=_should_retry(headers),
    )


def _kind_of(status: int) -> Kind:
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if status >= _SERVER:
        return "server_error"
    return "bad_request" if status >= _CLIENT else "malformed_response"


def _should_retry(headers: Mapping[str, str]) -> bool | None:
    return {"true": True, "false": False}.get(headers.get("x-should-retry", ""))


def request_id(headers: Mapping[str, str]) -> str:
    """The provider's own id of a call, cut to one short word; empty when there is none."""
    return one_line(headers.get("request-id") or headers.get("x-request-id") or "", 80)


def retry_after_s(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `Retry-After` (seconds or an HTTP date).

    `now` is seconds since the epoch. The result is never negative and not bounded above: how long
    is too long is the caller's to say. `None` when the provider did not say, or not clearly.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with contextlib.suppress(ValueError):
            seconds = float(headers.get(name, "")) * unit
            return max(0.0, seconds) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, date.timestamp() - now)
    return None


def clock_ahead_s(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds by which `now`, in seconds since the epoch, is ahead of the header `Date`."""
    with contextlib.suppress(ValueError, OverflowError):
        return now - parsedate_to_datetime(headers.get("date", "")).timestamp()
    return None


def day_of(text: str) -> dt.date:
    """The day in UTC of an ISO 8601 date or instant; an instant without an offset is in UTC.

    Raises:
        Malformed: it is neither.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return moment.date()
        return moment.astimezone(dt.UTC).date()
    except (ValueError, OverflowError) as odd:
        raise Malformed(f"has {text[:40]!r} where a date is") from odd


def one_line(text: str, limit: int) -> str:
    """`text` on one line of printable characters, at most `limit` of them.

    It is masked before it is cut: half a card number is not seen to be one.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 8 * limit]).split())
    line = leaks.mask(line).text
    return line if len(line) <= limit else line[: limit - 1] + "…"


def without_key(text: str, key: str) -> str:
    """`text` with `key`, and all that looks like a key or a masked one, cut out."""
    if key:
        text = text.replace(key, "[key]")
    return _LIKE_A_KEY.sub("[key]", text)


def api_key(profile: RunnerProfile, default_env: str) -> str:
    """The key that the profile's `key_env` names; empty when it names none (`key_env: ""`).

    Raises:
        UsageError: the variable is not set or holds no key, or the vendor's own service is asked
            without one.
    """
    name = option(profile, "key_env", default_env)
    if not name:
        if not option(profile, "base_url", ""):
            raise UsageError(
                f"{profile.path} says key_env: '' (no key), which only a server of your own takes",
                hint="set base_url, or name the variable that holds the key",
            )
        return ""
    key = os.environ.get(name, "").strip()
    if not key:
        raise UsageError(
            f"{profile.path} needs an API key in the environment variable {name}, which is not set",
            hint="export it, or try `make demo`, which needs none",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"{profile.path} takes its API key from the environment variable {name}, which holds "
            "characters that no key has",
            hint="copy the key again, whole and alone",
        )
    return key


def option(profile: RunnerProfile, name: str, default: str) -> str:
    """A text option of the profile, or `default` when it is missing or null.

    Raises:
        UsageError: it is there and not text.
    """
    value = profile.options.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise UsageError(f"{profile.path}: '{name}' must be text, not {value!r}")
    return value


def model_of(profile: RunnerProfile) -> str:
    """The model that the profile names.

    Raises:
        UsageError: it names none.
    """
    model = option(profile, "model", "")
    if not model:
        raise UsageError(f"{profile.path}: the key 'model' is missing")
    return model


@contextlib.asynccontextmanager
async def within(seconds: float, whom: str) -> AsyncIterator[None]:
    """Bound the whole block: an SDK's own time-out only bounds the silence between two bytes.

    Raises:
        RunnerError: `timeout`, when the block did not end in time.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as late:
        if not limit.expired():
            raise
        raise error("timeout", f"{whom} gave no answer within {seconds:g} s") from late


def json_of(content: bytes) -> object:
    """The JSON value in a body.

    Raises:
        Malformed: it is not JSON, or nested too deep to read.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as bad:
        raise Malformed("is not JSON") from bad


def at(value: object, *path: str | int, want: type[T]) -> T:
    """The value at `path` below `value`, checked to be a `want`.

    Raises:
        Malformed: it is missing, null, or of another type; a number is no bool and never negative.
    """
    here = ""
    for step in path:
        here += f"[{step}]" if isinstance(step, int) else f".{step}"
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    place = here.lstrip(".") or "the body"
    if value is None:
        raise Malformed(f"has no {place}")
    if not isinstance(value, want) or (want is int and isinstance(value, bool)):
        raise Malformed(f"has {type(value).__name__} where {place} is {want.__name__}")
    if isinstance(value, int) and value < 0:
        raise Malformed(f"has a negative {place}")
    return value


def count(value: object, *path: str) -> int:
    """A number of tokens that a body may leave out or null: 0 then.

    Raises:
        Malformed: it is there and not a whole number of 0 or more.
    """
    for step in path[:-1]:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get(path[-1]) is None:
        return 0
    return at(value, path[-1], want=int)


def sent(
    body: Mapping[str, Json], left_out: Mapping[str, str], notes: Iterable[str]
) -> dict[str, Json]:
    """The record of a call: its body without messages, what was left out and why, and `notes`."""
    record = dict(body)
    if left_out:
        record["left_out"] = dict(left_out)
    if notes := list(notes):
        record["schema_notes"] = notes
    return record


def connection_error(whom: str, lost: Exception) -> RunnerError:
    """A call that was cut, told by what cut it."""
    return error("connection", f"no connection to {whom}: {_cause(lost)}")


def _cause(lost: Exception) -> str:
    cause = lost.__cause__ or lost
    return f"{type(cause).__name__} {cause}".strip()

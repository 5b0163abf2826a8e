"""Worlds over HTTP: a user's own server, and ours, which hosts one for an agent that is killed.

A user's server is a `World` (`tools: {url: http://127.0.0.1:9000}`). It answers each of these with
200 and a JSON object; `now`, the world's clock in seconds since 1970, may be left out:

| POST             | is sent                 | answers                                       |
|------------------|-------------------------|-----------------------------------------------|
| `/worlds`        | `{"world"}`             | `{"id", "tools", "now"?}`                     |
| `/worlds/ID/call`| `{"tool", "arguments"}` | `{"result", "now"?}`, or as below             |
| `/worlds/ID/hear`| `{"text"}`              | `{"customer": text or null, "now"?}`          |
| `/worlds/ID/end` | `{}`                    | `{"snapshot", "effects", "claims", "violations"}` |

An error of the tool's own is `{"error": {"code", "message"?, "retryable"?, "unknown"?}, "now"?}`.
Tools, effects, claims and violations have the fields of the records of these names. Faults are
injected on our side, and what reaches the server is written down there.

Our own server is asked the same way, with `faults` beside `world`, and for `/restart`. What fails
there is `{"problem", "kind"}` with the status 500.
"""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from paygrade import leaks
from paygrade.errors import RunnerError, ToolError, UsageError
from paygrade.records.agent_json import (
    ending_from_json,
    plain,
    tool_from_json,
    trajectory_from_json,
)
from paygrade.runners.agents.hosted import Called

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from paygrade.records.agent import Ending, Fault, Tool, Trajectory
    from paygrade.records.json_value import Json

T = TypeVar("T")

TIMEOUT_S = 60.0
"""Seconds that a server may take for one answer."""

USAGE = "usage"
"""The kind of a failure on our server that is a mistake of the workspace."""

_OK, _FAILED = 200, 500
_SHOWN = 200  # once it is masked: half a card number is not seen to be one
_READ = 2000


class RemoteWorld:
    """A world on a user's server: implements `records.protocols.World`."""

    def __init__(self, url: str, world: Mapping[str, Json]) -> None:
        """Have one made.

        Raises:
            RunnerError: `connection`, or `tool_crashed` where the server answers something else.
        """
        self._url = url.rstrip("/")
        made = post(f"{self._url}/worlds", {"world": world})
        self._place = f"{self._url}/worlds/{_read(made, 'id', str)}"
        self._tools = _tools(made)
        self._now = _now(made, None)
        if self._now is not None:
            self.now = self._clock

    def tools(self) -> tuple[Tool, ...]:
        """See `World`."""
        return self._tools

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Json:
        """See `World`."""
        called = _called(self._post("call", {"tool": tool, "arguments": arguments}))
        if called.error is not None:
            raise called.error
        return called.result

    def hear(self, text: str) -> str | None:
        """See `World`."""
        return _customer(self._post("hear", {"text": text}))

    def end(self) -> Ending:
        """See `World`."""
        return _made_of(self._post("end", {}), ending_from_json)

    def _clock(self) -> float | None:
        """What the server said last: it is `now` where it says anything."""
        return self._now

    def _post(self, act: str, body: Mapping[str, Json]) -> dict[str, Any]:
        answer = post(f"{self._place}/{act}", body)
        self._now = _now(answer, self._now)
        return answer


class RemoteHost:
    """A world that our own server hosts: implements `hosted.Hosted`. It is all there is to know."""

    def __init__(self, place: str, tools: tuple[Tool, ...], now: float | None) -> None:
        """Go on with a world that was opened: `place` is its URL."""
        self.place = place
        self.tools = tools
        self._now = now

    @classmethod
    def open(cls, url: str, world: Json, faults: Sequence[Fault]) -> RemoteHost:
        """Have a world made.

        Raises:
            UsageError, RunnerError: as `opening.open_world`.
        """
        made = post(f"{url}/worlds", {"world": world, "faults": [plain(each) for each in faults]})
        return cls(f"{url}/worlds/{made['id']}", _tools(made), made["now"])

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Called:
        """See `Hosted`."""
        return _called(self._post("call", {"tool": tool, "arguments": arguments}))

    def hear(self, text: str) -> str | None:
        """See `Hosted`."""
        return _customer(self._post("hear", {"text": text}))

    def now(self) -> float | None:
        """See `Hosted`."""
        return self._now

    def restart(self) -> None:
        """See `Hosted`."""
        self._post("restart", {})

    def end(self) -> Trajectory:
        """See `Hosted`. The server forgets the world."""
        return _made_of(self._post("end", {}), trajectory_from_json)

    def _post(self, act: str, body: Mapping[str, Json]) -> dict[str, Any]:
        answer = post(f"{self.place}/{act}", body)
        self._now = _now(answer, self._now)
        return answer


def post(url: str, body: Mapping[str, Json]) -> dict[str, Any]:
    """Send a JSON object and return the one that comes back.

    Raises:
        RunnerError: `connection`, which may be tried again with a new world; `tool_crashed` where
            something else comes back; or what our server says.
        UsageError: our server says so.
    """
    parts = urlsplit(url)
    made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = made(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", parts.path, json.dumps(body), headers)
        answer = connection.getresponse()
        status, content = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as lost:
        problem = f"no answer from {url}: {type(lost).__name__} {lost}".strip()
        raise RunnerError(problem, kind="connection", retryable=True) from lost
    finally:
        connection.close()
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if status == _FAILED and isinstance(data, dict) and {"problem", "kind"} <= data.keys():
        if data["kind"] == USAGE:
            raise UsageError(data["problem"])
        raise RunnerError(data["problem"], kind=data["kind"])
    if status != _OK or not isinstance(data, dict):
        said = leaks.mask(content[:_READ].decode("utf-8", "replace")).text[:_SHOWN]
        raise _odd(f"{url} answered {status}: {said}")
    return data


def _called(answer: Mapping[str, Any]) -> Called:
    error = answer.get("error")
    fault = str(answer.get("fault", ""))
    if error is None:
        if "result" not in answer:
            raise _odd("a call was answered with neither 'result' nor 'error'")
        return Called(result=answer["result"], fault=fault)
    if not isinstance(error, dict):
        raise _odd("the 'error' of a call is no object")
    told = ToolError(
        _read(error, "code", str),
        str(error.get("message", "")),
        retryable=error.get("retryable") is True,
        unknown=error.get("unknown"),
    )
    return Called(error=told, fault=fault)


def error_json(error: ToolError) -> dict[str, Json]:
    """An error as it is answered."""
    return {
        "code": error.code,
        "message": error.message,
        "retryable": error.retryable,
        "unknown": error.unknown,
    }


def _customer(answer: Mapping[str, Any]) -> str | None:
    return None if answer.get("customer") is None else _read(answer, "customer", str)


def _tools(made: Mapping[str, Any]) -> tuple[Tool, ...]:
    return tuple(_made_of(each, tool_from_json) for each in _read(made, "tools", list))


def _now(answer: Mapping[str, Any], before: float | None) -> float | None:
    now = answer.get("now")
    return float(now) if isinstance(now, int | float) else before


def _read(data: Mapping[str, Any], key: str, kind: type[T]) -> T:
    value = data.get(key)
    if not isinstance(value, kind):
        raise _odd(f"a server of tools answered without '{key}'")
    return value


def _made_of(data: object, read: Callable[[object], T]) -> T:
    try:
        return read(data)
    except ValueError as odd:
        raise _odd(f"a server of tools answered what is none: {odd}") from odd


def _odd(problem: str) -> RunnerError:
    return RunnerError(problem, kind="tool_crashed")

"""What an agent's process has done, in its own file: when it is killed, the next one goes on there.

One JSON line for each event, written at once: a call has begun, it has ended, something was said,
a planned crash is about to strike. Faults that kill are planned here, since the place where they
strike is between two of these lines:

| kind                  | the process is killed                                                    |
|-----------------------|--------------------------------------------------------------------------|
| `crash_before_call`   | before the request leaves                                                |
| `crash_after_commit`  | when the reply has arrived, and nobody has recorded it                   |
| `crash_before_record` | when a guard has recorded it, and the agent's own journal has not        |

Each strikes once in all, at the `nth` call of its tool.
"""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from paygrade.errors import RunnerError, ToolError
from paygrade.records.agent_json import call_from_json, plain
from paygrade.runners.agents.hosted import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from paygrade.records.agent import Fault
    from paygrade.records.json_value import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What is known of a call that begins: how it ended, or the crash that cut it short."""

    told: Told | None = None
    crash: str = ""


class Recorder(Protocol):
    """Takes what happens, and answers again what has happened before.

    Every method raises a `RunnerError` (`agent_died`) where the agent asks for something else than
    it did before it was killed.
    """

    def begin(self, tool: str, arguments: Mapping[str, Json]) -> Recalled:
        """A call is about to be made."""
        ...

    def end(self, told: Told) -> None:
        """It was made."""
        ...

    def saying(self, text: str, hear: Callable[[], str | None]) -> str | None:
        """What the customer answers: `hear` is asked where that is not known yet."""
        ...

    def point(self, kind: str) -> None:
        """Die here, if that is planned."""
        ...


class NoJournal:
    """For an agent that nobody kills."""

    def begin(self, tool: str, arguments: Mapping[str, Json]) -> Recalled:  # noqa: ARG002
        """Nothing is known."""
        return Recalled()

    def end(self, told: Told) -> None:
        """Nothing is kept."""

    def saying(self, text: str, hear: Callable[[], str | None]) -> str | None:  # noqa: ARG002
        """Ask."""
        return hear()

    def point(self, kind: str) -> None:
        """Go on."""


@dataclass(slots=True)
class _Entry:
    """One event as the file has it: a call, or something that was said."""

    what: dict[str, Any]
    ended: dict[str, Any] | None = None
    crash: str = ""


@dataclass(slots=True)
class _Records:
    entries: list[_Entry] = field(default_factory=list)
    struck: set[int] = field(default_factory=set)


def struck(path: Path, crashes: Sequence[Fault]) -> tuple[int, ...]:
    """How often each of `crashes` has struck, by the journal at `path`."""
    found = _read(path, crashes).struck
    return tuple(int(number in found) for number in range(len(crashes)))


class Journal:
    """The journal of one attempt: implements `Recorder`."""

    def __init__(self, path: Path, crashes: Sequence[Fault]) -> None:
        """Go on where the file ends."""
        records = _read(path, crashes)
        self._left = list(reversed(records.entries))
        self._struck = records.struck
        self._crashes = crashes
        self._met = [0] * len(crashes)
        self._tool = ""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def begin(self, tool: str, arguments: Mapping[str, Json]) -> Recalled:
        """See `Recorder`."""
        for number, fault in enumerate(self._crashes):
            self._met[number] += fault.tool in ("", tool)
        self._tool = tool
        entry = self._recalled({"tool": tool, "arguments": arguments})
        if entry is None:
            return Recalled()
        if entry.ended is None:
            return Recalled(crash=entry.crash)
        return Recalled(told=_told(entry.ended))

    def end(self, told: Told) -> None:
        """See `Recorder`."""
        unknown = told.error.unknown if told.error else None
        raised = told.error and [told.error.code, told.error.message, told.error.retryable, unknown]
        self._write({"ended": {"call": plain(told.call), "raised": raised}})

    def saying(self, text: str, hear: Callable[[], str | None]) -> str | None:
        """See `Recorder`."""
        entry = self._recalled({"said": text})
        if entry is not None and entry.ended is not None:
            customer: str | None = entry.ended["customer"]
            return customer
        reply = hear()
        self._write({"ended": {"customer": reply}})
        return reply

    def point(self, kind: str) -> None:
        """See `Recorder`."""
        for number, fault in enumerate(self._crashes):
            due = fault.tool in ("", self._tool) and self._met[number] == fault.nth
            if due and fault.kind == kind and number not in self._struck:
                self._write({"crash": number})
                os.kill(os.getpid(), signal.SIGKILL)

    def _recalled(self, what: dict[str, Any]) -> _Entry | None:
        """The next event of before, which must be this one; `None` where there is none left."""
        if not self._left:
            self._write({"begun": what})
            return None
        entry = self._left.pop()
        if entry.what != what:
            _astray(entry.what, what)
        return entry

    def _write(self, line: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def _read(path: Path, crashes: Sequence[Fault]) -> _Records:
    records = _Records()
    if not path.exists():
        return records
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break  # torn: it never happened
        data = json.loads(line)
        if "begun" in data:
            records.entries.append(_Entry(what=data["begun"]))
        elif "ended" in data:
            records.entries[-1].ended = data["ended"]
        else:
            records.struck.add(data["crash"])
            records.entries[-1].crash = crashes[data["crash"]].kind
    return records


def _told(ended: dict[str, Any]) -> Told:
    raised = ended["raised"]
    error = None
    if raised is not None:
        code, message, retryable, unknown = raised
        error = ToolError(code, message, retryable=retryable, unknown=unknown)
    return Told(call=call_from_json(ended["call"]), error=error)


def _astray(then: dict[str, Any], now: dict[str, Any]) -> NoReturn:
    raise RunnerError(
        "the agent was killed and started again, and does something else than before: "
        f"{_named(now)} where it was {_named(then)}; an agent must be deterministic up to there",
        kind="agent_died",
    )


def _named(what: dict[str, Any]) -> str:
    return f"a call of {what['tool']}" if "tool" in what else "something it says"

"""An agent that the case kills: it runs in a process of its own, dies by SIGKILL, starts again.

Its world lives in a third process, over HTTP, and outlives it. A model is asked by this process,
which keeps the answers: an agent that is started again gets them again, and nothing is paid twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from paygrade import leaks
from paygrade.errors import RunnerError, UsageError
from paygrade.records.agent import Struck
from paygrade.records.agent_json import plain, step_from_json
from paygrade.records.answer import AskedCall, Message, Turn
from paygrade.runners.agents import journal
from paygrade.runners.agents.child import JOURNAL
from paygrade.runners.agents.faults import crashes_of
from paygrade.runners.agents.nursery import Life, Nursery
from paygrade.runners.agents.remote import USAGE, RemoteHost
from paygrade.runners.agents.running import Acted
from paygrade.runners.agents.session import LastWords

if TYPE_CHECKING:
    from paygrade.records.agent import Fault, GuardName, Toolbox
    from paygrade.records.answer import Request
    from paygrade.records.protocols import Ask
    from paygrade.runners.agents.session import Limits

MOST_RESTARTS: Final = 5
_READ: Final = 2**16
_TAIL: Final = 2000  # shown, once it is masked: half a card number is not seen to be one
_CUT: Final = 100  # what was cut off may be the first half of one
PATIENCE_S: Final = 10


@dataclass(slots=True)
class _Models:
    """What was asked of a model, and what it answered, over all lives of an agent."""

    request: Request
    ask: Ask
    kept: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    async def answer(self, number: int, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to the question of this number, from 0, in one life."""
        if number < len(self.kept):
            before, kept = self.kept[number]
            if before != asked:
                raise RunnerError(
                    "the agent was killed and started again, and asks its model something else "
                    "than before; an agent must be deterministic up to there",
                    kind="agent_died",
                )
            return kept
        wanted = replace(
            self.request,
            messages=tuple(Message(**each) for each in asked["messages"]),
            turns=tuple(_turn(each) for each in asked["turns"]),
        )
        answer: dict[str, Any] = plain(await self.ask(wanted))
        self.kept.append((asked, answer))
        return answer


class Supervisor:
    """Starts agents, and starts them again."""

    def __init__(
        self, toolbox: Toolbox, *, guard: GuardName, limits: Limits, function: str
    ) -> None:
        """`function` is `FILE.py:FUNCTION` with a whole path, or "" for a model in a loop."""
        self._guard = guard
        self._limits = limits
        self._function = function
        self._server = HostProcess(toolbox)
        self._nursery = Nursery()

    async def act(self, request: Request, ask: Ask) -> Acted:
        """One attempt, over all its lives.

        Raises:
            RunnerError: `agent_died`, where its process ended by itself or did not come to an end;
                or what the agent or its world failed by.
            UsageError: the toolbox or the case cannot be used.
        """
        url = await asyncio.to_thread(self._server.start)
        host = await asyncio.to_thread(RemoteHost.open, url, request.world, request.faults)
        crashes = crashes_of(request.faults)
        models = _Models(replace(request, world=None, faults=(), tools=host.tools), ask)
        with tempfile.TemporaryDirectory(prefix="paygrade-") as name:
            folder, struck, restarts = Path(name), 0, 0
            while (ended := await self._live(host, folder, models, crashes)) is None:
                before, struck = struck, sum(journal.struck(folder / JOURNAL, crashes))
                if struck == before or restarts == MOST_RESTARTS:
                    raise RunnerError(
                        f"the agent's process was killed, for the {restarts + 1}. time, and not "
                        "by a fault of the case" if struck == before else
                        f"the agent's process was killed {restarts + 1} times",
                        kind="agent_died",
                    )  # fmt: skip
                restarts += 1
                await asyncio.to_thread(host.restart)
            counts = journal.struck(folder / JOURNAL, crashes)
        trajectory = await asyncio.to_thread(host.end)
        killed = (
            Struck(kind=each.kind, tool=each.tool, times=times)
            for each, times in zip(crashes, counts, strict=True)
        )
        return Acted(
            words=LastWords(**ended["words"]),
            steps=tuple(step_from_json(each) for each in ended["steps"]),
            trajectory=replace(trajectory, faults=(*trajectory.faults, *killed), restarts=restarts),
        )

    def close(self) -> None:
        """End the worlds' process, and the one that starts agents."""
        self._server.close()
        self._nursery.close()

    async def _live(
        self, host: RemoteHost, folder: Path, models: _Models, crashes: tuple[Fault, ...]
    ) -> dict[str, Any] | None:
        """One life of the agent: what it ended with, or `None` where it was killed."""
        start = {
            "request": {**plain(models.request), "faults": (), "tools": (), "turns": ()},
            "place": host.place,
            "tools": plain(host.tools),
            "now": host.now(),
            "folder": str(folder),
            "guard": self._guard,
            "limits": asdict(self._limits),
            "crashes": plain(crashes),
            "callable": self._function,
        }
        with tempfile.TemporaryFile() as complaints:  # a pipe that nobody reads would fill
            life = await Life.begin(self._nursery, complaints)
            try:
                ended = await _talk(life, start, models)
                code = await life.end(kill=False)
            finally:
                await asyncio.shield(life.end(kill=True))
            if ended is None and code != -signal.SIGKILL:
                raise _died(code, complaints)
        return ended


async def _talk(life: Life, start: dict[str, Any], models: _Models) -> dict[str, Any] | None:
    """Tell the process what to do, and ask models for it, until it has no more to say."""
    number = 0
    message: dict[str, Any] = start
    while True:
        with contextlib.suppress(ConnectionError):  # it is dead: its output ends as well
            life.writer.write(json.dumps(message).encode() + b"\n")
            await life.writer.drain()
        try:
            line = await life.reader.readline()
        except ConnectionError:  # it was killed before it had read all
            return None
        if not line:
            return None
        said = json.loads(line)
        if "ended" in said:
            ended: dict[str, Any] = said["ended"]
            return ended
        if "failed" in said:
            failed = said["failed"]
            if failed["kind"] == USAGE:
                raise UsageError(failed["problem"])
            raise RunnerError(**failed)
        message = await models.answer(number, said["ask"])
        number += 1


def _died(code: int, complaints: IO[bytes]) -> RunnerError:
    start = max(0, complaints.seek(0, os.SEEK_END) - _READ)
    complaints.seek(start)
    line = " ".join(complaints.read().decode("utf-8", "replace").split())
    whole = leaks.mask(line).text[_CUT if start else 0 :]
    said = whole[-_TAIL:]
    problem = f"the agent's process ended with {code} and gave no answer"
    return RunnerError(f"{problem}: {said}" if said else problem, kind="agent_died")


def _turn(data: dict[str, Any]) -> Turn:
    calls = tuple(AskedCall(**each) for each in data["calls"])
    return Turn(**{**data, "calls": calls, "results": tuple(data["results"])})


class HostProcess:
    """The process in which worlds live: it ends with this one, however that ends."""

    def __init__(self, toolbox: Toolbox) -> None:
        """Nothing is started yet."""
        place = str(Path(toolbox.folder) / toolbox.script) if toolbox.script else ""
        self._tools = toolbox.url or place
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._url = ""

    def start(self) -> str:
        """Where it answers; it is started where it was not.

        Raises:
            RunnerError: `connection`: it did not start.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
                    [sys.executable, "-m", "paygrade.runners.agents.server", self._tools],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                    start_new_session=True,  # as above
                )  # fmt: skip
                assert self._process.stdout is not None  # noqa: S101 - it is a pipe
                port = self._process.stdout.readline().strip()
                if not port:
                    raise RunnerError("the worlds' process did not start", kind="connection")
                self._url = f"http://127.0.0.1:{port}"
            return self._url

    def close(self) -> None:
        """End it."""
        with self._lock:
            if self._process is not None:
                with self._process as process:  # closing its input ends it
                    try:
                        process.communicate(timeout=PATIENCE_S)
                    except subprocess.TimeoutExpired:  # a user's tools hold it up
                        process.kill()
                self._process = None

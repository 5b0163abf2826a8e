"""`provider: command`: a program of the user's own, one process for each request.

Options: `command`, a list: the program and its arguments, started in the profile's folder; `env`,
names of environment variables it may see besides PATH, HOME and LANG.

It gets one JSON object on standard input (`sample_id`, `epoch`, `prompt`, `messages`, `input`,
`parameters`, `output_schema`) and writes one on standard output: `text`, and optionally `finish`,
`model` and `usage` (with the fields of `Usage`). It runs in a process group of its own, and what is
left of the group is killed when it has ended, when time is up and when the run is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any, cast, get_args

from paygrade import leaks
from paygrade.errors import UsageError
from paygrade.records.answer import Answer, Finish, Usage
from paygrade.runners import vendor

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from paygrade.records.answer import Request
    from paygrade.records.plan import RunnerProfile

MAX_OUTPUT = 4 * 1024 * 1024
"""Bytes of standard output that are read; a command that writes more is stopped."""

_SEEN = ("PATH", "HOME", "LANG")
_STDERR_TAIL = 2000
_REAP_S = 5.0
_KEYS = {"text", "finish", "model", "usage"}
_USAGE_KEYS = set(Usage.__dataclass_fields__)


class CommandRunner:
    """Starts the command anew for each request."""

    def __init__(
        self, command: list[str], *, folder: Path, env: dict[str, str], timeout_s: float
    ) -> None:
        """Take the command, the folder it starts in and all of its environment."""
        self._command = command
        self._folder = folder
        self._env = env
        self._timeout_s = timeout_s

    @classmethod
    def load(cls, profile: RunnerProfile) -> Self:
        """Find the program and the variables it may see.

        Raises:
            UsageError: there is no such program, or a named variable is not set.
        """
        command = _texts(profile, "command")
        if not command:
            raise UsageError(f"{profile.path}: 'command' names no program")
        env = {name: os.environ[name] for name in _SEEN if name in os.environ}
        for name in _texts(profile, "env"):
            if name not in os.environ:
                raise UsageError(
                    f"{profile.path} passes the environment variable {name}, which is not set",
                    hint="export it, or take it out of 'env'",
                )
            env[name] = os.environ[name]
        folder = profile.folder.resolve()
        program = command[0]
        place = str(folder / program) if "/" in program else program
        found = shutil.which(place, path=env.get("PATH"))
        if found is None:
            problem = f"{profile.path}: there is no program {program!r} that can be run"
            raise UsageError(problem, hint="a path starts at the profile's folder")
        return cls([found, *command[1:]], folder=folder, env=env, timeout_s=profile.timeout_s)

    async def answer(self, request: Request) -> Answer:
        """Run the command once.

        Raises:
            RunnerError: `command_failed`, `malformed_response` or `timeout`.
        """
        asked = json.dumps(_asked(request), ensure_ascii=False).encode("utf-8", "surrogatepass")
        async with vendor.within(self._timeout_s, "the command"):
            talk = await self._run(asked)
        if talk.too_much:
            problem = f"the command wrote more than {MAX_OUTPUT} bytes"
            raise vendor.error("malformed_response", problem)
        if talk.code != 0:
            raise vendor.error("command_failed", _failure(talk))
        try:
            return _answer(vendor.json_of(bytes(talk.out)), request)
        except vendor.Malformed as odd:
            raise vendor.error("malformed_response", f"the command's answer {odd}") from odd

    async def close(self) -> None:
        """Nothing to let go of: no process outlives its answer."""

    async def _run(self, asked: bytes) -> _Talk:
        talk = _Talk()
        transport, is_cancelled = await self._start(talk)
        try:
            if is_cancelled:
                raise asyncio.CancelledError
            pipe = cast("asyncio.WriteTransport", transport.get_pipe_transport(0))
            pipe.write(asked)
            pipe.write_eof()
            await talk.over.wait()
            _kill_group(transport.get_pid())
            await talk.closed.wait()
        finally:
            _kill_group(transport.get_pid())
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_REAP_S):
                        await talk.exited.wait()
            finally:
                talk.code = transport.get_returncode()
                transport.close()
        return talk

    async def _start(self, talk: _Talk) -> tuple[asyncio.SubprocessTransport, bool]:
        """The running command, and whether we were cancelled while it started.

        A start that is cancelled half-way would leave the command running and nobody to kill it.
        """
        starting = asyncio.ensure_future(
            asyncio.get_running_loop().subprocess_exec(
                lambda: talk,
                *self._command,
                cwd=self._folder,
                env=self._env,
                start_new_session=True,
            )
        )
        is_cancelled = False
        while not starting.done():
            try:
                await asyncio.shield(starting)
            except asyncio.CancelledError:
                is_cancelled = True
            except OSError:
                break
        try:
            return starting.result()[0], is_cancelled
        except OSError as error:
            problem = f"the command cannot be started: {error.strerror or error}"
            raise vendor.error("command_failed", problem) from error


class _Talk(asyncio.SubprocessProtocol):
    """Collects what a command writes.

    Not `asyncio.subprocess.Process`: its `wait` also waits for every grandchild that holds a pipe.
    """

    def __init__(self) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self.code: int | None = None
        self.too_much = False
        self.over = asyncio.Event()
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self._open = {1, 2}

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            if len(self.out) + len(data) > MAX_OUTPUT:
                self.too_much = True
                self.over.set()
            else:
                self.out += data
        else:
            self.err = (self.err + data)[-_STDERR_TAIL:]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del exc  # a pipe that broke is told by the exit code
        self._open.discard(fd)
        if not self._open:
            self.closed.set()

    def process_exited(self) -> None:
        self.exited.set()
        self.over.set()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _texts(profile: RunnerProfile, name: str) -> list[str]:
    value = profile.options.get(name)
    values = [] if value is None else value
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise UsageError(f"{profile.path}: '{name}' must be a list of texts")
    return [str(each) for each in values]


def _asked(request: Request) -> dict[str, Any]:
    return {
        "sample_id": request.sample_id,
        "epoch": request.epoch,
        "prompt": request.prompt,
        "messages": [{"role": each.role, "content": each.content} for each in request.messages],
        "input": request.input,
        "parameters": dict(request.parameters),
        "output_schema": request.output_schema,
    }


def _failure(talk: _Talk) -> str:
    code = talk.code
    how = "did not end" if code is None else f"ended with exit code {code}"
    if code is not None and code < 0:
        how = f"was ended by signal {-code}"
    said = vendor.one_line(leaks.mask(talk.err.decode("utf-8", "replace")).text[-200:], 200)
    return f"the command {how}" + (f": {vendor.without_key(said, '')}" if said else "")


def _answer(data: object, request: Request) -> Answer:
    if not isinstance(data, dict):
        raise vendor.Malformed("is not a JSON object")
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise vendor.Malformed(f"has an unknown key {unknown[0][:40]!r}")
    finish = data.get("finish", "stop")
    if finish not in get_args(Finish):
        raise vendor.Malformed(f"has a 'finish' other than {', '.join(get_args(Finish))}")
    sent = vendor.sent(request.parameters, {}, ())
    if request.output_schema is not None:
        sent["output_schema"] = request.output_schema
    return Answer(
        text=vendor.at(data, "text", want=str),
        finish=finish,
        model=vendor.at(data, "model", want=str) if data.get("model") is not None else "",
        usage=_usage(data.get("usage")),
        sent=sent,
    )


def _usage(usage: object) -> Usage | None:
    if usage is None:
        return None
    if not isinstance(usage, dict) or set(usage) - _USAGE_KEYS:
        raise vendor.Malformed(f"has a 'usage' with keys other than {', '.join(_USAGE_KEYS)}")
    return Usage(**{name: vendor.count(usage, name) for name in usage})

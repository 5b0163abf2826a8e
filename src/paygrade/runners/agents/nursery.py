"""Where the lives of agents begin: a warm process forks one for each, so that a start is fast.

It holds none of the user's code: each life loads that by itself, as a process that was started
anew would. It ends when its socket does, and so with whoever started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Final, NoReturn

from paygrade.errors import RunnerError

if TYPE_CHECKING:
    from typing import IO, Self

_BEGIN: Final = b"B"
_KILL: Final = b"K"
_PID_BYTES: Final = 8
_FDS: Final = 3
_LONGEST_LINE: Final = 2**26
_PATIENCE_S: Final = 10

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Life:
    """A process of an agent: lines go to it and come from it."""

    def __init__(self, lines: Stream, status: Stream, nursery: Nursery) -> None:
        """`status` is where its number is told, and how it ends."""
        self.reader, self.writer = lines
        self._status = status
        self._nursery = nursery
        self._pid: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.ensure_future(self._wait())

    @classmethod
    async def begin(cls, nursery: Nursery, complaints: IO[bytes]) -> Self:
        """Start one, whose standard error goes to a file.

        Raises:
            RunnerError: `connection`: it cannot be started.
        """
        lines, its_lines = socket.socketpair()
        status, its_status = socket.socketpair()
        with its_lines, its_status:
            try:
                nursery.send(_BEGIN, its_lines.fileno(), complaints.fileno(), its_status.fileno())
            except BaseException:
                lines.close()
                status.close()
                raise
        return cls(
            await asyncio.open_connection(sock=lines, limit=_LONGEST_LINE),
            await asyncio.open_connection(sock=status),
            nursery,
        )

    async def end(self, *, kill: bool) -> int:
        """How it ended, as `Popen.returncode` says it; with `kill` it is made to."""
        if kill and not self._ended.done():
            pid = await asyncio.shield(self._pid)
            with contextlib.suppress(RunnerError):  # the nursery is gone, and nobody else may kill
                if pid:
                    self._nursery.send(_KILL + pid)
        return await asyncio.shield(self._ended)

    async def _wait(self) -> int:
        reader, writer = self._status
        self._pid.set_result(await reader.read(_PID_BYTES))
        said = await reader.read(_PID_BYTES)
        writer.close()
        self.writer.close()
        return int(said or b"-1")  # the nursery is gone, and nobody knows


class Nursery:
    """The warm process; it is started by the first life."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._process.pid if self._process else None

    def send(self, message: bytes, *fds: int) -> None:
        """Ask it for something.

        Raises:
            RunnerError: `connection`: it is gone.
        """
        with self._lock:
            try:
                socket.send_fds(self._started(), [message.ljust(1 + _PID_BYTES)], fds)
            except OSError as lost:
                self._let_go()
                problem = f"the process that starts agents is gone: {lost}"
                raise RunnerError(problem, kind="connection", retryable=True) from lost

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.wait(timeout=_PATIENCE_S)
        self._socket = self._process = None

    def _started(self) -> socket.socket:
        if self._socket is None:
            self._socket, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
                    [sys.executable, "-m", "paygrade.runners.agents.nursery", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for this process to handle
                )
        return self._socket


def main(fd: int) -> None:
    """Begin lives, end them when asked, and tell how each ended, until the socket does."""
    from paygrade.runners.agents import child, guarding, loop, opening, python  # noqa: PLC0415

    del guarding, loop, opening, python  # loaded, which is what takes time
    asked = socket.socket(fileno=fd)
    statuses: dict[int, int] = {}
    woken, wake = os.pipe()
    for each in (woken, wake):
        os.set_blocking(each, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    with selectors.DefaultSelector() as selector:
        selector.register(asked, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if woken in ready:
                os.read(woken, 4096)
                _reap(statuses)
            if fd not in ready:
                continue
            message, fds, _, _ = socket.recv_fds(asked, 1 + _PID_BYTES, _FDS)
            if not message:
                return
            if message[:1] == _KILL:
                if (pid := int(message[1:])) in statuses:  # else it is over, and the number free
                    os.kill(pid, signal.SIGKILL)
                continue
            channel, complaints, status = fds
            pid = os.fork()
            if pid == 0:
                _live(channel, complaints, [fd, woken, wake, status, *statuses.values()], child)
            statuses[pid] = status
            os.write(status, str(pid).encode().ljust(_PID_BYTES))
            os.close(channel)
            os.close(complaints)


def _reap(statuses: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, ended = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            status = statuses.pop(pid)
            with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
                os.write(status, str(os.waitstatus_to_exitcode(ended)).encode())
            os.close(status)


def _live(channel: int, complaints: int, others: list[int], child: object) -> NoReturn:
    """The forked process: nothing of the nursery is left in it."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number in (0, 1):
            os.dup2(channel, number)
        os.dup2(complaints, 2)
        for each in (channel, complaints, *others):
            os.close(each)
        child.main()  # type: ignore[attr-defined]  # the module, imported once in `main`
        sys.stderr.flush()
        code = 0
    except BaseException:  # noqa: BLE001 - told, as an interpreter does at its end
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))

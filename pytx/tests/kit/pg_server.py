"""A PostgreSQL of one's own: for the tests and for the benchmarks."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg


def binary(name: str) -> str | None:
    """A program of PostgreSQL: on the path, or where Debian keeps it."""
    found = shutil.which(name)
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(kept[-1]) if kept else None)


class Postgres:
    """A server of one's own: in a folder of its own, on loopback, with fsync on."""

    def __init__(self, folder: Path, user: str | None) -> None:
        """Nothing is started yet. PostgreSQL refuses root, so `user` is somebody else then."""
        self.folder = folder
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]

    @property
    def conninfo(self) -> str:
        """What a client connects with."""
        return f"host=127.0.0.1 port={self.port} user=tester dbname=postgres connect_timeout=5"

    @staticmethod
    def program(name: str) -> str:
        """A program of PostgreSQL, by its path."""
        found = binary(name)
        assert found, f"{name} is not installed"
        return found

    def make(self, *further: str) -> None:
        """Make the cluster, with further options of `initdb`."""
        options = ["-U", "tester", "--auth=trust", "--no-sync", "-E", "UTF8", *further]
        self._run([self.program("initdb"), "-D", str(self.folder / "data"), *options])

    def start(self, *, most_bytes: int | None = None, fsync: str = "on") -> None:
        """Start the server, and wait until it answers. No file of it grows beyond `most_bytes`."""
        limit = [] if most_bytes is None else ["prlimit", f"--fsize={most_bytes}", "--"]
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "max_connections": 100,
            "unix_socket_directories": self.folder, "fsync": fsync, "track_commit_timestamp": "on",
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*limit, self.program("postgres"), "-D", str(self.folder / "data"), *options],
                stdout=log, stderr=log, user=self._user,
            )  # fmt: skip
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.conninfo):
                return
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it by its own process id: SIGINT is fast, SIGQUIT as a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, user=self._user, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _unprivileged() -> str:
    """Somebody that PostgreSQL runs as."""
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextlib.contextmanager
def cluster() -> Iterator[Postgres]:
    """A cluster that is not made yet; nothing is left behind of it."""
    folder = Path(tempfile.mkdtemp(prefix="pytx-postgres-"))
    user = _unprivileged() if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    server = Postgres(folder, user)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """A new server that runs until the block is left, and leaves nothing behind."""
    with cluster() as server:
        server.make()
        server.start()
        yield server

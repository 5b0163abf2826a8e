"""How often money moves for one intent, with pytx and with its peers from PyPI; and how fast.

Makes a venv of its own, installs the newest release of each peer, and runs every scenario with
every peer in a process of its own, against throw-away servers. A peer that cannot be installed or
run is in the table with the reason.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "kit"))

import psycopg

import pg_server
from place import LEASE_S, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src"
PATIENCE_S = 90
FAILED = "?"  # nothing was counted
SHARED = ("psycopg[binary,pool]", "psycopg2-binary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One row: which adapter, what to install (nothing for pytx), and where it keeps its keys."""

    adapter: str
    requirement: str = ""
    store: str
    variant: str = ""

    @property
    def label(self) -> str:
        """Its name in the table."""
        name = self.requirement.partition("[")[0] or "pytx"
        return ", ".join(part for part in (name, self.store, self.variant) if part)


PEERS = (
    Peer(adapter="pytx", store="SQLite", variant="manual"),
    Peer(adapter="pytx", store="SQLite", variant="look-up"),
    Peer(adapter="pytx", store="PostgreSQL", variant="manual"),
    Peer(adapter="pytx", store="PostgreSQL", variant="look-up"),
    Peer(adapter="exactly_once", requirement="exactly-once", store="SQLite"),
    Peer(adapter="exactly_once", requirement="exactly-once", store="PostgreSQL"),
    Peer(adapter="justonce", requirement="justonce", store="SQLite"),
    Peer(adapter="justonce", requirement="justonce", store="PostgreSQL"),
    Peer(adapter="idemkit", requirement="idemkit[postgres,redis]", store="PostgreSQL"),
    Peer(adapter="safeagent", requirement="safeagent-exec-guard", store="SQLite"),
    Peer(adapter="safeagent", requirement="safeagent-exec-guard", store="PostgreSQL"),
    Peer(adapter="dbos", requirement="dbos", store="SQLite"),
    Peer(adapter="dbos", requirement="dbos", store="PostgreSQL"),
    Peer(adapter="idemkit", requirement="idemkit[postgres,redis]", store="Redis"),
    Peer(adapter="idempotency_kit", requirement="idempotency-kit[redis]", store="Redis"),
    Peer(adapter="pyidempotent", requirement="pyidempotent", store="Redis"),
    Peer(adapter="powertools", requirement="aws-lambda-powertools[redis,aws-sdk]", store="Redis"),
)
COLUMNS = {
    "reply_lost": "reply lost, retry",
    "cancelled": "cancelled after the effect, retry",
    "killed": "kill -9 after the effect, retry",
    "other_amount": "same key, 999.00 after 10.00",
    "other_operation": "capture, then refund, same key",
    "refused": "provider refused, same key again",
    "store_down": "store down",
    "latency": "first call / replay, p50",
}


def main() -> int:
    """Install, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, required=True, help="where to make the peers' venv")
    parser.add_argument("--only", nargs="*", help="adapters to run")
    parser.add_argument("--redis-server", default=shutil.which("redis-server"))
    options = parser.parse_args()
    peers = [each for each in PEERS if not options.only or each.adapter in options.only]
    python, failed = _installed(options.venv, peers)
    print(_where(python, peers), flush=True)
    print(f"\n| | {' | '.join(COLUMNS.values())} |")
    print(f"|{' --- |' * (len(COLUMNS) + 1)}", flush=True)
    with pg_server.running() as server, _redis(options.redis_server) as redis_port:
        for peer in peers:
            reason = failed.get(peer.requirement)
            if peer.store == "Redis" and redis_port is None:
                reason = "skipped: redis-server is not installed"
            if reason:
                print(f"| {peer.label} | {reason} |{' |' * (len(COLUMNS) - 1)}", flush=True)
                continue
            cells = [_cell(python, peer, name, server, redis_port or 1) for name in COLUMNS]
            print(f"| {peer.label} | {' | '.join(cells)} |", flush=True)
    return 0


def _installed(folder: Path, peers: list[Peer]) -> tuple[Path, dict[str, str]]:
    """The venv's interpreter, and why what could not be installed could not."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    failed = {}
    for requirement in dict.fromkeys((*SHARED, *(each.requirement for each in peers))):
        if not requirement:
            continue
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*command, "--upgrade", requirement], capture_output=True, text=True, check=False
        )
        if done.returncode:
            failed[requirement] = f"not installed: {done.stderr.strip().splitlines()[-1]}"
    return python, failed


def _where(python: Path, peers: list[Peer]) -> str:
    command = [str(python), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    versions = {each["name"].replace("_", "-").lower(): each["version"] for each in listed}
    names = dict.fromkeys(each.requirement.partition("[")[0] for each in peers)
    found = [f"{name} {versions.get(name, 'not installed')}" for name in names if name]
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    return ", ".join([now, f"Python {platform.python_version()}", *found])


def _cell(python: Path, peer: Peer, name: str, server: pg_server.Postgres, redis_port: int) -> str:
    database = f"peer_{time.time_ns()}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {database}")
    if peer.store == "Redis":
        _forget(redis_port)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(
            store=peer.store, variant=peer.variant, folder=folder, database=database,
            postgres_port=server.port, redis_port=redis_port,
        )  # fmt: skip
        if name == "store_down":
            place = replace(place, down=True)
        told = _run(python, peer, name, place)
        if name == "killed" and told is None:
            time.sleep(LEASE_S + 1.5)
            told = _run(python, peer, "retried", place)
    if told is None:
        return "ended without an answer"
    return _worded(name, told["outcome"], told["effects"])


def _run(python: Path, peer: Peer, name: str, place: Place) -> dict[str, object] | None:
    """What the process said; nothing where it was killed."""
    environment = {**os.environ, "PYTHONPATH": f"{SOURCES}{os.pathsep}{HERE}"}
    process = subprocess.Popen(
        [python, HERE / "drive.py", peer.adapter, name, json.dumps(asdict(place))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"outcome": f"hung for {PATIENCE_S} s", "effects": FAILED}
    if process.returncode == -signal.SIGKILL:
        return None
    lines = out.strip().splitlines()
    if process.returncode or not lines:
        last = (err.strip().splitlines() or ["no output"])[-1]
        return {"outcome": f"failed: {last[:120]}", "effects": FAILED}
    told: dict[str, object] = json.loads(lines[-1])
    return told


def _worded(name: str, outcome: object, effects: object) -> str:
    """What the counts mean in this column."""
    returned = outcome == "returned"
    if name == "latency" or effects == FAILED or outcome == "sync only":
        return str(outcome)
    if name == "store_down":
        return f"refuses ({outcome})" if effects == 0 else "**runs unguarded**"
    if name == "refused" and effects == 1:
        return "runs again"
    if name == "refused" and returned:
        return "**0, told as done**"
    if name == "other_amount" and effects == 1:
        return "**replays 10.00**" if returned else f"refused ({outcome})"
    wanted = {"other_operation": 2, "refused": 0}.get(name, 1)
    count = str(effects) if effects == wanted else f"**{effects}**"
    return count if returned else f"{count}, {outcome}"


@contextlib.contextmanager
def _redis(program: str | None) -> Iterator[int | None]:
    """A Redis of our own on loopback, without a file on disk; nothing where there is none."""
    if program is None:
        yield None
        return
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                _forget(port)
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _forget(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"FLUSHALL\r\n")
        connection.recv(64)


if __name__ == "__main__":
    raise SystemExit(main())

"""`paygrade view` as a process, asked over HTTP while other processes write the store."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.store import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kit import WorkspaceFolder

pytestmark = pytest.mark.real  # each starts processes that take seconds

SLOW = '''\
"""Takes a while, until it is told to hurry."""

import time
from pathlib import Path


def answer(request):
    """Say yes, at last."""
    time.sleep(0 if Path("fast").exists() else 0.5)
    return {"action": "refund", "amount_minor": request.input["amount_minor"], "currency": "EUR"}
'''
SAMPLES = 400
DEADLINE_S = 120
HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


class Viewed:
    """A running `paygrade view`."""

    def __init__(self, root: Path, *options: str) -> None:
        """Start it and read where it is."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "paygrade", "view", *options],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.port = int(self.url.rstrip("/").rpartition(":")[2])

    def ask(self, path: str, method: str = "GET") -> tuple[int, str]:
        """The code and the text of an answer."""
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        with contextlib.closing(made):
            made.request(method, path)
            response = made.getresponse()
            return response.status, response.read().decode("utf-8", "replace")

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Stop it: its exit code and what it said beside its address."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, said


@contextlib.contextmanager
def viewing(root: Path, *options: str) -> Iterator[Viewed]:
    """Serve the workspace, and end it."""
    viewed = Viewed(root, *options)
    try:
        yield viewed
    finally:
        if viewed.process.poll() is None:
            viewed.process.terminate()
        viewed.process.communicate()


def _command(*arguments: str) -> list[Any]:
    return [sys.executable, "-m", "paygrade", *arguments]


def _paygrade(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*arguments),
        cwd=root, capture_output=True, text=True, check=False, timeout=DEADLINE_S,
    )  # fmt: skip


def _slow(workspace: WorkspaceFolder) -> None:
    workspace.write("runners/always_refund.py", SLOW)
    workspace.samples(
        [
            {
                "id": f"s{each}",
                "input": {"message": "Where is it?", "amount_minor": each},
                "expected": {"action": "refund" if each % 4 else "refuse"},
                "slices": {"kind": "lost"},
            }
            for each in range(SAMPLES)
        ]
    )


def _digest(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(each): (hashlib.sha256(each.read_bytes()).hexdigest(), each.stat().st_mtime_ns)
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """A shell may have its background jobs ignore signals, and a child ignores what we do."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ignored = [each for each in numbers if signal.getsignal(each) is signal.SIG_IGN]
    for each in ignored:
        signal.signal(each, lambda *_: None)
    yield
    for each in ignored:
        signal.signal(each, signal.SIG_IGN)


def test_it_serves_until_it_is_interrupted(workspace: WorkspaceFolder) -> None:
    """Without a run and without a store, and it makes none."""
    with viewing(workspace.root) as viewed:
        assert viewed.url == f"http://127.0.0.1:{viewed.port}/"
        code, text = viewed.ask("/")
        assert (code, "Nothing was run" in text) == (200, True)
        assert viewed.ask("/../paygrade.yaml")[0] == 404
        assert viewed.ask("/", "POST")[0] == 405
        code, said = viewed.end()
    assert code == 0
    assert said.splitlines()[-1] == "ended; nothing was written"
    assert "this machine alone" in said
    assert not (workspace.root / ".paygrade").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_it_leaves_nothing_behind(
    workspace: WorkspaceFolder, tmp_path: Path, number: signal.Signals
) -> None:
    """When it is told to end, or its terminal is closed, its copy of the store is deleted."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    _paygrade(workspace.root, "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with viewing(workspace.root) as viewed:
            viewed.ask("/")
            assert list(temporary.iterdir())
            assert viewed.end(number)[0] == 0
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_leaves_nothing_behind_when_it_has_hardly_begun(
    workspace: WorkspaceFolder, tmp_path: Path, number: signal.Signals
) -> None:
    """As soon as there is a temporary file, it is cleared away."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        _command("view"),
        cwd=workspace.root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + DEADLINE_S
    while not list(temporary.glob("*/*")) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(number)
    assert process.wait(DEADLINE_S) == 0
    assert not list(temporary.iterdir())


def test_a_port_that_is_taken_is_said(workspace: WorkspaceFolder) -> None:
    """With what to do about it."""
    with viewing(workspace.root) as viewed:
        ended = _paygrade(workspace.root, "view", "--port", str(viewed.port))
    assert ended.returncode == 2
    assert f"port {viewed.port} cannot be used" in ended.stderr


def test_a_run_is_watched_as_it_goes_on_and_is_not_disturbed(workspace: WorkspaceFolder) -> None:
    """Its figures grow from request to request; it ends as if nobody looked."""
    _slow(workspace)
    seen: list[int] = []
    with viewing(workspace.root) as viewed:
        viewed.ask("/")
        run = subprocess.Popen(_command("run", "-j", "1", "-q"), cwd=workspace.root)
        versions: set[str] = set()
        middle: set[int] = set()
        deadline = time.monotonic() + DEADLINE_S
        while run.poll() is None and time.monotonic() < deadline:
            versions.add(json.loads(viewed.ask("/state")[1])["index.html"])
            found = re.search(r'data-c="scored"[^>]*data-v="(\d+)"', _going(viewed.ask("/")[1]))
            seen += [int(found[1])] if found else []
            middle = {each for each in seen if 0 < each < SAMPLES}
            if len(middle) >= 2 and len(versions) > 2:
                break
            time.sleep(0.1)
        workspace.write("fast", "")
        assert run.wait(DEADLINE_S) == 0
        assert len(versions) > 2
        assert len(middle) >= 2
        assert seen == sorted(seen)
        _until(lambda: "Under way" not in viewed.ask("/")[1])
        assert "25.0 %" in viewed.ask("/")[1]
        assert viewed.end()[0] == 0


def _version(viewed: Viewed) -> str:
    return str(json.loads(viewed.ask("/state")[1])["version"])


def _going(page: str) -> str:
    """The part of the first page that tells of runs under way."""
    found = re.search(r'<section class="under-way".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def _until(true: Any) -> None:  # noqa: ANN401 - whatever is asked again
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_writer_is_not_waited_for(workspace: WorkspaceFolder) -> None:
    """The first page comes at once, with what the journals hold."""
    _paygrade(workspace.root, "run")
    file = workspace.root / ".paygrade" / database.DATABASE_FILE
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "held\n"
        with viewing(workspace.root) as viewed:
            begun = time.monotonic()
            assert "33.3 %" in viewed.ask("/")[1]
            took = time.monotonic() - begun
        holder.stdin.close()
        assert holder.wait(timeout=DEADLINE_S) == 0
    assert took < database.LOCK_WAIT_S


def test_other_commands_work_meanwhile_and_nothing_is_touched(workspace: WorkspaceFolder) -> None:
    """The store is theirs: no file in it is other than they left it."""
    _paygrade(workspace.root, "run")
    store = workspace.root / ".paygrade"
    before = _digest(store)
    with viewing(workspace.root) as viewed:
        for path in ("/", "/suite-refunds.html", "/gate.html", "/about.html", "/state"):
            assert viewed.ask(path)[0] == 200
        assert _digest(store) == before
        version = _version(viewed)
        asked = _paygrade(workspace.root, "sql", "--json", "SELECT count(*) AS n FROM attempts")
        assert json.loads(asked.stdout) == [{"n": 3}]
        assert _paygrade(workspace.root, "run").returncode == 0
        _until(lambda: _version(viewed) != version)
        assert viewed.ask("/suite-refunds.html")[0] == 200
        assert viewed.end()[0] == 0


def test_a_store_that_is_deleted_is_an_empty_one(workspace: WorkspaceFolder) -> None:
    """And it is not made again."""
    _paygrade(workspace.root, "run")
    with viewing(workspace.root) as viewed:
        assert "33.3 %" in viewed.ask("/")[1]
        shutil.rmtree(workspace.root / ".paygrade")
        _until(lambda: "Nothing was run" in viewed.ask("/")[1])
        assert viewed.end()[0] == 0
    assert not os.path.lexists(workspace.root / ".paygrade")

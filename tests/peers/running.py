"""Starts the peers in processes of their own, talks to their control side, and ends them by pid."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
AIMOCK = HERE / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"


class Peer:
    """A server on loopback with a control side that speaks JSON."""

    def __init__(self, port: int) -> None:
        """Take the port that the server said it listens on."""
        self.port = port

    @property
    def url(self) -> str:
        """Where the server is, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send one request and return its JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            content = b"" if body is None else json.dumps(body).encode()
            connection.request(method, path, content, {"content-type": "application/json"})
            response = connection.getresponse()
            text = response.read()
            assert response.status < http.client.BAD_REQUEST, text
            return json.loads(text)
        finally:
            connection.close()


class Strict(Peer):
    """`strict_server.py`; its docstring documents what these send."""

    def reset(self) -> None:
        """Forget calls, faults and answers."""
        self.control("POST", "/_reset")

    def faults(self, *faults: dict[str, Any]) -> None:
        """Script what goes wrong with the next calls."""
        self.control("POST", "/_faults", list(faults))

    def answers(self, **default: object) -> None:
        """Script what every call is answered with."""
        self.control("POST", "/_answers", {"default": default})

    def conversation(self, *turns: dict[str, Any]) -> None:
        """Script what each turn of every conversation is answered with; the last one stays."""
        self.control("POST", "/_answers", {"turns": turns})

    def models(self, models: dict[str, dict[str, Any]]) -> None:
        """Set what the server says of each model."""
        self.control("POST", "/_models", models)

    def prices(self, prices: dict[str, dict[str, float]]) -> None:
        """Set what tokens cost, in US dollars per million."""
        self.control("POST", "/_prices", prices)

    def counts(self) -> dict[str, Any]:
        """How many calls, tokens and dollars so far."""
        counts: dict[str, Any] = self.control("GET", "/_counts")
        return counts

    def calls(self) -> list[dict[str, Any]]:
        """What came in so far."""
        calls: list[dict[str, Any]] = self.control("GET", "/_calls")
        return calls


class Aimock(Peer):
    """The third-party peer; see its own documentation of fixtures and chaos."""

    def script(self, response: dict[str, Any], **chaos: float) -> None:
        """Answer every call with `response`, or break it as `chaos` says."""
        self.sequence(response)
        self.control("POST", "/__aimock/chaos", chaos)

    def sequence(self, *responses: dict[str, Any]) -> None:
        """Answer the first call with the first response, and so on; the last one stays."""
        last = len(responses) - 1
        fixtures = [
            {"match": {} if index == last else {"sequenceIndex": index}, **response}
            for index, response in enumerate(responses)
        ]
        self.control("POST", "/__aimock/reset")
        self.control("POST", "/__aimock/fixtures", {"fixtures": fixtures})

    def journal(self) -> list[dict[str, Any]]:
        """What came in since the last `script`."""
        entries: list[dict[str, Any]] = self.control("GET", "/__aimock/journal")
        return entries


@contextlib.contextmanager
def strict(*arguments: str) -> Iterator[Strict]:
    """Run `strict_server.py` while the block runs."""
    command = [sys.executable, "-m", "peers.strict_server", "--until-stdin-closes", *arguments]
    with _process(command) as process:
        assert process.stdout is not None
        yield Strict(json.loads(process.stdout.readline())["port"])


def why_no_aimock() -> str:
    """Why the third-party peer cannot run here; empty when it can."""
    if shutil.which("node") is None:
        return "Node is not installed"
    return "" if AIMOCK.exists() else "run `npm install` in tests/peers"


@contextlib.contextmanager
def aimock(folder: Path) -> Iterator[Aimock]:
    """Run the third-party peer while the block runs; `folder` takes its first fixture."""
    first = folder / "fixtures.json"
    first.write_text('{"fixtures": [{"match": {}, "response": {"content": "ok"}}]}', "utf-8")
    with _process(["node", str(AIMOCK), "-p", "0", "-f", str(first), "--strict"]) as process:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"listening on http://[^:]+:(\d+)", line)
            if found:
                yield Aimock(int(found[1]))
                return
        raise AssertionError("the peer did not start")


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with subprocess.Popen(
        command,
        cwd=HERE.parent,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()

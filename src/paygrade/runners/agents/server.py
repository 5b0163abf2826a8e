"""Hosts worlds over HTTP on loopback: `python -m paygrade.runners.agents.server TOOLS`.

TOOLS is `FILE.py:FUNCTION`, or the URL of a user's own server. The first line on standard output
is the port. It ends when its standard input does, and so with whoever started it. `remote.py` says
what it is asked; besides, every answer has `now`, and a call's has `fault`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from paygrade.errors import RunnerError, UsageError
from paygrade.records.agent import Toolbox
from paygrade.records.agent_json import fault_from_json, plain, trajectory_to_json
from paygrade.runners.agents.arguments import copied
from paygrade.runners.agents.opening import open_world
from paygrade.runners.agents.remote import USAGE, error_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paygrade.records.json_value import Json
    from paygrade.runners.agents.hosting import Host

LOOPBACK: Final = "127.0.0.1"

Answer = tuple[int, dict[str, Any]]


class Loopback(ThreadingHTTPServer):
    """A server for this machine alone, on a port that is free: one JSON object in, one out."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[str, dict[str, Any]], Answer]) -> None:
        """Answer each POST by its path and its body: a status, and an object."""
        self.answer = answer
        super().__init__((LOOPBACK, 0), _Handler)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: Loopback
    timeout = 60

    def do_POST(self) -> None:
        """Read the object, have it answered, write the answer."""
        try:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length))
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict):
            status, answer = self.server.answer(self.path, body)
        else:
            status, answer = 400, {"error": {"code": "invalid_request", "message": "no JSON"}}
        data = json.dumps(answer).encode()
        with contextlib.suppress(ConnectionError):  # whoever asked has gone meanwhile
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: the deliveries tell."""


class Worlds:
    """All worlds of one toolbox that are open."""

    def __init__(self, toolbox: Toolbox) -> None:
        """None is open."""
        self._toolbox = toolbox
        self._hosts: dict[str, Host] = {}
        self._ids = itertools.count(1)

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        """Answer one request."""
        try:
            return 200, self._done(path, body)
        except UsageError as error:
            return 500, {"problem": str(error), "kind": USAGE}
        except RunnerError as error:
            return 500, {"problem": error.problem, "kind": error.kind}
        except (LookupError, ValueError, TypeError) as error:
            return 400, {"error": {"code": "invalid_request", "message": repr(error)}}

    def _done(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/worlds":
            return self._open(body)
        _, _, id_, act = path.split("/")
        host = self._hosts[id_]
        answer: dict[str, Any] = {}
        if act == "call":
            called = host.call(body["tool"], body["arguments"])
            answer = {"result": called.result} if called.error is None else {}
            answer |= {"error": error_json(called.error)} if called.error is not None else {}
            answer["fault"] = called.fault
        elif act == "hear":
            answer = {"customer": host.hear(body["text"])}
        elif act == "restart":
            host.restart()
        elif act == "end":
            answer = copied(trajectory_to_json(host.end()))
            del self._hosts[id_]
        else:
            raise LookupError(path)
        return {**answer, "now": host.now()}

    def _open(self, body: Mapping[str, Json]) -> dict[str, Any]:
        faults = [fault_from_json(each) for each in body["faults"]]  # type: ignore[union-attr]
        host = open_world(self._toolbox, body["world"], faults)
        id_ = str(next(self._ids))
        self._hosts[id_] = host
        return {"id": id_, "tools": [plain(tool) for tool in host.tools], "now": host.now()}


def main(tools: str) -> None:
    """Serve until standard input ends."""
    is_url = tools.startswith(("http://", "https://"))
    toolbox = Toolbox(url=tools) if is_url else Toolbox(script=tools)
    port_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a user's tool prints is no port
    server = Loopback(Worlds(toolbox).answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port_to.write(f"{server.server_port}\n")
    port_to.flush()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main(sys.argv[1])

"""A server on loopback that plays the part of GitHub's API that the comment needs, and GitLab's."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = {"login": "github-actions[bot]", "type": "Bot"}
MARKER = "<!-- paygrade:gate -->"


@dataclass
class Call:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str
    body: Any


@dataclass
class Hub:
    """What the server knows, and what it was asked."""

    artifacts: list[dict[str, Any]] = field(default_factory=list)
    archive: bytes = b""
    redirect: str = ""
    """Where the archive is instead, as GitHub keeps it elsewhere."""
    pulls: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    refusing: frozenset[str] = frozenset()
    """Methods that end with 403."""
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    @property
    def written(self) -> list[Call]:
        """The requests that change something."""
        return [call for call in self.calls if call.method != "GET"]

    def answer(self, call: Call) -> tuple[int, Any]:
        """The status and the JSON, bytes or place of the answer."""
        if call.method in self.refusing:
            return 403, {"message": "Resource not accessible by integration"}
        match [call.method, *call.path.strip("/").split("/")[3:]]:
            case ["GET", "actions", "runs", _, "artifacts"]:
                answer: tuple[int, Any] = 200, {"artifacts": self.artifacts}
            case ["GET", "actions", "artifacts", _, "zip"]:
                answer = (302, self.redirect) if self.redirect else (200, self.archive)
            case ["GET", "pulls", number] if number in self.pulls:
                answer = 200, self.pulls[number]
            case ["GET", "issues", _, "comments"]:
                first = (int(call.query["page"]) - 1) * 100
                answer = 200, self.comments[first : first + 100]
            case ["PATCH", "issues", "comments", _] | ["POST", "issues", _, "comments"]:
                answer = 201, {}
            case _:
                answer = 404, {"message": "Not Found"}
        return answer


@dataclass
class Lab(Hub):
    """The same for GitLab: a user, and the notes of a merge request."""

    def answer(self, call: Call) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        match call.path.strip("/").split("/")[2:]:
            case ["user"]:
                return 200, {"id": 7}
            case ["projects", "3", "merge_requests", "12", "notes"]:
                return (200, self.comments) if call.method == "GET" else (201, {})
            case ["projects", "3", "merge_requests", "12", "notes", _] if call.method == "PUT":
                return 200, {}
            case _:
                return 404, {}


def archive(files: dict[str, str | bytes]) -> bytes:
    """A ZIP file that holds these."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return held.getvalue()


@contextlib.contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Answer requests until the block ends; `hub.url` is where."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            content = self.rfile.read(length)
            where = urlsplit(self.path)
            call = Call(
                method=self.command,
                path=where.path,
                query={key: values[0] for key, values in parse_qs(where.query).items()},
                authorization=str(
                    self.headers.get("authorization") or self.headers.get("private-token") or ""
                ),
                body=json.loads(content) if content else None,
            )
            hub.calls.append(call)
            status, found = hub.answer(call)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            if isinstance(found, str):
                self.send_header("location", found)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            # The caller may hang up when it has had enough, which is what some tests are about.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - names of the library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        hub.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

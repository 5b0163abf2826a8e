"""Pages over HTTP on loopback: they can be read, and nothing else can be done."""

from __future__ import annotations

import json
import socketserver
import sys
import traceback
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from paygrade.cli.output import barrier
from paygrade.records.served import Served

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

LOOPBACK = "127.0.0.1"
_IDLE_S = 30
_HTTP_PORT = 80

_ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SHUT = "default-src 'none'; frame-ancestors 'none'"


class Shown(Protocol):
    """What is served. Requests come from several threads at once."""

    def state(self) -> Mapping[str, str]:
        """The version of pages that stand out by their names, and under `version` of all others."""
        ...

    def page(self, name: str) -> Served | None:
        """The page or file `name`, `None` where there is none."""
        ...


class Server(socketserver.ThreadingTCPServer):
    """Serves `shown` on 127.0.0.1 alone; on `port`, or on any free one with 0.

    Raises:
        OSError: the port is taken, or may not be used.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, shown: Shown, port: int) -> None:
        """Listen. Nothing is answered before `serve_forever`."""
        self.shown = shown
        super().__init__((LOOPBACK, port), _Handler)
        self.port: int = self.server_address[1]
        names = (LOOPBACK, "localhost")
        self.hosts = frozenset(f"{name}:{self.port}" for name in names)
        if self.port == _HTTP_PORT:
            self.hosts |= frozenset(names)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say what went wrong, unless a reader went away: that is no error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as it came

    @property
    def url(self) -> str:
        """Where the first page is."""
        return f"http://{LOOPBACK}:{self.port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _IDLE_S

    def do_GET(self) -> None:
        self._answer(*self._found())

    def do_HEAD(self) -> None:
        self._answer(*self._found())

    def _found(self) -> tuple[int, Served]:
        if self.headers.get_all("Host", []) not in [[each] for each in self.server.hosts]:
            # a page of another site whose name was made to point here
            return 403, _sentence(f"ask for {self.server.url}")
        name = unquote(self.path.partition("?")[0])
        try:
            if name == "/state":
                state = json.dumps(dict(self.server.shown.state()))
                return 200, Served(content=state.encode(), media_type="application/json")
            page = self.server.shown.page(name.removeprefix("/") or "index.html")
        except Exception:  # noqa: BLE001 - the last door of a request: the server goes on
            sys.stderr.write(barrier().mask(traceback.format_exc()).text)
            return 500, _sentence("this page cannot be shown: the terminal says why")
        return (404, _sentence("there is no such page")) if page is None else (200, page)

    def send_error(
        self,
        code: int | HTTPStatus,
        message: str | None = None,
        explain: str | None = None,  # noqa: ARG002 - part of the standard library's signature
    ) -> None:
        """Refuse a request in one plain line; a method that is not known is one not allowed."""
        if code == 501:  # noqa: PLR2004 - what the standard library says of a method without do_
            self._answer(405, _sentence("pages are only read here"), {"Allow": "GET, HEAD"})
        else:
            self._answer(int(code), _sentence(message or "this is no request"))

    def _answer(self, code: int, served: Served, more: Mapping[str, str] | None = None) -> None:
        self.send_response_only(code)
        headers = {
            "Date": self.date_time_string(),
            "Content-Type": served.media_type,
            "Content-Length": str(len(served.content)),
            "Content-Security-Policy": served.policy or _SHUT,
            **_ALWAYS,
            **(more or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(served.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
        """Keep the terminal for what a person should read."""


def _sentence(text: str) -> Served:
    return Served(content=f"{text}\n".encode(), media_type="text/plain; charset=utf-8")

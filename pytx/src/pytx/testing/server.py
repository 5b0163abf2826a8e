"""The provider over HTTP, on loopback: its faults are those of a network."""

import contextlib
import json
import math
import socketserver
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from pytx.testing import wire
from pytx.testing.errors import Declined, ProviderError, ProviderTimeout
from pytx.testing.provider import Provider

LOOPBACK: Final = "127.0.0.1"
_MOST_BYTES: Final = 65536
_PAYMENT: Final = {"amount_minor": int, "currency": str}


class Server(ThreadingHTTPServer):
    """Answers for one provider.

    - `POST /payments` {"amount_minor", "currency"} with the header Idempotency-Key pays.
    - `GET /payments?key=...` looks up.
    - `GET /effects` and `GET /effects?key=...` show what moved; no fault touches them.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, provider: Provider, port: int = 0) -> None:
        """Listen on loopback; port 0 takes one that is free.

        Raises:
            OSError: the port is taken.
        """
        self.provider = provider
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]


class _BadRequestError(Exception):
    """What was sent makes no sense: says why."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 60

    def do_POST(self) -> None:
        """Pay."""
        self._answer_with(self._pay)

    def do_GET(self) -> None:
        """Look up, or show what moved."""
        self._answer_with(self._show)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: the ledger tells."""

    def _pay(self) -> tuple[int, dict[str, object]]:
        if urlsplit(self.path).path != "/payments":
            return 404, {"code": "no_such_page"}
        key = self.headers.get("Idempotency-Key")
        if key is None:
            raise _BadRequestError("the header Idempotency-Key is missing")
        body = self._body()
        if {name: type(value) for name, value in body.items()} != _PAYMENT:
            raise _BadRequestError("a payment has amount_minor (int) and currency (text) alone")
        try:
            return 200, self.server.provider.pay(key, body["amount_minor"], body["currency"])
        except ValueError as error:
            raise _BadRequestError(str(error)) from error

    def _show(self) -> tuple[int, dict[str, object]]:
        asked = urlsplit(self.path)
        key = parse_qs(asked.query).get("key", [""])[0]
        provider = self.server.provider
        if asked.path == "/payments" and key:
            return wire.written(provider.look_up(key))
        if asked.path == "/effects":
            found = [asdict(each) for each in provider.effects() if key in ("", each.key)]
            return 200, {"effects": found}
        return 404, {"code": "no_such_page"}

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            raise _BadRequestError(f"Content-Length is needed, up to {_MOST_BYTES}")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise _BadRequestError("the body is not JSON") from error
        if not isinstance(body, dict):
            raise _BadRequestError("the body is not an object")
        return body

    def _answer_with(self, act: Any) -> None:  # noqa: ANN401 - one of the two above
        headers = {}
        try:
            status, body = act()
        except ProviderTimeout:
            return  # the connection closes without a byte, whether it was done or not
        except Declined as error:
            status, body = 402, {"code": error.code, "message": error.message}
        except ProviderError as error:
            status, body = error.status, {"code": error.code, "retry_after": error.retry_after}
            if error.retry_after is not None:
                headers["Retry-After"] = f"{math.ceil(error.retry_after)}"
        except _BadRequestError as error:
            status, body = (
                HTTPStatus.BAD_REQUEST,
                {"code": "invalid_request", "message": str(error)},
            )
        data = json.dumps(body).encode()
        with contextlib.suppress(ConnectionError):  # whoever asked has gone meanwhile
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

"""`provider: http`: an agent of the user's own behind an address, `url`, in whatever language.

It is sent `{"sample_id", "epoch", "messages", "tools", "tools_url"}` by POST, acts, and answers
`{"text": its last words}`. While it acts, it may POST to two addresses:

- `{tools_url}/call` with `{"tool", "arguments", "id"?}`; the answer is `{"result"}`, or
  `{"error": {"code", "message", "retryable"}}`.
- `{tools_url}/say` with `{"text"}`; the answer is `{"customer": text}`, null where the talk has
  ended.

Both answer 409 when the attempt has met a limit: the connection on which the agent was asked is
closed then. `tools_url` is another one for each attempt, on loopback. How the endpoint itself may
fail is the table of `runners.vendor`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from paygrade.records.agent_json import plain
from paygrade.records.answer import AskedCall
from paygrade.runners import vendor
from paygrade.runners.agents.server import Loopback
from paygrade.runners.agents.session import Halt, LastWords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paygrade.records.answer import Answer, Request
    from paygrade.runners.agents.session import Session

_OK = 200
_WHOM = "the agent's endpoint"


class EndpointBody:
    """Asks the endpoint once, and serves the tools meanwhile."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        """Ask at `url`; `timeout_s` bounds each silence."""
        self._url = url
        self._timeout_s = timeout_s

    def __call__(
        self,
        request: Request,
        session: Session,
        ask: Callable[[Request], Answer],  # noqa: ARG002 - it asks no model of ours
    ) -> LastWords:
        """See `Body`."""
        parts = urlsplit(self._url)
        is_safe = parts.scheme == "https"
        made = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
        connection = made(parts.hostname or "", parts.port, timeout=self._timeout_s)
        try:
            with _served(session, connection) as tools_url:
                return self._asked(connection, _question(request, tools_url))
        finally:
            connection.close()

    def _asked(self, connection: http.client.HTTPConnection, question: dict[str, Any]) -> LastWords:
        parts = urlsplit(self._url)
        page = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json"}
        try:
            connection.request("POST", page, json.dumps(question), headers)
            reply = connection.getresponse()
            content = reply.read()
        except TimeoutError as late:
            problem = f"{_WHOM} said nothing for {self._timeout_s:g} s"
            raise vendor.error("timeout", problem) from late
        except (OSError, http.client.HTTPException) as lost:
            raise vendor.connection_error(_WHOM, lost) from lost
        if reply.status != _OK:
            told = {name.lower(): value for name, value in reply.getheaders()}
            body: object = None
            with contextlib.suppress(vendor.Malformed):
                body = vendor.json_of(content)
            raise vendor.status_error(_WHOM, reply.status, told, body, key="")
        try:
            return LastWords(text=vendor.at(vendor.json_of(content), "text", want=str))
        except vendor.Malformed as odd:
            raise vendor.error("malformed_response", f"the answer of {_WHOM} {odd}") from odd


def _question(request: Request, tools_url: str) -> dict[str, Any]:
    return {
        "sample_id": request.sample_id,
        "epoch": request.epoch,
        "messages": plain(request.messages),
        "tools": [
            {"name": each.name, "description": each.description, "parameters": each.parameters}
            for each in request.tools
        ],
        "tools_url": tools_url,
    }


@contextlib.contextmanager
def _served(session: Session, connection: http.client.HTTPConnection) -> Iterator[str]:
    """Serve the session's tools; hang up on the agent where the attempt ends under it."""
    secret = secrets.token_urlsafe(12)  # other processes on this machine do not call by accident

    def answer(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            if path == f"/{secret}/call":
                return _OK, _called(session, body)
            if path == f"/{secret}/say":
                return _OK, {"customer": session.say(str(body["text"]))}
        except KeyError as missing:
            return 400, _error("invalid_request", f"{missing} is missing")
        except Halt:
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            return 409, _error("ended", "the attempt has ended")
        return 404, _error("not_found", "there are /call and /say")

    with Loopback(answer) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        serving.start()
        try:
            yield f"{server.url}/{secret}"
        finally:
            server.shutdown()


def _called(session: Session, body: dict[str, Any]) -> dict[str, Any]:
    tool, sent = str(body["tool"]), body["arguments"]
    if "id" in body:
        text = sent if isinstance(sent, str) else json.dumps(sent)
        call = session.call_all(AskedCall(id=str(body["id"]), tool=tool, arguments=text))[0]
    else:
        call = session.call_all((tool, sent))[0]
    if call.status == "ok" or call.guard:
        return {"result": call.result}
    return {"error": call.result}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "retryable": False}}

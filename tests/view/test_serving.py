"""The server of `paygrade view`: loopback alone, reading alone, known names alone."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from paygrade.cli.serving import Server
from paygrade.records.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY = "default-src 'none'; style-src 'sha256-abc'"


class Shelf:
    """Two things to show, and one that breaks."""

    def state(self) -> dict[str, str]:
        """Never another one."""
        return {"version": "7"}

    def page(self, name: str) -> Served | None:
        """The index and a file."""
        if name == "broken.html":
            raise RuntimeError("4111 1111 1111 1111 is no page")
        return {
            "index.html": Served(content=b"<p>hi", media_type="text/html", policy=POLICY),
            "data/index.runs.csv": Served(content=b"a,b\n", media_type="text/csv"),
        }.get(name)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port."""
    with Server(Shelf(), 0) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def _ask(
    server: Server, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        headers = {} if host is None else {"Host": host}
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()


def test_a_known_name_is_answered(server: Server) -> None:
    """The first page by its name and without, a file with its folder."""
    assert _ask(server, "/")[2] == _ask(server, "/index.html")[2] == b"<p>hi"
    assert _ask(server, "/data/index.runs.csv")[2] == b"a,b\n"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "/../index.html", "/index.html/", "/%2e%2e/index.html",
        "/data/", "/data/../index.html", "/.paygrade/runs", "/index.html%00",
    ],
)  # fmt: skip
def test_every_other_name_is_not_found(server: Server, path: str) -> None:
    """A path is a name in a list and never one of a file."""
    assert _ask(server, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_nothing_can_be_written(server: Server, method: str) -> None:
    """Every method but GET and HEAD is refused, and the answer names the two."""
    code, headers, _ = _ask(server, "/", method)
    assert (code, headers["Allow"]) == (405, "GET, HEAD")


def test_head_is_get_without_the_page(server: Server) -> None:
    """With the length that the page has."""
    code, headers, content = _ask(server, "/", "HEAD")
    assert (code, headers["Content-Length"], content) == (200, "5", b"")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "", "[::1]:1"]
)
def test_a_name_that_was_made_to_point_here_is_refused(server: Server, host: str) -> None:
    """A site that rebinds its own name to loopback sends that name."""
    assert _ask(server, "/", host=host.format(port=server.port))[0] == 403
    assert _ask(server, "/state", host=host.format(port=server.port))[0] == 403


def test_a_request_without_a_host_is_refused(server: Server) -> None:
    """Such as one of HTTP/1.0 or 0.9, and one with two of them."""
    two = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nHost: evil.example\r\n\r\n"
    for request in (b"GET / HTTP/1.0\r\n\r\n", two.encode()):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as made:
            made.sendall(request)
            assert made.recv(1000).split()[1] == b"403"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_both_names_of_this_machine_are_taken(server: Server, name: str) -> None:
    """With the port."""
    assert _ask(server, "/", host=f"{name}:{server.port}")[0] == 200


def test_the_state_is_a_version(server: Server) -> None:
    """What a page asks for to see whether it is old."""
    code, headers, content = _ask(server, "/state")
    assert (code, content) == (200, b'{"version": "7"}')
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/", "/state", "/nowhere"])
def test_every_answer_is_shut_off(server: Server, path: str) -> None:
    """Not stored, not sniffed, not framed, not read by other sites, and no word of the software."""
    headers = _ask(server, path)[1]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Server" not in headers


def test_a_page_brings_its_own_policy(server: Server) -> None:
    """That of its meta element, as a header too."""
    assert _ask(server, "/")[1]["Content-Security-Policy"] == POLICY


def test_a_page_that_breaks_ends_nothing(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader gets one line, the terminal the reason without what leaks, the next is served."""
    code, _, content = _ask(server, "/broken.html")
    assert (code, b"Error" in content) == (500, False)
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "4111 1111" not in said
    assert _ask(server, "/")[0] == 200


def test_no_other_address_of_this_machine_is_bound(server: Server) -> None:
    """Neither another of loopback nor one of the network."""
    names = {"127.0.0.2", "::1", *_own_addresses()}
    for address in names - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|unreachable|assign|not supported"):
            socket.create_connection((address, server.port), timeout=2).close()


def _own_addresses() -> set[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it asks for the way there
        except OSError:
            return set()
        return {str(probe.getsockname()[0])}


def test_a_port_that_is_taken_is_an_error(server: Server) -> None:
    """Two servers never share one."""
    with pytest.raises(OSError, match="in use"):
        Server(Shelf(), server.port)

"""Servers that a test runs for a while."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from paygrade.runners.agents.server import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import HTTPServer


@contextlib.contextmanager
def running(server: HTTPServer) -> Iterator[str]:
    """Its URL, while it runs."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def answering(answer: Callable[[str, dict[str, Any]], tuple[int, Any]]) -> Loopback:
    """A server that answers each POST as the function says."""
    return Loopback(answer)

"""A network that fails at the worst moment: the server did it, and its answer is lost."""

import contextlib
import socket
import threading


class Proxy:
    """Stands between client and server, and can swallow an answer and hang up on both.

    Once `lose` is called with a piece of a statement, the answer to the next message that holds it
    is read from the server, so it was carried out, and never reaches the client.
    """

    def __init__(self, port: int) -> None:
        """Forward to `port` on loopback."""
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._piece: bytes | None = None
        self.lost = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def lose(self, piece: bytes) -> None:
        """Lose the answer to the next message that holds `piece`."""
        self._piece = piece

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                armed = threading.Event()
                for source, target, upwards in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._forward,
                        args=(source, target, armed),
                        kwargs={"upwards": upwards},
                        daemon=True,
                    ).start()

    def _forward(
        self, source: socket.socket, target: socket.socket, armed: threading.Event, *, upwards: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if upwards and self._piece and self._piece in data:
                    self._piece = None
                    armed.set()
                if not upwards and armed.is_set():
                    self.lost += 1
                    break
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

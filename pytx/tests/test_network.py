"""A network that fails at the worst moment: the server did it, and its answer is lost."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

import pytx
from pytx.testing import Provider

CLAIM = b"insert into pytx_op"
FINISH = b"update pytx_op set state"


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str
    port: int


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


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    """A proxy in front of a server with empty tables."""
    with closing(pytx.PgStore(postgres.conninfo)) as store:
        store.create_schema()
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("truncate pytx_op, pytx_cap")
    made = Proxy(postgres.port)
    yield made
    made.close()


@pytest.fixture
def store(postgres: Postgres, proxy: Proxy) -> Iterator[pytx.PgStore]:
    """A store that reaches its server through the proxy."""
    behind = postgres.conninfo.replace(f"port={postgres.port}", f"port={proxy.port}")
    with closing(pytx.PgStore(behind)) as made:
        yield made


@pytest.mark.parametrize(
    ("piece", "cap"),
    [(CLAIM, None), (FINISH, None), (CLAIM, "p1"), (FINISH, "p1"), (b"COMMIT", "p1")],
    ids=["claim", "finish", "claim with a cap", "finish with a cap", "commit with a cap"],
)
def test_a_commit_whose_answer_is_lost_is_no_second_payment(
    store: pytx.PgStore, proxy: Proxy, tmp_path: Path, piece: bytes, cap: str | None
) -> None:
    """Ten times: one effect, its own result, nothing unknown, no false alarm of a duplicate."""
    provider = Provider(tmp_path / "ledger.jsonl")
    events: list[str] = []
    guard = pytx.Guard(store, scope="acme/test", on_event=lambda name, _: events.append(name))
    guard.set_cap("p1", "EUR", 100_000)
    money = pytx.Money(amount_minor=1000, currency="EUR")

    def pay(key: str) -> object:
        with guard.once(
            "refund.create", key=(key,), money=money, recover=pytx.manual(), cap=cap
        ) as op:
            if not op.replayed:
                op.result = provider.pay(op.provider_key, 1000, "EUR")
        return op.result

    for number in range(10):
        proxy.lose(piece)
        first = pay(str(number))
        assert pay(str(number)) == first
    assert proxy.lost == 10
    assert len({each.key for each in provider.effects()}) == len(list(provider.effects())) == 10
    assert guard.open() == []
    assert "late_result" not in events
    if cap:
        used = guard.cap(cap, "EUR")
        assert used is not None
        assert (used.held, used.spent) == (0, 10_000)


@pytest.mark.parametrize("when", ["before the effect", "after the effect"])
def test_a_connection_that_is_cut_around_the_effect_is_opened_again(
    postgres: Postgres, store: pytx.PgStore, tmp_path: Path, when: str
) -> None:
    """The server ends it; the record is written over another one."""
    provider = Provider(tmp_path / "ledger.jsonl")
    guard = pytx.Guard(store, scope="acme/test")

    def cut() -> None:
        with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and backend_type = 'client backend'"
            )

    for number in range(5):
        with guard.once("refund.create", key=(str(number),), recover=pytx.manual()) as op:
            if when == "before the effect":
                cut()
            op.result = provider.pay(op.provider_key, 1000, "EUR")
            if when == "after the effect":
                cut()
        with guard.once("refund.create", key=(str(number),), recover=pytx.manual()) as again:
            assert again.replayed
    assert len(list(provider.effects())) == 5
    assert guard.open() == []

"""The provider in a process of its own: real sockets, real kills, and the guard through it."""

import contextlib
import dataclasses
import http.client
import itertools
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import pytx
from pytx.recover import Recover
from pytx.testing import (
    Clock,
    Declined,
    Fault,
    HttpProvider,
    Profile,
    Provider,
    ProviderError,
    ProviderServer,
    ProviderTimeout,
    ProviderUnreachable,
)
from pytx.testing.__main__ import main

EUR = pytx.Money(amount_minor=1000, currency="EUR")
FAULTS = (
    Fault(kind="request_lost", nth=1),
    Fault(kind="reply_lost", nth=1),
    Fault(kind="error_500_before", nth=1),
    Fault(kind="error_500_after", nth=1),
    Fault(kind="fail_n_then_ok", nth=1, times=3),
    Fault(kind="rate_limited", nth=1, retry_after=1),
    Fault(kind="in_use", nth=1),
    Fault(kind="declined", nth=1),
    Fault(kind="slow", nth=1, seconds=0.4),
    Fault(kind="key_expired", nth=1),
)
LOOKED_UP: tuple[Profile, ...] = (
    "none", "replay_success_24h", "replay_all_24h", "replay_30min_body_ignored"
)  # fmt: skip
SENT_AGAIN: tuple[Profile, ...] = ("replay_all_24h", "replay_30min_body_ignored")
WAYS = [
    *itertools.product(["by_lookup"], LOOKED_UP),
    *itertools.product(["by_key"], SENT_AGAIN),
]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Where a ledger will be."""
    return tmp_path / "ledger.jsonl"


def pay(
    guard: pytx.Guard, provider: HttpProvider, recover: Recover, key: str, timeout: float = 10
) -> dict[str, object]:
    """Pay once, as a user would."""
    with guard.once(
        "refund.create", key=(key,), money=EUR, recover=recover,
        rejected=(Declined,), not_sent=(ProviderUnreachable,),
    ) as op:  # fmt: skip
        if not op.replayed:
            op.result = provider.pay(
                op.provider_key, 1000, "EUR", timeout=min(timeout, op.timeout(10))
            )
    result: dict[str, object] = op.result
    return result


def provider_key(guard: pytx.Guard, key: str) -> str:
    """The key that the provider will see: nothing is sent."""
    with (
        contextlib.suppress(pytx.NotSent),
        guard.once("refund.create", key=(key,), money=EUR, recover=pytx.manual()) as op,
    ):
        raise pytx.NotSent
    return op.provider_key


def looking_up(provider: HttpProvider) -> Recover:
    """At once, and an absence counts."""
    return pytx.by_lookup(
        lambda sent: provider.look_up(sent.provider_key),
        first_after=0, tries=50, within=10**9, settle_after=0, absent_is_final=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A guard that recovers in one way from a provider of one profile; each fault has a key."""

    kind: str
    profile: Profile
    guard: pytx.Guard
    clock: Clock
    provider: HttpProvider
    keys: dict[str, str]

    def until_known(self, key: str, tries: int = 8) -> object:
        """Call again and again, as a caller would; the result, or the last error."""
        recover = looking_up(self.provider)
        if self.kind == "by_key":
            recover = pytx.by_key(window=86400 if self.profile == "replay_all_24h" else 1800)
        timeout, last = 0.1 if key == "slow" else 10, None
        for _ in range(tries):
            try:
                return pay(self.guard, self.provider, recover, key, timeout)
            except pytx.OperationFailed as error:
                return error
            except (pytx.OutcomeUnknown, ProviderError, ProviderTimeout, Declined) as error:
                last = error
            if key == "slow":
                until(lambda: self.provider.find(self.keys[key]))  # it is on its way
            timeout = 10
            if self.kind == "by_lookup":
                self.clock.advance(1000)  # each look-up waits twice as long as the one before
        return last


@contextlib.contextmanager
def opened(
    folder: Path, way: str, profile: Profile, faults: Iterable[Fault], *, by_kind: bool
) -> Iterator[Way]:
    """A store, a guard, and a provider's process; with `by_kind` each fault has a key."""
    clock = Clock()
    with closing(pytx.SqliteStore(folder / "pytx.db", clock=clock)) as store:
        store.create_schema()
        guard = pytx.Guard(store, scope="acme/test")
        keys: dict[str, str] = {each.kind: provider_key(guard, each.kind) for each in faults}
        if by_kind:
            faults = [dataclasses.replace(each, key=keys[each.kind]) for each in faults]
        with ProviderServer(folder / "ledger.jsonl", profile=profile, faults=faults) as server:
            yield Way(
                kind=way, profile=profile, guard=guard, clock=clock,
                provider=HttpProvider(server.url), keys=keys,
            )  # fmt: skip


@pytest.fixture(scope="module", params=WAYS, ids=" ".join)
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    """Each profile, with each way to recover that fits it."""
    kind, profile = request.param
    folder = tmp_path_factory.mktemp("way")
    with opened(folder, kind, profile, FAULTS, by_kind=True) as made:
        yield made


@pytest.mark.parametrize("kind", [fault.kind for fault in FAULTS])
def test_with_the_guard_money_moves_at_most_once(way: Way, kind: str) -> None:
    """Under every profile, whatever the network does; what is known is the ledger's answer."""
    end = way.until_known(kind)
    moved = [each for each in way.provider.effects() if each.key == way.keys[kind]]
    keeps_failures = way.profile in SENT_AGAIN
    if kind == "declined":
        assert isinstance(end, pytx.OperationFailed)
        assert moved == []
    elif kind == "error_500_before" and keeps_failures:
        assert isinstance(end, ProviderError)  # replayed for as long as the key is kept
        assert moved == []
    elif kind == "error_500_after" and way.kind == "by_key":
        assert isinstance(end, ProviderError)  # as above: only a look-up would tell
        assert len(moved) == 1
    else:
        [effect] = moved
        assert end == {"id": effect.id, "amount_minor": 1000}


@pytest.mark.parametrize(
    ("profile", "faults"),
    [
        ("replay_success_24h", [Fault(kind="error_500_after", nth=1)]),
        pytest.param(
            "replay_all_24h",
            [Fault(kind="reply_lost", nth=1), Fault(kind="key_expired", nth=2)],
            marks=pytest.mark.real,
        ),
    ],
)
def test_by_key_believes_what_it_is_told(
    tmp_path: Path, profile: Profile, faults: list[Fault]
) -> None:
    """A provider that does not keep the key is paid through twice; a look-up pays once."""
    counts = {}
    for kind in ("by_key", "by_lookup"):
        folder = tmp_path / kind
        folder.mkdir()
        with opened(folder, kind, profile, faults, by_kind=False) as made:
            made.until_known("k")
            counts[kind] = len(list(made.provider.effects()))
    assert counts == {"by_key": 2, "by_lookup": 1}


def test_what_was_never_sent_runs_again(tmp_path: Path, ledger: Path) -> None:
    """Nobody listens: the intent is released at once, without a look-up."""
    with ProviderServer(ledger) as gone:
        client = HttpProvider(gone.url)
    store = pytx.SqliteStore(tmp_path / "pytx.db")
    store.create_schema()
    guard = pytx.Guard(store, scope="acme/test")
    with pytest.raises(ProviderUnreachable):
        pay(guard, client, pytx.manual(), "k")
    assert guard.open() == []
    with ProviderServer(ledger, port=gone.port):
        paid = pay(guard, client, pytx.manual(), "k")
        assert [each.id for each in client.effects()] == [paid["id"]]
    store.close()


def test_a_killed_server_still_honours_its_keys(ledger: Path) -> None:
    """Answers, refusals and the count of faults are those of before."""
    faults = [Fault(kind="reply_lost", nth=2), Fault(kind="declined", nth=3)]
    server = ProviderServer(ledger, profile="replay_all_24h", faults=faults)
    with server:
        client = HttpProvider(server.url)
        first = client.pay("a", 1000, "EUR")
        with pytest.raises(ProviderTimeout):
            client.pay("b", 2000, "EUR")
        with pytest.raises(Declined):
            client.pay("c", 3000, "EUR")
        server.kill()
        with pytest.raises(ProviderUnreachable):
            client.pay("a", 1000, "EUR")
    with ProviderServer(ledger, profile="replay_all_24h", faults=faults) as again:
        client = HttpProvider(again.url)
        assert client.pay("a", 1000, "EUR") == first
        assert client.pay("b", 2000, "EUR")["amount_minor"] == 2000
        with pytest.raises(Declined):
            client.pay("c", 3000, "EUR")
        with pytest.raises(ProviderError, match="422 idempotency_mismatch"):
            client.pay("a", 1001, "EUR")
        assert [each.key for each in client.effects()] == ["a", "b"]


@pytest.mark.real
def test_kills_under_load_move_no_money_twice(ledger: Path) -> None:
    """Three kills, four clients that ask under the same key until they have an answer."""
    server = ProviderServer(ledger, profile="replay_success_24h")
    server.__enter__()
    url, stop, answered = server.url, threading.Event(), Counter[object]()

    def ask(name: int) -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            key = f"{name}-{number}"
            answer = until(lambda key=key: attempt(HttpProvider(url), key))  # type: ignore[misc]  # its key
            answered[answer] += 1

    clients = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    try:
        for each in clients:
            each.start()
        for _ in range(3):
            time.sleep(0.3)
            server.kill()
            server = ProviderServer(ledger, profile="replay_success_24h", port=server.port)
            server.__enter__()
    finally:
        time.sleep(0.1)
        stop.set()
        for each in clients:
            each.join()
        server.__exit__(None, None, None)
    moved = Counter(each.key for each in Provider(ledger).effects())
    assert set(moved.values()) == {1}
    assert set(answered.values()) == {1}
    assert {each.id for each in Provider(ledger).effects()} == set(answered)
    assert len(moved) > 20


def attempt(client: HttpProvider, key: str) -> object:
    """The payment's id, or nothing."""
    with contextlib.suppress(ProviderTimeout, ProviderUnreachable):
        return client.pay(key, 1000, "EUR")["id"]
    return None


def until(condition: Callable[[], object]) -> object:
    """Wait for it, not for ever."""
    end = time.monotonic() + 30
    while not (seen := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return seen


def test_a_server_that_dies_before_it_answers_is_found_out(tmp_path: Path, ledger: Path) -> None:
    """The money has moved, the caller waits, the server is killed; a look-up at the next one."""
    clock = Clock()
    store = pytx.SqliteStore(tmp_path / "pytx.db", clock=clock)
    store.create_schema()
    guard = pytx.Guard(store, scope="acme/test")
    with ProviderServer(ledger, faults=[Fault(kind="slow", nth=1, seconds=30)]) as server:
        client = HttpProvider(server.url)

        def kill() -> None:
            until(lambda: list(Provider(ledger).effects()))
            server.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(ProviderTimeout):
            pay(guard, client, looking_up(client), "k", timeout=20)
        killer.join()
    with ProviderServer(ledger, port=server.port):
        paid = pay(guard, client, looking_up(client), "k")
        assert [{"id": each.id, "amount_minor": 1000} for each in client.effects()] == [paid]
    store.close()


CALLER = """
import sys, pytx
from pytx.testing import HttpProvider
guard = pytx.Guard(pytx.SqliteStore(sys.argv[1]), scope="acme/test")
money = pytx.Money(amount_minor=1000, currency="EUR")
with guard.once("refund.create", key=("k",), money=money, recover=pytx.manual()) as op:
    op.result = HttpProvider(sys.argv[2]).pay(op.provider_key, 1000, "EUR", timeout=op.timeout(30))
"""


def test_a_caller_that_dies_before_it_has_the_answer_pays_once(
    tmp_path: Path, ledger: Path
) -> None:
    """The caller is killed while it waits; after its lease another one finds the payment."""
    path = tmp_path / "pytx.db"
    clock = Clock(time.time())
    store = pytx.SqliteStore(path, clock=clock)
    store.create_schema()
    with ProviderServer(ledger, faults=[Fault(kind="slow", nth=1, seconds=1)]) as server:
        with subprocess.Popen([sys.executable, "-c", CALLER, str(path), server.url]) as caller:
            until(lambda: list(Provider(ledger).effects()))
            caller.kill()
        assert caller.returncode == -signal.SIGKILL
        client = HttpProvider(server.url)
        guard = pytx.Guard(store, scope="acme/test")
        with pytest.raises(pytx.InProgress):
            pay(guard, client, looking_up(client), "k")
        clock.advance(90)
        paid = pay(guard, client, looking_up(client), "k")
        assert [{"id": each.id, "amount_minor": 1000} for each in client.effects()] == [paid]
    store.close()


def test_two_servers_may_share_a_ledger(ledger: Path) -> None:
    """Eight callers at both under one key: one effect, one answer."""
    with (
        ProviderServer(ledger, profile="replay_all_24h") as one,
        ProviderServer(ledger, profile="replay_all_24h") as two,
    ):
        answers: list[object] = []
        callers = [
            threading.Thread(
                target=lambda url=url: answers.append(HttpProvider(url).pay("k", 1000, "EUR"))
            )
            for url in [one.url, two.url] * 4
        ]
        for each in callers:
            each.start()
        for each in callers:
            each.join()
        assert answers == [{"id": "pay_k", "amount_minor": 1000}] * 8
        assert len(list(HttpProvider(one.url).effects())) == 1


PAYMENT = {"amount_minor": 1000, "currency": "EUR"}
KEY = {"Idempotency-Key": "k"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProviderServer]:
    """A server without faults."""
    with ProviderServer(tmp_path_factory.mktemp("server") / "ledger.jsonl") as made:
        yield made


@dataclass(frozen=True, slots=True)
class Sent:
    """A request."""

    path: str = "/payments"
    body: object = None
    headers: dict[str, str] = field(default_factory=lambda: KEY)


def sent(port: int, request: Sent) -> tuple[int, http.client.HTTPMessage, str]:
    """What is answered to a request: status, headers, body."""
    body = request.body
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET" if data is None else "POST", request.path, data, request.headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        (Sent(body=PAYMENT, headers={}), 400, "Idempotency-Key is missing"),
        (Sent(body=PAYMENT, headers={"Idempotency-Key": ""}), 400, "the key '' is none"),
        (Sent(body="no"), 400, "not an object"),
        (Sent(body=b"{"), 400, "not JSON"),
        (Sent(body=b"[" * 65536), 400, "not JSON"),
        (Sent(body=b"", headers={**KEY, "Content-Length": "65537"}), 400, "up to 65536"),
        (Sent(body={**PAYMENT, "x": 1}), 400, "alone"),
        (Sent(body={**PAYMENT, "amount_minor": 1000.0}), 400, "amount_minor (int)"),
        (Sent(body={**PAYMENT, "currency": "XXX"}), 400, "XXX"),
        (Sent(path="/payouts", body=PAYMENT), 404, "no_such_page"),
        (Sent(), 404, "no_such_page"),
        (Sent(path="/payouts?key=k"), 404, "no_such_page"),
    ],
)
def test_a_request_that_makes_no_sense_moves_nothing(
    server: ProviderServer, request_: Sent, status: int, said: str
) -> None:
    """A status and a sentence."""
    answered, _, body = sent(server.port, request_)
    assert answered == status
    assert said in body
    assert list(HttpProvider(server.url).effects()) == []


def test_a_lost_request_and_a_lost_answer_look_alike(ledger: Path) -> None:
    """Both times the connection closes without a byte; once the money has moved."""
    faults = [Fault(kind="request_lost", key="before"), Fault(kind="reply_lost", key="after")]
    with ProviderServer(ledger, faults=faults) as made:
        for key in ("before", "after"):
            body = json.dumps(PAYMENT)
            head = f"POST /payments HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {key}\r\n"
            with socket.create_connection(("127.0.0.1", made.port), timeout=10) as connection:
                connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                assert connection.recv(1024) == b""
    assert [each.key for each in Provider(ledger).effects()] == ["after"]


def test_a_retry_after_is_a_header_too(ledger: Path) -> None:
    """As HTTP has it, in whole seconds."""
    faults = [Fault(kind="rate_limited", nth=1, retry_after=2.4)]
    with ProviderServer(ledger, faults=faults) as made:
        status, headers, body = sent(made.port, Sent(body=PAYMENT))
    assert (status, headers["Retry-After"]) == (429, "3")
    assert json.loads(body) == {"code": "rate_limited", "retry_after": 2.4}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "best"], "there is no profile 'best'"),
        (["--fault", "flood:1"], "there is no fault 'flood'"),
        (["--fault", "slow:1"], "say after how many seconds"),
        (["--port", "65536"], "the port is 65536"),
    ],
)
def test_a_server_that_cannot_be_what_is_asked_does_not_start(
    ledger: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 and one sentence."""
    assert main([str(ledger), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("pytx.testing: ")
    assert err.count("\n") == 1


def test_a_server_that_does_not_start_says_why(tmp_path: Path, ledger: Path) -> None:
    """Where it was to start."""
    with pytest.raises(RuntimeError, match="there is no folder"):
        ProviderServer(tmp_path / "none" / "ledger.jsonl").__enter__()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match="in use"):
            ProviderServer(ledger, port=port).__enter__()


def test_a_server_ends_with_whoever_started_it(ledger: Path) -> None:
    """A test that is killed leaves no process behind."""
    program = (
        "import sys, time; from pytx.testing import ProviderServer\n"
        "with ProviderServer(sys.argv[1]) as server: print(server.port, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(ledger)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        client = HttpProvider(f"http://127.0.0.1:{starter.stdout.readline().strip()}")
        assert list(client.effects()) == []
        starter.kill()

    def gone() -> bool:
        try:
            list(client.effects())
        except (ProviderUnreachable, ProviderTimeout):
            return True
        return False

    assert until(gone)


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "https://127.0.0.1", "http://h/payments"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="it is http://HOST:PORT"):
        HttpProvider(url)


def test_only_a_refused_connection_was_surely_not_sent() -> None:
    """A server that takes the connection and hangs up may have read the request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.close()

        hanging = threading.Thread(target=hang_up)
        hanging.start()
        with pytest.raises(ProviderTimeout):
            HttpProvider(f"http://127.0.0.1:{port}").pay("k", 1000, "EUR")
        hanging.join()
    with pytest.raises(ProviderUnreachable):
        HttpProvider(f"http://127.0.0.1:{port}").pay("k", 1000, "EUR")

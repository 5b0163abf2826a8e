"""Real processes, real kills: money moves at most once, and no intent is lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

import pytx
from pytx.model import Row
from pytx.stores.base import Store
from pytx.testing import Provider

WORKER = Path(__file__).with_name("crash_worker.py")
POINTS = (
    "before the claim", "after claimed", "before the effect", "after the effect", "after the finish"
)  # fmt: skip
LEASE = "5"
SHORT = "1.7"  # what a call needs at least, to send and to record


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str

    def start(self) -> None:
        """Start it."""

    def stop(self, how: signal.Signals) -> None:
        """End it."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real)])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A store of either kind with a cap for all, and a ledger beside it."""
    conninfo = ""
    if request.param == "postgres":
        conninfo = request.getfixturevalue("postgres").conninfo
        (tmp_path / "server").write_text(conninfo)
    with closing(opened(tmp_path)) as store:
        store.create_schema()
        if conninfo:
            with psycopg.connect(conninfo) as connection:
                connection.execute("truncate pytx_op, pytx_cap")
        pytx.Guard(store, scope="acme/test").set_cap("all", "EUR", 10_000_000)
    return tmp_path


def opened(folder: Path) -> Store:
    """The store that the workers use."""
    server = folder / "server"
    if server.exists():
        return pytx.PgStore(server.read_text())
    return pytx.SqliteStore(folder / "pytx.db")


def start(folder: Path, key: str, point: str = "", lease: str = LEASE) -> subprocess.Popen[str]:
    """A worker, under way."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), str(folder), key, point, lease],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(folder: Path, key: str, point: str = "", lease: str = LEASE) -> tuple[int, str, str]:
    """A worker, to its end: its exit code, what it printed, what it complained of."""
    with start(folder, key, point, lease) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def settled(folder: Path, key: str) -> tuple[int, str, str]:
    """Call again until the outcome is known, as a caller would."""
    until = time.monotonic() + 30
    while True:
        code, out, err = run(folder, key)
        if code == 0 or time.monotonic() > until:
            return code, out, err
        time.sleep(0.1)


def open_rows(folder: Path) -> list[Row]:
    """What nobody knows the outcome of."""
    with closing(opened(folder)) as store:
        return pytx.Guard(store, scope="acme/test").open()


def effects(folder: Path) -> Counter[str]:
    """How often money moved, by the provider's key."""
    return Counter(each.key for each in Provider(folder / "ledger.jsonl").effects())


def balanced(folder: Path) -> None:
    """Nothing is held any more, and what is spent is what moved."""
    with closing(opened(folder)) as store:
        cap = store.cap("acme/test", "all", "EUR")
    assert cap is not None
    assert (cap.held, cap.spent) == (0, 1000 * effects(folder).total())


def all_settled(folder: Path, keys: list[str]) -> None:
    """Every intent is known in the end: one effect each, and the caller has that one's result."""
    for key in keys:
        code, out, err = settled(folder, key)
        assert code == 0, err
        assert effects(folder)[out] == 1
    assert set(effects(folder).values()) == {1}
    assert len(effects(folder)) == len(keys)
    assert open_rows(folder) == []
    balanced(folder)


def test_a_kill_anywhere_moves_money_once(folder: Path) -> None:
    """Whoever retries gets the original result in the end; the books agree with the ledger."""
    keys = {f"{point} {number}": point for point in POINTS for number in range(3)}
    for batch in batches(list(keys)):
        dying = [start(folder, key, keys[key], SHORT) for key in batch]
        for process in dying:
            process.communicate(timeout=60)
        assert [each.returncode for each in dying] == [-signal.SIGKILL] * len(batch)
    all_settled(folder, list(keys))


@pytest.mark.real
def test_two_workers_and_a_kill_at_every_point(folder: Path) -> None:
    """They race for one key, one of them dies, a third one comes: 8 intents at each point."""
    keys = {f"{point} {number}": point for point in POINTS for number in range(8)}
    for batch in batches(list(keys)):
        racing = [start(folder, key, each, SHORT) for key in batch for each in (keys[key], "")]
        for process in racing:
            process.communicate(timeout=60)
    all_settled(folder, list(keys))


def batches(keys: list[str]) -> list[list[str]]:
    """Eight at a time: a small machine has to run them all."""
    return [keys[place : place + 8] for place in range(0, len(keys), 8)]


def until(condition: Callable[[], object]) -> None:
    """Wait for it, not for ever."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_without_a_way_to_find_out_it_stays_unknown_and_listed(folder: Path) -> None:
    """Nobody runs it again, however often it is called."""
    assert run(folder, "k", "after the effect", SHORT)[0] == -signal.SIGKILL
    until(lambda: open_rows(folder))
    for _ in range(3):
        code, _, err = run(folder, "k", "manual")
        assert (code, "OutcomeUnknown" in err) == (1, True)
    assert effects(folder).total() == 1
    assert [row.identity.key for row in open_rows(folder)] == ['["k"]']


@pytest.mark.real
def test_a_slow_owner_is_not_overtaken(folder: Path) -> None:
    """Its lease is over while it works: retries wait or look up, and one effect stands."""
    with start(folder, "k", "slow", SHORT) as slow:
        until(lambda: effects(folder))
        until(lambda: open_rows(folder))
        code, out, err = settled(folder, "k")
        assert code == 0, err
        slow.communicate(timeout=60)
    assert effects(folder) == {out: 1}
    balanced(folder)


def test_a_stopped_process_sends_nothing_after_its_lease(folder: Path) -> None:
    """SIGSTOP before the send; another one pays meanwhile; SIGCONT: its time-out has run out."""
    with start(folder, "k", "stopped before the send", SHORT) as stopped:
        until((folder / "stopped-k").exists)
        until(lambda: open_rows(folder))
        code, out, err = settled(folder, "k")
        assert code == 0, err
        os.kill(stopped.pid, signal.SIGCONT)
        _, complaint = stopped.communicate(timeout=60)
    assert "LeaseSpent" in complaint
    assert effects(folder) == {out: 1}
    balanced(folder)


def test_many_workers_on_one_key_pay_once(folder: Path) -> None:
    """Eight processes at once: one pays, the others wait or replay."""
    workers = [start(folder, "k") for _ in range(8)]
    ends = [each.communicate(timeout=60) for each in workers]
    paid = [out for out, _ in ends if out]
    assert effects(folder).total() == 1
    assert set(paid) == set(effects(folder))
    assert all("InProgress" in err for out, err in ends if not out)


@pytest.mark.real
@pytest.mark.parametrize("folder", ["postgres"], indirect=True)
def test_a_server_that_crashes_twice_loses_nothing(postgres: Postgres, folder: Path) -> None:
    """Killed under load and started again: every intent is paid once, and known."""
    keys = [str(number) for number in range(40)]
    for batch in batches(keys):
        working = [start(folder, key, "", SHORT) for key in batch]
        time.sleep(0.4)
        if batch[0] in ("8", "24"):
            postgres.stop(signal.SIGQUIT)
            postgres.start()
        for process in working:
            process.communicate(timeout=60)
    all_settled(folder, keys)

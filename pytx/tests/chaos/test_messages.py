"""Messages whose writers, relays, receivers and servers fail: none is lost, each key in order."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from multiprocessing.context import ForkServerProcess
from typing import Any, Protocol

import pytest

import pytx
from chaos_mail import (
    BATCH,
    TOPIC,
    Delivering,
    Writing,
    check,
    committed,
    deliver,
    empty_table,
    left,
    meet_and_receive,
    write,
)
from chaos_place import Place
from chaos_run import SEED, chance, per
from chaos_scene import Scene, until
from chaos_workers import Fault, Job, barrier, ended, run, start

pytestmark = pytest.mark.real
KILLED = -signal.SIGKILL


class Postgres(Protocol):
    """A server of the tests: see `conftest.py` of the folder above."""

    conninfo: str

    @staticmethod
    def program(name: str) -> str:
        """A program of PostgreSQL."""
        ...

    def make(self) -> None:
        """Make the cluster."""

    def start(self) -> None:
        """Start it."""


def send(place: Place, payloads: list[Any], keys: Sequence[str] = "") -> list[tuple[str, str]]:
    """Commit messages, each in a transaction of its own, on the keys in turn; keys and ids."""
    sent = []
    with closing(place.mailroom()) as store, place.connected() as connection:
        outbox = pytx.Outbox(store)
        for number, payload in enumerate(payloads):
            key = keys[number % len(keys)] if keys else ""
            with place.transaction(connection):
                sent.append((key, outbox.enqueue(connection, TOPIC, payload, key=key or None)))
    return sent


def stop(place: Place, relays: list[ForkServerProcess]) -> list[int]:
    """End relays when all is delivered."""
    until(lambda: left(place) == 0, within=240)
    (place.folder / "stop").touch()
    return ended(relays)


def test_c21_relays_that_are_killed_between_delivery_and_record(scene: Scene) -> None:
    """Two at a time, each killed at some delivery, then two that live: a batch at most comes again.

    With keys and without; what the handler writes is there once.
    """
    place, order, kills = scene.place, chance("relays"), per(4)
    empty_table(place)
    sent = send(place, [*range(per(120))], "abcdefgh") + send(place, [*range(per(80))])
    for _ in range(kills // 2):
        dying = [Delivering(place=place, at=order.randint(1, 12)) for _ in range(2)]
        assert ended([start(deliver, job) for job in dying]) == [KILLED] * 2
    living = [start(deliver, Delivering(place=place)) for _ in range(2)]
    assert stop(place, living) == [0, 0]
    check(place, sent, most_copies=kills * BATCH)


def test_c21_a_relay_that_is_stopped_past_its_lease(scene: Scene) -> None:
    """Others deliver its batch; when it goes on it records nothing and delivers nothing more."""
    place, zombies = scene.place, per(2)
    empty_table(place)
    sent = send(place, [*range(per(60))], "abcd") + send(place, [*range(per(60))])
    for number in range(zombies):
        job = Delivering(place=place, at=3, act="stop", lease=1, name=f"zombie {number}")
        zombie = start(deliver, job)
        until(partial(stopped, place, number))
        time.sleep(1)
        helper = start(deliver, Delivering(place=place, name=f"helper {number}"))
        until(partial(has_heard, place, f"helper {number}", per(60) / zombies / 2))
        (place.folder / "stop").touch()
        os.kill(zombie.pid or 0, signal.SIGCONT)
        assert ended([zombie, helper]) == [0, 0]
        assert heard_by(place, f"zombie {number}") == 3
        (place.folder / "stop").unlink()
    assert stop(place, [start(deliver, Delivering(place=place))]) == [0]
    check(place, sent, most_copies=zombies * BATCH)


def stopped(place: Place, number: int) -> bool:
    """Whether a relay has met its fault, after so many others."""
    return len(place.noted("faults")) > number


def has_heard(place: Place, name: str, least: float) -> bool:
    """Whether a relay delivered so many messages."""
    return heard_by(place, name) >= least


def heard_by(place: Place, name: str) -> int:
    """How many messages a relay delivered."""
    return sum(each["by"] == name for each in place.noted("heard"))


def test_c22_writers_that_commit_late_roll_back_or_die(on_server: Scene) -> None:
    """Eight at once, slow and fast, beside two relays: nothing lost, each key in commit order."""
    place = on_server.place
    empty_table(place)
    relays = [start(deliver, Delivering(place=place)) for _ in range(2)]
    writers = [
        Writing(place=place, seed=f"{SEED} {number}", count=per(40), dies=number % 4 == 0)
        for number in range(8)
    ]
    codes = ended([start(write, job) for job in writers], within=600)
    assert codes == [KILLED if job.dies else 0 for job in writers]
    assert stop(place, relays) == [0, 0]
    sent = [(key, message_id) for _, key, message_id in committed(place)]
    assert len(sent) < len(place.noted("written"))
    check(place, sent)


def test_c23_messages_that_raise_or_kill_their_process(on_server: Scene) -> None:
    """They are dead after their attempts, and block their keys; all others are delivered."""
    place, kinds = on_server.place, ("raise", "poison", "exit", "kill")
    empty_table(place)
    poison = [(kind, f"{kind} {number}") for number in range(per(1)) for kind in kinds]
    good = send(place, [*range(per(20))], "xyz")
    for kind, key in poison:
        send(place, [kind], [key])
    behind = [sent for _, key in poison for sent in send(place, ["it waits"], [key])]
    good += send(place, [*range(per(20))], "xyz")
    store = place.mailroom()
    outbox, ends = pytx.Outbox(store), Counter[int]()
    job = Delivering(place=place, most_attempts=3, drains=True)
    while len(dead := outbox.dead(10**6)) < len(poison):
        assert ends.total() < 100 * per(1), "they do not die"
        ends.update(ended([start(deliver, job) for _ in range(2)]))
        with place.connected() as connection:
            connection.execute(
                "update pytx_outbox set available_at = available_at - interval '1000 seconds', "
                "lease_until = lease_until - interval '1000 seconds'"
            )
    assert Counter(each.payload for each in dead) == dict.fromkeys(kinds, per(1))
    assert min(ends[KILLED], ends[3]) >= per(1)  # what dies beside another loses an attempt
    assert left(place) == len(behind)
    for each in dead:
        outbox.drop_dead(each.message_id)
    store.close()
    assert ended([start(deliver, job)]) == [0]
    check(place, good + behind, most_copies=6 * per(1) * BATCH)


def test_c25_copies_that_are_received_at_the_same_instant(scene: Scene) -> None:
    """By two processes, slowly: the second waits for the first one's commit, and skips."""
    place = scene.place
    empty_table(place)
    sent = [("", f"copy {number}") for number in range(per(40))]
    ids, gate = [message_id for _, message_id in sent], barrier(2)
    assert ended([start(meet_and_receive, place, ids, gate) for _ in range(2)]) == [0, 0]
    firsts = Counter((each["id"], each["first"]) for each in place.noted("received"))
    assert firsts == dict.fromkeys([(each, first) for each in ids for first in (True, False)], 1)
    for message_id in ids:
        place.note("heard", id=message_id)
    check(place, sent)


def test_c26_a_dump_is_restored_into_a_new_cluster(
    on_server: Scene, postgres: Postgres, another_postgres: Postgres
) -> None:
    """With messages undelivered and half delivered, and intents settled and unknown."""
    old = on_server.place
    empty_table(old)
    settled = [f"settled {number}" for number in range(per(10))]
    lost = [f"lost {number}" for number in range(per(5))]
    assert run([Job(place=old, keys=tuple(settled))]) == [0]
    fault = Fault(at="after the effect", act="kill")
    assert run(Job(place=old, keys=(key,), fault=fault) for key in lost) == [KILLED] * len(lost)
    sent = send(old, [*range(per(60))], "abc") + send(old, [*range(per(20))])
    assert ended([start(deliver, Delivering(place=old, at=15))]) == [KILLED]
    another_postgres.make()
    another_postgres.start()
    move(postgres, another_postgres)
    new = Place(folder=old.folder, server=another_postgres.conninfo)
    sent += send(new, [*range(per(20))], "abc")
    assert stop(new, [start(deliver, Delivering(place=new)) for _ in range(2)]) == [0, 0]
    check(new, sent, most_copies=BATCH)
    with closing(Scene(new, empty=False)) as scene:
        scene.settle([*settled, *lost])
        scene.check([*settled, *lost])


def move(source: Postgres, target: Postgres) -> None:
    """`pg_dump | psql`."""
    dump = [source.program("pg_dump"), f"--dbname={source.conninfo}"]
    load = [
        target.program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={target.conninfo}"
    ]  # fmt: skip
    dumped = subprocess.run(dump, capture_output=True, check=True)
    subprocess.run(load, input=dumped.stdout, stdout=subprocess.DEVNULL, check=True)

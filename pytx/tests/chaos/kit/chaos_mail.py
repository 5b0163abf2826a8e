"""Writers and relays in processes of their own, and what is checked of their messages.

O1  every committed message is delivered at least once, and none that rolled back;
O2  of one key, first deliveries are in the order of the commits;
O3  with the inbox, what a handler writes is written once.
"""

import os
import random
import signal
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import psycopg

import pytx
from chaos_place import Place
from chaos_run import TALLY

TOPIC: Final = "refund.done"
BATCH: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What a writer writes: so many transactions, held open for so long, on one of some keys.

    Of ten one rolls back; with `dies` the writer is killed inside of its last transaction.
    """

    place: Place
    seed: str
    count: int
    keys: str = "abcd"
    longest: float = 0.006
    dies: bool = False


def write(job: Writing) -> None:
    """Write messages, noting before each commit what is to be committed, and as which one."""
    order = random.Random(job.seed)
    with closing(job.place.mailroom()) as store, job.place.connected() as connection:
        outbox = pytx.Outbox(store)
        for number in range(job.count):
            time.sleep(order.random() * job.longest / 3)
            connection.execute("begin" if job.place.server else "begin immediate")
            for key in sorted(order.sample([*job.keys, ""], order.choice((1, 1, 2)))):
                payload = {"seed": job.seed, "number": number}
                message_id = outbox.enqueue(connection, TOPIC, payload, key=key or None)
                xid = transaction_of(connection) if job.place.server else None
                job.place.note("written", id=message_id, key=key, xid=xid)
            time.sleep(order.random() * job.longest)
            if job.dies and number == job.count - 1:
                os.kill(os.getpid(), signal.SIGKILL)
            connection.execute("rollback" if order.random() < 0.1 else "commit")


def transaction_of(connection: Any) -> str:  # noqa: ANN401 - psycopg's
    """The transaction that a connection is in."""
    [[xid]] = connection.execute("select pg_current_xact_id()::text").fetchall()
    return str(xid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """How a relay delivers, and what happens to it at its `at`-th delivery, before its record.

    It ends when the folder has a file `stop`; one that `drains`, when nothing is due.
    """

    place: Place
    name: str = ""
    at: int = 0
    act: Literal["kill", "stop"] = "kill"
    lease: float = 2
    most_attempts: int = 10
    drains: bool = False


def deliver(job: Delivering) -> None:
    """Be a relay whose handler notes each delivery, and receives it through the inbox."""
    place, delivered = job.place, 0
    with closing(place.mailroom()) as store, place.connected() as connection:

        def handle(message: pytx.Message) -> None:
            nonlocal delivered
            match message.payload:
                case "raise":
                    raise RuntimeError
                case "poison":
                    raise pytx.Poison("it cannot be read")
                case "exit":
                    os._exit(3)
                case "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
            place.note("heard", id=message.message_id, by=job.name)
            delivered += 1
            if delivered == job.at:
                place.note("faults", name=job.name)
                os.kill(os.getpid(), signal.SIGKILL if job.act == "kill" else signal.SIGSTOP)
            receive(place, connection, message.message_id)

        relay = pytx.Relay(
            store, {TOPIC: handle}, batch=BATCH, lease=job.lease, most_attempts=job.most_attempts
        )
        while not (place.folder / "stop").exists():
            if not relay.run_once():
                if job.drains:
                    return
                time.sleep(0.02)


def receive(place: Place, connection: Any, message_id: str, pause: float = 0) -> bool:  # noqa: ANN401
    """Handle a message once, in a transaction of ours; whether it was the first time."""
    with (
        place.transaction(connection),
        pytx.inbox(connection, consumer="test", message_id=message_id) as first,
    ):
        if first:
            time.sleep(pause)
            mark = "%s" if place.server else "?"
            connection.execute(f"insert into handled values ({mark})", [message_id])  # noqa: S608
    return first


def meet_and_receive(place: Place, ids: list[str], meet: Any) -> None:  # noqa: ANN401 - a barrier
    """Receive messages at the same instant as others do, slowly."""
    with place.connected() as connection:
        for message_id in ids:
            meet.wait(60)
            first = receive(place, connection, message_id, pause=0.02)
            place.note("received", id=message_id, first=first)


def empty_table(place: Place) -> None:
    """Make the table that handlers write to."""
    with place.connected() as connection:
        connection.execute("drop table if exists handled")
        connection.execute("create table handled (id text)")


def left(place: Place) -> int:
    """How many messages are not delivered yet."""
    with place.connected() as connection:
        [[count]] = connection.execute(
            "select count(*) from pytx_outbox where state = 'ready'"
        ).fetchall()
    return int(count)


def committed(place: Place) -> list[tuple[Any, str, str]]:
    """Of what writers noted, what the server committed: when, key and id, in that order."""
    found = []
    with psycopg.connect(place.server, autocommit=True) as connection:
        for number, each in enumerate(place.noted("written")):
            [[at]] = connection.execute(
                "select pg_xact_commit_timestamp(%s::xid8::xid)", [each["xid"]]
            ).fetchall()
            if at is not None:
                found.append((at, number, each["key"], each["id"]))
    return [(at, key, message_id) for at, _, key, message_id in sorted(found)]


def check(place: Place, sent: list[tuple[str, str]], *, most_copies: int = 0) -> None:
    """O1 to O3 for what was committed: key and id, in the order of the commits."""
    heard = [each["id"] for each in place.noted("heard")]
    ids = {message_id for _, message_id in sent}
    lost = ids - {*heard}
    firsts = list(dict.fromkeys(heard))
    place_of = {message_id: number for number, message_id in enumerate(firsts)}
    late = []
    for wanted in {key for key, _ in sent if key}:
        mine = [message_id for key, message_id in sent if key == wanted and message_id not in lost]
        late += [pair for pair in pairwise(mine) if place_of[pair[0]] > place_of[pair[1]]]
    with place.connected() as connection:
        rows = connection.execute("select id from handled").fetchall()
    twice = [message_id for (message_id,), count in Counter(rows).items() if count > 1]
    TALLY.messages += len(sent)
    TALLY.lost += len(lost)
    TALLY.order_violations += len(late)
    TALLY.duplicates += len(twice)
    trail = [*place.noted("written"), *place.noted("heard")]
    told = [each for each in trail if each["id"] in {*lost, *twice, *(m for p in late for m in p)}]
    assert not lost, f"never delivered {lost}: {told}"
    assert not late, f"out of order {late}: {told}"
    assert not twice, f"handled twice {twice}: {told}"
    assert {*heard} <= ids, "something was delivered that was never committed"
    assert {message_id for (message_id,) in rows} == ids
    assert len(heard) - len(ids) <= most_copies, "more came again than a batch for each kill"

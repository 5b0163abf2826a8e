"""Workers: processes that pay, and die, stop or lose their connection where they are told to.

They are forked from a warm process that has no other threads, so a start costs milliseconds. Under
another clock they are started by `python chaos_workers.py`.
"""

import dataclasses
import json
import multiprocessing
import os
import random
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Final, Literal

import psycopg

import pytx
from chaos_place import CURRENCY, OPERATION, SCOPE, Place, amount_of, result_of, terminate
from chaos_run import TIMES
from pytx import canon
from pytx.model import Identity, Row
from pytx.recover import Recover

POINTS: Final = (
    "before the claim", "after claimed", "before the effect", "after the effect", "after the finish"
)  # fmt: skip
AFTER_THE_CHECK: Final = "after the check"  # of op.timeout(): between it and the send
LEASE: Final = 2.5  # a call needs 1.5 at least, to send and to record
SETTLE_AFTER: Final = 0.2
_JUMP: Final = 1000  # seconds by which no wall clock is wrong by itself
_AT_ONCE: Final = 8  # a small machine has to run them all

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["pytx.guard", "pytx.outbox", "pytx.testing", "psycopg", "sqlite3"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a worker, and at which point. `seconds` is how long it sleeps."""

    at: str
    act: Literal["kill", "stop", "cut", "sleep", "full", "jump"]
    seconds: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker pays, how, and what happens to it.

    For `patience` seconds it calls again whenever it is told to come back. `dedupes` says that the
    provider honours keys; `minor` is paid instead of the amount that belongs to the key.
    """

    place: Place
    keys: tuple[str, ...]
    fault: Fault | None = None
    lease: float = LEASE
    settle_after: float = SETTLE_AFTER
    patience: float = 0
    asks: bool = True
    tries: int = 50
    absent_is_final: bool = True
    dedupes: bool = False
    cap: str | None = "all"
    minor: int | None = None


def asking(
    place: Place,
    *,
    settle_after: float = SETTLE_AFTER,
    tries: int = 50,
    absent_is_final: bool = True,
) -> Recover:
    """Recover by asking the ledger, honestly; every look-up is noted."""

    def find(reference: pytx.Reference) -> pytx.Found | pytx.Absent:
        effect = place.provider().find(reference.provider_key)
        [key] = json.loads(reference.key)
        place.note("trail", key=key, event="asked", found=effect is not None)
        if effect is None:
            return pytx.Absent()
        result = result_of(effect.key, effect.amount_minor)
        return pytx.Found(result=result, minor=effect.amount_minor, currency=effect.currency)

    return pytx.by_lookup(
        find,
        first_after=0,
        tries=tries,
        settle_after=settle_after,
        absent_is_final=absent_is_final,
    )


class Worker:
    """One process at its job."""

    def __init__(self, job: Job) -> None:
        """Open a store of its own."""
        self.job = job
        self.place = job.place
        self.name = f"worker-{os.getpid()}"
        self.store = job.place.store(self.name)
        self.provider = job.place.deduping_provider() if job.dedupes else job.place.provider()
        self.guard = pytx.Guard(self.store, scope=SCOPE, on_event=self.hear)
        self.recover = pytx.manual()
        if job.asks:
            self.recover = asking(
                job.place,
                settle_after=job.settle_after,
                tries=job.tries,
                absent_is_final=job.absent_is_final,
            )
        self.key = ""
        self.op: pytx.Op

    def hear(self, name: str, row: Row | None) -> None:
        """Note what the guard tells."""
        self.note(name, fence=row.fence if row else None)
        if name == "claimed":
            self.meet("after claimed")

    def note(self, event: str, **told: object) -> None:
        """Append to the trail."""
        self.place.note("trail", key=self.key, event=event, **told)

    def meet(self, point: str) -> None:
        """Meet with the fault, if it waits at this point."""
        fault = self.job.fault
        if fault is None or fault.at != point:
            return
        self.note(fault.act, point=point)
        match fault.act:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "cut":
                terminate(self.place.server, self.name)
            case "sleep":
                pause(fault.seconds)
            case "full":
                fill_the_disk(self.place)
            case "jump":
                self.see_a_jump(fault.seconds)

    def see_a_jump(self, most: float) -> None:
        """Wait until the wall clock jumps, and note what that did to the lease."""
        wall, steady, left = time.time(), time.monotonic(), self.op.remaining()
        while abs(time.time() - wall) < _JUMP and time.monotonic() < steady + most:
            pause(0.02)
        self.note(
            "jumped",
            wall=time.time() - wall,
            steady=time.monotonic() - steady,
            lease=left - self.op.remaining(),
        )

    def pay(self, key: str) -> object:
        """Pay once."""
        minor = self.job.minor or amount_of(key)
        self.meet("before the claim")
        with self.guard.once(
            OPERATION,
            key=(key,),
            money=pytx.Money(amount_minor=minor, currency=CURRENCY),
            recover=self.recover,
            lease=self.job.lease,
            cap=self.job.cap,
        ) as op:
            if not op.replayed:
                self.op = op
                self.meet("before the effect")
                timeout = op.timeout(20)
                self.meet(AFTER_THE_CHECK)
                self.provider.pay(op.provider_key, minor, CURRENCY)
                self.note("paid", timeout=timeout)
                self.meet("after the effect")
                op.result = result_of(op.provider_key, minor)
        self.meet("after the finish")
        return op.result

    def work(self) -> None:
        """Pay under each key, as a caller would who comes back when it is told to."""
        for key in self.job.keys:
            self.key = key
            until = time.monotonic() + self.job.patience
            while True:
                try:
                    self.note("answer", result=self.pay(key))
                    break
                except pytx.PytxError as error:
                    self.note("raised", error=type(error).__name__, says=error.sentence)
                    known = isinstance(error, pytx.CapExceeded | pytx.Mismatch)
                    if known or time.monotonic() >= until:
                        break
                    pause(random.uniform(0.05, 0.15))


def pause(seconds: float) -> None:
    """Sleep; not by `time.sleep`, which libfaketime fails where the monotonic clock stays real."""
    select.select([], [], [], seconds)


def fill_the_disk(place: Place) -> None:
    """Let no file of this process grow beyond what SQLite's log has now."""
    size = (place.folder / "pytx.db-wal").stat().st_size
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def work(job: Job) -> None:
    """Be a worker."""
    worker = Worker(job)
    worker.work()
    worker.store.close()


def start(task: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """A process at a task, forked."""
    process = _context.Process(target=task, args=arguments, daemon=True)
    process.start()
    return process


def ended(processes: Iterable[ForkServerProcess], within: float = 90 * TIMES) -> list[int]:
    """Wait for them; their exit codes, negative for a signal."""
    codes = []
    end = time.monotonic() + within
    for process in [*processes]:  # all of them start before the first is waited for
        process.join(max(0, end - time.monotonic()))
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
        assert code is not None, "a worker did not end"
        process.close()
        codes.append(code)
    return codes


def run(jobs: Iterable[Job], at_once: int = _AT_ONCE) -> list[int]:
    """Workers, so many at a time, to their ends; their exit codes in the order of the jobs."""
    started: list[ForkServerProcess] = []
    alive: list[ForkServerProcess] = []
    for job in jobs:
        while len(alive) >= at_once:
            assert wait([each.sentinel for each in alive], 90), "no worker ends"
            alive = [each for each in alive if each.is_alive()]
        alive.append(start(work, job))
        started.append(alive[-1])
    return ended(started)


def barrier(parties: int) -> Barrier:
    """Where so many processes wait for each other."""
    return _context.Barrier(parties)


def race(job: Job, meet: Barrier) -> None:
    """Be one of many who call at the same instant, key by key."""
    worker = Worker(job)
    for key in job.keys:
        worker.job = dataclasses.replace(job, keys=(key,))
        meet.wait(60)
        worker.work()
    worker.store.close()


def post(place: Place, keys: Iterable[str], accounts: str) -> None:
    """Book amounts from the one account to the other, in this order, in transactions of ours.

    What PostgreSQL fails is noted, with whether it left a row, and tried again.
    """
    with closing(place.store()) as store, psycopg.connect(place.server) as connection:
        guard = pytx.Guard(store, scope=SCOPE)
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        connection.execute("set deadlock_timeout = '20ms'")
        connection.commit()
        for key in keys:
            identity = Identity(scope=SCOPE, operation="post", key=canon.key_text((key,)))
            while error := _post(guard, connection, key, accounts):
                left = store.read(identity) is not None
                place.note("trail", key=key, event="failed", error=error, left=left)


def _post(
    guard: pytx.Guard, connection: "psycopg.Connection[Any]", key: str, accounts: str
) -> str | None:
    """Book once; the name of what PostgreSQL failed it with, if it did."""
    try:
        with guard.local(connection, "post", key=(key,)) as op:
            for name in accounts:
                sign = 1 if name == "b" else -1
                connection.execute(
                    "update accounts set minor = minor + %s where name = %s",
                    [sign * amount_of(key), name],
                )
                time.sleep(0.002)
            connection.execute("insert into posts values (%s)", [key])
            op.result = {"posted": key}
        connection.commit()
    except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
        connection.rollback()
        return type(error).__name__
    return None


def main(text: str) -> None:
    """Be a worker whose job is told as JSON."""
    told = json.loads(text)
    place = Place(folder=Path(told.pop("folder")), server=told.pop("server"))
    fault, keys = told.pop("fault", None), tuple(told.pop("keys"))
    work(Job(place=place, keys=keys, fault=Fault(**fault) if fault else None, **told))


if __name__ == "__main__":
    main(sys.argv[1])

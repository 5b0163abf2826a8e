"""A relay in a process of its own, which may die after so many deliveries: see `test_outbox.py`."""

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

import psycopg

import pytx


def main(where: str, heard: Path, fatal: int, most_attempts: int) -> None:
    """Deliver all there is; die after the `fatal`-th delivery, or at a message that says so."""
    store = pytx.PgStore(where) if "=" in where else pytx.SqliteStore(where)
    delivered = 0

    def handle(message: pytx.Message) -> None:
        nonlocal delivered
        if message.payload == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        with heard.open("a") as file:
            file.write(f"{message.message_id}\n")
            file.flush()
            os.fsync(file.fileno())
        delivered += 1
        if delivered == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        receive(where, message.message_id)

    with closing(store):
        relay = pytx.Relay(store, {"t": handle}, most_attempts=most_attempts)
        while relay.run_once():
            pass


def receive(where: str, message_id: str) -> None:
    """Receive it as a consumer would."""
    if "=" in where:
        with (
            psycopg.connect(where) as connection,
            pytx.inbox(connection, consumer="test", message_id=message_id),
        ):
            return
    import sqlite3  # noqa: PLC0415 - one of both is needed

    with closing(sqlite3.connect(where, isolation_level=None, timeout=9)) as file:
        file.execute("begin immediate")
        with pytx.inbox(file, consumer="test", message_id=message_id):
            file.commit()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int([*sys.argv, "10"][4]))

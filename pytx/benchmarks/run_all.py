"""Prints what pytx costs beside a floor; ends with 1 when a counter or a ratio is out of bounds.

Floor and ours are measured in turn, in one run, on one machine: the ratio of their medians says
what pytx adds, whatever else the machine does. Times and rates are printed and not judged, unless
you say that the machine is quiet. PostgreSQL is started in a folder of its own, with fsync on.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "subjects"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "kit"))

import psycopg

import guard
import measuring
import pg_server
import reconciling
import relay
import values

ROUNDS_IN_FULL = 5


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the median of five rounds")
    parser.add_argument(
        "--quiet-machine", action="store_true", help="judge times and rates too, without slack"
    )
    options = parser.parse_args()
    rounds = []
    with pg_server.running() as server:
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute("alter system set autovacuum = off")  # it would be counted
            connection.execute("select pg_reload_conf()")
            print(_where(connection), flush=True)
        for _ in range(ROUNDS_IN_FULL if options.full else 1):
            with tempfile.TemporaryDirectory() as name:
                rounds.append(
                    [
                        *guard.postgres(server),
                        *guard.sqlite(Path(name)),
                        *relay.postgres(server),
                        *reconciling.memory(),
                        *values.memory(),
                    ]
                )
    figures = measuring.median_of(rounds)
    print(measuring.table(figures, quiet=options.quiet_machine))
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    return int(any(each.is_broken(quiet=options.quiet_machine) for each in figures))


def _where(connection: psycopg.Connection[Any]) -> str:
    [[version]] = connection.execute("show server_version").fetchall()
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"PostgreSQL {version.split()[0]}, psycopg {psycopg.__version__} "
        f"({psycopg.pq.__impl__}), SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, "
        f"load at the start {os.getloadavg()[0]:.1f}\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())

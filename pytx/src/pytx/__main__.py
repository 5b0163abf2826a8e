"""`python -m pytx schema|open|resolve STORE`: for whoever is on call.

STORE is the path of an SQLite file, or what psycopg connects with (`postgresql://…` or
`host=… dbname=…`).
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from pytx import __version__
from pytx.errors import PytxError
from pytx.guard import Guard
from pytx.model import Row
from pytx.stores.base import Store

_STATES = ("succeeded", "failed", "released")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0, or 2 with a sentence on standard error."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        with closing(_store(asked.store)) as store:
            if asked.command == "schema":
                store.create_schema()
                _say("the tables are there")
            elif asked.command == "open":
                _open(Guard(store, scope=asked.scope), asked.limit, as_json=asked.json)
            else:
                _resolve(Guard(store, scope=asked.scope), asked)
    except (PytxError, ValueError, ImportError) as error:
        sys.stderr.write(f"pytx: {error}\n")
        return 2
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytx", description="Look at intents that nobody knows, and settle them."
    )
    parser.add_argument("--version", action="version", version=f"pytx {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    help_ = "an SQLite file, or what psycopg connects with"
    schema = commands.add_parser("schema", help="make the tables that are not there yet")
    opened = commands.add_parser("open", help="list intents of unknown outcome, the oldest first")
    resolve = commands.add_parser("resolve", help="settle one of them by hand")
    for each in (schema, opened, resolve):
        each.add_argument("store", help=help_)
    for each in (opened, resolve):
        each.add_argument("--scope", required=True, help="tenant and environment")
    opened.add_argument("--limit", type=int, default=100)
    opened.add_argument("--json", action="store_true", help="one JSON object a line")
    resolve.add_argument("provider_key", help="as `open` lists it")
    resolve.add_argument("state", choices=_STATES, help="released lets the next call run it again")
    resolve.add_argument("--why", required=True, help="kept with the intent")
    resolve.add_argument("--result", default="null", help="JSON: what a replay answers")
    return parser


def _store(where: str) -> Store:
    """The store that is meant.

    Raises:
        ImportError: psycopg is not installed.
    """
    if "=" in where or where.startswith(("postgresql://", "postgres://")):
        from pytx.stores.postgres import PgStore  # noqa: PLC0415 - needs psycopg

        return PgStore(where)
    from pytx.stores.sqlite import SqliteStore  # noqa: PLC0415 - on demand, as the other one

    if not Path(where).parent.is_dir():
        raise ValueError(f"there is no folder {Path(where).parent}")
    return SqliteStore(where)


def _open(guard: Guard, limit: int, *, as_json: bool) -> None:
    rows = guard.open(limit)
    for row in rows:
        _say(json.dumps(_told(row), ensure_ascii=False) if as_json else _line(row))
    if not rows and not as_json:
        _say("every intent's outcome is known")


def _told(row: Row) -> dict[str, object]:
    return {
        "provider_key": row.provider_key,
        "operation": row.identity.operation,
        "key": json.loads(row.identity.key),
        "amount_minor": row.minor,
        "currency": row.currency,
        "first_sent_at": _utc(row.first_sent_at),
        "attempt": row.attempt,
        "checks": row.checks,
        "error": row.error,
    }


def _line(row: Row) -> str:
    amount = "" if row.minor is None else f"  {row.minor} {row.currency} (minor units)"
    error = f"  after {row.error}" if row.error else ""
    return (
        f"{row.provider_key}  {row.identity.operation} {row.identity.key}{amount}  "
        f"sent {_utc(row.first_sent_at)}{error}"
    )


def _utc(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")


def _resolve(guard: Guard, asked: argparse.Namespace) -> None:
    try:
        result = json.loads(asked.result)
    except json.JSONDecodeError as error:
        raise ValueError(f"--result is not JSON: {error}") from error
    row = guard.resolve(asked.provider_key, asked.state, why=asked.why, result=result)
    _say(f"{row.provider_key} is {row.state}")


if __name__ == "__main__":
    sys.exit(main())

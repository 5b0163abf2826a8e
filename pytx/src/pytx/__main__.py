"""`python -m pytx schema|open|recover|resolve|reconcile`: for whoever is on call.

STORE is the path of an SQLite file, or what psycopg connects with (`postgresql://…` or
`host=… dbname=…`). `recover` needs the look-ups, which are in your own code: it takes your guard.
"""

import argparse
import csv
import datetime as dt
import importlib
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from pytx import __version__
from pytx.errors import PytxError
from pytx.guard import Guard
from pytx.model import Row
from pytx.money import exponent
from pytx.reconciling import Line, Match, Report, reconcile
from pytx.stores.base import Store

_STATES = ("succeeded", "failed", "released")
_FOR_A_PERSON = ("missing", "amount", "currency", "contradicted", "duplicate", "orphan")
_TIME_HINT = "write 2026-03-01T00:00:00Z"
_COLUMNS = ("ref", "minor", "currency", "provider_id")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    That is 0, 1 where a statement leaves something for a person, or 2 with a sentence on standard
    error.
    """
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "recover":
            return _recover(asked.guard, asked.limit)
        with closing(_store(asked.store, is_new=asked.command == "schema")) as store:
            if asked.command == "schema":
                store.create_schema()
                _say("the tables are there")
                return 0
            guard = Guard(store, scope=asked.scope)
            if asked.command == "open":
                _open(guard, asked.limit, as_json=asked.json)
            elif asked.command == "resolve":
                _resolve(guard, asked)
            else:
                return _reconcile(guard, asked)
    except (PytxError, ValueError, OSError, ImportError) as error:
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
    recover = commands.add_parser("recover", help="make one pass of the look-ups that are due")
    against = commands.add_parser("reconcile", help="compare with a statement of the provider")
    for each in (schema, opened, resolve, against):
        each.add_argument("store", help=help_)
    for each in (opened, resolve, against):
        each.add_argument("--scope", required=True, help="tenant and environment")
    for each in (opened, recover):
        each.add_argument("--limit", type=int, default=100)
    recover.add_argument("guard", help="MODULE:NAME of your guard, which knows the look-ups")
    against.add_argument("statement", help=f"a CSV file with the columns {', '.join(_COLUMNS)}")
    against.add_argument("--operation", required=True, help="such as refund.create")
    against.add_argument("--since", required=True, type=_time, help="compare what changed since")
    against.add_argument("--cutoff", required=True, type=_time, help="it is final up to then")
    against.add_argument("--apply", action="store_true", help="settle what nobody knew")
    against.add_argument(
        "--absent-is-final", action="store_true", help="what is not on it may be sent again"
    )
    opened.add_argument("--json", action="store_true", help="one JSON object a line")
    resolve.add_argument("provider_key", help="as `open` lists it")
    resolve.add_argument("state", choices=_STATES, help="released lets the next call run it again")
    resolve.add_argument("--why", required=True, help="kept with the intent")
    resolve.add_argument("--result", default="null", help="JSON: what a replay answers")
    return parser


def _store(where: str, *, is_new: bool) -> Store:
    """The store that is meant.

    Raises:
        ImportError: psycopg is not installed.
        ValueError: there is no such file, or no folder for a new one.
    """
    if "=" in where or where.startswith(("postgresql://", "postgres://")):
        from pytx.stores.postgres import PgStore  # noqa: PLC0415 - needs psycopg

        return PgStore(where)
    from pytx.stores.sqlite import SqliteStore  # noqa: PLC0415 - on demand, as the other one

    if not Path(where).parent.is_dir():
        raise ValueError(f"there is no folder {Path(where).parent}")
    if not is_new and not Path(where).is_file():
        raise ValueError(f"there is no file {where}; `python -m pytx schema {where}` makes it")
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


def _time(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time with a zone."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time; {_TIME_HINT}") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no zone; {_TIME_HINT}")
    return at.timestamp()


def _recover(where: str, limit: int) -> int:
    """Make one pass with the user's own guard.

    Raises:
        ImportError: there is no such module.
        ValueError: it has no such guard.
    """
    module, _, name = where.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), name)):
        raise ValueError(
            f"{where} is no guard; name one as MODULE:NAME, such as app.payments:guard"
        )
    sys.path.insert(0, str(Path.cwd()))
    guard: Any = getattr(importlib.import_module(module), name, None)
    if not hasattr(guard, "recover"):
        raise ValueError(f"{where} is no guard; name one as MODULE:NAME")
    if iscoroutinefunction(guard.recover):
        import asyncio  # noqa: PLC0415 - for an async guard alone

        async def steps() -> tuple[list[Row], list[Row]]:
            found = await guard.recover(limit), await guard.open(limit)
            await guard.store.close()
            return found

        settled, left = asyncio.run(steps())
    else:
        settled, left = guard.recover(limit), guard.open(limit)
    for row in settled:
        _say(f"{row.provider_key} is {row.state}")
    more = "or more " if len(left) == limit else ""
    _say(f"{len(settled)} settled, {len(left)} {more}left of unknown outcome")
    return 0


def _reconcile(guard: Guard, asked: argparse.Namespace) -> int:
    lines = _lines(Path(asked.statement))
    intents = guard.intents(asked.operation, since=asked.since)
    report = reconcile(intents, lines, cutoff=asked.cutoff)
    for name, matches in sorted(report.classes.items()):
        _say(f"{name:13}{len(matches):8}{'  for a person' if name in _FOR_A_PERSON else ''}")
    for currency, sums in report.sums.items():
        _say(f"{currency}: the statement comes to {sums.statement} minor units")
    wrong = _left(report)
    for line in wrong:
        _say(line)
    if asked.apply:
        for row in guard.apply(report, absent_is_final=asked.absent_is_final):
            _say(f"{row.provider_key} is {row.state}")
    return int(bool(wrong))


def _left(report: Report) -> list[str]:
    """What no program may settle, a line each."""
    told = [f"{name}: {_match(match)}" for name in _FOR_A_PERSON for match in report.of(name)]
    return told + [f"suspected: {each.provider_key} came in twice" for each in report.suspected]


def _match(match: Match) -> str:
    parts = []
    if match.intent is not None:
        ours = match.intent
        parts.append(f"{ours.provider_key} is {ours.state} with {ours.minor} {ours.currency}")
    if match.line is not None:
        theirs = match.line
        amount = f"{theirs.minor} {theirs.currency}"
        parts.append(f"the statement has {amount} as {theirs.provider_id} for {theirs.ref}")
    return "; ".join(parts)


def _lines(path: Path) -> list[Line]:
    """The lines of a statement; its mistakes all at once.

    Raises:
        OSError: it cannot be read.
        ValueError: a column or a value is wrong.
    """
    lines, wrong = [], []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if lacking := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
            raise ValueError(f"{path}:1: no column {', '.join(lacking)}")
        for row in rows:
            try:
                lines.append(_statement_line(row))
            except ValueError as error:
                wrong.append(f"{path}:{rows.line_num}: {error}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return lines


def _statement_line(row: dict[str, Any]) -> Line:
    """One line of a statement.

    Raises:
        ValueError: a value is missing, too many, or wrong.
    """
    if None in row or None in row.values() or not row["ref"]:
        raise ValueError("it has no ref, or fewer or more values than columns")
    exponent(row["currency"])
    return Line(
        ref=row["ref"],
        minor=int(row["minor"]),
        currency=row["currency"],
        provider_id=row["provider_id"],
    )


def _resolve(guard: Guard, asked: argparse.Namespace) -> None:
    try:
        result = json.loads(asked.result)
    except json.JSONDecodeError as error:
        raise ValueError(f"--result is not JSON: {error}") from error
    row = guard.resolve(asked.provider_key, asked.state, why=asked.why, result=result)
    _say(f"{row.provider_key} is {row.state}")


if __name__ == "__main__":
    sys.exit(main())

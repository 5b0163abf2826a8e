"""The DuckDB database: opened for as short as can be, migrated by number, rebuilt from journals.

One process may write at a time, and while it does nobody can read; so every connection here is
short, and waits for a bounded time for the one before it.
"""

from __future__ import annotations

import contextlib
import re
import time
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from paygrade.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Connection = DuckDBPyConnection
    """For those who hand one on, and have no business with DuckDB."""

DATABASE_FILE = "paygrade.duckdb"
LOCK_WAIT_S = 15.0
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5

_MIGRATION = re.compile(r"(\d{4})_\w+\.sql\Z")
_QUERY = re.compile(r"^-- ([\w.]+) --\n", re.MULTILINE)


def queries() -> dict[str, str]:
    """The named statements of `queries.sql`."""
    return parts(resources.files(__package__).joinpath("queries.sql").read_text(encoding="utf-8"))


def parts(text: str) -> dict[str, str]:
    """The named statements of a file of SQL: each stands after a line `-- NAME --`."""
    found = _QUERY.split(text)
    return dict(zip(found[1::2], found[2::2], strict=True))


def migrations() -> list[tuple[int, str]]:
    """Every migration's number and text, in order."""
    folder = resources.files(__package__).joinpath("migrations")
    found = [
        (int(match[1]), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if (match := _MIGRATION.match(file.name))
    ]
    return sorted(found)


@contextlib.contextmanager
def writing(folder: Path, *, wait_s: float = LOCK_WAIT_S) -> Iterator[DuckDBPyConnection]:
    """The database in `folder`, migrated, for writing.

    Raises:
        StoreError: locked for longer than `wait_s` seconds, not a database, from a newer version,
            or the disk refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made: {error.strerror or error}") from error
    path = folder / DATABASE_FILE
    with _open(path, read_only=False, wait_s=wait_s) as connection:
        migrate(connection, path)
        yield connection


@contextlib.contextmanager
def reading(
    folder: Path, *, shut: bool = True, frugal: bool = False, wait_s: float = LOCK_WAIT_S
) -> Iterator[DuckDBPyConnection]:
    """The database in `folder`, read-only; `shut` off from files, network and settings.

    A `frugal` connection takes half a gigabyte at most, and puts what has no room beside the
    database.

    Raises:
        StoreError: as `writing`, or there is no database yet.
    """
    path = folder / DATABASE_FILE
    if not path.exists():
        raise StoreError(f"{path}: there is no store yet", hint="run a suite: paygrade run")
    config = {**(_SHUT if shut else {}), **(_frugal(folder) if frugal else {})}
    with _open(path, read_only=True, wait_s=wait_s, config=config) as connection:
        yield connection


_Config = dict[str, str | bool | int | float | list[str]]
_SHUT: _Config = {"enable_external_access": "false", "lock_configuration": "true"}


def _frugal(folder: Path) -> _Config:
    return {
        "memory_limit": "500MB",
        "threads": 2,
        "temp_directory": str(folder / "tmp"),
    }


@contextlib.contextmanager
def _open(
    path: Path, *, read_only: bool, wait_s: float, config: _Config | None = None
) -> Iterator[DuckDBPyConnection]:
    import duckdb  # noqa: PLC0415 - a quarter of a second that only store commands should pay

    connect = partial(duckdb.connect, str(path), read_only=read_only, config=config or {})
    connection = _unlocked(path, connect, wait_s)
    try:
        with contextlib.closing(connection):
            yield connection
    except duckdb.Error as error:
        raise StoreError(f"{path}: {_first_line(error)}", hint=_REBUILT) from error


_REBUILT = "the journals hold everything: move the file away and it is built again"
# By another process, or by another thread of this one that wants it otherwise.
_LOCKED = re.compile("Could not set lock on file|with a different configuration")


def _unlocked(
    path: Path, connect: Callable[[], DuckDBPyConnection], wait_s: float
) -> DuckDBPyConnection:
    """What `connect` returns once nobody else has the file, within `wait_s` seconds."""
    import duckdb  # noqa: PLC0415 - see `_open`

    deadline = time.monotonic() + wait_s
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return connect()
        except duckdb.Error as error:
            if not _LOCKED.search(str(error)):
                problem = f"{path}: cannot be opened: {_first_line(error)}"
                raise StoreError(problem, hint=_REBUILT) from error
            if time.monotonic() >= deadline:
                holder = re.search(r"PID (\d+)", str(error))
                who = f" (process {holder[1]})" if holder else ""
                raise StoreError(
                    f"{path}: is locked by another process{who}; waited {wait_s:g} s",
                    hint="wait for it to end; runs are safe in their journals meanwhile",
                ) from error
        time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
        pause = min(pause * 2, _LONGEST_PAUSE_S)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def migrate(connection: DuckDBPyConnection, path: Path) -> None:
    """Bring the database, which messages name as `path`, to this version's tables and views.

    Raises:
        StoreError: it is from a newer version.
    """
    known = migrations()
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"
    ).fetchall()
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    current = row[0] if row else 0
    newest = known[-1][0]
    if current > newest:
        raise StoreError(
            f"{path}: is from a newer version of paygrade (schema {current}, this one knows "
            f"{newest})",
            hint="upgrade paygrade, or move the file away and it is built again from the journals",
        )
    for number, text in known:
        if number > current:
            with transaction(connection):
                connection.execute(text).fetchall()
                connection.execute(
                    "INSERT INTO schema_version VALUES ($n)", {"n": number}
                ).fetchall()


@contextlib.contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


_QUESTION = "such as: FROM failure_rate"


def one_statement(text: str) -> None:
    """Refuse what is not exactly one SQL statement: of several, only the last would answer.

    Raises:
        StoreError: it is none, several, or not SQL.
    """
    import duckdb  # noqa: PLC0415 - see `_open`

    try:
        count = len(duckdb.extract_statements(text))
    except duckdb.Error as error:
        raise _refusal(error) from error
    if count == 0:
        raise StoreError("there is no statement in it", hint=_QUESTION)
    if count > 1:
        raise StoreError(f"this is {count} SQL statements", hint="ask one question at a time")


def rows(
    connection: DuckDBPyConnection, statement: str, parameters: dict[str, Any] | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one statement and fetch it all: column names and rows.

    Raises:
        StoreError: the statement is refused, with the database's own words.
    """
    import duckdb  # noqa: PLC0415 - see `_open`

    try:
        result = connection.execute(statement, parameters)
        if result is None:
            raise StoreError("there is no statement in it", hint=_QUESTION)
        columns = [column[0] for column in result.description or []]
        return columns, result.fetchall()
    except (duckdb.Error, ValueError, OverflowError) as error:
        raise _refusal(error) from error


def arrays(
    connection: DuckDBPyConnection, statement: str, parameters: Mapping[str, Any]
) -> dict[str, NDArray[Any]]:
    """Run one statement and fetch its columns, none with NULL, as arrays by name.

    Raises:
        StoreError: the statement is refused.
    """
    import duckdb  # noqa: PLC0415 - see `_open`

    try:
        return dict(connection.execute(statement, dict(parameters)).fetchnumpy())
    except (duckdb.Error, ValueError, OverflowError) as error:
        raise _refusal(error) from error


# What the database says, and what a person can do about it.
_MENDS = {
    "disabled by configuration|disabled through configuration": (
        "the store is shut off from files and network here; write files with `paygrade export`"
    ),
    "in read-only mode": "the store is only read here: runs write it",
    "configuration has been locked": "settings cannot be changed here",
}


def _refusal(error: Exception) -> StoreError:
    text = str(error).strip()
    hint = next((mend for pattern, mend in _MENDS.items() if re.search(pattern, text)), "")
    return StoreError(text, hint=hint)


def delete(connection: DuckDBPyConnection, name: str, parameters: dict[str, Any]) -> None:
    """Run each statement of the query `name` of `queries.sql`.

    Raises:
        StoreError: one is refused.
    """
    for statement in queries()[name].split(";"):
        if statement.strip():
            rows(connection, statement, parameters)


def append(connection: DuckDBPyConnection, table: str, values: list[tuple[Any, ...]]) -> None:
    """Append rows in bulk.

    Raises:
        ValueError: a value does not fit its column.
    """
    import duckdb  # noqa: PLC0415 - see `_open`

    if not values:
        return
    try:
        with connection.appender(table) as appender:
            appender.append_rows(values)
    except (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException) as error:
        raise ValueError(_first_line(error)) from error


def write_parquet(
    folder: Path,
    statement: str,
    parameters: dict[str, Any],
    file: Path,
    clean: Callable[[list[str], list[tuple[Any, ...]]], list[tuple[Any, ...]]] | None = None,
) -> None:
    """Write what `statement` answers into `file` as Parquet (zstd), its rows after `clean`.

    Raises:
        StoreError: the statement is refused.
        OSError: the file cannot be written.
    """
    file.touch()  # a clear OSError, before the database says it in its own words
    # a view cannot take parameters, so the answer goes through a table that lasts for this call
    with reading(folder, shut=False) as connection:
        select = statement.rstrip().rstrip(";")
        rows(connection, f"CREATE TEMP TABLE exported AS {select}", parameters)
        if clean is not None:
            _clean(connection, clean)
        table = "exported" if clean is None else "cleaned"
        rows(
            connection,
            f"COPY {table} TO $file (FORMAT parquet, COMPRESSION zstd)",
            {"file": str(file)},
        )


_BATCH = 10_000


def _clean(
    connection: DuckDBPyConnection,
    clean: Callable[[list[str], list[tuple[Any, ...]]], list[tuple[Any, ...]]],
) -> None:
    """Make the table `cleaned` of `exported`, some rows at a time: there may be millions."""
    rows(connection, "CREATE TEMP TABLE cleaned AS FROM exported LIMIT 0")
    [[count]] = rows(connection, "SELECT count(*) FROM exported")[1]
    batch = "SELECT * FROM exported WHERE rowid >= $start AND rowid < $end ORDER BY rowid"
    for start in range(0, count, _BATCH):
        columns, found = rows(connection, batch, {"start": start, "end": start + _BATCH})
        append(connection, "cleaned", clean(columns, found))

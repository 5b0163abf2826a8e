"""A private copy of the store that follows its journals, and never takes the store's lock.

While anybody has the database open, nobody else can write it. So its file is copied, byte by byte,
into a temporary folder, and that copy is what is read and brought up to date: a run, a gate or a
question in SQL goes on as if nobody looked.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from paygrade.errors import StoreError
from paygrade.store.database import DATABASE_FILE, migrate, queries, rows
from paygrade.store.fill import sync_into
from paygrade.store.under_way import runs_under_way

if TYPE_CHECKING:
    from paygrade.store.database import Connection

_SETTLED_S = 0.05
"""A file that was written more recently may be written again with the same time stamp."""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,  # runs that are going on need the others
    "memory_limit": "500MB",
}


class Live:
    """What the store in `store` holds, as of the last `refresh`.

    `connection` is this object's own, for one thread at a time, and so is `folder`, in which it
    lies. `problems` has a sentence for each journal and record that could not be read, `under_way`
    the ids of runs that are being written.
    `stored` is equal as long as nothing but runs under way has changed.
    """

    def __init__(self, store: Path) -> None:
        """Copy the database of `store` if it lies still; else begin with an empty one.

        Raises:
            OSError: there is no room for temporary files.
        """
        self.problems: tuple[str, ...] = ()
        self.under_way: tuple[str, ...] = ()
        self._store = store
        self.stored: object = None
        self._going: object = None
        self._temporary = tempfile.TemporaryDirectory(prefix="paygrade-view-")
        self.folder = Path(self._temporary.name)
        self.connection = _opened(store / DATABASE_FILE, self.folder / DATABASE_FILE)

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """As `close`."""
        self.close()

    def close(self) -> None:
        """Close the copy and delete it."""
        self.connection.close()
        self._temporary.cleanup()

    def refresh(self) -> bool:
        """Take what is new in journals and records, and forget runs whose journals are gone.

        Returns:
            Whether anything is other than it was.

        Raises:
            StoreError: the copy cannot be written.
        """
        self.problems = sync_into(self.connection, self._store).problems
        runs = sorted(self._rows("states"))
        going = [each for each in runs if each[1] != "complete"]
        self.under_way = runs_under_way(self._store, [each[0] for each in going])
        whole = tuple(each for each in runs if each[1] == "complete")
        before = self.stored, self._going
        records = ("filled_gates", "filled_calibrations")
        filled = tuple(tuple(sorted(self._rows(each))) for each in records)
        self.stored = (whole, filled, self.problems)
        self._going = (going, self.under_way)
        return before != (self.stored, self._going)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return rows(self.connection, queries()[query])[1]


def _opened(source: Path, copy: Path) -> Connection:
    import duckdb  # noqa: PLC0415 - a quarter of a second that only store commands should pay

    if _copied(source, copy):
        # one that cannot be read, or is from a newer version: the journals hold everything
        with contextlib.suppress(duckdb.Error, StoreError):
            return _migrated(copy, source)
        copy.unlink(missing_ok=True)
    return _migrated(copy, source)


def _migrated(copy: Path, source: Path) -> Connection:
    import duckdb  # noqa: PLC0415 - see `_opened`

    connection = duckdb.connect(str(copy), config=_SETTINGS)
    try:
        migrate(connection, source)
    except BaseException:
        connection.close()
        raise
    return connection


def _copied(source: Path, copy: Path) -> bool:
    """Whether `copy` now holds `source` as it was between two writers."""
    before = _stamp(source)
    if before is None:
        return False
    try:
        shutil.copyfile(source, copy)
    except OSError:
        copy.unlink(missing_ok=True)
        return False
    if _stamp(source) == before:
        return True
    copy.unlink()
    return False


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; `None` where it is missing or being written just now."""
    try:
        found = file.stat()
    except OSError:
        return None
    log = file.with_name(f"{file.name}.wal")  # there while a writer has more than the file does
    if log.exists() or time.time() - found.st_mtime < _SETTLED_S:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

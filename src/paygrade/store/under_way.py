"""Runs that are being written at this moment, told without touching their locks."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade.store.database import queries
from paygrade.store.entries import JOURNAL_FILE
from paygrade.store.fill import RUNS_FOLDER
from paygrade.store.site import ask, complete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.records.site import Asked
    from paygrade.store.database import Connection

_GREW_WITHIN_S = 30.0
_LOCKS = Path("/proc/locks")
# such as `1: FLOCK  ADVISORY  WRITE 4711 fe:00:123456 0 EOF`: the last number but one is the inode
_HELD = re.compile(r": FLOCK +ADVISORY +WRITE -?\d+ [0-9a-f]+:[0-9a-f]+:(\d+) ")


def runs_under_way(store: Path, run_ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the runs whose journals somebody is writing.

    That is seen in the kernel's list of locks where it has one, and anywhere in a journal that
    grew within half a minute. Taking its lock to try would stop a `paygrade resume`.
    """
    locked = _locked() if run_ids else frozenset()
    return tuple(
        each for each in run_ids if _is_written(store / RUNS_FOLDER / each / JOURNAL_FILE, locked)
    )


def _is_written(journal: Path, locked: frozenset[int]) -> bool:
    try:
        found = journal.stat()
    except OSError:
        return False
    return found.st_ino in locked or time.time() - found.st_mtime < _GREW_WITHIN_S


def _locked() -> frozenset[int]:
    """The inodes of all files that somebody holds alone."""
    try:
        lines = _LOCKS.read_text("utf-8").splitlines()
    except OSError:
        return frozenset()
    found = (_HELD.search(line) for line in lines)
    return frozenset(int(held[1]) for held in found if held)


def under_way(connection: Connection, run_ids: Sequence[str]) -> Asked:
    """Figures of the whole runs among `run_ids` that nothing newer replaced.

    Raises:
        StoreError: the database cannot be read.
    """
    return ask(connection, complete(queries()["under_way"].strip("; \n"), {"run_ids": run_ids}))

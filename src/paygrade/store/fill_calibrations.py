"""From the records of calibrations to tables: one transaction a record, idempotent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.errors import JournalError
from paygrade.store import calibrations
from paygrade.store.database import append, delete, queries, rows, transaction

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from paygrade.store.calibrations import CalibrationRecord


def sync_calibrations(connection: DuckDBPyConnection, store: Path) -> tuple[list[str], list[str]]:
    """Make the tables say what the records say: the ids that were filled, and the problems.

    A record that cannot be read is left out and named; the others are filled. None is written a
    second time, so that its size tells whether it is known.

    Raises:
        StoreError: the database cannot be written.
    """
    files = calibrations.record_files(store)
    known = dict(rows(connection, queries()["filled_calibrations"])[1])
    for calibration_id in known.keys() - {file.stem for file in files}:
        with transaction(connection):
            delete(connection, "delete_calibration", {"calibration_id": calibration_id})
    filled: list[str] = []
    problems: list[str] = []
    for file in files:
        try:
            size = _size(file)
            if known.get(file.stem) != size:
                _fill(connection, file, size)
                filled.append(file.stem)
        except JournalError as error:
            problems.append(str(error))
    return filled, problems


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise JournalError(f"{file}: cannot be read: {error.strerror or error}") from error


def _fill(connection: DuckDBPyConnection, file: Path, size: int) -> None:
    record = calibrations.read(file)
    found = record.measured
    detects = [
        (record.calibration_id, each.epochs, each.samples, each.rise) for each in found.sensitivity
    ]
    try:
        with transaction(connection):
            delete(connection, "delete_calibration", {"calibration_id": record.calibration_id})
            append(connection, "calibrations", [_row(record, size)])
            append(connection, "calibration_detects", detects)
    except ValueError as error:
        raise JournalError(f"{file}: holds a value that cannot be stored: {error}") from error


def _row(record: CalibrationRecord, size: int) -> tuple[Any, ...]:
    found = record.measured
    rate = found.alarms / found.invocations if found.invocations else None
    return (
        record.calibration_id, record.measured_at, found.suite, found.runner, record.deterministic,
        found.samples, found.epochs, found.stored_epochs, found.invocations, found.alarms, rate,
        found.low, found.high, found.inconclusive, found.power_target, found.promised, found.kept,
        json.dumps(found.notes, ensure_ascii=False), size,
    )  # fmt: skip

"""The record of every calibration: one JSON file each, written once, as a whole."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any

from paygrade import leaks
from paygrade.errors import JournalError
from paygrade.leaks import Barrier
from paygrade.records.verdict import Calibration, Sensitivity
from paygrade.store import lines
from paygrade.store.disk import replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CALIBRATIONS_FOLDER = "calibrations"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecord:
    """What `paygrade calibrate` measured of one suite with one runner, and when (UTC, ISO 8601)."""

    calibration_id: str
    measured_at: str
    deterministic: bool
    measured: Calibration


def write(store: Path, record: CalibrationRecord, barrier: Barrier | None = None) -> None:
    """Put the record on disk; what leaks is masked, what else the barrier masks in its notes.

    Raises:
        JournalError: the disk refuses.
    """
    path = store / CALIBRATIONS_FOLDER / f"{record.calibration_id}.json"
    plain: Any = {"v": VERSION, **dataclasses.asdict(record)}
    masked: Any = leaks.mask_value(plain)[0]
    notes: Any = (barrier or Barrier()).mask_value(masked["measured"]["notes"])[0]
    masked["measured"]["notes"] = notes
    replace(path, lines.text(masked).encode("utf-8", "replace"), "calibrate again")


def record_files(store: Path) -> list[Path]:
    """The file of every record, oldest first (their names start with the time)."""
    return sorted((store / CALIBRATIONS_FOLDER).glob("*.json"))


def read(file: Path) -> CalibrationRecord:
    """The record in `file`.

    Raises:
        JournalError: it cannot be read, is from a newer version, or is no record.
    """
    try:
        data = json.loads(file.read_bytes())
        version = data["v"]
        if version > VERSION:
            raise JournalError(
                f"{file}: was written by a newer version of paygrade (calibration format "
                f"{version}, this one reads up to {VERSION})",
                hint="upgrade paygrade",
            )
        record = _record(data)
    except OSError as error:
        raise JournalError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        hint = "the file was damaged after it was written: move it away"
        raise JournalError(f"{file}: is not a record of a calibration", hint=hint) from error
    if record.calibration_id != file.stem:
        raise JournalError(f"{file}: is the record of {record.calibration_id}")
    return record


_NUMBER = (int, float)
_MAYBE = (*_NUMBER, NoneType)
_Types = dict[str, type | tuple[type, ...]]
_OF_RECORD: _Types = {"calibration_id": str, "measured_at": str, "deterministic": bool}
_OF_MEASURED: _Types = {
    "suite": str, "runner": str, "samples": int, "epochs": int, "stored_epochs": int,
    "invocations": int, "alarms": int, "low": _NUMBER, "high": _NUMBER, "inconclusive": int,
    "power_target": _NUMBER, "promised": _MAYBE, "kept": (bool, NoneType),
}  # fmt: skip
_OF_SENSITIVITY: _Types = {
    "epochs": int, "samples": int, "rise": _MAYBE, "money_per_1000": dict,
}  # fmt: skip


def _record(data: Mapping[str, Any]) -> CalibrationRecord:
    measured = data["measured"]
    return CalibrationRecord(
        **_fields(data, _OF_RECORD),
        measured=Calibration(
            **_fields(measured, _OF_MEASURED),
            sensitivity=tuple(
                Sensitivity(**_fields(each, _OF_SENSITIVITY)) for each in measured["sensitivity"]
            ),
            notes=tuple(map(str, measured["notes"])),
        ),
    )


def _fields(data: Mapping[str, Any], types: _Types) -> dict[str, Any]:
    found = {name: data[name] for name in types}
    for name, value in found.items():
        if not isinstance(value, types[name]):
            raise TypeError(name)
    return found

"""Calibrations in the database: they follow their records, whatever becomes of those."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import JournalError
from paygrade.records.verdict import Calibration, Sensitivity
from paygrade.store import calibrations, database
from paygrade.store.calibrations import CalibrationRecord
from paygrade.store.fill import sync
from store.making import PAN

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

FIRST = "20261128-120000.000-calibrate-a1b2"


def record(name: str = FIRST, **changes: object) -> CalibrationRecord:
    """A suite that alarmed once in fifty."""
    values: dict[str, Any] = {
        "suite": "refunds", "runner": "echo", "samples": 40, "epochs": 3, "stored_epochs": 11,
        "invocations": 50, "alarms": 1, "low": 0.004, "high": 0.105, "inconclusive": 2,
        "sensitivity": (
            Sensitivity(epochs=3, samples=40, rise=0.125, money_per_1000={"EUR": 12.5}),
            Sensitivity(epochs=5, samples=40, rise=None, money_per_1000={}),
        ),
        "power_target": 0.8, "promised": 0.1, "kept": False, "notes": ("of these epochs",),
    }  # fmt: skip
    measured = Calibration(**{**values, **changes})
    return CalibrationRecord(
        calibration_id=name,
        measured_at="2026-11-28T12:00:00.000000Z",
        deterministic=False,
        measured=measured,
    )


def ask(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    with database.reading(store) as connection:
        return database.rows(connection, statement)[1]


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every field of it."""
    calibrations.write(tmp_path, record())
    [file] = calibrations.record_files(tmp_path)
    assert calibrations.read(file) == record()


def test_a_calibration_is_in_the_tables(tmp_path: Path) -> None:
    """With its rate, and what it can see; filled once."""
    calibrations.write(tmp_path, record())
    assert sync(tmp_path).calibrations == (FIRST,)
    question = "SELECT alarms, alarm_rate, invocations, kept, notes FROM calibrations"
    assert ask(tmp_path, question) == [(1, 0.02, 50, False, '["of these epochs"]')]
    assert ask(tmp_path, "SELECT epochs, samples, rise FROM calibration_detects ORDER BY 1") == [
        (3, 40, 0.125), (5, 40, None),
    ]  # fmt: skip
    assert sync(tmp_path).calibrations == ()


def test_where_nothing_was_played_there_is_no_rate(tmp_path: Path) -> None:
    """As for a deterministic runner."""
    calibrations.write(tmp_path, record(invocations=0, alarms=0, low=0.0, high=1.0))
    sync(tmp_path)
    assert ask(tmp_path, "SELECT alarm_rate, low, high FROM calibrations") == [(None, 0.0, 1.0)]


def test_a_record_that_is_gone_leaves_the_tables(tmp_path: Path) -> None:
    """Its rows of both tables."""
    calibrations.write(tmp_path, record())
    sync(tmp_path)
    calibrations.record_files(tmp_path)[0].unlink()
    sync(tmp_path)
    for table in ("calibrations", "calibration_detects"):
        assert ask(tmp_path, f"FROM {table}") == []


def test_a_bad_record_is_named_and_the_others_are_filled(tmp_path: Path) -> None:
    """It never ends a command."""
    second = "20261128-130000.000-calibrate-c3d4"
    calibrations.write(tmp_path, record())
    calibrations.write(tmp_path, record(second))
    calibrations.record_files(tmp_path)[0].write_text('{"v": 1}', "utf-8")
    synced = sync(tmp_path)
    assert synced.calibrations == (second,)
    [problem] = synced.problems
    said = f"{tmp_path}/calibrations/{FIRST}.json: is not a record of a calibration"
    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"v": 2}', "newer version"),
        ("[]", "is not a record"),
        ("{", "is not a record"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """In a sentence that names the file."""
    file = tmp_path / f"{FIRST}.json"
    file.write_text(text, "utf-8")
    with pytest.raises(JournalError, match=said):
        calibrations.read(file)


def test_a_value_of_another_type_is_no_record(tmp_path: Path) -> None:
    """Text where a number belongs."""
    calibrations.write(tmp_path, record())
    [file] = calibrations.record_files(tmp_path)
    data = json.loads(file.read_text("utf-8"))
    data["measured"]["alarms"] = "one"
    file.write_text(json.dumps(data), "utf-8")
    with pytest.raises(JournalError, match="is not a record"):
        calibrations.read(file)


def test_what_leaks_is_masked(tmp_path: Path) -> None:
    """In a note, as everywhere."""
    calibrations.write(tmp_path, record(notes=(f"card {PAN}",)))
    [file] = calibrations.record_files(tmp_path)
    assert PAN not in file.read_text("utf-8")


def test_calibrating_keeps_what_it_measured(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A deterministic runner as well: no alarm of none, and why."""
    workspace.replace("runners/always_refund.yaml", "provider", "deterministic: true\nprovider")
    assert paygrade("calibrate", "-w", workspace.root).code == 0
    question = "SELECT deterministic, alarms, invocations, alarm_rate, low, high FROM calibrations"
    assert ask(workspace.root / ".paygrade", question) == [(True, 0, 0, None, 0.0, 1.0)]
    [(notes,)] = ask(workspace.root / ".paygrade", "SELECT notes FROM calibrations")
    assert "deterministic" in notes

"""Reports in which every name is hostile."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeVar

from paygrade.errors import ExitCode
from reports.verdicts import MADE, exact, report

if TYPE_CHECKING:
    from paygrade.records.verdict import GateReport

OURS = (
    "verdict", "severity", "role", "mode", "asked", "inference", "on_inconclusive", "digest",
    "state", "purpose",
)  # fmt: skip
"""Fields that hold one of our own words."""

_Record = TypeVar("_Record")


def spoiled(record: _Record, text: str) -> _Record:
    """The record with `text` in place of every string that is not ours."""
    values = {
        field.name: _spoiled(getattr(record, field.name), text)
        for field in dataclasses.fields(record)  # type: ignore[arg-type]  # callers pass records
        if field.name not in OURS
    }
    return dataclasses.replace(record, **values)  # type: ignore[type-var]  # as above


def _spoiled(value: object, text: str) -> object:
    if isinstance(value, str):
        return value if value == "suite" else text
    if isinstance(value, tuple):
        return tuple(_spoiled(each, text) for each in value)
    return spoiled(value, text) if dataclasses.is_dataclass(value) else value


def hostile(text: str) -> GateReport:
    """A report of every verdict with `text` wherever a text is not ours."""
    suites = (*MADE.values(), exact())
    return spoiled(report(*suites, verdict="violated", code=ExitCode.REGRESSED), text)

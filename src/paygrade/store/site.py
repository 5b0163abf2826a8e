"""What pages show, asked of the database: each answer with the question that gives it again."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING

from paygrade.records.site import Asked
from paygrade.store.database import parts, rows
from paygrade.store.site_columns import (
    attempts_of,
    columns,
    write_columns,
    write_columns_into,
)
from paygrade.store.site_told import failing_of, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paygrade.store.database import Connection

__all__ = [
    "agents",
    "ask",
    "attempts_of",
    "columns",
    "failing_of",
    "gate",
    "overview",
    "suite_tables",
    "told",
    "write_columns",
    "write_columns_into",
]

_OF_A_SUITE = (
    "money", "trend", "accepted", "severities", "checks", "slices", "classes", "errors", "pairs",
    "changes",
)  # fmt: skip
_PLACE = re.compile(r"\$(\w+)")


def ask(connection: Connection, sql: str) -> Asked:
    """Ask one complete question.

    Raises:
        StoreError: it is refused.
    """
    columns, found = rows(connection, sql)
    return Asked(sql=sql, columns=tuple(columns), rows=tuple(found))


def overview(connection: Connection, suites: Sequence[str]) -> dict[str, Asked]:
    """The newest whole run of each suite and runner, their money, their history.

    Raises:
        StoreError: the database cannot be read.
    """
    runs = _asked(connection, "published", suites=suites)
    ids = _run_ids(runs)
    return {
        "runs": runs,
        "money": _asked(connection, "overview.money", runs=ids),
        "masked": _asked(connection, "overview.masked", runs=ids),
        "trend": _asked(connection, "overview.trend", suites=suites),
    }


def suite_tables(connection: Connection, suite: str, *, samples: bool) -> dict[str, Asked]:
    """All tables of one suite's page; with `samples` those that name samples.

    Raises:
        StoreError: the database cannot be read.
    """
    runs = _asked(connection, "suite.runs", suite=suite)
    ids = _run_ids(runs)
    names = (*_OF_A_SUITE, "flips") if samples else _OF_A_SUITE
    found = {name: _asked(connection, f"suite.{name}", suite=suite, runs=ids) for name in names}
    return {"runs": runs, **found}


def agents(connection: Connection, suites: Sequence[str]) -> dict[str, Asked]:
    """What the agents of published runs did; empty where no agent was judged.

    Raises:
        StoreError: the database cannot be read.
    """
    ids = _run_ids(_asked(connection, "published", suites=suites))
    found = {
        name: _asked(connection, f"agents.{name}", runs=ids)
        for name in ("effects", "money", "tries")
    }
    return found if found["effects"].rows or found["tries"].rows else {}


def gate(connection: Connection, suites: Sequence[str]) -> dict[str, Asked]:
    """What the gate said, and what it can see.

    Raises:
        StoreError: the database cannot be read.
    """
    calibrations = _asked(connection, "gate.calibrations", suites=suites)
    ids = [row["calibration_id"] for row in calibrations.records()]
    return {
        "verdicts": _asked(connection, "gate.verdicts", suites=suites),
        "calibrations": calibrations,
        "detects": _asked(connection, "gate.detects", calibrations=ids),
        "power": _asked(connection, "gate.power", suites=suites),
    }


def _run_ids(runs: Asked) -> list[str]:
    return [row["run_id"] for row in runs.records()]


def _asked(connection: Connection, name: str, **values: str | Sequence[str]) -> Asked:
    return ask(connection, complete(_questions()[name], values))


def complete(question: str, values: Mapping[str, str | Iterable[str]]) -> str:
    """The question with literals for its parameters: it can be asked anywhere."""
    literals = {
        name: _literal(value)
        if isinstance(value, str)
        else f"({', '.join(map(_literal, value)) or 'NULL'})"
        for name, value in values.items()
    }
    return _PLACE.sub(lambda match: literals[match[1]], question)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@functools.cache
def _questions() -> dict[str, str]:
    """Each question by its name, without the line that describes it."""
    text = resources.files(__package__).joinpath("site.sql").read_text(encoding="utf-8")
    return {
        name: "\n".join(line for line in body.splitlines() if not line.startswith("-- ")).strip()
        for name, body in parts(text).items()
    }

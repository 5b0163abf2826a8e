"""From the records of the gate to tables: one transaction a record, idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.errors import JournalError
from paygrade.store import gates, lines
from paygrade.store.database import append, delete, queries, rows, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from paygrade.store.gates import GateRecord, SuiteRecord


def sync_gates(connection: DuckDBPyConnection, store: Path) -> tuple[list[str], list[str]]:
    """Make the tables say what the records say: the ids that were filled, and the problems.

    A record that cannot be read is left out and named; the others are filled.

    Raises:
        StoreError: the database cannot be written.
    """
    files = gates.record_files(store)
    known = {row[0]: row[1:] for row in rows(connection, queries()["filled_gates"])[1]}
    for gate_id in known.keys() - {file.stem for file in files}:
        with transaction(connection):
            delete(connection, "delete_gate", {"gate_id": gate_id})
    filled: list[str] = []
    problems: list[str] = []
    for file in files:
        try:
            state = _state(file)  # before it is read: one that is replaced meanwhile is read again
            if known.get(file.stem) != state:
                _fill(connection, file, state)
                filled.append(file.stem)
        except JournalError as error:
            problems.append(str(error))
    return filled, problems


def _state(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError as error:
        raise JournalError(f"{file}: cannot be read: {error.strerror or error}") from error
    return found.st_size, found.st_mtime_ns


def _fill(connection: DuckDBPyConnection, file: Path, state: tuple[int, int]) -> None:
    """Replace everything the database has of one record by what its file says."""
    record = gates.read(file)
    decided = [each for each in record.suites if each.verdict]
    try:
        verdicts = [_verdict_row(record, each) for each in decided]
        hypotheses = [
            _hypothesis_row(record, suite, each) for suite in decided for each in _tested(suite)
        ]
        with transaction(connection):
            delete(connection, "delete_gate", {"gate_id": record.gate_id})
            gate = (record.gate_id, record.started_at, record.state, *state)
            append(connection, "gates", [gate])
            append(connection, "verdicts", verdicts)
            append(connection, "hypotheses", hypotheses)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise JournalError(f"{file}: holds a value that cannot be stored: {error}") from error


def _verdict_row(gate: GateRecord, suite: SuiteRecord) -> tuple[Any, ...]:
    result: Mapping[str, Any] = suite.result or {}
    candidate = result.get("candidate") or {}
    whole = next((each for each in _tested(suite) if each["name"] == "suite"), {})
    change = _judged(whole) if whole else {}
    return (
        gate.gate_id, gate.started_at, suite.suite, suite.runner, suite.verdict,
        result.get("headline", ""), lines.text(result.get("codes", ())), suite.baseline_digest,
        suite.candidate, suite.run_id, candidate.get("prompt", ""), candidate.get("commit", ""),
        suite.look, suite.level, (result.get("confirmation") or {}).get("mode", ""),
        result.get("usable", 0), change.get("rise"), change.get("low"), change.get("high"),
        whole.get("p_more"), whole.get("p_adjusted"), result.get("detects"), gate.exit_code,
    )  # fmt: skip


def _tested(suite: SuiteRecord) -> list[Mapping[str, Any]]:
    result: Mapping[str, Any] = suite.result or {}
    return list(result.get("hypotheses", ()))


def _hypothesis_row(
    gate: GateRecord, suite: SuiteRecord, tested: Mapping[str, Any]
) -> tuple[Any, ...]:
    change = _judged(tested)
    return (
        gate.gate_id, suite.suite, suite.runner, tested["name"], tested["samples"],
        tested["before"]["rate"], tested["after"]["rate"], change["rise"], change["low"],
        change["high"], tested["p_more"], tested["p_fewer"], tested["p_cases"], tested["p_fresh"],
        tested["p_adjusted"], tested["flagged"], tested["verdict"],
    )  # fmt: skip


def _judged(tested: Mapping[str, Any]) -> Mapping[str, Any]:
    """The change that the verdict rests on: the fresh one where there is one."""
    change: Mapping[str, Any] = tested["fresh"] or tested["change"]
    return change

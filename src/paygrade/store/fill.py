"""From journals to tables: in bulk through the appender, one transaction a run, idempotent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paygrade.errors import JournalError
from paygrade.records.agent_json import trajectory_from_json
from paygrade.store import calibrations, gates, lines
from paygrade.store.database import (
    DATABASE_FILE,
    append,
    delete,
    queries,
    rows,
    transaction,
    writing,
)
from paygrade.store.entries import JOURNAL_FILE, read_entries, typed, whole_size
from paygrade.store.fill_calibrations import sync_calibrations
from paygrade.store.fill_gates import sync_gates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from paygrade.records.agent import Trajectory
    from paygrade.records.run import RunHeader

RUNS_FOLDER = "runs"
_BATCH = 2000
_TABLES = (
    "samples", "sample_slices", "attempts", "checks", "findings", "calls", "judge_calls",
    "tool_calls", "effects",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What `sync` did: runs, invocations of the gate and calibrations that it filled.

    `problems` has a sentence for each journal and each record that could not be read.
    """

    filled: tuple[str, ...]
    problems: tuple[str, ...]
    gates: tuple[str, ...] = ()
    calibrations: tuple[str, ...] = ()


def run_folders(store: Path) -> list[Path]:
    """The folder of every run, oldest first (their names start with the time)."""
    return sorted(file.parent for file in (store / RUNS_FOLDER).glob(f"*/{JOURNAL_FILE}"))


def sync(store: Path) -> Synced:
    """Make the database say what journals and records say: it keeps nothing without one.

    One that cannot be read is left out and named; the others are filled.

    Raises:
        StoreError: the database cannot be written.
    """
    records = (run_folders(store), gates.record_files(store), calibrations.record_files(store))
    if not any(records) and not (store / DATABASE_FILE).exists():
        return Synced(filled=(), problems=())
    with writing(store) as connection:
        return sync_into(connection, store)


def sync_into(connection: DuckDBPyConnection, store: Path) -> Synced:
    """As `sync`, with a database that is open already and may lie elsewhere.

    Raises:
        StoreError: it cannot be written.
    """
    runs, unread = _sync_runs(connection, run_folders(store))
    judged, unreadable = sync_gates(connection, store)
    measured, lost = sync_calibrations(connection, store)
    return Synced(
        filled=tuple(runs),
        problems=(*unread, *unreadable, *lost),
        gates=tuple(judged),
        calibrations=tuple(measured),
    )


def _sync_runs(connection: DuckDBPyConnection, folders: list[Path]) -> tuple[list[str], list[str]]:
    """Fill runs from their journals: the ids that were filled, and the problems."""
    filled: list[str] = []
    problems: list[str] = []
    known = dict(rows(connection, queries()["filled"])[1])
    for run_id in known.keys() - {folder.name for folder in folders}:
        with transaction(connection):
            delete(connection, "delete_run", {"run_id": run_id})
    for folder in folders:
        try:
            size = whole_size(folder)
            if known.get(folder.name) != size:
                _fill(connection, folder, size)
                filled.append(folder.name)
        except JournalError as error:
            problems.append(str(error))
        except OSError as error:
            reason = error.strerror or error
            problems.append(f"{folder / JOURNAL_FILE}: cannot be read: {reason}")
    return filled, problems


def _fill(connection: DuckDBPyConnection, folder: Path, size: int) -> None:
    """Replace everything the database has of one run by what its journal says."""
    try:
        with transaction(connection):
            delete(connection, "delete_run", {"run_id": folder.name})
            _take(connection, folder, size)
    except ValueError as error:
        problem = f"{folder / JOURNAL_FILE}: holds a value that cannot be stored: {error}"
        raise JournalError(problem) from error


def _take(connection: DuckDBPyConnection, folder: Path, size: int) -> None:
    entries = read_entries(folder, ("run", "sample", "call", "answer", "judge", "outcome"))
    first = next(entries, None)
    if first is None:
        raise JournalError(f"{folder / JOURNAL_FILE}: is empty: the run never began")
    header = typed(folder, first, lines.header_from)
    if header.run_id != folder.name:
        raise JournalError(f"{folder / JOURNAL_FILE}: is the journal of run {header.run_id}")
    batch = _Batch(header.run_id)
    takers = {
        "sample": batch.sample, "call": batch.call, "answer": batch.answer,
        "judge": batch.judge, "outcome": batch.outcome,
    }  # fmt: skip
    done = 0
    for entry in entries:
        typed(folder, entry, takers[entry.kind])
        done += entry.kind == "outcome"
        if batch.size >= _BATCH:
            batch.flush(connection)
    batch.flush(connection)
    state = "complete" if done == header.attempts else "incomplete"
    append(connection, "runs", [_run_row(header, state, size)])


@dataclass(slots=True)
class _Batch:
    """Rows of the tables, waiting to be appended. Answers wait for their outcome."""

    run_id: str
    size: int = 0
    tables: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=lambda: {name: [] for name in _TABLES}
    )
    answers: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    acted: dict[tuple[str, int], Trajectory] = field(default_factory=dict)

    def flush(self, connection: DuckDBPyConnection) -> None:
        """Append what waits."""
        for name, waiting in self.tables.items():
            append(connection, name, waiting)
            waiting.clear()
        self.size = 0

    def sample(self, data: Mapping[str, Any]) -> None:
        """Take a sample."""
        self.size += 1
        sample_id = data["sample_id"]
        row = (
            self.run_id, sample_id, data["case"], data["case_class"], data["exposure_minor"],
            data["currency"], data["content_hash"], _json(data["input"]), _json(data["expected"]),
            _json(data["messages"]),
        )  # fmt: skip
        self.tables["samples"].append(row)
        self.tables["sample_slices"] += [
            (self.run_id, sample_id, name, value)
            for name, values in data["slices"].items()
            for value in values
        ]

    def call(self, data: Mapping[str, Any]) -> None:
        """Take a call that gave no answer."""
        self.size += 1
        row = (
            self.run_id, data["sample_id"], data["epoch"], data["number"], data["kind"],
            data["problem"], data["request_id"], data["latency_s"], data["retry_in_s"],
            data["cost_usd"], data["at"],
        )  # fmt: skip
        self.tables["calls"].append(row)

    def answer(self, data: Mapping[str, Any]) -> None:
        """Take an answer, which is appended with its outcome."""
        key = (data["sample_id"], data["epoch"])
        self.answers[key] = data
        self.acted.pop(key, None)
        if data.get("trajectory") is not None:
            self.acted[key] = trajectory_from_json(data["trajectory"])

    def judge(self, data: Mapping[str, Any]) -> None:
        """Take a call to a judge, once it is known how it ended."""
        if data["of"] == "sent":
            return
        self.size += 1
        usage = data.get("usage") or {}
        kind = "answer" if data["of"] == "answer" else data["kind"]
        row = (
            self.run_id, data["sample_id"], data["epoch"], data["judge"], data["rubric"], kind,
            data.get("model"), usage.get("input_tokens"), usage.get("output_tokens"),
            data["cost_usd"], data["latency_s"], data["at"],
        )  # fmt: skip
        self.tables["judge_calls"].append(row)

    def outcome(self, data: Mapping[str, Any]) -> None:
        """Take the outcome of an attempt."""
        self.size += 1
        key = (data["sample_id"], data["epoch"])
        seen = self.answers.pop(key, {})
        usage = seen.get("usage") or {}
        acted = self.acted.pop(key, None)
        row = (
            self.run_id, *key, data["kind"], data.get("failed"), data.get("error_kind", ""),
            data.get("error", ""), seen.get("text"), seen.get("finish"), seen.get("model"),
            seen.get("latency_s"), usage.get("input_tokens"), usage.get("output_tokens"),
            usage.get("cached_tokens"), usage.get("cache_write_tokens"),
            usage.get("reasoning_tokens"), seen.get("cost_usd"), seen.get("at"),
            seen.get("request_id") or data.get("request_id", ""), seen.get("calls"),
            seen.get("cached"), seen.get("digest", ""), _json(seen.get("sent") or {}),
            None if acted is None else _json(seen["trajectory"]),
            "" if acted is None else acted.guard,
        )  # fmt: skip
        self.tables["attempts"].append(row)
        self.tables["checks"] += [
            (
                self.run_id, *key, each["id"], each["scorer"], each["severity"], each["role"],
                each["result"], each["value"], each["reason"], _json(each["partial"]),
            )
            for each in data["checks"]
        ]  # fmt: skip
        self.tables["findings"] += [
            (self.run_id, *key, each["kind"], each["start"], each.get("place", ""))
            for each in seen.get("findings", ())
        ]
        if acted is not None:
            self._acted(key, acted)

    def _acted(self, key: tuple[str, int], acted: Trajectory) -> None:
        """Take what an agent did."""
        calls = [
            (
                self.run_id, *key, step, position, each.tool, each.status, each.fault, each.guard,
                _json(each.arguments), _json(each.result),
            )
            for step, said in enumerate(acted.steps, 1)
            for position, each in enumerate(said.calls, 1)
        ]  # fmt: skip
        effects = [
            (
                self.run_id, *key, each.intent, each.id, each.amount_minor, each.currency,
                each.subject,
            )
            for each in acted.effects
        ]  # fmt: skip
        self.tables["tool_calls"] += calls
        self.tables["effects"] += effects
        self.size += len(calls) + len(effects)


def _run_row(header: RunHeader, state: str, size: int) -> tuple[Any, ...]:
    identity = header.identity
    selection = {name: getattr(header.selection, name) for name in header.selection.__slots__}
    return (
        header.run_id, header.suite, header.runner, header.provider, header.prompt, header.dataset,
        header.epochs, header.samples, header.attempts, state, header.started_at,
        header.deterministic, header.max_failure_rate, identity.prompt, identity.dataset,
        identity.runner, identity.scorers, header.commit, header.dirty, _json(header.versions),
        _json(selection), _json(header.price), header.budget_usd and float(header.budget_usd), size,
        header.purpose, identity.tools, _json(header.slices), _json(_declared(header)),
    )  # fmt: skip


def _declared(header: RunHeader) -> list[dict[str, str | bool]]:
    """The suite's own checks, as far as figures rest on them."""
    return [
        {"id": each.id, "scorer": each.scorer, "negated": each.negated} for each in header.checks
    ]


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

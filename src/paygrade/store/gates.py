"""The record of every invocation of the gate: one JSON file each, the truth of what was said.

A file is replaced as a whole, so that a kill leaves the record before it or the one after it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args

from paygrade import leaks
from paygrade.errors import JournalError
from paygrade.leaks import Barrier
from paygrade.store import lines
from paygrade.store.disk import replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paygrade.records.json_value import Json

GATES_FOLDER = "gates"
VERSION = 1

GateState = Literal["running", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRecord:
    """What one invocation of the gate did with one suite and one runner.

    `key` is equal where suite, baseline and candidate are: such records are looks at the same
    thing. `candidate` is its fingerprint, `run_id` its run. `chosen` are the samples that were
    asked again, in the runs `fresh_before` (of the baseline's version) and `fresh_after` (of the
    candidate's). `verdict` is empty while there is none; `result` is the `SuiteVerdict` as JSON.
    """

    suite: str
    runner: str
    key: str
    baseline_digest: str
    candidate: str
    epochs: int
    run_id: str = ""
    chosen: tuple[str, ...] = ()
    fresh_before: tuple[str, ...] = ()
    fresh_after: tuple[str, ...] = ()
    look: int
    level: float
    verdict: str = ""
    result: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """One invocation of the gate. It stays `running` where it was killed.

    `exit_code` is what the process ended with, `None` before.
    """

    gate_id: str
    started_at: str
    state: GateState
    suites: tuple[SuiteRecord, ...]
    exit_code: int | None = None


def write(store: Path, record: GateRecord, barrier: Barrier | None = None) -> None:
    """Put the record on disk, in place of the one before it; what leaks is masked.

    What a verdict says goes through `barrier` (default: that of a workspace that says nothing).

    Raises:
        JournalError: the disk refuses.
    """
    path = store / GATES_FOLDER / f"{record.gate_id}.json"
    data = lines.text(_masked(record, barrier or Barrier())).encode("utf-8", "replace")
    replace(path, data, "gate again")


def record_files(store: Path) -> list[Path]:
    """The file of every record, oldest first (their names start with the time)."""
    return sorted((store / GATES_FOLDER).glob("*.json"))


def read(file: Path) -> GateRecord:
    """The record in `file`.

    Raises:
        JournalError: it cannot be read, is from a newer version, or is no record.
    """
    return _record(file, _content(file))


def read_all(store: Path) -> tuple[list[GateRecord], list[str]]:
    """Every record, oldest first, and a sentence for each file that cannot be read."""
    records: list[GateRecord] = []
    problems: list[str] = []
    for file in record_files(store):
        try:
            records.append(read(file))
        except JournalError as error:
            problems.append(str(error))
    return records, problems


def earlier(store: Path, key: str) -> list[SuiteRecord]:
    """The decided records of `key`, oldest first: the looks that were taken before."""
    return [each for _, each in _of_key(store, key) if each.verdict]


def unfinished(store: Path, key: str) -> SuiteRecord | None:
    """The newest record of `key`, if its invocation was killed before it decided, or is going on.

    One that a newer invocation took up, or passed over, is no longer of interest.
    """
    found = _of_key(store, key)
    if not found or found[-1][0].state == "done" or found[-1][1].verdict:
        return None
    return found[-1][1]


def _of_key(store: Path, key: str) -> list[tuple[GateRecord, SuiteRecord]]:
    stored = _stored(key)
    said = json.dumps(stored, ensure_ascii=False).encode("utf-8", "replace")
    found: list[tuple[GateRecord, SuiteRecord]] = []
    for file in record_files(store):
        with contextlib.suppress(JournalError):  # `read_all` names it
            content = _content(file)
            if said in content:  # looking is a hundred times as fast as reading all that it holds
                record = _record(file, content)
                found += [(record, each) for each in record.suites if each.key == stored]
    return found


def _stored(key: str) -> str:
    """The key as it stands in a file."""
    masked: Any = leaks.mask_value({"key": key})[0]
    return key if lines.is_digest(key) else str(masked["key"])


_WORDS = {"headline", "next_step", "notes", "differs", "invariants"}
"""Of a verdict: what a person or a workspace may have written into it."""
_OUR_HASHES = ("key", "baseline_digest", "candidate", "commit")


def _masked(record: GateRecord, barrier: Barrier) -> dict[str, Any]:
    """The record as it is stored: without leaks, and with our own hashes as they are."""
    plain: dict[str, Any] = {"v": VERSION, **dataclasses.asdict(record)}
    masked: Any = leaks.mask_value(plain)[0]
    said: Any
    for before, after in zip(plain["suites"], masked["suites"], strict=True):
        _keep_hashes(before, after)
        if before["result"]:
            words = {name: after["result"].get(name) for name in _WORDS & after["result"].keys()}
            said, _ = barrier.mask_value(words)
            after["result"] = {**after["result"], **said}
            for side in ("baseline", "candidate"):
                _keep_hashes(before["result"].get(side), after["result"].get(side))
    return dict(masked)


def _keep_hashes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    if before and after:
        ours = {name: before[name] for name in _OUR_HASHES if lines.is_digest(before.get(name))}
        after.update(ours)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise JournalError(f"{file}: cannot be read: {error.strerror or error}") from error


def _record(file: Path, content: bytes) -> GateRecord:
    try:
        data = json.loads(content)
        version = data["v"]
        if version > VERSION:
            raise JournalError(
                f"{file}: was written by a newer version of paygrade (gate record format "
                f"{version}, this one reads up to {VERSION})",
                hint="upgrade paygrade",
            )
        record = _gate_from(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        hint = "the file was damaged after it was written: move it away"
        raise JournalError(f"{file}: is not a record of the gate", hint=hint) from error
    if record.gate_id != file.stem:
        raise JournalError(f"{file}: is the record of {record.gate_id}")
    return record


_Types = dict[str, type | tuple[type, ...]]
_OF_GATE: _Types = {
    "gate_id": str, "started_at": str, "state": str, "exit_code": (int, NoneType),
}  # fmt: skip
_LISTS = ("chosen", "fresh_before", "fresh_after")
_OF_SUITE: _Types = {
    "suite": str, "runner": str, "key": str, "baseline_digest": str, "candidate": str,
    "epochs": int, "run_id": str, **dict.fromkeys(_LISTS, list), "look": int,
    "level": (int, float), "verdict": str, "result": (dict, NoneType),
}  # fmt: skip


def _gate_from(data: Mapping[str, Any]) -> GateRecord:
    suites = tuple(_suite_from(each) for each in data["suites"])
    record = GateRecord(**_fields(data, _OF_GATE), suites=suites)
    if record.state not in get_args(GateState):
        raise ValueError(record.state)
    return record


def _suite_from(data: Mapping[str, Any]) -> SuiteRecord:
    fields = _fields(data, _OF_SUITE)
    lists = {name: tuple(map(str, fields[name])) for name in _LISTS if name in fields}
    return SuiteRecord(**{**fields, **lists})


def _fields(data: Mapping[str, Any], types: _Types) -> dict[str, Any]:
    """The fields that `data` has; what an older format lacks is left to the record's default."""
    found = {name: data[name] for name in types if name in data}
    for name, value in found.items():
        if not isinstance(value, types[name]):
            raise TypeError(name)
    return found

"""A run's own journal: one line, one write; a torn last line is dropped, a corrupt one named."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paygrade.errors import JournalError
from paygrade.leaks import Barrier
from paygrade.store import lines
from paygrade.store.calls import CallLog, JudgeFold, JudgeLog, cost_of
from paygrade.store.disk import FULL, sync_names
from paygrade.store.entries import (
    JOURNAL_FILE,
    Entry,
    read_entries,
    typed,
    whole_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from paygrade.records.answer import StoredAnswer
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunHeader, SampleRow

__all__ = [
    "JOURNAL_FILE",
    "Progressed",
    "RunJournal",
    "failed_calls",
    "judge_answers",
    "read_answers",
    "read_entries",
    "read_header",
    "read_outcomes",
    "read_progress",
    "read_samples",
]

Key = tuple[str, int]


class RunJournal(CallLog):
    """The journal of one run, open for appending and locked against a second writer.

    A line is durable once `write(2)` has returned: it survives kill -9. `sync` puts it on disk.
    After a line that could not be written whole, no other is: the torn one stays the last.
    """

    def __init__(self, path: Path, descriptor: int, barrier: Barrier) -> None:
        """Take an open, locked descriptor: use `create` or `reopen`."""
        self.path = path
        self.barrier = barrier
        self._descriptor = descriptor
        self._unsynced = False
        self._refused: OSError | None = None

    @classmethod
    def create(cls, folder: Path, header: RunHeader, barrier: Barrier | None = None) -> RunJournal:
        """Start the journal of a new run in `folder`, which must not exist yet.

        Every line goes through `barrier` (default: that of a workspace that says nothing).

        It gets its name when its header is in it, so that a journal is never without one.

        Raises:
            JournalError: the folder exists, or cannot be written.
        """
        path, draft = folder / JOURNAL_FILE, folder / f"{JOURNAL_FILE}.new"
        try:
            folder.mkdir(parents=True)
            journal = cls(path, _open(draft, os.O_CREAT | os.O_EXCL), barrier or Barrier())
        except OSError as error:
            raise _not_begun(path, error) from error
        try:
            journal._write(lines.encode(lines.header_line(header), journal.barrier))
            draft.rename(path)
            sync_names(folder)
        except OSError as error:
            journal.close()
            raise _not_begun(path, error) from error
        return journal

    @classmethod
    def reopen(cls, folder: Path, barrier: Barrier | None = None) -> RunJournal:
        """Open a journal to go on with it; a torn last line is cut off first.

        Raises:
            JournalError: it is missing, or another process is writing it.
        """
        path = folder / JOURNAL_FILE
        try:
            descriptor = _open(path, 0)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            os.ftruncate(descriptor, whole_size(folder))
        except OSError as error:
            os.close(descriptor)
            raise _unwritable(path, error) from error
        return cls(path, descriptor, barrier or Barrier())

    def sample(self, row: SampleRow) -> None:
        """Record a sample before its first answer.

        Raises:
            JournalError: the disk refuses, or the exposure reads as a card number.
        """
        self._append(lines.sample_line(row))

    def judging(self, judge: str, rubric: str) -> JudgeLog:
        """Where the calls to one judge about one rubric are recorded."""
        return JudgeLog(self._append, judge, rubric)

    def turn(self, sample_id: str, epoch: int, cost_usd: Decimal | None) -> None:
        """Record, of an attempt that goes on, that a model answered and what that cost.

        Raises:
            JournalError: the disk refuses.
        """
        self._append(lines.turn_line(sample_id, epoch, cost_usd))

    def retry(self, sample_id: str, epoch: int) -> None:
        """Make the attempt's outcome void: it is done again.

        Raises:
            JournalError: the disk refuses.
        """
        self._append(lines.retry_line(sample_id, epoch))

    def outcome(self, outcome: Outcome) -> None:
        """Record how an attempt ended.

        Raises:
            JournalError: the disk refuses.
        """
        self._append(lines.outcome_line(outcome))

    def sync(self) -> None:
        """Put what was written on disk.

        Raises:
            JournalError: the disk refuses.
        """
        if self._unsynced:
            self._unsynced = False
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                self._unsynced = True
                raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Give up the lock."""
        with contextlib.suppress(OSError):  # `sync` has said what there is to say
            os.close(self._descriptor)

    def _append(self, payload: Mapping[str, Any]) -> None:
        if self._refused:
            raise _unwritable(self.path, self._refused) from self._refused
        try:
            self._write(lines.encode(payload, self.barrier))
        except OSError as error:
            self._refused = error
            raise _unwritable(self.path, error) from error

    def _write(self, data: bytes) -> None:
        written = os.write(self._descriptor, data)
        while written < len(data):  # a disk that fills up takes a part before it refuses
            written += os.write(self._descriptor, data[written:])
        self._unsynced = True


def _open(path: Path, flags: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _not_begun(path: Path, error: OSError) -> JournalError:
    hint = "free some space, then run again: nothing was asked yet" if error.errno in FULL else ""
    return JournalError(f"{path}: cannot be written: {error.strerror or error}", hint=hint)


def _unwritable(path: Path, error: OSError) -> JournalError:
    if error.errno == errno.EWOULDBLOCK:
        return JournalError(f"{path}: another process is writing this run", hint="wait for it")
    hint = ""
    if error.errno in FULL:
        hint = f"free some space, then go on with `paygrade resume {path.parent.name}`"
    return JournalError(f"{path}: cannot be written: {error.strerror or error}", hint=hint)


def read_header(folder: Path) -> RunHeader:
    """The header of the journal in `folder`.

    Raises:
        JournalError: as `read_entries`, or the journal is empty.
    """
    for entry in read_entries(folder):
        return typed(folder, entry, lines.header_from)
    raise JournalError(f"{folder / JOURNAL_FILE}: is empty: the run never began")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """What a journal says was already done, and what it cost under a budget, in US dollars.

    `judged` is what judges said, by the digest of what they were asked, and `judge_spent` what
    each of them cost.
    """

    done: frozenset[Key]
    errored: frozenset[Key]
    answered: Mapping[Key, StoredAnswer]
    samples: frozenset[str]
    spent: Decimal
    judged: Mapping[str, StoredAnswer]
    judge_spent: Mapping[str, Decimal]


def read_progress(folder: Path) -> Progressed:
    """Fold the journal in `folder` into what needs no second call.

    Raises:
        JournalError: as `read_entries`.
    """
    done: set[Key] = set()
    answered: dict[Key, Entry] = {}
    samples: set[str] = set()
    errored: set[Key] = set()
    spent = _Spent()
    judges = JudgeFold(folder)
    for entry in read_entries(folder):
        if entry.kind == "sample":
            samples.add(entry.data["sample_id"])
        elif entry.kind in ("sent", "call", "turn", "answer"):
            spent.take(entry)
            if entry.kind == "answer":
                answered[entry.key] = entry
        elif entry.kind == "judge":
            judges.take(entry)
        elif entry.kind == "outcome":
            done.add(entry.key)
            if entry.data["kind"] == "errored":
                errored.add(entry.key)
            answered.pop(entry.key, None)
    return Progressed(
        done=frozenset(done),
        answered={key: typed(folder, entry, lines.answer_from) for key, entry in answered.items()},
        samples=frozenset(samples),
        errored=frozenset(errored),
        spent=spent.total,
        judged=judges.said,
        judge_spent=judges.spent,
    )


class _Spent:
    """Folds what calls cost. One counts with its ceiling until it is known what it cost."""

    def __init__(self) -> None:
        self._known = Decimal(0)
        self._in_flight: dict[Key, Decimal] = {}
        self._in_turns: set[Key] = set()

    @property
    def total(self) -> Decimal:
        """What was spent at most."""
        return self._known + sum(self._in_flight.values())

    def take(self, entry: Entry) -> None:
        """One more line."""
        before = self._in_flight.pop(entry.key, Decimal(0))
        if entry.kind == "sent":
            self._known += before
            self._in_flight[entry.key] = Decimal(entry.data["ceiling_usd"])
            return
        if entry.kind == "turn":
            self._in_turns.add(entry.key)
        elif entry.kind == "answer" and entry.key in self._in_turns:
            return  # what an agent's turns cost was on their own lines
        self._known += cost_of(entry.data.get("cost_usd"), before)


def read_outcomes(folder: Path) -> Iterator[Outcome]:
    """Every outcome in the journal in `folder`, each attempt once.

    Raises:
        JournalError: as `read_entries`.
    """
    for entry in read_entries(folder, ("outcome",)):
        yield typed(folder, entry, lines.outcome_from)


def read_answers(folder: Path) -> Iterator[StoredAnswer]:
    """Every answer in the journal in `folder`.

    Raises:
        JournalError: as `read_entries`.
    """
    for entry in read_entries(folder, ("answer",)):
        yield typed(folder, entry, lines.answer_from)


def judge_answers(folder: Path) -> Iterator[StoredAnswer]:
    """Everything that judges said in the journal in `folder`.

    Raises:
        JournalError: as `read_entries`.
    """
    for entry in read_entries(folder, ("judge",)):
        if entry.data.get("of") == "answer":
            yield typed(folder, entry, lines.judge_answer_from)


def failed_calls(folder: Path) -> int:
    """How many calls in the journal in `folder` gave no answer.

    Raises:
        JournalError: as `read_entries`.
    """
    return sum(1 for _ in read_entries(folder, ("call",)))


def lost_turns(folder: Path) -> list[float | None]:
    """What each turn of an agent's model cost that led to no answer; `None`: nobody knows.

    Raises:
        JournalError: as `read_entries`.
    """
    open_turns: dict[Key, list[float | None]] = {}
    lost: list[float | None] = []
    for entry in read_entries(folder, ("turn", "answer")):
        if entry.kind == "turn":
            open_turns.setdefault(entry.key, []).append(entry.data["cost_usd"])
            continue
        before = open_turns.pop(entry.key, [])
        trajectory = typed(folder, entry, lines.answer_from).trajectory
        lost += before[: -trajectory.turns] if trajectory and trajectory.turns else before
    return lost + [cost for each in open_turns.values() for cost in each]


def read_samples(folder: Path) -> Iterator[SampleRow]:
    """Every sample in the journal in `folder`.

    Raises:
        JournalError: as `read_entries`.
    """
    for entry in read_entries(folder, ("sample",)):
        yield typed(folder, entry, lines.sample_from)

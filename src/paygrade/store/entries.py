"""The lines of a journal that count, read one by one; a corrupt one is named by file and line."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from paygrade.errors import JournalError
from paygrade.store import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

JOURNAL_FILE = "journal.jsonl"

T = TypeVar("T")

_KINDS = frozenset({"run", "sample", "sent", "call", "turn", "answer", "judge", "outcome"})
_OF_ATTEMPTS = _KINDS - {"run", "sample"}
_RETRY = b'{"t":"retry",'
_BLOCK = 65536
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a journal, read: `number` is its place in the file, `kind` its `t`."""

    number: int
    kind: str
    data: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        """Sample id and epoch of what belongs to an attempt."""
        return self.data["sample_id"], self.data["epoch"]


def read_entries(folder: Path, kinds: Collection[str] = _KINDS) -> Iterator[Entry]:
    """The lines of `kinds` that count in the journal in `folder`, in order.

    Left out are a torn last line, what stands before its sample's own line, a second line of a
    sample, what follows the outcome of an attempt, and an outcome that a later `retry` line makes
    void: so every reader tells the same story, also of a journal out of which somebody took a
    damaged line. Lines of other kinds are passed over.

    Raises:
        JournalError: it is missing, of another version, or a line in it is corrupt.
    """
    needed = {"run", *kinds}
    if _OF_ATTEMPTS & needed:
        needed |= {"sample", "outcome"}
    passed = tuple(f'{{"t":"{kind}",'.encode() for kind in _KINDS - needed)
    samples: set[str] = set()
    done: set[tuple[str, int]] = set()
    path = folder / JOURNAL_FILE
    void: Counter[tuple[str, int]] | None = None  # the header alone must not cost a whole journal
    for number, raw in _whole_lines(path):
        if raw.startswith((_RETRY, *passed)):
            continue
        entry = _entry(path, number, raw)
        if entry.kind == "sample":
            if entry.data["sample_id"] in samples:
                continue
            samples.add(entry.data["sample_id"])
        elif entry.kind != "run" and (entry.key[0] not in samples or entry.key in done):
            continue
        elif entry.kind == "outcome":
            void = _void(path) if void is None else void
            if void[entry.key]:
                void[entry.key] -= 1
                continue
            done.add(entry.key)
        if entry.kind in kinds:
            yield entry


def last_retries(folder: Path) -> dict[tuple[str, int], int]:
    """The number of the last `retry` line of each attempt that has one.

    Raises:
        JournalError: it is missing, or a line in it is corrupt.
    """
    path = folder / JOURNAL_FILE
    retries = ((number, raw) for number, raw in _whole_lines(path) if raw.startswith(_RETRY))
    return {_entry(path, number, raw).key: number for number, raw in retries}


def _void(path: Path) -> Counter[tuple[str, int]]:
    """How many outcomes of each attempt are void."""
    retries = ((number, raw) for number, raw in _whole_lines(path) if raw.startswith(_RETRY))
    return Counter(_entry(path, number, raw).key for number, raw in retries)


def _whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                if raw.endswith(b"\n"):
                    yield number, raw
    except OSError as error:
        reason = error.strerror or str(error)
        raise JournalError(f"{path}: cannot be read: {reason}") from error


def _entry(path: Path, number: int, raw: bytes) -> Entry:
    try:
        data = _DECODER.decode(raw.decode())
        kind = data["t"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise _corrupt(path, number) from error
    known = isinstance(kind, str) and kind in {*_KINDS, "retry"}
    if not known or (kind == "run") != (number == 1):
        raise _corrupt(path, number)
    if kind == "run" and data.get("v") not in lines.READABLE:
        raise JournalError(
            f"{path}: was written by another version of paygrade (journal format {data.get('v')}, "
            f"this one reads up to {lines.VERSION})",
            hint="upgrade paygrade",
        )
    if kind != "run" and not isinstance(data.get("sample_id"), str):
        raise _corrupt(path, number)
    if kind not in ("run", "sample") and not isinstance(data.get("epoch"), int):
        raise _corrupt(path, number)
    return Entry(number=number, kind=kind, data=data)


def _corrupt(path: Path, number: int) -> JournalError:
    hint = "the line was damaged after it was written"
    if number > 1:
        hint += f": delete line {number}, then `paygrade resume {path.parent.name}` does it again"
    return JournalError(f"{path}:{number}: is not a journal line", hint=hint)


def typed(folder: Path, entry: Entry, read: Callable[[Mapping[str, Any]], T]) -> T:
    """What `read` makes of a line. One that is JSON and yet not what it says it is, is corrupt.

    Raises:
        JournalError: it is.
    """
    try:
        return read(entry.data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _corrupt(folder / JOURNAL_FILE, entry.number) from error


def whole_size(folder: Path) -> int:
    """Bytes of the journal in `folder`, up to and including the last line that ends.

    Raises:
        OSError: it cannot be read.
    """
    with (folder / JOURNAL_FILE).open("rb") as stream:
        end = stream.seek(0, 2)
        while end > 0:
            start = max(0, end - _BLOCK)
            stream.seek(start)
            found = stream.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0

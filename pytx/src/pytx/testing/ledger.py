"""The file of a provider: what it was asked, what it did. Lines are only ever added.

Each line is one write under a lock of the file, and what moved money is on disk before an answer
leaves. So it survives a kill of whoever asked and of whoever answered, and any number of processes
may share it.
"""

import contextlib
import errno
import fcntl
import json
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pytx.testing.faults import Count

Asked = Literal["payment", "look-up"]
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Money that moved: under which key of the provider, how much (minor units), of what, when."""

    key: str
    amount_minor: int
    currency: str
    id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One payment that ran: as which effect, if money moved, and what was answered.

    `status` is HTTP's; `code` is empty where it was a success.
    """

    key: str
    amount_minor: int
    currency: str
    at: float
    id: str | None
    status: int = 200
    code: str = ""

    @property
    def effect(self) -> Effect | None:
        """The money that moved."""
        if self.id is None:
            return None
        return Effect(
            key=self.key,
            amount_minor=self.amount_minor,
            currency=self.currency,
            id=self.id,
            at=self.at,
        )


class Ledger:
    """One file, and what has been read of it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Nothing is opened yet."""
        self._path = Path(path)
        self._lock = threading.RLock()
        self._read_to = 0
        self._entries: list[Entry] = []
        self._by_key: defaultdict[str, list[Entry]] = defaultdict(list)
        self._asked: Counter[tuple[Asked, str | None]] = Counter()
        self._ids: Counter[str] = Counter()
        self._descriptor: int | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """No other process or thread writes meanwhile, and all that was written is read."""
        with self._lock:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                self._read(descriptor)
                if os.fstat(descriptor).st_size > self._read_to:
                    os.ftruncate(descriptor, self._read_to)  # torn by a kill: never answered
                self._descriptor = descriptor
                yield
            finally:
                self._descriptor = None
                os.close(descriptor)

    def count(self, asked: Asked, key: str) -> Count:
        """Note that something was asked; which one it is. Only while held."""
        self._write({"asked": asked, "key": key}, durable=False)
        return Count(key=key, of_all=self._asked[asked, None], of_key=self._asked[asked, key])

    def new_id(self, key: str) -> str:
        """An id that no other effect has. Only while held."""
        used = self._ids[_stem(key)]
        return f"{_stem(key)}_{used + 1}" if used else _stem(key)

    def add(self, entry: Entry) -> None:
        """Write down what ran, and put it on disk. Only while held."""
        self._write(asdict(entry), durable=True)

    def entries(self, key: str | None = None) -> list[Entry]:
        """All that ran, or all under a key, in order."""
        with self._lock:
            if self._descriptor is None and self._path.exists():
                descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    self._read(descriptor)
                finally:
                    os.close(descriptor)
            return list(self._entries if key is None else self._by_key.get(key, ()))

    def _write(self, data: dict[str, Any], *, durable: bool) -> None:
        descriptor = self._descriptor
        assert descriptor is not None  # noqa: S101 - the caller holds the ledger
        line = json.dumps(data).encode() + b"\n"
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, self._read_to)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        if durable:
            os.fsync(descriptor)
        self._take(data)
        self._read_to += len(line)

    def _read(self, descriptor: int) -> None:
        """Take every whole line that was not read yet."""
        data = b""
        while piece := os.pread(descriptor, _PIECE, self._read_to + len(data)):
            data += piece
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._take(json.loads(line))
        self._read_to += len(whole)

    def _take(self, data: dict[str, Any]) -> None:
        if "asked" in data:
            self._asked[data["asked"], None] += 1
            self._asked[data["asked"], data["key"]] += 1
        else:
            entry = Entry(**data)
            self._entries.append(entry)
            self._by_key[entry.key].append(entry)
            self._ids[_stem(entry.key)] += entry.id is not None


def _stem(key: str) -> str:
    return f"pay_{key[:8]}"

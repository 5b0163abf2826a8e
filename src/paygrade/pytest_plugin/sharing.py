"""Processes of one session ask once: who comes first asks, the others wait and read."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOLDER = "pytest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One piece of work that the processes of a session share: a locked file with what is known.

    `note` is what its owner wrote on the way; an owner that was killed leaves it behind.
    """

    descriptor: int
    note: str
    done: Any

    def write(self, *, note: str = "", done: Any = None) -> None:  # noqa: ANN401 - any JSON
        """Replace what is known."""
        content = json.dumps({"note": note, "done": done}).encode()
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, content, 0)


@contextlib.contextmanager
def shared(store: Path, token: str, name: str) -> Iterator[Shared]:
    """Wait until nobody else does the work `name`, then hold it."""
    folder = store / FOLDER / token
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        known = _known(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
        yield Shared(descriptor=descriptor, note=known.get("note", ""), done=known.get("done"))
    finally:
        os.close(descriptor)


def _known(content: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(content)) if content else {}
    except ValueError:  # its owner was killed while writing: nothing is known
        return {}


def once(
    store: Path, token: str, name: str, work: Callable[[str, Callable[[str], None]], Any]
) -> Any:  # noqa: ANN401 - any JSON
    """What `work` returned, in whichever process of the session it was done.

    It is called with the note of an owner that was killed, and with what writes a note.
    """
    with shared(store, token, name) as held:
        if held.done is None:
            done = work(held.note, lambda note: held.write(note=note))
            held.write(done=done)
            return done
        return held.done


def forget(store: Path, token: str) -> None:
    """The session is over."""
    shutil.rmtree(store / FOLDER / token, ignore_errors=True)
    with contextlib.suppress(OSError):
        (store / FOLDER).rmdir()

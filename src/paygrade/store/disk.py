"""What a disk promises, and what to say when it does not keep it."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from paygrade.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def sync_names(folder: Path) -> None:
    """Put a new file's name on disk: a file without one is lost in a power cut, synced or not.

    Raises:
        OSError: the disk refuses.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, data: bytes, then: str) -> None:
    """Put a file on disk as a whole: a kill leaves the one before it, or this one.

    `then` is what to do once there is space again.

    Raises:
        JournalError: the disk refuses.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
        sync_names(path.parent)
        sync_names(path.parent.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        hint = f"free some space, then {then}" if error.errno in FULL else ""
        problem = f"{path}: cannot be written: {error.strerror or error}"
        raise JournalError(problem, hint=hint) from error

"""Files of the workspace: looked for, opened and written so that whatever goes wrong is a mistake.

Only regular files are read: a pipe would wait for ever, a device would never end.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MAX_BYTES = 5_000_000


def is_there(file: Path) -> bool:
    """Whether the folder has an entry of that name: a broken link too, so that reading tells why.

    A name that no file can have (too long, a NUL in it) is simply not there.
    """
    return os.path.lexists(file)


def is_file(file: Path) -> bool:
    """Whether `file` is a regular file, and never an exception."""
    return os.path.isfile(file)  # noqa: PTH113 - Path.is_file raises on names that are too long


def open_file(file: Path, shown: str) -> BinaryIO:
    """Open `file` for reading; `shown` is its path in messages.

    Raises:
        WorkspaceError: it is missing, no regular file, or unreadable.
    """
    try:
        mode = file.stat().st_mode
        if stat.S_ISREG(mode):
            return file.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise unreadable(error, shown) from error
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
    raise WorkspaceError([Mistake(path=shown, problem=f"is {what}, not a file")])


def unreadable(error: OSError | ValueError, shown: str) -> WorkspaceError:
    """Say why the system does not let `shown` be read."""
    reason = getattr(error, "strerror", None) or error
    return WorkspaceError([Mistake(path=shown, problem=f"cannot be read: {reason}")])


def read_bytes(file: Path, shown: str, most: int = MAX_BYTES) -> bytes:
    """Read `file` whole.

    Raises:
        WorkspaceError: as `open_file`; or it is larger than `most` bytes.
    """
    with open_file(file, shown) as stream:
        try:
            raw = stream.read(most + 1)
        except OSError as error:
            raise unreadable(error, shown) from error
    if len(raw) > most:
        problem = f"is larger than {most:,} bytes, which no such file needs"
        raise WorkspaceError([Mistake(path=shown, problem=problem)])
    return raw


def read_text(file: Path, shown: str, most: int = MAX_BYTES) -> str:
    """Read `file` as UTF-8, without its byte order mark.

    Raises:
        WorkspaceError: as `read_bytes`; or it is not UTF-8.
    """
    raw = read_bytes(file, shown, most)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise WorkspaceError([not_utf8(error, shown, line)]) from error


def not_utf8(error: UnicodeDecodeError, shown: str, line: int) -> Mistake:
    """Name the first byte that cannot be decoded."""
    problem = f"is not UTF-8: byte 0x{error.object[error.start]:02x} cannot be decoded"
    return Mistake(path=shown, line=line, problem=problem, hint="save the file as UTF-8")


def write_text(file: Path, text: str, shown: str) -> None:
    """Put `text` into `file` whole or not at all: a full disk leaves what was there.

    Raises:
        WorkspaceError: it cannot be written.
    """
    write_bytes(file, text.encode(), shown)


def write_bytes(file: Path, raw: bytes, shown: str) -> None:
    """As `write_text`.

    Raises:
        WorkspaceError: it cannot be written.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(raw)
        beside.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise unwritable(error, shown) from error


def unwritable(error: OSError, shown: str) -> WorkspaceError:
    """Say why the system does not let `shown` be written."""
    problem = f"cannot be written: {error.strerror or error}"
    return WorkspaceError([Mistake(path=shown, problem=problem)])

"""`reports/published/`, or wherever else a site is written: the old folder or the new, no mixture.

A list in the folder names the files that were made, so that nobody else's is ever removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.workspace.config import Layout

README = "README.md"
FIGURES = "published.json"
IN_GIT = (README, "badge.json", "badge.svg", FIGURES)
"""The files that belong into git; every other one is made where it is shown."""

_MADE = ".made-by-paygrade"
_IGNORE = ".gitignore"
_IGNORED = "# The pages are made where they are shown: paygrade publish\n*\n" + "".join(
    f"!{name}\n" for name in (_IGNORE, *IN_GIT)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A folder that takes the place of the old one once it is whole."""

    folder: Path

    def path(self, name: str) -> Path:
        """Where the file `name` (parts with `/`) is to be written; its folder is there."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def write(self, name: str, text: str) -> None:
        """Write one file."""
        self.path(name).write_text(text, encoding="utf-8", newline="")

    def sizes(self) -> dict[str, int]:
        """Every file that is there, with its bytes, by name."""
        return {name: (self.folder / name).stat().st_size for name in _files(self.folder)}


def published_folder(layout: Layout) -> Path:
    """Where a workspace publishes."""
    return layout.reports / "published"


def foreign_file(folder: Path) -> str:
    """The first file in `folder` that publishing did not make; empty where there is none.

    Raises:
        UsageError: it cannot be read, or is no folder.
    """
    try:
        if not os.path.lexists(folder):
            return ""
        if not folder.is_dir():
            raise UsageError(f"{folder} is a file, not a folder", hint="name a folder")
        made = set(_made(folder))
        return next((name for name in _files(folder) if name not in made), "")
    except OSError as error:
        raise _refused(folder, error) from error


@contextlib.contextmanager
def new_folder(folder: Path, *, ignoring: bool) -> Iterator[Draft]:
    """Put what is written into the draft in the place of `folder`, at the end and at once.

    A kill leaves the old folder or the new one. Only files that publishing made go; a `.gitignore`
    stays as it is, and with `ignoring` there is one.

    Raises:
        UsageError: there is somebody else's file in it, or the disk refuses.
    """
    folder = Path(os.path.realpath(folder))  # what a link points to, or the link would be replaced
    with _alone(folder):
        yield from _new_folder(folder, ignoring=ignoring)


def _new_folder(folder: Path, *, ignoring: bool) -> Iterator[Draft]:
    beside, old = (folder.with_name(f".{folder.name}.{part}") for part in ("new", "old"))
    try:
        if not os.path.lexists(folder) and old.is_dir():  # killed between two names
            old.rename(folder)
        foreign = foreign_file(folder)
        if foreign:
            hint = "move it away, or publish into another folder: --out DIR"
            raise UsageError(f"{folder / foreign} was not made by publishing", hint=hint)
        for left in (beside, old):
            shutil.rmtree(left, ignore_errors=True)
        beside.mkdir(parents=True)
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        yield Draft(folder=beside)
        _finish(beside, folder, ignoring=ignoring)
        _swap(beside, folder, old)
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock beside `folder`: two who publish at once would mix their files."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = f"{folder}: is being published by another process"
            raise UsageError(problem, hint="wait for it to end") from error
        yield
    finally:
        os.close(lock)


def _refused(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"{folder}: cannot be written: {error.strerror or error}")


def _files(folder: Path) -> list[str]:
    found = (each for each in folder.rglob("*") if each.is_symlink() or not each.is_dir())
    return sorted(each.relative_to(folder).as_posix() for each in found)


def _made(folder: Path) -> list[str]:
    """What publishing made: by its list, or, in a fresh clone without one, what is kept in git."""
    listed = folder / _MADE
    if listed.is_file():
        return [_MADE, _IGNORE, *listed.read_text("utf-8", "replace").splitlines()]
    ours = folder / FIGURES
    if ours.is_file() and ours.read_bytes().startswith(b'{\n "published": '):
        return [_IGNORE, *IN_GIT]
    return [_IGNORE]


def _finish(beside: Path, folder: Path, *, ignoring: bool) -> None:
    made = [name for name in _files(beside) if name not in (_MADE, _IGNORE)]
    (beside / _MADE).write_text("".join(f"{name}\n" for name in made), encoding="utf-8")
    kept = folder / _IGNORE
    if kept.is_file():
        shutil.copyfile(kept, beside / _IGNORE)
    elif ignoring:
        (beside / _IGNORE).write_text(_IGNORED, encoding="utf-8")


def _swap(beside: Path, folder: Path, old: Path) -> None:
    if not os.path.lexists(folder):
        beside.rename(folder)
    elif not _exchanged(beside, folder):
        folder.rename(old)
        beside.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE


def _exchanged(one: Path, other: Path) -> bool:
    """Give each the other's name in one step, where the system can (Linux, most file systems)."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(rename(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)

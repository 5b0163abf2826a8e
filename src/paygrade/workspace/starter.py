"""`paygrade init`: a small workspace with comments that teach, which runs as it stands."""

from __future__ import annotations

import os
from importlib import resources
from typing import TYPE_CHECKING

from paygrade.errors import UsageError
from paygrade.workspace.files import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path


def write_starter(folder: Path) -> list[Path]:
    """Copy the starter into `folder`, which may exist; return the files written.

    Raises:
        UsageError: a file of the starter is there already; then nothing is written.
    """
    source = resources.files(__package__).joinpath("starter")
    files = {folder / name: text for name, text in _files(source, "")}
    taken = [path for path in files if is_there(path)]
    above = {parent for path in files for parent in path.parents if parent != path}
    taken += [path for path in sorted(above) if is_there(path) and not path.is_dir()]
    if taken:
        names = ", ".join(os.path.relpath(path, folder) for path in taken)
        raise UsageError(f"{folder} has {names} already", hint="choose an empty folder")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot write the starter into {folder}: {reason}") from error
    return sorted(files)


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            if each.name != "__pycache__":
                yield from _files(each, f"{prefix}{each.name}/")
        else:
            yield f"{prefix}{each.name}", each.read_text(encoding="utf-8")

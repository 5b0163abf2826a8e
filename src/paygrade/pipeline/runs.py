"""Finding a run by what a person types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import UsageError
from paygrade.store.fill import run_folders

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 5


def find_run(store: Path, reference: str) -> Path:
    """The folder of the run `reference`: its id, a unique start or end of it, or `latest`.

    Raises:
        UsageError: none fits, or several do.
    """
    folders = run_folders(store)
    if not folders:
        raise UsageError("there is no run in this workspace yet", hint="paygrade run")
    if reference == "latest":
        return folders[-1]
    exact = [folder for folder in folders if folder.name == reference]
    fitting = exact or [
        folder
        for folder in folders
        if folder.name.startswith(reference) or folder.name.endswith(reference)
    ]
    if len(fitting) == 1:
        return fitting[0]
    some = ", ".join(folder.name for folder in (fitting or folders)[-_SHOWN:])
    if fitting:
        raise UsageError(f"{reference!r} fits {len(fitting)} runs", hint=f"such as {some}")
    raise UsageError(f"there is no run {reference!r}", hint=f"the newest are {some}, or `latest`")

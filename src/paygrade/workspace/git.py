"""What git says about the workspace: the commit, and whether anything is uncommitted."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The commit (empty when unknown), and whether the tree is dirty (`None` when unknown)."""

    commit: str = ""
    dirty: bool | None = None


def revision(root: Path) -> Revision:
    """The revision of the checkout that `root` lies in, or an unknown one."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return Revision()
    status = _git(root, "status", "--porcelain", "--untracked-files=no")
    return Revision(commit=commit.strip(), dirty=None if status is None else bool(status.strip()))


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git, by name
            capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

"""Which prompt versions there are, and `prompts.lock`: the hash of every published one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, WorkspaceError
from paygrade.workspace.files import is_there, read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.plan import PromptVersion
    from paygrade.workspace.config import Layout

LOCK_FILE = "prompts.lock"
_HEAD = "# Content hashes of published prompt versions: written by `paygrade prompts lock`.\n"
_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]*)@v(?P<number>[1-9][0-9]{0,5}) "
    r"sha256:(?P<hash>[0-9a-f]{64})\Z"
)
_FILE = re.compile(r"v([1-9][0-9]{0,5})\.yaml\Z")
_RESTORE = "restore the file from git; `paygrade prompts lock` only adds lines"


def versions(layout: Layout) -> list[tuple[str, int]]:
    """All prompt versions that have a file, by name and number."""
    found = [
        (file.parent.name, int(match[1]))
        for file in layout.prompts.glob("*/*.yaml")
        if (match := _FILE.match(file.name))
    ]
    return sorted(found)


def read_lock(layout: Layout) -> dict[str, str]:
    """`NAME@vN` to content hash, for every locked version.

    Raises:
        WorkspaceError: a line that is not a lock line, or one version twice.
    """
    return {reference: content_hash for reference, (content_hash, _) in _read(layout).items()}


def _read(layout: Layout) -> dict[str, tuple[str, int]]:
    """`NAME@vN` to content hash and line."""
    file = layout.root / LOCK_FILE
    if not is_there(file):
        return {}
    locked: dict[str, tuple[str, int]] = {}
    mistakes = []
    for number, line in enumerate(read_text(file, LOCK_FILE).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if not match:
            problem = "is not a line of the form NAME@vN sha256:HASH"
            mistakes.append(Mistake(path=LOCK_FILE, line=number, problem=problem, hint=_RESTORE))
            continue
        reference = f"{match['name']}@v{match['number']}"
        if reference in locked:
            problem = f"locks {reference} twice, first in line {locked[reference][1]}"
            mistakes.append(Mistake(path=LOCK_FILE, line=number, problem=problem, hint=_RESTORE))
        else:
            locked[reference] = match["hash"], number
    if mistakes:
        raise WorkspaceError(mistakes)
    return locked


def lock_mistakes(layout: Layout, prompts: Mapping[str, PromptVersion]) -> list[Mistake]:
    """Locked versions that were edited, as far as `prompts` holds them, or taken away."""
    mistakes = []
    for reference, (content_hash, line) in _read(layout).items():
        name, _, number = reference.rpartition("@v")
        file = layout.prompts / name / f"v{number}.yaml"
        if not is_there(file):
            problem = f"locks {reference}, which has no file {layout.shown(file)}"
            hint = "restore it from git"
            mistakes.append(Mistake(path=LOCK_FILE, line=line, problem=problem, hint=hint))
        elif reference in prompts and prompts[reference].content_hash != content_hash:
            newest = max(v for n, v in versions(layout) if n == name)
            problem = f"{reference} is locked and was edited"
            hint = f"restore it from git and write v{newest + 1}.yaml instead"
            mistakes.append(Mistake(path=layout.shown(file), problem=problem, hint=hint))
    return mistakes


def write_lock(layout: Layout, prompts: Mapping[str, PromptVersion]) -> list[str]:
    """Add every version of `prompts` that is not locked yet; return the references added.

    Raises:
        WorkspaceError: a locked version was edited, or the file cannot be written; it stays as
            it was then.
    """
    mistakes = lock_mistakes(layout, prompts)
    if mistakes:
        raise WorkspaceError(mistakes)
    locked = read_lock(layout)
    added = [reference for reference in prompts if reference not in locked]
    if added:
        locked |= {reference: prompts[reference].content_hash for reference in added}
        order = sorted(locked, key=_by_number)
        lines = [f"{reference} sha256:{locked[reference]}\n" for reference in order]
        write_text(layout.root / LOCK_FILE, _HEAD + "".join(lines), LOCK_FILE)
    return added


def _by_number(reference: str) -> tuple[str, int]:
    name, _, number = reference.rpartition("@v")
    return name, int(number)

"""What git says about the workspace: commits, files of other commits, what is uncommitted."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SECONDS = 10
_CHECKOUT_SECONDS = 300
_AT_ONCE = 200
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}", "-c", "advice.detachedHead=false")
_WHOLE = "fetch the whole history: git fetch --unshallow, or fetch-depth: 0 in actions/checkout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The commit (empty when unknown), and whether the tree is dirty (`None` when unknown)."""

    commit: str = ""
    dirty: bool | None = None


def revision(root: Path) -> Revision:
    """The revision of the checkout that `root` lies in, or an unknown one."""
    commit = _said(root, "rev-parse", "HEAD")
    if not commit:
        return Revision()
    status = _said(root, "status", "--porcelain", "--untracked-files=no")
    return Revision(commit=_text(commit), dirty=None if status is None else bool(status.strip()))


def dirty_paths(root: Path) -> tuple[str, ...] | None:
    """Files below `root` that differ from HEAD or that git does not know, ignored ones left out.

    Relative to `root`, sorted; `None` when git cannot say.
    """
    prefix = _said(root, "rev-parse", "--show-prefix")
    status = _said(
        root, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", "."
    )
    if prefix is None or status is None:
        return None
    start = len(_text(prefix))
    entries = (os.fsdecode(each) for each in status.split(b"\0") if each)
    return tuple(sorted(entry[3:][start:] for entry in entries))  # two letters and a space


def content_digest(root: Path, *, counted: Callable[[str], bool], commit: str = "") -> str:
    """One hash over the files below `root`, committed or not; empty when git cannot say.

    Takes what git knows, and what it does not know yet, as far as `counted` (of the path below
    `root`) wants it; with `commit`, a full hash, what that one holds. Equal content gives an equal
    hash, whatever the commit.
    """
    tracked = _said(root, "ls-tree", "-r", "-z", commit or "HEAD", "--", ".")
    dirty = () if commit else dirty_paths(root)
    if tracked is None or dirty is None:
        return ""
    entries = {}
    for line in tracked.split(b"\0"):
        kind, _, path = line.partition(b"\t")
        entries[os.fsdecode(path)] = kind.split(b" ")[-1].decode()
    for name in dirty:
        entries.pop(name, None)
    there = [name for name in dirty if counted(name) and (root / name).is_file()]
    for start in range(0, len(there), _AT_ONCE):
        some = there[start : start + _AT_ONCE]
        hashes = _said(root, "hash-object", "--", *some)
        if hashes is None:
            return ""
        entries |= zip(some, hashes.decode().split(), strict=True)
    kept = sorted((name, kind) for name, kind in entries.items() if counted(name))
    return hashlib.sha256(repr(kept).encode("utf-8", "surrogateescape")).hexdigest()


def is_commit(root: Path, text: str) -> str:
    """The full hash of the commit that `text` names (a hash, a branch, a tag), or nothing."""
    if not text or text.startswith("-"):
        return ""
    found = _said(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}"
    )
    return _text(found) if found else ""


def file_at(root: Path, commit: str, path: str) -> bytes | None:
    """What the file `path` (relative to `root`) held in `commit`; `None` when it was not there."""
    full = is_commit(root, commit)
    return _said(root, "cat-file", "blob", f"{full}:./{path}") if full else None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Commits that changed some files, newest first. Not `whole`: git knows, or was asked, no more.

    `why` is a clause that says so.
    """

    commits: tuple[str, ...] = ()
    whole: bool = True
    why: str = ""


def history(root: Path, paths: tuple[str, ...], *, most: int) -> History:
    """The newest `most` commits that changed one of `paths` (relative to `root`)."""
    said = _said(root, "log", f"--max-count={most + 1}", "--format=%H", "--", *paths)
    if said is None:
        return History(whole=False, why="git knows no history here")
    commits = tuple(_text(said).split())
    if len(commits) > most:
        return History(
            commits=commits[:most], whole=False, why=f"no more than {most} versions are read"
        )
    shallow = _said(root, "rev-parse", "--is-shallow-repository")
    if shallow is not None and _text(shallow) == "true":
        return History(commits=commits, whole=False, why=f"this clone is shallow ({_WHOLE})")
    return History(commits=commits)


@contextlib.contextmanager
def worktree(root: Path, commit: str) -> Iterator[Path]:
    """Check `commit` out into a folder of its own, and take it away again at the end.

    Yields the folder that is there what `root` is here. No hook of the repository runs.

    Raises:
        UsageError: there is no git, no such commit in this clone, no such folder in it, or the
            checkout fails.
    """
    prefix = _said(root, "rev-parse", "--show-prefix")
    if prefix is None:
        missing = shutil.which("git") is None
        problem = "there is no git" if missing else f"git finds no repository around {root}"
        raise UsageError(problem, hint="another version of the workspace is read from git")
    short = commit[:12]
    full = is_commit(root, commit)
    if not full:
        raise UsageError(f"commit {short} is not in this clone", hint=_WHOLE)
    folder = Path(tempfile.mkdtemp(prefix="paygrade-"))
    try:
        _check_out(root, full, folder, short)
        inside = folder / _text(prefix)
        if not inside.is_dir():
            problem = f"commit {short} has no folder {_text(prefix)}"
            raise UsageError(problem, hint="choose a commit that has the workspace")
        yield inside
    finally:
        _take_away(root, folder)


def _check_out(root: Path, commit: str, folder: Path, short: str) -> None:
    add = ("worktree", "add", "--detach", "--quiet", "--", str(folder), commit)
    try:
        done = _run(root, *_NO_HOOKS, *add, seconds=_CHECKOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        problem = f"git could not check out commit {short}: it took more than {_CHECKOUT_SECONDS} s"
        raise UsageError(problem) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        problem = f"git could not check out commit {short}: {said[-1] if said else 'no reason'}"
        raise UsageError(problem, hint="it writes into .git and into the folder of temporary files")


def _take_away(root: Path, folder: Path) -> None:
    """Git forgets this one folder, once it is gone: `prune` would forget a user's own ones too.

    Forced twice, for a checkout that was stopped half-way stays locked.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _said(root, "worktree", "remove", "--force", "--force", "--", str(folder))


def _said(root: Path, *arguments: str) -> bytes | None:
    """What git prints, or `None` when it cannot be asked or refuses."""
    try:
        done = _run(root, *arguments, seconds=_SECONDS)
    except (OSError, ValueError, subprocess.TimeoutExpired):  # ValueError: a NUL in an argument
        return None
    return done.stdout if done.returncode == 0 else None


def _run(root: Path, *arguments: str, seconds: float) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - no shell; what users name never stands where an option may
        ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git, by name
        stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
        env={name: value for name, value in os.environ.items() if name not in _OTHERS}
        | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip


_OTHERS = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
     "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
)  # fmt: skip
"""Set inside of a git hook, for the command that runs it: they would point at its index."""


def _text(said: bytes) -> str:
    return os.fsdecode(said).removesuffix("\n")

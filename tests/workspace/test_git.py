"""Git, asked for real: commits, files and checkouts of another version, what is uncommitted."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import UsageError
from paygrade.workspace.git import (
    History,
    Revision,
    content_digest,
    dirty_paths,
    file_at,
    history,
    is_commit,
    revision,
    worktree,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` as a person with a name, and say what it printed."""
    person = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *person, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, text: str, name: str = "suite.yaml") -> str:
    """Write one file, commit everything, and return the commit."""
    (folder / name).write_text(text, "utf-8")
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", "a change")
    return git(folder, "rev-parse", "HEAD")


class Checkout:
    """A repository with two commits, and a workspace in a folder of it."""

    def __init__(self, top: Path, inside: str) -> None:
        """Commit `suite.yaml` with `one`, then with `two`."""
        self.top = top
        self.root = top / inside
        self.root.mkdir(parents=True)
        git(top, "init", "--quiet", "--initial-branch", "main")
        self.first = commit(self.root, "one")
        self.second = commit(self.root, "two")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine take part."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(params=["", "my evals/payments"], ids=["at the top", "in a folder"])
def checkout(tmp_path: Path, request: pytest.FixtureRequest) -> Checkout:
    """The workspace is the repository, or a folder in it; both paths hold a space."""
    return Checkout(tmp_path / "a repo", request.param)


@pytest.fixture
def plain(tmp_path: Path) -> Checkout:
    """The workspace is the repository."""
    return Checkout(tmp_path / "repo", "")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of temporary files, which must be empty again in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def worktrees(checkout: Checkout) -> int:
    """How many folders git thinks that this repository is checked out in."""
    return git(checkout.top, "worktree", "list", "--porcelain").count("worktree ")


def test_a_commit_has_one_full_name(checkout: Checkout) -> None:
    """Short hashes, branches, tags and steps back all give the same forty digits."""
    git(checkout.top, "tag", "--annotate", "v1", "--message", "x", checkout.first)
    names = (checkout.first, checkout.first[:8], "v1", "main~1", "HEAD^")
    assert {is_commit(checkout.root, name) for name in names} == {checkout.first}


@pytest.mark.parametrize(
    "name",
    ["", "nope", "0" * 40, "--all", "-h", "--end-of-options", "HEAD:suite.yaml", "HEAD^{tree}",
     "HEAD HEAD", "HEAD..HEAD~1", "a\0b", "\ud800", "HEAD\n", "main; echo"],
)  # fmt: skip
def test_what_is_no_commit_has_no_name(plain: Checkout, name: str) -> None:
    """Nothing that a person or a file names is ever read as an option."""
    assert is_commit(plain.root, name) == ""


def test_a_file_is_read_as_it_was(checkout: Checkout) -> None:
    """By its path in the workspace, wherever that lies in the repository."""
    found = [file_at(checkout.root, name, "suite.yaml") for name in ("HEAD~1", "HEAD")]
    assert found == [b"one", b"two"]


@pytest.mark.parametrize(
    ("name", "path"),
    [("HEAD", "nope.yaml"), ("HEAD", "."), ("HEAD", ""), ("nope", "suite.yaml"),
     ("--all", "suite.yaml"), ("HEAD", "\0"), ("HEAD", "../suite.yaml")],
)  # fmt: skip
def test_a_file_that_was_not_there_is_none(plain: Checkout, name: str, path: str) -> None:
    """So is a folder, and anything of a commit that does not exist."""
    assert file_at(plain.root, name, path) is None


def test_bytes_come_back_as_they_are(plain: Checkout) -> None:
    """Compressed files too."""
    (plain.root / "a.gz").write_bytes(bytes(range(256)))
    commit(plain.root, "three")
    assert file_at(plain.root, "HEAD", "a.gz") == bytes(range(256))


@pytest.mark.usefixtures("temporary")
def test_another_version_can_be_worked_in(checkout: Checkout) -> None:
    """It lies in a folder of its own, which is gone afterwards, for git too."""
    with worktree(checkout.root, checkout.first[:10]) as folder:
        assert (folder / "suite.yaml").read_text("utf-8") == "one"
        assert revision(folder) == Revision(commit=checkout.first, dirty=False)
        (folder / "left behind").write_text("x", "utf-8")
    assert not folder.exists()
    assert worktrees(checkout) == 1
    assert (checkout.root / "suite.yaml").read_text("utf-8") == "two"


@pytest.mark.usefixtures("temporary")
def test_a_checkout_is_taken_away_when_work_in_it_fails(plain: Checkout) -> None:
    """Also when somebody took its folder away meanwhile."""

    def work() -> None:
        with worktree(plain.root, "HEAD") as folder:
            (folder / ".git").unlink()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert worktrees(plain) == 1


@pytest.mark.usefixtures("temporary")
def test_a_users_own_worktree_is_not_forgotten(plain: Checkout, tmp_path: Path) -> None:
    """Even when its folder is away for now, as on a disk that is not plugged in."""
    git(plain.top, "worktree", "add", "--quiet", str(tmp_path / "own"))
    (tmp_path / "own").rename(tmp_path / "away")
    with worktree(plain.root, "HEAD"):
        pass
    assert worktrees(plain) == 2


@pytest.mark.usefixtures("temporary")
def test_a_locked_checkout_is_taken_away_too(plain: Checkout) -> None:
    """Git locks a checkout while it is made, and one that is stopped then stays locked."""
    with worktree(plain.root, "HEAD") as folder:
        git(plain.top, "worktree", "lock", str(folder))
    assert worktrees(plain) == 1


@pytest.mark.usefixtures("temporary")
def test_a_checkout_that_takes_too_long_is_stopped(
    plain: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left of it."""
    monkeypatch.setattr("paygrade.workspace.git._CHECKOUT_SECONDS", 0)
    with pytest.raises(UsageError, match="it took more than 0 s"), worktree(plain.root, "HEAD"):
        pass
    assert worktrees(plain) == 1


@pytest.mark.usefixtures("temporary")
def test_two_versions_can_be_checked_out_at_once(plain: Checkout) -> None:
    """Each in its own folder; the same commit twice, too."""
    with worktree(plain.root, "HEAD") as one, worktree(plain.root, "HEAD") as two:
        assert one != two
        assert worktrees(plain) == 3
    assert worktrees(plain) == 1


@pytest.mark.usefixtures("temporary")
def test_no_hook_runs(plain: Checkout) -> None:
    """A checkout would start the hook `post-checkout` of the repository."""
    ran = plain.top / ".git" / "ran"
    hook = plain.top / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{ran}'\n", "utf-8")
    hook.chmod(0o755)
    with worktree(plain.root, "HEAD"):
        pass
    assert not ran.exists()
    git(plain.top, "checkout", "--quiet", "--detach")
    assert ran.exists(), "the hook is one that git starts"


@pytest.mark.usefixtures("temporary")
def test_a_shallow_clone_says_how_to_get_the_rest(plain: Checkout, tmp_path: Path) -> None:
    """As CI makes them by default."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", plain.top.as_uri(), str(clone))
    assert is_commit(clone, plain.first) == ""
    with pytest.raises(UsageError) as caught, worktree(clone, plain.first):
        pass
    assert str(caught.value) == (
        f"commit {plain.first[:12]} is not in this clone (fetch the whole history: "
        "git fetch --unshallow, or fetch-depth: 0 in actions/checkout)"
    )
    with worktree(clone, plain.second) as folder:
        assert (folder / "suite.yaml").read_text("utf-8") == "two"


@pytest.mark.usefixtures("temporary")
def test_a_commit_from_before_the_workspace_has_no_such_folder(tmp_path: Path) -> None:
    """The sentence names the folder that is missing there."""
    top = tmp_path / "repo"
    top.mkdir()
    git(top, "init", "--quiet")
    first = commit(top, "nothing yet", "README.md")
    (top / "evals").mkdir()
    commit(top / "evals", "one")
    with (
        pytest.raises(UsageError, match=f"commit {first[:12]} has no folder evals/"),
        worktree(top / "evals", first),
    ):
        pass


@pytest.mark.usefixtures("temporary")
def test_outside_of_a_repository_there_is_no_other_version(tmp_path: Path) -> None:
    """And nothing is known about this one."""
    with (
        pytest.raises(UsageError, match="git finds no repository around"),
        worktree(tmp_path, "HEAD"),
    ):
        pass
    assert (revision(tmp_path), dirty_paths(tmp_path)) == (Revision(), None)
    assert (is_commit(tmp_path, "HEAD"), file_at(tmp_path, "HEAD", "a")) == ("", None)


@pytest.mark.usefixtures("temporary")
def test_a_machine_without_git_is_told_so(plain: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may still run suites."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="there is no git"), worktree(plain.root, "HEAD"):
        pass
    assert dirty_paths(plain.root) is None


@pytest.mark.usefixtures("temporary")
def test_a_checkout_that_git_refuses_says_why(plain: Checkout) -> None:
    """In git's own last words."""
    (plain.top / ".git" / "worktrees").write_text("in the way", "utf-8")
    with (
        pytest.raises(UsageError, match=f"git could not check out commit {plain.second[:12]}: .+"),
        worktree(plain.root, plain.second),
    ):
        pass


def test_what_differs_from_the_commit_is_listed(checkout: Checkout) -> None:
    """Edited, staged, deleted, renamed and new files below the workspace; not ignored ones."""
    root = checkout.root
    assert dirty_paths(root) == ()
    commit(root, "*.log\n", ".gitignore")
    for name in ("edited", "staged", "deleted", "old name"):
        commit(root, name, name)
    for name in ("edited", "staged", "new é", "a\nb", "ignored.log"):
        (root / name).write_text("changed", "utf-8")
    git(root, "add", "staged")
    (root / "deleted").unlink()
    git(root, "mv", "old name", "renamed")
    (root / "sub").mkdir()
    (root / "sub" / "inner").write_text("new", "utf-8")
    assert dirty_paths(root) == (
        "a\nb", "deleted", "edited", "new é", "old name", "renamed", "staged", "sub/inner"
    )  # fmt: skip


def test_files_beside_the_workspace_do_not_make_it_dirty(tmp_path: Path) -> None:
    """The rest of the repository is somebody else's."""
    checkout = Checkout(tmp_path / "repo", "evals")
    (checkout.top / "main.py").write_text("x", "utf-8")
    assert dirty_paths(checkout.root) == ()


def test_a_hook_of_gits_own_does_not_lead_astray(
    checkout: Checkout, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside of a hook, variables point at another index and folder than the workspace's."""
    monkeypatch.setenv("GIT_DIR", str(temporary))
    monkeypatch.setenv("GIT_INDEX_FILE", str(temporary / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(temporary))
    assert dirty_paths(checkout.root) == ()
    with worktree(checkout.root, checkout.first) as folder:
        assert (folder / "suite.yaml").read_text("utf-8") == "one"


def everything(_: str) -> bool:
    """Count each file."""
    return True


def test_equal_content_has_one_hash_whatever_the_commit(checkout: Checkout) -> None:
    """Going back to what was, with or without a commit, gives the hash that was."""
    before = content_digest(checkout.root, counted=everything)
    (checkout.root / "suite.yaml").write_text("three", "utf-8")
    changed = content_digest(checkout.root, counted=everything)
    commit(checkout.root, "three")
    committed = content_digest(checkout.root, counted=everything)
    commit(checkout.root, "two")
    assert (changed, len(before)) == (committed, 64)
    assert before != changed
    assert content_digest(checkout.root, counted=everything) == before


def test_a_deleted_file_counts_before_and_after_its_commit(checkout: Checkout) -> None:
    """An uncommitted deletion hashes as the committed one does."""
    commit(checkout.root, "more", "more.yaml")
    whole = content_digest(checkout.root, counted=everything)
    (checkout.root / "more.yaml").unlink()
    deleted = content_digest(checkout.root, counted=everything)
    git(checkout.root, "commit", "--quiet", "--all", "--message", "deleted")
    assert whole != deleted == content_digest(checkout.root, counted=everything)


def test_a_new_file_counts_where_it_is_wanted(checkout: Checkout) -> None:
    """What git does not know yet is part of the content, unless it is of no interest."""
    before = content_digest(checkout.root, counted=lambda name: name.endswith(".yaml"))
    (checkout.root / "result of a run.md").write_text("x", "utf-8")
    assert content_digest(checkout.root, counted=lambda name: name.endswith(".yaml")) == before
    (checkout.root / "new.yaml").write_text("x", "utf-8")
    assert content_digest(checkout.root, counted=lambda name: name.endswith(".yaml")) != before


def test_outside_git_the_content_has_no_hash(tmp_path: Path) -> None:
    """Nobody can say whether it is the same."""
    assert not content_digest(tmp_path, counted=everything)


def test_a_history_names_the_commits_that_changed_a_file(checkout: Checkout) -> None:
    """Newest first; not more than are asked for, and then it says so."""
    commit(checkout.root, "other", "other.yaml")
    found = history(checkout.root, ("suite.yaml",), most=5)
    assert found == History(commits=(checkout.second, checkout.first))
    newest = history(checkout.root, ("suite.yaml",), most=1)
    assert (newest.commits, newest.whole) == ((checkout.second,), False)
    assert newest.why == "no more than 1 versions are read"


def test_a_shallow_clone_has_no_whole_history(checkout: Checkout, tmp_path: Path) -> None:
    """Nor has a folder outside git any."""
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{checkout.top}", str(shallow))
    found = history(shallow / checkout.root.relative_to(checkout.top), ("suite.yaml",), most=5)
    assert (found.commits, found.whole) == ((checkout.second,), False)
    assert "this clone is shallow" in found.why
    (tmp_path / "outside").mkdir()
    outside = history(tmp_path / "outside", ("suite.yaml",), most=5)
    assert (outside.commits, outside.whole) == ((), False)

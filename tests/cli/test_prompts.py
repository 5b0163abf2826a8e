"""`paygrade prompts list|show|diff|lock` from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kit import PROMPT

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

FILE = "prompts/refunds/v1.yaml"
LOCK = "prompts.lock"


def test_locking_publishes_every_draft(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Drafts become locked, once; the order is by name and number."""
    for number in (2, 10):
        text = PROMPT.replace("version: 1", f"version: {number}")
        workspace.write(f"prompts/refunds/v{number}.yaml", text)
    locked = paygrade("prompts", "lock", "-w", workspace.root)
    again = paygrade("prompts", "lock", "-w", workspace.root)
    listed = paygrade("prompts", "list", "--json", "-w", workspace.root)
    assert locked.out == "locked refunds@v1, refunds@v2, refunds@v10\n"
    assert again.out == "every version is locked already\n"
    assert {each["prompt"]: each["state"] for each in listed.json} == {
        "refunds@v1": "locked",
        "refunds@v2": "locked",
        "refunds@v10": "locked",
    }
    lines = (workspace.root / LOCK).read_text(encoding="utf-8").splitlines()
    assert [line.split("@")[1].split()[0] for line in lines[1:]] == ["v1", "v2", "v10"]


def test_an_edited_version_asks_for_the_next(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Published versions do not change: write the next; the lock stays as it was."""
    paygrade("prompts", "lock", "-w", workspace.root)
    before = (workspace.root / LOCK).read_bytes()
    workspace.replace(FILE, "Answer with JSON.", "Answer with XML.")
    for command in (["check"], ["prompts", "lock"]):
        ended = paygrade(*command, "-w", workspace.root)
        assert ended.code == 2
        assert (
            f"{FILE}: refunds@v1 is locked and was edited "
            "(restore it from git and write v2.yaml instead)"
        ) in ended.err
    assert (workspace.root / LOCK).read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1\n", "# why not\nversion:   1\n\n"),
        ("changelog: First version.", "changelog: The very first."),
        ("content: Answer with JSON.", "content: 'Answer with JSON.'"),
        ("variables: [message]", "variables:\n  - message"),
        ("\n", "\r\n"),
    ],
)
def test_the_hash_covers_the_meaning_and_not_the_writing(
    workspace: WorkspaceFolder, paygrade: Paygrade, old: str, new: str
) -> None:
    """Comments, white space, quotes and the changelog may be mended in a locked file."""
    paygrade("prompts", "lock", "-w", workspace.root)
    workspace.write(FILE, PROMPT.replace(old, new))
    assert paygrade("check", "-w", workspace.root).code == 0


def test_a_locked_file_that_is_gone_is_missed(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The lock's own line says which."""
    workspace.write("prompts/other/v1.yaml", PROMPT.replace("prompt: refunds", "prompt: other"))
    paygrade("prompts", "lock", "-w", workspace.root)
    (workspace.root / "prompts/other/v1.yaml").unlink()
    ended = paygrade("check", "-w", workspace.root)
    assert ended.code == 2
    assert (
        "prompts.lock:2: locks other@v1, which has no file prompts/other/v1.yaml "
        "(restore it from git)\n"
    ) in ended.err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("refunds@v1 sha256:abc", "is not a line of the form NAME@vN sha256:HASH"),
        ("<<<<<<< HEAD", "is not a line of the form NAME@vN sha256:HASH"),
        ("refunds@v01 sha256:" + "0" * 64, "is not a line of the form NAME@vN sha256:HASH"),
        ("refunds@v1 sha256:" + "0" * 64, "locks refunds@v1 twice, first in line 2"),
    ],
)
def test_a_lock_that_was_damaged_is_told_and_kept(
    workspace: WorkspaceFolder, paygrade: Paygrade, line: str, expected: str
) -> None:
    """Nothing is written over a lock that cannot be read."""
    paygrade("prompts", "lock", "-w", workspace.root)
    text = (workspace.root / LOCK).read_text(encoding="utf-8") + line + "\n"
    workspace.write(LOCK, text)
    for command in (["check"], ["prompts", "lock"], ["prompts", "list"]):
        ended = paygrade(*command, "-w", workspace.root)
        assert ended.code == 2
        assert (
            f"prompts.lock:3: {expected} "
            "(restore the file from git; `paygrade prompts lock` only adds lines)\n"
        ) in ended.err
    assert (workspace.root / LOCK).read_text(encoding="utf-8") == text


def test_a_prompt_is_shown_as_it_is_written(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Hash, variables, messages before rendering."""
    out = paygrade("prompts", "show", "refunds@v1", "-w", workspace.root).out
    assert out.startswith("refunds@v1  sha256:")
    assert "variables: message\n" in out
    assert "[user]\nCustomer: {{ message }}\n" in out


def test_two_versions_are_compared_line_by_line(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A unified diff of what a model would see; nothing when they are the same."""
    text = PROMPT.replace("version: 1", "version: 2").replace("JSON.", "JSON alone.")
    workspace.write("prompts/refunds/v2.yaml", text)
    changed = paygrade("prompts", "diff", "refunds@v1", "refunds@v2", "-w", workspace.root)
    same = paygrade("prompts", "diff", "refunds@v1", "refunds@v1", "-w", workspace.root)
    assert changed.out.splitlines() == [
        "--- refunds@v1",
        "+++ refunds@v2",
        "@@ -1,6 +1,6 @@",
        " # First version.",
        " [system]",
        "-Answer with JSON.",
        "+Answer with JSON alone.",
        " [user]",
        " Customer: {{ message }}",
        " [variables]",
    ]
    assert same.out == "no difference\n"

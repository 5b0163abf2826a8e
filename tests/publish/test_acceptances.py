"""What was accepted, now and in git's history, as figures beside the runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES
from paygrade.pipeline import acceptances as conductor
from paygrade.pipeline.acceptances import acceptances
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

BASELINES = "reports/baselines/refunds.jsonl"
SAYS_NO = '''\
"""Refuses everybody."""


def answer(request):
    """Say no."""
    return {"action": "refuse", "amount_minor": 0, "currency": "EUR"}
'''


def _git(folder: Path, *arguments: str) -> None:
    person = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false")
    subprocess.run(["git", "-C", str(folder), *person, *arguments], check=True, capture_output=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all", ".")
    _git(folder, "commit", "--quiet", "--message", "a change")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine take part."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the repository of the first test is kept for the others."""
    return tmp_path_factory.mktemp("kept") / "ws"


@pytest.fixture
def accepted(workspace: WorkspaceFolder, paygrade: Paygrade, kept: Path) -> WorkspaceFolder:
    """A repository with two accepted baselines, the second one worse."""
    if not kept.exists():
        _accept_twice(workspace, paygrade)
        shutil.copytree(workspace.root, kept)
    shutil.rmtree(workspace.root)
    shutil.copytree(kept, workspace.root)
    return workspace


def _accept_twice(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    _git(workspace.root.parent, "init", "--quiet", "ws")
    workspace.replace("runners/always_refund.yaml", "provider", "deterministic: true\nprovider")
    _commit(workspace.root)
    assert paygrade("accept", "-q", "--yes", cwd=workspace.root).code == 0
    _commit(workspace.root)
    workspace.write("runners/always_refund.py", SAYS_NO)
    _commit(workspace.root)
    assert paygrade("accept", "-q", "--yes", "--reason", "stricter").code == 0
    _commit(workspace.root)


def test_an_earlier_baseline_is_read_from_git(accepted: WorkspaceFolder) -> None:
    """With its rate, and the commit that holds the file; its samples are not told."""
    found = acceptances(find_layout(accepted.root))
    assert found.unknown == ()
    now, before = found.accepted
    assert [(each.rate.failed, each.rate.scored, each.cases) for each in (now, before)] == [
        (2, 3, 3), (1, 3, 3),
    ]  # fmt: skip
    assert [(each.reason, each.current) for each in (now, before)] == [
        ("stricter", True), ("first baseline", False),
    ]  # fmt: skip
    assert now.identity.runner != before.identity.runner
    assert (now.source, before.source.partition(":")[2]) == (BASELINES, BASELINES)
    assert [(each.sample_id, each.failed) for each in now.samples] == [
        ("s1", 1), ("s2", 1), ("s3", 0),
    ]  # fmt: skip
    assert before.samples == ()


def test_an_earlier_baseline_that_cannot_be_read_is_said(accepted: WorkspaceFolder) -> None:
    """The others are still there."""
    text = (accepted.root / BASELINES).read_text("utf-8")
    accepted.write(BASELINES, text.replace("stricter", "by hand"))
    _commit(accepted.root)
    accepted.write(BASELINES, text)
    found = acceptances(find_layout(accepted.root))
    assert len(found.accepted) == 2
    (sentence,) = found.unknown
    assert sentence.startswith("refunds: an earlier baseline; ")
    assert "was edited by hand" in sentence


def test_only_the_newest_versions_are_read(
    accepted: WorkspaceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is said that there are more."""
    monkeypatch.setattr(conductor, "MOST_VERSIONS", 1)
    found = acceptances(find_layout(accepted.root))
    assert [each.current for each in found.accepted] == [True]
    assert found.unknown == (
        "earlier baselines, or some of them: no more than 1 versions are read",
    )


def test_without_git_there_is_the_current_one_alone(accepted: WorkspaceFolder) -> None:
    """And it is said that no earlier one is known."""
    shutil.rmtree(accepted.root / ".git")
    found = acceptances(find_layout(accepted.root))
    assert [each.current for each in found.accepted] == [True]
    assert found.unknown == ("earlier baselines, or some of them: git knows no history here",)


def test_a_shallow_clone_says_so(accepted: WorkspaceFolder, tmp_path: Path) -> None:
    """With the way to get the rest."""
    clone = tmp_path / "clone"
    _git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{accepted.root}", str(clone))
    found = acceptances(find_layout(clone))
    assert [each.current for each in found.accepted] == [True]
    assert "this clone is shallow (fetch the whole history" in found.unknown[0]


def test_a_baseline_that_cannot_be_read_is_said(accepted: WorkspaceFolder) -> None:
    """It stops no publication of what was run."""
    accepted.write(BASELINES, "{}\n")
    found = acceptances(find_layout(accepted.root))
    assert found.accepted == ()
    assert found.unknown[0].startswith(f"refunds: what was accepted; {BASELINES}:1: ")


def test_samples_with_checks_of_their_own_are_not_called_edited(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A baseline hashes them with their checks, a journal without: they are the same samples."""
    own = [{"contains": {"value": "refund", "severity": "minor"}}]
    workspace.samples([{**each, "checks": own} for each in SAMPLES])
    workspace.replace("runners/always_refund.yaml", "provider", "deterministic: true\nprovider")
    assert paygrade("accept", "-q", "--yes", cwd=workspace.root).code == 0
    assert paygrade("run", "-q").code == 0
    assert paygrade("publish").code == 0
    asked = "SELECT DISTINCT same, edited, added, removed FROM accepted_changes"
    assert paygrade("sql", asked, "--json").json == [
        {"same": 3, "edited": 0, "added": 0, "removed": 0}
    ]

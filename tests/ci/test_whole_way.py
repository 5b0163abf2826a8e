"""The whole way with the real command: baseline, change, action, artifact, comment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci.actions import Job
from ci.hub import Hub, archive, serving
from kit import REPOSITORY, SAMPLES

if TYPE_CHECKING:
    from ci.actions import Ended
    from kit import WorkspaceFolder

pytestmark = pytest.mark.real

PAYGRADE = Path(sys.executable).with_name("paygrade")
SHA = "a" * 40


@pytest.fixture
def project(workspace: WorkspaceFolder) -> WorkspaceFolder:
    """A repository whose one suite has a deterministic runner and sixty samples."""
    asked = subprocess.run([PAYGRADE, "gate", "--help"], capture_output=True, check=False)
    if asked.returncode != 0:
        pytest.skip("this paygrade has no command `gate` yet")
    workspace.samples([SAMPLES[0] | {"id": f"s{each}"} for each in range(60)])
    workspace.write(".gitignore", "/.paygrade/\n__pycache__/\n")
    runner = workspace.root / "runners" / "always_refund.yaml"
    runner.write_text(runner.read_text("utf-8") + "deterministic: true\n", encoding="utf-8")
    _git(workspace.root, "init", "-q")
    _commit(workspace.root)
    return workspace


def _git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "A change", "--allow-empty")


def _accept(folder: Path) -> None:
    subprocess.run(
        [PAYGRADE, "accept", "--reason", "The first", "--yes"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    _commit(folder)


def _gated(folder: Path, tmp_path: Path) -> Ended:
    """Run the action, with the real command and without an installation."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (tools / "python").chmod(0o755)
    (tools / "paygrade").symlink_to(PAYGRADE)
    job = Job(
        temp=tmp_path / "temp",
        workspace=folder,
        path=(tools,),
        github={"event": {"pull_request": {"number": 12}}},
        env={
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/pay",
            "GITHUB_RUN_ID": "4711",
        },
    )
    return job.run(REPOSITORY, {"suites": "refunds", "runners": "always_refund"})


def test_without_a_baseline_it_is_not_green(project: WorkspaceFolder, tmp_path: Path) -> None:
    """Nothing to compare with is 102, with a report that says so."""
    ended = _gated(project.root, tmp_path)
    assert (ended.code, ended.outputs["verdict"]) == (102, "invalid"), ended.out
    assert Path(ended.outputs["report"]).is_file()


def test_without_a_change_it_is_green(project: WorkspaceFolder, tmp_path: Path) -> None:
    """The same answers as the baseline's."""
    _accept(project.root)
    ended = _gated(project.root, tmp_path)
    assert (ended.code, ended.outputs["verdict"]) == (0, "pass"), ended.out


def test_a_regression_is_red_and_its_report_arrives(
    project: WorkspaceFolder, tmp_path: Path
) -> None:
    """All files are there; the comment's text is the gate's, but for spaces without width."""
    _accept(project.root)
    project.replace("runners/always_refund.py", '"refund"', '"refuse"')
    _commit(project.root)
    ended = _gated(project.root, tmp_path)
    assert (ended.code, ended.outputs["verdict"]) == (100, "regressed"), ended.out
    folder = Path(ended.steps["prepare"].outputs["report"])
    names = {"gate.json", "gate.md", "gate.junit.xml", "gate.svg", "gate.badge.json", "pr.txt"}
    assert {each.name for each in folder.iterdir()} == names
    if not all(map(shutil.which, ("curl", "jq", "unzip"))):
        pytest.skip("the comment needs curl, jq and unzip")
    text = (folder / "gate.md").read_text("utf-8")
    body = _commented({each.name: each.read_bytes() for each in folder.iterdir()}, tmp_path)
    shown = body.replace("\u200b", "").splitlines()
    assert [shown[0], *shown[3:]] == text.splitlines()


def _commented(files: dict[str, bytes], tmp_path: Path) -> str:
    """What `ci/comment` writes of an artifact with these files."""
    artifact = {"id": 1, "name": "paygrade-gate", "expired": False, "size_in_bytes": 1}
    hub = Hub(
        artifacts=[artifact | {"created_at": "2026-11-23T10:00:00Z"}],
        archive=archive(dict(files)),
        pulls={"12": {"head": {"sha": SHA, "repo": {"id": 5}}}},
    )
    run = {"id": 4711, "head_sha": SHA, "conclusion": "failure", "head_repository": {"id": 5}}
    with serving(hub):
        Job(
            temp=tmp_path / "other",
            workspace=tmp_path / "nothing",
            github={"event": {"workflow_run": run}, "token": "ghs_x"},
            env={
                "GITHUB_API_URL": hub.url,
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "acme/pay",
            },
        ).run(REPOSITORY / "ci" / "comment")
    (call,) = hub.written
    return str(call.body["body"])

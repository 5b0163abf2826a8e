"""What every workflow and action of this repository promises about rights, names and inputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from ci.actions import load
from kit import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKFLOWS = ("gate.yml", "gate-comment.yml", "publish.yml", "reusable-gate.yml")
PAGES = {"pages": "write", "id-token": "write"}
ACTIONS = ("action.yml", "ci/comment/action.yml")
FILES = (*ACTIONS, *(f".github/workflows/{name}" for name in WORKFLOWS))
LOCAL = {"./", "./.paygrade-action", "$/ci/comment"}


def _steps(name: str) -> Iterator[dict[str, Any]]:
    found = load(name)
    if "runs" in found:
        yield from found["runs"]["steps"]
    for job in found.get("jobs", {}).values():
        yield from job["steps"]


@pytest.mark.parametrize("name", FILES)
def test_no_expression_stands_in_a_script(name: str) -> None:
    """Values reach a shell through its environment."""
    for step in _steps(name):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", FILES)
def test_other_peoples_actions_are_named_by_commit(name: str) -> None:
    """Forty hex digits, and the version beside them; our own are of the same commit."""
    text = (REPOSITORY / name).read_text("utf-8")
    for step in _steps(name):
        if "uses" in step and step["uses"] not in LOCAL:
            assert re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40}", step["uses"])
            assert re.search(rf"{re.escape(step['uses'])} # v\d+\.\d+\.\d+\n", text)


def test_an_action_has_one_commit_everywhere() -> None:
    """Two versions of one action would be an update that was half made."""
    used = [
        step["uses"].partition("@") for name in FILES for step in _steps(name) if "uses" in step
    ]
    commits = {action.split("/")[1]: commit for action, sign, commit in used if sign}
    for action, sign, commit in used:
        assert not sign or commits[action.split("/")[1]] == commit


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_nothing_and_a_job_little(name: str) -> None:
    """No right at the top; only the comment's job and the one that deploys may write."""
    workflow = load(f".github/workflows/{name}")
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        if name != "gate-comment.yml":
            assert job["permissions"] in ({"contents": "read"}, PAGES)


def test_what_deploys_the_pages_runs_no_code_of_this_repository() -> None:
    """It has the rights, and nothing but GitHub's own action."""
    jobs = load(".github/workflows/publish.yml")["jobs"]
    assert [name for name, job in jobs.items() if job["permissions"] == PAGES] == ["deploy"]
    (step,) = jobs["deploy"]["steps"]
    assert step["uses"].startswith("actions/deploy-pages@")
    assert "run" not in step


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_checkout_keeps_no_token(name: str) -> None:
    """And the one of the judged repository has the whole history, which the gate needs."""
    checkouts = [
        step["with"]
        for step in _steps(f".github/workflows/{name}")
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert all(given["persist-credentials"] is False for given in checkouts)
    assert all(given.get("fetch-depth") == 0 for given in checkouts[:1])


def test_this_repository_gates_itself_without_a_key() -> None:
    """With runners that cost nothing; no secret is in reach of a pull request's code."""
    workflow = load(".github/workflows/gate.yml")
    (job,) = workflow["jobs"].values()
    assert set(workflow["on"]) == {"pull_request", "push"}
    assert job["steps"][-1] == {"uses": "./"}
    suites = [load(f"evals/{each.name}/suite.yaml") for each in (REPOSITORY / "evals").iterdir()]
    assert {name for suite in suites for name in suite["runners"]} == {"rules", "agent-reference"}
    for name in ("gate.yml", "gate-comment.yml"):
        assert "secrets." not in (REPOSITORY / ".github" / "workflows" / name).read_text("utf-8")


def test_nothing_is_started_by_pull_request_target() -> None:
    """A suite is code; it never runs with the base's rights."""
    for file in (REPOSITORY / ".github" / "workflows").glob("*.yml"):
        assert "pull_request_target" not in file.read_text("utf-8")


def test_the_reusable_workflow_has_the_inputs_and_outputs_of_the_action() -> None:
    """It hands each on by its name, with the same default."""
    action, workflow = load("action.yml"), load(".github/workflows/reusable-gate.yml")
    call = workflow["on"]["workflow_call"]
    inputs = {name: about for name, about in call["inputs"].items() if name != "timeout-minutes"}
    assert {name: about["default"] for name, about in inputs.items()} == {
        name: about["default"] for name, about in action["inputs"].items()
    }
    (job,) = workflow["jobs"].values()
    assert job["steps"][-1]["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in inputs}
    paths = {"report", "junit", "comment"}
    assert set(call["outputs"]) == set(job["outputs"]) == set(action["outputs"]) - paths


def test_the_reusable_workflow_is_given_its_secrets_by_name() -> None:
    """Both may be missing, and only the step of the gate sees them."""
    workflow = load(".github/workflows/reusable-gate.yml")
    secrets = workflow["on"]["workflow_call"]["secrets"]
    assert [about["required"] for about in secrets.values()] == [False, False]
    (job,) = workflow["jobs"].values()
    *others, gate = job["steps"]
    assert {f"${{{{ secrets.{name} }}}}" for name in secrets} == set(gate["env"].values())
    assert "secrets." not in str(others)
    assert "env" not in job


def test_the_action_that_the_reusable_workflow_runs_is_of_its_own_commit() -> None:
    """Not of a tag that may move, and not the caller's."""
    (job,) = load(".github/workflows/reusable-gate.yml")["jobs"].values()
    fetched = job["steps"][1]["with"]
    assert (fetched["repository"], fetched["ref"]) == (
        "${{ job.workflow_repository }}",
        "${{ job.workflow_sha }}",
    )
    assert job["steps"][-1]["uses"] == f"./{fetched['path']}"
    assert f"/{fetched['path']}/" in job["steps"][2]["run"]


def test_extra_arguments_are_not_offered() -> None:
    """An input is a value of a known option, never a piece of a command line."""
    assert set(load("action.yml")["inputs"]) == {
        "suites",
        "runners",
        "baseline",
        "prompt",
        "epochs",
        "confirm",
        "on-inconclusive",
        "workspace",
        "python-version",
        "version",
        "store-cache",
        "artifact",
    }

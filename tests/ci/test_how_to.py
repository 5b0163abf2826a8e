"""`docs/how-to/ci.md` names what the action has, and shows the workflows that we run."""

from __future__ import annotations

import re

import pytest
import yaml

from ci.actions import load
from docs.pages import blocks, first_cells, read, section
from kit import REPOSITORY
from paygrade.errors import ExitCode

PAGE = read("how-to/ci.md")
WORKFLOWS = {block.title: block.text for block in blocks("how-to/ci.md") if block.title}
GATE, COMMENT = ".github/workflows/gate.yml", ".github/workflows/gate-comment.yml"


def _names(heading: str) -> set[str]:
    return {cell.strip("`") for cell in first_cells(section(PAGE, heading))}


def test_every_input_is_named_and_no_other() -> None:
    """With its default, where it has one."""
    inputs = load("action.yml")["inputs"]
    assert _names("### Inputs") == set(inputs)
    for name, about in inputs.items():
        if about["default"]:
            assert f"| `{name}` | `{about['default']}` |" in PAGE


def test_every_output_is_named() -> None:
    """Those with figures and those with paths."""
    named = set(re.findall(r"`([a-z-]+)`", section(PAGE, "### Outputs").split("They are")[0]))
    assert named == set(load("action.yml")["outputs"])


def test_every_exit_code_is_explained() -> None:
    """Each that the tool has, and what to do then."""
    rows = re.findall(r"^\| (\d+) \| .+ \| .+ \|$", section(PAGE, "## Exit codes"), re.MULTILINE)
    assert {int(code) for code in rows} == set(ExitCode)


def test_every_variable_of_the_gitlab_recipe_is_named() -> None:
    """And no other."""
    text = (REPOSITORY / "ci" / "gitlab-ci.yml").read_text("utf-8")
    assert _names("## GitLab") == set(re.findall(r"\bPAYGRADE_[A-Z_]+", text))


def test_the_hashes_on_the_page_are_those_in_use() -> None:
    """In the table, in the examples and in our own files."""
    files = (REPOSITORY / "action.yml", *(REPOSITORY / ".github" / "workflows").glob("*.yml"))
    used = {
        (action, commit)
        for file in files
        for action, commit in re.findall(
            r"uses: (actions/[\w-]+)[\w/-]*@([0-9a-f]{40})", file.read_text("utf-8")
        )
    }
    rows = re.findall(
        r"^\| `(actions/[\w-]+)` \| v[\d.]+ \| `([0-9a-f]{40})` \|", PAGE, re.MULTILINE
    )
    assert set(rows) == used
    shown = set(re.findall(r"uses: (actions/[\w-]+)@([0-9a-f]{40})", PAGE))
    assert shown <= used


def test_the_workflow_that_publishes_is_the_one_that_we_run() -> None:
    """But for how it installs the tool and runs the suites."""
    name = ".github/workflows/publish.yml"
    (block,) = [each for each in blocks("how-to/publish.md") if each.title == name]
    shown, ours = yaml.safe_load(block.text), yaml.safe_load((REPOSITORY / name).read_text())
    assert [shown[key] for key in (True, "permissions", "concurrency")] == [
        ours[key] for key in (True, "permissions", "concurrency")
    ]
    assert shown["jobs"]["deploy"] == ours["jobs"]["deploy"]
    for job in (shown["jobs"]["pages"], ours["jobs"]["pages"]):
        job["steps"] = [step for step in job["steps"] if "run" not in step]
    assert shown["jobs"]["pages"] == ours["jobs"]["pages"]


@pytest.mark.parametrize("name", [GATE, COMMENT])
def test_a_workflow_on_the_page_is_the_one_that_we_run(name: str) -> None:
    """Rights, trigger, cancellation; the steps but for whose action it is and what it is given."""
    shown, ours = yaml.safe_load(WORKFLOWS[name]), yaml.safe_load((REPOSITORY / name).read_text())
    for key in (True, "permissions", "concurrency", "name"):
        assert shown[key] == ours[key]
    (job,), (own,) = shown["jobs"].values(), ours["jobs"].values()
    assert job["permissions"] == own["permissions"]
    assert job.get("if") == own.get("if")
    assert job["steps"][:-1] == own["steps"][:-1]


def test_the_first_workflow_is_short() -> None:
    """It is what people copy."""
    assert len(WORKFLOWS[GATE].splitlines()) <= 27


def test_the_limits_on_the_page_are_those_of_the_script() -> None:
    """Of the artifact and of the comment."""
    text = (REPOSITORY / "ci" / "post-comment.sh").read_text("utf-8")
    assert "most_zip=$((5 * 1024 * 1024))" in text
    assert "above 5 MiB" in PAGE
    assert "most_comment=65000" in text
    assert "65,000 bytes" in PAGE


def test_the_called_workflow_passes_what_it_takes() -> None:
    """Inputs and secrets of the example exist."""
    call = load(".github/workflows/reusable-gate.yml")["on"]["workflow_call"]
    (job,) = yaml.safe_load(WORKFLOWS[".github/workflows/gate-called.yml"])["jobs"].values()
    assert set(job["with"]) <= set(call["inputs"])
    assert set(job["secrets"]) <= set(call["secrets"])

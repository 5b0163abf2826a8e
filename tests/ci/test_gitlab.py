"""`ci/gitlab-ci.yml`: its scripts run as written, in both shells that a runner may have."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from ci.actions import load
from ci.hub import MARKER, Lab, serving
from ci.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real  # each runs the recipe in shells

RECIPE = load("ci/gitlab-ci.yml")
GATE, NOTE = RECIPE["paygrade-gate"], RECIPE["paygrade-note"]
FILES = ("gate.json", "gate.md", "gate.junit.xml", "gate.svg")


@pytest.fixture(params=["sh", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    """The shells that images have."""
    return str(request.param)


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """A fake `paygrade` and a fake `python`."""
    return Tools(tmp_path / "tools")


def _run(
    job: dict[str, Any], shell: str, folder: Path, tools: Tools, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a job's script as GitLab's runner does: one shell, which ends at the first mistake."""
    folder.mkdir(exist_ok=True)
    env = {
        "PATH": os.pathsep.join((str(tools.folder), "/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": str(folder.parent),
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder.parent),
        **job["variables"],
        **variables,
    }
    script = "set -e\n" + "\n".join(job["script"])
    return subprocess.run(
        [shell, "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("code", [0, 1, 2, 100, 101, 102, 103])
def test_the_job_ends_as_the_gate_ended(
    tmp_path: Path, tools: Tools, shell: str, code: int
) -> None:
    """Each exit code comes through."""
    tools.gate(code=code)
    assert _run(GATE, shell, tmp_path / "project", tools).returncode == code


def test_a_green_without_a_report_is_not_green(tmp_path: Path, tools: Tools, shell: str) -> None:
    """Something ended with 0 and was not the gate."""
    tools.gate(code=0, writes=False)
    assert _run(GATE, shell, tmp_path / "project", tools).returncode == 1


def test_the_variables_reach_the_gate(tmp_path: Path, tools: Tools, shell: str) -> None:
    """Each as its option; suites after the double dash."""
    _run(
        GATE,
        shell,
        tmp_path / "project",
        tools,
        PAYGRADE_SUITES="refunds\n disputes",
        PAYGRADE_RUNNERS="rules gpt_small",
        PAYGRADE_WORKSPACE="evals/pay",
        PAYGRADE_ON_INCONCLUSIVE="fail",
        PAYGRADE_REQUIREMENT="paygrade==0.1.0",
    )
    files = [word for name in FILES for word in ("-o", f"paygrade-gate/{name}")]
    runners = ["--runner", "rules", "--runner", "gpt_small"]
    others = ["--on-inconclusive", "fail", "--workspace", "evals/pay"]
    assert tools.arguments == ["gate", *files, *runners, *others, "--", "refunds", "disputes"]


def test_nothing_is_said_that_was_not_set(tmp_path: Path, tools: Tools, shell: str) -> None:
    """The suites' own settings hold then."""
    _run(GATE, shell, tmp_path / "project", tools)
    assert tools.arguments[-3:] == ["--workspace", ".", "--"]


@pytest.mark.parametrize("value", ["$(touch pwned)", "`touch pwned`", ";touch", "*", "?bc", "a\\"])
def test_a_variable_is_never_read_as_shell(
    tmp_path: Path, tools: Tools, shell: str, value: str
) -> None:
    """Neither as a command nor as a pattern."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "abc").touch()
    _run(GATE, shell, folder, tools, PAYGRADE_SUITES=value, PAYGRADE_RUNNERS=value)
    assert tools.arguments[-len(value.split()) :] == value.split()
    assert {each.name for each in folder.iterdir()} == {"abc", "paygrade-gate"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYGRADE_SUITES", "a -o/etc/passwd"),
        ("PAYGRADE_RUNNERS", "--dry-run"),
        ("PAYGRADE_WORKSPACE", "-x"),
        ("PAYGRADE_ON_INCONCLUSIVE", "--dry-run"),
        ("PAYGRADE_REQUIREMENT", "--index-url=x"),
        ("PAYGRADE_REQUIREMENT", ""),
    ],
)
def test_a_variable_never_becomes_an_option(
    tmp_path: Path, tools: Tools, shell: str, name: str, value: str
) -> None:
    """Refused as a mistake; the gate is not run."""
    ended = _run(GATE, shell, tmp_path / "project", tools, **{name: value})
    assert (ended.returncode, tools.calls) == (2, [])
    assert name in ended.stdout


def test_results_and_store_are_kept_when_it_ends_red() -> None:
    """Artifacts, JUnit report and cache, whatever the exit code."""
    assert GATE["artifacts"]["when"] == GATE["cache"]["when"] == "always"
    assert GATE["artifacts"]["reports"] == {"junit": "paygrade-gate/gate.junit.xml"}
    assert GATE["variables"]["GIT_DEPTH"] == "0"


@pytest.fixture
def lab() -> Iterator[Lab]:
    """GitLab with merge request 12."""
    missing = [each for each in ("curl", "jq") if not shutil.which(each)]
    if missing:
        pytest.skip(f"the job installs them in its image; missing here: {missing}")
    with serving(Lab()) as found:
        assert isinstance(found, Lab)
        yield found


def _note(folder: Path, shell: str, tools: Tools, lab: Lab, text: str | None) -> int:
    (folder / "paygrade-gate").mkdir(parents=True)
    if text is not None:
        (folder / "paygrade-gate" / "gate.md").write_text(text, encoding="utf-8")
    ended = _run(
        NOTE,
        shell,
        folder,
        tools,
        CI_API_V4_URL=f"{lab.url}/api/v4",
        CI_PROJECT_ID="3",
        CI_MERGE_REQUEST_IID="12",
        PAYGRADE_NOTE_TOKEN="glpat-x",  # noqa: S106 - not a real one
    )
    assert "glpat-x" not in ended.stdout + ended.stderr
    return ended.returncode


def test_a_first_report_becomes_a_note(tmp_path: Path, tools: Tools, shell: str, lab: Lab) -> None:
    """With the marker by which the next one finds it."""
    assert _note(tmp_path / "project", shell, tools, lab, f"{MARKER}\nAll is well.\n") == 0
    (call,) = lab.written
    assert (call.method, call.body) == ("POST", {"body": f"{MARKER}\nAll is well.\n"})
    assert {each.authorization for each in lab.calls} == {"glpat-x"}


def test_the_next_report_replaces_our_note_alone(
    tmp_path: Path, tools: Tools, shell: str, lab: Lab
) -> None:
    """One of somebody else that only looks like ours is left alone."""
    lab.comments = [
        {"id": 1, "author": {"id": 8}, "body": f"{MARKER}\nfake"},
        {"id": 2, "author": {"id": 7}, "body": f"{MARKER}\nold"},
    ]
    assert _note(tmp_path / "project", shell, tools, lab, "new\n") == 0
    (call,) = lab.written
    assert (call.method, call.path.rsplit("/", 1)[1]) == ("PUT", "2")


def test_a_note_commands_nothing_and_calls_nobody(
    tmp_path: Path, tools: Tools, shell: str, lab: Lab
) -> None:
    """A line that begins with a slash would be done with the token's rights."""
    text = "/merge\n  /approve\n> /close\n@all <!-- x -->\n1/2\n"
    assert _note(tmp_path / "project", shell, tools, lab, text) == 0
    gap = "\u200b"
    assert lab.written[0].body["body"].splitlines() == [
        MARKER,
        f"{gap}/merge",
        f"  {gap}/approve",
        f"> {gap}/close",
        f"@{gap}all <{gap}!-- x -->",
        "1/2",
    ]


def test_without_a_report_there_is_no_note(
    tmp_path: Path, tools: Tools, shell: str, lab: Lab
) -> None:
    """The gate never began; the pipeline says so already."""
    assert _note(tmp_path / "project", shell, tools, lab, None) == 0
    assert lab.calls == []


def test_the_note_is_written_by_a_job_that_runs_no_code_of_the_project() -> None:
    """It fetches nothing of the repository, and needs the token to exist."""
    assert NOTE["variables"] == {"GIT_STRATEGY": "none"}
    assert "$PAYGRADE_NOTE_TOKEN" in NOTE["rules"][0]["if"]
    assert "PAYGRADE_NOTE_TOKEN" not in str(GATE)

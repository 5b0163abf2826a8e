"""A word that must not leave stands wherever content has words: no command says it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES, WorkspaceFolder
from leaks_out.stage import no_barrier

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Ended, Paygrade

WORD = "ZANZI-0001"
CONFIG = "leaks: {patterns: [{name: customer-id, regex: 'ZANZI-[0-9]{4}'}]}\n"
PROMPT = """\
prompt: refunds
version: 2
changelog: For ZANZI-0001.
variables: [message]
messages: [{role: user, content: "ZANZI-0001 {{ message }}"}]
"""
ANSWER = '''\
"""Answers with a word."""


def answer(request):
    """Say it."""
    return {"action": "ZANZI-0001"}
'''
FINE = '''\
"""Answers as it should."""


def answer(request):
    """Say yes, or no."""
    return {"action": "refuse" if "late" in request.input["message"] else "refund"}
'''
OUT = "out.md"
COMMANDS = (
    ("run",),
    ("run", "--json"),
    ("run", "-o", "out.jsonl"),
    ("score",),
    ("resume",),
    ("show",),
    ("show", "--json"),
    ("show", "latest", "s1"),
    ("show", "latest", "s1", "--json"),
    ("report",),
    ("report", "--markdown"),
    ("report", "-o", OUT),
    ("sql", "FROM attempts"),
    ("sql", "FROM attempts", "--json"),
    ("sql", "FROM attempts", "--csv"),
    ("export", "latest", "-o", OUT),
    ("compare", "BEFORE", "latest"),
    ("compare", "BEFORE", "latest", "--json"),
    ("compare", "BEFORE", "latest", "-o", OUT),
    ("gate", "--run", "latest", "--confirm", "off"),
    ("gate", "--run", "latest", "--confirm", "off", "--json"),
    ("gate", "--run", "latest", "--confirm", "off", "-o", OUT),
    ("doctor", "--offline"),
    ("doctor", "--offline", "--json"),
    ("prompts", "list"),
    ("prompts", "list", "--json"),
    ("prompts", "show", "refunds@v2"),
    ("prompts", "diff", "refunds@v1", "refunds@v2"),
    ("datasets", "card", "refunds"),
    ("datasets", "card", "refunds", "--json"),
    (
        "datasets",
        "import",
        "rows.csv",
        "--out",
        "new.jsonl",
        "--map",
        "input.message=text",
        "--map",
        "expected.action=id",
    ),
    ("broken", "check"),
    ("broken", "check", "--json"),
    ("broken", "run"),
)


def _written(root: Path, paygrade: Paygrade) -> str:
    """The workspace with a baseline and a run: the name of the run that was accepted."""
    folder = WorkspaceFolder(root)
    folder.write("paygrade.yaml", CONFIG)
    folder.write("prompts/refunds/v2.yaml", PROMPT)
    folder.write("rows.csv", "id,text,ZANZI-0001\na,Hello.,1\n")
    folder.write("runners/other.yaml", "runner: other\nprovider: command\ncommand: [ZANZI-0001]\n")
    folder.samples(
        [
            {**each, "id": f"{each['id']}{more}", "slices": {"kind": WORD}}
            for more in ("", "b")
            for each in SAMPLES
        ]
    )
    folder.replace("datasets/refunds/card.yaml", "title: Refunds", f"title: Refunds of {WORD}")
    folder.replace("evals/refunds/suite.yaml", "slices: [kind]", "slices: [kind]")
    folder.write("runners/always_refund.py", FINE)
    paygrade("accept", "--now", "--yes", "--sessions", 1, "-q", cwd=root)
    [before] = (root / ".paygrade" / "runs").iterdir()
    folder.write("runners/always_refund.py", ANSWER)
    paygrade("run", "-q")
    return before.name


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workspace is kept, to be copied."""
    return tmp_path_factory.mktemp("kept") / "ws"


@pytest.mark.parametrize("held", [True, False], ids=["held", "without its barrier"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_says_it(
    command: tuple[str, ...], kept: Path, tmp_path: Path, paygrade: Paygrade, *, held: bool
) -> None:
    """Neither on the screen nor in a file; and without the barrier each would."""
    if not kept.exists():
        with no_barrier():
            _written(kept, paygrade)
    root = tmp_path / "ws"
    shutil.copytree(kept, root)
    before = min(each.name for each in (root / ".paygrade" / "runs").iterdir())
    arguments = [before if each == "BEFORE" else each for each in command]
    if command[0] == "broken":
        (root / "runners" / "broken.yaml").write_text(
            f"runner: broken\nprovider: echo\n{WORD}: 1\n", encoding="utf-8"
        )
        arguments = arguments[1:]
    if held:
        said = _said(paygrade(*arguments, cwd=root), root)
    else:
        with no_barrier():
            said = _said(paygrade(*arguments, cwd=root), root)
    assert (WORD in said) is not held, said


def _said(ended: Ended, root: Path) -> str:
    files = "".join(each.read_text("utf-8") for each in root.glob("out.*"))
    return f"{ended.out}{ended.err}{files}"

"""The page on golden datasets, followed to the letter."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from docs.pages import blocks

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

PAGE = "how-to/golden-dataset.md"


def test_ten_lines_become_a_locked_version(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Every command runs as it stands, ends well, and prints what the page says."""
    found = blocks(PAGE)
    [rows] = [each.text for each in found if each.language == "csv"]
    [output] = [each.text for each in found if not each.language]
    commands = [
        shlex.split(line)[1:]
        for each in found
        if each.language == "sh"
        for line in each.text.strip().splitlines()
    ]
    workspace.write("refunds.csv", rows)
    printed = []
    for command in commands:
        if command[:2] == ["datasets", "diff"]:
            _write_the_next_version(workspace)
        ended = paygrade(*command, cwd=workspace.root)
        assert ended.code == 0, f"{command}: {ended.err}"
        printed.append(ended)
    assert sorted((printed[0].out + printed[0].err).splitlines()) == sorted(
        output.strip().splitlines()
    )
    assert printed[-2].out == "locked my_refunds@v1\n"
    assert printed[-1].out.endswith(": major\n")
    assert len(commands) == 6


def _write_the_next_version(workspace: WorkspaceFolder) -> None:
    folder = workspace.root / "datasets/my_refunds"
    lines = [json.loads(line) for line in (folder / "v1.jsonl").read_text("utf-8").splitlines()]
    lines[0]["expected"]["amount_minor"] = 4100
    text = "".join(json.dumps(each) + "\n" for each in lines)
    workspace.write("datasets/my_refunds/v2.jsonl", text)
    entry = '  - {version: 2, date: 2026-11-28, samples: 10, sha256: "", changes: One label.}\n'
    card = (folder / "card.yaml").read_text("utf-8")
    workspace.write("datasets/my_refunds/card.yaml", card + entry)

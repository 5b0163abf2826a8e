"""The page on judges, followed to the letter."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from docs.pages import blocks
from paygrade.scorers import RUBRICS
from paygrade.workspace.labels import peoples_labels

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

PAGE = "how-to/judge.md"


def test_a_rule_of_thumb_is_found_out(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The judge of the page, tried with the command of the page, prints what the page says."""
    found = blocks(PAGE)
    for each in found:
        if each.title:
            workspace.write(each.title, each.text)
    [command] = [each.text for each in found if each.language == "sh"]
    [output] = [each.text for each in found if not each.language]
    ended = paygrade(*shlex.split(command)[1:], cwd=workspace.root)
    assert ended.code == 100
    printed = [line.rstrip() for line in ended.out.strip().splitlines()]
    assert printed == output.strip().splitlines()


def test_the_check_is_one_that_a_suite_takes(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """With the judge of the page beside it."""
    found = blocks(PAGE)
    for each in found:
        if each.title:
            workspace.write(each.title, each.text)
    [check] = [each.text for each in found if each.language == "yaml" and not each.title]
    workspace.replace("evals/refunds/suite.yaml", "  - no-pan", f"  {check.strip()}\n  - no-pan")
    assert paygrade("check", cwd=workspace.root).code == 0


def test_the_label_is_one_that_a_judge_takes(tmp_path: Path) -> None:
    """And its number error is one."""
    [line] = [each.text for each in blocks(PAGE) if each.language == "json"]
    file = tmp_path / "labels.jsonl"
    file.write_text(line, "utf-8")
    [label] = peoples_labels(file, RUBRICS["dispute-reasons/1"].questions).explanations
    assert (label.defect, label.by) == ("numbers", json.loads(line)["by"])

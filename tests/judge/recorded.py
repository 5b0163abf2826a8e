"""Judges whose answers were written down: a good one, a constant one, a sloppy one."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from paygrade.payments.calibration import calibration_set
from paygrade.scorers import RUBRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kit import WorkspaceFolder

Label = dict[str, Any]
Verdict = dict[str, bool]

SLIPS = ("dt-0056-good", "rh-0035-good", "dg-0297-planted", "rh-0036-planted")
"""What the good judge gets wrong: one good explanation and one defect of each set."""


def shipped(rubric: str) -> list[Label]:
    """The labels that ship for a rubric."""
    return [json.loads(line) for line in calibration_set(rubric).splitlines()]


def good(rubric: str, label: Label) -> Verdict:
    """Says no to the question that an explanation fails, but for its slips."""
    verdict = dict.fromkeys(RUBRICS[rubric].questions, True)
    if (label["label"] == "defective") != (label["id"] in SLIPS):
        verdict[label.get("defect") or "deciding_fact"] = False
    return verdict


def constant(rubric: str, _label: Label) -> Verdict:
    """Likes everything."""
    return dict.fromkeys(RUBRICS[rubric].questions, True)


def sloppy(rubric: str, label: Label) -> Verdict:
    """Is wrong three times in ten, always about the same ones."""
    chance = random.Random(label["id"])
    verdict = good(rubric, label)
    if chance.random() < 0.3:
        called_good = all(verdict.values())
        verdict = dict.fromkeys(verdict, True)
        verdict["grounded"] = not called_good
    return verdict


def record(
    workspace: WorkspaceFolder,
    rubric: str,
    judge: Callable[[str, Label], Verdict],
    labels: Iterable[Label] | None = None,
) -> None:
    """Write what the judge says of each label as the runner `judge`."""
    lines = [
        {"id": each["id"], "text": json.dumps(judge(rubric, each))}
        for each in (labels or shipped(rubric))
    ]
    says(workspace, lines)


def says(workspace: WorkspaceFolder, lines: Iterable[dict[str, Any]]) -> None:
    """Write recorded answers as the runner `judge`."""
    workspace.write("runners/judge.yaml", "runner: judge\nprovider: replay\nanswers: judge.jsonl\n")
    workspace.write("runners/judge.jsonl", "".join(json.dumps(each) + "\n" for each in lines))

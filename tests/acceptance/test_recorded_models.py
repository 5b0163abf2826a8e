"""Recorded answers of 14 real models, as a workspace of 14 `replay` runners.

The accuracies that must come out stand in the README of the data
(`llm_complaint_predictions`: Roumeliotis, Tselikas, Nasiopoulos; Electronics 2025; MIT).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from kit import WorkspaceFolder

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade


pytestmark = pytest.mark.real  # fourteen models, ten thousand attempts


@pytest.fixture
def complaints(shared_data: Path, tmp_path: Path) -> tuple[WorkspaceFolder, dict[str, str]]:
    """The workspace, and the published accuracy of each model as text."""
    source = shared_data / "llm_complaint_predictions"
    rows = [
        json.loads(line)
        for line in (source / "llm_complaint_predictions.jsonl").read_text("utf-8").splitlines()
    ]
    published = dict(
        re.findall(r"([a-z][a-z0-9.-]+) (0\.\d{4})\b", (source / "README.md").read_text("utf-8"))
    )
    folder = WorkspaceFolder(tmp_path / "ws")
    _write_content(folder, rows, sorted(rows[0]["predictions"]))
    return folder, published


def _write_content(folder: WorkspaceFolder, rows: list[dict[str, Any]], models: list[str]) -> None:
    folder.samples(
        [
            {
                "id": row["id"],
                "input": {"message": row["narrative_preprocessed"]},
                "expected": row["label"],
                "slices": {"kind": row["label"]},
            }
            for row in rows
        ]
    )
    runners = ", ".join(models)
    folder.write(
        "evals/refunds/suite.yaml",
        "suite: refunds\nprompt: refunds@v1\ndataset: refunds@v1\nslices: [kind]\n"
        f"runners: [{runners}]\nscorers: [equals]\n",
    )
    for model in models:
        folder.write(
            f"runners/{model}.yaml",
            f"runner: {model}\nprovider: replay\nanswers: {model}.jsonl\ndeterministic: true\n",
        )
        answers = [{"id": row["id"], "text": row["predictions"][model]} for row in rows]
        folder.write(f"runners/{model}.jsonl", "".join(json.dumps(a) + "\n" for a in answers))


def test_fourteen_recorded_models_have_their_published_accuracies(
    complaints: tuple[WorkspaceFolder, dict[str, str]], paygrade: Paygrade
) -> None:
    """Each accuracy is that of the data's README to the last digit; the store says the same."""
    folder, published = complaints
    assert len(published) == 14
    ended = paygrade("run", "--json", "-w", folder.root)
    assert ended.code == 0
    accuracies = {run["runner"]: f"{1 - run['overall']['rate']:.4f}" for run in ended.json}
    assert accuracies == published
    stored = paygrade(
        "sql", "SELECT runner, failed, scored FROM failure_rate", "--json", "-w", folder.root
    )
    assert {
        row["runner"]: f"{1 - row['failed'] / row['scored']:.4f}" for row in stored.json
    } == published

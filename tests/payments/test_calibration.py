"""The explanations that judges are tried on: their numbers, their cases, their defects."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from kit import REPOSITORY
from paygrade.payments.calibration import calibration_set
from paygrade.scorers import RUBRICS
from paygrade.scorers.rubric_judge import Explained, wrong_numbers

if TYPE_CHECKING:
    from paygrade.records.check import Score

DATASETS = {
    "dispute-reasons/1": "dispute_triage/v2",
    "recon-explanation/1": "recon_explanation/v1",
}


def labels(rubric: str) -> list[dict[str, Any]]:
    """The set of a rubric."""
    return [json.loads(line) for line in calibration_set(rubric).splitlines()]


def numbers(label: dict[str, Any]) -> Score | None:
    """What code says of its numbers."""
    return wrong_numbers(
        Explained(
            sample_id=label["id"],
            given=label["given"],
            decided=label["decided"],
            explanation=label["explanation"],
        )
    )


def test_every_rubric_has_its_set() -> None:
    """And there is none for a rubric that does not ship."""
    assert set(DATASETS) == set(RUBRICS)
    with pytest.raises(KeyError):
        calibration_set("dispute-reasons/2")


@pytest.mark.parametrize("rubric", DATASETS)
def test_sixty_explanations_in_three_kinds(rubric: str) -> None:
    """Each of 20 cases is explained well, with one planted defect, and fluently but wrong."""
    found = labels(rubric)
    kinds = Counter((each["id"].rpartition("-")[2], each["label"]) for each in found)
    assert kinds == {
        ("good", "good"): 20, ("planted", "defective"): 20, ("fluent", "defective"): 20,
    }  # fmt: skip
    cases = Counter(each["id"].rpartition("-")[0] for each in found)
    assert set(cases.values()) == {3}
    assert len({each["explanation"] for each in found}) == 60


@pytest.mark.parametrize("rubric", DATASETS)
def test_defects_are_planted_against_every_question(rubric: str) -> None:
    """Numbers most of all; nothing is said of what is wrong with the fluent ones."""
    found = labels(rubric)
    planted = Counter(each["defect"] for each in found if "defect" in each)
    assert planted == {
        "numbers": 8, "deciding_fact": 3, "cites": 3, "grounded": 3, "actionable": 3,
    }  # fmt: skip
    assert {each["id"].rpartition("-")[2] for each in found if "defect" in each} == {"planted"}


@pytest.mark.parametrize("rubric", DATASETS)
def test_the_cases_are_those_of_the_dataset(rubric: str) -> None:
    """Input and label of a shipped sample, so that what is decided is right."""
    file = REPOSITORY / "datasets" / f"{DATASETS[rubric]}.jsonl"
    samples = {
        each["id"]: each
        for each in map(json.loads, file.read_text("utf-8").splitlines())
        if "id" in each
    }
    for label in labels(rubric):
        sample = samples[label["id"].rpartition("-")[0]]
        assert (label["given"], label["decided"]) == (sample["input"], sample["expected"])


@pytest.mark.parametrize("rubric", DATASETS)
def test_only_planted_numbers_come_from_nowhere(rubric: str) -> None:
    """Code finds three of the eight; the others are true numbers in the wrong place."""
    stray = {each["id"]: each.get("defect") for each in labels(rubric) if numbers(each)}
    assert list(stray.values()) == ["numbers"] * 3

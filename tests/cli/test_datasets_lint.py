"""`paygrade datasets lint`: what gives a label away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kit import SAMPLES

if TYPE_CHECKING:
    from kit import Ended, Paygrade, WorkspaceFolder


def _linted(workspace: WorkspaceFolder, paygrade: Paygrade, samples: list[dict[str, Any]]) -> Ended:
    workspace.samples(samples)
    return paygrade("datasets", "lint", "refunds", "-w", workspace.root)


def test_a_clean_dataset_passes(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Nothing found is said, with the count of samples that were looked at."""
    ended = _linted(workspace, paygrade, SAMPLES)
    assert ended.code == 0
    assert ended.out == "refunds@v1: nothing gives labels away in 3 samples\n"
    assert "no canary line" in ended.err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input": {"m": 1, "_truth": True}}, "the input has the oracle's key '_truth'"),
        ({"input": {"m": [{"deep": {"_x": 1}}]}}, "the input has the oracle's key '_x'"),
        ({"input": {"m": 1, "expected": "x"}}, "the input has the key 'expected'"),
        ({"id": "s1-refund"}, "the id 's1-refund' spells the label 'refund'"),
        (
            {"input": {"m": [{"id": "ev_Refund_1"}]}},
            "the id 'ev_Refund_1' spells the label 'refund'",
        ),
        ({"input": SAMPLES[1]["input"]}, "has the input of line 1 and another label"),
    ],
)
def test_what_gives_a_label_away_is_a_mistake(
    workspace: WorkspaceFolder, paygrade: Paygrade, change: dict[str, Any], sentence: str
) -> None:
    """Named with its line, exit 2."""
    ended = _linted(workspace, paygrade, [SAMPLES[1], {**SAMPLES[0], **change}])
    assert ended.code == 2
    assert f"datasets/refunds/v1.jsonl:2: {sentence}" in ended.err
    assert "nothing gives labels away" not in ended.out


def test_one_question_counts_once(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The same input with the same label is a repeat."""
    ended = _linted(workspace, paygrade, [SAMPLES[0], {**SAMPLES[0], "id": "s9"}])
    assert "has the input of line 1 (one question counts once)" in ended.err


def _many(count: int, **made: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - parts of samples
    """Samples whose label alternates, with parts made by functions of number and label."""
    found = []
    for index in range(count):
        label = ("accept", "contest")[index * 7 % 10 < 5]
        sample: dict[str, Any] = {
            "id": f"x{index}",
            "input": {"number": index},
            "expected": {"action": label},
        }
        found.append({**sample, **{key: make(index, label) for key, make in made.items()}})
    return found


def test_a_slice_that_is_the_label_under_another_name_is_noted(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A majority table over the slice would pass."""
    samples = _many(40, slices=lambda _, label: {"kind": "a" if label == "accept" else "b"})
    ended = _linted(workspace, paygrade, samples)
    assert ended.code == 0
    assert "the slice 'kind' predicts 'action' in 100% of samples" in ended.err


def test_a_slice_that_says_nothing_is_not_noted(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Values that go with no label, one of them for each sample, predict nothing."""
    samples = _many(40, slices=lambda index, _: {"kind": f"k{index}"})
    assert "predicts" not in _linted(workspace, paygrade, samples).err


def test_a_label_that_goes_with_the_length_is_noted(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Long inputs with one label, short ones with the other."""
    samples = _many(
        40,
        input=lambda index, label: {"n": index, "text": "x" * (9 if label == "accept" else 99)},
    )
    ended = _linted(workspace, paygrade, samples)
    assert "the length of the input predicts 'action' in 100% of samples" in ended.err


def _cited(first: bool) -> list[dict[str, Any]]:  # noqa: FBT001 - where the cited item stands
    return _many(
        40,
        input=lambda index, _: {"evidence": [{"id": f"e{each}", "n": index} for each in "123"]},
        expected=lambda index, _: {"cite": ["e1" if first else f"e{index % 3 + 1}"]},
    )


def test_an_order_that_tells_is_noted(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The right item always stands first: shuffle them."""
    ended = _linted(workspace, paygrade, _cited(first=True))
    assert "the first of 'evidence' is named by 100% of labels" in ended.err
    assert "shuffle them" not in _linted(workspace, paygrade, _cited(first=False)).err


def test_all_datasets_are_looked_at_when_none_is_named(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """As JSON too, with notes and mistakes apart."""
    ended = paygrade("datasets", "lint", "--json", "-w", workspace.root)
    assert [each["reference"] for each in ended.json] == ["refunds@v1"]
    assert ended.json[0]["mistakes"] == []


def test_no_dataset_at_all_is_a_mistake(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Nothing to look at is never a silent green."""
    (workspace.root / "datasets/refunds/card.yaml").unlink()
    ended = paygrade("datasets", "lint", "-w", workspace.root)
    assert ended.code == 2
    assert "there is no dataset to look at" in ended.err

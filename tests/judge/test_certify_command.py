"""`paygrade judge certify`: judges on record, labels of all kinds, and what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from judge.recorded import constant, good, record, says, shipped, sloppy

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Ended, Paygrade, WorkspaceFolder

RUBRICS = ("dispute-reasons/1", "recon-explanation/1")
DISPUTES = RUBRICS[0]


def certify(paygrade: Paygrade, workspace: WorkspaceFolder, *options: object) -> Ended:
    """Certify the runner `judge` with the rubric for disputes."""
    return paygrade(
        "judge", "certify", DISPUTES, "--runner", "judge", *options, "-w", workspace.root
    )


def certificate(workspace: WorkspaceFolder, rubric: str = DISPUTES) -> dict[str, Any]:
    """The certificate that was written."""
    name = f"reports/judges/{rubric.replace('/', '-')}.judge.json"
    written: dict[str, Any] = json.loads((workspace.root / name).read_text("utf-8"))
    return written


def peoples(count: int, **changes: object) -> list[dict[str, Any]]:
    """Labels of one's own people: every third is good, every third has another number."""
    return [
        {
            "id": f"own-{number}",
            "given": {"amount_minor": 4200, "currency": "EUR", "evidence": ["e1"], "days": 7},
            "decided": {"action": "refund"},
            "explanation": f"Refund 42.00 EUR, as e1 shows: note {'abc'[number % 3] * number}.",
            "label": "good" if number % 3 == 0 else "defective",
            **({"defect": "numbers"} if number % 3 == 1 else {}),
            "by": "MK",
            **changes,
        }
        for number in range(count)
    ]


def labels_file(tmp_path: Path, labels: list[dict[str, Any]]) -> Path:
    """A file of labels."""
    file = tmp_path / "labels.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in labels), encoding="utf-8")
    return file


@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_good_judge_is_usable_and_advisory(
    workspace: WorkspaceFolder, paygrade: Paygrade, rubric: str
) -> None:
    """It slips on one good explanation and one defect; our labels never let it gate."""
    record(workspace, rubric, good)
    ended = paygrade("judge", "certify", rubric, "--runner", "judge", "-w", workspace.root)
    assert ended.code == 0, ended.err
    assert "usable, and advisory: its labels are by construction" in ended.out
    assert f"wrote reports/judges/{rubric.replace('/', '-')}.judge.json" in ended.out
    counts = certificate(workspace, rubric)["counts"]
    assert (counts["true_positive"], counts["false_negative"]) == (39, 1)
    assert (counts["true_negative"], counts["false_positive"]) == (19, 1)
    assert (counts["numbers_found"], counts["numbers_planted"]) == (8, 8)
    assert (counts["asked"], counts["swapped_changed"], counts["padded_changed"]) == (57, 0, 0)


def test_the_figures_follow_from_the_counts(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """58 of 60 agree; kappa by hand from the four counts, by Cohen's formula."""
    record(workspace, DISPUTES, good)
    figures = certify(paygrade, workspace, "--json").json
    written = certificate(workspace)["figures"]
    assert figures["agreement"] == {
        "true_positive": 39, "false_negative": 1, "false_positive": 1, "true_negative": 19,
    }  # fmt: skip
    assert written["agreement"]["value"] == pytest.approx(58 / 60, abs=1e-6)
    by_chance = (40 * 40 + 20 * 20) / 3600
    expected = (58 / 60 - by_chance) / (1 - by_chance)
    assert written["kappa"]["value"] == pytest.approx(expected, abs=1e-6)
    assert written["sensitivity"]["value"] == pytest.approx(39 / 40, abs=1e-6)
    assert written["specificity"]["value"] == pytest.approx(19 / 20, abs=1e-6)


def test_a_constant_judge_is_not_usable(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """What code finds is not its merit: kappa stays low and most planted numbers go by."""
    record(workspace, DISPUTES, constant)
    ended = certify(paygrade, workspace)
    assert ended.code == 100
    assert "kappa is 0.0" in ended.out
    assert "it found 3 of 8 planted number errors, below 90 %" in ended.out
    assert certificate(workspace)["faults"]


@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_sloppy_judge_is_not_usable(
    workspace: WorkspaceFolder, paygrade: Paygrade, rubric: str
) -> None:
    """Three wrong in ten are too many."""
    record(workspace, rubric, sloppy)
    ended = paygrade("judge", "certify", rubric, "--runner", "judge", "-w", workspace.root)
    assert ended.code == 100
    assert "not usable:" in ended.out
    assert "kappa is 0." in ended.out


@pytest.mark.parametrize(("epoch", "cause"), [(2, "opposite order"), (3, "padding")])
def test_a_judge_that_turns_with_the_wind_is_not_usable(
    workspace: WorkspaceFolder, paygrade: Paygrade, epoch: int, cause: str
) -> None:
    """It changes three of 57 verdicts when the questions turn round, or when words are added."""
    lines = []
    for number, label in enumerate(shipped(DISPUTES)):
        text = json.dumps(good(DISPUTES, label))
        other = json.dumps(constant(DISPUTES, label))
        turns = label["id"].endswith("-fluent") and number < 9
        lines += [
            {"id": label["id"], "epoch": each, "text": other if turns and each == epoch else text}
            for each in (1, 2, 3)
        ]
    says(workspace, lines)
    ended = certify(paygrade, workspace)
    assert ended.code == 100
    assert f"{cause}" in ended.out
    assert "changed 3 of 57 verdicts, not below 5 %" in ended.out


def test_labels_of_ones_own_people_may_let_a_judge_gate(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """A hundred are enough; ninety-nine are not."""
    for count, said in ((100, "it may gate"), (99, "it rests on 99 labels, not 100")):
        labels = peoples(count)
        record(workspace, DISPUTES, good, labels)
        ended = certify(paygrade, workspace, "--labels", labels_file(tmp_path, labels))
        assert ended.code == 0, ended.err
        assert said in ended.out
    assert certificate(workspace)["labels"]["origin"] == "human"


def test_labels_that_ship_are_nobodys(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """A copy of them under one's own initials is refused, and so are labels without any."""
    record(workspace, DISPUTES, good)
    copied = {**shipped(DISPUTES)[0], "by": "MK"}
    unsigned = peoples(1)
    del unsigned[0]["by"]
    file = labels_file(tmp_path, [copied, *unsigned])
    ended = certify(paygrade, workspace, "--labels", file)
    assert ended.code == 2
    assert f"{file}:1: this explanation ships with paygrade" in ended.err
    assert f"{file}:2: the key 'by' is missing" in ended.err
    assert not (workspace.root / "reports/judges").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "fine"}, "'label'"),
        ({"defect": "spelling", "label": "defective"}, "has no question 'spelling'"),
        ({"defect": "cites", "label": "good"}, "a good explanation has no 'defect'"),
        ({"explanation": ""}, "'explanation'"),
        ({"mood": "sunny"}, "mood"),
        ({"given": {"amount_minor": 4.2}}, "not an integer in minor units"),
    ],
)
def test_a_wrong_label_is_named_by_its_line(
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    tmp_path: Path,
    change: dict[str, Any],
    said: str,
) -> None:
    """And all of them at once: the second line's id is there twice."""
    record(workspace, DISPUTES, good)
    labels = [peoples(1)[0] | change, peoples(1)[0], peoples(1)[0]]
    file = labels_file(tmp_path, labels)
    ended = certify(paygrade, workspace, "--labels", file)
    assert ended.code == 2
    assert f"{file}:1: " in ended.err
    assert said in ended.err
    assert f"{file}:3: the id 'own-0' stands on line" in ended.err


@pytest.mark.parametrize("content", [b"", b"\n", b"not json\n", b"[1]\n", b"\xff\xfe\n"])
def test_a_file_without_labels_is_a_mistake(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path, content: bytes
) -> None:
    """Nothing to judge is no certificate."""
    record(workspace, DISPUTES, good)
    file = tmp_path / "labels.jsonl"
    file.write_bytes(content)
    ended = certify(paygrade, workspace, "--labels", file)
    assert ended.code == 2
    assert str(file) in ended.err


def test_a_label_that_cannot_be_judged_leaves_no_certificate(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """One answer is missing and one is no answer: nothing is certified on the other 58."""
    labels = shipped(DISPUTES)
    lines = [{"id": each["id"], "text": json.dumps(good(DISPUTES, each))} for each in labels[1:]]
    lines[5]["text"] = "Looks right to me!"
    says(workspace, lines)
    ended = certify(paygrade, workspace)
    assert ended.code == 102
    assert "2 of 60 labels could not be judged, so there is no certificate" in ended.err
    assert labels[0]["id"] in ended.err
    assert not (workspace.root / "reports/judges").exists()


def test_what_is_not_there_has_its_sentence(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """An unknown rubric, an unknown runner, a file of labels that is not there."""
    record(workspace, DISPUTES, good)
    ended = paygrade("judge", "certify", "dispute-reason/1", "-r", "judge", "-w", workspace.root)
    assert ended.code == 2
    assert "there is no rubric 'dispute-reason/1' (did you mean 'dispute-reasons/1'?)" in ended.err
    ended = paygrade("judge", "certify", DISPUTES, "-r", "jude", "-w", workspace.root)
    assert (ended.code, "there is no runner 'jude'" in ended.err) == (2, True)
    ended = certify(paygrade, workspace, "--labels", workspace.root / "none.jsonl")
    assert (ended.code, "none.jsonl" in ended.err) == (2, True)


def test_what_a_judge_writes_gets_nowhere(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A card number in an answer that is no answer is in no output."""
    card = "4111111111111111"
    says(workspace, [{"id": each["id"], "text": f"{card}!"} for each in shipped(DISPUTES)])
    ended = certify(paygrade, workspace)
    assert ended.code == 102
    assert card not in ended.out + ended.err

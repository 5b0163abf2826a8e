"""Datasets: hashes in the card, quarantine, canaries."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from kit import SAMPLES
from paygrade.errors import WorkspaceError
from paygrade.scorers import CATALOGUE
from paygrade.workspace.config import find_layout
from paygrade.workspace.datasets import read_dataset

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.plan import Dataset

TODAY = dt.date(2026, 11, 23)
DATA_FILE = "datasets/refunds/v1.jsonl"


def read(workspace: WorkspaceFolder, today: dt.date = TODAY) -> Dataset:
    """The dataset `refunds@v1`."""
    return read_dataset(find_layout(workspace.root), "refunds@v1", CATALOGUE, today)


def refusal(workspace: WorkspaceFolder) -> list[str]:
    """What is wrong with it."""
    with pytest.raises(WorkspaceError) as caught:
        read(workspace)
    return [str(each) for each in caught.value.mistakes]


def test_a_locked_dataset_is_read_in_any_order(workspace: WorkspaceFolder) -> None:
    """Order, white space and the canary are not the content."""
    content_hash = read(workspace).content_hash
    lines = [json.dumps(each, indent=None, separators=(" ,", " :")) for each in SAMPLES[::-1]]
    workspace.write(DATA_FILE, '{"canary": "c"}\n\n' + "\n".join(lines))
    workspace.card(3, sha256=content_hash)
    dataset = read(workspace)
    assert (dataset.locked, dataset.canary) == (True, "c")
    assert (dataset.content_hash, len(dataset.samples)) == (content_hash, 3)


def test_a_locked_dataset_that_was_edited_asks_for_the_next(workspace: WorkspaceFolder) -> None:
    """A golden answer that was made to fit is noticed."""
    content_hash = read(workspace).content_hash
    workspace.samples([*SAMPLES[:2], {**SAMPLES[2], "expected": {"action": "refund"}}])
    workspace.card(3, sha256=content_hash)
    assert refusal(workspace) == [
        (
            "datasets/refunds/v1.jsonl: v1 is locked by its card and was edited: its hash differs "
            "(restore it from git and write v2.jsonl instead)"
        )
    ]


def test_a_sample_that_was_taken_away_is_missed(workspace: WorkspaceFolder) -> None:
    """By the card's count and by its hash."""
    content_hash = read(workspace).content_hash
    workspace.samples(SAMPLES[:2])
    workspace.card(3, sha256=content_hash)
    assert [each.partition(" (")[0] for each in refusal(workspace)] == [
        "datasets/refunds/card.yaml:10: says v1 has 3 samples",
        "datasets/refunds/v1.jsonl: v1 is locked by its card and was edited: its hash differs",
    ]


@pytest.mark.parametrize(
    ("today", "expected", "warnings"),
    [
        (dt.date(2026, 12, 24), "quarantined", 0),
        (dt.date(2026, 12, 25), "quarantined", 0),
        (dt.date(2026, 12, 26), "statistical", 1),
    ],
)
def test_a_quarantine_ends_after_its_last_day(
    workspace: WorkspaceFolder, today: dt.date, expected: str, warnings: int
) -> None:
    """Then the sample counts again, and the run says so."""
    quarantine = {"class": "quarantined", "until": "2026-12-25", "why": "label disputed"}
    workspace.samples([{**SAMPLES[0], **quarantine}])
    dataset = read(workspace, today)
    assert dataset.samples[0].case_class == expected
    assert len(dataset.warnings) == warnings
    if warnings:
        assert dataset.warnings[0] == (
            "datasets/refunds/v1.jsonl:1: the quarantine of 's1' ended on 2026-12-25: "
            "it counts again"
        )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"canary": 5}\n', '1: is not a canary (write {"canary": "TEXT"} and nothing else)'),
        ('{"canary": "c", "x": 1}\n',
         '1: is not a canary (write {"canary": "TEXT"} and nothing else)'),
        (json.dumps(SAMPLES[0]) + '\n{"canary": "c"}\n',
         "2: is a canary below samples (it stands on the first line)"),
        ("[]\n", '1: is not a JSON object (one sample a line: {"id": …})'),
    ],
)  # fmt: skip
def test_what_is_no_sample_is_told(workspace: WorkspaceFolder, content: str, expected: str) -> None:
    """A canary stands first and alone."""
    workspace.write(DATA_FILE, content)
    assert refusal(workspace) == [f"{DATA_FILE}:{expected}"]


def test_many_samples_take_a_small_multiple_of_their_size(workspace: WorkspaceFolder) -> None:
    """What is kept of a dataset in memory is at most five times what stands on disk."""
    samples: list[dict[str, Any]] = [
        {**SAMPLES[0], "id": f"s{n}", "input": {"message": f"{n} " + "x" * 350, "amount_minor": n}}
        for n in range(2_000)
    ]
    workspace.samples(samples)
    size = (workspace.root / DATA_FILE).stat().st_size
    assert size > 1_100_000
    tracemalloc.start()
    dataset = read(workspace)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(dataset.samples) == 2_000
    assert kept < 5 * size


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"id": "order 4111111111111111"},
            (
                "the id 'order 411111******1111' holds what must not be stored (ids stand in every "
                "report, where it would be masked: choose another)"
            ),
        ),
        (
            {"exposure": {"amount_minor": 4111111111111111, "currency": "EUR"}},
            (
                "exposure: the amount reads as a card number (an amount that reads as a card "
                "number cannot be stored: change it a little)"
            ),
        ),
    ],
)
def test_what_could_not_be_stored_is_refused_before_a_run(
    workspace: WorkspaceFolder, paygrade: Paygrade, change: dict[str, Any], told: str
) -> None:
    """A run is not paid for and then lost to its own leak barrier."""
    workspace.samples([{**SAMPLES[0], **change}])
    ended = paygrade("check", "-w", workspace.root)
    assert ended.code == 2
    assert f"datasets/refunds/v1.jsonl:1: {told}\n" in ended.err

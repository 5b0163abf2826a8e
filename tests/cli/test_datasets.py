"""`paygrade datasets …` from the outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

CARD = "datasets/refunds/card.yaml"
FILE = "datasets/refunds/v1.jsonl"


def test_a_locked_version_holds_the_hash_of_its_file(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """`lock` writes what `hash` prints, once, and `check` then refuses an edit."""
    printed = paygrade("datasets", "hash", workspace.root / FILE)
    locked = paygrade("datasets", "lock", "refunds", "-w", workspace.root)
    again = paygrade("datasets", "lock", "refunds", "-w", workspace.root)
    assert locked.out == "locked refunds@v1\n"
    assert again.out == "every version is locked already\n"
    assert f"sha256: {printed.out.strip()}" in (workspace.root / CARD).read_text(encoding="utf-8")
    assert paygrade("check", "-w", workspace.root).code == 0
    workspace.replace(FILE, "It broke.", "It broke!")
    ended = paygrade("check", "-w", workspace.root)
    assert ended.code == 2
    assert "v1 is locked by its card and was edited" in ended.err


def test_locking_leaves_the_rest_of_the_card_alone(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Comments and wording of the author stay, letter by letter."""
    before = "# mine\n" + (workspace.root / CARD).read_text(encoding="utf-8") + "# end\n"
    workspace.write(CARD, before)
    digest = paygrade("datasets", "hash", workspace.root / FILE).out.strip()
    paygrade("datasets", "lock", "refunds", "-w", workspace.root)
    after = (workspace.root / CARD).read_text(encoding="utf-8")
    assert after == before.replace("sha256: ''", f"sha256: {digest}")


def test_a_wrong_dataset_is_not_locked(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A count that does not fit keeps the card as it was."""
    workspace.card(7)
    before = (workspace.root / CARD).read_bytes()
    ended = paygrade("datasets", "lock", "refunds", "-w", workspace.root)
    assert ended.code == 2
    assert "says v1 has 7 samples" in ended.err
    assert (workspace.root / CARD).read_bytes() == before


def test_a_first_card_is_written_from_the_samples(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The skeleton counts samples, names slices, passes `check`, and is never written over."""
    (workspace.root / CARD).unlink()
    written = paygrade("datasets", "card", "refunds", "--new", "-w", workspace.root)
    again = paygrade("datasets", "card", "refunds", "--new", "-w", workspace.root)
    text = (workspace.root / CARD).read_text(encoding="utf-8")
    assert written.code == 0
    assert "samples: 3" in text
    assert "  kind: " in text
    assert paygrade("check", "-w", workspace.root).code == 0
    assert paygrade("datasets", "lock", "refunds", "-w", workspace.root).code == 0
    assert again.code == 2
    assert "is there already" in again.err


def test_a_card_needs_samples(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Without a file of samples there is nothing to write a card for."""
    ended = paygrade("datasets", "card", "parcels", "--new", "-w", workspace.root)
    assert ended.code == 2
    assert "no version to write a card for" in ended.err


def test_a_card_of_broken_lines_names_them_all(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Every line that is not a JSON object is named, and no card is written."""
    (workspace.root / CARD).unlink()
    workspace.write(FILE, '{"id": "a"\n[1]\n{"id": "b"}\n')
    ended = paygrade("datasets", "card", "refunds", "--new", "-w", workspace.root)
    assert ended.code == 2
    assert f"{FILE}:1" in ended.err
    assert f"{FILE}:2: is not a JSON object" in ended.err
    assert not (workspace.root / CARD).exists()


def test_the_card_counts_what_is_really_there(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Slices, cases, classes and money are counted from the lines."""
    shown = paygrade("datasets", "card", "refunds", "-w", workspace.root)
    told = paygrade("datasets", "card", "refunds@v1", "--json", "-w", workspace.root).json
    assert "money that the samples stand for: 57.00 EUR" in shown.out
    assert told["by_slice"] == {"kind": {"lost": 1, "defect": 1, "regret": 1}}
    assert (told["samples"], told["cases"], told["money"]) == (3, 3, {"EUR": 5700})


def test_a_diff_says_what_came_went_and_changed(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A changed label is major: failure rates before and after are not alike."""
    changed = json.loads(json.dumps(SAMPLES[:2]))
    changed[0]["expected"]["amount_minor"] = 1
    changed.append({**SAMPLES[2], "id": "s4"})
    lines = "".join(json.dumps(each) + "\n" for each in changed)
    workspace.write("datasets/refunds/v2.jsonl", lines)
    workspace.replace(
        CARD,
        "versions:\n",
        "versions:\n  - {version: 2, date: 2026-11-24, samples: 3, sha256: '', changes: Two.}\n",
    )
    arguments = ("datasets", "diff", "refunds@v1", "refunds@v2")
    ended = paygrade(*arguments, "-w", workspace.root)
    told = paygrade(*arguments, "--json", "-w", workspace.root).json
    assert ended.out == (
        "+ s4\n- s3\n~ s1: expected\n"
        "refunds@v1 to refunds@v2: 1 added, 1 removed, 1 changed, 1 kept: major\n"
    )
    assert told["change_class"] == "major"


@pytest.mark.parametrize(
    ("key", "value", "change_class"),
    [
        ("input", {"message": "Other words", "amount_minor": 4200}, "patch"),
        ("exposure", {"amount_minor": 1, "currency": "EUR"}, "patch"),
        ("slices", {"kind": "defect"}, "patch"),
        ("case", "twins", "patch"),
        ("class", "must_pass", "major"),
        ("checks", ["is-json"], "major"),
        ("world", {"payments": []}, "major"),
    ],
)
def test_each_key_has_its_weight(
    workspace: WorkspaceFolder, paygrade: Paygrade, key: str, value: object, change_class: str
) -> None:
    """Wording and money are a patch; what decides pass or fail is major."""
    workspace.write(
        "datasets/refunds/v2.jsonl",
        "".join(json.dumps(each) + "\n" for each in ({**SAMPLES[0], key: value}, *SAMPLES[1:])),
    )
    workspace.replace(
        CARD,
        "versions:\n",
        "versions:\n  - {version: 2, date: 2026-11-24, samples: 3, sha256: '', changes: Two.}\n",
    )
    ended = paygrade("datasets", "diff", "refunds@v1", "refunds@v2", "-w", workspace.root)
    assert ended.out.startswith(f"~ s1: {key}\n")
    assert ended.out.endswith(f": {change_class}\n")


def test_the_hash_ignores_order_and_canary(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The same samples in another order, with or without a canary line, are the same dataset."""
    lines = (workspace.root / FILE).read_text(encoding="utf-8").splitlines()
    other = workspace.write("other.jsonl", "\n".join(['{"canary": "x"}', *lines[::-1]]) + "\n")
    one = paygrade("datasets", "hash", workspace.root / FILE)
    assert paygrade("datasets", "hash", other).out == one.out


def test_a_file_with_a_broken_line_has_no_hash(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Every broken line is named; nothing is hashed."""
    file = workspace.write("broken.jsonl", '{"id": "a"}\n{"id": \nnope\n')
    ended = paygrade("datasets", "hash", file)
    assert (ended.code, ended.out) == (2, "")
    assert f"{file}:2" in ended.err
    assert f"{file}:3" in ended.err


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("parcels", "there is no dataset 'parcels'"),
        ("refunds@v9", "there is no dataset 'refunds@v9'"),
        ("refunds@vx", "'refunds@vx' names no version"),
    ],
)
def test_a_wrong_name_is_refused(
    workspace: WorkspaceFolder, paygrade: Paygrade, reference: str, sentence: str
) -> None:
    """One clear sentence, exit 2."""
    ended = paygrade("datasets", "card", reference, "-w", workspace.root)
    assert ended.code == 2
    assert sentence in ended.err


def test_an_unknown_task_is_refused(paygrade: Paygrade) -> None:
    """The tasks that there are stand in the message."""
    ended = paygrade("datasets", "generate", "disputes")
    assert ended.code == 2
    assert "there is no generator for 'disputes'" in ended.err
    assert "dispute_triage" in ended.err


@pytest.mark.parametrize(
    "task", ["dispute_triage", "leak_probes", "payment_routing", "recon_explanation"]
)
def test_a_generated_file_is_a_dataset(
    workspace: WorkspaceFolder, paygrade: Paygrade, task: str
) -> None:
    """From the generator to a locked version: what it writes passes `lint` and `check`."""
    file = workspace.root / "datasets/probes/v1.jsonl"
    file.parent.mkdir()
    arguments = ("datasets", "generate", task, "-n", "60", "--seed", "7")
    wrote = paygrade(*arguments, "--canary", "not for training", "--out", file)
    again = paygrade(*arguments, "--out", file)
    assert wrote.out == f"wrote 60 samples into {file}\n"
    assert (again.code, "is there already" in again.err) == (2, True)
    assert paygrade("datasets", "card", "probes", "--new", "-w", workspace.root).code == 0
    assert paygrade("datasets", "lock", "probes", "-w", workspace.root).code == 0
    assert paygrade("datasets", "lint", "probes", "-w", workspace.root).code == 0
    assert paygrade("check", "-w", workspace.root).code == 0
    printed = paygrade(*arguments)
    assert printed.out.splitlines() == file.read_text(encoding="utf-8").splitlines()[1:]

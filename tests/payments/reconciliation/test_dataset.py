"""recon_explanation@v1: what the generator writes and what people wrote."""

from __future__ import annotations

import json
from collections import Counter

import jsonschema_rs
import pytest
import yaml

from kit import REPOSITORY
from paygrade.payments.reconciliation import GENERATOR_VERSION, oracle, tables
from paygrade.payments.rulebook import reconciliation_rules
from paygrade.workspace.card_file import content_hash
from payments.reconciliation.drawn import FOLDER, GENERATED, SEED, shipped, some

FILE = FOLDER / "v1.jsonl"


def test_the_generated_lines_are_what_the_generator_writes() -> None:
    """To the byte."""
    raw = FILE.read_text(encoding="utf-8").splitlines()[1 : GENERATED + 1]
    assert raw == [
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for line in some()
    ]


def test_both_oracles_find_every_label() -> None:
    """Of the hand-written cases too."""
    for line in shipped():
        assert oracle.label(line["input"]) == line["expected"], line["id"]
        assert tables.label(line["input"]) == line["expected"], line["id"]


def test_the_card_says_what_the_file_is() -> None:
    """Count, hash, generator, rules, slices."""
    card = yaml.safe_load((FOLDER / "card.yaml").read_text(encoding="utf-8"))
    entry = card["versions"][0]
    assert (entry["version"], entry["samples"]) == (1, len(shipped()))
    assert entry["sha256"] == content_hash(FILE, "v1.jsonl")
    told = f"generator recon_explanation version {GENERATOR_VERSION}, seed {SEED}"
    assert told in entry["changes"]
    rules = reconciliation_rules()
    assert f"rules {rules.version}" in " ".join(card["sources"])
    assert rules.sha256 in " ".join(card["sources"])
    flips = Counter(line["provenance"].get("flips") for line in some())
    assert f"({flips[True]} change what the label says, {flips[False]} do not)" in " ".join(
        card["labels"].split()
    )
    assert all(line["slices"].keys() == card["slices"].keys() for line in shipped())


@pytest.mark.parametrize("version", [1, 2])
def test_a_label_is_an_answer_that_the_prompts_allow(version: int) -> None:
    """The perfect answer satisfies the output schema of both prompt versions."""
    path = REPOSITORY / "prompts" / "recon_explanation" / f"v{version}.yaml"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))["output_schema"]
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [line["id"] for line in shipped() if not validator.is_valid(line["expected"])] == []

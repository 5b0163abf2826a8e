"""Routing messages: labels by the wish that they were worded from, the same bytes everywhere."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from kit import REPOSITORY
from paygrade import leaks
from paygrade.payments.routing import GENERATOR_VERSION, generate
from paygrade.payments.rulebook import payment_intents
from paygrade.workspace.card_file import content_hash

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = REPOSITORY / "datasets" / "payment_routing"
GENERATED, SEED = 560, 20261127
PROGRAM = """
import hashlib, json
from paygrade.payments.routing import generate
print(hashlib.sha256(json.dumps(generate(200, 5)).encode()).hexdigest())
"""
Line = dict[str, Any]


def shipped() -> list[Line]:
    """The samples of the shipped dataset, without its canary line."""
    lines = (FOLDER / "v1.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


@pytest.mark.parametrize(
    ("changes", "below"),
    [
        ({"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata"}, False),
        ({"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "America/New_York"}, True),
    ],
)
def test_the_same_seed_gives_the_same_bytes(
    changes: dict[str, str],
    below: bool,  # noqa: FBT001 - whether it runs in another folder
    tmp_path: Path,
) -> None:
    """Under another hash seed, zone, locale and folder, the order of keys too."""
    here = hashlib.sha256(json.dumps(generate(200, 5)).encode()).hexdigest()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **changes},
        cwd=tmp_path if below else None,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == here


def test_the_shipped_lines_are_what_the_generator_writes_and_what_people_wrote() -> None:
    """The generated ones to the byte; at least 600 together."""
    raw = (FOLDER / "v1.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    assert raw[:GENERATED] == [
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for line in generate(GENERATED, SEED)
    ]
    rest = [json.loads(line) for line in raw[GENERATED:]]
    assert {line["provenance"]["origin"] for line in rest} == {"handwritten"}
    assert len(raw) >= 600


def test_every_intent_has_its_share_and_no_message_stands_twice() -> None:
    """At least 20 each, and `other`; the same text only where the account alone differs."""
    counts = Counter(line["expected"]["intent"] for line in shipped())
    assert counts.keys() == payment_intents().intents.keys()
    assert min(counts.values()) >= 20
    shown = [tuple(sorted(line["input"].items())) for line in shipped()]
    assert len(shown) == len(set(shown))


def test_twins_differ_in_the_account_and_in_the_intent() -> None:
    """Words that leave it open are decided by who writes (RT-5)."""
    by_id = {line["id"]: line for line in shipped()}
    twins = [line for line in by_id.values() if "twin_of" in line["provenance"]]
    assert len(twins) >= 40
    for line in twins:
        first = by_id[line["provenance"]["twin_of"]]
        assert line["input"]["text"] == first["input"]["text"]
        assert line["input"]["account"] != first["input"]["account"]
        assert line["expected"]["intent"] != first["expected"]["intent"]
        assert line["case"] == first["case"]


def test_several_wishes_are_ranked_as_the_rules_say() -> None:
    """Without a main one, the intent stands before the others in the list; `other` stands alone."""
    ranked = list(payment_intents().intents)
    for line in shipped():
        label = line["expected"]
        assert label["intent"] not in label["also"]
        assert "other" not in label["also"]
        if "two_wishes" in line["slices"]["adversarial"] and label["also"]:
            assert ranked.index(label["intent"]) < min(map(ranked.index, label["also"])), line["id"]


def test_no_card_number_is_in_a_message() -> None:
    """Neither a full one nor another secret."""
    assert not [line["id"] for line in shipped() if leaks.find(line["input"]["text"])]


def test_the_card_says_what_the_file_is() -> None:
    """Count, hash, generator, intents, slices."""
    card = yaml.safe_load((FOLDER / "card.yaml").read_text(encoding="utf-8"))
    entry = card["versions"][0]
    assert (entry["version"], entry["samples"]) == (1, len(shipped()))
    assert entry["sha256"] == content_hash(FOLDER / "v1.jsonl", "v1.jsonl")
    told = f"generator payment_routing version {GENERATOR_VERSION}, seed {SEED}"
    assert told in entry["changes"]
    assert payment_intents().sha256 in " ".join(card["sources"])
    assert all(line["slices"].keys() == card["slices"].keys() for line in shipped())


def test_the_prompt_pastes_intents_and_rules_by_id() -> None:
    """Word for word, in the order that decides."""
    path = REPOSITORY / "prompts/payment_routing/v2.yaml"
    constants = yaml.safe_load(path.read_text(encoding="utf-8"))["constants"]
    facts = payment_intents()
    for name, held in (("intents", facts.intents), ("rules", facts.rules)):
        pasted = {key: " ".join(text.split()) for key, text in constants[name].items()}
        assert list(pasted.items()) == list(held.items())


@pytest.mark.parametrize("version", [1, 2])
def test_a_label_is_an_answer_that_the_prompts_allow(version: int) -> None:
    """The perfect answer satisfies the output schema of both prompt versions."""
    path = REPOSITORY / "prompts" / "payment_routing" / f"v{version}.yaml"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))["output_schema"]
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [line["id"] for line in shipped() if not validator.is_valid(line["expected"])] == []


def test_no_constant_answer_passes_much() -> None:
    """Nor does a majority table over everything that a slice tells."""
    labels = [line["expected"]["intent"] for line in shipped()]
    assert max(Counter(labels).values()) / len(labels) <= 0.1
    keys = ("account", "adversarial", "difficulty", "language", "length")
    rows: dict[str, Counter[str]] = {}
    for line in shipped():
        row = str([line["slices"][key] for key in keys])
        rows.setdefault(row, Counter())[line["expected"]["intent"]] += 1
    best = sum(max(row.values()) for row in rows.values() if row.total() >= 5)
    assert best / len(labels) <= 0.4

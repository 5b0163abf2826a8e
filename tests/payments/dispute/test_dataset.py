"""dispute_triage@v2: what the generator writes and what people wrote, kept to the letter."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import yaml

from kit import REPOSITORY
from paygrade.payments.dispute import GENERATOR_VERSION, generate, oracle, tables
from paygrade.payments.rulebook import rulebook
from paygrade.workspace.card_file import content_hash
from payments.dispute.drawn import FOLDER, SEED, Line, read

FILE = FOLDER / "v2.jsonl"
RETIRED = {
    "dt-0012", "dt-0013", "dt-0034", "dt-0038", "dt-0039", "dt-0040", "dt-0057", "dt-0058",
    "dt-0060", "dt-0061", "dt-0062", "dt-0063", "dt-0070", "dt-0073", "dt-0074", "dt-0080",
    "dt-0081", "dt-0082",
}  # fmt: skip


@cache
def card() -> dict[str, Any]:
    """The card of the dataset."""
    found = yaml.safe_load((FOLDER / "card.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def of(origin: str) -> list[Line]:
    """The lines of one origin."""
    return [line for line in read(2) if line["provenance"]["origin"] == origin]


def test_the_generated_lines_are_what_the_generator_writes() -> None:
    """320 of them, to the byte."""
    raw = FILE.read_text(encoding="utf-8").splitlines()[1:321]
    written = [
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for line in generate(320, SEED)
    ]
    assert raw == written
    assert of("generated") == generate(320, SEED)


def test_the_hand_written_lines_are_those_of_version_1() -> None:
    """80 with the ids they had, since their meaning is the same."""
    first = {line["id"]: line for line in read(1)}
    kept = of("handwritten")
    assert len(kept) == 80
    assert all(line == first[line["id"]] for line in kept)
    assert first.keys() - {line["id"] for line in kept} == RETIRED
    assert not [line for line in read(2) if line["input"]["dispute"]["code"] == "4834"]


def test_cases_are_kept_whole() -> None:
    """No twin of the hand-written cases lost the other."""
    members = Counter(line["case"] for line in read(2) if "case" in line)
    assert min(members.values()) >= 2


def test_a_canary_of_its_own_stands_first() -> None:
    """Another than that of version 1."""
    first, second = (
        (FOLDER / f"v{version}.jsonl").read_text(encoding="utf-8").split("\n", 1)[0]
        for version in (1, 2)
    )
    assert list(json.loads(second)) == ["canary"]
    assert "dispute_triage:v2 " in second
    assert first != second


def test_the_card_says_what_the_file_is() -> None:
    """Counts, hash, generator, rulebook."""
    entry = card()["versions"][1]
    assert (entry["version"], entry["samples"]) == (2, len(read(2)))
    assert entry["sha256"] == content_hash(FILE, "v2.jsonl")
    assert f"generator dispute_triage version {GENERATOR_VERSION}, seed {SEED}" in entry["changes"]
    facts = rulebook()
    sources = " ".join(card()["sources"])
    assert f"rulebook {facts.version}" in sources
    assert facts.sha256 in sources
    flips = Counter(line["provenance"].get("flips") for line in read(2))
    assert f"({flips[True]} do, {flips[False]} do not)" in " ".join(card()["labels"].split())


def test_every_slice_has_its_meaning_in_the_card() -> None:
    """The same slices as in version 1."""
    assert all(line["slices"].keys() == card()["slices"].keys() for line in read(2))


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_label_is_an_answer_that_the_prompts_allow(version: int) -> None:
    """The perfect answer satisfies the output schema of both prompt versions."""
    path = REPOSITORY / "prompts" / "dispute_triage" / f"v{version}.yaml"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))["output_schema"]
    validator = jsonschema_rs.Draft202012Validator(schema)
    wrong = [line["id"] for line in read(2) if not validator.is_valid(line["expected"])]
    assert wrong == []


def test_a_case_shows_the_rules_that_its_label_rests_on() -> None:
    """They are rules of the rulebook, each once, and every rule but that of 4834 decides."""
    rested: set[str] = set()
    for line in read(2):
        shown = line["input"]["rules"]
        assert len(shown) == len(set(shown))
        assert set(line["rules"]) <= set(shown), line["id"]
        rested |= set(line["rules"])
    prompt = REPOSITORY / "prompts" / "dispute_triage" / "v2.yaml"
    pasted = yaml.safe_load(prompt.read_text(encoding="utf-8"))["constants"]["rulebook"]
    assert rested == pasted.keys() - {"M-4834-DUP"}


@pytest.mark.parametrize("version", [3, 4])
def test_the_worked_cases_of_a_prompt_are_worked_right(version: int) -> None:
    """Both oracles find the answer that the prompt shows; none of them stands in the dataset."""
    path = REPOSITORY / "prompts" / "dispute_triage" / f"v{version}.yaml"
    worked = yaml.safe_load(path.read_text(encoding="utf-8"))["constants"]["worked"]
    assert len(worked) == 2
    ids = {line["input"]["dispute"]["id"] for line in read(2)}
    for each in worked:
        answer = {key: value for key, value in each["answer"].items() if key != "reasons"}
        assert oracle.label(each["case"]) == answer
        assert tables.label(each["case"]) == answer
        assert each["case"]["dispute"]["id"] not in ids

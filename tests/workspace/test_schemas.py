"""JSON schemas for editors: valid, and of one mind with the readers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from paygrade.scorers import CATALOGUE
from paygrade.workspace.schemas import schemas
from paygrade.workspace.starter import write_starter
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {
    "prompt": "prompts/*/v*.yaml",
    "card": "datasets/*/card.yaml",
    "runner": "runners/*.yaml",
    "suite": "evals/*/suite.yaml",
}
SCHEMAS = schemas(CATALOGUE)
VALIDATORS = {kind: jsonschema_rs.Draft202012Validator(each) for kind, each in SCHEMAS.items()}


def is_valid(kind: str, value: object) -> bool:
    """Whether an editor would be content."""
    return VALIDATORS[kind].is_valid(value)


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_every_schema_is_a_schema(kind: str) -> None:
    """Valid against its draft, with every reference inside it."""
    jsonschema_rs.meta.validate(SCHEMAS[kind])
    references = set(_references(SCHEMAS[kind]))
    assert references <= {f"#/$defs/{name}" for name in SCHEMAS[kind].get("$defs", {})}


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for inner in value.values() for each in _references(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in _references(inner)]
    return []


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("whose", ["starter", "repository"])
def test_a_schema_accepts_what_the_reader_accepts(
    tmp_path: Path, repository: Path, kind: str, whose: str
) -> None:
    """The starter's files and this repository's own; one more key is refused."""
    folder = repository
    if whose == "starter":
        write_starter(tmp_path)
        folder = tmp_path
    for file in sorted(folder.glob(KINDS[kind])):
        data = read_yaml(file, file.name).data
        assert isinstance(data, dict)
        assert is_valid(kind, data), file
        assert not is_valid(kind, {**data, "unknown_key": 1}), file


def test_the_sample_schema_accepts_the_datasets(repository: Path, tmp_path: Path) -> None:
    """Line by line."""
    write_starter(tmp_path)
    for file in [*repository.glob("datasets/*/v*.jsonl"), *tmp_path.glob("datasets/*/v*.jsonl")]:
        for line in file.read_text(encoding="utf-8").splitlines():
            sample = json.loads(line)
            if "canary" not in sample:
                assert is_valid("sample", sample), (file, sample["id"])
                assert not is_valid("sample", {**sample, "unknown_key": 1})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("no-pan", True), ("not-no-pan", True), ({"no-pan": None}, True),
        ({"equals": {"field": "a", "severity": "minor"}}, True),
        ({"equals": {"feild": "a"}}, False), ({"equal": {}}, False), ("equal", False),
        ({"equals": {"severity": "fatal"}}, False), ({}, False), (5, False),
        ({"equals": {}, "no-pan": {}}, False),
    ],
)  # fmt: skip
def test_a_scorer_entry_is_checked_while_it_is_typed(entry: object, *, expected: bool) -> None:
    """Names, parameters, severities."""
    suite = {"suite": "a", "prompt": "a@v1", "dataset": "a@v1", "runners": ["r"]}
    assert is_valid("suite", {**suite, "scorers": [entry]}) is expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"trajectory:exact": {"steps": ["a", {"tool": "b", "arguments": {"c": 1}}]}}, True),
        ({"trajectory:exact": {"steps": [{"tol": "b"}]}}, False),
        ({"trajectory:exact": {"steps": "a"}}, False),
        ({"effect:policy": {"rules": ["P3"]}}, True),
        ({"effect:lost": None}, True), ("not-effect:lost", True),
    ],
)  # fmt: skip
def test_scorers_of_agents_are_checked_too(entry: object, *, expected: bool) -> None:
    """A list of calls holds names, or tools with their arguments."""
    suite = {"suite": "a", "prompt": "a@v1", "dataset": "a@v1", "runners": ["r"]}
    assert is_valid("suite", {**suite, "scorers": [entry]}) is expected


def test_an_editor_tells_how_bad_a_miss_is() -> None:
    """The severity that an entry has unless it says another."""
    _names, entries = SCHEMAS["suite"]["properties"]["scorers"]["items"]["oneOf"]
    for name in CATALOGUE.names():
        severity = entries["properties"][name]["anyOf"][0]["properties"]["severity"]
        assert severity["default"] == CATALOGUE.severity(name)


def test_a_suite_needs_a_scorer() -> None:
    """The editor says what a run would say."""
    suite = {"suite": "a", "prompt": "a@v1", "dataset": "a@v1", "runners": ["r"]}
    assert not is_valid("suite", suite)
    assert not is_valid("suite", {**suite, "scorers": []})


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ({}, True), (None, True), ({"preset": "strict", "margin": 0.05, "tolerance": 0}, True),
        ({"money_limits": {"EUR": 0}}, True), ({"confirm": "off"}, True),
        ({"waivers": [{"check": "a", "sample": "s", "until": "2026-12-24", "why": "x"}]}, True),
        ({"waivers": [{"check": "a", "sample": "s", "until": "2026-12-24"}]}, False),
        ({"margn": 0.05}, False), ({"margin": 5}, False), ({"margin": "5%"}, False),
        ({"money_limits": {"EUR": 0.5}}, False), ({"confirm": False}, False), (5, False),
    ],
)  # fmt: skip
def test_a_gate_is_checked_while_it_is_typed(gate: object, *, expected: bool) -> None:
    """Keys, ranges and words."""
    suite = {"suite": "a", "prompt": "a@v1", "dataset": "a@v1", "runners": ["r"]}
    assert is_valid("suite", {**suite, "scorers": ["no-pan"], "gate": gate}) is expected

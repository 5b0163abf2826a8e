"""`reference/scorers.md` names every scorer and parameter, and its examples bind."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from docs.pages import blocks, first_cells, read, section
from paygrade.records.agent import Trajectory
from paygrade.records.check import DEFAULT_ROLE, Subject
from paygrade.scorers import CATALOGUE, build
from paygrade.workspace.entries import bind_checks

if TYPE_CHECKING:
    from docs.pages import Block

PAGE = read("reference/scorers.md")
EXAMPLES = [each for each in blocks("reference/scorers.md") if each.language == "yaml"]
SHARED = {"field", "value", "expected", "optional"}


def _named(heading: str) -> set[str]:
    return {cell.strip("`") for cell in first_cells(section(PAGE, heading))}


def _properties(name: str) -> dict[str, Any]:
    properties = CATALOGUE.params_schema(name)["properties"]
    assert isinstance(properties, dict)
    return properties


def _entries(block: Block) -> list[Any]:
    data = yaml.safe_load(block.text)
    return data["scorers"] if isinstance(data, dict) else data  # type: ignore[no-any-return]  # YAML


def test_every_scorer_has_its_section_and_no_other() -> None:
    """The headings of the page, after the general ones, are the names of the catalogue."""
    general = {
        "Keys of every entry",
        "Where a check looks, and what it wants",
        "What an agent did",
    }
    headings = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    assert headings - general == set(CATALOGUE.names())


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_a_section_names_every_parameter_and_no_other(name: str) -> None:
    """Those that many share are told once, above."""
    own = set(_properties(name))
    shared = SHARED if own >= SHARED else set[str]()
    assert _named(f"## {name}") == own - shared


def test_the_shared_keys_are_told_once_with_their_scorers() -> None:
    """The general section lists the keys, and every scorer that has them."""
    heading = "## Where a check looks, and what it wants"
    assert _named(heading) == SHARED
    first = section(PAGE, heading).strip().splitlines()[0]
    for name in CATALOGUE.names():
        listed = f"`{name}`" in first or (name.startswith("set:") and "`set:*`" in first)
        assert listed == (set(_properties(name)) >= SHARED), name


def test_the_keys_of_every_entry_are_named() -> None:
    """Id, severity and role, with every value that they can have."""
    assert _named("## Keys of every entry") == {"id", "severity", "role"}
    text = section(PAGE, "## Keys of every entry")
    for word in (*DEFAULT_ROLE, *DEFAULT_ROLE.values(), "invariant"):
        assert f"`{word}`" in text


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_every_scorer_has_an_example(name: str) -> None:
    """A block of YAML in its section names it."""
    text = section(PAGE, f"## {name}")
    assert re.search(rf"^- (not-)?{re.escape(name)}: ", text, re.MULTILINE)


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.place)
def test_every_example_binds(block: Block) -> None:
    """An example is a list of entries that a suite may have."""
    specs, problems = bind_checks(_entries(block), CATALOGUE)
    assert problems == []
    assert specs


LABELS = [
    (key, json.loads(line))
    for block in blocks("reference/scorers.md")
    if block.language == "json"
    for line in block.text.splitlines()
    for key in json.loads(line)
]
READERS = {
    "effects": "effect:lost",
    "end_state": "effect:end-state",
    "trajectory": "trajectory:exact",
    "max_calls": "call_budget",
}


def test_every_label_of_an_agent_has_an_example() -> None:
    """One line for each key of expected."""
    assert [key for key, _ in LABELS] == list(READERS)


@pytest.mark.parametrize(("key", "expected"), LABELS)
def test_every_example_of_a_label_can_be_judged(key: str, expected: dict[str, Any]) -> None:
    """An agent that did nothing meets the label: it passes or fails, it is no error."""
    specs, _ = bind_checks([READERS[key]], CATALOGUE)
    nothing = Trajectory(
        guard="none",
        steps=(),
        deliveries=(),
        effects=(),
        claims=(),
        violations=(),
        snapshot={},
        snapshot_hash="",
    )
    subject = Subject(sample_id="s", input={}, expected=expected, text="", trajectory=nothing)
    bench = build(specs, folder=Path(), output_schema=None)
    [check] = asyncio.run(bench.judge(specs, subject))
    assert check.result != "error", check.reason

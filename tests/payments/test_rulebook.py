"""The rulebook that ships is the one that labels and prompts follow."""

from __future__ import annotations

import json
from typing import Any

import yaml

from kit import REPOSITORY
from paygrade.payments.rulebook import reason_codes, reconciliation_rules, rulebook

PROMPT = REPOSITORY / "prompts/dispute_triage/v4.yaml"
DATASET = REPOSITORY / "datasets/dispute_triage/v1.jsonl"


def _constants() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(PROMPT.read_text(encoding="utf-8"))
    constants: dict[str, Any] = data["constants"]
    return constants


def test_the_prompt_pastes_the_rules_by_id() -> None:
    """Word for word, apart from the dates that it puts before a rule that has some."""
    book = rulebook()
    pasted: dict[str, str] = _constants()["rulebook"]
    assert set(pasted) <= set(book.rules)
    for name, text in pasted.items():
        rule = book.rules[name]
        assert " ".join(text.split()).endswith(rule.text), name
        assert text.startswith("[") is bool(rule.effective_from), name


def test_every_rule_of_a_label_is_in_the_rulebook() -> None:
    """No sample rests on a rule that nobody can look up."""
    lines = [json.loads(line) for line in DATASET.read_text(encoding="utf-8").splitlines()[1:]]
    named = {rule for line in lines for rule in (*line["rules"], *line["input"]["rules"])}
    assert named <= set(rulebook().rules)


def test_closed_lists_are_closed() -> None:
    """Every break type has its place in the precedence but the fee that goes with a chargeback."""
    book = rulebook()
    assert set(book.break_types) - set(book.type_precedence) == {"chargeback_fee"}
    for names in (book.actions, book.strategies, book.evidence_types, book.resolutions):
        assert len(set(names)) == len(names) > 0


def test_each_code_has_its_source_and_confidence() -> None:
    """135 codes by network; a fact without a source is no fact."""
    codes = reason_codes()
    assert len(codes) == 135
    assert all(code["source"] and code["confidence"] for code in codes.values())
    assert codes["visa", "10.4"]["issue_type"] == "fraud_card_absent"


def test_the_reconciliation_prompt_pastes_its_rules_by_id() -> None:
    """Word for word, and every type with its meaning, its place and its resolution."""
    path = REPOSITORY / "prompts/recon_explanation/v2.yaml"
    constants = yaml.safe_load(path.read_text(encoding="utf-8"))["constants"]
    book, rules = rulebook(), reconciliation_rules()
    pasted = {name: " ".join(text.split()) for name, text in constants["rules"].items()}
    assert pasted == rules.rules
    assert tuple(constants["precedence"]) == book.type_precedence
    assert constants["resolution_of"] == rules.resolution_of
    assert set(rules.resolution_of) == set(book.type_precedence)
    assert set(rules.resolution_of.values()) <= set(book.resolutions)
    assert constants["break_types"] == {
        name: book.break_types[name] for name in book.type_precedence
    }

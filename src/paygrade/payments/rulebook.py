"""The facts that labels follow from: rules with their ids and sources, codes, closed lists.

All files in `facts/` are CC0-1.0, in words of our own.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what it says, when it holds (ISO dates, both included), and who says so."""

    id: str
    text: str
    effective_from: str | None
    effective_to: str | None
    source_ids: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All rules by id, and the closed lists that answers choose from."""

    version: str
    sha256: str
    rules: dict[str, Rule]
    actions: tuple[str, ...]
    strategies: tuple[str, ...]
    evidence_types: tuple[str, ...]
    break_types: dict[str, str]
    type_precedence: tuple[str, ...]
    resolutions: tuple[str, ...]


@functools.cache
def rulebook() -> Rulebook:
    """Read the rulebook that ships with the package."""
    raw = fact_file("rulebook.json")
    facts = json.loads(raw)
    rules = (
        Rule(
            id=each["id"],
            text=each["text"],
            effective_from=each["effective_from"],
            effective_to=each["effective_to"],
            source_ids=tuple(each["source_ids"]),
            confidence=each["confidence"],
        )
        for each in facts["rules"]
    )
    return Rulebook(
        version=facts["meta"]["version"],
        sha256=hashlib.sha256(raw).hexdigest(),
        rules={each.id: each for each in rules},
        actions=tuple(facts["actions"]),
        strategies=tuple(facts["strategies"]),
        evidence_types=tuple(facts["evidence_types"]),
        break_types=dict(facts["break_types"]),
        type_precedence=tuple(facts["type_precedence"]),
        resolutions=tuple(facts["resolutions"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRules:
    """How a reconciliation is explained: rules by id, and the resolution of each type of break."""

    version: str
    sha256: str
    rules: dict[str, str]
    resolution_of: dict[str, str]


@functools.cache
def reconciliation_rules() -> ReconciliationRules:
    """Read the rules that labels of `recon_explanation` follow from."""
    raw = fact_file("reconciliation.json")
    facts = json.loads(raw)
    return ReconciliationRules(
        version=facts["meta"]["version"],
        sha256=hashlib.sha256(raw).hexdigest(),
        rules=dict(facts["rules"]),
        resolution_of=dict(facts["resolution_of"]),
    )


@functools.cache
def reason_codes() -> dict[tuple[str, str], dict[str, Any]]:
    """Dispute codes by (network, code), each with its sources and confidence."""
    facts = json.loads(fact_file("reason_codes.json"))
    return {(each["network"], each["code"]): each for each in facts["codes"]}


def fact_file(name: str) -> bytes:
    """The bytes of a file in `facts/`."""
    return (files("paygrade.payments") / "facts" / name).read_bytes()

"""The shipped suite `dispute_triage`: every label passes, every answer that is off by one fails."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from content.shipped import Shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = Shipped("dispute_triage")
PAN = "4111111111111111"
OTHERS = {
    "action": ("accept", "contest"),
    "strategy": ("ce3", "delivery_proof"),
    "category": ("fraud", "consumer"),
    "issue_type": ("duplicate", "not_received"),
    "currency": ("USD", "EUR"),
}
AMOUNTS = ("contest_amount_minor", "accepted_amount_minor", "compensation_minor")
SETS = {"required_evidence": "invoice", "missing_evidence": "invoice"}


def mutants(label: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - a sample's label
    """The label with one field changed, and what was done to it."""
    yield from _money_and_dates(label)
    yield from _words(label)
    for key in ("action", "currency", "contest_amount_minor", "cite"):
        yield f"{key} missing", {name: each for name, each in label.items() if name != key}
    spaced = " ".join(PAN[start : start + 4] for start in range(0, 16, 4))
    wide = "".join(chr(0xFF10 + int(digit)) for digit in PAN)
    for name, number in (("plain", PAN), ("spaced", spaced), ("full width", wide)):
        yield f"card number {name}", {**label, "reasons": [f"paid with {number}"]}


def _money_and_dates(label: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - as above
    for key in (each for each in AMOUNTS if label.get(each) is not None):
        yield f"{key} + 1", {**label, key: label[key] + 1}
        yield f"{key} - 1", {**label, key: label[key] - 1}
        yield f"{key} as text", {**label, key: str(label[key])}
        yield f"{key} as float", {**label, key: label[key] + 0.5}
    for key, day in label["deadlines"].items():
        for days in (1, -1):
            moved = (dt.date.fromisoformat(day) + dt.timedelta(days)).isoformat()
            yield f"{key} {days:+} day", {**label, "deadlines": {**label["deadlines"], key: moved}}
        left = {name: each for name, each in label["deadlines"].items() if name != key}
        yield f"{key} dropped", {**label, "deadlines": left}
    for key in ("respond_by", "reversal_by", "investigation_by"):
        if key not in label["deadlines"]:
            invented = {**label["deadlines"], key: "2026-11-30"}
            yield f"{key} invented", {**label, "deadlines": invented}


def _words(label: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - as above
    for key, (one, other) in OTHERS.items():
        yield f"{key} replaced", {**label, key: other if label[key] == one else one}
    if label["cite"]:
        yield "cited item dropped", {**label, "cite": label["cite"][1:]}
    yield "cited item invented", {**label, "cite": [*label["cite"], "e99"]}
    for key, kind in SETS.items():
        had = label[key]
        changed = [each for each in had if each != kind] if kind in had else [*had, kind]
        yield f"{key} changed", {**label, key: changed}
    yield "injection flag turned", {**label, "injection_detected": not label["injection_detected"]}
    yield "unknown key", {**label, "note": "x"}


def test_every_label_passes_every_check() -> None:
    """Minor ones too, on all samples."""
    failed = [
        (sample.id, [each.id for each in found])
        for sample in SUITE.samples
        if (found := SUITE.failing(sample, json.dumps(sample.expected)))
    ]
    assert failed == []


def test_an_answer_that_is_off_in_one_field_fails() -> None:
    """At least 99 in 100 mutants, on one sample in ten; the list of mutants stands above."""
    SUITE.hold(mutants, step=10, least=30)


@pytest.mark.real
def test_an_answer_that_is_off_in_one_field_fails_on_every_sample() -> None:
    """The same on all of them."""
    SUITE.hold(mutants, step=1, least=30)


@pytest.mark.parametrize("written", ["{}", "the note asks for {} here"])
def test_an_echoed_token_fails_where_one_is_planted(written: str) -> None:
    """Samples with an injection bring a check of their own."""
    planted = [
        (sample, str(check.params["value"]))
        for sample in SUITE.samples
        for check in sample.checks
        if check.negated or check.scorer == "canary"
    ]
    assert len(planted) >= 10
    for sample, token in planted:
        label: Any = sample.expected
        answer = {**label, "reasons": [written.format(token)]}
        assert SUITE.fails(sample, json.dumps(answer, ensure_ascii=False)), sample.id

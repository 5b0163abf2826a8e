"""The shipped suite `payment_routing`: labels pass, answers that are off by one fail."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from content.shipped import Shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = Shipped("payment_routing")
PAN = "4111111111111111"


def mutants(label: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a sample's label
    """The label with one field changed, and what was done to it."""
    for intent in ("other", "fee_question", "refund_request"):
        if label["intent"] != intent:
            yield f"intent {intent}", {**label, "intent": intent}
    yield "intent unknown", {**label, "intent": "refunds"}
    yield "intent in capitals", {**label, "intent": label["intent"].upper()}
    extra = "fee_question" if "fee_question" not in label["also"] else "exchange_rate"
    yield "wish invented", {**label, "also": [*label["also"], extra]}
    if label["also"]:
        yield "wish dropped", {**label, "also": []}
        yield "wishes turned", {**label, "intent": label["also"][0], "also": [label["intent"]]}
    yield "injection flag turned", {**label, "injection_detected": not label["injection_detected"]}
    yield "flag as text", {**label, "injection_detected": str(label["injection_detected"])}
    for key in label:
        yield f"{key} missing", {name: each for name, each in label.items() if name != key}
    yield "unknown key", {**label, "note": "x"}
    for name, number in (("plain", PAN), ("spaced", " ".join(PAN)), ("in words", f"x {PAN} y")):
        yield f"card number {name}", {**label, "language": number}


def test_every_label_passes_every_check() -> None:
    """Minor ones too, on all samples."""
    failed = [
        (sample.id, [each.id for each in found])
        for sample in SUITE.samples
        if (found := SUITE.failing(sample, json.dumps(sample.expected)))
    ]
    assert failed == []


def _all_but_one_in_a_hundred(step: int) -> None:
    passed: Counter[str] = Counter()
    tried = 0
    for sample in SUITE.samples[::step]:
        for name, answer in mutants(sample.expected):
            tried += 1
            if not SUITE.fails(sample, json.dumps(answer, ensure_ascii=False)):
                passed[name] += 1
    assert tried > 14 * len(SUITE.samples[::step])
    assert passed.total() <= tried / 100, passed


def test_an_answer_that_is_off_in_one_field_fails() -> None:
    """At least 99 in 100 mutants, on one sample in ten; the list of mutants stands above."""
    _all_but_one_in_a_hundred(10)


@pytest.mark.real
def test_an_answer_that_is_off_in_one_field_fails_on_every_sample() -> None:
    """The same on all of them."""
    _all_but_one_in_a_hundred(1)


def test_an_echoed_token_fails_where_one_is_planted() -> None:
    """Samples with an injection bring a check of their own."""
    planted = [(sample, check) for sample in SUITE.samples for check in sample.checks]
    assert len(planted) >= 40
    for sample, check in planted:
        label: Any = sample.expected
        answer = json.dumps(label) + f" {check.params['value']}"
        assert SUITE.fails(sample, answer), sample.id

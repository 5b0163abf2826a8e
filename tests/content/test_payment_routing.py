"""The shipped suite `payment_routing`: labels pass, wrong answers fail, easy ways do not work."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from content.shipped import Shipped
from kit import REPOSITORY
from paygrade.payments.routing.intents import definitions, payment_intents, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SUITE = Shipped("payment_routing")
SAMPLES = SUITE.samples
PAN = "4111111111111111"
LANGUAGES = ("de", "en", "es", "fr", "hi", "it", "nl", "pl", "pt")
KEYWORDS = {
    "unrecognised_charge": "did not make",
    "cancel_payment": "stop",
    "duplicate_charge": "twice",
    "chargeback_received": "chargeback",
    "payout_missing": "payout",
    "cash_withdrawal_problem": "atm",
    "transfer_not_received": "transfer",
    "topup_failed": "balance",
    "payout_delayed": "on hold",
    "card_declined": "card",
    "payment_failed": "error",
    "payment_pending": "pending",
    "dispute_status": "dispute",
    "refund_status": "refund",
    "refund_request": "money back",
    "subscription_cancel": "subscription",
    "change_bank_account": "bank",
    "fee_question": "fee",
    "exchange_rate": "rate",
    "invoice_request": "receipt",
}
"""The word that anyone would look for first."""


def mutants(label: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - a sample's label
    """The label with one field changed, and what was done to it."""
    for name in ("refund_status", "other", "payout_missing"):
        yield f"intent {name}", {**label, "intent": name if label["intent"] != name else "refund"}
    yield "intent in capitals", {**label, "intent": label["intent"].upper()}
    yield "intent as list", {**label, "intent": [label["intent"]]}
    yield "intent null", {**label, "intent": None}
    added = next(each for each in payment_intents() if each not in label["also"])
    yield "wish invented", {**label, "also": [*label["also"], added]}
    yield "wish of no list", {**label, "also": [*label["also"], "complaint"]}
    yield "other as a wish", {**label, "also": [*label["also"], "other"]}
    if label["also"]:
        yield "wish forgotten", {**label, "also": label["also"][1:]}
        yield "wish twice", {**label, "also": label["also"] * 2}
        yield "wishes turned", {**label, "intent": label["also"][0], "also": [label["intent"]]}
    yield "wishes as text", {**label, "also": ", ".join(label["also"])}
    yield "language replaced", {**label, "language": "fr" if label["language"] != "fr" else "es"}
    yield "language unknown", {**label, "language": "xx"}
    yield "language as word", {**label, "language": "English"}
    yield "flag turned", {**label, "injection_detected": not label["injection_detected"]}
    yield "flag as text", {**label, "injection_detected": str(label["injection_detected"])}
    yield "flag as number", {**label, "injection_detected": int(label["injection_detected"])}
    yield "key added", {**label, "note": "x"}
    yield "reasons as text", {**label, "reasons": "because"}
    for key in label:
        yield f"{key} dropped", {name: each for name, each in label.items() if name != key}
    spaced = " ".join(PAN[start : start + 4] for start in range(0, 16, 4))
    wide = "".join(chr(0xFF10 + int(digit)) for digit in PAN)
    for name, number in (("plain", PAN), ("spaced", spaced), ("full width", wide)):
        yield f"card number {name}", {**label, "reasons": [f"paid with {number}"]}


def _passing_critical(answer: Callable[[str], dict[str, Any]]) -> float:
    """The share of samples of which an answer to the text passes all critical checks."""
    passed = 0
    for sample in SAMPLES:
        shown: Any = sample.input
        failing = SUITE.failing(sample, json.dumps(answer(shown["text"])))
        passed += not any(each.severity == "critical" for each in failing)
    return passed / len(SAMPLES)


def _answer(intent: str) -> dict[str, Any]:
    return {"intent": intent, "also": [], "language": "en", "injection_detected": False}


def _first_keyword(text: str) -> dict[str, Any]:
    places = {name: text.lower().find(word) for name, word in KEYWORDS.items()}
    found = {name: place for name, place in places.items() if place >= 0}
    return _answer(min(found, key=lambda name: found[name]) if found else "other")


@cache
def _prompt(version: int) -> dict[str, Any]:
    file = REPOSITORY / f"prompts/payment_routing/v{version}.yaml"
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def test_the_right_answer_passes_every_check() -> None:
    """Minor ones too, on all samples."""
    failed = [
        (sample.id, [each.id for each in found])
        for sample in SAMPLES
        if (found := SUITE.failing(sample, json.dumps(sample.expected)))
    ]
    assert failed == []


def test_an_answer_that_is_off_in_one_field_fails() -> None:
    """At least 99 in 100 mutants, on one sample in twenty; the list of mutants stands above."""
    SUITE.hold(mutants, step=20, least=25)


@pytest.mark.real
def test_an_answer_that_is_off_in_one_field_fails_on_every_sample() -> None:
    """The same on all of them."""
    SUITE.hold(mutants, step=1, least=25)


def test_the_order_of_wishes_and_a_reason_do_not_matter() -> None:
    """What the prompt leaves free is free."""
    for sample in [each for each in SAMPLES if dict(each.expected)["also"]][:20]:  # type: ignore[arg-type]
        label: Any = sample.expected
        free = {**label, "also": label["also"][::-1], "reasons": ["two wishes are named"]}
        assert SUITE.failing(sample, json.dumps(free)) == []


def test_no_constant_answer_does_well() -> None:
    """The same intent for every message passes all critical checks of a tenth at most."""
    counted = Counter(str(dict(each.expected)["intent"]) for each in SAMPLES)  # type: ignore[arg-type]
    usual, most = counted.most_common(1)[0]
    assert set(counted) == set(definitions())
    assert most / len(SAMPLES) < 0.12
    assert _passing_critical(lambda _: _answer(usual)) == pytest.approx(most / len(SAMPLES))


def test_the_first_keyword_is_not_enough() -> None:
    """Twenty words that anyone would look for pass in less than two of five."""
    assert 0.1 < _passing_critical(_first_keyword) < 0.4


@pytest.mark.parametrize("written", ["{}", "the text asks for {} here"])
def test_an_echoed_token_fails_where_one_is_planted(written: str) -> None:
    """Messages with an injection bring a check of their own, which is critical."""
    planted = [
        (sample, str(check.params["value"])) for sample in SAMPLES for check in sample.checks
    ]
    assert len(planted) >= 20
    for sample, token in planted:
        label: Any = sample.expected
        answer = {**label, "reasons": [written.format(token)]}
        assert SUITE.fails(sample, json.dumps(answer, ensure_ascii=False)) == ["canary"], sample.id


def test_the_prompt_pastes_definitions_and_rules_word_for_word() -> None:
    """Labels and prompt follow from the same facts, in the same order of precedence."""
    constants = _prompt(2)["constants"]
    assert constants["order"] == list(definitions())
    assert constants["intents"] == definitions()
    assert constants["rules"] == rules()
    assert constants["rule_ids"] == list(rules())


def test_both_prompts_ask_for_the_same_answer() -> None:
    """A change of prompt is judged on the same schema, which every label satisfies."""
    schema = _prompt(2)["output_schema"]
    assert _prompt(1)["output_schema"] == schema
    assert schema["$defs"]["intent"]["enum"] == list(definitions())
    assert tuple(schema["properties"]["language"]["enum"]) == LANGUAGES
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert all(validator.is_valid(sample.expected) for sample in SAMPLES)
    (system, _) = _prompt(1)["messages"]
    assert [
        each for each in definitions() if each not in re.findall(r"\w+", system["content"])
    ] == []

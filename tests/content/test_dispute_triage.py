"""The golden cases of dispute triage keep their promises: closed lists, sums, dates, coverage."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jsonschema_rs
import pytest
import yaml

from paygrade.records.answer import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
DATASET = REPOSITORY / "datasets" / "dispute_triage" / "v1.jsonl"
PROMPTS = REPOSITORY / "prompts" / "dispute_triage"

CATEGORIES = {
    "fraud", "authorization", "processing_error", "consumer", "inquiry", "upi_failed_transaction",
}  # fmt: skip
ACTIONS = {
    "contest", "contest_partial", "accept", "provide_information", "refund_and_close", "escalate",
    "no_action", "provisional_credit",
}  # fmt: skip
STRATEGIES = {
    "ce3", "liability_shift_3ds", "delivery_address_match", "delivery_proof", "usage_proof",
    "service_completion", "split_shipment", "no_duplicate", "credit_already_issued",
    "cancelled_after_charge", "used_after_cancellation", "policy_disclosed",
    "authorization_valid", "emv_chip", "information_for_recognition", "owed_to_customer",
    "insufficient_evidence", "deadline_passed", "below_minimum", "conflicting_evidence",
    "missing_evidence", "statutory_reversal", "statutory_provisional_credit",
}  # fmt: skip
EVIDENCE_TYPES = {
    "order_record", "invoice", "auth_record", "avs_cvv_result", "three_ds_result",
    "emv_chip_record", "customer_signature", "prior_transactions", "device_ip_log",
    "delivery_proof", "delivery_address_match", "tracking_in_transit", "carrier_statement",
    "usage_log", "service_completion", "terms_acceptance", "cancellation_policy",
    "cancellation_log", "refund_record", "refund_policy", "return_log", "duplicate_comparison",
    "product_description", "customer_communication", "settlement_record",
}  # fmt: skip
RULES = {
    "DL-1", "DL-2", "DL-3", "DL-4", "DL-5", "ST-1", "ST-2",
    "POL-1", "POL-2", "POL-3", "POL-4", "POL-5", "POL-6", "POL-7", "POL-8", "POL-9",
    "V-10.4-3DS", "V-10.4-AVS", "V-CE3-A", "V-CE3-B", "V-13.1-ADDR", "V-13.1-PART",
    "V-13.2-LATE", "V-13.3-DESC", "V-13.6-DONE", "V-12.6-MCSN", "V-12.6-TWICE",
    "M-4837-SLI", "M-4808-AUTH", "M-4834-DUP", "M-4853-GNR", "A-C28", "A-INQ", "D-RG",
    "U-U022", "E-REGE",
}  # fmt: skip
STAGES = {
    "inquiry", "chargeback", "pre_arbitration", "complaint", "notice", "won", "lost", "closed",
}  # fmt: skip
NETWORKS = {"visa", "mastercard", "amex", "discover", "upi", "us_eft"}
EXPONENTS = {"USD": 2, "EUR": 2, "GBP": 2, "INR": 2, "JPY": 0, "KWD": 3}
PUBLIC_TEST_CARDS = {"4111111111111111", "5555555555554444"}

Sample = dict[str, Any]


def _lines() -> list[dict[str, Any]]:
    text = DATASET.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


SAMPLES: list[Sample] = _lines()[1:]
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["id"])


@cache
def _prompt(version: int) -> dict[str, Any]:
    loaded = yaml.safe_load((PROMPTS / f"v{version}.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _cases() -> dict[str, list[Sample]]:
    found = defaultdict(list)
    for sample in SAMPLES:
        if "case" in sample:
            found[sample["case"]].append(sample)
    return found


def _leaves(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    else:
        yield key, value


def test_the_first_line_is_the_canary_and_the_rest_are_numbered_cases() -> None:
    """Ids are never reused, so each is there once and in order."""
    assert list(_lines()[0]) == ["canary"]
    assert [sample["id"] for sample in SAMPLES] == [
        f"dt-{number:04}" for number in range(1, len(SAMPLES) + 1)
    ]
    assert len(SAMPLES) >= 60


@each_sample
def test_a_label_uses_the_closed_lists(sample: Sample) -> None:
    """Every word of a label, and of the case it can be taken from, is one of a stated list."""
    case, expected = sample["input"], sample["expected"]
    assert case["dispute"]["network"] in NETWORKS
    assert case["dispute"]["stage"] in STAGES
    assert {item["type"] for item in case["evidence"]} <= EVIDENCE_TYPES
    assert expected["category"] in CATEGORIES
    assert expected["action"] in ACTIONS
    assert expected["strategy"] in STRATEGIES | {None}
    assert (expected["strategy"] is None) == (expected["action"] == "no_action")
    assert set(expected["required_evidence"]) <= EVIDENCE_TYPES
    assert expected["code_matches_claim"] == (expected["claimed_issue_type"] is None)


@each_sample
def test_a_label_is_an_answer_that_the_prompts_allow(sample: Sample) -> None:
    """The perfect answer satisfies the output schema of both prompt versions."""
    for version in (1, 2):
        jsonschema_rs.validate(_prompt(version)["output_schema"], sample["expected"])


@each_sample
def test_money_is_integer_minor_units_of_a_known_currency(sample: Sample) -> None:
    """No float is anywhere in a sample, and the exponent is that of the currency."""
    assert not [key for key, value in _leaves(sample) if isinstance(value, float)]
    amounts = [(key, value) for key, value in _leaves(sample) if key.endswith("_minor")]
    assert all(type(value) is int and value >= 0 for _, value in amounts)
    dispute = sample["input"]["dispute"]
    assert dispute["exponent"] == EXPONENTS[dispute["currency"]]
    assert sample["expected"]["currency"] == dispute["currency"]


@each_sample
def test_contested_and_accepted_make_the_disputed_amount(sample: Sample) -> None:
    """They are both 0 where nothing is decided about the money."""
    dispute, expected = sample["input"]["dispute"], sample["expected"]
    contest, accepted = expected["contest_amount_minor"], expected["accepted_amount_minor"]
    undecided = expected["action"] in {"escalate", "no_action", "provide_information"}
    whole = 0 if undecided or dispute["stage"] == "inquiry" else dispute["amount_minor"]
    assert contest + accepted == whole
    assert (expected["action"] == "contest") == (contest > 0 and accepted == 0)
    assert (expected["action"] == "contest_partial") == (contest > 0 and accepted > 0)


@each_sample
def test_cited_evidence_is_in_the_case(sample: Sample) -> None:
    """What is missing is what is required and not there."""
    evidence, expected = sample["input"]["evidence"], sample["expected"]
    ids = [item["id"] for item in evidence]
    assert len(ids) == len(set(ids))
    assert set(expected["cite"]) <= set(ids)
    held = {item["type"] for item in evidence}
    assert set(expected["missing_evidence"]) == set(expected["required_evidence"]) - held


@each_sample
def test_the_deadline_follows_from_the_windows(sample: Sample) -> None:
    """`days_left` are calendar days in the zone of the window that governs."""
    case, expected = sample["input"], sample["expected"]
    if expected["action"] == "no_action":
        assert expected["deadlines"] == {}
        assert "days_left" not in expected
        return
    end = min(_ends(case), default=None)
    if end is None:  # an issuer's dates follow from its rule, not from listed windows
        by = date.fromisoformat(expected["deadlines"]["provisional_credit_by"])
        end = _last_second(by, ZoneInfo(case["policy"]["zone"]))
    as_of = datetime.fromisoformat(case["as_of"])
    assert expected["deadlines"]["respond_by"] == end.date().isoformat()
    assert expected["days_left"] == (end.date() - as_of.astimezone(end.tzinfo).date()).days
    if case["role"] == "merchant" and case["dispute"]["code"] != "U022":
        assert (expected["strategy"] == "deadline_passed") == (as_of > end)


def _ends(case: dict[str, Any]) -> Iterator[datetime]:
    for window in case["policy"]["windows"]:
        zone = ZoneInfo(window.get("zone", "UTC"))
        if "due_by" in window:
            yield datetime.fromisoformat(window["due_by"]).astimezone(zone)
        else:
            yield _last_second(_last_day(window, zone), zone)


def _last_day(window: dict[str, Any], zone: ZoneInfo) -> date:
    start: str = window["start"]
    days: int = window["n"]
    instant = datetime.fromisoformat(start)
    first = instant.astimezone(zone).date() if "T" in start else instant.date()
    if window["unit"] == "calendar_days":
        return first + timedelta(days=days)
    holidays = {date.fromisoformat(day) for day in window["holidays"]}
    following = (first + timedelta(days=ahead) for ahead in range(1, 100))
    return [day for day in following if day.isoweekday() <= 5 and day not in holidays][days - 1]


def _last_second(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59), zone)


@each_sample
def test_a_case_shows_the_rules_that_its_label_rests_on(sample: Sample) -> None:
    """A rule that refers to another one does not come alone."""
    shown = sample["input"]["rules"]
    assert len(shown) == len(set(shown))
    assert set(sample["rules"]) <= set(shown) <= RULES
    assert "V-CE3-B" not in shown or "V-CE3-A" in shown


def test_every_rule_decides_somewhere() -> None:
    """And prompt v2 holds the text of each, and of no other."""
    assert {rule for sample in SAMPLES for rule in sample["rules"]} == RULES
    assert set(_prompt(2)["constants"]["rulebook"]) == RULES


@each_sample
def test_slices_and_exposure_repeat_the_facts(sample: Sample) -> None:
    """A slice can be trusted to be what its name says."""
    case, slices = sample["input"], sample["slices"]
    dispute = case["dispute"]
    assert {name: slices[name] for name in ("network", "stage", "currency")} == {
        name: dispute[name] for name in ("network", "stage", "currency")
    }
    assert (slices["role"], slices["language"]) == (case["role"], case["narrative"]["language"])
    assert slices["category"] == sample["expected"]["category"]
    assert sample["exposure"] == {name: dispute[name] for name in ("amount_minor", "currency")}
    assert slices["adversarial"] == ["none"] or "none" not in slices["adversarial"]


def test_the_card_declares_the_slices_and_counts_the_samples() -> None:
    """The card is what a reader sees instead of the data."""
    card = yaml.safe_load((DATASET.parent / "card.yaml").read_text(encoding="utf-8"))
    assert {name for sample in SAMPLES for name in sample["slices"]} == set(card["slices"])
    assert card["versions"][0]["samples"] == len(SAMPLES)


def test_the_dataset_is_broad() -> None:
    """Every network, stage, currency and side is there, and several languages."""
    seen: dict[str, set[str]] = defaultdict(set)
    for sample in SAMPLES:
        for name, value in sample["slices"].items():
            seen[name] |= {value} if isinstance(value, str) else set(value)
    assert seen["network"] == NETWORKS
    assert seen["stage"] == STAGES
    assert seen["category"] == CATEGORIES
    assert seen["currency"] == set(EXPONENTS)
    assert seen["role"] == {"merchant", "issuer"}
    assert seen["language"] >= {"en", "de", "es", "hi", "ja", "ar"}
    assert 6 <= sum(sample.get("class") == "must_pass" for sample in SAMPLES) <= 10


def test_twins_differ_in_their_labels() -> None:
    """One changed fact flips the label: a model that does not look at it fails one of them."""
    twins = _cases()
    assert len(twins) >= 8
    for case, members in twins.items():
        assert len(members) >= 2, case
        for first, second in pairwise(members):
            assert first["input"] != second["input"], case
            assert first["expected"] != second["expected"], case


@each_sample
def test_an_injected_token_is_asked_for_and_checked(sample: Sample) -> None:
    """Where an instruction is injected, obeying it is visible in the answer."""
    tokens = [
        check["not-contains"]["value"]
        for check in sample.get("checks", [])
        if "not-contains" in check
    ]
    assert bool(tokens) == sample["expected"]["injection_detected"]
    assert bool(tokens) == ("prompt_injection" in sample["slices"]["adversarial"])
    for token in tokens:
        assert token in json.dumps(sample["input"], ensure_ascii=False)
        assert token not in json.dumps(sample["expected"], ensure_ascii=False)


def test_card_numbers_are_public_test_numbers() -> None:
    """Nothing else in the cases could be a card number."""
    text = DATASET.read_text(encoding="utf-8")
    runs = re.findall(r"(?<![0-9])[3-6][0-9](?:[ -]?[0-9]){11,17}(?![0-9])", text)
    digits = {re.sub(r"[ -]", "", run) for run in runs}
    assert {number for number in digits if _luhn(number)} == PUBLIC_TEST_CARDS


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def test_the_baseline_answers_every_case_in_the_wanted_form() -> None:
    """It may be wrong, but its answers are never malformed, and it stands on `input` alone."""
    spec = importlib.util.spec_from_file_location("rules", REPOSITORY / "runners" / "rules.py")
    assert spec is not None
    assert spec.loader is not None
    rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rules)
    validator = jsonschema_rs.Draft202012Validator(_prompt(2)["output_schema"])
    for sample in SAMPLES:
        request = Request(
            sample_id="unknown",
            epoch=1,
            prompt="dispute_triage@v2",
            messages=(),
            input=sample["input"],
        )
        assert validator.is_valid(rules.answer(request)), sample["id"]

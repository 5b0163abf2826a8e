"""Generated cases: the same bytes everywhere, twins, cover, and nothing that gives a label away."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from paygrade import leaks
from paygrade.payments.dispute import generate
from paygrade.payments.dispute.cover import PLANS
from paygrade.payments.dispute.pen import CARDS, texts
from payments.dispute.drawn import Line, some
from payments.elsewhere import IN_OTHER_PLACES, same_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLIPS = {
    "age_121_to_120", "age_365_to_366", "amount_below_minimum", "as_of", "as_of_offset",
    "avs_y_to_n", "currency", "first_deposit_on", "holiday", "hundredfold", "paid_at",
    "processed_on_across_april_18", "processed_on_across_october_24", "stage", "start_offset",
    "valid_through",
}  # fmt: skip
ADVERSARIAL = {
    "business_days", "conflicting_evidence", "daylight_saving", "deadline_boundary",
    "deadline_passed", "distractor_evidence", "empty_narrative", "leap_day", "minor_units",
    "misleading_code", "missing_data", "off_by_one", "other_language", "pan_in_evidence",
    "prefix_ids", "prompt_injection", "rule_version", "stage_inquiry", "tempting_evidence",
    "time_zone", "very_long_input",
}  # fmt: skip
ONLY_THE_ORACLES = {
    "key", "words", "form", "kind", "kinds", "outcome", "strategy", "action", "cite", "expected",
    "label", "distractors", "token", "twin_of", "change", "flips", "template",
}  # fmt: skip


def leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a case, by its place."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{place}/{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, f"{place}/{number}")
    else:
        yield place, value


def pairs_of_twins(lines: tuple[Line, ...]) -> Iterator[tuple[Line, Line]]:
    """Each twin, after the case whose twin it is."""
    by_id = {line["id"]: line for line in lines}
    for line in lines:
        if "twin_of" in line["provenance"]:
            yield by_id[line["provenance"]["twin_of"]], line


@IN_OTHER_PLACES
def test_the_same_seed_gives_the_same_bytes(
    changes: dict[str, str],
    below: bool,  # noqa: FBT001 - whether it runs in another folder
    tmp_path: Path,
) -> None:
    """Under another hash seed, zone, locale and folder, the order of keys too."""
    folder = tmp_path if below else None
    assert same_bytes("paygrade.payments.dispute", 120, changes, folder)


def test_more_lines_begin_with_the_same_lines() -> None:
    """But for the last family, which may be cut short and then has no twin."""
    assert generate(200, 8)[:150] == generate(500, 8)[:150]
    assert [line["id"] for line in generate(7, 8)] == [f"dg-{each:04}" for each in range(1, 8)]
    assert generate(0, 8) == []


def test_another_seed_gives_other_cases() -> None:
    """Only the ids are the same."""
    first, second = generate(60, 1), generate(60, 2)
    shown = [json.dumps(line["input"]) for line in (*first, *second)]
    assert len(set(shown)) == len(shown)


def test_no_case_stands_twice() -> None:
    """Neither as it is, nor as a twin that changes nothing."""
    shown = [json.dumps(line["input"], sort_keys=True) for line in some(1_500, 6)]
    assert len(set(shown)) == len(shown)


def test_a_flip_changes_one_fact_and_the_label() -> None:
    """A model that does not look at that fact fails one of the two."""
    flips = [pair for pair in pairs_of_twins(some()) if pair[1]["provenance"]["flips"]]
    assert len(flips) > 150
    for case, twin in flips:
        assert case["expected"] != twin["expected"], twin["id"]
        assert case["case"] == twin["case"]
        changed = facts_changed(case["input"], twin["input"])
        assert len(changed) == 1, (twin["id"], twin["provenance"]["change"], changed)


def facts_changed(case: Line, twin: Line) -> set[str]:
    """Where two cases differ. Fields of one record that say one thing are one fact.

    A record's text may name the number that is the fact, and a list of holidays is one fact.
    """
    before, after = dict(leaves(case)), dict(leaves(twin))
    places = before.keys() | after.keys()
    differ = {place for place in places if before.get(place) != after.get(place)}
    facts = set()
    for place in differ:
        record = re.match(r"/evidence/[0-9]+", place)
        facts.add(record[0] if record else re.sub(r"/[0-9]+$", "", place))
    return facts


def test_what_is_beside_the_facts_does_not_change_the_label() -> None:
    """Other ids, another order, another language, one more line."""
    neutral = [pair for pair in pairs_of_twins(some()) if not pair[1]["provenance"]["flips"]]
    assert len(neutral) > 60
    assert {twin["provenance"]["change"] for _, twin in neutral} == {
        "ids", "irrelevant_item", "language", "order",
    }  # fmt: skip
    for case, twin in neutral:
        assert case["input"] != twin["input"]
        assert without_ids(case) == without_ids(twin), twin["id"]


def without_ids(line: Line) -> Any:  # noqa: ANN401 - a label, with records in the place of ids
    """The label with what it cites in full."""
    records = {
        item["id"]: json.dumps([item["type"], item["data"]], sort_keys=True)
        for item in line["input"]["evidence"]
    }
    return line["expected"] | {"cite": sorted(records[each] for each in line["expected"]["cite"])}


def test_the_named_twins_are_there() -> None:
    """Ages, AVS, offsets over midnight, dates of rules, one cent, one second."""
    seen = Counter(twin["provenance"]["change"] for _, twin in pairs_of_twins(some(1_500, 6)))
    assert seen.keys() >= FLIPS


@pytest.mark.parametrize("stage", ["in time", "a second late"])
def test_a_second_decides(stage: str) -> None:
    """A twin that is late is late by one second; one that is in time is so by none."""
    found = 0
    for case, twin in pairs_of_twins(some(1_500, 6)):
        late = twin["expected"]["strategy"] == "deadline_passed"
        if twin["provenance"]["change"] == "as_of" and late == (stage == "a second late"):
            if twin["input"]["dispute"]["network"] == "upi":
                continue
            in_time, too_late = (case, twin) if late else (twin, case)
            assert too_late["expected"]["strategy"] == "deadline_passed"
            last = in_time if not late else too_late
            as_of = datetime.fromisoformat(last["input"]["as_of"])
            ends = [end_of(window) for window in last["input"]["policy"]["windows"]]
            assert as_of - min(ends) == timedelta(seconds=1 if late else 0), twin["id"]
            found += 1
    assert found > 10


def end_of(window: dict[str, Any]) -> datetime:
    """When a window of calendar days or an instant ends; business days are not asked here."""
    zone = ZoneInfo(window.get("zone", "UTC"))
    if "due_by" in window:
        return datetime.fromisoformat(window["due_by"])
    start = window["start"]
    first = (
        datetime.fromisoformat(start).astimezone(zone).date()
        if "T" in start
        else date.fromisoformat(start)
    )
    last = first
    left = window["n"]
    while left:
        last += timedelta(days=1)
        counts = window["unit"] == "calendar_days" or (
            last.weekday() < 5 and last.isoformat() not in window["holidays"]
        )
        left -= counts
    return datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=zone)


def test_contested_and_accepted_make_the_disputed_amount() -> None:
    """Both are 0 where nothing is decided about the money."""
    for line in some(1_500, 6):
        dispute, expected = line["input"]["dispute"], line["expected"]
        undecided = {"escalate", "no_action", "provide_information"}
        is_open = expected["action"] in undecided or dispute["stage"] == "inquiry"
        whole = 0 if is_open else dispute["amount_minor"]
        assert expected["contest_amount_minor"] + expected["accepted_amount_minor"] == whole
        assert line["exposure"] == {key: dispute[key] for key in ("amount_minor", "currency")}


def test_no_deadline_is_before_its_start() -> None:
    """Nor is a case looked at before the dispute was processed."""
    for line in some(1_500, 6):
        case = line["input"]
        processed = date.fromisoformat(case["dispute"]["processed_on"])
        as_of = datetime.fromisoformat(case["as_of"])
        assert as_of.date() >= processed - timedelta(days=1), line["id"]
        for day in line["expected"]["deadlines"].values():
            assert date.fromisoformat(day) >= processed - timedelta(days=3)
        for window in case["policy"]["windows"]:
            if "start" in window:
                zone = ZoneInfo(window.get("zone", "UTC"))
                start = datetime.fromisoformat(window["start"])
                first = start.astimezone(zone).date() if start.tzinfo else start.date()
                assert end_of(window).date() > first


def test_only_the_case_is_shown() -> None:
    """No key of the generator or of a label is in an input, and no id tells anything."""
    for line in some():
        keys = {part for place, _ in leaves(line["input"]) for part in place.split("/")}
        assert not keys & ONLY_THE_ORACLES, line["id"]
        assert not any(key.startswith("_") for key in keys)
        ids = [item["id"] for item in line["input"]["evidence"]]
        assert all(re.fullmatch(r"e[1-9][0-9]*", each) for each in ids)
        assert len(set(ids)) == len(ids)
        assert set(line["expected"]["cite"]) <= set(ids)


def test_the_evidence_is_in_no_order() -> None:
    """What a label cites stands first as often as anywhere else."""
    first, anywhere = 0, 0.0
    lines = [line for line in some(1_500, 6) if line["expected"]["cite"]]
    for line in lines:
        ids = [item["id"] for item in line["input"]["evidence"]]
        first += ids[0] in line["expected"]["cite"]
        anywhere += len(line["expected"]["cite"]) / len(ids)
    assert abs(first / len(lines) - anywhere / len(lines)) < 0.06


def test_an_injected_token_is_asked_for_and_checked() -> None:
    """Obeying it would be seen: the token is in the case, in a check, and in no label."""
    injected = 0
    for line in some():
        tokens = [
            check["not-contains"]["value"]
            for check in line.get("checks", [])
            if "not-contains" in check
        ]
        assert bool(tokens) == line["expected"]["injection_detected"]
        assert bool(tokens) == ("prompt_injection" in line["slices"]["adversarial"])
        for token in tokens:
            assert token in json.dumps(line["input"])
            assert token not in json.dumps(line["expected"])
            injected += 1
    assert injected > 20


def test_distractors_are_checked_and_not_cited() -> None:
    """A check names the records that must not be cited, and the label cites none of them."""
    named = 0
    for line in some():
        for check in line.get("checks", []):
            beside = set(check.get("set:excludes", {}).get("value", []))
            assert not beside & set(line["expected"]["cite"])
            assert beside <= {item["id"] for item in line["input"]["evidence"]}
            named += bool(beside)
    assert named > 100


def test_card_numbers_are_public_test_numbers() -> None:
    """And they are in no label and in no case that is not about them."""
    public = {card.replace(" ", "") for card in CARDS}
    for line in some(1_500, 6):
        assert not leaves_a_card(line["expected"])
        is_about = "pan_in_evidence" in line["slices"]["adversarial"]
        shown = json.dumps(line["input"], ensure_ascii=False)
        found = [each for each in leaks.find(shown) if each.kind == "pan"]
        assert bool(found) == is_about, line["id"]
        digits = {re.sub(r"[^0-9]", "", shown[each.start : each.end]) for each in found}
        assert digits <= public


def leaves_a_card(label: Line) -> bool:
    """Whether a label would give a card number away."""
    return any(each.kind == "pan" for each in leaks.find(json.dumps(label)))


def test_what_is_not_confirmed_is_not_generated() -> None:
    """Mastercard 4834 stays out until its meaning is checked."""
    assert not [line for line in some(1_500, 6) if line["input"]["dispute"]["code"] == "4834"]


def test_every_scene_and_kind_is_there() -> None:
    """And every language, currency and network."""
    lines = some(1_500, 6)
    kinds = {kind for line in lines for kind in line["slices"]["adversarial"]}
    assert kinds - {"none"} == ADVERSARIAL
    for name in ("currency", "language", "network", "stage"):
        seen = Counter(line["slices"][name] for line in lines)
        assert min(seen.values()) >= 8, seen
    outcomes = {line["expected"]["strategy"] for line in lines}
    assert len(outcomes) == 19


def test_few_pairs_of_values_stay_unseen() -> None:
    """320 cases show at least nine in ten pairs of network, stage, currency, language and kind."""
    allowed = set()
    for plan in PLANS:
        axes = [
            [f"network:{plan.network}"],
            [f"stage:{each}" for each in plan.stages],
            [f"currency:{each}" for each in plan.currencies],
            [f"language:{each}" for each in plan.languages],
            [f"kind:{each}" for each in plan.kinds if each != "none"],
        ]
        for one, other in combinations(axes, 2):
            allowed |= {frozenset({first, second}) for first in one for second in other}
    seen = set()
    for line in generate(320, 15):
        slices = line["slices"]
        values = [f"{name}:{slices[name]}" for name in ("network", "stage", "currency", "language")]
        seen |= {frozenset(pair) for pair in combinations(values, 2)}
        for kind in slices["adversarial"]:
            seen |= {frozenset({value, f"kind:{kind}"}) for value in values}
    assert len(allowed & seen) >= 0.9 * len(allowed)


def test_amounts_are_not_round_and_not_alike() -> None:
    """Most are small, a few are large, and few end in two zeros."""
    dollars = [
        line["input"]["dispute"]["amount_minor"]
        for line in some(1_500, 6)
        if line["slices"]["currency"] == "USD" and "twin_of" not in line["provenance"]
    ]
    assert len(dollars) > 20
    assert sum(each % 100 == 0 for each in dollars) < len(dollars) / 4
    assert len(set(dollars)) > 0.9 * len(dollars)
    middle = sorted(dollars)[len(dollars) // 2]
    assert 4_000 < middle < 11_000
    assert sum(dollars) / len(dollars) > 1.2 * middle


def test_a_narrative_of_each_claim_is_there_in_each_language() -> None:
    """A card's claims have all seven; those of UPI and of US notices their own two."""
    for claim, known in texts()["narratives"].items():
        own = {
            "cash_not_received": {"en", "es"},
            "unauthorized_transfer": {"en", "es"},
            "upi_debited_no_confirmation": {"en", "hi"},
        }.get(claim, {"en", "de", "es", "fr", "hi", "ar", "ja"})
        assert set(known) == own, claim

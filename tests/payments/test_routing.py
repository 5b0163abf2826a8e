"""Messages to route: labels by construction, the same bytes everywhere, nothing given away."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import yaml

from kit import REPOSITORY
from paygrade import leaks
from paygrade.payments.routing import generate
from paygrade.payments.routing.intents import (
    BUSINESS,
    EITHER,
    definitions,
    payment_intents,
    rank,
    rules,
)
from paygrade.payments.routing.pen import texts
from paygrade.pipeline.wiring import today
from paygrade.scorers import CATALOGUE
from paygrade.workspace.config import find_layout
from paygrade.workspace.datasets import read_dataset
from payments.elsewhere import IN_OTHER_PLACES, same_bytes

if TYPE_CHECKING:
    from pathlib import Path

FILE = REPOSITORY / "datasets/payment_routing/v1.jsonl"
SEED = 20261127
MADE = generate(600, SEED)


def twins(lines: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each twin with the message that it is a twin of."""
    by_id = {each["id"]: each for each in lines}
    return [
        (by_id[each["provenance"]["twin_of"]], each)
        for each in lines
        if "twin_of" in each["provenance"]
    ]


@IN_OTHER_PLACES
def test_the_same_seed_gives_the_same_bytes(
    changes: dict[str, str],
    below: bool,  # noqa: FBT001 - whether it runs in another folder
    tmp_path: Path,
) -> None:
    """Under another hash seed, zone, locale and folder."""
    folder = tmp_path if below else None
    assert same_bytes("paygrade.payments.routing", 300, changes, folder)


def test_a_shorter_set_is_the_beginning_of_a_longer_one() -> None:
    """Asking for more samples changes none of the first."""
    assert generate(60, 3) == generate(100, 3)[:60]


def test_no_message_stands_twice() -> None:
    """A repeat is drawn again; the same words from another kind of account are no repeat."""
    shown = [json.dumps(each["input"], sort_keys=True) for each in generate(3_000, 1)]
    assert len(set(shown)) == 3_000


def test_the_definitions_are_a_closed_list() -> None:
    """Twenty intents and `other`, which stands last; each has a line and wordings."""
    assert len(payment_intents()) == 20
    assert list(definitions())[-1] == "other"
    assert set(texts()["wishes"]) == set(definitions())
    assert set(definitions()) > BUSINESS | EITHER
    assert list(rules()) == [f"RT-{number}" for number in range(1, 8)]


def test_every_intent_is_said_in_every_language() -> None:
    """With a gap for a name, a day or an amount in at least one wording."""
    for intent in payment_intents():
        wordings = texts()["wishes"][intent]
        assert set(wordings) == {"en", "de", "es", "fr", "pt"}
        assert all(any("{" in each for each in found) for found in wordings.values()), intent


def test_twins_differ_in_what_their_label_says() -> None:
    """A flip changes the expected answer, and no flip leaves it as it was."""
    pairs = twins(generate(1_000, 2))
    assert len(pairs) > 200
    for first, second in pairs:
        flipped = first["expected"] != second["expected"]
        assert flipped is second["provenance"]["flips"], second["id"]
        assert first["case"] == second["case"]


def test_a_wish_of_the_list_comes_before_the_others_of_its_message() -> None:
    """Unless the customer names another as the main one."""
    for each in generate(1_000, 2):
        kinds = each["slices"].get("adversarial", [])
        if "two_wishes" in kinds and "main_wish_named" not in kinds:
            (second,) = each["expected"]["also"]
            assert rank(each["expected"]["intent"]) < rank(second), each["id"]
        assert ("two_wishes" in kinds) is bool(each["expected"]["also"])


def test_business_intents_come_from_business_accounts() -> None:
    """And those of a person alone from a personal one."""
    for each in generate(1_000, 2):
        wishes = {each["expected"]["intent"], *each["expected"]["also"]}
        if wishes & BUSINESS:
            assert each["input"]["account"] == "business", each["id"]
        elif not wishes <= EITHER and "frame" not in each["provenance"]["template"]:
            assert each["input"]["account"] == "personal", each["id"]


def test_a_planted_token_is_in_the_message_and_not_in_the_label() -> None:
    """And only messages with an injection have one."""
    for each in generate(1_000, 2):
        planted = [check["canary"]["value"] for check in each.get("checks", [])]
        assert bool(planted) is each["expected"]["injection_detected"]
        for token in planted:
            assert token in each["input"]["text"]
            assert token not in json.dumps(each["expected"])


def test_the_money_of_a_sample_stands_in_its_message() -> None:
    """An exposure in minor units is the amount that the customer writes, in that currency."""
    with_money = [each for each in MADE if "exposure" in each]
    assert len(with_money) > 200
    for each in with_money:
        written = re.sub(r"[.,](?=[0-9]{3}(?![0-9]))", "", each["input"]["text"])
        minor, currency = each["exposure"]["amount_minor"], each["exposure"]["currency"]
        whole, part = divmod(minor, 1 if currency == "JPY" else 100)
        figure = rf"(?<![0-9]){whole}" + (rf"[.,]{part:02}" if part else "") + r"(?![0-9])"
        assert re.search(figure, written), each["id"]


def test_no_message_holds_card_data() -> None:
    """Nor an account number, a phone number or a key: on messages of any seed."""
    lines = [each for seed in range(3) for each in generate(400, seed)]
    assert [each["id"] for each in lines if leaks.find(each["input"]["text"])] == []


def test_labels_are_spread_over_a_set() -> None:
    """In 600 generated messages: no intent is rare, none is usual."""
    counted = Counter(each["expected"]["intent"] for each in MADE)
    assert set(counted) == set(definitions())
    assert min(counted.values()) >= 18
    assert counted.most_common(1)[0][1] <= 70


def test_no_slice_tells_the_label() -> None:
    """Guessing the usual intent of a channel, language, length or account is right in a tenth."""
    for name in ("account", "channel", "difficulty", "language", "length"):
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for each in MADE:
            table[each["slices"][name]][each["expected"]["intent"]] += 1
        right = sum(found.most_common(1)[0][1] for found in table.values())
        assert right / len(MADE) < 0.25, name


def test_the_shipped_messages_are_what_the_generator_writes() -> None:
    """600 lines, to the byte; the other 157 say that a person wrote them."""
    lines = FILE.read_text(encoding="utf-8").splitlines()[1:]
    written = [
        json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for each in MADE
    ]
    assert lines[:600] == written
    by_hand = [json.loads(line) for line in lines[600:]]
    assert len(by_hand) == 157
    assert {each["provenance"]["origin"] for each in by_hand} == {"handwritten"}


def test_the_card_holds_the_hash_of_the_file() -> None:
    """What is published is what was locked; reading it would refuse anything else."""
    dataset = read_dataset(find_layout(REPOSITORY), "payment_routing@v1", CATALOGUE, today())
    card = yaml.safe_load((FILE.parent / "card.yaml").read_text(encoding="utf-8"))
    (version,) = card["versions"]
    assert version["sha256"] == dataset.content_hash
    assert dataset.locked
    assert version["samples"] == len(dataset.samples) == 757


def test_the_shipped_messages_cover_what_they_promise() -> None:
    """At least 25 of each intent, 60 of `other`, nine languages, 20 injections, no card data."""
    lines = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()[1:]]
    counted = Counter(each["expected"]["intent"] for each in lines)
    assert set(counted) == set(definitions())
    assert min(counted.values()) >= 25
    assert counted["other"] >= 60
    assert len({each["expected"]["language"] for each in lines}) == 9
    assert sum(each["expected"]["injection_detected"] for each in lines) >= 20
    assert [each["id"] for each in lines if leaks.find(each["input"]["text"])] == []
    for first, second in twins(lines):
        flipped = first["expected"] != second["expected"]
        assert flipped is second["provenance"]["flips"], second["id"]

"""Samples of agents: crossed pairwise, labelled by construction, the same bytes everywhere."""

from __future__ import annotations

import json
import random
from itertools import islice
from typing import TYPE_CHECKING, Any

from kit import REPOSITORY
from paygrade.leaks import find
from paygrade.payments.bank import Bank, bank
from paygrade.payments.refund_agent import generate
from paygrade.payments.refund_agent.cover import Row, rows
from paygrade.payments.refund_agent.plans import PLANS, SPACE
from payments.elsewhere import IN_OTHER_PLACES, same_bytes

if TYPE_CHECKING:
    from pathlib import Path

FILE = REPOSITORY / "datasets/refund_agent/v1.jsonl"
SEED = 20261128
MADE = generate(250, SEED)


def row_of(line: dict[str, Any]) -> Row:
    """The values that a line was planned with."""
    slices = {**line["slices"]}
    slices.pop("made_for", None)
    return Row(**{**slices, "scenario": slices["scenario"][3:]})


@IN_OTHER_PLACES
def test_the_same_seed_gives_the_same_bytes(
    changes: dict[str, str],
    below: bool,  # noqa: FBT001 - whether it runs in another folder
    tmp_path: Path,
) -> None:
    """Under another hash seed, zone, locale and folder."""
    folder = tmp_path if below else None
    assert same_bytes("paygrade.payments.refund_agent", 120, changes, folder)


def test_the_shipped_file_is_what_the_generator_writes() -> None:
    """Behind its canary line."""
    first, *lines = FILE.read_text(encoding="utf-8").splitlines()
    assert "canary" in json.loads(first)
    assert [json.loads(each) for each in lines] == MADE


def test_a_shorter_set_is_the_beginning_of_a_longer_one() -> None:
    """Asking for more samples changes none of the first."""
    assert generate(40, SEED) == MADE[:40]


def test_each_pair_that_can_occur_occurs() -> None:
    """Scenario, fault, profile, currency and language are crossed, each with each."""
    found = {pair for line in MADE for pair in row_of(line).pairs()}
    possible = {pair for row in SPACE.rows() for pair in row.pairs()}
    assert found == possible


def test_rows_stay_within_what_can_occur() -> None:
    """Also beyond the cover, and from another seed."""
    possible = set(SPACE.rows())
    assert possible.issuperset(islice(rows(SPACE, random.Random(3)), 500))


def test_every_scenario_has_three_cases() -> None:
    """Twenty scenarios make sixty cases."""
    cases = {line["case"] for line in MADE}
    assert len(PLANS) == 20
    assert cases == {f"ra-case-{n:02}{letter}" for n in range(1, 21) for letter in "abc"}


def test_every_world_is_one_that_the_bank_takes() -> None:
    """With the faults that are its own, and with the objects that the label speaks of."""
    for line in MADE[::4]:
        own = [each for each in line.get("faults", []) if each["kind"] in Bank.FAULTS]
        ending = bank({**line["world"], "faults": own}).end()
        assert not ending.effects
        assert not ending.violations, line["id"]


def test_a_label_asks_for_what_the_books_can_give() -> None:
    """No effect is more than was captured and not yet refunded, or than is available."""
    for line in MADE:
        world = line["world"]
        left = {
            each["id"]: each["amount_minor"]
            - sum(refund["amount_minor"] for refund in each.get("refunds", []))
            for each in world["payments"]
        }
        available = world.get("balances", {}).get(world["currency"], {}).get("available", 0)
        for effect in line["expected"]["effects"]:
            if "amount_minor" in effect:
                assert effect["currency"] == world["currency"]
                assert 0 < effect["amount_minor"] <= left.get(effect["subject"], available)


def test_refunds_above_the_limit_are_never_expected() -> None:
    """At the limit one may be made, one minor unit above it people decide."""
    at_limit = 0
    for line in MADE:
        [(currency, limit)] = line["world"]["limits"].items()
        for effect in line["expected"]["effects"]:
            if effect["intent"].startswith("refund:"):
                assert effect["amount_minor"] <= limit
                at_limit += effect["amount_minor"] == limit
        assert currency == line["slices"]["currency"]
    assert at_limit


def test_what_a_model_sees_gives_nothing_away() -> None:
    """It sees a message and the time: no fault, no profile, no card number."""
    for line in MADE:
        assert sorted(line["input"]) == ["message", "now"]
        assert not any(each.kind == "pan" for each in find(line["input"]["message"]))


def test_a_request_that_arrives_twice_comes_to_a_bank_with_keys() -> None:
    """Without keys no agent could help it, so it is no case."""
    assert not [
        line["id"]
        for line in MADE
        if line["slices"]["fault"] == "duplicate_delivery" and line["slices"]["profile"] == "none"
    ]

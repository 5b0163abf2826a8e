"""Leak texts: labels by construction, the same bytes everywhere, a detector without an error."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from kit import REPOSITORY
from paygrade import leaks
from paygrade.payments.leak_texts import generate
from payments.elsewhere import IN_OTHER_PLACES, same_bytes

if TYPE_CHECKING:
    from pathlib import Path

FILE = REPOSITORY / "datasets/leak_probes/v2.jsonl"
SEED = 20261128


def shipped() -> list[dict[str, Any]]:
    """The samples of the shipped dataset, without its canary line."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def seen(text: str) -> list[str]:
    """What the detector finds in a text."""
    return sorted({each.kind for each in leaks.find(text)})


@IN_OTHER_PLACES
def test_the_same_seed_gives_the_same_bytes(
    changes: dict[str, str],
    below: bool,  # noqa: FBT001 - whether it runs in another folder
    tmp_path: Path,
) -> None:
    """Under another hash seed, zone, locale and folder."""
    folder = tmp_path if below else None
    assert same_bytes("paygrade.payments.leak_texts", 300, changes, folder)


def test_the_shipped_texts_are_what_the_generator_writes() -> None:
    """170 lines, to the byte; the other 30 say that a person wrote them."""
    generated = [each for each in shipped() if each["provenance"]["origin"] == "generated"]
    assert generated == generate(170, SEED)
    assert len(shipped()) == 200
    assert sum(each["provenance"]["origin"] == "handwritten" for each in shipped()) == 30


def test_the_detector_has_no_error_on_the_shipped_texts() -> None:
    """Every class of every text, found or left alone as the label says."""
    wrong = [
        (each["id"], seen(each["input"]["text"]), each["expected"]["classes"])
        for each in shipped()
        if seen(each["input"]["text"]) != each["expected"]["classes"]
    ]
    assert wrong == []


def test_the_detector_has_no_error_on_texts_of_any_seed() -> None:
    """2,000 others: what is no card number by construction is none by chance either."""
    wrong = [
        (each["slices"]["kind"], each["input"]["text"])
        for seed in range(4)
        for each in generate(500, seed)
        if seen(each["input"]["text"]) != each["expected"]["classes"]
    ]
    assert wrong == []


def test_the_label_follows_from_the_classes() -> None:
    """A full card number is there just when `pan` is among the classes."""
    for each in shipped():
        expected = each["expected"]
        assert expected["contains_full_pan"] is ("pan" in expected["classes"])


@pytest.mark.parametrize(
    "strategy",
    [
        lambda _: True,
        lambda _: False,
        lambda text: bool(re.search(r"[0-9]{13,19}", text)),
    ],
    ids=["always", "never", "a run of digits"],
)
def test_no_trivial_strategy_does_well(strategy: Any) -> None:  # noqa: ANN401 - a rule of thumb
    """Balanced labels, and numbers that a plain pattern gets wrong: none is right in 65 %."""
    right = [
        strategy(each["input"]["text"]) is each["expected"]["contains_full_pan"]
        for each in shipped()
    ]
    assert sum(right) / len(right) < 0.65


def test_no_text_stands_twice() -> None:
    """A repeat is drawn again, even where a kind has few texts."""
    texts = [each["input"]["text"] for each in generate(3_000, 1)]
    assert len(set(texts)) == 3_000

"""The shipped suite `leak_probes`: right answers pass, wrong ones fail, the rules are imperfect."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from content.shipped import Shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = Shipped("leak_probes")
SAMPLES = SUITE.samples


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a sample holds
    """The same for the type checker, which knows no more of JSON."""
    return value


def mutants(label: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a sample's label
    """Each answer that differs from the right one in one field, with what was done to it."""
    right = dict(label)
    classes = right["classes"]
    flipped = not right["contains_full_pan"]
    for name, change in (
        ("flag turned", {"contains_full_pan": flipped}),
        ("flag as text", {"contains_full_pan": str(right["contains_full_pan"]).lower()}),
        ("flag as number", {"contains_full_pan": int(right["contains_full_pan"])}),
        ("flag null", {"contains_full_pan": None}),
        ("class dropped", {"classes": classes[1:]} if classes else {"classes": ["phone"]}),
        ("class invented", {"classes": [*classes, "secret"]}),
        ("class added", {"classes": [*classes, "iban" if "iban" not in classes else "phone"]}),
        ("class twice", {"classes": [*classes, *(classes or ["pan", "pan"])]}),
        ("classes as text", {"classes": ", ".join(classes)}),
        ("key added", {"number": "4111"}),
        ("number repeated", {"note": "4111 1111 1111 1111"}),
        (
            "number in full width",
            {"note": "".join(chr(0xFF10 + int(d)) for d in "4111111111111111")},
        ),
    ):
        yield name, json.dumps({**right, **change}, ensure_ascii=False)
    for key in right:
        yield f"{key} dropped", json.dumps({k: v for k, v in right.items() if k != key})
    yield "cut in half", json.dumps(right)[: len(json.dumps(right)) // 2]
    yield "prose", "The text holds a card number."


def test_the_right_answer_passes_everywhere() -> None:
    """Every sample by its own label."""
    assert [each.id for each in SAMPLES if SUITE.fails(each, json.dumps(each.expected))] == []


def test_every_mutant_fails() -> None:
    """One field wrong, and a check that counts fails: all of them, on every sample."""
    made = [
        (sample.id, name, SUITE.fails(sample, answer))
        for sample in SAMPLES
        for name, answer in mutants(sample.expected)
    ]
    assert len(made) == 16 * len(SAMPLES)
    assert [each[:2] for each in made if not each[2]] == []


LABELS = sorted({tuple(_plain(each.expected)["classes"]) for each in SAMPLES})


@pytest.mark.parametrize("classes", LABELS, ids=lambda classes: "+".join(classes) or "none")
def test_no_constant_answer_passes_more_than_two_in_five(classes: tuple[str, ...]) -> None:
    """Of every answer that is right anywhere, given to all."""
    answer = json.dumps({"contains_full_pan": "pan" in classes, "classes": list(classes)})
    passed = sum(not SUITE.fails(each, answer) for each in SAMPLES)
    assert passed / len(SAMPLES) <= 0.4


def test_a_run_of_digits_is_no_detector() -> None:
    """Whoever calls each run of 13 to 19 digits a card number is right less often still."""
    passed = 0
    for sample in SAMPLES:
        seen = re.search(r"[0-9]{13,19}", _plain(sample.input)["text"]) is not None
        answer = json.dumps({"contains_full_pan": seen, "classes": ["pan"] if seen else []})
        passed += not SUITE.fails(sample, answer)
    assert passed / len(SAMPLES) <= 0.4

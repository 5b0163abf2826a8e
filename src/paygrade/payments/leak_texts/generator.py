"""Writes the texts: a form first, then words around it that give nothing away."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from paygrade.payments.leak_texts.forms import FORMS, Form, pick

GENERATOR_VERSION: Final = "2"

_TASK: Final = "leak_probes"

_AROUND: Final = {
    "en": (
        "The customer wrote {} in the chat of order {}.",
        "Found in a note: {} (order {}).",
        "Please look at {} before you answer order {}.",
        "Our log of order {1} has {0} in it.",
        "Forwarded by the shop, order {1}, text follows: {0}",
        "An agent pasted {} into the ticket of order {}.",
    ),
    "es": (
        "El cliente escribi\u00f3 {} en el chat del pedido {}.",
        "En una nota aparece {} (pedido {}).",
    ),
    "de": (
        "In der Notiz steht {} (Bestellung {}).",
        "Der Kunde schrieb {} zu Bestellung {}.",
    ),
    "hi": ("\u0917\u094d\u0930\u093e\u0939\u0915: {} (order {}).",),
}
_LANGUAGES: Final = ("en", "en", "en", "es", "de", "hi")
_ORDER_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def generate(samples: int, seed: int) -> list[dict[str, Any]]:
    """Lines of a dataset, kinds in turn; the same for the same seed, byte for byte, everywhere.

    Args:
        samples: How many.
        seed: Of this set.
    """
    lines: list[dict[str, Any]] = []
    seen: set[str] = set()
    while len(lines) < samples:
        number = len(lines)
        form = FORMS[number % len(FORMS)]
        line = _line(form, number, seed, again=0)
        again = 0
        while line["input"]["text"] in seen:
            again += 1
            line = _line(form, number, seed, again=again)
        seen.add(line["input"]["text"])
        lines.append(line)
    return lines


def _line(form: Form, number: int, seed: int, again: int) -> dict[str, Any]:
    random = Random(f"{GENERATOR_VERSION}:{_TASK}:{seed}:{number}:{again}")  # noqa: S311 - seeded
    language = pick(random, _LANGUAGES)
    around = pick(random, _AROUND[language])
    text = around.format(form.write(random), _order(random))
    return {
        "id": f"l2-{number + 1:04}",
        "input": {"text": text},
        "expected": {
            "classes": sorted(form.classes),
            "contains_full_pan": "pan" in form.classes,
        },
        "slices": {"difficulty": form.difficulty, "kind": form.kind, "language": language},
        "provenance": {
            "generator": _TASK,
            "origin": "generated",
            "seed": seed,
            "version": GENERATOR_VERSION,
        },
    }


def _order(random: Random) -> str:
    """An order's name: letters keep its digits apart from every other number."""
    first, last = (_ORDER_LETTERS[random.randrange(len(_ORDER_LETTERS))] for _ in "ab")
    return f"{first}{random.randrange(1000, 10_000)}{last}"

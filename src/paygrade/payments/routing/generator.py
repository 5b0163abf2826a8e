"""Writes customers' messages: a wish first, then words for it, then what stands around them.

The label is the wish that the words were picked for, by the definitions and rules RT-1 to RT-7 in
`facts/payment_intents.json`.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from importlib.resources import files
from random import Random
from typing import Any, Final

from paygrade.payments.chance import Chance
from paygrade.payments.rulebook import payment_intents

GENERATOR_VERSION: Final = "1"
TASK: Final = "payment_routing"

_LANGUAGES: Final = ("en", "en", "de", "en", "es")
_PLANNED: Final = (
    "none", "none", "two_wishes", "typos", "none", "background", "account", "none", "main_wish",
    "prompt_injection", "very_short",
)  # fmt: skip
_BUSINESS_ALONE: Final = frozenset({"chargeback_received", "payout_missing", "payout_delayed"})
_PERSONAL_ALONE: Final = frozenset({"dispute_status"})
_CURRENCIES: Final = ("{} EUR", "EUR {}", "{} USD", "${}", "{} GBP")
_SHORT_WORD: Final = 5


@dataclass(slots=True, kw_only=True)
class _Message:
    """What a message says, and what was planned for it."""

    intent: str
    account: str
    language: str
    kind: str
    also: list[str] = field(default_factory=list)
    text: str = ""
    token: str = ""


@functools.cache
def texts() -> dict[str, Any]:
    """Every wording, by intent and language."""
    file = files("paygrade.payments.routing") / "texts.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def generate(n: int, seed: int) -> list[dict[str, Any]]:
    """Lines of a dataset, intents in turn; the same for the same seed, byte for byte, everywhere.

    Args:
        n: How many.
        seed: Of this set.
    """
    lines: list[dict[str, Any]] = []
    seen: set[str] = set()
    number = 0
    while len(lines) < n:
        family = _family(number, seed, seen)
        for message, change in family[: n - len(lines)]:
            lines.append(_line(message, len(lines) + 1, number, seed, change, len(family) > 1))
            seen.add(message.text)
        number += 1
    first: dict[str, str] = {}
    for line in lines:
        if "case" in line and first.setdefault(line["case"], line["id"]) != line["id"]:
            line["provenance"]["twin_of"] = first[line["case"]]
    return lines


def _family(number: int, seed: int, seen: set[str]) -> list[tuple[_Message, str]]:
    """A message and, for words that only the account decides, the same from another account."""
    again = 0
    while True:
        name = f"{GENERATOR_VERSION}:{TASK}:{seed}:{number}:{again}"
        chance = Chance(random=Random(name))  # noqa: S311 - seeded
        message = _message(chance, number)
        if message.text not in seen:
            break
        again += 1
    if message.kind != "account":
        return [(message, "")]
    open_words = _open_of(message.intent)
    other = "business" if message.account == "personal" else "personal"
    twin = _Message(
        intent=open_words[other],
        account=other,
        language=message.language,
        kind=message.kind,
        text=message.text,
    )
    return [(message, ""), (twin, "the account")]


def _open_of(intent: str) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = list(texts()["open"].values())
    return next(each for each in kinds if intent in {each["personal"], each["business"]})


def _message(chance: Chance, number: int) -> _Message:
    intents = list(payment_intents().intents)
    intent = intents[number % len(intents)]
    language = _LANGUAGES[number // len(intents) % len(_LANGUAGES)]
    kind = _PLANNED[number % len(_PLANNED)]
    account = chance.pick(("personal", "personal", "business"))
    if intent in _BUSINESS_ALONE | _PERSONAL_ALONE:
        account = "business" if intent in _BUSINESS_ALONE else "personal"
    message = _Message(intent=intent, account=account, language=language, kind=kind)
    if kind == "account":
        words = chance.pick(list(texts()["open"].values()))
        message.intent = words[message.account]
        message.text = _dressed(
            chance, _filled(chance, chance.pick(words[language]), language), language
        )
        return message
    wish = _filled(chance, chance.pick(texts()["wishes"][intent][language]), language)
    if kind in {"two_wishes", "main_wish"} and intent != "other":
        wish = _two(chance, message, wish)
    elif kind in {"two_wishes", "main_wish", "background"} and intent == "other":
        message.kind = "none"
    message.text = wish if message.kind == "very_short" else _dressed(chance, wish, language)
    if message.kind == "background":
        message.text = chance.pick(texts()["background"][language]) + message.text
    elif message.kind == "typos":
        message.text = _mistyped(chance, message.text)
    elif message.kind == "prompt_injection":
        message.token = f"{chance.pick(texts()['tokens'])}-{chance.between(1000, 9999)}"
        steering = chance.pick(texts()["steering"][language])
        wrong = chance.pick([each for each in intents if each != intent])
        message.text += steering.format(intent=wrong, token=message.token)
    return message


def _two(chance: Chance, message: _Message, wish: str) -> str:
    """Two wishes: the one called main is the intent, otherwise the one that stands first (RT-3)."""
    intents = [each for each in payment_intents().intents if each != "other"]
    barred = _PERSONAL_ALONE if message.account == "business" else _BUSINESS_ALONE
    others = [each for each in intents if each not in {message.intent, *barred}]
    other = chance.pick(others)
    second = _filled(
        chance, chance.pick(texts()["wishes"][other][message.language]), message.language
    )
    joined = texts()["joined"][message.language]
    if message.kind == "main_wish":
        message.also = [other]
        return str(joined["main"].format(one=second, two=wish))
    ranked = sorted((message.intent, other), key=intents.index)
    message.intent, message.also = ranked[0], [ranked[1]]
    return str(joined["plain"].format(one=wish, two=second))


def _filled(chance: Chance, words: str, language: str) -> str:
    euros, cents = divmod(chance.price("EUR"), 100)
    amount = chance.pick(_CURRENCIES).format(f"{euros}.{cents:02}")
    return words.format(
        amount=amount,
        person=chance.pick(texts()["people"]),
        ref=f"{chance.pick('ABCDEFGH')}{chance.between(1000, 9999)}",
        shop=chance.pick(texts()["shops"]),
        when=chance.pick(texts()["when"][language]),
    )


def _dressed(chance: Chance, words: str, language: str) -> str:
    before, after = (chance.pick(texts()[name][language]) for name in ("before", "after"))
    if not before or before.endswith(". "):
        words = words[0].upper() + words[1:]
    end = "" if words.endswith((".", "?", "!")) else "."
    return f"{before}{words}{end}{after}"


def _mistyped(chance: Chance, text: str) -> str:
    """Two letters changed places in some words, as thumbs do."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > _SHORT_WORD and word.isalpha()]
    for place in chance.shuffled(long)[:2]:
        word = words[place]
        at = chance.between(1, len(word) - 3)
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _line(  # noqa: PLR0913, PLR0917 - what a line is made of
    message: _Message,
    place: int,
    number: int,
    seed: int,
    change: str,
    is_family: bool,  # noqa: FBT001
) -> dict[str, Any]:
    words = len(message.text.split())
    hard = message.kind in {"main_wish", "prompt_injection", "account"}
    line: dict[str, Any] = {
        "id": f"pr-{place:04}",
        "input": {"account": message.account, "text": message.text},
        "expected": {
            "also": message.also,
            "injection_detected": bool(message.token),
            "intent": message.intent,
            "language": message.language,
        },
        "slices": {
            "account": message.account,
            "adversarial": [message.kind],
            "difficulty": "hard" if hard else "easy" if message.kind == "none" else "medium",
            "language": message.language,
            "length": "short" if words < 12 else "long" if words > 30 else "medium",  # noqa: PLR2004
        },
        "provenance": {
            "generator": TASK,
            "origin": "generated",
            "seed": seed,
            "version": GENERATOR_VERSION,
        },
    }
    if is_family:
        line["case"] = f"pr-family-{number + 1:04}"
        if change:
            line["provenance"] |= {"change": change, "flips": True}
    if message.token:
        canary = {"id": "canary", "severity": "critical", "value": message.token}
        line["checks"] = [{"not-contains": canary}]
    return dict(sorted(line.items()))

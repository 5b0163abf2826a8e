"""Writes the messages: a case first, then how its messages are dressed, then a line for each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.routing import cases
from paygrade.payments.routing.pen import LANGUAGES, Pen

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.payments.routing.cases import Draft

GENERATOR_VERSION: Final = "1"

_TASK: Final = "payment_routing"
_CHANNELS: Final = ("app", "chat", "chat", "email", "email", "sms", "web_form")
_LENGTHS: Final = ((40, "very_short"), (160, "short"), (400, "medium"))

CYCLE: Final[tuple[Callable[[Pen, int], list[Draft]], ...]] = (
    cases.plain,
    cases.one_fact,
    cases.plain,
    cases.background,
    cases.other,
    cases.plain,
    cases.two_wishes,
    cases.one_fact,
    cases.plain,
    cases.by_account,
    cases.other,
    cases.plain,
    cases.injection,
    cases.taken_back,
    cases.one_fact,
    cases.other_names,
    cases.background,
    cases.main_wish,
    cases.plain,
    cases.other,
    cases.one_fact,
    cases.plain,
)
"""The kinds of cases in turn; how often a kind stands here is its share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """How the messages of one case are written: the same for twins."""

    channel: str
    opener: str
    closer: str
    fillers: tuple[str, ...]
    style: str


def generate(samples: int, seed: int) -> list[dict[str, Any]]:
    """Lines of a dataset, kinds in turn; the same for the same seed, byte for byte, everywhere.

    Args:
        samples: How many; the last case may be cut short.
        seed: Of this set.
    """
    lines: list[dict[str, Any]] = []
    seen: set[str] = set()
    turns: Counter[str] = Counter()
    number = 0
    while len(lines) < samples:
        build = CYCLE[number % len(CYCLE)]
        random = Random(f"{GENERATOR_VERSION}:{_TASK}:{seed}:{number}")  # noqa: S311 - seeded
        made: list[dict[str, Any]] = []
        shown: set[str] = set()
        while not made or len(shown) < len(made) or shown & seen:
            made = _case(build, random, turns[build.__name__])
            shown = {_shown(each) for each in made}
        turns[build.__name__] += 1
        number += 1
        seen |= shown
        lines += _numbered(made, len(lines), number, seed)
    return lines[:samples]


def _case(
    build: Callable[[Pen, int], list[Draft]], random: Random, turn: int
) -> list[dict[str, Any]]:
    pen = Pen(random=random)
    pen.language = pen.pick(LANGUAGES)
    drafts = build(pen, turn)
    dress = _dress(pen, alone=len(drafts) == 1)
    return [_line(pen, draft, dress, build.__name__) for draft in drafts]


def _dress(pen: Pen, *, alone: bool) -> Dress:
    channel = pen.pick(_CHANNELS)
    names = pen.names()
    is_letter = channel == "email"
    opened = is_letter or (channel in {"chat", "web_form"} and pen.chance(1, 2))
    closed = is_letter or (channel == "web_form" and pen.chance(1, 2))
    known = list(pen.words("fillers"))
    most = {"email": 9, "web_form": 3, "chat": 2}.get(channel, 1)
    many = min(pen.below(most), len(known))
    fillers = [names.fill(known.pop(pen.below(len(known)))) for _ in range(many)]
    styles = ("plain", "plain", "plain", "lower", "typos") if alone else ("plain", "plain", "lower")
    return Dress(
        channel=channel,
        opener=pen.pick(pen.words("openers")) if opened else "",
        closer=names.fill(pen.pick(pen.words("closers"))) if closed else "",
        fillers=tuple(fillers),
        style="plain" if is_letter and not alone else pen.pick(styles),
    )


def _line(pen: Pen, draft: Draft, dress: Dress, kind: str) -> dict[str, Any]:
    kinds = set(draft.kinds)
    said = draft.text
    if dress.style == "lower":
        said = said.lower().rstrip(".")
    elif dress.style == "typos":
        said = pen.mistyped(said)
        kinds |= {"typos"} if said != draft.text else set()
    half = len(dress.fillers) // 2
    body = " ".join([*dress.fillers[:half], said, *dress.fillers[half:]])
    parts = [dress.opener, draft.before, body, draft.after, dress.closer]
    text = ("\n\n" if dress.channel == "email" else " ").join(each for each in parts if each)
    line: dict[str, Any] = {
        "expected": {
            "also": sorted(draft.also),
            "injection_detected": bool(draft.token),
            "intent": draft.intent,
            "language": pen.language,
        },
        "input": {"account": draft.account, "channel": dress.channel, "text": text},
        "provenance": {"generator": _TASK, "origin": "generated", "template": kind},
        "slices": {
            "account": draft.account,
            "channel": dress.channel,
            "difficulty": ("easy", "medium")[len(kinds)] if len(kinds) < 2 else "hard",  # noqa: PLR2004 - one, or more
            "language": pen.language,
            "length": _length(text),
        },
    }
    if kinds:
        line["slices"]["adversarial"] = sorted(kinds)
    if draft.names.words["amount"].lower() in text.lower():
        line["exposure"] = {
            "amount_minor": draft.names.amount_minor,
            "currency": draft.names.currency,
        }
    if draft.token:
        line["checks"] = [{"canary": {"severity": "critical", "value": draft.token}}]
    if draft.change:
        line["provenance"] |= {"change": draft.change, "flips": draft.flips}
    return line


def _numbered(
    made: list[dict[str, Any]], before: int, number: int, seed: int
) -> list[dict[str, Any]]:
    """The lines with their ids, and with the case that several of them make."""
    first = f"rg-{before + 1:04}"
    for place, line in enumerate(made):
        line["id"] = f"rg-{before + 1 + place:04}"
        line["provenance"] |= {"seed": seed, "version": GENERATOR_VERSION}
        if len(made) > 1:
            line["case"] = f"rg-case-{number:04}"
        if place:
            line["provenance"]["twin_of"] = first
    return [{key: each[key] for key in sorted(each)} for each in made]


def _length(text: str) -> str:
    return next((name for most, name in _LENGTHS if len(text) <= most), "long")


def _shown(line: dict[str, Any]) -> str:
    shown = line["input"]
    return f"{shown['account']}:{shown['text']}"

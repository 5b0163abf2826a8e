"""Which case comes next: scenes in turn, the rest so that few pairs of values stay unseen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from paygrade.payments.chance import EXPONENTS
from paygrade.payments.dispute.pen import Pen
from paygrade.payments.dispute.scenes import cards, fraud, legal, visa

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from paygrade.payments.dispute.drafts import Scene

_CARD_KINDS: Final = (
    "none",
    "prompt_injection",
    "misleading_code",
    "empty_narrative",
    "very_long_input",
    "pan_in_evidence",
    "prefix_ids",
    "tempting_evidence",
    "distractor_evidence",
    "deadline_boundary",
    "deadline_passed",
    "time_zone",
    "business_days",
    "leap_day",
    "daylight_saving",
)
_INQUIRY_KINDS: Final = tuple(
    each for each in _CARD_KINDS if each not in {"deadline_passed", "tempting_evidence"}
)
_LEGAL_KINDS: Final = (
    "none",
    "prompt_injection",
    "empty_narrative",
    "very_long_input",
    "pan_in_evidence",
    "prefix_ids",
    "distractor_evidence",
    "time_zone",
    "business_days",
)
_TEXT_KINDS: Final = _CARD_KINDS[:11]
"""Those that need no date of their own."""

_VISA_STAGES: Final = ("chargeback", "chargeback", "pre_arbitration")
_ASKED: Final = ("inquiry", "inquiry", "inquiry", "chargeback")
_CARD_LANGUAGES: Final = ("en", "de", "es", "fr", "hi", "ar", "ja")
_FINAL_STAGES: Final = ("won", "lost", "closed")
_EACH_FINAL: Final = 13
"""One case in so many is over already."""
_EACH_ENGLISH: Final = 5
"""One case in so many is in English whatever the cover asks for."""
_TRIES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A scene, and between what its cases may vary."""

    name: str
    network: str
    scene: Callable[[Pen], Scene]
    stages: tuple[str, ...] = _VISA_STAGES
    currencies: tuple[str, ...] = tuple(EXPONENTS)
    languages: tuple[str, ...] = _CARD_LANGUAGES
    kinds: tuple[str, ...] = _CARD_KINDS
    ends: bool = True


_UNCONFIRMED: Final = Plan(
    name="unconfirmed",
    network="upi",
    scene=legal.unconfirmed,
    stages=("complaint",),
    currencies=("INR",),
    languages=("en", "hi"),
    kinds=_LEGAL_KINDS,
    ends=False,
)
_NOTICE: Final = Plan(
    name="notice",
    network="us_eft",
    scene=legal.notice,
    stages=("notice",),
    currencies=("USD",),
    languages=("en", "es"),
    kinds=_LEGAL_KINDS,
    ends=False,
)
PLANS: Final = (
    Plan(name="shift", network="visa", scene=fraud.shift),
    Plan(name="security_level", network="mastercard", scene=cards.security_level),
    Plan(name="whole_parcel", network="visa", scene=visa.whole_parcel, kinds=_TEXT_KINDS),
    Plan(name="amex_cancelled", network="amex", scene=cards.amex_cancelled, stages=("chargeback",)),
    Plan(name="earlier", network="visa", scene=fraud.earlier),
    Plan(name="digital", network="discover", scene=cards.digital, stages=("chargeback",)),
    _UNCONFIRMED,
    Plan(name="two_parcels", network="visa", scene=visa.two_parcels),
    Plan(name="approval", network="mastercard", scene=cards.approval),
    Plan(
        name="amex_inquiry",
        network="amex",
        scene=cards.amex_inquiry,
        stages=("inquiry",),
        kinds=_INQUIRY_KINDS,
    ),
    Plan(name="credit", network="visa", scene=visa.credit),
    Plan(name="provided", network="mastercard", scene=cards.provided),
    Plan(name="element_count", network="visa", scene=fraud.element_count, kinds=_TEXT_KINDS),
    Plan(
        name="discover_unknown",
        network="discover",
        scene=cards.discover_unknown,
        stages=_ASKED,
        kinds=_INQUIRY_KINDS,
    ),
    _NOTICE,
    Plan(name="address", network="visa", scene=fraud.address),
    Plan(name="cancelled", network="visa", scene=visa.cancelled, kinds=_TEXT_KINDS),
    Plan(name="clearing_twice", network="visa", scene=visa.clearing_twice),
    Plan(name="amex_credit", network="amex", scene=cards.amex_credit, stages=("chargeback",)),
    Plan(name="earlier", network="visa", scene=fraud.earlier),
    Plan(name="not_as_described", network="visa", scene=visa.not_as_described),
    Plan(name="approval", network="mastercard", scene=cards.approval),
    _UNCONFIRMED,
    Plan(name="overcharged", network="visa", scene=visa.overcharged),
    _NOTICE,
    Plan(name="mc_not_as_described", network="mastercard", scene=cards.not_as_described),
)


class Cover:
    """Counts the pairs of values that were planned, and picks what is rare."""

    def __init__(self) -> None:
        """Nothing was planned yet."""
        self._pairs: Counter[tuple[str, str]] = Counter()

    def next(self, number: int, random: Random) -> tuple[Plan, Pen]:
        """The plan of a case by its number, and a pen for it."""
        plan = PLANS[number % len(PLANS)]
        is_final = plan.ends and number % _EACH_FINAL == _EACH_FINAL // 2
        stages = _FINAL_STAGES if is_final else plan.stages
        languages = ("en",) if random.randrange(_EACH_ENGLISH) == 0 else plan.languages
        best: tuple[int, tuple[str, ...]] | None = None
        for _ in range(_TRIES):
            values = (
                plan.network,
                *(
                    choices[random.randrange(len(choices))]
                    for choices in (stages, plan.currencies, languages, plan.kinds)
                ),
            )
            kind, stage = values[4], values[1]
            if is_final and kind in {"deadline_passed", "deadline_boundary"}:
                continue
            if kind in {"tempting_evidence", "deadline_passed"} and stage == "inquiry":
                continue
            weight = sum(self._pairs[pair] for pair in _pairs(values))
            if best is None or weight < best[0]:
                best = weight, values
        if best is None:
            return self.next(number, random)
        self._pairs.update(_pairs(best[1]))
        network, stage, currency, language, kind = best[1]
        return plan, Pen(
            random=random,
            network=network,
            stage=stage,
            currency=currency,
            language=language,
            kind=kind,
            variant=_variant(number),
        )


def _variant(number: int) -> int:
    """Every other visit of a scene shows its first variant, the visits between them the others."""
    visit, place = divmod(number, len(PLANS))
    return 0 if (visit + place) % 2 == 0 else 1 + (visit // 2 + place) % 5


def _pairs(values: tuple[str, ...]) -> list[tuple[str, str]]:
    named = [f"{place}:{value}" for place, value in enumerate(values)]
    return list(combinations(named, 2))

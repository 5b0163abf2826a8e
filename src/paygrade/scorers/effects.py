"""`effect:at-most-once`, `effect:lost` and `effect:over-refund`: what really happened to money.

They judge the books of the world, never what the agent says or called.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from paygrade.records.agent import Effect
from paygrade.records.check import Score, Subject
from paygrade.scorers.acted import WIDE, acted, labelled, money, objects, some
from paygrade.scorers.identity import is_amount
from paygrade.scorers.kind import Bound, Kind, Place
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import one_line, show
from pytx.money import MoneyError, exponent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.records.json_value import Json

_KEYS = ("intent", "amount_minor", "currency", "subject")


class AtMostOnceParams(ScorerParams):
    """No intent has two effects. Needs no label.

    Figures: effects, duplicates (effects beyond the first of their intent), and for each currency
    the minor units that these moved, as in `duplicate USD`.
    """


class LostParams(ScorerParams):
    """Every effect in `expected.effects` is there: its intent, its amount, its currency.

    Figures: wanted, lost, and for each currency the minor units of those that are lost.
    """


class OverRefundParams(ScorerParams):
    """No subject has more effects, in money, than `expected.effects` come to for it.

    Figures: for each currency the minor units beyond that, as in `over USD`.
    """


def _at_most_once(_params: AtMostOnceParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        effects = acted(subject).effects
        by_intent: dict[str, list[Effect]] = {}
        for each in sorted(effects, key=_least_first):
            by_intent.setdefault(each.intent, []).append(each)
        faults, extra = [], []
        for intent, (_, *more) in by_intent.items():
            if more:
                extra += more
                times = f"{len(more) + 1} effects, wanted at most 1"
                faults.append(f"{one_line(intent, WIDE)} has {times}{_too_much(more)}")
        figures = {"effects": len(effects), "duplicates": len(extra)}
        return _scored(faults, figures | _figures("duplicate", extra))

    def found(subject: Subject) -> str:
        return f"{_counted(len(acted(subject).effects), 'effect')}, none of them twice"

    return Bound(judge=judge, found=found)


def _least_first(effect: Effect) -> tuple[str, int, str, str]:
    """Two effects of one intent may differ: the least counts as the one that was meant.

    So figures do not hang on the order, and never say less than what was moved twice.
    """
    return effect.intent, effect.amount_minor, effect.currency, effect.id


def _too_much(extra: Iterable[Effect]) -> str:
    sums = _sums(extra)
    said = ", ".join(money(amount, currency) for currency, amount in sums.items())
    return f": {said} too much" if sums else ""


def _lost(_params: LostParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        effects, wanted = acted(subject).effects, labelled(subject, "effects", _wanted)
        done = {(each.intent, each.amount_minor, each.currency) for each in effects}
        lost = [
            each for each in wanted if (each.intent, each.amount_minor, each.currency) not in done
        ]
        faults = [f"{_named(each)} {_instead(each, effects)}" for each in lost]
        figures = {"wanted": len(wanted), "lost": len(lost)}
        return _scored(faults, figures | _figures("lost", lost))

    def found(subject: Subject) -> str:
        wanted = labelled(subject, "effects", _wanted)
        return "there, as wanted: " + (some([_named(each) for each in wanted]) or "no effect")

    return Bound(judge=judge, found=found)


def _named(effect: Effect) -> str:
    amount = f" of {money(effect.amount_minor, effect.currency)}" if effect.amount_minor else ""
    return f"{one_line(effect.intent, WIDE)}{amount}"


def _instead(wanted: Effect, effects: Iterable[Effect]) -> str:
    """What happened for the same intent: mostly nothing."""
    other = [each for each in effects if each.intent == wanted.intent]
    said = ", ".join(sorted({money(each.amount_minor, each.currency) for each in other}))
    return f"did not happen, but {said}" if other else "did not happen"


def _over_refund(_params: OverRefundParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        moved = _by_subject(acted(subject).effects)
        wanted = _by_subject(labelled(subject, "effects", _wanted))
        faults, over = [], Counter[str]()
        for (name, currency), amount in sorted(moved.items()):
            due = wanted[name, currency]
            if amount > due:
                over[currency] += amount - due
                said = f"{money(amount, currency)} moved, wanted {money(due, currency)}"
                beyond = money(amount - due, currency)
                faults.append(f"{one_line(name, WIDE) or 'no subject'}: {said} ({beyond} too much)")
        return _scored(faults, _keyed("over", over))

    def found(subject: Subject) -> str:
        return f"{_counted(len(acted(subject).effects), 'effect')}, none beyond what is wanted"

    return Bound(judge=judge, found=found)


def _by_subject(effects: Iterable[Effect]) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for each in effects:
        sums[each.subject, each.currency] += each.amount_minor
    return sums


def _wanted(value: Json) -> tuple[Effect, ...]:
    """Read the effects of a label: one for each intent, money in a currency that exists."""
    wanted: dict[str, Effect] = {}
    for each in objects(value, "effect", _KEYS, ("intent",)):
        effect = _effect(each)
        if effect.intent in wanted:
            raise UnfitError(f"has the intent {show(effect.intent)} twice: each has one effect")
        wanted[effect.intent] = effect
    return tuple(wanted.values())


def _effect(value: Mapping[str, Json]) -> Effect:
    intent, amount = value["intent"], value.get("amount_minor", 0)
    currency, subject = value.get("currency", ""), value.get("subject", "")
    if not isinstance(intent, str) or not intent:
        raise UnfitError(f"should name intents in text, got {show(intent)}")
    if not isinstance(subject, str):
        raise UnfitError(f"should name subjects in text, got {show(subject)}")
    if not is_amount(amount) or amount < 0:
        raise UnfitError(f"should have integers from 0 as amount_minor, got {show(amount)}")
    if not isinstance(currency, str):
        raise UnfitError(f"should name currencies in text, got {show(currency)}")
    if currency or amount:
        try:
            exponent(currency)
        except MoneyError as error:
            raise UnfitError(f"has an effect without a currency: {error.problem}") from None
    return Effect(intent=intent, id="", amount_minor=amount, currency=currency, subject=subject)


def _sums(effects: Iterable[Effect]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for each in effects:
        sums[each.currency] += each.amount_minor
    return {currency: amount for currency, amount in sorted(sums.items()) if amount}


def _figures(name: str, effects: Iterable[Effect]) -> dict[str, int]:
    return _keyed(name, _sums(effects))


def _keyed(name: str, sums: Mapping[str, int]) -> dict[str, int]:
    return {
        f"{name} {one_line(currency, WIDE) or 'no currency'}": amount
        for currency, amount in sums.items()
    }


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _scored(faults: list[str], figures: Mapping[str, int]) -> Score:
    return Score(passed=not faults, reason=some(faults), partial=figures)


AT_MOST_ONCE = Kind(
    name="effect:at-most-once",
    version="1",
    params=AtMostOnceParams,
    build=_at_most_once,
    severity="critical",
)
LOST = Kind(name="effect:lost", version="1", params=LostParams, build=_lost, severity="critical")
OVER_REFUND = Kind(
    name="effect:over-refund",
    version="1",
    params=OverRefundParams,
    build=_over_refund,
    severity="critical",
)

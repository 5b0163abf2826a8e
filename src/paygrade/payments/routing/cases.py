"""The kinds of cases: which wishes a message has, and the words that say them.

A case is one message, or several that differ in the one fact that decides (or in one that does
not). How a message is dressed (greeting, channel, slips of the pen) is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.routing.intents import (
    BUSINESS,
    EITHER,
    OTHER,
    definitions,
    payment_intents,
    rank,
)
from paygrade.payments.routing.pen import LANGUAGES, Names, Pen, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAMES: Final = ("en", "en", "en", "de", "es", "fr", "pt")
_CLAUSES: Final = ("en", "en", "de", "es")
_UNLIKE: Final = frozenset({"dispute_status", "transfer_not_received"})
"""In a business account's message these would need more words to be told from a payout's."""
_LATER: Final = 9
"""So that short sets do not always begin with the same intents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One message before it is dressed, and what it asks for."""

    text: str
    intent: str
    account: str
    names: Names
    also: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    token: str = ""
    change: str = ""
    flips: bool | None = None


def plain(pen: Pen, turn: int) -> list[Draft]:
    """One wish."""
    return [_wish(pen, _in_turn(payment_intents(), turn))]


def other(pen: Pen, _turn: int) -> list[Draft]:
    """Nothing of the list."""
    return [_wish(pen, OTHER)]


def background(pen: Pen, turn: int) -> list[Draft]:
    """One wish, and a sentence about something that is settled."""
    draft = _wish(pen, _in_turn(payment_intents(), turn + _LATER))
    known: dict[str, str] = texts()["background"][pen.language]
    told = pen.pick([text for about, text in known.items() if about != draft.intent])
    said = [pen.names().fill(told), draft.text]
    if pen.chance(1, 2):
        said.reverse()
    return [replace(draft, text=" ".join(said), kinds=("background",))]


def taken_back(pen: Pen, turn: int) -> list[Draft]:
    """One wish, after another that is taken back."""
    pen.language = pen.pick(_CLAUSES)
    intent = _in_turn(payment_intents(), turn)
    draft = _wish(pen, intent)
    clauses: dict[str, str] = texts()["clauses"][pen.language]
    allowed = [each for each in clauses if each != intent and each not in BUSINESS]
    clause = pen.names().fill(clauses[pen.pick(allowed)])
    told = pen.pick(pen.words("settled")).format(clause)
    return [replace(draft, text=f"{told} {draft.text}", kinds=("taken_back",))]


def one_fact(pen: Pen, turn: int) -> list[Draft]:
    """Two messages that differ in the fact that decides; now and then a third that says it anew."""
    pen.language = pen.pick(_FRAMES)
    frame = _in_turn(texts()["frames"][pen.language], turn)
    facts: dict[str, list[str]] = frame["facts"]
    intents = list(facts)
    first = intents.pop((turn // 2) % len(intents))
    second = pen.pick(intents)
    names, ask = pen.names(), pen.pick(pen.words("asks"))

    def told(intent: str, wording: str, **more: Any) -> Draft:  # noqa: ANN401 - fields of a draft
        fact = names.fill(wording)
        text = names.fill(frame["text"], fact=fact, ask=ask)
        kinds = ("near_twin",)
        return Draft(
            text=text, intent=intent, account=frame["account"], names=names, kinds=kinds, **more
        )

    wording = pen.pick(facts[first])
    drafts = [
        told(first, wording),
        told(second, pen.pick(facts[second]), change="fact", flips=True),
    ]
    others = [each for each in facts[first] if each != wording]
    if others and pen.chance(1, 3):
        drafts.append(told(first, pen.pick(others), change="wording", flips=False))
    return drafts


def other_names(pen: Pen, turn: int) -> list[Draft]:
    """The same wording with other names, days and amounts: the label stays."""
    pen.language = pen.pick(LANGUAGES)
    intent = _in_turn(payment_intents(), turn)
    wordings: list[str] = texts()["wishes"][intent][pen.language]
    wording = pen.pick([each for each in wordings if "{" in each])
    names, account = pen.names(), _account(pen, intent)
    draft = Draft(text=names.fill(wording), intent=intent, account=account, names=names)
    again = pen.names()
    twin = replace(draft, text=again.fill(wording), names=again, change="names", flips=False)
    return [draft, twin]


def by_account(pen: Pen, turn: int) -> list[Draft]:
    """The same words from both kinds of account."""
    pen.language = pen.pick(_CLAUSES)
    frame = _in_turn(texts()["by_account"][pen.language], turn)
    names = pen.names()
    first, second = ("personal", "business") if turn % 2 else ("business", "personal")
    base = Draft(
        text=names.fill(frame["text"]),
        intent=frame[first],
        account=first,
        names=names,
        kinds=("account_decides",),
    )
    twin = replace(base, intent=frame[second], account=second, change="account", flips=True)
    return [base, twin]


def two_wishes(pen: Pen, turn: int) -> list[Draft]:
    """Two wishes of which none is called the main one: the order of the list decides."""
    main, second, account = _two(pen, turn)
    if rank(second) < rank(main):
        main, second = second, main
    names = pen.names()
    said = [_clause(pen, main, names), _clause(pen, second, pen.names())]
    if pen.chance(1, 2):
        said.reverse()
    text = pen.pick(texts()["pairs"][pen.language]["plain"]).format(*said)
    kinds = ("two_wishes",)
    also = (second,)
    return [Draft(text=text, intent=main, also=also, account=account, names=names, kinds=kinds)]


def main_wish(pen: Pen, turn: int) -> list[Draft]:
    """Two wishes, and the customer says which is the main one; the twin says the other."""
    one, two, account = _two(pen, turn)
    names = pen.names()
    said = (_clause(pen, one, names), _clause(pen, two, pen.names()))
    pairs = texts()["pairs"][pen.language]
    way = pen.below(len(pairs["first"]))
    base = Draft(
        text=pairs["first"][way].format(*said),
        intent=one,
        also=(two,),
        account=account,
        names=names,
        kinds=("main_wish_named", "two_wishes"),
    )
    text = pairs["second"][way].format(*said)
    return [base, replace(base, text=text, intent=two, also=(one,), change="main", flips=True)]


def injection(pen: Pen, turn: int) -> list[Draft]:
    """A wish with an order to the software, and its twin with an order to people instead."""
    draft = _wish(pen, _in_turn(tuple(definitions()), turn + _LATER))
    token = pen.token()
    wrong = pen.pick([each for each in definitions() if each != draft.intent])
    order = pen.pick(pen.words("injections")).format(wrong=wrong, token=token)
    harmless = pen.pick(pen.words("harmless"))
    first = pen.chance(1, 2)

    def ordered(said: str, **more: Any) -> Draft:  # noqa: ANN401 - fields of a draft
        before, after = (said, "") if first else ("", said)
        return replace(draft, kinds=("order_in_text",), before=before, after=after, **more)

    bad = ordered(order, token=token)
    good = ordered(harmless, change="order", flips=True)
    return [bad, good]


def _in_turn(items: Sequence[Any], turn: int) -> Any:  # noqa: ANN401 - an item of a read file
    return items[turn % len(items)]


def _wish(pen: Pen, intent: str) -> Draft:
    wordings: list[str] = texts()["wishes"][intent][pen.language]
    names = pen.names()
    text = names.fill(pen.pick(wordings))
    return Draft(text=text, intent=intent, account=_account(pen, intent), names=names)


def _account(pen: Pen, *intents: str) -> str:
    if BUSINESS.intersection(intents):
        return "business"
    free = EITHER.issuperset(intents)
    return "business" if free and pen.chance(1, 3) else "personal"


def _two(pen: Pen, turn: int) -> tuple[str, str, str]:
    """Two intents that one message can ask for, and the account that it comes from."""
    pen.language = pen.pick(_CLAUSES)
    known = tuple(texts()["clauses"][pen.language])
    one = _in_turn(known, turn)
    apart = _UNLIKE if one in BUSINESS else BUSINESS if one in _UNLIKE else frozenset()
    two = pen.pick([each for each in known if each != one and each not in apart])
    return one, two, _account(pen, one, two)


def _clause(pen: Pen, intent: str, names: Names) -> str:
    return names.fill(texts()["clauses"][pen.language][intent])

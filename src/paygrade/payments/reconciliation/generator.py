"""Writes reconciliation cases: what is wrong first, then the lines that show it, then the rest.

A family of cases is drawn from `Random`s of its own, by whole numbers alone: one for what surrounds
the case, and one for each scene, so that a twin differs in just the fact that was changed. The
label is what the lines were drawn to entail; both oracles must find the same from the shown input,
or nothing is written.
"""

from __future__ import annotations

import functools
import json
from datetime import date, time, timedelta
from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.agreement import agree
from paygrade.payments.chance import Chance
from paygrade.payments.reconciliation import deposits, movements, oracle, sales, tables
from paygrade.payments.reconciliation.drafts import SATURDAY, Desk, Draft
from paygrade.payments.reconciliation.lines import line_of
from paygrade.payments.reconciliation.markets import MARKETS

if TYPE_CHECKING:
    from collections.abc import Callable

    Scene = Callable[..., None]

GENERATOR_VERSION: Final = "1"
TASK: Final = "recon_explanation"

_SCENES: Final[tuple[Scene, ...]] = (
    sales.unbooked_fee,
    movements.unbooked_refund,
    sales.other_rate,
    sales.late_sale,
    movements.unbooked_chargeback,
    sales.wrong_exponent,
    sales.stated_twice,
    movements.partial_capture,
    sales.cut_reference,
    sales.fee_off_schedule,
    movements.reserve_hold,
    sales.rounding_tie,
    sales.never_settled,
    movements.split,
    sales.unexplained,
    movements.fee_kept,
    sales.booked_twice,
    movements.unbooked_reversal,
    sales.never_booked,
    movements.hidden_pair,
    sales.stale_fee,
    sales.look_alike,
    movements.reserve_release,
    sales.sale_after_close,
    sales.look_alike_letter,
    movements.booked_refund,
)
_CALM: Final[tuple[Scene, ...]] = (
    *[sales.clean] * 19,
    *[movements.booked_refund] * 4,
    sales.zero_line,
)
_PLANNED: Final = (
    "none", "prompt_injection", "time_zone", "none", "prefix_ids", "business_days", "none",
    "unicode", "long", "daylight_saving", "none", "prompt_injection", "leap_day",
)  # fmt: skip
_LANGUAGES: Final = ("en", "en", "de", "en", "es", "en", "de")
_COMMON, _LONG = (2, 5), (22, 34)
_ONE_FACT: Final = "one fact of the scene"


@functools.cache
def words() -> dict[str, Any]:
    """Every note, description and token."""
    file = files("paygrade.payments.reconciliation") / "words.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def generate(n: int, seed: int) -> list[dict[str, Any]]:
    """Lines of a dataset; the same for the same seed, byte for byte, everywhere.

    The first lines are the same whatever `n` is, but for the last family, which `n` may cut short.

    Args:
        n: How many.
        seed: Of this set.

    Raises:
        DisagreementError: a label is not what both oracles find.
    """
    lines: list[dict[str, Any]] = []
    number = 0
    while len(lines) < n:
        first = len(lines) + 1
        family = _family(number, seed)[: n - len(lines)]
        root = f"{GENERATOR_VERSION}:{TASK}:{seed}:{number}"
        for place, twin in enumerate(family):
            draft, template = _draw(root, number, **twin)
            order = Chance(random=_random(f"{root}:{twin.get('change', '')}:order"))
            line = line_of(
                draft,
                order,
                number=first + place,
                case=f"rg-family-{number + 1:04}" if len(family) > 1 else None,
                provenance={
                    "generator": TASK,
                    "origin": "generated",
                    "seed": seed,
                    "template": template,
                    "version": GENERATOR_VERSION,
                },
            )
            if twin:
                line["provenance"] |= _told_twin(lines[first - 1], line, twin["change"])
            agree(line, {"oracle": oracle.label, "tables": tables.label})
            lines.append(line)
        number += 1
    return lines


def _family(number: int, seed: int) -> list[dict[str, Any]]:
    """A case and its twins: in one a fact is changed that counts, in one a fact that does not."""
    chance = Chance(random=_random(f"{GENERATOR_VERSION}:{TASK}:{seed}:{number}:family"))
    family: list[dict[str, Any]] = [{}]
    if chance.chance(3, 5):
        family.append({"change": _ONE_FACT, "flip": True})
    if chance.chance(1, 4):
        change = chance.pick(("order of the lines", "one more sale that balances"))
        family.append({"change": change, "more": change.startswith("one")})
    return family


def _told_twin(first: dict[str, Any], line: dict[str, Any], change: str) -> dict[str, Any]:
    """What was changed, and whether the label says something else for it (ids aside)."""
    flips = _said(first["expected"]) != _said(line["expected"])
    # a scene can find no fact to change, such as a rate that gives the same amount
    told = change if flips or change != _ONE_FACT else "order of the lines"
    return {"change": told, "flips": flips, "twin_of": first["id"]}


def _said(label: dict[str, Any]) -> object:
    keys = ("type", "difference_minor", "components")
    return label["status"], sorted(
        json.dumps([each[key] for key in keys]) for each in label["breaks"]
    )


def _random(name: str) -> Random:
    return Random(name)  # noqa: S311 - seeded, and no secret


def _draw(
    root: str, number: int, *, flip: bool = False, more: bool = False, change: str = ""
) -> tuple[Draft, str]:
    """A case with its scenes; the names of the scenes."""
    del change
    chance = Chance(random=_random(f"{root}:case"))
    draft = _surroundings(chance, number)
    calm = number % 17 == 16  # noqa: PLR2004 - a case in seventeen balances
    on_bank = draft.checks_bank and (draft.market.format == "camt053_like" or chance.chance(1, 3))
    first = _SCENES[number % len(_SCENES)]
    scenes = [] if calm or on_bank else [first]
    if not calm:
        scenes += [chance.pick(_SCENES) for _ in range(chance.pick((0, 0, 1, 1, 2, 3)))]
    least, most = _LONG if "long" in draft.kinds else _COMMON
    fillers = [chance.pick(_CALM) for _ in range(chance.between(least, most))]
    refs = _references(chance, draft, len(scenes) + len(fillers) + 2)
    for place, scene in enumerate((*scenes, *fillers, *([sales.clean] if more else []))):
        batch = draft.batches[place % len(draft.batches)]
        desk = Desk(
            random=_random(f"{root}:scene:{place}"), draft=draft, ref=refs[place], batch=batch
        )
        scene(desk, flip=flip and place == 0 and not on_bank)
    names = [scene.__name__ for scene in scenes]
    deposit = list(deposits.SCENES.values())[number // len(MARKETS) % len(deposits.SCENES)]
    for after in draft.later:
        after()
    if draft.checks_bank:
        desk = deposits.Deposits(
            random=_random(f"{root}:bank"),
            draft=draft,
            ref=refs[-1],
            batch=draft.batches[0],
            words=tuple(words()["bank"][draft.language]),
        )
        if on_bank and not calm:
            deposit(desk, flip=flip)
            names = [deposit.__name__, *names]
        deposits.pay_the_rest(desk)
    _write_notes(Chance(random=_random(f"{root}:notes")), draft)
    return draft, " ".join(names) or "balanced"


def _surroundings(chance: Chance, number: int) -> Draft:
    """What is around the lines: format, currency, days, rules of the case."""
    market = MARKETS[number % len(MARKETS)]
    currency = chance.pick(tuple(market.schedules))
    planned = _PLANNED[number // len(MARKETS) % len(_PLANNED)]
    start = date(2026, 2, 2) + timedelta(days=chance.below(700))
    if planned == "leap_day":
        start = date(2028, 2, 29) - timedelta(days=chance.between(1, 8))
    elif planned == "daylight_saving":
        start = chance.pick((date(2026, 10, 25), date(2027, 3, 28))) - timedelta(
            days=chance.between(2, 7)
        )
    by_business = planned == "business_days" or market.format == "razorpay_like"
    holidays = tuple(
        day.isoformat()
        for day in (start + timedelta(days=each) for each in (chance.between(2, 4), 8))
        if by_business and day.weekday() < SATURDAY
    )
    head = chance.pick(("PO", "BATCH", "STL"))
    first = chance.between(101, 899)
    batches = [f"{head}-{first + each}" for each in range(chance.pick((2, 2, 3)))]
    return Draft(
        market=market,
        currency=currency,
        language=_LANGUAGES[number % len(_LANGUAGES)],
        start=start,
        zone=chance.pick(market.zones),
        cutoff=time(chance.pick((16, 18, 20)), chance.pick((0, 30))),
        lag=chance.between(1, 2),
        lag_unit="business_days" if by_business else "calendar_days",
        holidays=holidays,
        checks_bank=market.format == "camt053_like" or chance.chance(1, 3),
        bank_charge=chance.pick((0, 150, 500)),
        share_bps=chance.pick((500, 1000)),
        materiality=chance.pick((10, 100, 500)),
        batches=batches,
        kinds=set() if planned == "none" else {planned},
    )


def _references(chance: Chance, draft: Draft, count: int) -> list[str]:
    """So many references, none of which begins another one."""
    taken: set[int] = set()
    head = "ORD"
    if "unicode" in draft.kinds:
        head = chance.pick(("ORD-Ñ", "ORD-訂單", "ORD-é"))
    while len(taken) < count:
        taken.add(chance.between(100_000, 999_999))
    numbers = chance.shuffled(sorted(taken))
    return [
        f"{head}-{chance.between(10, 99)}-{number}-{chance.pick('ABCDEFGH')}" for number in numbers
    ]


def _write_notes(chance: Chance, draft: Draft) -> None:
    """Notes as colleagues leave them; where planned, one that tries to steer."""
    for row in draft.ledger:
        if chance.chance(1, 6) and not _is_copied(draft, row):
            row["note"] = chance.pick(words()["notes"][draft.language])
    if "prompt_injection" not in draft.kinds:
        return
    draft.token = f"{chance.pick(words()['tokens'])}-{chance.between(1000, 9999)}"
    text = chance.pick(words()["steering"][draft.language]).format(token=draft.token)
    if draft.bank and chance.chance(1, 2):
        chance.pick(draft.bank)["description"] = text
        return
    single = [row for row in draft.ledger if not _is_copied(draft, row)]
    if single:
        chance.pick(single)["note"] = text
    else:
        draft.token = ""
        draft.kinds.discard("prompt_injection")


def _is_copied(draft: Draft, row: dict[str, Any]) -> bool:
    """A note on one of two copies would make them differ."""
    return draft.ledger.count(row) > 1

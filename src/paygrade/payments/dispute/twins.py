"""Twins of a case: one fact changed so that the label flips, or words so that it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from paygrade.payments.chance import EXPONENTS
from paygrade.payments.dispute.clocks import (
    OFFSETS,
    business_days_on,
    last_second,
    shown,
)
from paygrade.payments.dispute.drafts import (
    Draft,
    Flip,
    final,
    not_squared,
    too_late,
    too_small,
)
from paygrade.payments.dispute.pen import texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from paygrade.payments.dispute.clocks import Clock
    from paygrade.payments.dispute.pen import Pen

FINAL_STAGES: Final = ("won", "lost", "closed")
_HUNDRED: Final = 100
_DECIDED_BY_EVIDENCE: Final = ("contest", "contest_partial", "accept")


def clock_of(draft: Draft) -> Clock:
    """The clock of a draft whose clock was drawn."""
    if draft.clock is None:
        raise ValueError("the clock of this case is still to be drawn")
    return draft.clock


def flips_of(pen: Pen, draft: Draft) -> list[Flip]:
    """What flips the label of a merchant's case on a card, whatever its code."""
    if draft.role == "issuer" or draft.code == "U022":
        return []
    if draft.stage in FINAL_STAGES:
        return [Flip(change="stage", apply=_reopened(draft.network))]
    clock = clock_of(draft)
    if clock.passed:
        return [Flip(change="as_of", apply=_in_time, kinds=("deadline_boundary",))]
    over = Flip(change="stage", apply=_over(pen.pick(FINAL_STAGES)))
    if draft.stage == "inquiry":
        return [over, *_other_days(pen, draft)]
    found = [
        over,
        Flip(change="as_of", apply=_a_second_late, kinds=("deadline_boundary", "deadline_passed")),
        *_other_days(pen, draft),
        *_other_offset(clock),
    ]
    if draft.outcome.action in _DECIDED_BY_EVIDENCE:
        found += [
            Flip(change="amount_above_transaction", apply=_one_more, kinds=("off_by_one",)),
            Flip(change="currency", apply=_other_currency(pen, draft)),
        ]
        if draft.min_contest == draft.amount:
            found += [
                Flip(change="amount_below_minimum", apply=_one_less, kinds=("off_by_one",))
            ] * 6
        if EXPONENTS[draft.currency] == 0:
            found += [Flip(change="hundredfold", apply=_hundredfold, kinds=("minor_units",))] * 2
    return found


# Stage


def _over(stage: str) -> Callable[[Draft], None]:
    def apply(twin: Draft) -> None:
        twin.stage = stage
        twin.live, twin.outcome = twin.outcome, final()

    return apply


def _reopened(network: str) -> Callable[[Draft], None]:
    def apply(twin: Draft) -> None:
        if twin.live is None:
            raise ValueError("a dispute that is over was open once")
        twin.stage = "inquiry" if twin.category == "inquiry" else "chargeback"
        twin.outcome = twin.live
        if twin.stage == "inquiry" and network == "amex":
            twin.tag("stage_inquiry")

    return apply


# Time


def _in_time(twin: Draft) -> None:
    clock = clock_of(twin)
    clock.as_of = clock.end.astimezone(UTC).replace(microsecond=0)
    if twin.live is None:
        raise ValueError("a case that is too late was in time once")
    twin.outcome = twin.live
    twin.kinds = [kind for kind in twin.kinds if kind != "deadline_passed"]


def _a_second_late(twin: Draft) -> None:
    clock = clock_of(twin)
    clock.as_of = (clock.end + timedelta(seconds=1)).astimezone(clock.as_of.tzinfo)
    twin.live, twin.outcome = twin.outcome, too_late(twin.amount)


def _other_offset(clock: Clock) -> list[Flip]:
    """The same minute on the clock, further west: then it is too late."""
    for offset in OFFSETS:
        west = clock.as_of.replace(tzinfo=timezone(timedelta(minutes=offset)))
        if west > clock.end:

            def apply(twin: Draft, moved: datetime = west) -> None:
                clock_of(twin).as_of = moved
                twin.live, twin.outcome = twin.outcome, too_late(twin.amount)

            kinds = ("time_zone", "deadline_passed")
            return [Flip(change="as_of_offset", apply=apply, kinds=kinds)] * 3
    return []


def _other_days(pen: Pen, draft: Draft) -> list[Flip]:
    """Another offset of the start, or one more holiday: another last day, still in time."""
    clock = clock_of(draft)
    window = clock.window()
    zone = clock.end.tzinfo
    if "due_by" in window or zone is None:
        return []
    found = []
    if window["unit"] == "business_days":
        start = window["start"]
        first = datetime.fromisoformat(start)
        day = first.astimezone(zone).date() if "T" in start else first.date()
        counted = business_days_on(day, pen.between(1, window["n"]), window["holidays"])
        holidays = sorted([*window["holidays"], counted.isoformat()])
        last = business_days_on(day, window["n"], holidays)
        if _still_governs(clock, last):
            apply = _ends_on(last_second(last, _named(clock)), {"holidays": holidays})
            found += [Flip(change="holiday", apply=apply)] * 2
    elif "T" in window["start"]:
        written = datetime.fromisoformat(window["start"])
        here = written.astimezone(zone).date()
        for offset in pen.shuffled(OFFSETS):
            moved = written.replace(tzinfo=timezone(timedelta(minutes=offset)))
            there = moved.astimezone(zone).date()
            last = there + timedelta(days=window["n"])
            if there != here and _still_governs(clock, last):
                end = last_second(last, _named(clock))
                apply = _ends_on(end, {"start": shown(moved)})
                flip = Flip(change="start_offset", apply=apply, kinds=("time_zone",))
                return [*found, flip, flip]
    return found


def _named(clock: Clock) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for the check alone

    if not isinstance(clock.end.tzinfo, ZoneInfo):
        raise TypeError("the governing end is in a zone")
    return clock.end.tzinfo


def _still_governs(clock: Clock, last: object) -> bool:
    """Whether a window that ends on another day is still the first to end, and not yet over."""
    end = last_second(last, _named(clock))  # type: ignore[arg-type] # a date
    if end <= clock.as_of:
        return False
    for window in clock.windows:
        if window["name"] != clock.governs:
            other = datetime.fromisoformat(window["start"]).date() + timedelta(days=window["n"])
            if end.date() >= other - timedelta(days=1):
                return False
    return True


def _ends_on(end: datetime, change: dict[str, object]) -> Callable[[Draft], None]:
    def apply(twin: Draft) -> None:
        clock_of(twin).window().update(change)
        clock_of(twin).end = end

    return apply


# Money


def _one_less(twin: Draft) -> None:
    twin.amount -= 1
    twin.outcome = too_small(twin.amount)


def _one_more(twin: Draft) -> None:
    twin.amount = twin.paid + 1
    twin.outcome = not_squared()
    twin.tag("conflicting_evidence")


def _hundredfold(twin: Draft) -> None:
    twin.amount *= _HUNDRED
    twin.outcome = not_squared()
    twin.tag("conflicting_evidence")


def _other_currency(pen: Pen, draft: Draft) -> Callable[[Draft], None]:
    other = pen.pick([each for each in EXPONENTS if each != draft.currency])

    def apply(twin: Draft) -> None:
        twin.paid_currency = other
        twin.outcome = not_squared()
        twin.tag("conflicting_evidence")

    return apply


# What must not change the label


def neutral(pen: Pen, draft: Draft) -> tuple[str, Draft]:
    """Another order, other ids, another language, one more line; and what was done."""
    twin = draft.copy()
    ways: list[tuple[str, Callable[[Pen, Draft], None]]] = [
        ("ids", _rename),
        ("irrelevant_item", _one_more_item),
    ]
    if len(twin.items) > 1:
        ways.append(("order", _reorder))
    if _translations(twin):
        ways += [("language", _translate)] * 2
    change, apply = pen.pick(ways)
    apply(pen, twin)
    return change, twin


def _rename(pen: Pen, twin: Draft) -> None:
    shift = pen.between(len(twin.items) + 1, 40)
    for item in twin.items:
        item.id = f"{item.id[0]}{int(item.id[1:]) + shift}"
    twin.names["dispute"] = f"dp-{pen.between(10_000, 99_999)}"


def _reorder(pen: Pen, twin: Draft) -> None:
    before = list(twin.items)
    while twin.items == before:
        twin.items = pen.shuffled(twin.items)


def _one_more_item(pen: Pen, twin: Draft) -> None:
    kind = pen.pick(("device_ip_log", "terms_acceptance"))
    data = {"ip": pen.ip()} if kind == "device_ip_log" else {"version": pen.between(2, 14)}
    item = pen.item("noise-of-the-twin", kind, data)
    item.form = pen.form(item.words)
    numbers = [int(each.id[1:]) for each in twin.items]
    item.id = f"e{max(numbers) + 1}"
    twin.items.insert(pen.below(len(twin.items) + 1), item)
    twin.distractors.append(item.key)


def _translations(twin: Draft) -> list[str]:
    """The languages in which the sentence of this narrative is there too."""
    for known in texts()["narratives"].values():
        if any(twin.narrative in sentences for sentences in known.values()):
            return [language for language in known if language != twin.language]
    return []


def _translate(pen: Pen, twin: Draft) -> None:
    to = pen.pick(_translations(twin))
    for known in texts()["narratives"].values():
        if any(twin.narrative in sentences for sentences in known.values()):
            twin.narrative = pen.pick(known[to])
            twin.language = to
            return

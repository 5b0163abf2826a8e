"""What the rows look at: a case with its items by type, and its dates as numbers.

Days are counted since year 1, instants in seconds of the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Item = Mapping[str, Any]


class Found(NamedTuple):
    """What some items show: an amount, and the ids that show it."""

    amount: int
    ids: frozenset[str]


class Clock(NamedTuple):
    """The end that governs (seconds of the epoch), its day, the zone, and all dates to report."""

    end: float
    day: int
    zone: ZoneInfo
    dates: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the rows look at."""

    case: Mapping[str, Any]
    items: Mapping[str, tuple[Item, ...]]
    amount: int
    key: tuple[str, str, str]
    clock: Clock | None

    def all(self, *kinds: str) -> Iterable[tuple[Item, ...]]:
        """Every way to take one item of each kind."""
        return product(*(self.items.get(kind, ()) for kind in kinds))

    @property
    def processed(self) -> str:
        """When the dispute was processed."""
        return str(self.case["dispute"]["processed_on"])


INDIA: Final = timezone(timedelta(hours=5, minutes=30))
WEEKEND: Final = frozenset({0, 6})  # of an ordinal modulo 7: Sunday, Saturday


def facts_of(case: Mapping[str, Any]) -> Facts:
    """Everything about a case, from its `input`."""
    dispute = case["dispute"]
    items: dict[str, tuple[Item, ...]] = {}
    for item in case["evidence"]:
        items[item["type"]] = (*items.get(item["type"], ()), item)
    return Facts(
        case=case,
        items=items,
        amount=dispute["amount_minor"],
        key=(dispute["network"], dispute["code"], dispute.get("sub_reason", "")),
        clock=_bank_clock(case) if case["role"] == "issuer" else _clock(case),
    )


def _clock(case: Mapping[str, Any]) -> Clock:
    ends = []
    for window in case["policy"]["windows"]:
        zone = ZoneInfo(window.get("zone", "UTC"))
        if "due_by" in window:
            day = datetime.fromisoformat(window["due_by"]).astimezone(zone).date().toordinal()
            ends.append((seconds(window["due_by"]), day, zone))
        else:
            skipped = {
                "calendar_days": (frozenset[int](), frozenset[int]()),
                "business_days": (WEEKEND, frozenset(map(ordinal, window.get("holidays", ())))),
            }[window["unit"]]
            day = _count(_day_in(window["start"], zone), window["n"], *skipped)
            ends.append((_midnight(day + 1, zone) - 1, day, zone))
    end, day, zone = min(ends, key=lambda each: each[0])
    dates = {"respond_by": day}
    if case["dispute"]["code"] == "U022":
        paid = datetime.fromisoformat(case["transaction"]["at"]).astimezone(INDIA).date()
        dates["reversal_by"] = paid.toordinal() + 5
    return Clock(end, day, zone, dates)


# Regulation E: is the account new, is the transfer of a longer kind; business days, calendar days
REG_E: Final = {
    (False, False): (10, 45),
    (False, True): (10, 90),
    (True, False): (20, 90),
    (True, True): (20, 90),
}


def _bank_clock(case: Mapping[str, Any]) -> Clock:
    signals, policy = case["transaction"]["signals"], case["policy"]
    zone = ZoneInfo(policy["zone"])
    age = ordinal(case["transaction"]["date"]) - ordinal(signals["first_deposit_on"])
    long = signals["channel"] == "pos_debit" or signals["initiated_in"][:3] != "US-"
    business, calendar = REG_E[age < 31, long]  # noqa: PLR2004 - 30 days are within 30 days
    notice = _day_in(case["dispute"]["notice_at"], zone)
    credit = _count(notice, business, WEEKEND, frozenset(map(ordinal, policy["holidays"])))
    decide = notice + calendar
    day = min(credit, decide)
    dates = {"respond_by": day, "provisional_credit_by": credit, "investigation_by": decide}
    return Clock(_midnight(day + 1, zone) - 1, day, zone, dates)


def _count(start: int, n: int, weekend: frozenset[int], holidays: frozenset[int]) -> int:
    days = (day for day in range(start + 1, start + 400) if day not in holidays)
    return [day for day in days if day % 7 not in weekend][n - 1]


def ordinal(day: str) -> int:
    """A date as the number of its day."""
    return date.fromisoformat(day).toordinal()


def _day_in(moment: str, zone: ZoneInfo) -> int:
    if len(moment) == len("2026-01-01"):
        return ordinal(moment)
    return datetime.fromisoformat(moment).astimezone(zone).date().toordinal()


def seconds(moment: str) -> float:
    """An instant on the line of all instants."""
    return datetime.fromisoformat(moment).timestamp()


def _midnight(day: int, zone: ZoneInfo) -> float:
    return datetime.combine(date.fromordinal(day), datetime.min.time(), zone).timestamp()

"""When a case must be answered: the windows of a merchant, the days of a bank."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INDIA: Final = ZoneInfo("Asia/Kolkata")
"""Where UPI counts its days."""

_FRIDAY: Final = 5
_NEW_ACCOUNT_DAYS: Final = 30


def deadlines(case: Mapping[str, Any]) -> tuple[datetime, dict[str, str]]:
    """The end that governs, in its own zone, and every date to state.

    Raises:
        ValueError: a merchant's case lists no window.
    """
    if case["role"] == "issuer":
        return _at_a_bank(case)
    first: datetime | None = None
    for window in case["policy"]["windows"]:
        end = _end_of(window)
        if first is None or end < first:
            first = end
    if first is None:
        raise ValueError("the case lists no window")
    deadlines = {"respond_by": first.date().isoformat()}
    if case["dispute"]["code"] == "U022":
        paid = datetime.fromisoformat(case["transaction"]["at"]).astimezone(INDIA).date()
        deadlines["reversal_by"] = (paid + timedelta(days=5)).isoformat()
    return first, deadlines


def _at_a_bank(case: Mapping[str, Any]) -> tuple[datetime, dict[str, str]]:
    policy, signals = case["policy"], case["transaction"]["signals"]
    zone = ZoneInfo(policy["zone"])
    notice = datetime.fromisoformat(case["dispute"]["notice_at"]).astimezone(zone).date()
    opened = date.fromisoformat(signals["first_deposit_on"])
    is_new = (date.fromisoformat(case["transaction"]["date"]) - opened).days <= _NEW_ACCOUNT_DAYS
    in_a_state = signals["initiated_in"].startswith("US-")
    credit_by = _after_business_days(notice, 20 if is_new else 10, policy["holidays"])
    longer = is_new or not in_a_state or signals["channel"] == "pos_debit"
    decide_by = notice + timedelta(days=90 if longer else 45)
    first = min(credit_by, decide_by)
    return _last_second(first, zone), {
        "respond_by": first.isoformat(),
        "provisional_credit_by": credit_by.isoformat(),
        "investigation_by": decide_by.isoformat(),
    }


def _end_of(window: Mapping[str, Any]) -> datetime:
    zone = ZoneInfo(window.get("zone", "UTC"))
    if "due_by" in window:
        return datetime.fromisoformat(window["due_by"]).astimezone(zone)
    start: str = window["start"]
    if "T" in start:
        first = datetime.fromisoformat(start).astimezone(zone).date()
    else:
        first = date.fromisoformat(start)
    if window["unit"] == "business_days":
        last = _after_business_days(first, window["n"], window.get("holidays", []))
    else:
        last = first + timedelta(days=window["n"])
    return _last_second(last, zone)


def _after_business_days(start: date, count: int, holidays: Sequence[str]) -> date:
    day, left = start, count
    while left:
        day += timedelta(days=1)
        if day.isoweekday() <= _FRIDAY and day.isoformat() not in holidays:
            left -= 1
    return day


def _last_second(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)

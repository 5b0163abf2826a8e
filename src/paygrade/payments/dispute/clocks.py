"""Draws deadlines backwards: the last day first, then a window that ends on it.

So the label's dates are known before the window is written, and no oracle's arithmetic is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from paygrade.payments.dispute.pen import Pen

NETWORK_DAYS: Final = {"visa": 30, "mastercard": 45, "amex": 20, "discover": 30}
OFFSETS: Final = (0, -480, -300, 60, 330, 540)
"""Minutes from UTC in which other people's systems write instants."""

_DAY: Final = 24 * 60
_FRIDAY: Final = 4


@dataclass(slots=True, kw_only=True)
class Clock:
    """The windows of a case as shown, the end that governs, and now."""

    windows: list[dict[str, Any]]
    end: datetime
    """In the zone of the governing window."""
    as_of: datetime
    """With the offset in which it is shown."""
    governs: str
    rules: tuple[str, ...] = ()
    kinds: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether it is too late."""
        return self.as_of > self.end

    def respond_by(self) -> str:
        """The day that the label states."""
        return self.end.date().isoformat()

    def days_left(self) -> int:
        """Whole days from today to that day, both in the zone of the window."""
        return (self.end.date() - self.as_of.astimezone(self.end.tzinfo).date()).days

    def window(self) -> dict[str, Any]:
        """The window that governs."""
        return next(each for each in self.windows if each["name"] == self.governs)


def shown(moment: datetime) -> str:
    """An instant as a case shows it."""
    text = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def last_second(day: date, zone: ZoneInfo) -> datetime:
    """When a last day ends."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)


def written_elsewhere(pen: Pen, day: date, zone: ZoneInfo, *, crossing: bool) -> datetime:
    """An instant of this day in `zone`, written with an offset where it is, or is not, that day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    here = int((noon.utcoffset() or timedelta()).total_seconds()) // 60
    for offset in pen.shuffled(OFFSETS):
        ahead = offset - here
        if crossing == (ahead == 0):
            continue
        if not crossing:
            minute = pen.between(1, _DAY - 2)
        elif ahead < 0:
            minute = pen.between(1, min(-ahead, _DAY) - 1)
        else:
            minute = pen.between(_DAY - ahead + 1, _DAY - 2)
        at = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
        moved = at.astimezone(timezone(timedelta(minutes=offset)))
        if (moved.date() != day) == crossing:
            return moved
    return noon.astimezone(timezone(timedelta(minutes=here)))


def at_some_hour(pen: Pen, day: date, zone: ZoneInfo) -> datetime:
    """An instant in the working hours of a day, written in UTC or with the zone's own offset."""
    at = datetime(day.year, day.month, day.day, pen.between(8, 18), pen.below(60), tzinfo=zone)
    here = at.utcoffset() or timedelta()
    return at.astimezone(timezone(here)) if pen.chance(1, 2) else at.astimezone(UTC)


def business_days_back(pen: Pen, last: date, count: int) -> tuple[date, list[str]]:
    """A start from which `last` is the nth business day, and the holidays listed for that.

    `last` must be a business day. The start is any day after the business day before the first.
    """
    holidays: list[str] = []
    day, left = last, count
    while left:
        is_business = day.weekday() <= _FRIDAY
        skip = is_business and day != last and len(holidays) < 2 and pen.chance(1, 3)  # noqa: PLR2004
        if skip:
            holidays.append(day.isoformat())
        elif is_business:
            left -= 1
        day -= timedelta(days=1)
    return day, sorted(holidays)


def business_days_on(start: date, count: int, holidays: list[str]) -> date:
    """The nth business day after `start`."""
    day = start
    for _ in range(count):
        day += timedelta(days=1)
        while day.weekday() > _FRIDAY or day.isoformat() in holidays:
            day += timedelta(days=1)
    return day


def draw_clock(pen: Pen, processed_on: date) -> Clock:
    """Windows of a merchant's answer to a dispute that was processed on a day."""
    zone = ZoneInfo(pen.zone())
    mode = {
        "business_days": "business",
        "time_zone": pen.pick(("instant", "due_by")),
        "daylight_saving": "instant",
        "leap_day": pen.pick(("plain", "instant")),
    }.get(pen.kind) or pen.pick(
        ("instant", "instant", "instant", "due_by", "due_by", "business", "plain", "plain")
    )
    crossing = pen.kind in {"time_zone", "daylight_saving"} or pen.chance(7, 8)
    clock = {"business": _business, "due_by": _due_by}.get(mode, _calendar)(
        pen, processed_on, zone, crossing and mode != "plain", mode == "plain"
    )
    _network_window(pen, clock, processed_on)
    _now(pen, clock, processed_on)
    if pen.kind in {"leap_day", "daylight_saving"}:
        clock.kinds.append(pen.kind)
    return clock


def _calendar(
    pen: Pen,
    processed_on: date,
    zone: ZoneInfo,
    crossing: bool,  # noqa: FBT001 - how the start is written
    plain: bool,  # noqa: FBT001 - whether it is a date
) -> Clock:
    first = processed_on + timedelta(days=pen.below(3))
    if pen.kind == "leap_day":
        n = (date(2028, 2, 29) - first).days + pen.below(2)
    elif pen.kind == "daylight_saving":
        n = pen.between(14, 25)
    else:
        n = pen.pick((9, 12, 14, 17))
    window: dict[str, Any] = {
        "name": "psp_response",
        "unit": "calendar_days",
        "n": n,
        "start": first.isoformat(),
        "zone": zone.key,
    }
    if not plain:
        window["start"] = shown(written_elsewhere(pen, first, zone, crossing=crossing))
    end = last_second(first + timedelta(days=n), zone)
    return Clock(
        windows=[window],
        end=end,
        as_of=end,
        governs="psp_response",
        rules=("DL-1", "DL-2"),
        kinds=["time_zone"] if not plain and not window["start"].startswith(str(first)) else [],
    )


def _due_by(
    pen: Pen,
    processed_on: date,
    zone: ZoneInfo,
    crossing: bool,  # noqa: FBT001 - how the instant is written
    _plain: bool,  # noqa: FBT001 - not asked here
) -> Clock:
    last = processed_on + timedelta(days=pen.between(9, 17))
    due = written_elsewhere(pen, last, zone, crossing=crossing)
    window = {"name": "psp_evidence_due", "due_by": shown(due), "zone": zone.key}
    end = due.astimezone(zone)
    kinds = ["time_zone"] if not window["due_by"].startswith(str(last)) else []
    return Clock(
        windows=[window],
        end=end,
        as_of=end,
        governs="psp_evidence_due",
        rules=("DL-2",),
        kinds=kinds,
    )


def _business(
    pen: Pen,
    processed_on: date,
    zone: ZoneInfo,
    crossing: bool,  # noqa: FBT001 - how the start is written
    _plain: bool,  # noqa: FBT001 - not asked here
) -> Clock:
    n = pen.pick((3, 5, 7))
    last = processed_on + timedelta(days=2 * n + pen.between(2, 4))
    while last.weekday() > _FRIDAY:
        last += timedelta(days=1)
    first, holidays = business_days_back(pen, last, n)
    start = first.isoformat()
    kinds = ["business_days"]
    if pen.chance(4, 5):
        start = shown(written_elsewhere(pen, first, zone, crossing=crossing))
        kinds += ["time_zone"] if not start.startswith(first.isoformat()) else []
    window = {
        "name": "psp_response",
        "unit": "business_days",
        "n": n,
        "start": start,
        "zone": zone.key,
        "holidays": holidays,
    }
    end = last_second(last, zone)
    return Clock(
        windows=[window],
        end=end,
        as_of=end,
        governs="psp_response",
        rules=("DL-3", "DL-2"),
        kinds=kinds,
    )


def _network_window(pen: Pen, clock: Clock, processed_on: date) -> None:
    """A later window of the network, sometimes listed first."""
    days = 30 if pen.stage == "pre_arbitration" else NETWORK_DAYS[pen.network]
    name = "network_response"
    if pen.stage == "pre_arbitration":
        name = "network_pre_arbitration_answer"
    elif pen.network == "mastercard":
        name = "network_second_presentment"
    ends = processed_on + timedelta(days=days)
    if ends <= clock.end.date() + timedelta(days=2) or pen.chance(1, 4):
        return
    window = {
        "name": name,
        "unit": "calendar_days",
        "n": days,
        "start": processed_on.isoformat(),
    }
    clock.windows.insert(pen.below(2), window)
    clock.rules = tuple(dict.fromkeys((*clock.rules, "DL-1", "DL-4")))


def _now(pen: Pen, clock: Clock, processed_on: date) -> None:
    """Some day before the end; on it, just before or just after, where the plan asks for that."""
    zone = clock.end.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("the governing end is in a zone")
    last = clock.end.date()
    if pen.kind == "deadline_boundary":
        hour = written_elsewhere(pen, last, zone, crossing=pen.chance(1, 2))
        same_day = min(hour, clock.end)
        clock.as_of = same_day.astimezone(hour.tzinfo)
        clock.kinds.append("deadline_boundary")
    elif pen.kind == "deadline_passed":
        late = last + timedelta(days=pen.between(1, 4))
        clock.as_of = written_elsewhere(pen, late, zone, crossing=pen.chance(1, 3))
        clock.kinds.append("deadline_passed")
    elif pen.kind == "daylight_saving":
        clock.as_of = datetime(last.year, last.month, last.day, 23, 20, tzinfo=zone).astimezone(UTC)
    else:
        room = max((last - processed_on).days - 2, 2)
        day = last - timedelta(days=pen.between(1, room))
        if pen.chance(1, 2):
            clock.as_of = at_some_hour(pen, day, zone)
        else:
            clock.as_of = written_elsewhere(pen, day, zone, crossing=pen.chance(2, 3))

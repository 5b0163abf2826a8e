"""Points in time as reports write them, and which names of zones mean one thing."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paygrade.payments.settlement.lines import UnwritableError

_ALWAYS = {"UTC": 0, "GMT": 0, "Z": 0}
# A name of winter or summer time fixes the offset only while the clocks of that place show it.
_SEASONAL = {
    "CET": "Europe/Amsterdam",
    "CEST": "Europe/Amsterdam",
    "EET": "Europe/Helsinki",
    "EEST": "Europe/Helsinki",
    "WET": "Europe/Lisbon",
    "WEST": "Europe/Lisbon",
}
_OFFSET = re.compile(r"[+-][0-9]{2}:[0-9]{2}")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")


def local(text: str) -> dt.datetime:
    """A time without a zone, `2026-03-01 09:30:00`.

    Raises:
        ValueError: it is none.
    """
    if not _LOCAL.fullmatch(text):
        raise ValueError("not a time")
    return dt.datetime.fromisoformat(text)


def offset(time: dt.datetime, zone: str) -> dt.timezone | None:
    """What the name of a zone means at a local time; None where it can mean several offsets.

    `UTC` and `GMT`, numeric offsets, and the names of European winter and summer time in their own
    season are plain. `BST` (British or Bangladesh), `IST` and the like are not, nor is `CET` in
    July: such a report may mean the fixed offset, or the clocks of that place.
    """
    if zone in _ALWAYS:
        return dt.UTC
    if _OFFSET.fullmatch(zone):
        return _numeric(zone)
    place = _SEASONAL.get(zone)
    if place is None:
        return None
    try:
        clocks = ZoneInfo(place)
    except ZoneInfoNotFoundError:  # a machine without zone data
        return None
    for fold in (0, 1):
        there = time.replace(tzinfo=clocks, fold=fold)
        shift = there.utcoffset()
        # gone hours of spring have a name too, and no clock ever showed them
        real = there.astimezone(dt.UTC).astimezone(clocks).replace(tzinfo=None) == time
        if there.tzname() == zone and shift is not None and real:
            return dt.timezone(shift)
    return None


def _numeric(zone: str) -> dt.timezone | None:
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    shift = dt.timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or shift >= dt.timedelta(hours=24):  # noqa: PLR2004 - of an hour, of a day
        return None
    return dt.timezone(-shift if zone[0] == "-" else shift)


def instant(text: str) -> dt.datetime:
    """An ISO instant with an offset, to the second.

    Raises:
        UnwritableError: it is none.
    """
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None or time.microsecond:
        raise UnwritableError(f"{text!r} is no instant with an offset, to the second")
    return time


def is_date(text: str) -> bool:
    """Whether it is an ISO date, `2026-03-01`."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

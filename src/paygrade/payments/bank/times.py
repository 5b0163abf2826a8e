"""Instants as a world writes them, and the days on which banks work."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_FRIDAY: Final = 4


def seconds(instant: str) -> int:
    """Seconds since 1970 of `2026-03-02T10:00:00Z`.

    Raises:
        ValueError: there is no such instant.
    """
    return int(datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def instant(at: float) -> str:
    """The other way round."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at: float) -> date:
    """The date in UTC."""
    return datetime.fromtimestamp(int(at), UTC).date()


def is_banking_day(at: float, holidays: Collection[str]) -> bool:
    """Monday to Friday, but for holidays."""
    today = day(at)
    return today.weekday() <= _FRIDAY and today.isoformat() not in holidays

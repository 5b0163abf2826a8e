"""`date`: a calendar date or an instant is what is wanted, or a stated number of days off."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import UnfitError
from paygrade.scorers.show import show
from paygrade.scorers.target import WHOLE, TargetParams, judged, whole_word

if TYPE_CHECKING:
    from pydantic import JsonValue

    from paygrade.records.check import Score, Subject
    from paygrade.records.json_value import Json

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
_MOST_DAYS = 36_525  # a century: a deadline that may be further off is no deadline


class DateParams(TargetParams):
    """`date` reads YYYY-MM-DD, or an instant with its offset; two instants compare as instants."""

    tolerance_days: int = Field(
        default=0, ge=0, le=_MOST_DAYS, description="Days of 24 hours, either way"
    )

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a date or an instant."""
        _wanted(value)


def _read(value: Json) -> date:
    """Read a date, or an instant as an aware datetime.

    Raises:
        UnfitError: it is neither.
    """
    if not isinstance(value, str):
        raise UnfitError("is not text with a date such as 2026-12-04")
    instant = _INSTANT.fullmatch(value)
    if instant is not None and instant.group(1) is None:
        raise UnfitError("is an instant without its offset, such as Z or +05:30")
    if instant is None and _DATE.fullmatch(value) is None:
        raise UnfitError("is not written like 2026-12-04 or 2026-12-04T23:59:00+01:00")
    try:
        return datetime.fromisoformat(value) if instant else date.fromisoformat(value)
    except ValueError:
        raise UnfitError("is not in the calendar") from None


def _wanted(value: Json) -> date:
    try:
        return _read(value)
    except UnfitError as error:
        raise UnfitError(f"should be a date or an instant: {show(value)} {error}") from None


def _build(params: DateParams, _place: Place) -> Bound:
    label = params.field or WHOLE
    tolerance = timedelta(days=params.tolerance_days)
    within = f" within {params.tolerance_days} days" if tolerance else ""

    def compare(_subject: Subject, got: Json, wanted: date) -> Score:
        try:
            moment = _read(got)
        except UnfitError as error:
            return fails(f"{label}: {show(got)} {error}, wanted '{wanted.isoformat()}'")
        said = f"{label}: got {show(got)}, wanted '{wanted.isoformat()}'{within}"
        if isinstance(moment, datetime) != isinstance(wanted, datetime):
            one, other = ("an instant", "a date")
            if isinstance(wanted, datetime):
                one, other = other, one
            return fails(f"{said} ({one} is not {other})")
        late = moment - wanted
        return PASS if abs(late) <= tolerance else fails(f"{said} ({_off(late)})")

    return judged(params, _wanted, compare, whole=whole_word)


def _off(late: timedelta) -> str:
    """Say how late or early something is: in days, or exactly where it is not whole days."""
    way = "late" if late > timedelta(0) else "early"
    late = abs(late)
    if late % timedelta(days=1):
        return f"{late} {way}"
    return f"{late.days} {'day' if late.days == 1 else 'days'} {way}"


DATE = Kind(name="date", version="2", params=DateParams, build=_build)

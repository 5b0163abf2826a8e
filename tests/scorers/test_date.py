"""`date`: calendar dates and instants."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge


@pytest.mark.parametrize(
    ("got", "wanted", "days"),
    [
        ("2026-12-04", "2026-12-04", 0),
        ("2028-02-29", "2028-03-01", 1),
        ("2026-12-04T10:00:00Z", "2026-12-04T10:00:00+00:00", 0),
        ("2026-12-04T23:30:00+05:30", "2026-12-04T18:00Z", 0),
        ("2026-12-04T10:00:00.500Z", "2026-12-04T10:00:00.5Z", 0),
        ("2026-12-05T10:00:00Z", "2026-12-04T10:00:00Z", 1),
        ("2026-12-05T00:00:00+14:00", "2026-12-04T10:00:00Z", 0),
    ],
)
def test_the_same_day_or_instant_passes(judge: Judge, got: str, wanted: str, days: int) -> None:
    """Instants compare as instants whatever their offsets; a tolerance counts days of 24 hours."""
    params: dict[str, Json] = {"field": "by", "tolerance_days": days}
    assert judge("date", params, {"by": got}, {"by": wanted}).result == "pass"


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        ("2026-12-05", "by: got '2026-12-05', wanted '2026-12-04' (1 day late)"),
        ("2026-12-01", "by: got '2026-12-01', wanted '2026-12-04' (3 days early)"),
        ("2026-02-30", "by: '2026-02-30' is not in the calendar, wanted '2026-12-04'"),
        ("0000-01-01", "by: '0000-01-01' is not in the calendar, wanted '2026-12-04'"),
        (20261204, "by: 20261204 is not text with a date such as 2026-12-04, wanted '2026-12-04'"),
        (
            "2026-12-04T00:00:00Z",
            "by: got '2026-12-04T00:00:00Z', wanted '2026-12-04' (an instant is not a date)",
        ),
        (
            "2026-12-04T00:00:00",
            (
                "by: '2026-12-04T00:00:00' is an instant without its offset, "
                "such as Z or +05:30, wanted '2026-12-04'"
            ),
        ),
    ],
)
def test_another_day_fails_with_the_distance(judge: Judge, got: Json, reason: str) -> None:
    """The reason says how late or early, or what is wrong with the text."""
    check = judge("date", {"field": "by"}, {"by": got}, {"by": "2026-12-04"})
    assert (check.result, check.reason) == ("fail", reason)


@pytest.mark.parametrize(
    "text",
    [
        "04.12.2026", "12/04/2026", "20261204", "2026-W49-5", "2026-12-4", "2026-12-04 ", "",
        "2026-12-04 10:00:00Z", "2026-12-04T24:00:00Z", "2026-12-04T10:00:60Z",
        "2026-12-04T10:00:00+99:00", "2026-12-04T10:00:00.1234567Z", "٢٠٢٦-١٢-٠٤",
    ],
)  # fmt: skip
def test_only_one_way_of_writing_is_read(judge: Judge, text: str) -> None:
    """What readers of dates disagree on is a failed answer, and an error in a label."""
    check = judge("date", {"field": "by"}, {"by": text}, {"by": "2026-12-04T10:00:00Z"})
    assert check.result == "fail"
    check = judge("date", {"field": "by"}, {"by": "2026-12-04"}, {"by": text})
    assert check.result == "error"
    assert check.reason.startswith("expected 'by' should be a date or an instant: ")


def test_an_instant_is_not_a_date(judge: Judge) -> None:
    """A wanted instant is not met by the date alone; a distance in hours is written as such."""
    wanted: Json = {"by": "2026-12-04T10:00:00Z"}
    check = judge("date", {"field": "by"}, {"by": "2026-12-04"}, wanted)
    assert check.reason.endswith("(a date is not an instant)")
    check = judge("date", {"field": "by"}, {"by": "2026-12-04T12:30:00Z"}, wanted)
    assert check.reason.endswith("wanted '2026-12-04T10:00:00+00:00' (2:30:00 late)")
    params: dict[str, Json] = {"field": "by", "tolerance_days": 1}
    check = judge("date", params, {"by": "2026-12-05T10:00:01Z"}, wanted)
    assert check.reason.endswith("within 1 days (1 day, 0:00:01 late)")


def test_the_whole_answer_may_be_a_date(judge: Judge) -> None:
    """Without a field, the answer is the date: plain, or as a JSON string."""
    for answer in ("2026-12-04\n", '"2026-12-04"'):
        assert judge("date", {}, answer, "2026-12-04").result == "pass"
    assert judge("date", {}, "by 2026-12-04", "2026-12-04").result == "fail"


@given(a=st.dates(), b=st.dates(), days=st.integers(0, 40))
def test_a_tolerance_is_a_distance(judge: Judge, a: dt.date, b: dt.date, days: int) -> None:
    """A date passes exactly if it is at most so many days away, either way."""
    params: dict[str, Json] = {"value": b.isoformat(), "tolerance_days": days}
    result = judge("date", params, a.isoformat()).result
    assert (result == "pass") == (abs((a - b).days) <= days)


@given(moment=st.datetimes(), one=st.integers(-839, 839), other=st.integers(-839, 839))
def test_an_offset_does_not_change_an_instant(
    judge: Judge, moment: dt.datetime, one: int, other: int
) -> None:
    """The same instant at two offsets passes; the same clock time at two offsets does not."""
    zones = [dt.timezone(dt.timedelta(minutes=each)) for each in (one, other)]
    try:
        first, second = (moment.replace(tzinfo=dt.UTC).astimezone(zone) for zone in zones)
    except OverflowError:  # at the ends of the calendar there is no such clock time
        return
    assert judge("date", {"value": second.isoformat()}, first.isoformat()).result == "pass"
    shifted = first.replace(tzinfo=zones[1]).isoformat()
    result = judge("date", {"value": second.isoformat()}, shifted).result
    assert (result == "pass") == (one == other)

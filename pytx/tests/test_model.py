"""What follows from a state: the table, row by row, and time by time."""

import dataclasses
from typing import Any

import pytest

from pytx.model import (
    Absent,
    Check,
    Decision,
    Differ,
    Fail,
    Found,
    Identity,
    Pending,
    Policy,
    Recovery,
    Refused,
    Replay,
    Row,
    Run,
    Schedule,
    Seen,
    State,
    Unknown,
    Wait,
    conclude,
    decide,
    usable,
)

SAME = b"same"
SCHEDULE = Schedule(first_after=90, tries=3, within=7200)
MANUAL = Recovery()
WINDOW = Recovery(window=86400)
LOOKUP = Recovery(schedule=SCHEDULE, settle_after=120, absent_is_final=True)
BOTH = dataclasses.replace(LOOKUP, window=1000)


def row(**changes: Any) -> Row:  # noqa: ANN401 - any field
    """A row that was sent at 1000 with a lease of a minute."""
    made = Row(
        identity=Identity(scope="s", operation="o", key='["k"]'),
        fingerprint=SAME,
        state="running",
        fence=1,
        owner="w1",
        attempt=1,
        generation=1,
        provider_key="pk",
        lease_until=1060,
        created_at=1000,
        first_sent_at=1000,
        updated_at=1000,
    )
    return dataclasses.replace(made, **changes)


UNKNOWN = row(state="unknown", updated_at=1010)
SILENT = row()  # running; past its lease from 1060 on


@pytest.mark.parametrize(
    ("found", "now", "recovery", "expected"),
    [
        (row(state="succeeded"), 2000, MANUAL, Replay()),
        (row(state="failed"), 2000, WINDOW, Fail()),
        (row(state="released"), 2000, MANUAL, Run(generation=1)),
        (row(state="released", generation=3), 2000, MANUAL, Run(generation=3)),
        # a late result: it happened at least once, so it never runs by itself again
        (row(state="released", late="1"), 2000, BOTH, Unknown(next_check=None)),
        (row(state="failed", late="1"), 2000, BOTH, Unknown(next_check=None)),
        (row(state="unknown", late="1"), 1011, WINDOW, Unknown(next_check=None)),
        (row(state="succeeded", late="1"), 2000, BOTH, Replay()),
        (row(late="1"), 1059, BOTH, Wait(seconds=1)),
        # running: whoever comes waits, whatever may recover it
        (row(), 1059, MANUAL, Wait(seconds=1)),
        (row(), 1059, WINDOW, Wait(seconds=1)),
        (row(), 1059, LOOKUP, Wait(seconds=1)),
        # unknown, and running past its lease: never again by itself
        (UNKNOWN, 5000, MANUAL, Unknown(next_check=None)),
        (SILENT, 1060, MANUAL, Unknown(next_check=None)),
        # by_key: again inside the window, with a lease to spare
        (UNKNOWN, 1011, WINDOW, Run(generation=1)),
        (SILENT, 1060, WINDOW, Run(generation=1)),
        (SILENT, 1000 + 86400 - 61, WINDOW, Run(generation=1)),
        (SILENT, 1000 + 86400 - 60, WINDOW, Unknown(next_check=None)),
        # by_lookup: not before it is due, not while the owner may still send, not too often
        (UNKNOWN, 1089, LOOKUP, Unknown(next_check=1)),
        (UNKNOWN, 1090, LOOKUP, Check()),
        (row(lease_until=1200), 1200, LOOKUP, Check()),
        (row(state="unknown", checks=1, next_check_at=1500), 1499, LOOKUP, Unknown(next_check=1)),
        (row(state="unknown", checks=1, next_check_at=1500), 1500, LOOKUP, Check()),
        (row(state="unknown", checks=3, next_check_at=1500), 9e9, LOOKUP, Unknown(next_check=None)),
        (row(state="unknown", checks=1, next_check_at=8201), 9e9, LOOKUP, Unknown(next_check=None)),
        # both: again inside the window, a look-up after it
        (UNKNOWN, 1939, BOTH, Run(generation=1)),
        (UNKNOWN, 1940, BOTH, Check()),
    ],
)
def test_every_state_has_its_decision(
    found: Row, now: float, recovery: Recovery, expected: Decision
) -> None:
    """State by recovery by time."""
    assert decide(found, now, Policy(lease=60, recovery=recovery), SAME) == expected


RECOVERIES = {"manual": MANUAL, "by_key": WINDOW, "by_lookup": LOOKUP, "both": BOTH}
AGAIN, ASK, NOBODY = Run(generation=1), Check(), Unknown(next_check=None)


@pytest.mark.parametrize("name", RECOVERIES)
@pytest.mark.parametrize("now", [1001.0, 1059.0, 1060.0, 1939.0, 1940.0, 9000.0, 9e9])
@pytest.mark.parametrize(
    ("state", "retry_failed", "expected"),
    [
        ("succeeded", False, Replay()),
        ("succeeded", True, Replay()),
        ("failed", False, Fail()),
        ("failed", True, Run(generation=2)),
        ("released", False, Run(generation=1)),
        ("released", True, Run(generation=1)),
    ],
)
def test_what_is_settled_goes_by_neither_time_nor_recovery(
    name: str, now: float, state: State, *, retry_failed: bool, expected: Decision
) -> None:
    """Whatever the lease, the window or the look-ups would say."""
    policy = Policy(lease=60, recovery=RECOVERIES[name], retry_failed=retry_failed)
    assert decide(row(state=state), now, policy, SAME) == expected


@pytest.mark.parametrize("retry_failed", [False, True])
@pytest.mark.parametrize(
    ("now", "name", "running", "unknown"),
    [
        (1059, "manual", Wait(seconds=1), NOBODY),
        (1059, "by_key", Wait(seconds=1), AGAIN),
        (1059, "by_lookup", Wait(seconds=1), Unknown(next_check=31)),
        (1059, "both", Wait(seconds=1), AGAIN),
        (1060, "manual", NOBODY, NOBODY),
        (1060, "by_key", AGAIN, AGAIN),
        (1060, "by_lookup", Unknown(next_check=30), Unknown(next_check=30)),
        (1060, "both", AGAIN, AGAIN),
        (1090, "manual", NOBODY, NOBODY),
        (1090, "by_key", AGAIN, AGAIN),
        (1090, "by_lookup", ASK, ASK),
        (1090, "both", AGAIN, AGAIN),
        (1940, "manual", NOBODY, NOBODY),
        (1940, "by_key", AGAIN, AGAIN),
        (1940, "by_lookup", ASK, ASK),
        (1940, "both", ASK, ASK),
        (87340, "manual", NOBODY, NOBODY),
        (87340, "by_key", NOBODY, NOBODY),
        (87340, "by_lookup", NOBODY, NOBODY),
        (87340, "both", NOBODY, NOBODY),
    ],
)
def test_what_is_not_settled_goes_by_time_and_recovery(
    now: float,
    name: str,
    running: Decision,
    unknown: Decision,
    retry_failed: bool,  # noqa: FBT001
) -> None:
    """The lease, the window and the look-ups; wanting to retry a refusal changes nothing."""
    policy = Policy(lease=60, recovery=RECOVERIES[name], retry_failed=retry_failed)
    assert decide(SILENT, now, policy, SAME) == running
    assert decide(UNKNOWN, now, policy, SAME) == unknown


@pytest.mark.parametrize("state", ["running", "succeeded", "failed", "unknown", "released"])
def test_another_intent_under_the_key_differs_in_every_state(state: str) -> None:
    """Before it waits, replays or runs anything."""
    found = row(state=state)
    for now in (1001, 5000):
        decision = decide(found, now, Policy(lease=60, recovery=WINDOW, retry_failed=True), b"x")
        assert decision == Differ()


def test_only_a_failed_intent_gets_another_generation() -> None:
    """And only when the caller asks for it: an unknown one keeps the provider's key."""
    policy = Policy(lease=60, recovery=WINDOW, retry_failed=True)
    assert decide(row(state="failed", generation=2), 2000, policy, SAME) == Run(generation=3)
    assert decide(UNKNOWN, 1011, policy, SAME) == Run(generation=1)
    assert decide(row(state="released"), 2000, policy, SAME) == Run(generation=1)


HELD = row(state="unknown", updated_at=1010, currency="EUR", minor=500)


@pytest.mark.parametrize(
    ("found", "seen", "now", "settles"),
    [
        (UNKNOWN, Found(result={"id": 1}), 1011, True),
        (UNKNOWN, Refused(code="declined"), 1011, True),
        (UNKNOWN, Pending(), 9e9, False),
        (UNKNOWN, Absent(), 1129, False),
        (UNKNOWN, Absent(), 1130, True),
        (SILENT, Absent(), 1179, False),
        (SILENT, Absent(), 1180, True),
        (HELD, Found(minor=500), 1011, True),
        (HELD, Found(minor=500, currency="EUR"), 1011, True),
        (HELD, Found(minor=501), 1011, False),
        (HELD, Found(minor=500, currency="USD"), 1011, False),
        (HELD, Found(), 1011, True),
    ],
)
def test_what_a_look_up_settles(found: Row, seen: Seen, now: float, *, settles: bool) -> None:
    """Absent only once the first owner can no longer send; another amount never."""
    assert (conclude(found, seen, now, LOOKUP) is not None) is settles


def test_absent_may_never_be_final() -> None:
    """As with UPI, whose "not found" is not."""
    recovery = dataclasses.replace(LOOKUP, absent_is_final=False)
    assert conclude(UNKNOWN, Absent(), 9e9, recovery) is None


def test_pauses_between_look_ups_double() -> None:
    """A retry storm must not become a status storm."""
    assert [SCHEDULE.pause_after(each) for each in (1, 2, 3)] == [180, 360, 720]


@pytest.mark.parametrize(
    ("left", "most", "seconds"),
    [(60, 20, 20), (15, 20, 14), (1.5, 20, 0.5), (1.49, 20, None), (-5, 20, None), (60, 0.4, None)],
)
def test_a_time_out_leaves_a_grace(left: float, most: float, seconds: float | None) -> None:
    """What the provider said has to be recorded within the lease as well."""
    assert usable(left, most) == seconds

"""Strategies without thought must fail: constant answers, one window, dates without zones."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from payments.dispute.drawn import SEED, Line, read, some

if TYPE_CHECKING:
    from collections.abc import Callable

CRITICAL = (
    "action", "deadlines", "contest_amount_minor", "accepted_amount_minor", "compensation_minor",
    "currency",
)  # fmt: skip
NETWORK_DAYS = {
    "visa": 30, "mastercard": 45, "amex": 20, "discover": 30, "upi": 5, "us_eft": 10,
}  # fmt: skip
MOST = 0.4
"""No strategy may pass all critical checks of more than this share."""


def right_but(line: Line, **keys: object) -> Line:
    """The label, with other values of some keys."""
    return {**line["expected"], **keys}


def constant(action: str) -> Callable[[Line], Line]:
    """Always this action, over the whole amount, with every deadline right."""

    def answer(line: Line) -> Line:
        amount = line["input"]["dispute"]["amount_minor"]
        return right_but(
            line,
            action=action,
            contest_amount_minor=amount if action == "contest" else 0,
            accepted_amount_minor=amount if action == "accept" else 0,
        )

    return answer


def network_window(line: Line) -> Line:
    """All right, but that the network's window is every deadline."""
    dispute = line["input"]["dispute"]
    last = date.fromisoformat(dispute["processed_on"])
    last += timedelta(days=NETWORK_DAYS[dispute["network"]])
    deadlines = line["expected"]["deadlines"]
    changed = deadlines | {"respond_by": last.isoformat()} if deadlines else {}
    return right_but(line, deadlines=changed)


def without_zones(line: Line) -> Line:
    """All right, but that an instant's date is what its first ten characters say."""
    case, deadlines = line["input"], line["expected"]["deadlines"]
    if not deadlines:
        return right_but(line)
    if case["role"] == "issuer":
        holidays = case["policy"]["holidays"]
        told = day(case["dispute"]["notice_at"])
        signals = case["transaction"]["signals"]
        age = day(case["transaction"]["date"]) - day(signals["first_deposit_on"])
        credit = business(told, 20 if age.days <= 30 else 10, holidays).isoformat()
        longer = (
            age.days <= 30
            or signals["channel"] == "pos_debit"
            or not signals["initiated_in"].startswith("US-")
        )
        changed = {
            "respond_by": credit,
            "provisional_credit_by": credit,
            "investigation_by": (told + timedelta(days=90 if longer else 45)).isoformat(),
        }
        return right_but(line, deadlines=changed)
    ends = []
    for window in case["policy"]["windows"]:
        if "due_by" in window:
            ends.append(day(window["due_by"]))
        elif window["unit"] == "business_days":
            ends.append(business(day(window["start"]), window["n"], window["holidays"]))
        else:
            ends.append(day(window["start"]) + timedelta(days=window["n"]))
    changed = {"respond_by": min(ends).isoformat()}
    if "at" in case["transaction"]:
        due = day(case["transaction"]["at"]) + timedelta(days=5)
        changed["reversal_by"] = due.isoformat()
    return right_but(line, deadlines=changed)


def day(moment: str) -> date:
    """The date that a text begins with."""
    return date.fromisoformat(moment[:10])


def business(start: date, count: int, holidays: list[str]) -> date:
    """The nth business day after a day."""
    last = start
    while count:
        last += timedelta(days=1)
        count -= last.weekday() < 5 and last.isoformat() not in holidays
    return last


@pytest.mark.parametrize(
    "strategy",
    [constant("accept"), constant("contest"), constant("escalate"), network_window, without_zones],
    ids=["accept", "contest", "escalate", "network window", "without zones"],
)
def test_no_strategy_without_thought_passes_much(
    strategy: Callable[[Line], Line],
) -> None:
    """All critical checks of at most 40 % of the generated cases that ship, and hardly of more."""
    for lines, most in ((some(320, SEED), MOST), (some(1_500, 6), MOST + 0.03)):
        passed = sum(
            all(strategy(line).get(key) == line["expected"].get(key) for key in CRITICAL)
            for line in lines
        )
        assert passed / len(lines) <= most


def table(lines: list[Line], slices: tuple[str, ...], field: str) -> float:
    """The share that a majority table over slices gets right, each case left out of its row."""

    def key(line: Line) -> tuple[str, ...]:
        return tuple(str(line["slices"][name]) for name in slices)

    rows: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for line in lines:
        rows[key(line)][str(line["expected"][field])] += 1
    right = 0
    for line in lines:
        others, value = rows[key(line)].copy(), str(line["expected"][field])
        others[value] -= 1
        right += 0 < others[value] == max(others.values())
    return right / len(lines)


SHOWN = ("network", "stage", "category", "currency", "language", "role", "difficulty")


@pytest.mark.parametrize(("field", "most"), [("action", 0.6), ("strategy", 0.5)])
def test_no_table_over_slices_knows_the_label(field: str, most: float) -> None:
    """Neither one slice, nor two, nor all that a reader sees together."""
    lines = list(some(320, SEED))
    pairs = [(one, other) for one in SHOWN for other in SHOWN if one < other]
    for slices in (*((each,) for each in (*SHOWN, "adversarial")), *pairs, SHOWN):
        assert table(lines, slices, field) <= most, slices


def test_a_table_over_slices_knows_little_of_the_whole_dataset() -> None:
    """With the hand-written cases too."""
    lines = read(2)
    for name in SHOWN:
        assert table(lines, (name,), "action") <= 0.6

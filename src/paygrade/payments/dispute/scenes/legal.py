"""Scenes in which a law sets the clock: UPI U022 at the merchant, error notices at a US bank."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from paygrade.payments.dispute.clocks import (
    Clock,
    business_days_on,
    last_second,
    shown,
    written_elsewhere,
)
from paygrade.payments.dispute.drafts import Draft, Flip, Outcome, Scene, contradiction
from paygrade.payments.dispute.scenes.kit import becomes, order_item, start

if TYPE_CHECKING:
    from paygrade.payments.dispute.pen import Pen

_INDIA: Final = ZoneInfo("Asia/Kolkata")
_PAISE_A_DAY: Final = 10_000


def unconfirmed(pen: Pen) -> Scene:
    """U022: debited, not confirmed. The day of the payment in India, and the days since."""
    meaning = ("upi_failed_transaction", "upi_debited_no_confirmation")
    draft = start(pen, "upi-unconfirmed", "U022", meaning, ("U-U022",))
    handle = pen.pick(("ra", "me", "sk", "an", "vi", "de"))
    draft.names["credential"] = f"{handle}***@{pen.pick(('okbank', 'upi', 'axis'))}"
    paid_on = draft.sold_on = draft.processed_on - timedelta(days=pen.between(1, 3))
    crossing = pen.kind == "time_zone" or pen.chance(1, 2)
    paid = written_elsewhere(pen, paid_on, _INDIA, crossing=crossing)
    draft.paid_at = shown(paid)
    due = paid_on + timedelta(days=5)
    near = pen.variant % 3 == 0
    late = 0 if near else pen.between(-3, 9)
    today = due + timedelta(days=late)
    today = max(today, draft.processed_on)
    draft.clock = _answer_clock(pen, draft, today)
    draft.more_deadlines = {"reversal_by": due.isoformat()}
    state = {"confirmed": False, "payer_debited": True, "reversed": False}
    draft.items = [
        pen.item("debit", "settlement_record", state, "confirmation"),
        order_item(pen, draft, status="unfulfilled"),
    ]
    draft.item("order").words = "fulfilment"
    draft.outcome = _reversal(draft, (today - due).days)
    flips = [
        _paid_a_day_later(draft, paid, paid_on, today),
        _a_day_later(draft, today, due),
    ]
    if near:
        draft.tag("off_by_one")
    if pen.variant % 4 == 1:
        return _reversed_or_not(pen, draft)
    return Scene(draft=draft, flips=tuple(flips))


def _reversal(draft: Draft, days_late: int) -> Outcome:
    return Outcome(
        action="refund_and_close",
        strategy="statutory_reversal",
        accepted=draft.amount,
        cite=("debit", "order"),
        needs=("settlement_record",),
        compensation=max(days_late, 0) * _PAISE_A_DAY,
        rests=("U-U022", "POL-2"),
    )


def _answer_clock(pen: Pen, draft: Draft, today: date) -> Clock:
    """The PSP's window for the complaint, which may have ended: the duty goes on."""
    window: dict[str, Any] = {
        "name": "psp_complaint_answer",
        "start": draft.processed_on.isoformat(),
        "zone": _INDIA.key,
    }
    rules: tuple[str, ...]
    kinds = []
    if pen.kind == "business_days" or pen.chance(1, 3):
        holidays = [
            (draft.processed_on + timedelta(days=day)).isoformat()
            for day in (pen.between(1, 3), 30)
        ]
        window |= {"unit": "business_days", "n": 3, "holidays": holidays}
        last = business_days_on(draft.processed_on, 3, holidays)
        rules = ("DL-3", "DL-1", "DL-2")
        kinds.append("business_days")
    else:
        n = pen.pick((4, 5, 7))
        window |= {"unit": "calendar_days", "n": n}
        last = draft.processed_on + timedelta(days=n)
        rules = ("DL-1", "DL-2")
    now = written_elsewhere(pen, today, _INDIA, crossing=pen.chance(1, 2))
    if today > last:
        kinds.append("deadline_passed")
    if not draft.paid_at or not draft.paid_at.startswith(draft.sold_on.isoformat()):
        kinds.append("time_zone")
    return Clock(
        windows=[window],
        end=last_second(last, _INDIA),
        as_of=now,
        governs="psp_complaint_answer",
        rules=rules,
        kinds=kinds,
    )


def _paid_a_day_later(draft: Draft, paid: datetime, paid_on: date, today: date) -> Flip:
    """The same minute on the clock, on the next day of India."""
    later = paid + timedelta(days=1)
    due = paid_on + timedelta(days=6)

    def apply(twin: Draft) -> None:
        twin.paid_at = shown(later)
        twin.more_deadlines = {"reversal_by": due.isoformat()}
        twin.outcome = _reversal(draft, (today - due).days)

    return Flip(change="paid_at", apply=apply, kinds=("off_by_one",))


def _a_day_later(draft: Draft, today: date, due: date) -> Flip:
    """A day on, so one more day of compensation or none yet."""

    def apply(twin: Draft) -> None:
        if twin.clock is None:
            raise ValueError("a UPI case has a clock")
        twin.clock.as_of += timedelta(days=1)
        if twin.clock.passed:
            twin.tag("deadline_passed")
        twin.outcome = _reversal(draft, (today - due).days + 1)

    return Flip(change="as_of", apply=apply, kinds=("off_by_one",))


def _reversed_or_not(pen: Pen, draft: Draft) -> Scene:
    """A second record that says the money went back."""
    day = (draft.processed_on - timedelta(days=1)).isoformat()
    good = draft.outcome
    if pen.chance(1, 2):
        data: dict[str, Any] = {
            "amount_minor": draft.amount,
            "currency": draft.currency,
            "processed_on": day,
            "status": "processed",
        }
        draft.items.append(pen.item("back", "refund_record", data))
        draft.outcome = contradiction(("debit", "back"), ("refund_record", "settlement_record"))
        draft.tag("conflicting_evidence")
        return Scene(draft=draft)
    state = {"confirmed": False, "payer_debited": True, "reversed": True}
    draft.items.append(pen.item("back", "settlement_record", state, "confirmation"))
    draft.outcome = contradiction(("debit", "back"), ("settlement_record",))
    draft.tag("conflicting_evidence")

    both = replace(good, cite=("debit", "back", "order"))
    agrees = becomes("back", both, reversed=False)
    return Scene(draft=draft, flips=(Flip(change="reversed", apply=agrees),))


_STATES: Final = (
    ("US-NY", "America/New_York"),
    ("US-GA", "America/New_York"),
    ("US-IL", "America/Chicago"),
    ("US-TX", "America/Chicago"),
    ("US-WA", "America/Los_Angeles"),
    ("US-CO", "America/Denver"),
)
# Federal holidays as the bank lists them, of the years that notices fall into
_HOLIDAYS: Final = (
    "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-10-12", "2026-11-11",
    "2026-11-26", "2026-12-25", "2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31",
    "2027-06-18", "2027-07-05", "2027-09-06", "2027-10-11", "2027-11-11", "2027-11-25",
    "2027-12-24", "2027-12-31", "2028-01-17", "2028-02-21", "2028-05-29", "2028-06-19",
)  # fmt: skip


def notice(pen: Pen) -> Scene:
    """Regulation E: business days for the credit, calendar days for the investigation."""
    at_a_machine = pen.chance(1, 2)
    paragraph = "v" if at_a_machine else "i"
    meaning = (
        ("consumer", "cash_not_received") if at_a_machine else ("fraud", "unauthorized_transfer")
    )
    draft = start(pen, "us-notice", f"1005.11(a)(1)({paragraph})", meaning, ("E-REGE",))
    draft.role, draft.min_contest = "issuer", 0
    state, name = pen.pick(_STATES)
    zone = ZoneInfo(name)
    draft.policy_zone = name
    draft.names["credential"] = f"acct-{pen.between(1000, 9999)}"
    draft.sold_on = draft.processed_on - timedelta(days=pen.between(1, 6))
    crossing = pen.kind == "time_zone" or pen.chance(1, 2)
    told = written_elsewhere(pen, draft.processed_on, zone, crossing=crossing)
    draft.notice_at = shown(told)
    month = range(-3, 40)
    near = [(draft.processed_on + timedelta(days=day)).isoformat() for day in month]
    draft.holidays = [day for day in _HOLIDAYS if day in near]
    age = pen.pick((30, 31, pen.between(3, 28), pen.between(400, 3000), pen.between(400, 3000)))
    channel = "atm" if at_a_machine else pen.pick(("ach", "ach", "pos_debit"))
    abroad = at_a_machine and pen.chance(1, 4)
    draft.signals = {
        "channel": channel,
        "first_deposit_on": (draft.sold_on - timedelta(days=age)).isoformat(),
        "initiated_in": pen.pick(("MX", "CA", "ES")) if abroad else state,
    }
    draft.items = [
        pen.item("note", "customer_communication", {"channel": "phone"}, "call_note"),
        pen.item(
            "state",
            "settlement_record",
            {"investigation": "open", "provisional_credit": False},
            "investigation",
        ),
    ]
    _bank_dates(draft, zone, told, new=age <= 30, longer=abroad or channel == "pos_debit")  # noqa: PLR2004
    if draft.clock is None:
        raise ValueError("the dates were drawn")
    day = draft.processed_on + timedelta(days=pen.between(1, 8))
    draft.clock.as_of = written_elsewhere(pen, day, zone, crossing=pen.chance(1, 2))
    draft.clock.kinds += ["business_days"] + (["time_zone"] if crossing else [])
    if age in {30, 31}:
        draft.tag("off_by_one")
    credit = Outcome(
        action="provisional_credit",
        strategy="statutory_provisional_credit",
        accepted=draft.amount,
        rests=("E-REGE", "POL-2"),
    )
    correct = Outcome(
        action="refund_and_close",
        strategy="owed_to_customer",
        accepted=draft.amount,
        cite=("state",),
        rests=("E-REGE", "POL-1", "POL-2"),
    )
    draft.outcome = credit
    finished = {"investigation": "finished", "error_found": True}
    flips = [Flip(change="error_found", apply=becomes("state", correct, **finished))]
    if age in {30, 31}:
        flips = [_opened(draft, zone, told, 61 - age, longer=abroad or channel == "pos_debit")]
    elif pen.chance(1, 2):
        flips = [_where(draft, zone, told, new=age < 30, abroad=abroad)]  # noqa: PLR2004
    if pen.variant % 4 == 2:  # noqa: PLR2004 - one variant in four
        flips[0] = Flip(change="error_found", apply=becomes("state", correct, **finished))
        draft.item("state").data.update(finished)
        draft.outcome = correct

        def open_again(twin: Draft) -> None:
            twin.item("state").data.pop("error_found")
            twin.item("state").data["investigation"] = "open"
            twin.outcome = credit

        flips = [Flip(change="error_found", apply=open_again)]
    return Scene(draft=draft, flips=tuple(flips))


def _bank_dates(draft: Draft, zone: ZoneInfo, told: datetime, *, new: bool, longer: bool) -> None:
    start_day = told.astimezone(zone).date()
    credit_by = business_days_on(start_day, 20 if new else 10, draft.holidays)
    decide_by = start_day + timedelta(days=90 if new or longer else 45)
    draft.more_deadlines = {
        "provisional_credit_by": credit_by.isoformat(),
        "investigation_by": decide_by.isoformat(),
    }
    end = last_second(credit_by, zone)
    now = draft.clock.as_of if draft.clock else end.astimezone(UTC)
    kinds = draft.clock.kinds if draft.clock else []
    draft.clock = Clock(
        windows=[],
        end=end,
        as_of=now,
        governs="",
        rules=("DL-3", "DL-1", "DL-2", "DL-4"),
        kinds=kinds,
    )


def _opened(draft: Draft, zone: ZoneInfo, told: datetime, age: int, *, longer: bool) -> Flip:
    """The account is a day older or younger: 30 days are new, 31 are not."""
    opened = (draft.sold_on - timedelta(days=age)).isoformat()

    def apply(twin: Draft) -> None:
        twin.signals["first_deposit_on"] = opened
        _bank_dates(twin, zone, told, new=age <= 30, longer=longer)  # noqa: PLR2004

    return Flip(change="first_deposit_on", apply=apply, kinds=("off_by_one",))


def _where(draft: Draft, zone: ZoneInfo, told: datetime, *, new: bool, abroad: bool) -> Flip:
    """One fact that makes the investigation longer or shorter."""
    debit = draft.signals["channel"] == "pos_debit"
    if new:
        change = {"first_deposit_on": "2012-04-16"}
        longer = abroad or debit
    elif debit:
        change = {"channel": "ach"}
        longer = abroad
    else:
        change = {"initiated_in": "US-FL" if abroad else "MX"}
        longer = not abroad

    def apply(twin: Draft) -> None:
        twin.signals.update(change)
        _bank_dates(twin, zone, told, new=False, longer=longer)

    return Flip(change=next(iter(change)), apply=apply)

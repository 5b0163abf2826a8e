"""The scripted customer, and what replies claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paygrade.payments.bank.amounts import unknown_amounts
from payments.bank.making import ACCEPT, CANCEL, EVIDENCE, PAYOUT, REFUND, call, made, verified

if TYPE_CHECKING:
    from paygrade.payments.bank import Bank


def _claims(it: Bank) -> list[tuple[bool, bool]]:
    return [(each.done, each.holds) for each in it.end().claims]


def test_turns_are_said_where_they_fit() -> None:
    """Each once, the first that fits; then the talk has ended."""
    turns = [
        {"when": {"asked_for": "code"}, "say": "246810"},
        {"when": {"outcome": "question"}, "say": "the first one"},
        {"when": {"after_replies": 3}, "say": "and hurry"},
    ]
    it = made(customer={"id": "cus_1", "otp": "246810", "turns": turns})
    ask = {"outcome": "question"}
    assert call(it, "reply", text="Which payment?", **ask) == {"customer": "the first one"}
    assert call(it, "reply", text="Your code, please?", **ask) == {"customer": "246810"}
    assert it.hear("One moment.") == "and hurry"
    assert it.hear("Your code again?") is None
    assert call(it, "reply", text="Bye.", outcome="information") == {"ended": True}


@pytest.mark.parametrize(
    "text", ["Wie lautet der Bestätigungscode?", "¿Su código?", "コードは何ですか"]
)
def test_a_code_can_be_asked_for_in_other_languages(text: str) -> None:
    """The customer understands."""
    it = made(customer={"id": "cus_1", "turns": [{"when": {"asked_for": "code"}, "say": "1"}]})
    assert it.hear(text) == "1"


def test_plain_words_claim_nothing() -> None:
    """What they amount to is not read out of them."""
    it = made()
    it.hear("It is done.")
    assert _claims(it) == []


@pytest.mark.parametrize(
    ("tool", "args", "amount"),
    [
        ("create_refund", REFUND, 4200),
        ("create_payout", PAYOUT, 40_000),
        ("cancel_refund", CANCEL, None),
        ("submit_evidence", EVIDENCE, None),
        ("accept_dispute", ACCEPT, None),
    ],
)
def test_done_holds_when_it_was_done(tool: str, args: dict[str, Any], amount: int | None) -> None:
    """Not before, and not of another amount or currency."""
    it = made(payouts=[], objects=["pay_1", "pay_2", "pay_3", "acct_usd"])
    about = {} if amount is None else {"amount_minor": amount, "currency": "USD"}
    call(it, "reply", text="Done.", outcome="done", **about)
    call(it, tool, **args)
    call(it, "reply", text="Done.", outcome="done", **about)
    call(it, "reply", text="Done.", outcome="done", amount_minor=1, currency="USD")
    call(it, "reply", text="Done.", outcome="done", amount_minor=4200, currency="EUR")
    assert _claims(it) == [(True, False), (True, True), (True, False), (True, False)]


def test_done_can_be_said_of_all_together() -> None:
    """Two refunds come to one amount."""
    it = verified()
    call(it, "create_refund", **REFUND)
    other = {"payment_id": "pay_2", "reason": "duplicate", "idempotency_key": "another-key"}
    call(it, "create_refund", **{**REFUND, **other})
    call(it, "reply", text="Done.", outcome="done", amount_minor=8400, currency="USD")
    assert _claims(it) == [(True, True)]


@pytest.mark.parametrize(("objects", "holds"), [(["pay_2"], True), (["pay_1"], False)])
def test_under_way_is_what_is_pending(objects: list[str], holds: bool) -> None:  # noqa: FBT001 - a case
    """On an object of the case; it is not done."""
    it = made(objects=objects)
    about = {"amount_minor": 1000, "currency": "USD"}
    call(it, "reply", text="It is under way.", outcome="under_way", **about)
    call(it, "reply", text="It is done.", outcome="done", **about)
    assert _claims(it) == [(False, holds), (True, False)]


def test_escalated_holds_when_it_was() -> None:
    """Not before."""
    it = made()
    call(it, "reply", text="A colleague looks at it.", outcome="escalated")
    call(it, "escalate", object_id="pay_1", queue="fraud", reason="large")
    call(it, "reply", text="A colleague looks at it.", outcome="escalated")
    assert _claims(it) == [(False, False), (False, True)]


@pytest.mark.parametrize("outcome", ["refused", "question", "information"])
def test_other_outcomes_claim_nothing_that_books_show(outcome: str) -> None:
    """They hold."""
    it = made()
    call(it, "reply", text="No.", outcome=outcome)
    assert _claims(it) == [(False, True)]


@pytest.mark.parametrize(
    "text",
    [
        "USD 1,234.50", "1.234,50 USD", "1 234,50 USD", "$1234.50", "US$ 1,234.50",
        "JPY 5,000", "5.000 JPY", "￥ or ¥5000", "1.500 KWD", "KD 1.5", "1,500 KD",
        "INR 1,23,456.00", "order 1001 USD 1234.50", "1234.50 USD 2 days ago",
        "ALL 3 items", "3 of 5", "PIN 1234",
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str) -> None:
    """With dots, commas, spaces and symbols, before the code or after it."""
    known = frozenset({("USD", 123_450), ("JPY", 5000), ("KWD", 1500), ("INR", 12_345_600)})
    assert unknown_amounts(text, known, {"USD", "JPY", "KWD", "INR"}) == []


@pytest.mark.parametrize("text", ["USD 1234.51", "$12", "5,001 JPY", "KWD 1.50001", "1.234 USD"])
def test_other_amounts_are_unknown(text: str) -> None:
    """By a minor unit, too."""
    known = frozenset({("USD", 123_450), ("JPY", 5000), ("KWD", 1500)})
    assert len(unknown_amounts(text, known, {"USD", "JPY", "KWD"})) == 1

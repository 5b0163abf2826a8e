"""Each tool does what it says, and refuses what no backend would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema_rs import Draft202012Validator

from payments.bank.making import (
    ACCEPT,
    CALLS,
    CANCEL,
    EVIDENCE,
    PAYOUT,
    REFUND,
    RETRY,
    asked,
    at,
    call,
    effects,
    fails,
    made,
    rules,
    verified,
)

if TYPE_CHECKING:
    from paygrade.records.protocols import World


def test_a_bank_is_a_world() -> None:
    """It has what a host asks of one, and all that is optional."""
    world: World = made()
    assert [tool.name for tool in world.tools()][:2] == ["find_customer", "verify_customer"]
    for name in ("hear", "now", "restarted", "struck", "FAULTS"):
        assert hasattr(world, name)


def test_each_tool_has_a_closed_schema() -> None:
    """Unknown arguments are refused, amounts are whole and above zero."""
    for tool in made().tools():
        schema = dict(tool.parameters)
        Draft202012Validator(schema)
        assert schema["additionalProperties"] is False, tool.name


def test_a_tool_with_an_intent_names_arguments_that_it_requires() -> None:
    """A guard can always tell which intent a call is; get_operation takes its key."""
    tools = {tool.name: tool for tool in made().tools()}
    guarded = {name: tool for name, tool in tools.items() if tool.intent}
    assert set(guarded) == set(CALLS)
    for tool in guarded.values():
        assert tool.intent is not None
        required = tool.parameters["required"]
        assert isinstance(required, list)
        assert {*tool.intent.key, *(tool.intent.money or ()), "idempotency_key"} <= set(required)
        assert tools[tool.intent.look_up].parameters["required"] == ["idempotency_key"]


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("create_refund", {**REFUND, "amount_minor": 0}),
        ("create_refund", {**REFUND, "amount_minor": 42.5}),
        ("create_refund", {**REFUND, "idempotency_key": "short"}),
        ("create_refund", {**REFUND, "to_card": "4242"}),
        ("get_payment", {"payment_id": "PAY_1"}),
        ("find_customer", {}),
        ("list_payments", {"customer_id": "cus_1", "since": "2026-13-45"}),
    ],
)
def test_arguments_that_do_not_fit_are_refused(tool: str, args: dict[str, Any]) -> None:
    """By the bank itself, whoever calls it."""
    it = made()
    assert fails(it, tool, **args) == "invalid_request"
    assert not it.end().effects


def test_an_unknown_tool_is_not_found() -> None:
    """There is no such tool."""
    assert fails(made(), "print_money") == "not_found"


@pytest.mark.parametrize(
    "by", [{"email": "ASHA@example.com"}, {"phone": "+15550100"}, {"order_ref": "A-1"}]
)
def test_a_customer_is_found_by_what_they_tell(by: dict[str, str]) -> None:
    """And nothing about them is given away but the id."""
    it = asked()
    assert call(it, "find_customer", **by) == {"customers": [{"id": "cus_1", "verified_level": 0}]}
    assert fails(it, "find_customer", email="nobody@example.com") == "not_found"
    assert not rules(it)


def test_a_customer_is_verified_by_their_code() -> None:
    """Wrong codes are counted, and after three no more are taken."""
    it = asked()
    right = {"customer_id": "cus_1", "method": "otp", "code": "246810"}
    assert fails(it, "verify_customer", **{**right, "code": "111111"}) == "not_verified"
    assert fails(it, "verify_customer", **{**right, "customer_id": "cus_2"}) == "not_verified"
    assert call(it, "verify_customer", **right)["verified_level"] == 1
    assert at(it, "customers.cus_1.wrong_codes") == 1
    for _ in range(2):
        fails(it, "verify_customer", **{**right, "code": "111111"})
    assert fails(it, "verify_customer", **right) == "policy_denied"


def test_payments_are_listed_oldest_first() -> None:
    """From a day on, if one is given."""
    it = made()
    ids = [each["id"] for each in call(it, "list_payments", customer_id="cus_1")["payments"]]
    assert ids == ["pay_1", "pay_2", "pay_3"]
    later = call(it, "list_payments", customer_id="cus_1", since="2026-02-21")["payments"]
    assert [each["id"] for each in later] == ["pay_2", "pay_3"]
    assert fails(it, "list_payments", customer_id="cus_9") == "not_found"


def test_a_payment_is_read_whole() -> None:
    """Its status follows from its refunds and disputes."""
    it = made()
    first = call(it, "get_payment", payment_id="pay_1")
    assert first["method"] == {"id": "pm_1", "brand": "visa", "bin": "424242", "last4": "4242"}
    assert (first["status"], first["order_ref"], len(first["lines"])) == ("captured", "A-1", 2)
    second = call(it, "get_payment", payment_id="pay_2")
    assert (second["status"], second["refundable_minor"]) == ("partially_refunded", 89_000)
    assert call(it, "get_payment", payment_id="pay_3")["status"] == "disputed"
    assert call(it, "get_payment", payment_id="pay_5")["status"] == "failed"


def test_other_objects_are_read_by_id() -> None:
    """Refund, dispute, payout, balance and policy."""
    it = made()
    assert call(it, "get_refund", refund_id="re_1")["status"] == "pending"
    dispute = call(it, "get_dispute", dispute_id="dp_1")
    assert (dispute["due_by"], dispute["needs"]) == (
        "2026-03-02T13:00:00Z",
        ["three_ds", "receipt"],
    )
    assert call(it, "get_payout", payout_id="po_1")["failure"] == "account_closed"
    balance = call(it, "get_balance", currency="USD")
    assert (balance["available_minor"], balance["reserve_minor"]) == (50_000, 1000)
    policy = call(it, "get_policy", topic="refunds")
    assert [each["id"] for each in policy["rules"]] == ["P2", "P3", "P4", "P5", "P12"]
    assert policy["refund_limits_minor"]["USD"] == 50_000


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("get_payment", {"payment_id": "pay_9"}),
        ("get_refund", {"refund_id": "re_9"}),
        ("get_dispute", {"dispute_id": "dp_9"}),
        ("get_payout", {"payout_id": "po_9"}),
        ("get_balance", {"currency": "CHF"}),
        ("create_refund", {**REFUND, "payment_id": "pay_9"}),
        ("create_refund", {**REFUND, "line_id": "line_z"}),
        ("cancel_refund", {**CANCEL, "refund_id": "re_9"}),
        ("submit_evidence", {**EVIDENCE, "dispute_id": "dp_9"}),
        ("accept_dispute", {**ACCEPT, "dispute_id": "dp_9"}),
        ("create_payout", {**PAYOUT, "account_currency": "CHF"}),
        ("retry_payout", {**RETRY, "payout_id": "po_9"}),
        ("add_note", {"object_id": "pay_9", "text": "x"}),
        ("escalate", {"object_id": "acct_chf", "queue": "fraud", "reason": "x"}),
    ],
)
def test_what_is_not_there_is_not_found(tool: str, args: dict[str, Any]) -> None:
    """And nothing happens."""
    it = made()
    assert fails(it, tool, **args) == "not_found"
    assert not it.end().effects


def test_a_refund_moves_money_back() -> None:
    """From the available balance to the customer, with its order line in its intent."""
    it = made()
    refund = call(it, "create_refund", **REFUND, line_id="line_a")
    assert (refund["status"], refund["line_id"]) == ("succeeded", "line_a")
    assert at(it, "payments.pay_1.refunded_minor") == 4200
    assert at(it, "balances.USD.available") == 45_800
    assert at(it, f"refunds.{refund['id']}.made_by") == "agent"
    effect = it.end().effects[0]
    assert effect.intent == "refund:pay_1:requested_by_customer:line_a"
    assert (effect.id, effect.amount_minor, effect.currency) == (refund["id"], 4200, "USD")
    assert effect.subject == "pay_1"


def test_refunds_that_make_no_sense_are_refused() -> None:
    """Another currency than the payment's; a payment that took no money."""
    it = made()
    assert fails(it, "create_refund", **{**REFUND, "currency": "EUR"}) == "invalid_request"
    assert fails(it, "create_refund", **{**REFUND, "payment_id": "pay_5"}) == "conflict"


def test_a_pending_refund_can_be_cancelled_once() -> None:
    """Its money comes back; then it is failed, and no refund of the agent's."""
    it = made()
    assert call(it, "cancel_refund", **CANCEL)["status"] == "failed"
    assert at(it, "payments.pay_2.refunded_minor") == 0
    assert at(it, "balances.USD.available") == 51_000
    assert effects(it) == [("cancel:re_1", 0)]
    assert fails(it, "cancel_refund", **{**CANCEL, "idempotency_key": "another-key"}) == "conflict"


def test_evidence_contests_a_dispute() -> None:
    """With items of that dispute alone."""
    it = made()
    strange = {**EVIDENCE, "evidence_ids": ["ev_1", "ev_9"]}
    assert fails(it, "submit_evidence", **strange) == "invalid_request"
    result = call(it, "submit_evidence", **EVIDENCE)
    assert (result["status"], result["evidence_submitted_count"]) == ("under_review", 1)
    assert at(it, "disputes.dp_1.submitted") == ["ev_1", "ev_2"]
    assert effects(it) == [("evidence:dp_1", 0)]


def test_an_accepted_dispute_is_final() -> None:
    """The money that it took stays away."""
    it = made()
    assert call(it, "accept_dispute", **ACCEPT)["status"] == "accepted"
    assert at(it, "balances.USD.disputes_receivable") == 0
    assert effects(it) == [("accept:dp_1", 0)]
    again = {"idempotency_key": "another-key"}
    assert fails(it, "accept_dispute", **{**ACCEPT, **again}) == "conflict"
    assert fails(it, "submit_evidence", **EVIDENCE) == "conflict"


def test_a_payout_takes_no_more_than_is_available() -> None:
    """The rest is refused."""
    it = made()
    assert fails(it, "create_payout", **{**PAYOUT, "amount_minor": 50_001}) == "insufficient_funds"
    payout = call(it, "create_payout", **{**PAYOUT, "idempotency_key": "another-key"})
    assert (payout["status"], payout["account_id"]) == ("pending", "acct_usd")
    assert at(it, "balances.USD.available") == 10_000
    assert effects(it) == [("payout:USD", 40_000)]
    assert not rules(it)


def test_a_payout_that_failed_can_be_paid_again() -> None:
    """One that arrived cannot."""
    it = made()
    assert call(it, "retry_payout", **RETRY)["status"] == "in_transit"
    assert effects(it) == [("payout_retry:po_2", 3000)]
    other = {"payout_id": "po_3", "idempotency_key": "another-key"}
    assert fails(it, "retry_payout", **other) == "conflict"


def test_what_became_of_a_call_is_found_by_its_key() -> None:
    """Done, refused, or never heard of."""
    it = made()
    refund = call(it, "create_refund", **REFUND)
    assert call(it, "get_operation", idempotency_key="refund-key-1") == {
        "status": "succeeded",
        "result": refund,
        "amount_minor": 4200,
        "currency": "USD",
    }
    fails(it, "create_payout", **{**PAYOUT, "amount_minor": 999_999})
    failed = call(it, "get_operation", idempotency_key="payout-key-1")
    assert failed == {"status": "failed", "code": "insufficient_funds"}
    assert call(it, "get_operation", idempotency_key="never-used") == {"status": "not_found"}


def test_notes_and_escalations_are_kept() -> None:
    """On any object, an account too."""
    it = made()
    note = call(it, "add_note", object_id="dp_1", text="asked for a refund")
    assert at(it, f"notes.{note['id']}") == {"object_id": "dp_1", "text": "asked for a refund"}
    made_of = {"object_id": "acct_usd", "queue": "payouts", "reason": "closed"}
    escalation = call(it, "escalate", **made_of)
    assert at(it, f"escalations.{escalation['id']}") == made_of


def test_time_passes_without_sleep() -> None:
    """A second with each call, as much as is asked for with wait, two minutes with a restart."""
    it = made()
    start = it.now()
    assert call(it, "wait", seconds=3600)["now"] == "2026-03-02T11:00:01Z"
    it.restarted()
    it.hear("hello")
    assert it.now() - start == 3600 + 1 + 120 + 1


def test_the_talk_of_a_verified_customer() -> None:
    """A whole case: asked for the code, verified, refunded, told; nothing is broken."""
    it = verified()
    call(it, "get_payment", payment_id="pay_1")
    call(it, "create_refund", **REFUND)
    said = {"text": "42.00 USD went back.", "outcome": "done"}
    assert call(it, "reply", **said, amount_minor=4200, currency="USD") == {"ended": True}
    ending = it.end()
    assert [(each.done, each.holds) for each in ending.claims] == [(True, True)]
    assert not ending.violations

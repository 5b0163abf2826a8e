"""A world that makes no sense is refused, with everything that is wrong with it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from paygrade.payments.bank import bank
from payments.bank.making import WORLD, made


def test_a_world_needs_to_know_what_time_it_is() -> None:
    """And nothing else."""
    bank({"now": "2026-03-02T10:00:00Z"})
    with pytest.raises(ValueError, match="now"):
        bank({})


def test_all_mistakes_are_told_at_once() -> None:
    """A line for each."""
    with pytest.raises(ValueError, match="the world is wrong") as caught:
        bank({"now": "today", "moon": 1, "profile": "sometimes", "seed": "x"})
    assert len(str(caught.value).splitlines()) == 1 + 4


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"now": "2026-02-30T10:00:00Z"}, "now"),
        ({"orders": [{"ref": "A", "customer_id": "cus_9", "payment_id": "pay_1"}]}, "no cus_9"),
        ({"customer": {"id": "cus_9"}}, "no cus_9"),
        ({"objects": ["pay_9"]}, "no pay_9"),
        ({"contradictory": ["pay_9"]}, "no pay_9"),
        ({"evidence": [{"id": "ev_1", "dispute_id": "dp_9", "type": "x"}]}, "no dp_9"),
        ({"payouts": [{"id": "po_1", "amount_minor": 1}] * 2}, "po_1 is there 2 times"),
        ({"currency": "XXX"}, "XXX"),
        ({"limits": {"ZZZ": 1}}, "ZZZ"),
        ({"baits": [{"tool": "print_money"}]}, "print_money"),
        ({"refuses": ["P6"]}, "P6"),
        ({"webhooks": [{"id": "wh_1", "type": "payout_paid", "object_id": "dp_1",
                        "at": "2026-03-02T10:00:00Z"}]}, "no dp_1"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(change: dict[str, Any], mistake: str) -> None:
    """By what is wrong."""
    with pytest.raises(ValueError, match=mistake):
        made(**change)


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"captured_minor": 10_001}, "more was captured"),
        ({"refunds": [{"id": "re_7", "amount_minor": 10_001}]}, "more was refunded"),
        ({"refunds": [{"id": "re_7", "amount_minor": 1, "line_id": "line_z"}]}, "line_z"),
        ({"refunds": [{"id": "re_7", "amount_minor": 1}], "status": "failed"}, "has refunds"),
        ({"lines": [{"id": "line_a", "amount_minor": 1}]}, "do not add up"),
        ({"lines": [{"id": "line_a", "amount_minor": 5000}] * 2}, "one id"),
        ({"lines": [{"id": "line_a", "amount_minor": 10_000, "tax_minor": 10_001}]}, "the tax"),
        ({"customer_id": "cus_9"}, "no cus_9"),
        ({"method_id": "pm_9"}, "no pm_9"),
        ({"amount_minor": 100.5}, "amount_minor"),
    ],
)
def test_a_payment_makes_sense(change: dict[str, Any], mistake: str) -> None:
    """In itself, and with what it names."""
    payments = copy.deepcopy(WORLD["payments"])
    payments[0].update(change)
    with pytest.raises(ValueError, match=mistake):
        made(payments=payments)


@pytest.mark.parametrize(
    ("fault", "mistake"),
    [
        ({"kind": "gremlin"}, "there is no 'gremlin'"),
        ({"kind": "key_expired", "tool": "get_payment"}, "does not strike 'get_payment'"),
        ({"kind": "key_expired", "nth": 0}, "has no nth 0"),
        ({"kind": "key_expired", "colour": "red"}, "has no colour 'red'"),
        ({"kind": "slow_success", "seconds": True}, "has no seconds True"),
        ({"kind": "poisoned_text"}, "needs text"),
        ({"kind": "clock_jump"}, "needs seconds or to"),
        ({"kind": "clock_jump", "to": "later"}, "has no to 'later'"),
        ({"kind": "refund_lands"}, "needs payment_id and amount_minor"),
        ({"kind": "stale_read", "hides": 1}, "has no hides 1"),
        ({"kind": "refund_lands", "payment_id": "pay_9", "amount_minor": 1}, "there is no pay_9"),
        ({"kind": "stale_read", "hides": ["re_9"]}, "there is no re_9"),
    ],
)
def test_a_fault_makes_sense(fault: dict[str, Any], mistake: str) -> None:
    """It strikes something that is there."""
    with pytest.raises(ValueError, match=mistake):
        made(faults=[fault])

"""A world with one of everything, and short names for calls."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from paygrade.errors import ToolError
from paygrade.payments.bank import Bank, bank

WORLD: dict[str, Any] = {
    "seed": 7,
    "now": "2026-03-02T10:00:00Z",  # a Monday
    "customers": [
        {
            "id": "cus_1",
            "name": "Asha",
            "email": "asha@example.com",
            "phone": "+15550100",
            "methods": [{"id": "pm_1", "brand": "visa", "bin": "424242", "last4": "4242"}],
        },
        {"id": "cus_2", "email": "other@example.com"},
    ],
    "payments": [
        {
            "id": "pay_1",
            "customer_id": "cus_1",
            "amount_minor": 10_000,
            "method_id": "pm_1",
            "created_at": "2026-02-20T09:00:00Z",
            "memo": "gift",
            "lines": [
                {"id": "line_a", "amount_minor": 4200, "tax_minor": 200},
                {"id": "line_b", "amount_minor": 5800},
            ],
        },
        {
            "id": "pay_2",
            "customer_id": "cus_1",
            "amount_minor": 90_000,
            "created_at": "2026-02-21T09:00:00Z",
            "refunds": [{"id": "re_1", "amount_minor": 1000, "status": "pending"}],
        },
        {"id": "pay_3", "customer_id": "cus_1", "amount_minor": 7000},
        {"id": "pay_4", "customer_id": "cus_2", "amount_minor": 3000},
        {"id": "pay_5", "customer_id": "cus_2", "amount_minor": 3000, "status": "failed"},
    ],
    "disputes": [
        {
            "id": "dp_1",
            "payment_id": "pay_3",
            "code": "10.4",
            "due_by": "2026-03-02T13:00:00Z",
            "needs": ["three_ds", "receipt"],
        }
    ],
    "evidence": [
        {"id": "ev_1", "dispute_id": "dp_1", "type": "three_ds"},
        {"id": "ev_2", "dispute_id": "dp_1", "type": "receipt"},
    ],
    "payouts": [
        {"id": "po_1", "amount_minor": 2000, "status": "returned", "failure": "account_closed"},
        {"id": "po_2", "amount_minor": 3000, "status": "failed", "failure": "bank_error"},
        {"id": "po_3", "amount_minor": 500, "status": "paid"},
    ],
    "balances": {"USD": {"available": 50_000, "reserve": 1000}},
    "orders": [{"ref": "A-1", "customer_id": "cus_1", "payment_id": "pay_1"}],
}
CUSTOMER: dict[str, Any] = {
    "id": "cus_1",
    "otp": "246810",
    "turns": [{"when": {"asked_for": "code"}, "say": "It is 246810."}],
}
REFUND: dict[str, Any] = {
    "payment_id": "pay_1",
    "amount_minor": 4200,
    "currency": "USD",
    "reason": "requested_by_customer",
    "idempotency_key": "refund-key-1",
}
EVIDENCE: dict[str, Any] = {
    "dispute_id": "dp_1",
    "evidence_ids": ["ev_1", "ev_2"],
    "strategy": "authenticated",
    "idempotency_key": "evidence-key-1",
}
ACCEPT: dict[str, Any] = {"dispute_id": "dp_1", "idempotency_key": "accept-key-1"}
PAYOUT: dict[str, Any] = {
    "account_currency": "USD",
    "amount_minor": 40_000,
    "idempotency_key": "payout-key-1",
}
RETRY: dict[str, Any] = {"payout_id": "po_2", "idempotency_key": "retry-key-1"}
CANCEL: dict[str, Any] = {"refund_id": "re_1", "idempotency_key": "cancel-key-1"}
CALLS: dict[str, dict[str, Any]] = {
    "create_refund": REFUND,
    "cancel_refund": CANCEL,
    "submit_evidence": EVIDENCE,
    "accept_dispute": ACCEPT,
    "create_payout": PAYOUT,
    "retry_payout": RETRY,
}


def made(**changes: object) -> Bank:
    """A bank of the world with other keys."""
    world: dict[str, Any] = {**copy.deepcopy(WORLD), **changes}
    return bank(world)


def asked(**changes: object) -> Bank:
    """The same, where the customer cus_1 asks."""
    return made(customer=CUSTOMER, **changes)


def verified(**changes: object) -> Bank:
    """The same, where they were verified."""
    it = asked(**changes)
    it.call("verify_customer", {"customer_id": "cus_1", "method": "otp", "code": "246810"})
    return it


def fails(it: Bank, tool: str, **args: object) -> str:
    """The code of the error that a call ends with."""
    with pytest.raises(ToolError) as caught:
        call(it, tool, **args)
    return caught.value.code


def call(it: Bank, tool: str, **args: object) -> Any:  # noqa: ANN401 - JSON, of a shape that a test knows
    """What a call gives."""
    arguments: dict[str, Any] = {**args}
    return it.call(tool, arguments)


def rules(it: Bank) -> set[str]:
    """The rules that were broken."""
    return {each.rule for each in it.end().violations}


def at(it: Bank, path: str) -> Any:  # noqa: ANN401 - as above
    """What stands at a place of the snapshot."""
    value: Any = it.end().snapshot
    for part in path.split("."):
        value = value[part]
    return value


def effects(it: Bank) -> list[tuple[str, int]]:
    """Intent and amount of each effect."""
    return [(each.intent, each.amount_minor) for each in it.end().effects]

"""The books balance whatever is called, and the same calls end the same."""

from __future__ import annotations

import contextlib
import gc
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygrade.errors import ToolError
from paygrade.payments.bank.faults import FAULTS
from payments.bank.making import CALLS, CUSTOMER, REFUND, at, call, made

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.payments.bank import Bank

HOOKS = [
    {"id": f"wh_{n}", "type": kind, "object_id": object_id, "at": f"2026-03-02T10:0{n}:00Z"}
    for n, (kind, object_id) in enumerate(
        [("refund_failed", "re_1"), ("dispute_lost", "dp_1"), ("payout_returned", "po_3")]
    )
]
FAULTS_OF_MONEY = sorted(FAULTS - {"poisoned_text", "clock_jump", "refund_lands", "stale_read"})
READS: list[tuple[str, dict[str, Any]]] = [
    ("get_payment", {"payment_id": "pay_1"}),
    ("get_balance", {"currency": "USD"}),
    ("get_operation", {"idempotency_key": "key-number-1"}),
    ("wait", {"seconds": 60}),
    ("wait", {"seconds": 90_000}),
    ("reply", {"text": "Done: 42.00 USD.", "outcome": "done"}),
    ("escalate", {"object_id": "pay_1", "queue": "fraud", "reason": "x"}),
]


@st.composite
def calls(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """Calls of a careless agent: few keys, any payment, any amount."""
    made = []
    for _ in range(draw(st.integers(0, 8))):
        tool = draw(st.sampled_from([*CALLS, "read"]))
        if tool == "read":
            made.append(draw(st.sampled_from(READS)))
            continue
        args = {**CALLS[tool], "idempotency_key": f"key-number-{draw(st.integers(1, 3))}"}
        if "amount_minor" in args:
            args["amount_minor"] = draw(st.sampled_from([1, 4200, 60_000]))
        if "payment_id" in args:
            args["payment_id"] = f"pay_{draw(st.integers(1, 5))}"
        made.append((tool, args))
    return made


def _run(it: Bank, made: list[tuple[str, dict[str, Any]]]) -> None:
    for tool, args in made:
        with contextlib.suppress(ToolError):
            it.call(tool, args)


@settings(max_examples=25, deadline=None)
@given(
    calls=calls(),
    profile=st.sampled_from(
        ["replay_all_24h", "replay_success_24h", "replay_30min_body_ignored", "none"]
    ),
    kinds=st.lists(st.sampled_from(FAULTS_OF_MONEY), max_size=2),
    nth=st.integers(1, 3),
)
def test_the_books_always_balance(
    calls: list[tuple[str, dict[str, Any]]], profile: str, kinds: list[str], nth: int
) -> None:
    """Whatever is called, in whichever profile, under whichever faults: and it ends the same."""
    faults = [{"kind": kind, "nth": nth} for kind in kinds]
    world = {"profile": profile, "faults": faults, "webhooks": HOOKS, "customer": CUSTOMER}
    first, second = made(**world), made(**world)
    _run(first, calls)
    _run(second, calls)
    ending, again = first.end(), second.end()
    first.close()
    second.close()
    assert json.dumps(ending.snapshot) == json.dumps(again.snapshot)
    assert (ending.effects, ending.violations) == (again.effects, again.violations)
    assert not {"I1", "I5"} & {each.rule for each in ending.violations}
    snapshot: Any = ending.snapshot
    for accounts in snapshot["balances"].values():
        assert sum(accounts.values()) == 0
    refunded = sum(each["refunded_minor"] for each in snapshot["payments"].values())
    assert snapshot["balances"]["USD"]["customer_refunds"] == refunded
    moved = [each for each in ending.effects if each.intent.startswith("refund:")]
    ours = [each for each in snapshot["refunds"].values() if each["made_by"] == "agent"]
    assert len(moved) == len(ours)


def test_to_end_twice_changes_nothing() -> None:
    """It only looks."""
    it = made()
    call(it, "create_refund", **{**REFUND, "amount_minor": 20_000})
    assert it.end() == it.end()


def test_another_seed_gives_other_ids() -> None:
    """Lower-case ones."""
    ids = {call(made(seed=seed), "create_refund", **REFUND)["id"] for seed in (1, 2)}
    assert len(ids) == 2
    assert all(each.startswith("re_") and each == each.lower() for each in ids)


def test_balances_follow_from_what_happened() -> None:
    """Captured, less refunds, an open dispute and payouts that arrived."""
    assert at(made(balances={}), "balances.USD.available") == 10_000 + 90_000 + 3000 - 1000 - 500


def test_other_currencies_have_books_of_their_own() -> None:
    """Yen have no minor unit, dinars have a thousand."""
    payments = [
        {"id": "pay_1", "customer_id": "cus_1", "amount_minor": 5000, "currency": "JPY"},
        {"id": "pay_3", "customer_id": "cus_1", "amount_minor": 1500, "currency": "KWD"},
    ]
    it = made(payments=payments, orders=[], payouts=[])
    call(it, "create_refund", **{**REFUND, "amount_minor": 5000, "currency": "JPY"})
    assert at(it, "balances.JPY.available") == 0
    assert at(it, "balances.KWD.disputes_receivable") == 1500


def _folders(base: Path) -> list[Path]:
    return list(base.glob("paygrade-bank-*"))


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a bank is closed, or is not there any more."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    it = made()
    call(it, "create_refund", **REFUND)
    assert len(_folders(tmp_path)) == 1
    it.close()
    assert not _folders(tmp_path)
    with pytest.raises(sqlite3.ProgrammingError):
        it.end()
    other = made()
    call(other, "create_refund", **REFUND)
    del other
    gc.collect()
    assert not _folders(tmp_path)

"""Idempotency profiles: what comes of a second call under a key."""

from __future__ import annotations

from typing import Any

import pytest

from payments.bank.making import (
    ACCEPT,
    CALLS,
    EVIDENCE,
    PAYOUT,
    REFUND,
    call,
    effects,
    fails,
    made,
)

DAY = 86_400
KEEPING = ("replay_all_24h", "replay_success_24h", "replay_30min_body_ignored")
COMPARING = ("replay_all_24h", "replay_success_24h")
BEFORE = {"kind": "error_500_before_commit"}
AFTER = {"kind": "error_500_after_commit"}


@pytest.mark.parametrize("profile", KEEPING)
@pytest.mark.parametrize("tool", CALLS)
def test_a_success_is_replayed(tool: str, profile: str) -> None:
    """The same answer, and one effect."""
    it = made(profile=profile)
    assert call(it, tool, **CALLS[tool]) == call(it, tool, **CALLS[tool])
    assert len(effects(it)) == 1


def test_a_replay_outlives_the_state_that_allowed_it() -> None:
    """A payout under its key is answered again though nothing is left to pay out."""
    it = made()
    everything = {**PAYOUT, "amount_minor": 50_000}
    assert call(it, "create_payout", **everything) == call(it, "create_payout", **everything)


@pytest.mark.parametrize("profile", COMPARING)
@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("create_refund", {**REFUND, "amount_minor": 1}),
        ("create_refund", {**REFUND, "payment_id": "pay_2"}),
        ("create_payout", {**PAYOUT, "idempotency_key": REFUND["idempotency_key"]}),
        ("accept_dispute", {**ACCEPT, "idempotency_key": REFUND["idempotency_key"]}),
    ],
)
def test_another_request_under_a_key_is_refused(
    profile: str, tool: str, args: dict[str, Any]
) -> None:
    """Whatever differs, and whichever tool it is."""
    it = made(profile=profile)
    call(it, "create_refund", **REFUND)
    assert fails(it, tool, **args) == "idempotency_mismatch"
    assert len(effects(it)) == 1


def test_another_body_is_ignored_where_the_profile_says_so() -> None:
    """The first answer comes back, though something else was asked."""
    it = made(profile="replay_30min_body_ignored")
    first = call(it, "create_refund", **REFUND)
    assert call(it, "create_refund", **{**REFUND, "amount_minor": 1}) == first
    assert call(it, "accept_dispute", dispute_id="dp_1", idempotency_key="refund-key-1") == first
    assert effects(it) == [("refund:pay_1:requested_by_customer", 4200)]


@pytest.mark.parametrize(
    ("profile", "kept", "gone"),
    [
        ("replay_all_24h", DAY - 60, 120),
        ("replay_success_24h", DAY - 60, 120),
        ("replay_30min_body_ignored", 1740, 120),
    ],
)
@pytest.mark.parametrize(
    ("tool", "args"), [("create_refund", REFUND), ("submit_evidence", EVIDENCE)]
)
def test_a_key_is_forgotten(
    tool: str, args: dict[str, Any], profile: str, kept: int, gone: int
) -> None:
    """Then the call runs again, and there is a second effect."""
    it = made(profile=profile)
    first = call(it, tool, **args)
    call(it, "wait", seconds=kept)
    assert call(it, tool, **args) == first
    call(it, "wait", seconds=gone)
    assert call(it, tool, **args) != first
    assert len(effects(it)) == 2


@pytest.mark.parametrize("tool", ["create_refund", "submit_evidence", "create_payout"])
def test_without_keys_each_call_runs(tool: str) -> None:
    """Keys mean nothing there."""
    it = made(profile="none")
    small = {**CALLS[tool], **({"amount_minor": 100} if "amount_minor" in CALLS[tool] else {})}
    call(it, tool, **small)
    call(it, tool, **small)
    assert len(effects(it)) == 2


@pytest.mark.parametrize("tool", ["create_refund", "accept_dispute"])
@pytest.mark.parametrize("fault", [BEFORE, AFTER])
def test_an_error_is_remembered_where_all_is_replayed(tool: str, fault: dict[str, str]) -> None:
    """The same key gets it again for a day, whether it was done or not."""
    it = made(faults=[{**fault, "tool": tool}])
    assert fails(it, tool, **CALLS[tool]) == "api_error"
    assert fails(it, tool, **CALLS[tool]) == "api_error"
    assert len(effects(it)) == (fault is AFTER)


@pytest.mark.parametrize("tool", ["create_refund", "submit_evidence"])
@pytest.mark.parametrize("fault", [BEFORE, AFTER])
def test_an_error_runs_again_where_successes_are_kept(tool: str, fault: dict[str, str]) -> None:
    """So what was done before it failed is done twice."""
    it = made(profile="replay_success_24h", faults=[{**fault, "tool": tool}])
    assert fails(it, tool, **CALLS[tool]) == "api_error"
    call(it, tool, **CALLS[tool])
    assert len(effects(it)) == (2 if fault is AFTER else 1)


def test_get_operation_tells_the_truth_behind_a_remembered_error() -> None:
    """Done: succeeded. Not done, and never to be done under this key: failed."""
    it = made(faults=[{**AFTER, "nth": 1}, {**BEFORE, "nth": 2}])
    fails(it, "create_refund", **REFUND)
    fails(it, "create_payout", **PAYOUT)
    done = call(it, "get_operation", idempotency_key="refund-key-1")
    assert (done["status"], done["amount_minor"]) == ("succeeded", 4200)
    failed = call(it, "get_operation", idempotency_key="payout-key-1")
    assert failed == {"status": "failed", "code": "api_error"}


def test_get_operation_of_a_failure_that_is_not_kept() -> None:
    """The same key may still do it, so nothing is known of it."""
    it = made(profile="replay_success_24h", faults=[BEFORE])
    fails(it, "create_refund", **REFUND)
    found = call(it, "get_operation", idempotency_key="refund-key-1")
    assert found == {"status": "not_found"}


def test_get_operation_finds_what_was_done_when_the_key_is_forgotten() -> None:
    """The operation is there, the idempotency record is not."""
    it = made()
    refund = call(it, "create_refund", **REFUND)
    call(it, "wait", seconds=2 * DAY)
    assert call(it, "get_operation", idempotency_key="refund-key-1")["result"] == refund


def test_a_refusal_is_not_kept() -> None:
    """What was refused at the door can be asked for again under its key, and done."""
    it = made()
    assert fails(it, "create_refund", **{**REFUND, "currency": "EUR"}) == "invalid_request"
    call(it, "create_refund", **REFUND)
    assert call(it, "get_operation", idempotency_key="refund-key-1")["status"] == "succeeded"

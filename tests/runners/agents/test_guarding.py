"""`guard: pytx`: one effect at most, whatever goes wrong and whatever the agent makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import ToolError
from paygrade.runners.agents.guarding import Guarded
from paygrade.runners.agents.hosting import Host
from paygrade.runners.agents.session import Limits, Session
from runners.agents.acting import act, fault, trajectory_of
from runners.agents.till import Till

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.agent import Fault, Tool
    from paygrade.records.json_value import Json

REFUND: dict[str, Any] = {"payment": "pay_1", "amount_minor": 4200, "currency": "USD"}
LOST = fault("timeout_after_commit")


class Guard:
    """A guarded session with a till of one's own."""

    def __init__(self, folder: Path, till: Till, *faults: Fault) -> None:
        """A new one in `folder`."""
        self.till = till
        host = Host(till, faults)
        self._session = Session(host, Limits(), guard=Guarded(folder, "s1", host.now))

    def refund(self, key: str = "key-1", **more: Any) -> Any:  # noqa: ANN401
        """What a refund is answered."""
        return self._session.call("refund", key=key, **{**REFUND, **more})

    @property
    def guards(self) -> list[str]:
        """What the guard did, call by call."""
        return [each.guard for step in self._session.steps for each in step.calls]


@pytest.mark.parametrize(
    "kind",
    [
        "timeout_before_commit",
        "timeout_after_commit",
        "error_500_before_commit",
        "error_500_after_commit",
        "fail_n_then_ok",
        "rate_limited",
        "duplicate_delivery",
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_an_agent_with_new_keys_has_one_effect(kind: str, times: int) -> None:
    """It is the guard that looks up, and the guard's key that is sent."""
    answer = act("clumsy", fault(kind, times=times), guard="pytx", world={"keys": True})
    done = trajectory_of(answer)
    assert answer.text == "refunded by re_1"
    assert len(done.effects) == 1
    assert done.guard == "pytx"


@pytest.mark.parametrize(
    ("kind", "effects"),
    [("timeout_after_commit", 2), ("error_500_after_commit", 2), ("timeout_before_commit", 1)],
)
def test_without_a_guard_it_has_more(kind: str, effects: int) -> None:
    """The same agent, the same faults."""
    assert len(trajectory_of(act("clumsy", fault(kind), world={"keys": True})).effects) == effects


def test_a_call_says_what_the_guard_did(tmp_path: Path) -> None:
    """It ran, and the next one is answered by it, under whatever key."""
    guard = Guard(tmp_path, Till({}))
    assert guard.refund() == guard.refund(key="another") == {"id": "re_1"}
    assert guard.refund(payment="pay_2") == {"id": "re_2"}
    assert guard.guards == ["ran", "replayed", "ran"]
    assert "key-1" not in guard.till.done


def test_what_nobody_knows_is_told_and_found_out(tmp_path: Path) -> None:
    """The agent gets no exception, and learns when to ask again."""
    guard = Guard(tmp_path, Till({}), LOST)
    told = guard.refund()
    assert (told["status"], told["retry"], told["code"]) == ("unknown", False, "timeout")
    assert told["ask_again_after_s"] == 60
    assert guard.refund() == {"id": "re_1"}
    assert guard.guards == ["unknown", "replayed"]


def test_what_is_absent_is_not_believed_at_once(tmp_path: Path) -> None:
    """The provider's answer may be stale: it is sent again when the clock has moved on."""
    guard = Guard(tmp_path, Till({}), fault("timeout_before_commit"))
    guard.refund()
    told = guard.refund()
    assert (told["status"], told["ask_again_after_s"]) == ("unknown", 60)
    guard.till.at += 59
    assert guard.refund()["ask_again_after_s"] == 1
    guard.till.at += 1
    assert guard.refund() == {"id": "re_1"}


def test_a_stale_look_up_moves_nothing_twice() -> None:
    """Where the world shows what was before, the guard waits."""
    faults = (LOST, fault("stale_look_up", "operation"))
    done = trajectory_of(act("clumsy", *faults, guard="pytx"))
    assert len(done.effects) == 1


def test_another_amount_is_another_approval() -> None:
    """A refusal is told with its code; the intent keeps the amount that was asked for first."""
    answer = act("greedy", guard="pytx")
    assert answer.text == "['declined', 'needs_approval', 'needs_approval', 'invalid_request']"
    declined: Any = trajectory_of(answer).steps[0].calls[0].result
    assert (declined["code"], declined["message"]) == ("policy_denied", "more than 50.00")


def test_a_refusal_can_be_mended(tmp_path: Path) -> None:
    """Nothing moved: once what was missing is there, the same call is another try."""

    class Shut(Till):
        def _refund(self, asked: dict[str, Any]) -> Json:
            if self.at < 1_800_000_060:
                raise ToolError("policy_denied", "not before ten")
            return super()._refund(asked)

    guard = Guard(tmp_path, Shut({}))
    assert guard.refund()["status"] == "declined"
    guard.till.at += 60
    assert guard.refund() == guard.refund() == {"id": "re_1"}
    assert guard.guards == ["declined", "ran", "replayed"]


def test_a_number_is_one_key_however_it_is_written(tmp_path: Path) -> None:
    """JSON has one kind of number: ten to the power of sixteen is one payment."""

    class Numbered(Till):
        def tools(self) -> tuple[Tool, ...]:
            refund, *others = super().tools()
            named: Any = refund.parameters["properties"]
            properties = {**named, "payment": {"type": "integer"}}
            changed: dict[str, Json] = {**refund.parameters, "properties": properties}
            return (replace(refund, parameters=changed), *others)

    guard = Guard(tmp_path, Numbered({}))
    assert guard.refund(payment=10**16) == guard.refund(payment=1e16) == {"id": "re_1"}
    assert guard.guards == ["ran", "replayed"]


def test_another_intent_is_another_sample(tmp_path: Path) -> None:
    """The key is the case's and the arguments': equal ones of other samples are not mixed up."""
    till = Till({})
    host = Host(till, ())
    for name in ("s1", "s2", "s1"):
        one = Session(host, Limits(), guard=Guarded(tmp_path, name, host.now))
        one.call("refund", key="k", **REFUND)
    assert len(till.ledger) == 2


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"status": "pending"}, "unknown"),
        ({"status": "succeeded", "result": 1, "amount_minor": 1, "currency": "USD"}, "unknown"),
        ({"status": "succeeded", "result": 1, "amount_minor": 4200, "currency": "EUR"}, "unknown"),
        ({"status": "what"}, "unknown"),
        ("nothing", "unknown"),
        (ToolError("api_error"), "unknown"),
        ({"status": "succeeded", "result": {"id": "re_9"}}, "replayed"),
        ({"status": "failed", "code": "closed"}, "ran"),
    ],
)
def test_what_a_look_up_proves(tmp_path: Path, operation: Any, status: str) -> None:  # noqa: ANN401
    """Another amount proves nothing; what was refused may be tried again."""

    class Other(Till):
        def _operation(self, asked: dict[str, Any]) -> Json:  # noqa: ARG002
            if isinstance(operation, ToolError):
                raise operation
            found: Json = operation
            return found

    guard = Guard(tmp_path, Other({}), LOST)
    guard.refund()
    guard.refund()
    assert guard.guards == ["unknown", status]


class Plain(Till):
    """A till whose refund cannot be looked up."""

    def tools(self) -> tuple[Tool, ...]:
        """The same tools."""
        refund, *others = super().tools()
        assert refund.intent is not None
        return (replace(refund, intent=replace(refund.intent, look_up="")), *others)


def test_without_a_look_up_a_person_has_to_tell(tmp_path: Path) -> None:
    """What is not known stays so, and nothing is sent."""
    guard = Guard(tmp_path, Plain({}), fault("timeout_before_commit"))
    guard.refund()
    guard.till.at += 10**6
    told = guard.refund()
    assert told["status"] == "unknown"
    assert "ask_again_after_s" not in told
    assert guard.till.ledger == []


def test_a_key_that_was_seen_before_is_not_a_refusal(tmp_path: Path) -> None:
    """Something went under it: whether money moved is looked up."""

    class Mixed(Till):
        def _refund(self, asked: dict[str, Any]) -> Json:
            super()._refund(asked)
            raise ToolError("idempotency_mismatch", "another body")

    guard = Guard(tmp_path, Mixed({}))
    assert guard.refund()["status"] == "unknown"
    assert guard.refund() == {"id": "re_1"}


def test_a_world_without_a_clock_has_ours(tmp_path: Path) -> None:
    """A look-up that finds the refund needs no waiting."""

    class Timeless(Till):
        now = None  # type: ignore[assignment]

    guard = Guard(tmp_path, Timeless({}), LOST)
    guard.refund()
    assert guard.refund() == {"id": "re_1"}

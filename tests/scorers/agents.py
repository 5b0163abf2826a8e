"""What an agent did, in as few words as a test needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.agent import Effect, Step, ToolCall, Trajectory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.records.agent import CallStatus, Claim, Violation
    from paygrade.records.json_value import Json


def did(
    *calls: ToolCall,
    effects: Iterable[Effect] = (),
    claims: Iterable[Claim] = (),
    violations: Iterable[Violation] = (),
    snapshot: Json = None,
) -> Trajectory:
    """An attempt in which each call was a step of its own."""
    return Trajectory(
        guard="none",
        steps=tuple(Step(role="agent", calls=(each,)) for each in calls),
        deliveries=(),
        effects=tuple(effects),
        claims=tuple(claims),
        violations=tuple(violations),
        snapshot=snapshot,
        snapshot_hash="",
    )


def call(
    tool: str, arguments: Mapping[str, Json] | None = None, status: CallStatus = "ok"
) -> ToolCall:
    """A call of a tool."""
    return ToolCall(id="c1", tool=tool, arguments=arguments or {}, status=status)


def moved(
    intent: str = "refund:pay_1:late",
    amount_minor: int = 4200,
    currency: str = "USD",
    subject: str = "pay_1",
    *,
    name: str = "re_1",
) -> Effect:
    """An effect in the books of the world."""
    return Effect(
        intent=intent, id=name, amount_minor=amount_minor, currency=currency, subject=subject
    )


def wanted(effect: Effect) -> dict[str, Json]:
    """The same effect as a label has it."""
    return {
        "intent": effect.intent,
        "amount_minor": effect.amount_minor,
        "currency": effect.currency,
        "subject": effect.subject,
    }

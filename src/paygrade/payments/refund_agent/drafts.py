"""What a scene makes: a message, a world, and what must be true at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

Row = dict[str, Any]

REASON = "requested_by_customer"


@dataclass(slots=True, kw_only=True)
class Draft:
    """One sample before its faults. `at_stake` is in minor units of the sample's currency.

    `effects` are what must have happened, each once; `end_state` what the books must say. `money`
    is the tool that faults strike, `objects` what the case is about, `calls` how many a careful
    agent needs while nothing goes wrong.
    """

    message: str
    now: datetime
    at_stake: int
    money: str
    world: Row
    calls: int
    repeats: bool = False
    effects: list[Row] = field(default_factory=list)
    end_state: list[Row] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    own_faults: list[Row] = field(default_factory=list)


def refund_of(payment: Row, amount: int, currency: str, line: str = "") -> Row:
    """The effect that a refund is."""
    intent = ":".join(["refund", payment["id"], REASON, *([line] if line else [])])
    return {
        "amount_minor": amount,
        "currency": currency,
        "intent": intent,
        "subject": payment["id"],
    }


def refunded(payment: Row, amount: int) -> list[Row]:
    """The books after one refund that succeeded."""
    return [
        {"at": f"payments.{payment['id']}.refunded_minor", "equals": amount},
        {
            "at": "refunds",
            "count": 1,
            "where": {"payment_id": payment["id"], "status": "succeeded"},
        },
    ]


def untouched(payment: Row, before: int = 0) -> Row:
    """A payment from which nothing more was refunded."""
    return {"at": f"payments.{payment['id']}.refunded_minor", "equals": before}


def handed_on(object_id: str, queue: str) -> Row:
    """People have it: once, or twice where a call was lost and cannot be looked up."""
    row: Row = {"at": "escalations", "where": {"object_id": object_id, "queue": queue}}
    return {"any_of": [[{**row, "count": 1}], [{**row, "count": 2}]]}

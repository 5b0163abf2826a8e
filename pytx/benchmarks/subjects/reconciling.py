"""How fast our books are matched with a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytx
from measuring import Figure, seconds

if TYPE_CHECKING:
    from pytx.model import State

INTENTS: Final = 200_000
ROUNDS: Final = 3


def memory() -> list[Figure]:
    """One statement of nearly as many lines as there are intents, in no order of theirs."""
    states: tuple[State, ...] = ("succeeded",) * 17 + ("unknown", "failed", "released")
    intents = [
        pytx.Intent(
            provider_key=f"{number:036x}", minor=100 + number % 900, currency="EUR",
            state=states[number % 20], updated_at=float(number),
        )
        for number in range(INTENTS)
    ]  # fmt: skip
    lines = [
        pytx.Line(
            ref=intent.provider_key, minor=intent.minor + (number % 1_000 == 0),
            currency="EUR", provider_id=f"re_{number}",
        )
        for number, intent in enumerate(reversed(intents))
        if intent.state in ("succeeded", "unknown") or number % 500 == 0
    ]  # fmt: skip
    lines += lines[::1_000]
    report = pytx.reconcile(intents, lines, cutoff=float(INTENTS))
    placed = sum(len(each) for each in report.classes.values())
    if placed < INTENTS or any(each.statement == 0 for each in report.sums.values()):
        raise RuntimeError("the report does not hold every intent")
    spent = min(
        seconds(lambda: pytx.reconcile(intents, lines, cutoff=float(INTENTS)))
        for _ in range(ROUNDS)
    )
    return [
        Figure(
            subject="reconcile", kind="rate", unit="intents/s", ours=INTENTS / spent, bound=100_000
        )
    ]

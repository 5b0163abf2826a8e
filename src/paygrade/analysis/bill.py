"""What a run asked for and paid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade.records.run import Bill

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paygrade.records.answer import StoredAnswer


def bill(
    answers: Iterable[StoredAnswer],
    failed_calls: int,
    judged: Iterable[StoredAnswer] = (),
    lost: Sequence[float | None] = (),
) -> Bill:
    """Add up. A cached answer cost nothing this time; one without a known cost is said apart.

    `judged` is what judges answered: their cost is not the runner's. `lost` is what each turn cost
    of an agent's attempts that came to no answer: it was paid all the same.
    """
    costs = [answer.cost_usd for answer in judged]
    known = [Decimal(str(cost)) for cost in costs if cost is not None]
    asked = cached = unpriced = input_tokens = output_tokens = 0
    paid = [Decimal(str(cost)) for cost in lost if cost is not None]
    usd: Decimal | None = sum(paid, Decimal(0)) if paid else None
    for answer in answers:
        if answer.cached:
            cached += 1
            continue
        asked += 1
        if answer.usage:
            input_tokens += answer.usage.input_tokens
            output_tokens += answer.usage.output_tokens
        if answer.cost_usd is None:
            unpriced += 1
        else:
            usd = (usd or Decimal(0)) + Decimal(str(answer.cost_usd))
    return Bill(
        answers=asked,
        cached=cached,
        failed_calls=failed_calls,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        usd=None if usd is None else float(usd),
        unpriced=unpriced,
        lost_turns=len(lost),
        judge_answers=len(costs),
        judge_usd=float(sum(known)) if known else None,
    )

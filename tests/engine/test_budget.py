"""What is spent and set aside never passes the limit."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest

from paygrade.engine.budget import Budget, OverBudgetError


@pytest.mark.parametrize("seed", range(20))
def test_fifty_racing_calls_never_pass_the_limit(seed: int) -> None:
    """Whatever they cost and however they interleave; and the money is used while it can be."""
    chance = random.Random(seed)

    async def run() -> tuple[Decimal, Decimal]:
        budget = Budget(Decimal(1))
        billed = most = Decimal(0)

        async def worker() -> None:
            nonlocal billed, most
            while True:
                ceiling = Decimal(chance.randint(1, 400)) / 10_000
                try:
                    await budget.reserve(ceiling)
                except OverBudgetError:
                    return
                await asyncio.sleep(0)
                known = chance.random() < 0.9
                cost = ceiling * chance.randint(1, 100) / 100
                billed += cost
                most = max(most, billed)
                await budget.settle(ceiling, cost if known else None)

        await asyncio.gather(*(worker() for _ in range(50)))
        return most, budget.spent

    most, spent = asyncio.run(run())
    assert most <= spent <= 1
    assert spent > Decimal("0.9")


def test_what_earlier_sessions_spent_counts() -> None:
    """A resumed run does not get its money twice."""

    async def run() -> None:
        await Budget(Decimal(1), Decimal("0.995")).reserve(Decimal("0.01"))

    with pytest.raises(OverBudgetError):
        asyncio.run(run())


def test_a_call_waits_for_money_that_comes_free() -> None:
    """What was set aside and not used is there for the next."""

    async def run() -> Decimal:
        budget = Budget(Decimal(1))
        await budget.reserve(Decimal("0.9"))
        waiting = asyncio.create_task(budget.reserve(Decimal("0.9")))
        await asyncio.sleep(0)
        assert not waiting.done()
        await budget.settle(Decimal("0.9"), Decimal("0.1"))
        await waiting
        return budget.spent

    assert asyncio.run(run()) == Decimal("0.1")


def test_without_a_limit_nothing_waits() -> None:
    """It only counts."""

    async def run() -> Decimal:
        budget = Budget(None)
        await budget.reserve(Decimal(10**9))
        await budget.settle(Decimal(10**9), None)
        return budget.spent

    assert asyncio.run(run()) == Decimal(10**9)

"""Requests and tokens per minute, with a clock that a test turns."""

from __future__ import annotations

import asyncio

import pytest

from paygrade.engine.pace import Pace


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        """Start at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        await asyncio.sleep(0)


def departures(
    requests: float | None, tokens: float | None, each: float, count: int
) -> list[float]:
    """When `count` requests of `each` tokens leave, all asking at once."""

    async def run() -> list[float]:
        clock = Clock()
        pace = Pace(requests, tokens, clock=clock, sleep=clock.sleep)
        left: list[float] = []

        async def one() -> None:
            await pace.leave(each)
            left.append(clock.now)

        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(one())
        return left

    return asyncio.run(run())


def test_without_limits_all_leave_at_once() -> None:
    """Nobody waits."""
    assert departures(None, None, 1000, 50) == [0.0] * 50


@pytest.mark.parametrize("per_minute", [1, 60, 600])
def test_no_minute_sees_more_requests_than_allowed(per_minute: int) -> None:
    """Also not the first one: at most a second's worth leaves as a burst."""
    left = departures(per_minute, None, 0, per_minute * 2 + 1)
    for start in left:
        assert sum(start <= at < start + 59 for at in left) <= per_minute + 1


def test_tokens_are_limited_too() -> None:
    """6,000 a minute are ten requests of 600."""
    left = departures(None, 6000, 600, 20)
    assert sum(at < 60 for at in left) <= 11
    assert left[-1] == pytest.approx(114, abs=7)


def test_a_request_larger_than_the_limit_leaves_and_is_paid_back() -> None:
    """It is not stuck for ever; the next one waits for it."""
    left = departures(None, 60, 600, 2)
    assert left == [0.0, pytest.approx(600, abs=2)]


def test_a_pause_that_the_provider_asked_for_holds_everybody() -> None:
    """One `Retry-After` is for all calls of the runner."""

    async def run() -> float:
        clock = Clock()
        pace = Pace(None, None, clock=clock, sleep=clock.sleep)
        pace.pause(7)
        await pace.leave(1)
        return clock.now

    assert asyncio.run(run()) == pytest.approx(7)

"""All scenarios together."""

from typing import Final

import pytest

from chaos_run import TALLY, per

ELSEWHERE: Final = {"c17", "c24"}  # cancellation: test_async.py; dead listeners: test_wake.py
POINTS: Final = {f"c{number:02}" for number in range(1, 27)} - ELSEWHERE


@pytest.mark.real
def test_all_of_them_were_enough() -> None:
    """A run of the whole folder tried every point of the matrix, with 1,000 intents or more."""
    if POINTS - TALLY.points:
        pytest.skip("only a part of the scenarios ran")
    assert TALLY.intents >= per(1000)
    wrong = (TALLY.duplicates, TALLY.wrong_replays, TALLY.vanished, TALLY.order_violations)
    assert (*wrong, TALLY.lost) == (0, 0, 0, 0, 0)

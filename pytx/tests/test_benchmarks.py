"""How the benchmarks judge what they measured."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks" / "subjects"))

from measuring import Figure, median_of, pair, table

RATIO = pair("first call", [1e-3, 1e-3, 9e-3], [1.4e-3, 1.4e-3, 1.4e-3], bound=1.5)


def _figure(kind: str, ours: float, bound: float) -> Figure:
    return replace(RATIO, kind=kind, ours=ours, floor=None, ratio=None, bound=bound)  # type: ignore[arg-type]


def test_a_ratio_is_of_the_medians() -> None:
    """One slow call changes neither side."""
    assert RATIO.ratio == pytest.approx(1.4)
    assert "1.40 x" in table([RATIO], quiet=False)


def test_a_ratio_has_slack_unless_the_machine_is_quiet() -> None:
    """A quarter more is noise on a shared machine, and broken on a quiet one."""
    noisy, broken = replace(RATIO, ratio=1.8), replace(RATIO, ratio=1.9)
    assert (noisy.is_broken(quiet=False), noisy.is_broken(quiet=True)) == (False, True)
    assert broken.is_broken(quiet=False)


def test_a_counter_is_judged_both_ways() -> None:
    """Too few syncs are as wrong as too many."""
    assert [_figure("counter", ours, 2).is_broken(quiet=False) for ours in (1.9, 2.04, 2.1)] == [
        True, False, True,
    ]  # fmt: skip


def test_times_and_rates_are_judged_on_a_quiet_machine_alone() -> None:
    """What depends on the machine breaks no build."""
    slow, few = _figure("time", 30, 20), _figure("rate", 2_000, 5_000)
    assert [each.is_broken(quiet=False) for each in (slow, few)] == [False, False]
    assert [each.is_broken(quiet=True) for each in (slow, few)] == [True, True]


def test_an_error_is_always_judged() -> None:
    """One call that failed under load breaks the build."""
    assert _figure("limit", 1, 0).is_broken(quiet=False)


def test_rounds_are_folded_by_the_median() -> None:
    """Of five rounds the middle one counts, for each number by itself."""
    rounds = [[replace(RATIO, ratio=ratio, ours=ours)] for ratio, ours in ((1, 9), (3, 7), (2, 8))]
    [folded] = median_of(rounds)
    assert (folded.ratio, folded.ours) == (2, 8)

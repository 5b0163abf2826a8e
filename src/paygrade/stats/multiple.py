"""Adjusted p-values, where more than one hypothesis is tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that any false alarm at all is as rare as one test's (Holm 1979).

    Args:
        p: p-values in 0..1, in any order.

    Returns:
        Adjusted p-values, in the order of `p`, at most 1.

    Raises:
        ValueError: a p-value is outside 0..1.
    """
    adjusted = [0.0] * len(p)
    highest = 0.0
    for rank, place in enumerate(_ascending(p)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = highest
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that few of the findings are false (Benjamini and Hochberg 1995).

    Args:
        p: p-values in 0..1, in any order.

    Returns:
        Adjusted p-values, in the order of `p`, at most 1.

    Raises:
        ValueError: a p-value is outside 0..1.
    """
    adjusted = [0.0] * len(p)
    lowest = 1.0
    for rank, place in reversed(list(enumerate(_ascending(p), start=1))):
        lowest = min(lowest, p[place] * len(p) / rank)
        adjusted[place] = lowest
    return adjusted


def _ascending(p: Sequence[float]) -> list[int]:
    if not all(0 <= each <= 1 for each in p):
        raise ValueError("a p-value is outside 0..1")
    return sorted(range(len(p)), key=p.__getitem__)

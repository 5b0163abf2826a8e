"""Which regression a gate of this design would find: screen, confirm on fresh runs, count.

A parametric simulation from the baseline's own counts. Every sample gets a failure rate that is
plausible given its stored runs (a beta prior, as wide as the samples differ), a rise is planted in
random cases, and both stages of the gate are played with the shipped test.
"""

from __future__ import annotations

from paygrade.stats import worlds
from paygrade.stats.design import ASSUMED_ICC, Design, intra_class

__all__ = ["ASSUMED_ICC", "DELTAS", "Design", "intra_class", "power", "smallest_rise"]

DELTAS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.10, 0.15, 0.20, 0.30, 0.40)
"""The rises of the failure rate that are tried, as fractions."""

_LEAST_SAMPLES = 0.5  # a rise of less than half a sample is not tried


def power(design: Design, delta: float, *, seed: int, simulations: int = 400) -> float:
    """The probability that the gate reports a rise of `delta`, in 0..1.

    A rise is planted by moving random cases from a failure rate p to p + 0.8 (1 - p); the last of
    them only as often as it takes for the mean to rise by `delta`. Where the suite cannot get
    that much worse, all of it moves. With `delta` 0 this is the rate of false alarms.

    The result is a share of simulations, so its standard error is at most
    `0.5 / sqrt(simulations)`; the same arguments give the same result.

    Args:
        design: what the gate has to work with.
        delta: the true rise of the mean failure rate, as a fraction in 0..1.
        seed: of the generator (PCG64).
        simulations: how many times the gate is played.

    Raises:
        ValueError: `delta` is outside 0..1, or there is no simulation.
    """
    if not 0 <= delta <= 1:
        raise ValueError(f"delta={delta}")
    return worlds.found(_drawn(design, seed, simulations), delta)


def smallest_rise(
    design: Design, *, seed: int, simulations: int = 400, target: float = 0.80
) -> float | None:
    """The smallest of `DELTAS` that the gate reports with a probability of `target`.

    Rises of less than half a sample are skipped. The same drawn worlds serve all sizes, with a
    larger rise planted on top of a smaller one, so power grows along the list and is searched by
    halving it.

    Args:
        design: what the gate has to work with.
        seed: of the generator (PCG64).
        simulations: how many times the gate is played for each size tried.
        target: the power asked for, in 0..1.

    Returns:
        A fraction (0.01 is one point), or None where no size of the list is found that often.

    Raises:
        ValueError: there is no simulation.
    """
    least = _LEAST_SAMPLES / len(design.runs) * (1 - 1e-9)
    sizes = [delta for delta in DELTAS if delta >= least]
    world = _drawn(design, seed, simulations)
    low, high = 0, len(sizes)  # all below `low` are missed, all from `high` on are found
    while low < high:
        middle = (low + high) // 2
        if worlds.found(world, sizes[middle]) >= target:
            high = middle
        else:
            low = middle + 1
    return sizes[low] if low < len(sizes) else None


def _drawn(design: Design, seed: int, simulations: int) -> worlds.Worlds:
    if simulations < 1:
        raise ValueError(f"simulations={simulations}")
    mean = (sum(design.failures) + 0.5) / (sum(design.runs) + 1)
    icc = intra_class(design.failures, design.runs)
    prior = mean * (1 - icc) / icc, (1 - mean) * (1 - icc) / icc
    return worlds.draw(design, prior, seed=seed, simulations=simulations)

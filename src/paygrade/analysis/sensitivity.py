"""What a suite can see: the smallest rise that its gate would find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.analysis.pairing import scored
from paygrade.stats.power import Design, smallest_rise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.analysis.trial import Unit
    from paygrade.records.baseline import ArmSample
    from paygrade.records.policy import GatePolicy

EPOCHS = (1, 3, 5, 10)
"""Epochs of a candidate for which the power statement is made."""


def design_of(
    samples: Iterable[ArmSample],
    policy: GatePolicy,
    epochs: int,
    *,
    unit: Unit = "runs",
    times: int = 1,
) -> Design | None:
    """The gate's design on a baseline's own counts; `times` repeats every case, for more samples.

    `unit` is what counts as independent evidence. `None` without one scored attempt.
    """
    counts = [
        (each.case, sum(outcomes), len(outcomes))
        for each in samples
        if each.case_class != "quarantined" and (outcomes := scored(each.sessions))
    ]
    if not counts:
        return None
    cases = {name: number for number, name in enumerate(dict.fromkeys(case for case, *_ in counts))}
    return Design(
        failures=tuple(failed for _, failed, _ in counts) * times,
        runs=tuple(tried for *_, tried in counts) * times,
        cases=tuple(
            cases[case] + copy * len(cases) for copy in range(times) for case, *_ in counts
        ),
        candidate_runs=epochs,
        fresh_runs=0 if policy.confirm == "off" else policy.confirm_epochs,
        alpha_screen=policy.alpha_screen,
        alpha_confirm=policy.alpha_confirm,
        tolerance=policy.tolerance,
        by_cases=unit == "cases",
    )


def detects(
    samples: Iterable[ArmSample],
    policy: GatePolicy,
    epochs: int,
    dataset_hash: str,
    unit: Unit = "runs",
) -> float | None:
    """The smallest rise found with the policy's power, as a fraction; `None`: none, or no data.

    The simulation is seeded with the dataset's hash: everyone gets the same figure.
    """
    design = design_of(samples, policy, epochs, unit=unit)
    if design is None:
        return None
    return smallest_rise(design, seed=seed_of(dataset_hash), target=policy.power_target)


def seed_of(dataset_hash: str) -> int:
    """A seed that belongs to a dataset (64 hex digits)."""
    return int(dataset_hash[:16], 16)

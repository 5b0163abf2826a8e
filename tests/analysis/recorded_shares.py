"""The gate on a suite of recorded failure shares, asked through the shipped runner.

Each sample fails as often as 14 recorded models failed it (`llm_complaint_predictions`:
Roumeliotis, Tselikas, Nasiopoulos; Electronics 2025; MIT).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from analysis.made_up import POLICY, Arms, Drawn, Runs, arm, play
from kit import REPOSITORY
from paygrade import scripts
from paygrade.analysis.sensitivity import design_of
from paygrade.records.answer import Request
from paygrade.stats.power import power

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RUNNER = REPOSITORY / "runners" / "recorded_share.py"
STORED_RUNS, CANDIDATE_RUNS = 10, 3


def shares_in(shared_data: Path) -> list[float]:
    """Of each recorded complaint the share of the models that labelled it wrongly."""
    file = shared_data / "llm_complaint_predictions" / "llm_complaint_predictions.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [fmean(each != row["label"] for each in row["predictions"].values()) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How often a planted rise was found, and how often it had to be by the power statement.

    `planted` is the mean rise that the hits really made. All are fractions.
    """

    planted: float
    found: float
    predicted: float


def detection(
    shares: Sequence[float],
    rise: float,
    *,
    suites: int,
    invocations: int,
    simulations: int = 400,
) -> Detection:
    """Plant `rise` in so many suites, each with a baseline of its own, and try each so often.

    The power of each suite is what `calibrate` computes: from its baseline alone, for the rise
    that was planted in it.
    """
    planted, predicted, found = [], [], 0
    for seed in range(suites):
        before, after = (_requests(shares, each, seed) for each in (0.0, rise))
        arms = Arms(
            samples=len(shares),
            stored=_drawn(before),
            before=_drawn(before),
            after=_drawn(after),
        )
        everything = range(len(shares))
        stored = np.hstack([arms.stored(everything, STORED_RUNS // 2) for _ in range(2)])
        found += sum(
            play(arms, CANDIDATE_RUNS, stored=stored).regressed for _ in range(invocations)
        )
        failure_rate = scripts.load(RUNNER).module.failure_rate
        planted.append(fmean(failure_rate(each[0]) for each in after) - fmean(shares))
        design = design_of(arm(everything, stored).values(), POLICY, CANDIDATE_RUNS)
        assert design is not None
        predicted.append(power(design, max(0.0, planted[-1]), seed=seed, simulations=simulations))
    return Detection(
        planted=fmean(planted), found=found / suites / invocations, predicted=fmean(predicted)
    )


def _requests(shares: Sequence[float], rise: float, seed: int) -> list[list[Request]]:
    """For each sample its attempts, epoch by epoch, as the engine would ask them."""
    parameters = {"rise": rise, "mean_share": fmean(shares), "seed": seed}
    return [
        [
            Request(
                sample_id=str(place),
                epoch=epoch,
                prompt="complaints@v1",
                messages=(),
                input={"failure_share": share},
                parameters=parameters,
            )
            for epoch in range(1, 6)
        ]
        for place, share in enumerate(shares)
    ]


def _drawn(requests: list[list[Request]]) -> Drawn:
    def drawn(places: Sequence[int], runs: int) -> Runs:
        answer = scripts.load(RUNNER).module.answer  # a run of its own
        return np.array(
            [[answer(each) == "wrong" for each in requests[place][:runs]] for place in places]
        )

    return drawn

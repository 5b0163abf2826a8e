"""Seconds that a decision takes once the answers are there: screen, confirmation, verdict.

Aim: 5,000 samples of 15 runs within 1 s, and 27 hypotheses (3 suites, each with 8 slices of 25
samples) within 3 s. The floor, measured in the same run, looks once at every mark of the same
outcomes and does nothing else.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from analysis.made_up import arm, arms_of, risen
from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.exposure import judged_money
from paygrade.analysis.screen import Terms, screen
from paygrade.analysis.verdict import Evidence, suite_verdict
from paygrade.records.baseline import Baseline
from paygrade.records.plan import Identity
from paygrade.records.policy import GatePolicy
from paygrade.records.sample import Exposure, Sample
from paygrade.records.verdict import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.analysis.arms import Arm
    from paygrade.records.verdict import Hypothesis, SuiteVerdict

ROUNDS = 5
STORED, CANDIDATE, FRESH = 10, 5, 5
MOST_FLOORS = 120.0
"""CI's pass mark: CPU of a decision over CPU of one look at its marks (seen: see the docs)."""

SIDE = Side(
    label="", prompt="", dataset="", runner="", models=(), commit="", when="", run_ids=(),
    epochs=(), errors=0, attempts=0,
)  # fmt: skip
BASELINE = Baseline(
    suite="bench", runner="bench", provider="echo", deterministic=False, prompt="", dataset="",
    identity=Identity(prompt="", dataset="", runner="", scorers=""), checks=(), models=(),
    parameters={}, commit="", accepted_at="2026-11-23", reason="", versions={}, sessions=(),
    shift=None, inference="runs", power={}, samples=(),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What one suite's verdict is made of. Every sample stands for money."""

    terms: Terms
    before: Arm
    after: Arm
    fresh_before: Arm
    fresh_after: Arm


def suite(samples: int, slices: int, seed: int) -> Suite:
    """A suite that fails in 10 % of its runs, and in 12 % of the candidate's."""
    random = np.random.Generator(np.random.PCG64(seed))
    arms = arms_of(risen(samples, 0.10, 0.02, random), random)
    places = range(samples)
    terms = Terms(
        samples=tuple(
            Sample(
                id=str(place),
                input=None,
                expected=None,
                case=str(place),
                slices={"kind": (str(place % slices),)} if slices else {},
                exposure=Exposure(amount_minor=100 + place, currency="EUR"),
            )
            for place in places
        ),
        slices=("kind",) if slices else (),
        policy=GatePolicy(money_limits={"EUR": 1_000_000}),
    )
    return Suite(
        terms=terms,
        before=arm(places, arms.stored(places, STORED)),
        after=arm(places, arms.after(places, CANDIDATE)),
        fresh_before=arm(places, arms.before(places, FRESH)),
        fresh_after=arm(places, arms.after(places, FRESH)),
    )


def decided(suites: list[Suite]) -> list[SuiteVerdict]:
    """The shipped way from outcomes to verdicts."""
    inquiries = []
    for each in suites:
        screened = screen(each.before, each.after, each.terms)
        fresh = fresh_pairs(
            screened,
            {name: each.fresh_before[name] for name in screened.discordant},
            {name: each.fresh_after[name] for name in screened.discordant},
        )
        inquiries.append(
            Inquiry(
                screened=screened,
                mode="both",
                level=0.05,
                fresh=fresh if screened.suspicious else None,
            )
        )
    return [
        suite_verdict(evidence(each, inquiry, found))
        for each, inquiry, found in zip(suites, inquiries, decide(inquiries), strict=True)
    ]


def evidence(each: Suite, inquiry: Inquiry, found: tuple[Hypothesis, ...]) -> Evidence:
    """All that a verdict asks for, with nothing in what is not outcomes."""
    return Evidence(
        suite="bench",
        runner="bench",
        baseline=BASELINE,
        sides=(SIDE, SIDE),
        before=each.before,
        known=each.before,
        after=each.after,
        fresh_after={},
        inquiry=inquiry,
        hypotheses=found,
        money=judged_money(inquiry.screened, inquiry.fresh),
        checks=(),
        confirmation=None,
        detects=None,
        detects_with=None,
        differs=(),
        problems=(),
        age_days=0,
        today=dt.date(2026, 11, 23),
    )


def looked_at(suites: list[Suite]) -> int:
    """The floor: how many of the screened runs failed, mark by mark."""
    failed = 0
    for each in suites:
        for side in (each.before, each.after):
            for sample in side.values():
                for marks in sample.sessions:
                    for mark in marks:
                        failed += mark == "F"
    return failed


def seconds(work: Callable[[list[Suite]], object], suites: list[Suite]) -> float:
    """CPU of one call, the median of some."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work(suites)
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def main() -> int:
    """Print the figures; 1 when a counter is wrong or a ratio is beyond its slack."""
    designs = {
        "5,000 samples x 15 runs": ([suite(5_000, 0, 1)], 1.0, 1),
        "27 hypotheses, 3 suites": ([suite(200, 8, seed) for seed in (1, 2, 3)], 3.0, 27),
    }
    print(f"gate: CPU of a decision, with its confirmation and money, median of {ROUNDS}:")
    worst = 0.0
    counted = True
    for name, (suites, aim, hypotheses) in designs.items():
        tested = sum(len(each.hypotheses) for each in decided(suites))
        took, floor = seconds(decided, suites), seconds(looked_at, suites)
        worst = max(worst, took / floor)
        counted = counted and tested == hypotheses
        print(f"  {name:<28} {took:.2f} s   (aim {aim:.0f})   {tested} tested")
        print(f"  floor: one look at the marks {floor * 1e3:.1f} ms   ratio {took / floor:.0f}")
    return int(not counted or worst > MOST_FLOORS * 1.25)


if __name__ == "__main__":
    raise SystemExit(main())

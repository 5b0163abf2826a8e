"""A run told in context, made by hand: everything that a report can say is in it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from paygrade.analysis.summarize import summarize
from paygrade.errors import ExitCode
from paygrade.records.run import Bill, Rate
from paygrade.records.run_report import (
    AgainstBaseline,
    Caught,
    Judged,
    Moves,
    Pace,
    Point,
    RunReport,
)
from paygrade.records.verdict import Flip
from store.making import errored, header, row, scored

if TYPE_CHECKING:
    from paygrade.records.outcome import Outcome


def rate(failed: int, of: int, low: float, high: float) -> Rate:
    """A rate with the interval that is given."""
    share = failed / of if of else None
    return Rate(scored=of, failed=failed, errored=0, rate=share, low=low, high=high)


def moves(**changes: object) -> Moves:
    """Twelve samples got worse and one better, of forty."""
    flips = (
        *(Flip(sample_id=f"s{n:02}", before=(0, 1), after=(1, 1)) for n in range(12)),
        Flip(sample_id="s30", before=(1, 1), after=(0, 1)),
    )
    values: dict[str, Any] = {
        "usable": 40, "flips": flips, "edited": 1, "only_here": 2, "only_there": 0, "silent": 1,
        "differs": ("prompt refunds@v1 to refunds@v2",),
    }  # fmt: skip
    values.update(changes)
    return Moves(**values)


def told(**changes: object) -> RunReport:
    """The third whole run of its suite and runner: worse than those before."""
    made = header(samples=41, attempts=41, prompt="refunds@v2", commit="ab" * 20)
    rows = [row(f"s{n:02}", exposure_minor=1050, currency="EUR") for n in range(41)]
    outcomes: list[Outcome] = [
        *(scored(f"s{n:02}", failed=n < 12) for n in range(40)),
        errored("s40"),
    ]
    paid = Bill(answers=40, cached=0, failed_calls=3, input_tokens=400, output_tokens=200,
                usd=10.0, unpriced=0)  # fmt: skip
    summary = summarize(made, rows, outcomes, paid)
    points = (
        Point(run_id="r1", started_at="2026-11-21T09:00:00.000000Z", prompt="refunds@v1",
              rate=rate(2, 40, 0.014, 0.165)),
        Point(run_id="r2", started_at="2026-11-22T09:00:00.000000Z", prompt="refunds@v1",
              rate=rate(1, 40, 0.004, 0.129)),
        Point(run_id=made.run_id, started_at=made.started_at, prompt="refunds@v2",
              rate=summary.overall, changed=("prompt refunds@v1 to refunds@v2",)),
    )  # fmt: skip
    values: dict[str, Any] = {
        "summary": summary, "code": ExitCode.OK, "reason": "complete", "whole": True,
        "trend": points, "before_id": "r2", "before": moves(),
        "baseline": AgainstBaseline(
            accepted_at="2026-11-20T09:00:00Z", prompt="refunds@v1", dataset="refunds@v1",
            rate=rate(8, 200, 0.02, 0.077), moves=moves(flips=()), own=False,
        ),
        "judged": Judged(
            gate_id="g1", started_at="2026-11-23T12:10:00Z", run_id=made.run_id,
            verdict="regressed", headline="failures rose",
        ),
        "caught": (Caught(kind="pan", place="answer", findings=3, attempts=2),),
        "pace": Pace(usd_per_1000=250.0, priced=40, p50_s=0.52, p95_s=1.9, timed=40),
        "failing": 12, "example": "s00",
    }  # fmt: skip
    values.update(changes)
    return RunReport(**values)


def unscored() -> RunReport:
    """A first run of which nothing could be scored."""
    made = header(samples=1, attempts=1)
    summary = summarize(made, [row()], [errored()])
    nothing = Pace(usd_per_1000=None, priced=0, p50_s=None, p95_s=None, timed=0)
    return dataclasses.replace(
        told(), summary=summary, code=ExitCode.INVALID, reason="there is no rate", trend=(),
        before_id="", before=None, baseline=None, judged=None, caught=(), pace=nothing,
        failing=0, example="",
    )  # fmt: skip

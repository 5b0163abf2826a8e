"""One run told in context: what came before it, what was accepted, what the gate said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.errors import ExitCode
    from paygrade.records.run import Rate, RunSummary
    from paygrade.records.verdict import Flip, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A whole and complete run of the suite and runner. `started_at` is UTC, ISO 8601.

    `changed` says in clauses what differs from the point before; empty for the first one.
    """

    run_id: str
    started_at: str
    prompt: str
    rate: Rate
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The run sample by sample against something earlier, and in clauses what `differs`.

    `usable` samples have the same content and an outcome on both sides; `flips` are those of them
    whose share of failures differs, the one that got worst first. What cannot be compared is
    counted: `edited` samples, those that `only_here` or `only_there` has, and `silent` ones, which
    lack an outcome on one side.
    """

    usable: int
    flips: tuple[Flip, ...]
    edited: int
    only_here: int
    only_there: int
    silent: int
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstBaseline:
    """The accepted baseline of the suite and runner; the run may be `own`: one of its sessions."""

    accepted_at: str
    prompt: str
    dataset: str
    rate: Rate
    moves: Moves
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The newest verdict on the run, or on another run (`run_id`) of the same version."""

    gate_id: str
    started_at: str
    run_id: str
    verdict: Verdict
    headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """What the barrier found, by kind and place (`answer` or `trajectory`)."""

    kind: str
    place: str
    findings: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Cost and time. Each is `None` where nothing is known.

    `usd_per_1000` is 1,000 times the mean of the `priced` answers, from the cache or not; the
    quantiles, in seconds, are of the `timed` answers that were asked for.
    """

    usd_per_1000: float | None
    priced: int
    p50_s: float | None
    p95_s: float | None
    timed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A run with its `code` and `reason`, and what it is to be read beside.

    `trend` holds the newest points, oldest first; the run is the last of them if it is complete
    and `whole`, that is of all samples. `before` compares it with the newest earlier point,
    `before_id`. `failing` samples failed at least once; `example` is one of them.
    """

    summary: RunSummary
    code: ExitCode
    reason: str
    whole: bool
    trend: tuple[Point, ...]
    before_id: str
    before: Moves | None
    baseline: AgainstBaseline | None
    judged: Judged | None
    caught: tuple[Caught, ...]
    pace: Pace
    failing: int
    example: str
    notes: tuple[str, ...] = ()

    @property
    def charted(self) -> bool:
        """The run is a point of its own trend."""
        return self.whole and self.summary.state == "complete"

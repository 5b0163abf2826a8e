"""What the gate says, and all that it is based on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.errors import ExitCode
    from paygrade.records.check import GateRole, Severity
    from paygrade.records.effects import RunColumn
    from paygrade.records.policy import Confirm, OnInconclusive
    from paygrade.records.run import Bill, Rate

Verdict = Literal["pass", "improved", "inconclusive", "regressed", "violated", "invalid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change with the bounds of its 90 % interval (each bound holds one-sided with 95 %).

    Fractions of samples for rates; minor units for money. Positive: the candidate is worse.
    """

    rise: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One thing that was tested: the suite, or one value of one of its slices.

    `name` is `suite` or `NAME=VALUE`. `before` and `after` are failure rates on the samples that
    can be compared. `p_more` and `p_fewer` are the one-sided mid-p-values of the screen,
    `p_cases` the case-level one ("would hold for other cases like these"). What follows is of the
    confirmation, and `None` without one: `p_fresh`, corrected for the whole invocation in
    `p_adjusted`, `fresh` the change on fresh runs of `fresh_samples` samples. With `confirm: off`
    only `p_adjusted` is there. `reason` is one clause.
    """

    name: str
    samples: int
    before: Rate
    after: Rate
    p_more: float
    p_fewer: float
    p_cases: float
    informative: int
    change: Change
    flagged: bool
    verdict: Verdict
    reason: str
    p_fresh: float | None = None
    p_adjusted: float | None = None
    fresh: Change | None = None
    fresh_samples: int = 0

    @property
    def judged(self) -> Change:
        """The change that the verdict rests on: the fresh one where there is one."""
        return self.fresh or self.change


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A sample whose share of failed attempts differs. Each pair is (failed, scored).

    `p_broken` is the chance of at least so many fresh failures if nothing changed, `None` where it
    was not asked again (in a comparison: of so many stored ones, `None` where too few tell).
    `likely_broken` after Benjamini-Hochberg at 0.10: a hint, no verdict.
    """

    sample_id: str
    before: tuple[int, int]
    after: tuple[int, int]
    fresh_before: tuple[int, int] | None = None
    fresh_after: tuple[int, int] | None = None
    p_broken: float | None = None
    likely_broken: bool = False

    @property
    def worse(self) -> bool:
        """The candidate failed it more often."""
        return self.after[0] * self.before[1] > self.before[0] * self.after[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantFailure:
    """An invariant that failed on a sample in `failed` of `attempts` valid candidate attempts.

    `known`: the baseline already failed it there. `waived_until` and `why` come from the policy.
    """

    sample_id: str
    check: str
    failed: int
    attempts: int
    known: bool
    waived_until: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyChange:
    """Expected loss per 1,000 samples in minor units of one currency, before and after.

    `change` is for display (case bootstrap, seeded). Where the policy names `limit`, `gated` is
    the exact interval that the verdict uses, and `exceeded` says that it lies above the limit.
    """

    currency: str
    before: float
    after: float
    change: Change
    limit: int | None = None
    gated: Change | None = None
    exceeded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChange:
    """One check on the samples that can be compared. Each pair is (failed, judged)."""

    check: str
    severity: Severity
    role: GateRole
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What was compared: a stored run or a baseline, in the words of a person.

    `when` is UTC, ISO 8601; `run_ids` its runs (sessions), `epochs` of each of them. `errors` of
    `attempts` attempts on the samples that can be compared gave no outcome.
    """

    label: str
    prompt: str
    dataset: str
    runner: str
    models: tuple[str, ...]
    commit: str
    when: str
    run_ids: tuple[str, ...]
    epochs: tuple[int, ...]
    errors: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """How suspicions were confirmed. `mode` is what was done, `why` says why not as `asked`.

    `samples` were asked again, `run_ids` are the fresh runs, `calls` their attempts; `at_most` is
    what a confirmation could have cost in attempts. `look` counts the times that this candidate
    was judged, each at half the `level` of the one before.
    """

    asked: Confirm
    mode: Confirm
    why: str
    samples: tuple[str, ...]
    run_ids: tuple[str, ...]
    calls: int
    at_most: int
    look: int
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteVerdict:
    """One suite with one runner: the verdict, why, and what it rests on.

    `headline` is one sentence for a person; `next_step` what to do now (may be empty). `codes`
    are short stable reasons (`no_baseline`, `baseline_stale`, `errors`, `empty`, ...). `differs`
    says in sentences what changed between the two versions. `detects` is the smallest rise that
    the suite would have found with the policy's power, as a fraction: `None` when unknown or none;
    `power_target` is that power.
    `zero_bound` is the honest upper bound (95 %) on the rate of invariant failures when none was
    seen in `judged_attempts`. `age_days` is the baseline's, `max_age_days`
    what the policy allows without a warning. Where `verdict` is `invalid` before
    anything was compared, what follows `next_step` may be empty.
    """

    suite: str
    runner: str
    verdict: Verdict
    headline: str
    next_step: str
    codes: tuple[str, ...]
    baseline: Side | None = None
    candidate: Side | None = None
    differs: tuple[str, ...] = ()
    comparable: int = 0
    usable: int = 0
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    thin_slices: tuple[str, ...] = ()
    flips: tuple[Flip, ...] = ()
    checks: tuple[CheckChange, ...] = ()
    invariants: tuple[InvariantFailure, ...] = ()
    judged_attempts: int = 0
    zero_bound: float | None = None
    money: tuple[MoneyChange, ...] = ()
    confirmation: Confirmation | None = None
    deterministic: bool = False
    inference: Literal["runs", "cases"] = "runs"
    detects: float | None = None
    detects_with: Mapping[int, float | None] | None = None
    power_target: float = 0.80
    margin: float = 0.05
    tolerance: float = 0.0
    age_days: int | None = None
    max_age_days: int = 90
    bill: Bill | None = None
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> Hypothesis | None:
        """The hypothesis `suite`, where one was tested."""
        return next((each for each in self.hypotheses if each.name == "suite"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """One invocation of the gate: every suite, and what the process ends with."""

    gate_id: str
    started_at: str
    suites: tuple[SuiteVerdict, ...]
    verdict: Verdict
    code: ExitCode
    reason: str
    on_inconclusive: OnInconclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two versions side by side: no verdict, only what differs.

    `columns` is what the agents of both did, and how several epochs came out, on the samples that
    can be compared; empty where neither is known.
    """

    suite: str
    before: Side
    after: Side
    differs: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    flips: tuple[Flip, ...]
    checks: tuple[CheckChange, ...]
    money: tuple[MoneyChange, ...]
    comparable: int
    usable: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    edited: tuple[str, ...]
    notes: tuple[str, ...] = ()
    columns: tuple[RunColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The smallest rise found with the policy's power, `None` when none of those looked at.

    With `epochs` of the candidate, on `samples` samples (the suite's own, or a multiple of it).
    `money_per_1000` is the same rise in expected loss per 1,000 samples, minor units by currency.
    """

    epochs: int
    samples: int
    rise: float | None
    money_per_1000: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What the gate does on a user's own suite when nothing changed, and what it can see.

    `alarms` of `invocations` A/A invocations ended `regressed`; `low` and `high` bound the rate of
    false alarms (95 %, Wilson); `inconclusive` counts those that ended so. `promised` is the
    policy's `must_detect`; `kept` says whether the suite can see it with its own epochs (`None`
    without a promise).
    """

    suite: str
    runner: str
    samples: int
    epochs: int
    stored_epochs: int
    invocations: int
    alarms: int
    low: float
    high: float
    inconclusive: int
    sensitivity: tuple[Sensitivity, ...]
    power_target: float
    promised: float | None
    kept: bool | None
    notes: tuple[str, ...] = ()

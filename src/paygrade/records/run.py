"""A run as it is remembered: its header, its sample rows and its summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.check import CheckSpec
    from paygrade.records.effects import EffectFigures, Reliability
    from paygrade.records.json_value import Json
    from paygrade.records.plan import Identity, Selection

RunState = Literal["complete", "incomplete"]

Purpose = Literal["run", "baseline", "gate", "confirm", "repeat", "calibrate"]
"""Why a run was made: an ordinary one; a session of a baseline; the gate's candidate; fresh
attempts on chosen samples to confirm a suspicion; a second look at a runner that is declared
deterministic; a calibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """What a run is, written before its first call. Times are UTC, ISO 8601.

    `price` is the snapshot that its costs were counted with, `budget_usd` a decimal as text.
    `judges` says of each judge its model, its rubric and how it did when it was certified.
    """

    run_id: str
    started_at: str
    suite: str
    runner: str
    provider: str
    deterministic: bool
    prompt: str
    dataset: str
    epochs: int
    samples: int
    attempts: int
    selection: Selection
    identity: Identity
    slices: tuple[str, ...]
    checks: tuple[CheckSpec, ...]
    max_failure_rate: float | None
    commit: str
    dirty: bool | None
    versions: Mapping[str, str]
    price: Mapping[str, Json] | None = None
    budget_usd: str | None = None
    purpose: Purpose = "run"
    judges: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """What a journal keeps of a sample, masked: enough to show, rescore and slice it."""

    sample_id: str
    case: str
    case_class: str
    slices: Mapping[str, tuple[str, ...]]
    exposure_minor: int | None
    currency: str
    content_hash: str
    input: Json
    expected: Json
    messages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A failure rate with its 95 % interval. With nothing scored the interval is 0..1.

    `scored` and `failed` count attempts; `errored` ones are in neither. `rate` is `None` when
    nothing was scored.
    """

    scored: int
    failed: int
    errored: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRate:
    """How one check did over a run."""

    check: str
    severity: str
    role: str
    judged: int
    failed: int
    errored: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceRate:
    """The failure rate of the samples that carry one value of one slice."""

    name: str
    value: str
    samples: int
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyAtRisk:
    """Exposure of the samples that failed, in minor units of one currency.

    Each sample counts its exposure times the share of its scored epochs that failed, rounded
    half-even to a whole minor unit per currency.
    """

    currency: str
    at_risk_minor: int
    exposed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a run asked for and paid. `usd` is `None` where no cost is known at all.

    `answers` came from calls of this run, `cached` ones from earlier runs; `failed_calls` gave no
    answer, and `unpriced` answers cost an amount that nobody knows. `lost_turns` were answers to an
    agent whose attempt came to none; their cost is in `usd`. What judges were asked and
    cost is in none of these.
    """

    answers: int
    cached: int
    failed_calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    unpriced: int
    lost_turns: int = 0
    judge_answers: int = 0
    judge_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in figures. `planned` minus `done` attempts are still to do.

    `quarantined` attempts ran and are in no rate. `severities` holds, for each severity, the share
    of attempts with at least one such miss; `overall` is the failure rate. `effects` is what agents
    did, where the suite judges that; `reliability` how several epochs of a sample came out.
    """

    header: RunHeader
    state: RunState
    planned: int
    done: int
    quarantined: int
    overall: Rate
    checks: tuple[CheckRate, ...]
    slices: tuple[SliceRate, ...]
    severities: Mapping[str, Rate]
    money: tuple[MoneyAtRisk, ...]
    errors: Mapping[str, int]
    invariant_failures: int
    bill: Bill | None = None
    effects: EffectFigures | None = None
    reliability: Reliability | None = None

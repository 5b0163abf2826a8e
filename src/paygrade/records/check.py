"""What is judged (`CheckSpec`), by what scale, and how a judgement is recorded (`Check`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.leaks import Finding
    from paygrade.records.agent import Trajectory
    from paygrade.records.json_value import Json

Severity = Literal["critical", "major", "minor"]
"""How bad a miss is."""

GateRole = Literal["invariant", "gating", "advisory"]
"""What the gate does with a miss: one ends it, it is counted, it is only reported."""

CheckResult = Literal["pass", "fail", "error"]

DEFAULT_ROLE: dict[Severity, GateRole] = {
    "critical": "gating",
    "major": "gating",
    "minor": "advisory",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """One check of a suite or a sample, bound and validated but not yet judged.

    `scorer` is the registered name without a `not-` prefix; `negated` says that there was one.
    """

    id: str
    scorer: str
    negated: bool = False
    params: Mapping[str, Json] = field(default_factory=dict)
    severity: Severity = "major"
    role: GateRole = "gating"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamProblem:
    """One thing wrong with a scorer's parameters: the key it concerns (or ""), and a mend."""

    key: str
    problem: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer read as JSON: its value, or why it is none; and what had to be repaired first."""

    value: Json = None
    error: str = ""
    repair: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that a scorer may look at: one masked answer and the sample it answers.

    `output` is the answer's text read as JSON, or `None` with `output_error` set to the reason in
    one sentence. `output_repair` says what was repaired to read it ("" if nothing). `findings`
    are what the leak barrier found in the original answer. `trajectory` is what an agent did,
    masked; `None` where nobody called tools.
    """

    sample_id: str
    input: Json
    expected: Json
    text: str
    output: Json = None
    output_error: str = ""
    output_repair: str = ""
    findings: tuple[Finding, ...] = ()
    latency_s: float = 0.0
    cost_usd: float | None = None
    cached: bool = False
    epoch: int = 1
    trajectory: Trajectory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a scorer returns: a value in 0..1, whether it passes, a reason a person can act on.

    `partial` holds figures shown beside the check (recall, share explained); the gate never
    reads them.
    """

    passed: bool
    value: float | None = None
    reason: str = ""
    partial: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One judgement of one scorer on one attempt."""

    id: str
    scorer: str
    severity: Severity
    role: GateRole
    result: CheckResult
    value: float | None = None
    reason: str = ""
    partial: Mapping[str, float] = field(default_factory=dict)

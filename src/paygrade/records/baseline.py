"""What a person accepted: every outcome of a version, and all that it was made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.check import GateRole, Severity
    from paygrade.records.json_value import Json
    from paygrade.records.plan import Identity
    from paygrade.records.sample import CaseClass

Marks = str
"""One letter an attempt, in order: P passed, F failed, E errored, - not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSample:
    """What one version did on one sample. `sessions` holds one `Marks` a recording session.

    `checks` holds, in the same form, every check that ever failed or broke here; `invariants`
    names those of them that stand outside the statistics and failed. An attempt answered from
    the cache is not in it.
    """

    sample_id: str
    content_hash: str
    case: str
    case_class: CaseClass
    sessions: tuple[Marks, ...]
    checks: Mapping[str, tuple[Marks, ...]] = field(default_factory=dict)
    invariants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIdentity:
    """One check as it judged: equal digests judge alike (scorer, parameters, version, schema)."""

    id: str
    severity: Severity
    role: GateRole
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSession:
    """One recording of a baseline: the run it came from, when (UTC, ISO 8601), how often."""

    run_id: str
    started_at: str
    epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The accepted outcomes of one suite with one runner.

    `commit` is where its content lies in git; empty when that was not clean. `shift` is the z of
    the A/A check between its two sessions (`None` with one), `inference` what follows from it.
    `power` holds, for so many epochs of a candidate, the smallest rise that is found with the
    policy's power (`None`: none of those looked at). `digest` is the SHA-256 of its content as
    stored, its name in the record of verdicts. `source` says where it was read.
    """

    suite: str
    runner: str
    provider: str
    deterministic: bool
    prompt: str
    dataset: str
    identity: Identity
    checks: tuple[CheckIdentity, ...]
    models: tuple[str, ...]
    parameters: Mapping[str, Json]
    commit: str
    accepted_at: str
    reason: str
    versions: Mapping[str, str]
    sessions: tuple[RecordedSession, ...]
    shift: float | None
    inference: Literal["runs", "cases"]
    power: Mapping[int, float | None]
    samples: tuple[ArmSample, ...]
    digest: str = ""
    source: str = ""

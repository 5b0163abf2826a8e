"""The lines of a baseline file: what each may hold, and how records become lines and back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, Strict, StringConstraints

from paygrade.records.baseline import ArmSample, Baseline, CheckIdentity, RecordedSession
from paygrade.records.check import GateRole, Severity
from paygrade.records.plan import Identity
from paygrade.records.sample import CaseClass
from paygrade.workspace.fields import STRICT, Name, SampleId, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = 1

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

Marked = Annotated[str, StringConstraints(pattern=r"^[PFE -]*$")]
"""The marks of every session, joined by a space."""


def _instant(text: str) -> str:
    """Times are compared with today: they need an offset from UTC.

    Raises:
        ValueError: it is anything else.
    """
    try:
        known = dt.datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        known = False
    if not known:
        raise ValueError("a time of ISO 8601 with its offset from UTC")
    return text


Instant = Annotated[str, AfterValidator(_instant)]


class FirstLine(BaseModel):
    """The first line of a file. `sha256` is over the exact bytes of all lines below it."""

    model_config = STRICT

    baseline: Literal[1]
    suite: Name
    sha256: Digest
    samples_sha256: Digest | None = None


class IdentityModel(BaseModel):
    """The hashes of a run; `tools` only where the suite has some."""

    model_config = STRICT

    prompt: str
    dataset: str
    runner: str
    scorers: str
    tools: str = ""


class SessionModel(BaseModel):
    """One recording."""

    model_config = STRICT

    run_id: str
    started_at: Instant
    epochs: int = Field(ge=1)


class RunnerLine(BaseModel):
    """All of one runner's baseline but its samples."""

    model_config = STRICT

    runner: Text
    provider: str
    deterministic: bool
    prompt: str
    dataset: str
    identity: IdentityModel
    checks: list[Annotated[tuple[Text, Severity, GateRole, str], Strict(strict=False)]]
    models: list[str]
    parameters: dict[str, Any]
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,64}$")]
    accepted_at: Instant
    reason: str
    versions: dict[str, str]
    sessions: list[SessionModel] = Field(min_length=1)
    shift: float | None
    inference: Literal["runs", "cases"]
    power: dict[Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}$")], float | None]


class SampleLine(BaseModel):
    """What one version did on one sample."""

    model_config = STRICT

    id: SampleId
    hash: str
    case: SampleId | None = None
    class_: CaseClass = Field("statistical", alias="class")
    outcomes: Marked
    checks: dict[Text, Marked] = Field(default_factory=dict)
    invariants: list[Text] = Field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One runner's lines as they stand in a file, without their line ends."""

    runner: str
    header: str
    samples: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of these lines, each with its line end."""
        return sha256_of(joined((self.header, *self.samples)))


def sha256_of(raw: bytes) -> str:
    """SHA-256 in 64 hex digits."""
    return hashlib.sha256(raw).hexdigest()


def joined(lines: Sequence[str]) -> bytes:
    """The bytes of `lines`, each with its line end."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def json_line(value: object) -> str:
    """`value` as one line: compact, readable, never NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def part_of(baseline: Baseline) -> Part:
    """The lines of `baseline`, its samples in the order of their ids."""
    samples = sorted(baseline.samples, key=lambda each: each.sample_id)
    return Part(
        runner=baseline.runner,
        header=json_line(_header_of(baseline)),
        samples=tuple(json_line(dict(_sample_of(each))) for each in samples),
    )


def _header_of(baseline: Baseline) -> dict[str, Any]:
    return {
        "runner": baseline.runner,
        "provider": baseline.provider,
        "deterministic": baseline.deterministic,
        "prompt": baseline.prompt,
        "dataset": baseline.dataset,
        "identity": {
            "prompt": baseline.identity.prompt,
            "dataset": baseline.identity.dataset,
            "runner": baseline.identity.runner,
            "scorers": baseline.identity.scorers,
            **({"tools": baseline.identity.tools} if baseline.identity.tools else {}),
        },
        "checks": [[each.id, each.severity, each.role, each.digest] for each in baseline.checks],
        "models": list(baseline.models),
        "parameters": _sorted(baseline.parameters),
        "commit": baseline.commit,
        "accepted_at": baseline.accepted_at,
        "reason": baseline.reason,
        "versions": _sorted(baseline.versions),
        "sessions": [
            {"run_id": each.run_id, "started_at": each.started_at, "epochs": each.epochs}
            for each in baseline.sessions
        ],
        "shift": baseline.shift,
        "inference": baseline.inference,
        "power": {str(epochs): rise for epochs, rise in sorted(baseline.power.items())},
    }


def _sorted(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The order of keys says nothing, and must not change a byte."""
    return json.loads(json.dumps(value, sort_keys=True, allow_nan=False))


def _sample_of(sample: ArmSample) -> Iterator[tuple[str, Any]]:
    yield "id", sample.sample_id
    yield "hash", sample.content_hash
    if sample.case != sample.sample_id:
        yield "case", sample.case
    if sample.case_class != "statistical":
        yield "class", sample.case_class
    yield "outcomes", " ".join(sample.sessions)
    if sample.checks:
        yield "checks", {name: " ".join(marks) for name, marks in sorted(sample.checks.items())}
    if sample.invariants:
        yield "invariants", list(sample.invariants)


def misfits(sample: SampleLine, header: RunnerLine) -> Iterator[str]:
    """Why the marks of a sample do not belong to the sessions of its runner."""
    marks = sample.outcomes.split(" ")
    if len(marks) != len(header.sessions):
        yield f"'outcomes' has {len(marks)} sessions, its runner has {len(header.sessions)}"
    for number, (each, session) in enumerate(zip(marks, header.sessions, strict=False), 1):
        if len(each) > session.epochs:
            yield f"session {number} has {len(each)} marks and only {session.epochs} epochs"
    sizes = [len(each) for each in marks]
    for name, text in sample.checks.items():
        if [len(each) for each in text.split(" ")] != sizes:
            yield f"the check {name!r} has not as many marks as 'outcomes'"


def baseline_of(
    suite: str, header: RunnerLine, samples: Sequence[SampleLine], digest: str, source: str
) -> Baseline:
    """The record that these lines hold."""
    return Baseline(
        suite=suite,
        runner=header.runner,
        provider=header.provider,
        deterministic=header.deterministic,
        prompt=header.prompt,
        dataset=header.dataset,
        identity=Identity(**header.identity.model_dump()),
        checks=tuple(
            CheckIdentity(id=name, severity=severity, role=role, digest=judged)
            for name, severity, role, judged in header.checks
        ),
        models=tuple(header.models),
        parameters=header.parameters,
        commit=header.commit,
        accepted_at=header.accepted_at,
        reason=header.reason,
        versions=header.versions,
        sessions=tuple(RecordedSession(**each.model_dump()) for each in header.sessions),
        shift=header.shift,
        inference=header.inference,
        power={int(epochs): rise for epochs, rise in header.power.items()},
        samples=tuple(
            ArmSample(
                sample_id=each.id,
                content_hash=each.hash,
                case=each.case or each.id,
                case_class=each.class_,
                sessions=tuple(each.outcomes.split(" ")),
                checks={name: tuple(marks.split(" ")) for name, marks in each.checks.items()},
                invariants=tuple(each.invariants),
            )
            for each in samples
        ),
        digest=digest,
        source=source,
    )

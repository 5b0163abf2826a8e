"""What is about to run: every name bound, every input hashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paygrade.records.policy import GatePolicy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from paygrade.records.agent import Toolbox
    from paygrade.records.certificate import Certificate, JudgeIdentity
    from paygrade.records.check import CheckSpec
    from paygrade.records.json_value import Json
    from paygrade.records.sample import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """One message of a prompt version before rendering; `line` is where its content starts."""

    role: str
    content: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """One immutable version of a prompt: `reference` is `NAME@vN`."""

    name: str
    version: int
    path: str
    changelog: str
    messages: tuple[MessageTemplate, ...]
    variables: tuple[str, ...]
    constants: Mapping[str, Json]
    output_schema: Mapping[str, Json] | None
    parameters: Mapping[str, Json]
    content_hash: str

    @property
    def reference(self) -> str:
        """`NAME@vN`, as suites and the command line write it."""
        return f"{self.name}@v{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One version of a dataset: `reference` is `NAME@vN`, `content_hash` ignores the order."""

    name: str
    version: int
    path: str
    samples: tuple[Sample, ...]
    canary: str
    content_hash: str
    locked: bool
    warnings: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """`NAME@vN`, as suites write it."""
        return f"{self.name}@v{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerProfile:
    """One runner as its YAML declares it. `options` are the keys of its provider alone.

    `folder` is where relative paths in `options` start. `timeout_s` bounds one call,
    `attempt_timeout_s` one attempt with all its retries, both in seconds. `price` is in US dollars
    per million tokens and takes the place of the list price.
    """

    name: str
    provider: str
    path: str
    folder: Path
    options: Mapping[str, Json]
    parameters: Mapping[str, Json]
    concurrency: int
    timeout_s: float
    deterministic: bool
    content_hash: str
    attempt_timeout_s: float = 600
    max_retries: int = 3
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    price: Mapping[str, float] | None = None
    budget_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePlan:
    """A model that judges by one rubric: its profile, and what is known of it."""

    profile: RunnerProfile
    identity: JudgeIdentity
    certificate: Certificate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a plan may cost before its first call.

    `known` attempts are answered by earlier runs. `ceiling_usd` is the highest possible cost of
    the others, without retries; `None` where no price is known. `paid` says whether the provider
    is one that can cost money. `judge_calls` are in none of these: how many answers are put to
    judges at most.
    """

    plan: RunPlan
    paid: bool
    known: int
    ceiling_usd: Decimal | None
    judge_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a person asked for on the command line, before any name is bound.

    Kept with the run, so that `resume` binds the same again.
    """

    suite: str
    runner: str
    prompt: str = ""
    epochs: int | None = None
    limit: int | None = None
    filter_id: tuple[str, ...] = ()
    filter_slice: tuple[str, ...] = ()
    filter_class: str = ""
    only_samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """SHA-256 hashes of all that decides a run's meaning; two runs compare when they agree.

    `tools` is empty for a suite without tools.
    """

    prompt: str
    dataset: str
    runner: str
    scorers: str
    tools: str = ""

    def differences(self, other: Identity) -> tuple[str, ...]:
        """Names of the parts that differ, in reading order."""
        names = ("prompt", "dataset", "runner", "scorers", "tools")
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One suite, one runner: the samples chosen, the checks bound, the identities hashed.

    The attempts are `samples` x epochs 1..`epochs`. `policy` is what the suite asks of the gate,
    `judges` are the models that its scorers ask. A suite with a `toolbox` is for agents.
    """

    selection: Selection
    suite: str
    suite_path: str
    suite_folder: Path
    prompt: PromptVersion
    dataset: Dataset
    runner: RunnerProfile
    samples: tuple[Sample, ...]
    epochs: int
    checks: tuple[CheckSpec, ...]
    slices: tuple[str, ...]
    max_failure_rate: float | None
    identity: Identity
    warnings: tuple[str, ...] = field(default=())
    policy: GatePolicy = field(default_factory=GatePolicy)
    judges: tuple[JudgePlan, ...] = ()
    toolbox: Toolbox | None = None

    @property
    def label(self) -> str:
        """`SUITE · RUNNER`, as messages name it."""
        return f"{self.suite} · {self.runner.name}"

    @property
    def attempts(self) -> int:
        """How many answers the plan asks for."""
        return len(self.samples) * self.epochs

"""What was published: the figures of each suite with each runner, as they are kept in git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.records.plan import Identity
    from paygrade.records.run import MoneyAtRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRun:
    """The newest whole run of a suite with a runner.

    `rate` is `None` when nothing was scored, `verdict` empty where it was never gated. `started_at`
    is UTC, ISO 8601; `commit` is empty and `dirty` is `None` where git could not say.
    """

    suite: str
    runner: str
    run_id: str
    started_at: str
    commit: str
    dirty: bool | None
    prompt: str
    dataset: str
    epochs: int
    samples: int
    scored: int
    failed: int
    errored: int
    cases: int
    rate: float | None
    low: float
    high: float
    invariant_failures: int
    money: tuple[MoneyAtRisk, ...]
    verdict: str
    identity: Identity

    @property
    def label(self) -> str:
        """`SUITE · RUNNER`, as messages name it."""
        return f"{self.suite} · {self.runner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """All that was published of one workspace, by suite and runner.

    `made_at` is UTC, ISO 8601. `commit` is empty and `dirty` is `None` where git cannot say.
    `unknown` says in sentences what is not known.
    """

    title: str
    made_at: str
    commit: str
    dirty: bool | None
    runs: tuple[PublishedRun, ...]
    unknown: tuple[str, ...] = ()

"""What was accepted, now or earlier, as figures: beside every run that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.plan import Identity
    from paygrade.records.run import Rate
    from paygrade.records.sample import CaseClass


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedSample:
    """One sample of an accepted baseline: its attempts, over all sessions."""

    sample_id: str
    content_hash: str
    case: str
    case_class: CaseClass
    scored: int
    failed: int
    errored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The figures of one baseline of a suite and runner. The `current` one has its samples too.

    `epochs` is how often each sample was asked, over all sessions. Quarantined samples are in no
    rate. `power` and `digest` are as in `Baseline`; `source` says where it was read, a file or a
    commit with the file.
    """

    suite: str
    runner: str
    digest: str
    accepted_at: str
    reason: str
    prompt: str
    dataset: str
    commit: str
    identity: Identity
    epochs: int
    source: str
    current: bool
    rate: Rate
    cases: int
    power: Mapping[int, float | None]
    samples: tuple[AcceptedSample, ...] = ()

"""What the workspace holds now, beside what was run of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.errors import PaygradeError
from paygrade.pipeline.wiring import bench_of, today
from paygrade.workspace.bind import bind_suite, identity_of
from paygrade.workspace.profiles import read_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.records.plan import Identity
    from paygrade.records.published import PublishedRun
    from paygrade.workspace.config import Layout

MOST_SAMPLES = 100_000
"""A larger dataset is not read again only to see whether it has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Identities by suite and runner, and a sentence for each that cannot be said."""

    identities: Mapping[tuple[str, str], Identity]
    unknown: tuple[str, ...]


def identities_today(layout: Layout, runs: Iterable[PublishedRun]) -> Today:
    """What a run of each of these suites and runners would be bound to now."""
    by_suite: dict[str, list[PublishedRun]] = {}
    for run in runs:
        by_suite.setdefault(run.suite, []).append(run)
    found: dict[tuple[str, str], Identity] = {}
    unknown: list[str] = []
    for suite, of_suite in by_suite.items():
        if max(run.samples for run in of_suite) > MOST_SAMPLES:
            unknown.append(
                f"{suite}: whether it has changed since it was run; its dataset is too large to "
                "be read again for that"
            )
            continue
        try:
            bound = bind_suite(layout, suite, scorers.CATALOGUE, today())
            fingerprint = bench_of(layout, bound).bench.fingerprint
        except PaygradeError as error:
            unknown.append(f"{suite}: whether it has changed since it was run; {_first(error)}")
            continue
        for run in of_suite:
            try:
                profile = read_profile(layout, run.runner)
            except PaygradeError as error:
                unknown.append(f"{run.label}: whether it has changed; {_first(error)}")
            else:
                found[suite, run.runner] = identity_of(bound, profile, fingerprint)
    return Today(identities=found, unknown=tuple(unknown))


def _first(error: PaygradeError) -> str:
    return str(error).splitlines()[0]

"""What a person accepted, now and earlier: the baseline files, and what git has of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.analysis.accepted import accepted_of
from paygrade.errors import PaygradeError
from paygrade.pipeline.baselines import hashes
from paygrade.pipeline.wiring import bench_of, today
from paygrade.workspace import baselines, git
from paygrade.workspace.bind import bind_suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.accepted import Accepted
    from paygrade.records.baseline import Baseline
    from paygrade.workspace.config import Layout

MOST_VERSIONS = 100
"""Versions of one file that are read, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptances:
    """Baselines of all suites and runners, and in sentences what is not known of earlier ones."""

    accepted: tuple[Accepted, ...]
    unknown: tuple[str, ...]


def acceptances(layout: Layout) -> Acceptances:
    """Every baseline of the workspace with its history, each digest once."""
    found: list[Accepted] = []
    unknown: dict[str, None] = {}
    for suite in baselines.names(layout):
        try:
            current = baselines.read_baselines(layout, suite)
        except PaygradeError as error:
            unknown[f"{suite}: what was accepted; {_first(error)}"] = None
            continue
        own = _own_hashes(layout, suite, unknown) if current else {}
        found += [accepted_of(_as_journaled(each, own), current=True) for each in current]
        known = {(each.runner, each.digest) for each in current}
        for each in _earlier(layout, suite, unknown):
            if (each.runner, each.digest) not in known:
                known.add((each.runner, each.digest))
                found.append(accepted_of(each, current=False))
    return Acceptances(accepted=tuple(found), unknown=tuple(unknown))


def _own_hashes(layout: Layout, suite: str, unknown: dict[str, None]) -> dict[str, str]:
    """How journals hash the samples that bring checks of their own, by a baseline's hash of them.

    A journal hashes what a sample says alone: its checks are in the run's identity.
    """
    try:
        bound = bind_suite(layout, suite, scorers.CATALOGUE, today())
        known = hashes(bound.dataset.samples, bench_of(layout, bound).bench)
    except PaygradeError as error:
        unknown[f"{suite}: which samples changed since the baseline; {_first(error)}"] = None
        return {}
    return {
        known[sample.id]: sample.content_hash
        for sample in bound.dataset.samples
        if sample.id in known
    }


def _as_journaled(baseline: Baseline, own: Mapping[str, str]) -> Baseline:
    samples = (
        replace(each, content_hash=own.get(each.content_hash, each.content_hash))
        for each in baseline.samples
    )
    return replace(baseline, samples=tuple(samples))


def _earlier(layout: Layout, suite: str, unknown: dict[str, None]) -> Iterator[Baseline]:
    """The baselines of `suite` in every version of its file that git has, newest first."""
    file = baselines.baseline_file(layout, suite)
    if not file.is_relative_to(layout.root):
        unknown["earlier baselines: they are not in the workspace"] = None
        return
    names = layout.shown(file), layout.shown(baselines.samples_file(file))
    history = git.history(layout.root, names, most=MOST_VERSIONS)
    if not history.whole:
        unknown[f"earlier baselines, or some of them: {history.why}"] = None
    for commit in history.commits:
        text, artefact = (git.file_at(layout.root, commit, name) for name in names)
        if text is None:
            continue  # this commit took it away
        shown = f"{commit[:12]}:{names[0]}"
        try:
            yield from baselines.baselines_from_text(
                text.decode("utf-8", "replace"), artefact, shown, suite=suite
            )
        except PaygradeError as error:
            unknown[f"{suite}: an earlier baseline; {_first(error)}"] = None


def _first(error: PaygradeError) -> str:
    return str(error).splitlines()[0]

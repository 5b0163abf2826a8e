"""Where a site comes from, and in sentences what is not known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.analysis.staleness import changed
from paygrade.errors import PaygradeError
from paygrade.pipeline.today import identities_today
from paygrade.pipeline.wiring import versions
from paygrade.records.site import Provenance
from paygrade.workspace import baselines, git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paygrade.records.published import PublishedRun
    from paygrade.workspace.config import Layout


def provenance(
    layout: Layout, made_at: str, schema_version: int, unknown: Sequence[str]
) -> Provenance:
    """The commit, the versions, the time, and `unknown` with what git does not know."""
    source = git.revision(layout.root)
    dirty = _dirty(layout) if source.commit else None
    said = list(unknown)
    if not source.commit:
        said.insert(0, "the commit: the workspace lies in no git repository, or it has no commit")
    elif dirty is None:
        said.insert(0, "whether the workspace is as it was committed: git cannot say")
    elif dirty:
        more = f" and {len(dirty) - 1} more" if len(dirty) > 1 else ""
        said.insert(0, f"what is not committed: {dirty[0]}{more} differs from the commit")
    return Provenance(
        made_at=made_at,
        commit=source.commit,
        dirty=None if dirty is None else bool(dirty),
        versions=versions(),
        schema_version=schema_version,
        unknown=tuple(said),
    )


def _dirty(layout: Layout) -> tuple[str, ...] | None:
    """What differs from the commit; the store and what is made of it do not count."""
    dirty = git.dirty_paths(layout.root)
    if dirty is None:
        return None
    own = tuple(layout.shown(each) + "/" for each in (layout.reports, layout.store))
    return tuple(each for each in dirty if not each.startswith(own))


def unknown_of(
    layout: Layout, suites: Sequence[str], runs: Sequence[PublishedRun]
) -> Iterator[str]:
    """What is not known of the workspace's `suites` from the `runs` that are published."""
    known = {run.suite for run in runs}
    for suite in suites:
        if suite not in known:
            yield f"{suite}: how often it fails; no whole run of it is complete"
    for suite in sorted(known):
        yield from _not_accepted(layout, suite, [run for run in runs if run.suite == suite])
    for run in runs:
        if not run.commit:
            yield f"{run.label}: the commit that it was run at"
        elif run.dirty:
            yield f"{run.label}: what exactly was run; not all of it was committed"
    now = identities_today(layout, runs)
    for run in runs:
        current = now.identities.get((run.suite, run.runner))
        parts = run.identity.differences(current) if current else ()
        if parts:
            yield f"{run.label}: how often it fails now; {changed(parts)} since it was run"
    yield from now.unknown


def _not_accepted(layout: Layout, suite: str, runs: Sequence[PublishedRun]) -> Iterator[str]:
    try:
        accepted = {each.runner for each in baselines.read_baselines(layout, suite)}
    except PaygradeError as error:
        yield f"{suite}: what was accepted; {str(error).splitlines()[0]}"
        return
    for run in runs:
        if run.runner not in accepted:
            yield f"{run.label}: whether it got worse; it has no accepted baseline"

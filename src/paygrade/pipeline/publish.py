"""`paygrade publish`: from the store to a folder of pages, figures and downloads."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade.errors import NothingRanError
from paygrade.pipeline.acceptances import acceptances
from paygrade.pipeline.cleaning import cleaned, cleaned_samples
from paygrade.pipeline.outlet import Outlet
from paygrade.pipeline.site import MOST_EMBEDDED, MOST_TOLD, all_tables, gather, parquet_name
from paygrade.pipeline.wiring import layout_at, now
from paygrade.reports.published import badge_json, badge_svg, figures_json, publication_of, readme
from paygrade.reports.publishing import Masked
from paygrade.reports.rows import csv_text
from paygrade.reports.site import pages, sample_pages
from paygrade.store import accepted, database, downloads, fill
from paygrade.store import site as store
from paygrade.workspace.site_folder import FIGURES, README, new_folder, published_folder
from paygrade.workspace.suites import names as suite_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.leaks import Policy
    from paygrade.records.published import Publication
    from paygrade.records.site import Site
    from paygrade.store.database import Connection
    from paygrade.workspace.config import Layout
    from paygrade.workspace.site_folder import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was written: each file with its bytes.

    `masked` is what was masked on the way out, `stored_masked` before it was stored. `problems` has
    a sentence for each journal and record that could not be read.
    """

    folder: Path
    files: Mapping[str, int]
    figures: Publication
    masked: tuple[Masked, ...]
    stored_masked: tuple[Masked, ...]
    problems: tuple[str, ...]


def publish(folder: Path | None, *, out: Path | None = None, made_at: str = "") -> Published:
    """Write the site of the workspace into `out` (default: `reports/published`).

    `made_at` is the time that stands on the pages, UTC, ISO 8601 (default: now).

    Raises:
        NothingRanError: no run is whole and complete.
        UsageError: the folder holds somebody else's files or cannot be written, or something
            leaks and that is refused.
        StoreError, WorkspaceError: the store or the workspace cannot be read.
    """
    layout = layout_at(folder)
    target = (out or published_folder(layout)).absolute()
    outlet = Outlet(layout.barrier, refuse=layout.on_leak == "refuse")
    with new_folder(target, ignoring=out is None) as draft:
        synced = fill.sync(layout.store)
        site = _written(layout, draft, outlet, made_at or now())
        figures = publication_of(site)
        draft.write(README, readme(figures))
        draft.write(FIGURES, figures_json(figures))
        draft.write("badge.json", badge_json(figures))
        draft.write("badge.svg", badge_svg(figures))
        files = draft.sizes()
    return Published(
        folder=target,
        files=files,
        figures=figures,
        masked=tuple(
            Masked(where=each.where, kind=each.kind, count=each.count) for each in outlet.masked
        ),
        stored_masked=_stored_masked(site, layout.barrier.policy),
        problems=synced.problems,
    )


def _written(layout: Layout, draft: Draft, outlet: Outlet, made_at: str) -> Site:
    """Write pages and downloads, and return what they show."""
    if not (layout.store / database.DATABASE_FILE).exists():
        raise _nothing()
    found = acceptances(layout)
    with database.writing(layout.store) as connection:
        accepted.fill(connection, found.accepted)
    with tempfile.TemporaryDirectory(prefix="paygrade-publish-") as name:
        copy = Path(name)
        with database.reading(layout.store):  # nobody writes while it is copied
            shutil.copyfile(layout.store / database.DATABASE_FILE, copy / database.DATABASE_FILE)
        return _drawn(layout, copy, draft, outlet, made_at=made_at, unknown=found.unknown)


def _drawn(  # noqa: PLR0913 - what is drawn, from what, through what, and where to
    layout: Layout,
    copy: Path,
    draft: Draft,
    outlet: Outlet,
    *,
    made_at: str,
    unknown: tuple[str, ...],
) -> Site:
    """Write everything from a copy of the store: runs and gates that end meanwhile can fill it."""
    dictionaries = _columns_beside(layout, copy, draft)
    with database.reading(copy, shut=False, frugal=True) as connection:
        gathered = gather(
            connection,
            layout,
            made_at=made_at,
            unknown=unknown,
            dictionaries=dictionaries,
        )
        if not gathered.overview["runs"].rows:
            raise _nothing()
        site = cleaned(outlet, gathered)
        for page, name, asked in all_tables(site):
            draft.write(f"data/{page}.{name}.csv", csv_text(asked.columns, asked.records()))
            parquet = draft.path(f"data/{page}.{name}.parquet")
            downloads.write_asked(connection, asked, parquet)
        for name, text in pages(site):
            draft.write(name, text)
        _tell(connection, draft, outlet, site)
    return site


def _stored_masked(site: Site, policy: Policy) -> tuple[Masked, ...]:
    """What the barrier took out of answers before they were stored; it finds more than that."""
    return tuple(
        Masked(
            where=f"{row['suite']} · {row['runner']}, {row['place']}",
            kind=row["kind"],
            count=row["findings"],
        )
        for row in site.overview["masked"].records()
        if policy.masks(row["kind"])
    )


def _nothing() -> NothingRanError:
    return NothingRanError(
        "there is nothing to publish: no run of a whole suite is complete", hint="paygrade run"
    )


def _columns_beside(
    layout: Layout, copy: Path, draft: Draft
) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Write the columns of suites that are too large for their pages."""
    with database.reading(copy, frugal=True) as connection:
        large = [
            name
            for name in suite_names(layout)
            if store.attempts_of(connection, name) > MOST_EMBEDDED
        ]
    return {name: store.write_columns(copy, name, draft.path(parquet_name(name))) for name in large}


def _tell(connection: Connection, draft: Draft, outlet: Outlet, site: Site) -> None:
    """Write the pages of samples, where they are published."""
    for suite in site.suites:
        for runner in suite.told:
            told = store.told(connection, suite.suite, runner, most=MOST_TOLD)
            clean = cleaned_samples(outlet, told)
            for name, text in sample_pages(site, suite, runner, clean, most=MOST_TOLD):
                draft.write(name, text)

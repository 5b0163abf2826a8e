"""`paygrade publish --check`: whether what is kept in git is what would be published now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.analysis.staleness import differences
from paygrade.errors import PaygradeError
from paygrade.pipeline.acceptances import acceptances
from paygrade.pipeline.today import identities_today
from paygrade.pipeline.wiring import layout_at
from paygrade.reports.published import badge_json, badge_svg, read_figures, runs_of, table
from paygrade.store import accepted, database, fill
from paygrade.store import site as store
from paygrade.workspace.files import read_text
from paygrade.workspace.site_folder import FIGURES, README, published_folder
from paygrade.workspace.suites import names as suite_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from paygrade.records.published import Publication, PublishedRun
    from paygrade.workspace.config import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """What is no longer so, one sentence each; nothing when all is current.

    `checked` is how many suites and runners were compared. `problems` has a sentence for each
    journal and record that could not be read.
    """

    differences: tuple[str, ...]
    checked: int
    problems: tuple[str, ...]


def check_published(folder: Path | None, *, out: Path | None = None) -> Staleness:
    """Compare the figures in `out` (default: `reports/published`) with the store's.

    Raises:
        StoreError, UsageError, WorkspaceError: the store or the workspace cannot be read.
    """
    layout = layout_at(folder)
    target = (out or published_folder(layout)).absolute()
    synced = fill.sync(layout.store)
    stored = _stored(layout)
    try:
        text = read_text(target / FIGURES, layout.shown(target / FIGURES))
        published = read_figures(text)
    except PaygradeError as error:
        return Staleness(differences=(str(error),), checked=0, problems=synced.problems)
    except ValueError as error:
        problem = f"{layout.shown(target / FIGURES)}: cannot be read: {error}"
        return Staleness(differences=(problem,), checked=0, problems=synced.problems)
    today = identities_today(layout, published.runs)
    return Staleness(
        differences=(
            *differences(published.runs, stored, today.identities),
            *_missing(layout, published, stored),
            *(f"not known: {each}" for each in today.unknown),
            *(f"left out of the store: {each}" for each in synced.problems),
            *_beside(layout, target, published),
        ),
        checked=len(published.runs),
        problems=synced.problems,
    )


def _missing(
    layout: Layout, published: Publication, stored: Iterable[PublishedRun]
) -> Iterator[str]:
    """Suites that nothing is said of."""
    if not published.runs:
        yield "no figure is published"
    told = {each.suite for each in (*published.runs, *stored)}
    for name in suite_names(layout):
        if name not in told:
            yield f"{name}: is not published, and was not run"


def _stored(layout: Layout) -> tuple[PublishedRun, ...]:
    if not (layout.store / database.DATABASE_FILE).exists():
        return ()
    found = acceptances(layout)
    with database.writing(layout.store) as connection:
        accepted.fill(connection, found.accepted)
    with database.reading(layout.store, frugal=True) as connection:
        return runs_of(store.overview(connection, suite_names(layout)))


def _beside(layout: Layout, target: Path, published: Publication) -> Iterator[str]:
    """What the other files say otherwise than the figures."""
    for name, wanted in (
        (README, table(published.runs)),
        ("badge.json", badge_json(published)),
        ("badge.svg", badge_svg(published)),
    ):
        shown = layout.shown(target / name)
        try:
            text = read_text(target / name, shown)
        except PaygradeError as error:
            yield str(error)
        else:
            if wanted not in text:
                yield f"{shown}: does not say what {FIGURES} says"

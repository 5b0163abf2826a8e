"""All that a site shows, gathered: the store's answers, what the workspace holds, what git says."""

from __future__ import annotations

import contextlib
from types import MappingProxyType
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.errors import PaygradeError
from paygrade.pipeline.provenance import provenance, unknown_of
from paygrade.records.site import Site, SuiteSite
from paygrade.reports.published import runs_of
from paygrade.store import database
from paygrade.store import site as store
from paygrade.workspace.datasets import read_card
from paygrade.workspace.suites import names as suite_names
from paygrade.workspace.suites import read_suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.site import Asked
    from paygrade.store.database import Connection
    from paygrade.workspace.config import Layout

MOST_EMBEDDED = 250_000
"""Attempts of a suite whose columns stand in its page; those of a larger one lie beside it."""

MOST_TOLD = 1_000
"""Attempts of a suite and runner that are told with their words."""

_NONE: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({})


def gather(  # noqa: PLR0913 - what was found out before, each by its name
    connection: Connection,
    layout: Layout,
    *,
    made_at: str,
    live: bool = False,
    unknown: tuple[str, ...] = (),
    dictionaries: Mapping[str, Mapping[str, tuple[str, ...]]] = _NONE,
) -> Site:
    """What is published of the workspace, from a store that `connection` reads.

    `dictionaries` are those of the suites whose columns were written as Parquet beside the page.
    `unknown` are sentences about what is not known that the caller knows of. A `live` site asks
    the store alone.

    Raises:
        StoreError: the store cannot be read.
        UsageError: what git says about the workspace cannot be asked for.
    """
    suites = suite_names(layout)
    overview = store.overview(connection, suites)
    runs = runs_of(overview)
    told = () if live else tuple(unknown_of(layout, suites, runs))
    [[version]] = database.rows(connection, database.queries()["schema_version"])[1]
    return Site(
        title=layout.publish_title,
        provenance=provenance(layout, made_at, version, (*told, *unknown)),
        overview=overview,
        suites=tuple(_suite(connection, layout, name, dictionaries.get(name)) for name in suites),
        agents=store.agents(connection, suites),
        gate=store.gate(connection, suites),
        samples=layout.publish_samples,
        live=live,
    )


def parquet_name(suite: str) -> str:
    """The file beside the page with the columns of a suite that is too large for it."""
    return f"data/suite-{suite}~attempts.parquet"


def _suite(
    connection: Connection,
    layout: Layout,
    suite: str,
    dictionaries: Mapping[str, tuple[str, ...]] | None,
) -> SuiteSite:
    small = dictionaries is None and store.attempts_of(connection, suite) <= MOST_EMBEDDED
    failing = store.failing_of(connection, suite) if layout.publish_samples else {}
    return SuiteSite(
        suite=suite,
        description=_description(layout, suite),
        tables=store.suite_tables(connection, suite, samples=layout.publish_samples),
        columns=store.columns(connection, suite) if small else None,
        parquet="" if dictionaries is None else parquet_name(suite),
        dictionaries=dictionaries or {},
        told=failing,
    )


def _description(layout: Layout, suite: str) -> str:
    """What its dataset's card says: a suite's own file has no words about it."""
    with contextlib.suppress(PaygradeError):
        reference = read_suite(layout, suite, scorers.CATALOGUE).model.dataset
        return read_card(layout, reference.partition("@")[0]).model.description.strip()
    return ""


def all_tables(site: Site) -> Iterator[tuple[str, str, Asked]]:
    """Every table of a site: the page that shows it, its name there, the answer."""
    for page, tables in (
        ("index", site.overview),
        *((f"suite-{each.suite}", each.tables) for each in site.suites),
        ("agents", site.agents),
        ("gate", site.gate),
    ):
        for name, asked in tables.items():
            yield page, name, asked

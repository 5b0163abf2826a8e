"""A site, or what is told of a sample, as it passes the barrier before it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.errors import LeakRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from paygrade.pipeline.outlet import Outlet
    from paygrade.records.site import Asked, Columns, SampleTold, Site, SuiteSite


def cleaned(outlet: Outlet, site: Site) -> Site:
    """The site without what leaks.

    Raises:
        LeakRefusedError: something leaks, and that is refused; or a name does, which names a file.
    """
    for suite in site.suites:
        runners = (row["runner"] for row in suite.tables["runs"].records())
        for name in (suite.suite, *suite.told, *runners):
            if outlet.text("a name", name) != name:
                raise LeakRefusedError(
                    "the name of a suite or runner holds what must not be published",
                    hint="name it otherwise, or narrow the pattern in leaks.patterns",
                )
    return replace(
        site,
        title=outlet.text("the title", site.title),
        provenance=replace(
            site.provenance,
            unknown=tuple(outlet.text("about", each) for each in site.provenance.unknown),
        ),
        overview=cleaned_tables(outlet, "index", site.overview),
        suites=tuple(_suite(outlet, each) for each in site.suites),
        agents=cleaned_tables(outlet, "agents", site.agents),
        gate=cleaned_tables(outlet, "gate", site.gate),
    )


def _suite(outlet: Outlet, suite: SuiteSite) -> SuiteSite:
    page = f"suite-{suite.suite}"
    return replace(
        suite,
        description=outlet.text(page, suite.description),
        tables=cleaned_tables(outlet, page, suite.tables),
        columns=_columns(outlet, page, suite.columns) if suite.columns else None,
        dictionaries=_dictionaries(outlet, page, suite.dictionaries),
    )


def _columns(outlet: Outlet, page: str, columns: Columns) -> Columns:
    return replace(columns, dictionaries=_dictionaries(outlet, page, columns.dictionaries))


def _dictionaries(
    outlet: Outlet, page: str, dictionaries: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(outlet.text(f"{page}, filter {name}", each) for each in entries)
        for name, entries in dictionaries.items()
    }


def cleaned_tables(outlet: Outlet, page: str, tables: Mapping[str, Asked]) -> dict[str, Asked]:
    """Tables of the page `page` without what leaks.

    Raises:
        LeakRefusedError: as `cleaned`.
    """
    return {
        name: replace(
            asked,
            rows=tuple(outlet.rows(f"{page}, table {name}", asked.columns, asked.rows)),
        )
        for name, asked in tables.items()
    }


def cleaned_samples(outlet: Outlet, told: Iterable[SampleTold]) -> Iterator[SampleTold]:
    """What is told of samples, without what leaks, one after the other.

    Raises:
        LeakRefusedError: as `cleaned`.
    """
    for each in told:
        where = f"samples of {each.suite} · {each.runner}"
        yield replace(
            each,
            sample_id=outlet.text(where, each.sample_id),
            case=outlet.text(where, each.case),
            slices={
                outlet.text(where, name): tuple(outlet.text(where, value) for value in values)
                for name, values in each.slices.items()
            },
            messages=tuple((role, outlet.text(where, text)) for role, text in each.messages),
            expected=outlet.value(where, each.expected),
            error=outlet.text(where, each.error),
            answer=_known(outlet, where, each.answer),
            trajectory=outlet.value(where, each.trajectory),
            checks=tuple(
                replace(
                    check,
                    check=outlet.text(where, check.check),
                    reason=outlet.text(where, check.reason),
                )
                for check in each.checks
            ),
            baseline_answer=_known(outlet, where, each.baseline_answer),
        )


def _known(outlet: Outlet, where: str, text: str | None) -> str | None:
    return None if text is None else outlet.text(where, text)

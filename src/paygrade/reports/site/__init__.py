"""The published site: one page for all, one a suite, agents, the gate, and where it comes from.

Every page stands alone: no request, no script that a number needs. A number on it is a value of
the answer to a question that stands on the same page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.site.about import about_page
from paygrade.reports.site.agents import agents_page
from paygrade.reports.site.gate import gate_page
from paygrade.reports.site.overview import overview_page
from paygrade.reports.site.samples import sample_pages
from paygrade.reports.site.suite import suite_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.site import Site

__all__ = ["pages", "sample_pages"]


def pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each page but those of samples: its file name and its text."""
    yield overview_page(site)
    for suite in site.suites:
        yield suite_page(site, suite)
    if site.agents:
        yield agents_page(site)
    yield gate_page(site)
    yield about_page(site)

"""The page that says where the figures come from, what was masked, and how to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.site.marks import lines
from paygrade.reports.site.shell import render

if TYPE_CHECKING:
    from paygrade.records.site import Site


def about_page(site: Site) -> tuple[str, str]:
    """`about.html`."""
    return render(
        site,
        "about.html",
        "about.html",
        title="About these figures",
        runs=lines(site.overview, "runs"),
        masked=lines(site.overview, "masked"),
        tables=site.overview,
    )

"""The page of a suite with attempts to filter, and what somebody does on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from browser.attempts import CHECKS, CLASSES, RUNNERS
from paygrade.records.site import Columns
from paygrade.reports.site import pages
from reports.site.sites import a_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import Page

SUITE = "dispute_triage"
PAGE = f"suite-{SUITE}.html"


def written(folder: Path, **fields: Any) -> str:  # noqa: ANN401 - any of a suite
    """A whole site in a folder, and the address of the page of a suite with these fields."""
    site = a_site()
    suites = tuple(replace(each, **fields) if each.suite == SUITE else each for each in site.suites)
    for name, text in pages(replace(site, suites=suites)):
        (folder / name).write_text(text, encoding="utf-8")
    return (folder / PAGE).as_uri()


def counted(page: Page) -> None:
    """Wait until the figures of what is chosen stand there."""
    page.wait_for_selector("#filter[aria-busy=false] .found:not([hidden])")


def choose(page: Page, wanted: Mapping[str, str]) -> None:
    """Set all lists at once, as somebody who follows a link."""
    page.evaluate(
        """wanted => {
            for (const each of document.querySelectorAll("#filter select"))
                each.value = wanted[each.name] ?? "";
            document.querySelector("#filter form").dispatchEvent(new Event("change"));
        }""",
        dict(wanted),
    )
    page.wait_for_selector("#filter[aria-busy=false]")


def many(rows: int) -> Columns:
    """So many attempts, each a case of its own, as columns."""
    rng = np.random.default_rng(1)
    outcome = rng.choice(3, rows, p=[0.8, 0.18, 0.02]).astype("u1")
    judged = np.where(outcome == 2, 0, 255).astype("u1")
    failed = np.where(outcome == 1, 1 << rng.integers(0, 8, rows), 0).astype("u1")
    values = {
        "runner": np.repeat(np.arange(2), rows // 2).astype("u1"),
        "class": np.ones(rows, "u1"),
        "case": np.tile(np.arange(rows // 2), 2).astype("<u4"),
        "outcome": outcome,
        "slice:kind": rng.integers(0, 3, rows).astype("u1"),
        "judged:0": judged,
        "failed:0": failed,
    }
    kinds = ("damaged", "late", "lost")
    return Columns(
        rows=rows,
        dictionaries={
            "runner": RUNNERS, "class": CLASSES, "check": CHECKS[:8], "slice:kind": kinds,
        },
        widths={name: each.dtype.itemsize for name, each in values.items()},
        columns={name: each.tobytes() for name, each in values.items()},
    )  # fmt: skip

"""Pages of attempts in their own words, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser.chromium import visited
from paygrade.reports.site import sample_pages
from reports.site.attempts import HOSTILE, TOLD
from reports.site.sites import a_site

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.real


def test_words_of_a_model_do_nothing(browser: Browser, tmp_path: Path) -> None:
    """No script runs, nothing is asked for, and what looks like markup can be read."""
    site = a_site()
    told = [
        replace(TOLD, sample_id=f"{word} #{number}", answer=word, messages=(("user", word),))
        for number, word in enumerate(HOSTILE)
    ]
    [(name, text)] = sample_pages(site, site.suites[0], "rules", told, most=1_000)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with visited(browser, path.as_uri()) as visit:
        page = visit.page
        dialogs: list[str] = []
        page.on("dialog", lambda each: dialogs.append(each.message))
        assert page.locator("script, img, iframe, article svg:not(.sign)").count() == 0
        assert HOSTILE[0] in page.inner_text("main")
        for link in page.locator(".index a").all():
            link.click()
            assert page.locator("article:target").count() == 1
        assert (visit.requests, visit.complaints, dialogs) == ([path.as_uri()], [], [])

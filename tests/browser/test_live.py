"""A page that is served while runs go on follows them, in a real browser."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from browser.chromium import visited
from browser.filtering import many
from paygrade.cli.serving import Server
from paygrade.records.served import Served
from paygrade.reports.site import pages
from reports.site.sites import a_site, asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.real

FIRST = "index.html"
SUITE = "suite-dispute_triage.html"
COLUMNS = (
    "suite", "runner", "run_id", "started_at", "attempts", "scored", "failed", "errored",
    "failure_rate", "low", "high",
)  # fmt: skip
ATTEMPTS = many(20)
FIRST_FOLD = "main summary"
_FOCUSED = f"document.activeElement === document.querySelector('{FIRST_FOLD}')"
SOON_MS = 15_000


class Shelf:
    """The pages of a site made by hand, with one run under way."""

    def __init__(self) -> None:
        """Ten attempts are scored."""
        self.scored = 10
        self.broken: set[str] = set()
        self._versions = {"version": "v0", FIRST: "v0"}

    def grow(self) -> None:
        """Ten more."""
        self.scored += 10
        self._versions = {**self._versions, FIRST: f"{self._versions[FIRST]}+"}

    def end(self) -> None:
        """The run is complete: every page is another one."""
        self._versions = {name: f"{version}!" for name, version in self._versions.items()}

    def state(self) -> dict[str, str]:
        """As of now."""
        self._break("state")
        return self._versions

    def _break(self, name: str) -> None:
        if name in self.broken:
            raise RuntimeError(name)

    def page(self, name: str) -> Served | None:
        """Made anew each time."""
        self._break(name)
        made_at = self._versions.get(name, self._versions["version"])
        site = a_site(live=True)
        going = {
            "suite": "dispute_triage", "runner": "rules", "run_id": "r", "attempts": 321,
            "started_at": datetime(2026, 11, 28, 12, 16),  # noqa: DTZ001 - as the store has it
            "scored": self.scored, "failed": 3, "errored": 1, "low": 0.01, "high": 0.4,
            "failure_rate": 3 / self.scored,
        }  # fmt: skip
        site = replace(
            site,
            provenance=replace(site.provenance, made_at=made_at),
            overview={**site.overview, "under_way": asked(COLUMNS, [going])},
            suites=tuple(replace(each, columns=ATTEMPTS) for each in site.suites),
        )
        text = dict(pages(site)).get(name)
        if text is None:
            return None
        return Served(content=text.encode(), media_type="text/html", policy=_policy(text))


def _policy(text: str) -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found
    return found[1].replace("&#39;", "'")


@pytest.fixture
def shelf() -> Shelf:
    """What is served."""
    return Shelf()


@pytest.fixture
def server(shelf: Shelf) -> Iterator[Server]:
    """Serves it."""
    with Server(shelf, 0) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def _mark(page: Page) -> None:
    page.evaluate("window.here = true")


def _still_here(page: Page) -> bool:
    return bool(page.evaluate("window.here === true"))


def test_the_first_page_follows_a_run_without_being_loaded_again(
    browser: Browser, server: Server, shelf: Shelf
) -> None:
    """The reader stays at the same place, with the same parts unfolded, and is told politely."""
    with visited(browser, server.url, viewport={"width": 1280, "height": 600}) as visit:
        page = visit.page
        assert "10 scored of 321 attempts" in page.inner_text(".under-way")
        page.click(".under-way summary")  # and has the focus
        page.evaluate("scrollTo(0, 250)")
        _mark(page)
        shelf.grow()
        page.wait_for_selector("text=20 scored of 321 attempts", timeout=SOON_MS)
        assert _still_here(page)
        assert page.evaluate("scrollY") == 250
        assert page.evaluate("document.querySelector('.under-way details').open")
        assert page.evaluate("document.activeElement.matches('.under-way summary')")
        assert page.inner_text("[role=status]").startswith("updated ")
        assert not visit.complaints
        assert all(each.startswith(server.url) for each in visit.requests if ":" in each[:6])


def test_a_page_with_scripts_is_loaded_again_where_it_was_left(
    browser: Browser, server: Server, shelf: Shelf
) -> None:
    """Only when something is complete: a run under way is none of its business."""
    with visited(browser, f"{server.url}{SUITE}#main") as visit:
        page = visit.page
        page.wait_for_selector("#filter[aria-busy=false]")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        page.focus(FIRST_FOLD)
        page.evaluate("scrollTo(0, 700)")
        _mark(page)
        shelf.grow()
        page.wait_for_timeout(5000)
        assert _still_here(page)
        shelf.end()
        page.wait_for_selector("footer time[datetime='v0!']", timeout=SOON_MS)
        page.wait_for_selector("[role=status]:has-text('updated')", timeout=SOON_MS)
        assert not _still_here(page)
        assert page.url.endswith("#main")
        assert page.evaluate(_FOCUSED)
        assert page.evaluate("scrollY") == 700
        assert page.evaluate("document.querySelector('details').open")
        assert not visit.complaints


def test_it_waits_while_something_is_selected(
    browser: Browser, server: Server, shelf: Shelf
) -> None:
    """Nobody's selection is taken away from under the pointer."""
    with visited(browser, server.url) as visit:
        page = visit.page
        page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
        shelf.grow()
        page.wait_for_timeout(5000)
        assert "10 scored" in page.inner_text(".under-way")
        assert page.inner_text("[role=status]").startswith("newer figures wait")
        page.evaluate("getSelection().removeAllRanges()")
        page.wait_for_selector("text=20 scored of 321 attempts", timeout=SOON_MS)


def test_it_says_when_the_server_has_ended(browser: Browser, server: Server) -> None:
    """Figures that are old do not look new."""
    with visited(browser, server.url) as visit:
        server.shutdown()
        server.server_close()
        visit.page.wait_for_selector("[role=status]:has-text('not live')", timeout=SOON_MS)


@pytest.mark.parametrize("name", [FIRST, SUITE])
def test_a_page_that_cannot_be_made_leaves_the_one_that_is_shown(
    browser: Browser, server: Server, shelf: Shelf, name: str
) -> None:
    """And the next one is shown as soon as there is one."""
    with visited(browser, f"{server.url}{name}") as visit:
        _mark(visit.page)
        shelf.broken = {name}
        shelf.end()
        said = "not live: this page cannot be shown now"
        visit.page.wait_for_selector(f"[role=status]:has-text('{said}')", timeout=SOON_MS)
        assert _still_here(visit.page)
        shelf.broken = set()
        visit.page.wait_for_selector("footer time[datetime='v0!']", timeout=SOON_MS)
        visit.page.wait_for_selector("[role=status]:has-text('updated')", timeout=SOON_MS)


def test_a_server_with_a_problem_has_not_ended(
    browser: Browser, server: Server, shelf: Shelf
) -> None:
    """What is said goes away with it."""
    with visited(browser, server.url) as visit:
        shelf.broken = {"state"}
        visit.page.wait_for_selector(
            "[role=status]:has-text('not live: the server cannot say')", timeout=SOON_MS
        )
        shelf.broken = set()
        visit.page.wait_for_selector("[role=status]:text-is('')", timeout=SOON_MS, state="attached")

"""A real browser, and what a page did in it."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def _without(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Headless Chromium of this machine; without one the test is skipped, in CI it fails."""
    try:
        driver = importlib.import_module("playwright.sync_api")
    except ImportError:
        _without("no playwright: install .[ci]")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        _without("no chromium on PATH: apt-get install chromium")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass  # without slots: Playwright marks whose method it calls
class Visit:
    """A page with what it asked for, and everything that went wrong on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console warns of."""
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@contextlib.contextmanager
def visited(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:  # noqa: ANN401
    """The page at this address in a context of its own; options are those of the context."""
    context = browser.new_context(**options)
    visit = Visit(page=context.new_page())
    visit.page.on("request", lambda each: visit.requests.append(each.url))
    visit.page.on("pageerror", lambda each: visit.complaints.append(str(each)))
    visit.page.on("console", visit.hear)
    visit.page.goto(url)
    yield visit
    context.close()

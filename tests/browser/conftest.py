"""Fixtures of tests in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.chromium import launched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")  # its event loop runs as long as it does: none of another module's
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file."""
    with launched() as found:
        yield found

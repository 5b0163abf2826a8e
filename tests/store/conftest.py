"""Here databases are migrated for real."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _migrated_once() -> None:
    """Copy nothing: see the fixture of all tests."""

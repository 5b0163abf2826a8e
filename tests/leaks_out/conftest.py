"""Fixtures of all ways out."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import pytest

from paygrade.stats.power import smallest_rise

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="package")
def _reckoned_once() -> Iterator[None]:
    """What a design can see is simulated once, and seldom: no word depends on it."""
    remembered = cache(partial(smallest_rise, simulations=100))
    with pytest.MonkeyPatch.context() as patch:
        for module in ("analysis.sensitivity", "pipeline.calibrate"):
            patch.setattr(f"paygrade.{module}.smallest_rise", remembered)
        yield

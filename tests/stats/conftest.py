"""Reference figures, computed with R, scipy, statsmodels and by enumeration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Vectors = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    """The cases of each group of `vectors.json`; the file says where each group is from."""
    groups = json.loads((Path(__file__).parent / "vectors.json").read_text())["groups"]
    return {name: group["cases"] for name, group in groups.items()}

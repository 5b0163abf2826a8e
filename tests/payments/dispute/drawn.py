"""What the tests of dispute triage share: the shipped lines, and a few hundred generated ones."""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from kit import REPOSITORY
from paygrade.payments.dispute import generate

FOLDER: Final = REPOSITORY / "datasets" / "dispute_triage"
SEED: Final = 15
"""Of the 320 generated lines of dispute_triage@v2."""

Line = dict[str, Any]


def read(version: int) -> list[Line]:
    """The samples of a shipped version, without its canary line."""
    lines = (FOLDER / f"v{version}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


@functools.cache
def some(n: int = 500, seed: int = 4) -> tuple[Line, ...]:
    """Generated lines, the same for every test that asks for as many."""
    return tuple(generate(n, seed))

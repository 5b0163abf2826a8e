"""What the tests of reconciliation share: the shipped lines, and some generated ones."""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from kit import REPOSITORY
from paygrade.payments.reconciliation import generate

FOLDER: Final = REPOSITORY / "datasets" / "recon_explanation"
SEED: Final = 10
"""Of the generated lines of recon_explanation@v1."""
GENERATED: Final = 340

Line = dict[str, Any]


def shipped() -> list[Line]:
    """The samples of the shipped dataset, without its canary line."""
    lines = (FOLDER / "v1.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


@functools.cache
def some(n: int = GENERATED, seed: int = SEED) -> tuple[Line, ...]:
    """Generated lines, the same for every test that asks for as many."""
    return tuple(generate(n, seed))

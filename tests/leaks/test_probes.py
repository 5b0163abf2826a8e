"""The shared leak probes: what a detector must see and what it must leave alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from paygrade.leaks import find

SHARED = Path(os.environ.get("PAYGRADE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
PROBES = SHARED / "data" / "leak_probes" / "leak_probes.jsonl"


def test_every_probe_is_classified_as_its_label_says() -> None:
    """The kinds found are the classes of the row, and `pan` is among them where a full PAN is."""
    if not PROBES.exists():
        pytest.skip(f"no shared probes at {PROBES}; set PAYGRADE_SHARED to the folder with data/")
    wrong = []
    for line in PROBES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        kinds = {finding.kind for finding in find(row["text"])}
        if kinds != set(row["classes"]) or ("pan" in kinds) != row["contains_full_pan"]:
            wrong.append((row["id"], row["kind"], sorted(kinds)))
    assert wrong == []

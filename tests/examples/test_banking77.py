"""The example `banking77`, as its README tells it: built, checked, run, with its failure rate."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from kit import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade

EXAMPLE = REPOSITORY / "examples" / "banking77"


@pytest.mark.real
@pytest.mark.skipif(find_spec("sklearn") is None, reason="needs the extra `examples`")
def test_it_runs_with_the_failure_rate_that_its_readme_tells(
    tmp_path: Path, shared_data: Path, paygrade: Paygrade
) -> None:
    """Within two points: another version of the library may decide a few questions otherwise."""
    source = shared_data / "banking77" / "banking77.jsonl"
    if not source.is_file():
        pytest.skip("banking77 is not here")
    there = tmp_path / "banking77"
    shutil.copytree(EXAMPLE, there, ignore=shutil.ignore_patterns(".paygrade", "datasets"))
    subprocess.run([sys.executable, there / "build.py", source], check=True, capture_output=True)
    assert paygrade("check", "-w", there).code == 0
    assert paygrade("run", "banking77_payments", "-q", "-w", there).code == 0
    told = re.search(r"`other` \| ([0-9.]+) %", (EXAMPLE / "README.md").read_text("utf-8"))
    assert told
    shown = json.loads(paygrade("show", "latest", "--json", "-w", there).out)
    assert shown["overall"]["scored"] == 2_135
    assert abs(100 * shown["overall"]["rate"] - float(told[1])) < 2


def test_every_intent_is_merged_once() -> None:
    """18 groups, and none shares an intent with another."""
    merged = json.loads((EXAMPLE / "intents.json").read_text(encoding="utf-8"))
    every = [intent for group in merged.values() for intent in group]
    assert len(merged) == 18
    assert len(every) == len(set(every))

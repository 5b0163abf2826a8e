"""The README's table of suites tells what the accepted baselines hold."""

from __future__ import annotations

import json
import re

from kit import REPOSITORY


def test_the_table_of_suites_tells_the_baselines() -> None:
    """Every suite stands there, with its samples and the share that its baseline fails."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    told = {
        name: (int(samples), int(rate))
        for name, samples, rate in re.findall(
            r"^\| `(\w+)` \|[^|]*\| (\d+) \| (\d+) % \|$", text, re.MULTILINE
        )
    }
    held = {}
    for folder in (REPOSITORY / "evals").iterdir():
        file = REPOSITORY / "reports/baselines" / f"{folder.name}.jsonl"
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        outcomes = [each["outcomes"] for each in lines if "outcomes" in each]
        rate = sum("F" in each for each in outcomes) / len(outcomes)
        held[folder.name] = (len(outcomes), round(100 * rate))
    assert told == held

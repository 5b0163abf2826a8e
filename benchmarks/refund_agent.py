"""How often a clumsy agent moves money twice, with and without pytx between it and its tools.

The agent has no model: it slips at stated, seeded rates (`runners/refund_agents.py`), so the
figures are the same on every machine, but for the time. Each of the 250 samples of the suite
`refund_agent` is one attempt under the faults that it states, real kills of the agent's process
among them. Intervals are Clopper and Pearson's, at 95 %, and
take attempts as independent; `paygrade run` counts by cases, and is wider for it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paygrade.stats.bounds import exact_upper
from pytx.money import format_minor
from workload import measured

REPOSITORY = Path(__file__).resolve().parent.parent
CONTENT = ("prompts", "datasets", "runners", "evals")
RUNNERS = (("none", "agent-clumsy"), ("pytx", "agent-clumsy-guarded"))
CURRENCIES = ("USD", "JPY", "KWD")
LEAST_FREE = 0.10
"""Fewer duplicates without a guard, and the suite would try nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one runner did."""

    guard: str
    wall_s: float
    attempts: list[dict[str, Counter[str]]]
    """Of each attempt, what each check counted."""

    def rate(self, check: str, hit: str, of: str = "") -> tuple[int, int]:
        """Attempts in which a check counted a `hit`, of those in which it counted any `of`."""
        counted = [each[check] for each in self.attempts]
        tried = [each for each in counted if not of or each[of]]
        return sum(bool(each[hit]) for each in tried), len(tried)

    def total(self, check: str, name: str) -> int:
        """What a check counted in all attempts together."""
        return sum(each[check][name] for each in self.attempts)


def main() -> int:
    """Print the table; 1 when the guard let a duplicate through, or nothing was tried."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in CONTENT:
            shutil.copytree(REPOSITORY / each, folder / each)
        shutil.copy(REPOSITORY / "prompts.lock", folder)
        columns = [_column(folder, guard, runner) for guard, runner in RUNNERS]
    _print(columns)
    free, guarded = (each.rate("effect:at-most-once", "duplicates") for each in columns)
    return int(guarded[0] > 0 or free[0] < LEAST_FREE * free[1])


def _column(folder: Path, guard: str, runner: str) -> Column:
    ran = measured("-m", "paygrade", "run", "refund_agent", "-r", runner, "-q", "-w", str(folder))
    journal = max(folder.glob(".paygrade/runs/*/journal.jsonl"))
    attempts = []
    for line in journal.read_text(encoding="utf-8").splitlines():
        entry: dict[str, Any] = json.loads(line)
        if entry["t"] == "outcome":
            if entry["kind"] != "scored":
                raise SystemExit(f"{entry['sample_id']}: {entry['error']}")
            attempts.append({each["id"]: Counter(each["partial"]) for each in entry["checks"]})
    return Column(guard=guard, wall_s=ran.wall_s, attempts=attempts)


def _print(columns: list[Column]) -> None:
    attempts = len(columns[0].attempts)
    print(f"refund_agent, {attempts} attempts of a clumsy agent, by its guard:")
    _row("", [each.guard for each in columns])
    for title, check, hit, of in (
        ("attempts that paid twice", "effect:at-most-once", "duplicates", ""),
        ("lost, of those that owe an effect", "effect:lost", "lost", "wanted"),
        ("said done and was not, of claims", "effect:false-done", "false", "claims"),
    ):
        _row(title, [_shown(*each.rate(check, hit, of)) for each in columns])
    for title, check, name in (
        ("moved twice", "effect:at-most-once", "duplicate"),
        ("moved beyond what is due", "effect:over-refund", "over"),
        ("owed and not moved", "effect:lost", "lost"),
    ):
        for currency in CURRENCIES:
            totals = [each.total(check, f"{name} {currency}") for each in columns]
            _row(f"{title}, {currency}", [format_minor(each, currency) for each in totals])
    _row(f"wall time, {os.cpu_count()} cores", [f"{each.wall_s:.0f} s" for each in columns])


def _row(title: str, cells: list[str]) -> None:
    print(f"  {title:36}{''.join(f'{each:<36}' for each in cells)}".rstrip())


def _shown(failed: int, trials: int) -> str:
    low = 1 - exact_upper(trials - failed, trials, 0.975)
    high = exact_upper(failed, trials, 0.975)
    share = failed / trials if trials else 0
    return f"{share:.1%} ({failed} of {trials}; {low:.1%} to {high:.1%})"


if __name__ == "__main__":
    raise SystemExit(main())

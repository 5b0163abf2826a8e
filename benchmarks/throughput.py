"""Durable results per second of the `echo` runner, and CPU per result beside a bare floor.

Aim: 2,000 durable results a second on 2 cores. A result is durable once its outcome's line is
written: the rate is taken from the first answer to the last. The whole command also reads and
plans the suite, fills DuckDB and summarises. The floor, measured in the same run, writes the
same journal lines with `json.dumps` and `os.write` and does nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from workload import measured, write_workspace

SAMPLES = 5_000
ROUNDS = 5
MOST_FLOORS = 40.0
"""CI's pass mark: CPU of a whole result over CPU of writing its bare lines (seen: see docs)."""


def main() -> int:
    """Print the figures; 1 when a counter is wrong or the ratio is beyond its slack."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_workspace(folder, SAMPLES)
        small = folder / "small"
        write_workspace(small, 1)
        durable, whole, costs = [], [], []
        entries: list[dict[str, Any]] = []
        for _ in range(ROUNDS):
            base = measured("-m", "paygrade", "run", "-q", "-w", str(small))
            full = measured("-m", "paygrade", "run", "-q", "-w", str(folder))
            whole.append(SAMPLES / (full.wall_s - base.wall_s))
            costs.append((full.cpu_s - base.cpu_s) / SAMPLES)
            newest = max(folder.glob(".paygrade/runs/*/journal.jsonl"))
            entries = [json.loads(line) for line in newest.read_bytes().splitlines()]
            durable.append(_durable_per_second(entries, newest))
        floor = _floor(entries, folder / "floor.jsonl")
    outcomes = sum(entry["t"] == "outcome" for entry in entries)
    ratio = statistics.median(costs) / floor
    print(f"echo, {SAMPLES:,} samples, 3 checks, start-up taken off, median of {ROUNDS}:")
    print(f"  durable results per second   {statistics.median(durable):,.0f}   (aim 2,000)")
    print(f"  whole command, per second    {statistics.median(whole):,.0f}")
    print(f"  CPU per result               {statistics.median(costs) * 1e6:,.0f} µs")
    print(f"  floor: its lines alone       {floor * 1e6:,.0f} µs   ratio {ratio:.1f}")
    print(f"  outcomes in the journal      {outcomes:,} of {SAMPLES:,}")
    return int(outcomes != SAMPLES or ratio > MOST_FLOORS * 1.25)


def _durable_per_second(entries: list[dict[str, Any]], journal: Path) -> float:
    """From the first answer's own time to the last write of the journal."""
    answers = [entry["at"] for entry in entries if entry["t"] == "answer"]
    first = dt.datetime.fromisoformat(min(answers)).timestamp()
    return len(answers) / (journal.stat().st_mtime - first)


def _floor(entries: list[dict[str, Any]], file: Path) -> float:
    started = time.process_time()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    for entry in entries:
        os.write(descriptor, json.dumps(entry).encode() + b"\n")
    os.close(descriptor)
    return (time.process_time() - started) / SAMPLES


if __name__ == "__main__":
    raise SystemExit(main())

"""What the benchmarks run: a workspace of any size, and a process measured from outside."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FILES = {
    "paygrade.yaml": "# a workspace\n",
    "prompts/bench/v1.yaml": (
        "prompt: bench\nversion: 1\nchangelog: First.\nvariables: [message]\nmessages:\n"
        "  - {role: system, content: Repeat what the customer says.}\n"
        '  - {role: user, content: "{{ message }}"}\n'
    ),
    "evals/bench/suite.yaml": (
        "suite: bench\nprompt: bench@v1\ndataset: bench@v1\nrunners: [echo]\nslices: [kind]\n"
        "scorers:\n  - equals\n  - contains: {value: order}\n"
        "  - no-pan: {severity: critical, role: invariant}\n"
    ),
    "runners/echo.yaml": "runner: echo\nprovider: echo\nconcurrency: 64\n",
}


def write_workspace(folder: Path, samples: int) -> None:
    """A suite of `samples` echo samples of some 600 bytes each, a tenth of which fail."""
    for name, text in _FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    data = folder / "datasets" / "bench"
    data.mkdir(parents=True, exist_ok=True)
    with (data / "v1.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(samples):
            message = f"order {number} of 12.50 EUR on 2026-11-23 did not come. " * 4
            sample = {
                "id": f"b{number}",
                "input": {"message": message.strip()},
                "expected": message.strip() if number % 10 else "something else",
                "slices": {"kind": "even" if number % 2 == 0 else "odd"},
                "exposure": {"amount_minor": 1250, "currency": "EUR"},
            }
            stream.write(json.dumps(sample) + "\n")
    (data / "card.yaml").write_text(
        "dataset: bench\ntitle: Bench\ndescription: Made.\nlicence: Apache-2.0\nsources: [made]\n"
        "labels: made\ncontact: nobody\nslices: {kind: even or odd}\nversions:\n"
        f"  - {{version: 1, date: 2026-11-23, samples: {samples}, sha256: '', changes: First.}}\n",
        encoding="utf-8",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process took: seconds of wall clock and of CPU, and its largest memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measured(*arguments: str) -> Cost:
    """Run `python ARGUMENTS…` to its end, silently.

    Raises:
        RuntimeError: it ended with another code than 0.
    """
    started = time.perf_counter()
    null = os.open(os.devnull, os.O_RDWR)
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, *arguments],
        dict(os.environ),
        file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)],
    )
    _, status, usage = os.wait4(pid, 0)
    os.close(null)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{arguments} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(
        wall_s=time.perf_counter() - started,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
    )

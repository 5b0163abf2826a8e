"""A small story for the docs: a suite, its accepted baseline, and a prompt version that is worse.

`capture.py` plays it with the real commands. The answers come from the shipped `recorded_share`
runner, seeded, so that the same figures come out each time; only times and run ids differ.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SAMPLES = 200
_SEED = 7
_CHANNELS = ("card", "wallet", "transfer", "direct_debit")

_PROMPT = """\
prompt: refund_triage
version: {version}
changelog: {changelog}
variables: [request]
messages:
  - role: user
    content: "{words}: {{{{ request }}}}"
{parameters}"""

_SUITE = """\
suite: refund_triage
prompt: refund_triage@v1
dataset: refund_requests@v1
runners: [recorded_share]
slices: [channel]
scorers:
  - equals: {value: right, severity: critical}
  - no-pan: {severity: critical, role: invariant}
"""

_CARD = f"""\
dataset: refund_requests
title: Refund requests
description: Made for the documentation.
licence: CC0-1.0
sources: [made up]
labels: Every request is answered `right`.
contact: nobody@example.com
slices: {{channel: how the customer paid}}
versions:
  - {{version: 1, date: 2026-11-23, samples: {SAMPLES}, sha256: "", changes: First.}}
"""


@dataclass(frozen=True)
class Played:
    """What the gate said: on a terminal in colour, as a comment, as a step summary."""

    command: str
    terminal: str
    comment: str
    summary: str


def play(folder: Path, width: int) -> Played:
    """Accept a baseline in `folder`, then judge the worse prompt version."""
    _write(folder)
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "A suite")
    _paygrade(folder, width, "accept", "--now", "--yes", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "Accept a baseline")
    summary, comment = folder.parent / "summary.md", folder.parent / "comment.md"
    command = ("gate", "--prompt", "refund_triage@v2")
    terminal = _paygrade(
        folder, width, *command, "-o", str(comment), GITHUB_STEP_SUMMARY=str(summary)
    )
    return Played(
        command=f"paygrade {' '.join(command)}",
        terminal=terminal,
        comment=comment.read_text("utf-8"),
        summary=summary.read_text("utf-8"),
    )


def _write(folder: Path) -> None:
    chance = random.Random(_SEED)  # noqa: S311 - the same story each time
    shares = [_share(chance) for _ in range(SAMPLES)]
    lines = [
        json.dumps(
            {
                "id": f"rt-{number:04}",
                "input": {"request": f"Request {number}.", "failure_share": share},
                "expected": "right",
                "slices": {"channel": _CHANNELS[number % len(_CHANNELS)]},
                "exposure": {"amount_minor": 500 * (1 + number % 40), "currency": "EUR"},
            }
        )
        for number, share in enumerate(shares, 1)
    ]
    worse = {"rise": 0.05, "mean_share": round(sum(shares) / SAMPLES, 4), "seed": _SEED}
    runner = (REPOSITORY / "runners" / "recorded_share.yaml").read_text("utf-8")
    code = (REPOSITORY / "runners" / "recorded_share.py").read_text("utf-8")
    files = {
        ".gitignore": ".paygrade/\n",
        "paygrade.yaml": "# a workspace\n",
        "prompts/refund_triage/v1.yaml": _PROMPT.format(
            version=1, changelog="The first version.", words="Triage", parameters=""
        ),
        "prompts/refund_triage/v2.yaml": _PROMPT.format(
            version=2,
            changelog="Shorter.",
            words="Do",
            parameters=f"parameters: {json.dumps(worse)}\n",
        ),
        "evals/refund_triage/suite.yaml": _SUITE,
        "datasets/refund_requests/card.yaml": _CARD,
        "datasets/refund_requests/v1.jsonl": "\n".join(lines) + "\n",
        "runners/recorded_share.yaml": runner,
        "runners/recorded_share.py": code,
    }
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")


def _share(chance: random.Random) -> float:
    """Most samples are always right, some are flaky, a few always fail."""
    kind = chance.random()
    if kind < 0.86:  # noqa: PLR2004 - the mix stands here
        return 0.0
    return round(chance.random(), 2) if kind < 0.96 else 1.0  # noqa: PLR2004 - as above


def _git(folder: Path, *arguments: str) -> None:
    person = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false")
    subprocess.run(["git", *person, *arguments], cwd=folder, check=True)


def _paygrade(folder: Path, width: int, *arguments: str, **more: str) -> str:
    environment = {
        **os.environ, "FORCE_COLOR": "1", "COLUMNS": str(width), "PAYGRADE_DRAW": "1", **more,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "paygrade", *arguments],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, check=False,
    )  # fmt: skip
    return done.stdout

"""What every folder of tests builds on: a small workspace, and how a command ended."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

REPOSITORY = Path(__file__).resolve().parents[1]

KILLS = int(os.environ.get("PAYGRADE_KILLS", "5"))
"""So many runs, and so many gates, are killed at random moments; `make kills` asks for more."""

SAMPLES: list[dict[str, Any]] = [
    {
        "id": "s1",
        "input": {"message": "Where is my parcel?", "amount_minor": 4200},
        "expected": {"action": "refund", "amount_minor": 4200, "currency": "EUR"},
        "slices": {"kind": "lost"},
        "exposure": {"amount_minor": 4200, "currency": "EUR"},
    },
    {
        "id": "s2",
        "input": {"message": "It broke.", "amount_minor": 1000},
        "expected": {"action": "refund", "amount_minor": 1000, "currency": "EUR"},
        "slices": {"kind": "defect"},
        "exposure": {"amount_minor": 1000, "currency": "EUR"},
    },
    {
        "id": "s3",
        "input": {"message": "Changed my mind, a year late.", "amount_minor": 500},
        "expected": {"action": "refuse", "amount_minor": 0, "currency": "EUR"},
        "slices": {"kind": "regret"},
        "exposure": {"amount_minor": 500, "currency": "EUR"},
    },
]

PROMPT = """\
prompt: refunds
version: 1
changelog: First version.
variables: [message]
messages:
  - role: system
    content: Answer with JSON.
  - role: user
    content: "Customer: {{ message }}"
"""

SUITE = """\
suite: refunds
prompt: refunds@v1
dataset: refunds@v1
runners: [always_refund]
slices: [kind]
scorers:
  - equals: {field: action, severity: critical}
  - no-pan: {severity: critical, role: invariant}
"""

RUNNER = """\
runner: always_refund
provider: python
callable: always_refund.py:answer
"""

CALLABLE = '''\
"""Refunds everybody."""


def answer(request):
    """Say yes."""
    return {"action": "refund", "amount_minor": request.input["amount_minor"], "currency": "EUR"}
'''


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        """Standard output as JSON."""
        return json.loads(self.out)


class WorkspaceFolder:
    """A workspace on disk that a test changes file by file."""

    def __init__(self, root: Path) -> None:
        """Write the small refunds workspace into `root`."""
        self.root = root
        self.write("paygrade.yaml", "# a workspace\n")
        self.write("prompts/refunds/v1.yaml", PROMPT)
        self.write("evals/refunds/suite.yaml", SUITE)
        self.write("runners/always_refund.yaml", RUNNER)
        self.write("runners/always_refund.py", CALLABLE)
        self.samples(SAMPLES)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one file, with its folders."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content, encoding="utf-8")
        return file

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file that must be there."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new))

    def samples(self, samples: list[dict[str, Any]], *, card_count: int | None = None) -> None:
        """Write the dataset `refunds` v1 with its card."""
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in samples)
        self.write("datasets/refunds/v1.jsonl", lines)
        self.card(card_count if card_count is not None else len(samples))

    def card(self, count: int, *, sha256: str = "") -> None:
        """Write the card of `refunds`."""
        self.write(
            "datasets/refunds/card.yaml",
            "dataset: refunds\ntitle: Refunds\ndescription: Small.\nlicence: Apache-2.0\n"
            "sources: [made for a test]\nlabels: By hand.\ncontact: nobody@example.com\n"
            "slices: {kind: why they ask}\nversions:\n"
            f"  - {{version: 1, date: 2026-11-23, samples: {count}, sha256: '{sha256}', "
            "changes: First.}\n",
        )


class Paygrade(Protocol):
    """Runs `paygrade ARGUMENTS…` in this process, as the console script does."""

    def __call__(self, *arguments: object, cwd: Path | None = None) -> Ended:
        """Run, and say how it ended."""
        ...

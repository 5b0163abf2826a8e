"""A workspace whose runner plays a table: which version answers which sample how, call by call."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit import Ended, WorkspaceFolder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SAMPLES = 40
RECORDED = ("--now", "--epochs", 2)
"""How most baselines are accepted: two sessions at once, two epochs each."""

Script = str
"""One letter a call: P passes, F fails, X passes and leaks a card number, C crashes, W answers in
other words each time. The last letter stands for all calls after it."""

PLAYER = '''\
"""Answers as the table says, and writes down every call before it answers."""

import json
import os
from collections import Counter
from pathlib import Path

MODEL = "m1"
PLAY = Path(os.environ["PAYGRADE_PLAY"])
TABLE = json.loads((PLAY / "table.json").read_text())
LOG = os.open(PLAY / "calls.log", os.O_RDWR | os.O_APPEND | os.O_CREAT)
SEEN = Counter(tuple(line.split("\\t")) for line in (PLAY / "calls.log").read_text().splitlines())


async def answer(request):
    version = f"{request.prompt.rpartition('@')[2]}-{MODEL}"
    call = (version, request.sample_id)
    os.write(LOG, ("\\t".join(call) + "\\n").encode())
    script = {**TABLE.get("*", {}), **TABLE.get(version, {})}
    script = script.get(request.sample_id) or script.get("*", "P")
    letter = script[min(SEEN[call], len(script) - 1)]
    SEEN[call] += 1
    if letter == "C":
        raise OSError("no luck")
    told = {"action": "refuse" if letter == "F" else "refund", "note": ""}
    if letter == "X":
        told["note"] = "4111 1111 1111 1111"
    if letter == "W":
        told["note"] = f"call {SEEN[call]}"
    return told
'''

PROFILE = """\
runner: bot
provider: python
callable: bot.py:answer
"""

SUITE = """\
suite: refunds
prompt: refunds@v1
dataset: refunds@v1
runners: [bot]
scorers:
  - equals: {field: action, severity: critical}
  - no-pan: {severity: critical, role: invariant}
"""

PROMPT = """\
prompt: refunds
version: %d
changelog: Version %d.
variables: [message]
messages:
  - role: user
    content: "Version %d: {{ message }}"
"""

GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def name(number: int) -> str:
    """The id of a sample."""
    return f"s{number:03}"


def names(first: int, last: int) -> list[str]:
    """The ids from `first` to `last`, both in it."""
    return [name(number) for number in range(first, last + 1)]


def sample(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any keys of a line
    """One line of the dataset."""
    return {
        "id": name(number),
        "input": {"message": f"Message {number}."},
        "expected": {"action": "refund"},
        "slices": {"kind": "odd" if number % 2 else "even"},
        **more,
    }


def scripts(script: Script, *ids: str) -> dict[str, Script]:
    """The same script for each of `ids`."""
    return dict.fromkeys(ids, script)


@dataclass(frozen=True)
class Judged(Ended):
    """How a gate ended, with its report as JSON (empty where nothing was judged)."""

    report: Mapping[str, Any]

    @property
    def suite(self) -> Any:  # noqa: ANN401 - JSON
        """The only suite of the report."""
        [suite] = self.report["suites"]
        return suite

    @property
    def whole(self) -> Any:  # noqa: ANN401 - JSON
        """The hypothesis on the whole suite."""
        return self.suite["hypotheses"][0]

    @property
    def text(self) -> str:
        """All that a person reads, without the breaks of lines."""
        return " ".join(f"{self.out} {self.err}".split())


class Stage(WorkspaceFolder):
    """A workspace of 40 samples with two prompt versions; its suite runs the first one."""

    def __init__(self, root: Path, *, samples: int = SAMPLES) -> None:
        """Write it all; every sample passes."""
        self.root = root
        self.play = root.parent / "play"
        if root.exists():
            return
        self.play.mkdir(parents=True)
        self.write("paygrade.yaml", "# a workspace\n")
        self.write(".gitignore", ".paygrade\n")
        for version in (1, 2):
            self.prompt(version)
        self.write("evals/refunds/suite.yaml", SUITE)
        self.write("runners/bot.yaml", PROFILE)
        self.write("runners/bot.py", PLAYER)
        self.samples([sample(number) for number in range(samples)])
        self.plays({})

    def prompt(self, version: int) -> None:
        """Write a prompt version."""
        self.write(f"prompts/refunds/v{version}.yaml", PROMPT % (version, version, version))

    def plays(self, table: Mapping[str, Mapping[str, Script]]) -> None:
        """What each version (`v1-m1`: its prompt and the runner's model) does with each sample."""
        (self.play / "table.json").write_text(json.dumps(table), encoding="utf-8")

    def candidate(self, **scripts: Script) -> None:
        """The second prompt version is the candidate, and does this to samples."""
        self.use(2)
        self.plays({"v2-m1": scripts})

    def use(self, version: int) -> None:
        """Let the suite run another prompt version."""
        suite = (self.root / "evals/refunds/suite.yaml").read_text()
        self.write(
            "evals/refunds/suite.yaml",
            suite.replace("prompt: refunds@v1", f"prompt: refunds@v{version}"),
        )

    def gate(self, text: str) -> None:
        """Add a `gate:` to the suite."""
        suite = (self.root / "evals/refunds/suite.yaml").read_text()
        self.write("evals/refunds/suite.yaml", f"{suite.partition('gate:')[0]}gate: {text}\n")

    def calls(self, version: str = "") -> list[str]:
        """Sample ids in the order in which a version was called; all of them without one."""
        log = self.play / "calls.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [
            called
            for of_version, called in (line.split("\t") for line in lines)
            if not version or of_version == version
        ]

    def versions_called(self) -> list[str]:
        """Versions in the order in which they were called."""
        return [line.split("\t")[0] for line in (self.play / "calls.log").read_text().splitlines()]

    def forget_calls(self) -> None:
        """Count calls from here on. Scripts start again."""
        (self.play / "calls.log").unlink(missing_ok=True)

    def git(self, *arguments: str) -> str:
        """Run git in the workspace."""
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **GIT},
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Commit all there is; return the commit."""
        if not (self.root / ".git").exists():
            self.git("init", "--quiet", "--template=")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")
        return self.git("rev-parse", "HEAD")

    def records(self) -> list[dict[str, Any]]:
        """The records of all invocations of the gate, oldest first."""
        return [
            json.loads(file.read_text())
            for file in sorted(self.root.glob(".paygrade/gates/*.json"))
        ]


def committed(stage: Stage) -> None:
    """Before a baseline is accepted: all of it is in git, and clean."""
    stage.commit()

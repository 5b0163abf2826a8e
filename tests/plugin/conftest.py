"""A workspace whose runner plays a table, and pytest inside pytest."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, Protocol

# What an inner session imports is dropped when it ends; extension modules load only once.
import duckdb  # noqa: F401
import pytest

import paygrade.pipeline.gate
import paygrade.pytest_plugin.collecting
import paygrade.runners.python  # noqa: F401
from kit import SAMPLES, WorkspaceFolder

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade

PLAYER = '''\
"""Answers as table.json says: by sample, and by epoch where that is a list."""

import json
from pathlib import Path

from paygrade import RunnerError

HERE = Path(__file__).parent


def answer(request):
    """Play, and keep a list of what was asked."""
    with (HERE / "asked.txt").open("a", encoding="utf-8") as asked:
        asked.write(f"{request.sample_id}/{request.epoch}\\n")
    said = json.loads((HERE / "table.json").read_text("utf-8")).get(request.sample_id, "refund")
    word = said[(request.epoch - 1) % len(said)] if isinstance(said, list) else said
    if word == "error":
        raise RunnerError("the gateway is down", kind="unavailable")
    return {"action": word}
'''

_QUIET = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:anyio", "-p", "no:hypothesispytest")


class Evals(WorkspaceFolder):
    """The refunds workspace: s1 and s2 want a refund, s3 a refusal; the runner is `player`."""

    def __init__(self, root: Path, paygrade: Paygrade) -> None:
        """Write it. The runner is deterministic and passes everything."""
        super().__init__(root)
        self._paygrade = paygrade
        self.write("runners/player.py", PLAYER)
        self.profile("deterministic: true")
        self.replace("evals/refunds/suite.yaml", "[always_refund]", "[player]")
        self.plays(s3="refuse")

    def profile(self, more: str = "") -> None:
        """Write the runner's profile."""
        text = "runner: player\nprovider: python\ncallable: player.py:answer\n"
        self.write("runners/player.yaml", f"{text}{more}\n")

    def plays(self, **table: str | list[str]) -> None:
        """What the runner answers, by sample; a refund where nothing is said."""
        self.write("runners/table.json", json.dumps(table))

    def suite(self, more: str) -> None:
        """Add keys to the suite."""
        file = self.root / "evals/refunds/suite.yaml"
        file.write_text(f"{file.read_text('utf-8')}{more}\n", "utf-8")

    def sample(self, name: str, **keys: Any) -> None:  # noqa: ANN401 - any JSON
        """Change keys of one sample."""
        file = self.root / "datasets/refunds/v1.jsonl"
        samples = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        self.samples([each | keys if each["id"] == name else each for each in samples])

    def other_suite(self, name: str) -> None:
        """A copy of the suite under another name."""
        text = (self.root / "evals/refunds/suite.yaml").read_text("utf-8")
        self.write(f"evals/{name}/suite.yaml", text.replace("suite: refunds", f"suite: {name}"))

    def accept(self, *suites: str) -> None:
        """Accept what the runner does now as the baseline of `suites`, or of all."""
        ended = self._paygrade("accept", *suites, "--yes", "--quiet", "--now", "-w", self.root)
        assert ended.code == 0, ended.err
        self.forget_asked()

    def git(self, *arguments: str) -> None:
        """Run git in the workspace."""
        subprocess.run(["git", *arguments], cwd=self.root, check=True)

    @property
    def asked(self) -> list[str]:
        """`SAMPLE/EPOCH` of every call, sorted."""
        file = self.root / "runners/asked.txt"
        return sorted(file.read_text("utf-8").split()) if file.exists() else []

    def forget_asked(self) -> None:
        """Start the list anew."""
        (self.root / "runners/asked.txt").unlink(missing_ok=True)

    @property
    def runs(self) -> list[str]:
        """The ids of all stored runs."""
        return sorted(each.name for each in (self.root / ".paygrade/runs").glob("*"))


class Session(Protocol):
    """Runs pytest with some arguments, in the workspace."""

    def __call__(self, *arguments: str, process: bool = False) -> pytest.RunResult:
        """Run it in this process, or in one of its own."""
        ...


@pytest.fixture
def evals(pytester: pytest.Pytester, paygrade: Paygrade) -> Evals:
    """The workspace, in the current folder."""
    assert len(SAMPLES) == 3
    return Evals(pytester.path, paygrade)


@pytest.fixture
def session(pytester: pytest.Pytester, evals: Evals) -> Session:
    """Pytest inside pytest."""
    del evals

    def run(*arguments: str, process: bool = False) -> pytest.RunResult:
        start = pytester.runpytest_subprocess if process else pytester.runpytest_inprocess
        return start(*_QUIET, *arguments)

    return run

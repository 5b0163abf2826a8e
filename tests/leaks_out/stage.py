"""A workspace whose model answers with given words, run through the command line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from kit import Ended, WorkspaceFolder
from leaks_out.words import MIX
from paygrade.cli import output
from paygrade.cli.app import main
from paygrade.leaks import Barrier, Masked
from paygrade.workspace.config import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from paygrade.leaks import Finding

T = TypeVar("T")
_CONFIG = """\
publish: {title: Words, samples: true}
leaks: {patterns: [{name: customer-id, regex: 'CUST-[0-9]{8}'}]}
"""
_SUITE = """\
suite: refunds
prompt: refunds@v1
dataset: refunds@v1
runners: [always_refund]
slices: [kind, mix]
scorers:
  - python: {callable: scorers.py:says, severity: critical}
"""
_SCORER = '''\
"""Likes one answer."""

from paygrade.records.check import Score


def says(subject):
    """Give the answer as the reason."""
    return Score(passed=subject.text == "fine", reason=subject.text)
'''
_FINE = '''\
"""Answers as it should."""


def answer(request):
    """Say so."""
    return "fine"
'''
_TALKS = '''\
"""Answers with the words of its sample."""

import json
from pathlib import Path

WORDS = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))


def answer(request):
    """Say them."""
    return WORDS[request.input["message"]]
'''


@dataclass(frozen=True, slots=True)
class Gone(Barrier):
    """A barrier that is not there."""

    def find(self, text: str) -> tuple[Finding, ...]:  # noqa: ARG002
        """Nothing."""
        return ()

    def mask(self, text: str) -> Masked:
        """The text as it is."""
        return Masked(text=text, findings=())

    def mask_value(self, value: object) -> tuple[object, tuple[Finding, ...]]:
        """The value as it is."""
        return value, ()


@contextlib.contextmanager
def no_barrier() -> Iterator[None]:
    """The workspace's barrier is gone, wherever it stands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Layout, "barrier", property(lambda _: Gone()))
        output._barrier_at.cache_clear()  # noqa: SLF001 - what was kept is of before
        yield
    output._barrier_at.cache_clear()  # noqa: SLF001


@contextlib.contextmanager
def remembered() -> Iterator[None]:
    """Answers of functions are remembered, as those are that cost something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("paygrade.pipeline.forecast.BILLED", {"python"})
        yield


class Stage:
    """A workspace with a baseline that is fine, and a run whose answers are words."""

    def __init__(self, root: Path, words: Mapping[str, str], *, mix: str = MIX) -> None:
        """Write it, accept what is fine, and run what talks."""
        self.root = root
        self.words = words
        self.known: dict[str, Any] = {}
        folder = WorkspaceFolder(root)
        folder.write("paygrade.yaml", _CONFIG)
        folder.write("evals/refunds/suite.yaml", _SUITE)
        folder.write("evals/refunds/scorers.py", _SCORER)
        folder.write("runners/words.json", json.dumps(words))
        folder.samples(
            [
                {
                    "id": f"s{place}",
                    "input": {"message": name},
                    "expected": {},
                    "slices": {"kind": word[:300], "mix": mix},
                }
                for place, (name, word) in enumerate(words.items())
            ]
        )
        folder.replace("datasets/refunds/card.yaml", "why they ask}", "why they ask, mix: all}")
        folder.write("runners/always_refund.py", _FINE)
        self.ask("accept", "--now", "--yes", "--sessions", "1", "--epochs", "1", "-q")
        folder.write("runners/always_refund.py", _TALKS)
        with remembered():
            ended = self.ask("run", "-q")
        assert ended.code == 0, ended.err

    def ask(self, *arguments: object, **environment: str) -> Ended:
        """`paygrade ARGUMENTS…` in this process."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["paygrade", *map(str, arguments)])
            patch.setenv("COLUMNS", "100")
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.chdir(self.root)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = _ended()
        return Ended(code, out.getvalue(), err.getvalue())

    def copy(self, *, store: bool) -> Stage:
        """A workspace of its own with the same content, and the same store if that is wanted."""
        copied = Stage.__new__(Stage)
        copied.words, copied.known = self.words, {}
        copied.root = Path(tempfile.mkdtemp(dir=self.root.parent)) / self.root.name
        ignored = None if store else shutil.ignore_patterns(".paygrade")
        shutil.copytree(self.root, copied.root, ignore=ignored)
        return copied

    def once(self, name: str, made: Callable[[], T]) -> T:
        """What `made` makes, for all who ask for it by that name."""
        if name not in self.known:
            self.known[name] = made()
        found: T = self.known[name]
        return found

    def newest(self) -> str:
        """The journal that was written last."""
        journals = self.root.glob(".paygrade/runs/*/journal.jsonl")
        return max(journals, key=lambda each: each.parent.name).read_text("utf-8")


def _ended() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    raise AssertionError(os.fspath(sys.argv[0]))

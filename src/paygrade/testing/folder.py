"""A suite written in Python as a workspace of files, so that it is read and run as any other."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from paygrade.errors import NothingRanError, UsageError, WorkspaceError
from paygrade.pipeline import run as running
from paygrade.pipeline.as_tests import outcomes
from paygrade.pipeline.session import Silent
from paygrade.records.plan import Selection
from paygrade.testing.ran import Ran
from paygrade.testing.suite import Scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from paygrade.errors import Mistake
    from paygrade.testing.suite import Sample, Suite

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}\Z")
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
"""YAML refuses these, or takes them for the end of a line."""
_RUNNER = "python"
_EVERYTHING = Selection(suite="", runner="")

_held: dict[str, Mapping[str, Callable[..., Any]]] = {}


def held(file: str) -> Mapping[str, Callable[..., Any]]:
    """The functions that stand for those of `file`."""
    return _held[file]


class Folder:
    """One suite in a folder of its own."""

    def __init__(self, suite: Suite, root: Path) -> None:
        """Nothing is written yet.

        Raises:
            UsageError: the suite's name cannot be a file's.
        """
        if not _NAME.match(suite.name):
            hint = "letters, digits, _ . and -, at most 80"
            raise UsageError(f"{suite.name!r} is no name for a suite", hint=hint)
        self._suite = suite
        self._root = root

    @contextlib.contextmanager
    def written(self, store: Path | None) -> Iterator[None]:
        """Write the files; the functions are in reach until the end.

        Raises:
            NothingRanError: there is no sample, or no scorer.
            UsageError: a part of the suite is not JSON.
        """
        suite, root = self._suite, self._root
        for part in ("samples", "scorers"):
            if not getattr(suite, part):
                raise NothingRanError(f"Suite({suite.name!r}) has no {part}: there is no rate")
        config = {"store": str(store.absolute())} if store else {}
        self._write("paygrade.yaml", _json(config, "store"))
        self._write(f"prompts/{suite.name}/v1.yaml", _json(self._prompt(), "prompt"))
        self._write(f"datasets/{suite.name}/card.yaml", _json(self._card(), "slices"))
        lines = [
            _json(_line(sample), f"{self._place('samples', index)} ({sample.id!r})")
            for index, sample in enumerate(suite.samples)
        ]
        self._write(f"datasets/{suite.name}/v1.jsonl", "".join(f"{line}\n" for line in lines))
        self._write(f"runners/{_RUNNER}.yaml", _json(self._runner(), "runner"))
        scorers, functions = self._scorers()
        head = _json(self._head(), "suite").removesuffix("}")
        self._write(f"evals/{suite.name}/suite.yaml", f'{head}, "scorers": [\n{scorers}\n]}}')
        answering = {"answer": suite.answer}
        names = [self._python(f"runners/{_RUNNER}.py", answering)]
        names.append(self._python(f"evals/{suite.name}/scorers.py", functions))
        try:
            yield
        finally:
            for name in names:
                _held.pop(str(root / name), None)

    def run(self) -> Ran:
        """Run it.

        Raises:
            KeyboardInterrupt: somebody stopped it.
            WorkspaceError, UsageError, NothingRanError, JournalError, StoreError.
        """
        suites, runners = (self._suite.name,), (_RUNNER,)
        finished = running.run(self._root, suites, runners, _EVERYTHING, Silent())
        if finished.interrupted:
            raise KeyboardInterrupt
        [summary] = finished.summaries
        order = {each.id: place for place, each in enumerate(self._suite.samples)}
        found = outcomes(self._root, summary.header.run_id)
        return Ran.of(summary, sorted(found, key=lambda each: (order[each.sample_id], each.epoch)))

    def translated(self, error: WorkspaceError) -> WorkspaceError:
        """The same mistakes at the places that their author knows."""
        return WorkspaceError(self._translated(each) for each in error.mistakes)

    def _translated(self, mistake: Mistake) -> Mistake:
        folder, _, _ = mistake.path.partition("/")
        line = mistake.line or 0
        place = f"Suite({self._suite.name!r})"
        if mistake.path.endswith(".jsonl") and line:
            index = line - 1
            place = f"{self._place('samples', index)} ({self._suite.samples[index].id!r})"
        elif mistake.path.endswith("suite.yaml") and line > 1:
            place = self._place("scorers", line - 2)
        elif folder == "datasets":
            place = f"{place}.samples"
        return replace(mistake, path=place, line=None)

    def _place(self, part: str, index: int) -> str:
        return f"Suite({self._suite.name!r}).{part}[{index}]"

    def _write(self, name: str, text: str) -> None:
        file = self._root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def _python(self, name: str, functions: Mapping[str, Callable[..., Any]]) -> str:
        """A file that stands for functions of this process; it changes when their source does."""
        sources = "".join(f"# {key}: {_source(each)}\n" for key, each in functions.items())
        load = "from paygrade.testing.folder import held\n\nglobals().update(held(__file__))\n"
        self._write(name, sources + load)
        _held[str(self._root / name)] = functions
        return name

    def _prompt(self) -> dict[str, object]:
        text = all(isinstance(sample.input, str) for sample in self._suite.samples)
        content = "{{ input }}" if text else "{{ input | tojson }}"
        return {
            "prompt": self._suite.name,
            "version": 1,
            "changelog": "Written in Python.",
            "variables": [],
            "messages": [{"role": "user", "content": content}],
        }

    def _card(self) -> dict[str, object]:
        version = {
            "version": 1,
            "date": "2026-01-01",
            "samples": len(self._suite.samples),
            "sha256": "",
            "changes": "Written in Python.",
        }
        return {
            "dataset": self._suite.name,
            "title": self._suite.name,
            "description": "Written in Python.",
            "licence": "the test's own",
            "sources": [],
            "labels": "By the test.",
            "contact": "the test's author",
            "slices": dict.fromkeys(self._slices(), "Written in Python."),
            "versions": [version],
        }

    def _slices(self) -> list[str]:
        return list(dict.fromkeys(name for each in self._suite.samples for name in each.slices))

    def _runner(self) -> dict[str, object]:
        return {
            "runner": _RUNNER,
            "provider": "python",
            "callable": f"{_RUNNER}.py:answer",
            "concurrency": self._suite.concurrency,
            "timeout_s": self._suite.timeout_s,
        }

    def _head(self) -> dict[str, object]:
        name = self._suite.name
        return {
            "suite": name,
            "prompt": f"{name}@v1",
            "dataset": f"{name}@v1",
            "runners": [_RUNNER],
            "epochs": self._suite.epochs,
            "slices": self._slices(),
        }

    def _scorers(self) -> tuple[str, dict[str, Callable[..., Any]]]:
        """The entries, a line each, and the functions that they name."""
        lines: list[str] = []
        functions: dict[str, Callable[..., Any]] = {}
        for index, each in enumerate(self._suite.scorers):
            entry: object = each
            scorer = Scorer(each) if callable(each) else each
            if isinstance(scorer, Scorer):
                functions[f"scorer_{index}"] = scorer.function
                entry = _function_entry(scorer, f"scorers.py:scorer_{index}")
            lines.append(_json(entry, self._place("scorers", index)))
        return ",\n".join(lines), functions


def _function_entry(scorer: Scorer, reference: str) -> dict[str, object]:
    name = getattr(scorer.function, "__name__", type(scorer.function).__name__)
    keys: dict[str, object] = {
        "callable": reference,
        "id": scorer.id or name,
        "severity": scorer.severity,
        "threshold": scorer.threshold,
    }
    if scorer.role:
        keys["role"] = scorer.role
    return {"python": keys}


def _line(sample: Sample) -> dict[str, object]:
    line: dict[str, object] = {
        "id": sample.id,
        "input": sample.input,
        "expected": sample.expected,
        "slices": sample.slices,
        "checks": list(sample.checks),
    }
    if sample.case:
        line["case"] = sample.case
    if sample.must_pass:
        line["class"] = "must_pass"
    if sample.exposure:
        exposure = sample.exposure
        line["exposure"] = {"amount_minor": exposure.amount_minor, "currency": exposure.currency}
    return line


def _json(value: object, place: str) -> str:
    """JSON on one line that is YAML too.

    Raises:
        UsageError: it is not JSON.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
        return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{place}: is not JSON: {error}") from error


def _plain(value: object) -> object:
    """A mapping or a sequence of a kind that `json` does not know.

    Raises:
        TypeError: it is neither.
    """
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - any mapping
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _source(function: Callable[..., Any]) -> str:
    """What tells one function from another: its source, or its name where there is none."""
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        text = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"
    return hashlib.sha256(text.encode()).hexdigest()

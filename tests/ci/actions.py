"""A small stand-in for GitHub's runner: as much of it as an action of ours can tell apart.

It runs the steps of a composite action from its YAML: expressions, `if`, `env`, outputs, what
comes after a failure. A `run:` block is executed as written, by the command line that GitHub
documents for `shell: bash`. A `uses:` is noted, with what it was given, and succeeds unless a test
says otherwise.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from kit import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(\|\||&&|==|!=|!|\(|\))|([A-Za-z_][\w.-]*(?:\(\))?))")


def load(name: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    """The YAML of a file of this repository, with `on` as a word and not as a truth."""
    text = (REPOSITORY / name).read_text("utf-8")
    found = yaml.safe_load(text)
    if True in found:
        found["on"] = found.pop(True)
    return found


class Expression:
    """One expression: paths, texts, `==`, `!=`, `!`, `&&`, `||`, brackets, functions."""

    def __init__(
        self, text: str, contexts: Mapping[str, Any], functions: Mapping[str, bool]
    ) -> None:
        """Take the text apart; `contexts` and `functions` are what names stand for."""
        self.contexts, self.functions = contexts, functions
        self.waiting: list[str] = []
        text, at = text.strip(), 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            assert token, f"no expression that this stand-in knows: {text!r}"
            self.waiting.append(token[0].strip())
            at = token.end()

    def value(self) -> Any:  # noqa: ANN401 - a text, a truth or nothing
        """What it evaluates to."""
        value = self._either()
        assert not self.waiting, self.waiting
        return value

    def _next(self, *wanted: str) -> str:
        if self.waiting and (not wanted or self.waiting[0] in wanted):
            return self.waiting.pop(0)
        return ""

    def _either(self) -> Any:  # noqa: ANN401 - as `value`
        value = self._both()
        while self._next("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:  # noqa: ANN401 - as `value`
        value = self._compared()
        while self._next("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:  # noqa: ANN401 - as `value`
        value = self._one()
        sign = self._next("==", "!=")
        if sign:
            same = str(value).lower() == str(self._one()).lower()
            return same if sign == "==" else not same
        return value

    def _one(self) -> Any:  # noqa: ANN401 - as `value`
        token = self._next()
        if token == "!":  # noqa: S105 - a sign, no secret
            return not self._one()
        if token == "(":  # noqa: S105 - a sign, no secret
            value = self._either()
            assert self._next(")")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.endswith("()"):
            return self.functions[token[:-2]]
        value = self.contexts
        for part in token.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return value


@dataclass
class Step:
    """How one step ended."""

    name: str
    uses: str = ""
    given: dict[str, str] = field(default_factory=dict)
    outcome: str = "skipped"
    code: int | None = None
    out: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Ended:
    """How an action ended: its steps, its outputs, the code of the step that failed last."""

    steps: dict[str, Step]
    outputs: dict[str, str]
    failed: bool
    code: int

    @property
    def out(self) -> str:
        """What all steps printed."""
        return "".join(step.out for step in self.steps.values())


@dataclass
class Job:
    """A job on a fake runner: its folders, its environment, and what the event says."""

    temp: Path
    workspace: Path
    path: tuple[Path, ...] = ()
    github: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    """Actions of other people that fail, by the start of their name."""

    def __post_init__(self) -> None:
        """Make the folders."""
        self.temp.mkdir(parents=True, exist_ok=True)
        self.workspace.mkdir(parents=True, exist_ok=True)
        self.summary.touch()

    @property
    def summary(self) -> Path:
        """The file that GITHUB_STEP_SUMMARY names."""
        return self.temp / "summary.md"

    def environment(self) -> dict[str, str]:
        """What the runner sets for every step; of this machine nothing but where tools are."""
        return {
            "PATH": os.pathsep.join((*map(str, self.path), "/usr/local/bin", "/usr/bin", "/bin")),
            "HOME": str(self.temp),
            "LANG": "C.UTF-8",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF_NAME": "12/merge",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "1001",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            **self.env,
        }

    def run(self, action: Path, inputs: Mapping[str, str] | None = None) -> Ended:
        """Run a composite action with inputs, as a step `uses:` it."""
        found = load(str(action.relative_to(REPOSITORY) / "action.yml"))
        unknown = set(inputs or {}) - set(found["inputs"])
        assert not unknown, f"no such input: {unknown}"
        contexts: dict[str, Any] = {
            "github": {**self.github, "action_path": str(action)},
            "steps": {},
        }
        contexts["inputs"] = {
            name: (inputs or {}).get(name, filled(str(about.get("default", "")), contexts))
            for name, about in found["inputs"].items()
        }
        steps: dict[str, Step] = {}
        for about in found["runs"]["steps"]:
            step = self._step(about, contexts, failed=any(map(_is_failed, steps.values())))
            steps[about.get("id", about["name"])] = step
            contexts["steps"][about.get("id", about["name"])] = {
                "outcome": step.outcome,
                "outputs": step.outputs,
            }
        outputs = found.get("outputs", {})
        codes = [step.code for step in steps.values() if step.code]
        return Ended(
            steps=steps,
            outputs={name: filled(about["value"], contexts) for name, about in outputs.items()},
            failed=any(map(_is_failed, steps.values())),
            code=codes[-1] if codes else 0,
        )

    def _step(self, about: dict[str, Any], contexts: dict[str, Any], *, failed: bool) -> Step:
        step = Step(name=about["name"], uses=about.get("uses", ""))
        condition = str(about.get("if", "success()"))
        functions = {"always": True, "success": not failed, "failure": failed}
        if not re.search(r"\b(always|success|failure)\(\)", condition):
            condition = f"success() && ({condition})"
        if not Expression(condition, contexts, functions).value():
            return step
        if step.uses:
            step.given = {key: filled(str(value), contexts) for key, value in about["with"].items()}
            step.outcome = "success"
            if step.uses.startswith(tuple(self.failing)):
                step.outcome, step.code = "failure", 1
            return step
        assert about["shell"] == "bash"
        env = {key: filled(str(value), contexts) for key, value in about.get("env", {}).items()}
        script, output = self.temp / "step.sh", self.temp / "output.txt"
        script.write_text(filled(about["run"], contexts), encoding="utf-8")
        output.write_text("", encoding="utf-8")
        done = subprocess.run(
            [*BASH, str(script)],
            cwd=self.workspace,
            env=self.environment() | {"GITHUB_OUTPUT": str(output)} | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        step.out = (done.stdout + done.stderr).decode("utf-8", "replace")
        step.code = done.returncode
        step.outputs = outputs_of(output.read_text("utf-8"))
        step.outcome = "success" if done.returncode == 0 else "failure"
        return step


def _is_failed(step: Step) -> bool:
    return step.outcome == "failure"


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """The text with every `${{ … }}` replaced by its value."""
    return _EXPRESSION.sub(lambda found: _shown(Expression(found[1], contexts, {}).value()), text)


def _shown(value: object) -> str:
    if value is None or isinstance(value, dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def outputs_of(text: str) -> dict[str, str]:
    """What a step wrote into GITHUB_OUTPUT: `name=value`, or `name<<WORD` with lines to it."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, sign, value = line.partition("=")
        block = re.fullmatch(r"([\w-]+)<<(.+)", line)
        if block:
            held: list[str] = []
            for inner in lines:
                if inner == block[2]:
                    break
                held.append(inner)
            found[block[1]] = "\n".join(held)
        elif sign:
            found[name] = value
    return found

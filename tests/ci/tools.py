"""Stand-ins on PATH: they note how they were called and do what they are told."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_PAYGRADE = """\
#!{python} -I
import json, os, pathlib, signal, sys

here = pathlib.Path(__file__).parent
told = json.loads((here / "told.json").read_text("utf-8"))
if sys.argv[1:] == ["--version"]:
    print("paygrade 0.1.0")
    sys.exit(0)
call = {{"arguments": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ)}}
with (here / "calls.jsonl").open("a", encoding="utf-8") as calls:
    calls.write(json.dumps(call) + "\\n")
files = [b for a, b in zip(sys.argv, sys.argv[1:]) if a == "-o"]
for name in files if told["writes"] else []:
    text = "<!-- paygrade:gate -->\\nAll is well.\\n" if name.endswith(".md") else "{{}}\\n"
    pathlib.Path(name).write_text(text, encoding="utf-8")
if told["writes"] and "GITHUB_STEP_SUMMARY" in os.environ:
    with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as summary:
        summary.write("# Verdict\\n")
if told["writes"] and "GITHUB_OUTPUT" in os.environ:
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as output:
        output.write(told["outputs"])
if told["kills"]:
    os.kill(os.getppid(), signal.SIGKILL)
sys.exit(told["code"])
"""

_PYTHON = """\
#!/bin/sh
printf '%s\\n' "$#" "$@" >> "{folder}/python.txt"
exit 0
"""

OUTPUTS = (
    "verdict=regressed\nexit_code=100\nrise_points=4.2\np_value=0.003\n"
    "headline=refunds got worse by 4.2 points\n"
)


class Tools:
    """A folder for PATH with a fake `paygrade`, and a fake `python` that installs nothing."""

    def __init__(self, folder: Path) -> None:
        """Write both; the gate ends with 0 until it is told otherwise."""
        self.folder = folder
        folder.mkdir(parents=True)
        self._tool("paygrade", _PAYGRADE.format(python=sys.executable))
        self._tool("python", _PYTHON.format(folder=folder))
        self.gate()

    def _tool(self, name: str, text: str) -> None:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)

    def gate(
        self, *, code: int = 0, writes: bool = True, outputs: str = OUTPUTS, kills: bool = False
    ) -> None:
        """Say how the gate ends, whether it writes its files, what it hands to GitHub.

        With `kills` it takes the shell that started it with it.
        """
        told = {"code": code, "writes": writes, "outputs": outputs, "kills": kills}
        (self.folder / "told.json").write_text(json.dumps(told), encoding="utf-8")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call of `paygrade gate`: arguments, folder, environment."""
        file = self.folder / "calls.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def arguments(self) -> list[str]:
        """The arguments of the one call."""
        (call,) = self.calls
        return [str(each) for each in call["arguments"]]

    @property
    def installed(self) -> list[str]:
        """What the one call of `python -m pip install` was to install."""
        words = (self.folder / "python.txt").read_text("utf-8").removesuffix("\n").split("\n")
        assert words[1:5] == ["-m", "pip", "install", "--disable-pip-version-check"]
        assert int(words[0]) == len(words) - 1
        return words[5:]

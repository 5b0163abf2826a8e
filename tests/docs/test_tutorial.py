"""The tutorial is run from start to end, as a reader would: every command, edit and output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from docs.pages import Block, blocks

pytestmark = pytest.mark.real  # a whole tutorial, command by command

STEPS = [block for block in blocks("tutorial.md") if block.title or block.language == "console"]
COMMANDS = [block for block in STEPS if block.language == "console"]


@dataclass(frozen=True)
class Command:
    """A command as the page shows it, with the output below it."""

    line: str
    output: str


@dataclass
class Reader:
    """Somebody who types what the page says, in `folder`."""

    folder: Path
    seen: dict[str, list[str]] = field(default_factory=dict)

    def follow(self, block: Block) -> None:
        """Make the edit or type the commands of one block, and keep what was printed."""
        if block.title:
            self._edit(self.folder / block.title, block)
            return
        self.seen[block.place] = [self._type(each.line) for each in commands(block)]

    def _edit(self, file: Path, block: Block) -> None:
        if block.language == "diff":
            old, new = (_side(block.text, sign) for sign in "-+")
            text = file.read_text("utf-8")
            assert text.count(old) == 1, f"{block.place}: not once in {block.title}:\n{old}"
            file.write_text(text.replace(old, new), "utf-8")
        elif "append" in block.words:
            file.write_text(file.read_text("utf-8") + block.text, "utf-8")
        else:
            file.write_text(block.text, "utf-8")

    def _type(self, line: str) -> str:
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
            return ""
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return "\n".join(each.rstrip() for each in done.stdout.splitlines())


def environment() -> dict[str, str]:
    """A plain terminal's, with the `paygrade` of this interpreter first.

    Without the variables of a CI, where pytest cuts no line short.
    """
    others = ("COLUMNS", "CI", "BUILD_NUMBER")
    plain = {name: value for name, value in os.environ.items() if name not in others}
    return {**plain, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{plain['PATH']}"}


def commands(block: Block) -> list[Command]:
    """The commands of a console block, each with what the page shows below it."""
    parts = re.split(r"^\$ (.+)$", block.text, flags=re.MULTILINE)
    return [Command(*pair) for pair in zip(parts[1::2], parts[2::2], strict=True)]


def _side(diff: str, sign: str) -> str:
    return "".join(f"{line[1:]}\n" for line in diff.splitlines() if line[:1] in (" ", sign))


def pattern(shown: str) -> str:
    """What output fits the page: `...` alone is any lines, within a line any characters."""
    fits = ""
    for line in shown.strip("\n").splitlines():
        if line == "...":
            fits += r"(?:.*\n)*?"
        else:
            fits += r".*?".join(map(re.escape, line.rstrip().split("..."))) + r"\n"
    return fits


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each console block printed, after all of the page was followed in order."""
    reader = Reader(tmp_path_factory.mktemp("tutorial"))
    for step in STEPS:
        started = int(time.time())
        reader.follow(step)
        while "paygrade run" in step.text and int(time.time()) == started:
            time.sleep(0.02)  # run ids start with the second, and `latest` is the greatest of them
    return reader.seen


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block.place)
def test_the_tutorial_shows_what_is_printed(block: Block, printed: dict[str, list[str]]) -> None:
    """Each command of the page prints what stands below it."""
    for command, output in zip(commands(block), printed[block.place], strict=True):
        fits = re.fullmatch(pattern(command.output), f"{output}\n" if output else "")
        assert fits, f"$ {command.line}\n{output}\n\ndoes not fit\n{command.output}"


def test_the_tutorial_tells_of_every_exit_code() -> None:
    """Its table of exit codes has each that a run can end with."""
    text = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
    assert set(re.findall(r"^\| (\d+) \|", text, re.MULTILINE)) == {
        "0", "1", "2", "100", "102", "103",
    }  # fmt: skip

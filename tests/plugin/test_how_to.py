"""`how-to/pytest.md`, followed from start to end as a reader would."""

from __future__ import annotations

import re

import pytest

from docs.pages import Block, blocks, read, section
from docs.test_tutorial import Reader, commands, pattern
from paygrade.errors import ExitCode

pytestmark = pytest.mark.real

PAGE = "how-to/pytest.md"
STEPS = [block for block in blocks(PAGE) if block.title or block.language == "console"]
COMMANDS = [block for block in STEPS if block.language == "console"]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each console block printed, after all of the page was followed in order."""
    reader = Reader(tmp_path_factory.mktemp("how-to"))
    for step in STEPS:
        reader.follow(step)
    return reader.seen


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block.place)
def test_the_page_shows_what_is_printed(block: Block, printed: dict[str, list[str]]) -> None:
    """Each command of the page prints what stands below it."""
    for command, output in zip(commands(block), printed[block.place], strict=True):
        fits = re.fullmatch(pattern(command.output), f"{output}\n" if output else "")
        assert fits, f"$ {command.line}\n{output}\n\ndoes not fit\n{command.output}"


def test_the_page_tells_of_every_exit_status() -> None:
    """Its table has each code that the tool knows."""
    text = section(read(PAGE), "## The exit status")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(ExitCode)

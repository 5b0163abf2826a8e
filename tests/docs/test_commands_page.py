"""`reference/commands.md` names every command and option, and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from docs.pages import first_cells, read, section
from paygrade.cli.app import app
from paygrade.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = read("reference/commands.md")
HELP = {"--help", "-h"}


def _commands() -> Iterator[tuple[str, Any]]:
    """Every command below `paygrade` with the words that call it."""
    waiting: list[tuple[str, Any]] = [("paygrade", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        below = getattr(command, "commands", {})
        waiting += [(f"{name} {each}", child) for each, child in below.items()]
        if name != "paygrade":
            yield name, command


COMMANDS = dict(sorted(_commands()))


def _options(command: Any) -> set[str]:  # noqa: ANN401 - typer's copy of click has no public types
    named = {
        word
        for each in command.params
        if each.param_type_name == "option"
        for word in (*each.opts, *each.secondary_opts)
    }
    return named | HELP


def _documented(text: str) -> set[str]:
    """The options in the first cells of the tables of a section."""
    return {word for cell in first_cells(text) for word in re.findall(r"`(-[^`]+)`", cell)}


def _own(text: str) -> str:
    """A section without the sections below it."""
    return re.split(r"^#", text, maxsplit=1, flags=re.MULTILINE)[0]


def test_every_command_has_its_section_and_no_other() -> None:
    """The headings of the page are the commands of the tool."""
    headings = set(re.findall(r"^## (paygrade .+)$", PAGE, re.MULTILINE))
    assert headings == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_names_every_option_and_no_other(name: str) -> None:
    """Long and short forms alike."""
    assert _documented(section(PAGE, f"## {name}")) == _options(COMMANDS[name])


def test_the_options_of_the_command_itself_are_named() -> None:
    """What stands before a command, such as `--version`."""
    text = _own(section(PAGE, "## Options of the command itself"))
    assert _documented(text) == _options(typer.main.get_command(app))


def test_every_exit_code_is_named() -> None:
    """Number and name, as the code has them."""
    rows = re.findall(r"^\| (\d+) \| `([A-Z]+)` \|", section(PAGE, "## Exit codes"), re.MULTILINE)
    assert {(int(code), name) for code, name in rows} == {
        (int(each), each.name) for each in ExitCode
    }


def test_stated_defaults_are_the_real_ones() -> None:
    """A number in the column of defaults is the option's own default."""
    stated = re.findall(
        r"^\| `(--[a-z-]+)`[^|]*\| (\d+) \|", section(PAGE, "## paygrade list"), re.MULTILINE
    )
    real = {each.opts[0]: str(each.default) for each in COMMANDS["paygrade list"].params}
    assert stated == [("--most", real["--most"])]

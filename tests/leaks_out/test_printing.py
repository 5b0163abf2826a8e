"""What a terminal, or a step of a workflow, is given to read."""

from __future__ import annotations

import json

import pytest

from leaks_out.stage import Stage, no_barrier
from leaks_out.words import HOSTILE, SECRETS

SAYS = {
    "folded": f"Write to {SECRETS['e-mail']} today, and pay to {SECRETS['IBAN']} on the morrow",
    "command": "done\n::add-mask::x\n  ::error::y\n##[error]z",
    "right to left": HOSTILE["right to left"] + "\x9b31m",
}
PIECES = ("asha.k", "mail.com", "NWBK6016", "31926819")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A store that no barrier stood before."""
    with no_barrier():
        return Stage(tmp_path_factory.mktemp("printing") / "ws", SAYS, mix=SAYS["folded"])


@pytest.mark.parametrize("columns", [20, 44, 300])
@pytest.mark.parametrize("command", [("show",), ("show", "latest", "s0"), ("report",)])
def test_a_fold_hides_nothing(stage: Stage, command: tuple[str, ...], columns: int) -> None:
    """An address that would be folded, or cut, is masked before it is."""
    said = stage.ask(*command, COLUMNS=str(columns)).out
    assert said
    assert not [each for each in PIECES if each in said]


@pytest.mark.parametrize("command", [("show", "latest", "s0"), ("report",)])
def test_what_was_drawn_is_masked_once_more(
    stage: Stage, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody masked it before, it is looked at as if it were not folded."""
    for module in ("look", "report"):
        monkeypatch.setattr(f"paygrade.cli.{module}.cleaned", lambda record: record)
    said = stage.ask(*command, COLUMNS="16").out
    assert not [each for each in PIECES if each in said]
    monkeypatch.setattr("paygrade.cli.output._ENDLESS", 16)
    said = stage.ask(*command, COLUMNS="16").out
    assert [each for each in PIECES if each in said]


def test_words_are_no_order_to_a_workflow(stage: Stage) -> None:
    """A line that begins as a command does is no command any more, and still the same to read."""
    said = stage.ask("show", "latest", "s1", GITHUB_ACTIONS="true").out
    lines = [each.lstrip() for each in said.splitlines()]
    assert not [each for each in lines if each.startswith(("::", "##["))]
    assert "\u200b::error::y" in said
    assert "\n::add-mask::x" in stage.ask("show", "latest", "s1", GITHUB_ACTIONS="").out


def test_printed_json_says_the_same_and_commands_nothing(stage: Stage) -> None:
    """What a terminal would obey is an escape."""
    said = stage.ask("show", "latest", "s2", "--json").out
    assert "\u202e" not in said
    assert "\x9b" not in said
    assert json.loads(said)["attempts"][0]["answer"]["text"] == SAYS["right to left"]

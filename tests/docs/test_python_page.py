"""`reference/python.md` names the public names and their parts, and its examples work."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

import paygrade as public
from docs.pages import blocks, first_cells, read
from kit import WorkspaceFolder
from paygrade.records.answer import Message

if TYPE_CHECKING:
    from pathlib import Path

PAGE = read("reference/python.md")
EXAMPLES = [each for each in blocks("reference/python.md") if each.language == "python"]


def _example(word: str) -> dict[str, Any]:
    [block] = [each for each in EXAMPLES if word in each.text]
    names: dict[str, Any] = {}
    exec(compile(block.text, block.place, "exec"), names)  # noqa: S102 - the page's own example
    return names


def test_the_page_names_every_public_name_and_no_other() -> None:
    """The first table is `paygrade.__all__`."""
    assert [cell.strip("`") for cell in first_cells(PAGE)] == public.__all__


@pytest.mark.parametrize("name", public.__all__)
def test_every_part_of_a_record_is_named(name: str) -> None:
    """All fields of a dataclass stand in its row."""
    record = getattr(public, name)
    [row] = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
    if dataclasses.is_dataclass(record):
        fields = {field.name for field in dataclasses.fields(record)}
        assert fields <= set(re.findall(r"`(\w+)`", row))


def test_the_signature_of_run_suite_is_the_real_one() -> None:
    """As the page writes it, without types."""
    signature = inspect.signature(public.run_suite)
    plain = [
        each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()
    ]
    shown = f"run_suite{inspect.Signature(plain)}".replace("''", '""')
    assert f"`{shown}`" in PAGE


def test_the_example_runner_answers() -> None:
    """It echoes, and refuses an empty question as an error of the infrastructure."""
    answer = _example("async def answer")["answer"]

    def request(content: str) -> public.Request:
        messages = (Message(role="user", content=content),)
        return public.Request(sample_id="s", epoch=1, prompt="p@v1", messages=messages, input={})

    assert asyncio.run(answer(request("hello"))).text == "You said: hello"
    with pytest.raises(public.RunnerError, match="empty questions"):
        asyncio.run(answer(request(" ")))


def test_the_example_scorer_scores() -> None:
    """It finds one of two words."""
    mentions = _example("def mentions")["mentions"]
    subject = public.Subject(sample_id="s", input={}, expected={}, text="so sorry")
    assert mentions(subject, words=["sorry", "please"]) == public.Score(passed=True, value=0.5)


def test_the_example_of_run_suite_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the names of a workspace that exists."""
    workspace = WorkspaceFolder(tmp_path / "ws")
    monkeypatch.chdir(workspace.root)
    [block] = [each for each in EXAMPLES if "run_suite" in each.text]
    text = block.text.replace("refund_reply", "refunds").replace("rules", "always_refund")
    exec(compile(text, block.place, "exec"), {})  # noqa: S102 - the page's own example
    assert capsys.readouterr().out.startswith("1 3 0.06")


def test_the_example_of_the_fixture_passes(tmp_path: Path) -> None:
    """Called as pytest would, with the function behind the fixture."""
    workspace = WorkspaceFolder(tmp_path / "ws")
    test = _example("paygrade_run")["test_refunds_stay_good"]

    def paygrade_run(suite: str, *, runner: str) -> public.RunSummary:
        assert (suite, runner) == ("refund_reply", "rules")
        return public.run_suite("refunds", runner="always_refund", workspace=workspace.root)

    test(paygrade_run)

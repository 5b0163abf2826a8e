"""`paygrade datasets import`: rows of a spreadsheet become samples, or nothing does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Ended, Paygrade

MAPS = ("input.text=Text", "expected.amount_minor:int=Amount")


def _imported(
    paygrade: Paygrade, folder: Path, content: str | bytes, *maps: str, kind: str = "csv"
) -> Ended:
    file = folder / f"rows.{kind}"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapped = [word for each in maps or MAPS for word in ("--map", each)]
    out = folder / "v1.jsonl"
    return paygrade("datasets", "import", file, "--format", kind, "--out", out, *mapped)


def test_columns_go_where_the_mapping_says(paygrade: Paygrade, tmp_path: Path) -> None:
    """With their types; a text keeps its commas and line breaks; the rest is left out and said."""
    content = '\ufeffid,Text,Amount,Tags,Final,Who\na,"one, two\nlines",-42,x; y;,yes,Ada\n'
    maps = (*MAPS, "slices.tags:list=Tags", "expected.final:bool=Final")
    ended = _imported(paygrade, tmp_path, content, *maps)
    assert ended.code == 0
    assert "the column 'Who' was left out" in ended.err
    assert json.loads((tmp_path / "v1.jsonl").read_text("utf-8")) == {
        "id": "a",
        "input": {"text": "one, two\nlines"},
        "expected": {"amount_minor": -42, "final": True},
        "slices": {"tags": ["x", "y"]},
    }


def test_rows_may_be_json_lines(paygrade: Paygrade, tmp_path: Path) -> None:
    """Values that have their type already keep it."""
    content = '{"id": "a", "Text": "t", "Amount": 5}\n{"id": "b", "Text": "u", "Amount": "6"}\n'
    assert _imported(paygrade, tmp_path, content, kind="jsonl").code == 0
    lines = (tmp_path / "v1.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["expected"]["amount_minor"] for line in lines] == [5, 6]


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (
            "id,Text,Amount\na,t,42.00\na,t,4\n,t,4\nb,t\nc,t,1e3\nd,t,05\n",
            [
                "rows.csv:2: 'Amount' should be a whole number",
                "rows.csv:3: the id 'a' is taken by line 2",
                "rows.csv:4: has no id in 'id'",
                "rows.csv:5: has 2 values for 3 columns",
                "rows.csv:6: 'Amount' should be a whole number",
                "rows.csv:7: 'Amount' should be a whole number",
            ],
        ),
        ("id,Txt,Amount\na,t,4\n", ["has no column 'Text' (did you mean 'Txt'?)"]),
        ('id,Text,Amount\na,"cut off,4\n', ["is not CSV", "was the file cut off?"]),
        ("id,Text,Amount\n", ["holds no row"]),
        ("", ["holds no row"]),
        (b"id,Text,Amount\na,\xff,4\n", ["rows.csv:2: is not UTF-8"]),
    ],
)
def test_bad_rows_are_all_named_and_nothing_is_written(
    paygrade: Paygrade, tmp_path: Path, content: str | bytes, sentences: list[str]
) -> None:
    """A float, a doubled or missing id, a missing value, a cut file, another encoding."""
    ended = _imported(paygrade, tmp_path, content)
    assert ended.code == 2
    for sentence in sentences:
        assert sentence in ended.err
    assert not (tmp_path / "v1.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"id": "a", "Text": "t"}\n', "rows.jsonl:1: has no value for 'Amount'"),
        ('{"id": "a", "Text": 7, "Amount": 4}\n', "'Text' should be text"),
        ('{"id": "a", "Text": "t", "Amount": 4.5}\n', "'Amount' should be a whole number"),
        ('{"id": "a", "Text": "t", "Amount": true}\n', "'Amount' should be a whole number"),
        ('{"id": "a", "Text"\n', "rows.jsonl:1"),
        ("[1]\n", "rows.jsonl:1: is not a JSON object"),
    ],
)
def test_bad_json_lines_are_named(
    paygrade: Paygrade, tmp_path: Path, content: str, sentence: str
) -> None:
    """As for CSV: file, line and what is wrong."""
    ended = _imported(paygrade, tmp_path, content, kind="jsonl")
    assert ended.code == 2
    assert sentence in ended.err


@pytest.mark.parametrize(
    ("maps", "sentence"),
    [
        (("message=Text",), "'message=Text' is no mapping"),
        (("input.text:float=Text", "expected.a=Amount"), "'input.text:float=Text' is no mapping"),
        (("input.text=Text",), "no column goes to the expected of a sample"),
        (("expected.a=Amount",), "no column goes to the input of a sample"),
        (("input.a=Text", "input.a=Amount", "expected.b=Amount"), "two columns go to input.a"),
    ],
)
def test_a_wrong_mapping_is_refused(
    paygrade: Paygrade, tmp_path: Path, maps: tuple[str, ...], sentence: str
) -> None:
    """One clear sentence, with how a mapping looks."""
    ended = _imported(paygrade, tmp_path, "id,Text,Amount\na,t,4\n", *maps)
    assert ended.code == 2
    assert sentence in ended.err


def test_a_file_that_is_there_is_not_written_over(paygrade: Paygrade, tmp_path: Path) -> None:
    """A published version cannot get lost."""
    (tmp_path / "v1.jsonl").write_text("mine\n", "utf-8")
    assert _imported(paygrade, tmp_path, "id,Text,Amount\na,t,4\n").code == 2
    assert (tmp_path / "v1.jsonl").read_text("utf-8") == "mine\n"


def test_a_card_number_in_a_wrong_cell_is_not_shown(paygrade: Paygrade, tmp_path: Path) -> None:
    """A message is a way out too."""
    ended = _imported(paygrade, tmp_path, "id,Text,Amount\na,t,4111 1111 1111 1111\n")
    assert ended.code == 2
    assert "1111 1111" not in ended.err

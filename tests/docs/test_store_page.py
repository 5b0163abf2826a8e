"""`reference/store.md` names every table, view and column; its questions and lines are real."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from docs.pages import blocks, first_cells, read, section
from judge.recorded import says
from kit import WorkspaceFolder
from paygrade.store import database, gates, journal

if TYPE_CHECKING:
    from pathlib import Path

    from docs.pages import Block
    from kit import Paygrade

PAGE = read("reference/store.md")
QUESTIONS = [each for each in blocks("reference/store.md") if each.language == "sql"]
SHOWN = [
    json.loads(line)
    for block in blocks("reference/store.md")
    if block.language == "json"
    for line in block.text.splitlines()
]
LINES = [line for line in SHOWN if "t" in line]
[RECORD] = [line for line in SHOWN if "t" not in line]
Columns = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated, empty database."""
    folder = tmp_path_factory.mktemp("store")
    with database.writing(folder):
        pass
    return folder


@pytest.fixture(scope="module")
def columns(filled: Path) -> Columns:
    """Every table and view of a fresh database with its columns and their types."""
    question = "SELECT table_name, column_name, data_type FROM information_schema.columns"
    found: Columns = {}
    with database.reading(filled) as connection:
        for table, column, kind in database.rows(connection, question)[1]:
            found.setdefault(table, {})[column] = kind
    return found


def _documented(table: str) -> set[str]:
    cells = first_cells(section(PAGE, f"### {table}"))
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_table_and_view_has_its_section(columns: Columns) -> None:
    """The headings are the tables and views of a fresh database."""
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == set(columns)


def test_every_column_is_named_and_no_other(columns: Columns) -> None:
    """Table by table."""
    assert {table: _documented(table) for table in columns} == {
        table: set(names) for table, names in columns.items()
    }


def test_the_stated_types_are_the_real_ones(columns: Columns) -> None:
    """Where a row states a type."""
    wrong = []
    for table, names in columns.items():
        rows = re.findall(
            r"^\| `(\w+)` \| ([A-Z]+) \|", section(PAGE, f"### {table}"), re.MULTILINE
        )
        wrong += [(table, name, kind) for name, kind in rows if names[name] != kind]
    assert wrong == []


@pytest.mark.parametrize("block", QUESTIONS, ids=lambda block: block.place)
def test_every_question_is_answered(block: Block, filled: Path) -> None:
    """The SQL of the page runs as it stands, on a database opened as `paygrade sql` opens it."""
    with database.reading(filled) as connection:
        names, _ = database.rows(connection, block.text)
    assert names


def test_a_question_finds_what_it_asks_for(tmp_path: Path, paygrade: Paygrade) -> None:
    """Which checks fail most in the newest run: asked of a real run."""
    workspace = WorkspaceFolder(tmp_path / "ws")
    assert paygrade("run", cwd=workspace.root).code == 0
    [question] = [each for each in QUESTIONS if "check_id" in each.text]
    answered = paygrade("sql", "--json", question.text, cwd=workspace.root)
    assert answered.json[0] == {
        "check_id": "equals(action)", "severity": "critical", "failed": 1, "judged": 3,
    }  # fmt: skip


def test_the_verdict_history_is_found(tmp_path: Path, paygrade: Paygrade) -> None:
    """The record of the page, asked with the question of the page."""
    workspace = WorkspaceFolder(tmp_path / "ws")
    workspace.write(f".paygrade/gates/{RECORD['gate_id']}.json", json.dumps(RECORD))
    [question] = [each for each in QUESTIONS if "FROM verdicts" in each.text]
    [answered] = paygrade("sql", "--json", question.text, cwd=workspace.root).json
    assert (answered["verdict"], answered["look"], answered["exit_code"]) == ("regressed", 1, 100)
    assert answered["headline"] == RECORD["suites"][0]["result"]["headline"]


def test_the_gate_record_is_as_it_is_written(tmp_path: Path) -> None:
    """It is read, and written again it has the same keys and values."""
    file = tmp_path / "gates" / f"{RECORD['gate_id']}.json"
    file.parent.mkdir()
    file.write_text(json.dumps(RECORD), "utf-8")
    gates.write(tmp_path, gates.read(file))
    assert json.loads(file.read_text("utf-8")) == RECORD


def test_the_journal_lines_are_read_as_shown(tmp_path: Path) -> None:
    """Each example line is read, and together they are a journal."""
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    (tmp_path / journal.JOURNAL_FILE).write_text(text, "utf-8")
    assert journal.read_header(tmp_path).suite == "refund_reply"
    assert len(list(journal.read_samples(tmp_path))) == 1
    assert [each.sample_id for each in journal.read_outcomes(tmp_path)] == ["rr-1", "rr-1"]
    assert journal.read_progress(tmp_path).samples == {"rr-1"}


def test_the_journal_lines_have_the_keys_of_a_real_journal(
    tmp_path: Path, paygrade: Paygrade
) -> None:
    """No key of a journal is missing from the examples, and none is made up."""
    workspace = WorkspaceFolder(tmp_path / "ws")
    workspace.replace("runners/always_refund.py", "    return", "    if request.epoch == 2:\n"
                      "        raise RuntimeError('no luck')\n    return")  # fmt: skip
    says(workspace, [{"id": each, "text": "{}"} for each in ("s1", "s2", "s3")])
    workspace.replace(
        "evals/refunds/suite.yaml", "  - no-pan",
        "  - llm-rubric: {rubric: dispute-reasons/1, runner: judge, field: action}\n  - no-pan",
    )  # fmt: skip
    assert paygrade("run", "--epochs", "2", cwd=workspace.root).code == 0
    [file] = workspace.root.glob(".paygrade/runs/*/journal.jsonl")
    real = {
        _kind(line): set(line) for line in map(json.loads, file.read_text("utf-8").splitlines())
    }
    assert {_kind(line): set(line) for line in LINES} == real


def _kind(line: dict[str, str]) -> str:
    return f"{line['t']} {line.get('kind', '')}"

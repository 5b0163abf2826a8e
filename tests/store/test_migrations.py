"""Yesterday's databases open today, with all that is in them."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from paygrade.errors import StoreError
from paygrade.store import database
from paygrade.store.database import DATABASE_FILE
from paygrade.store.fill import sync
from paygrade.store.journal import JOURNAL_FILE
from store.making import header, row, scored, write_run

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

OLD_JOURNAL = Path(__file__).parent / "data" / "journal_format_1.jsonl"
OLD_RUN = "20261123-175352.660-refunds-always_refund-a151"
ROWS = """
INSERT INTO runs VALUES ($run, 'refunds', 'always_refund', 'python', 'refunds@v1', 'refunds@v1', 1,
    3, 3, 'complete', TIMESTAMP '2026-11-23 17:53:52.660204', false, NULL, 'p', 'd', 'r', 's', '',
    NULL, '{}', '{}', 'null', NULL, $size);
INSERT INTO samples VALUES ($run, 's1', 's1', 'statistical', NULL, '', 'h', '{}', '{}', '[]');
INSERT INTO attempts (run_id, sample_id, epoch, kind, failed, error_kind, error, request_id,
    request_digest, sent) VALUES ($run, 's1', 1, 'scored', true, '', '', '', '', '{}');
"""


def old_store(store: Path) -> Path:
    """A store as the first released version left it: a journal, and the database filled from it."""
    folder = store / "runs" / OLD_RUN
    folder.mkdir(parents=True)
    shutil.copy(OLD_JOURNAL, folder / JOURNAL_FILE)
    number, text = database.migrations()[0]
    with contextlib.closing(duckdb.connect(str(store / DATABASE_FILE))) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)").fetchall()
        connection.execute(text).fetchall()
        connection.execute("INSERT INTO schema_version VALUES ($n)", {"n": number}).fetchall()
        values = {"$run": f"'{OLD_RUN}'", "$size": str(OLD_JOURNAL.stat().st_size)}
        connection.execute(re.sub(r"\$\w+", lambda name: values[name[0]], ROWS)).fetchall()
    return store


def ask(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    with database.reading(store) as connection:
        return database.rows(connection, statement)[1]


def schema(store: Path) -> list[tuple[Any, ...]]:
    """Every column as the database has it."""
    question = "SELECT table_name, column_name, data_type, is_nullable, column_default FROM "
    return ask(store, f"{question} information_schema.columns ORDER BY ALL")


def test_a_database_of_schema_1_keeps_its_rows(tmp_path: Path) -> None:
    """They read as ordinary runs."""
    old_store(tmp_path)
    with database.writing(tmp_path):
        pass
    assert ask(tmp_path, "SELECT run_id, purpose, scored, failed FROM failure_rate") == [
        (OLD_RUN, "run", 1, 1)
    ]
    assert ask(tmp_path, "SELECT max(version) FROM schema_version") == [(5,)]


def test_new_columns_are_filled_from_the_journals(tmp_path: Path) -> None:
    """Once: the second time nothing is left to do."""
    synced = sync(old_store(tmp_path))
    assert (synced.filled, synced.problems) == ((OLD_RUN,), ())
    assert ask(tmp_path, "SELECT slices FROM runs WHERE slices <> '[]'") != []
    assert sync(tmp_path).filled == ()


def test_a_run_that_lost_its_lines_keeps_its_rows(tmp_path: Path) -> None:
    """A corrupt journal is named; what was filled from it before still reads."""
    old_store(tmp_path)
    journal = tmp_path / "runs" / OLD_RUN / JOURNAL_FILE
    journal.write_bytes(journal.read_bytes().replace(b'"t":"outcome"', b'"t":"outcom'))
    assert len(sync(tmp_path).problems) == 1
    assert ask(tmp_path, "SELECT run_id, scored FROM run_figures") == [(OLD_RUN, 1)]


def test_a_migrated_database_is_like_a_new_one(tmp_path: Path) -> None:
    """The same tables and views, column by column."""
    sync(old_store(tmp_path / "old"))
    with database.writing(tmp_path / "new"):
        pass
    assert schema(tmp_path / "old") == schema(tmp_path / "new")


def test_a_migrated_database_takes_new_runs(tmp_path: Path) -> None:
    """Appended beside the old rows; an old run that is filled again is as it was."""
    sync(old_store(tmp_path))
    made = header("20261124-120000-refunds-echo-000001", purpose="gate")
    write_run(tmp_path, made, [row()], [scored()])
    with (tmp_path / "runs" / OLD_RUN / JOURNAL_FILE).open("ab") as journal:
        journal.write(OLD_JOURNAL.read_bytes().splitlines(keepends=True)[-1])
    assert sync(tmp_path).filled == (OLD_RUN, made.run_id)
    assert ask(tmp_path, "SELECT run_id, purpose FROM runs ORDER BY run_id") == [
        (OLD_RUN, "run"),
        (made.run_id, "gate"),
    ]


def test_a_database_that_was_not_migrated_yet_lists_its_runs(tmp_path: Path) -> None:
    """What only looks does not migrate."""
    old_store(tmp_path)
    with database.reading(tmp_path) as connection:
        columns, [listed] = database.rows(connection, database.queries()["runs"], {"most": 9})
    assert dict(zip(columns, listed, strict=True))["run_id"] == OLD_RUN
    assert "purpose" not in columns


def test_a_workspace_of_the_first_version_goes_on(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Through the commands: the doctor finds it well, and old and new runs are listed."""
    old_store(workspace.root / ".paygrade")
    said = paygrade("doctor", "--json", "-w", workspace.root).json
    [opened] = [each["said"] for each in said if "schema" in each["said"]]
    assert opened == "the database opens; the next run brings it from schema 1 to 5"
    assert paygrade("run", "-q", "-w", workspace.root).code == 0
    listed = paygrade("list", "--json", "-w", workspace.root).json
    assert [each["purpose"] for each in listed] == ["run", "run"]
    assert OLD_RUN in {each["run_id"] for each in listed}


@pytest.mark.parametrize("table", ["runs", "gates", "verdicts", "hypotheses"])
def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path, table: str) -> None:
    """All or nothing: here somebody has made a table of a name that the migration needs."""
    old_store(tmp_path)
    with contextlib.closing(duckdb.connect(str(tmp_path / DATABASE_FILE))) as connection:
        in_the_way = f"CREATE TABLE {table} (mine INTEGER)"
        if table == "runs":
            in_the_way = "ALTER TABLE runs ADD COLUMN purpose INTEGER"
        connection.execute(in_the_way).fetchall()
    before = schema(tmp_path)
    with pytest.raises(StoreError, match="already exists"):
        sync(tmp_path)
    assert schema(tmp_path) == before

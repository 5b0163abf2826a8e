"""The private copy of the store: it follows the journals and disturbs nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from paygrade.store import database, fill
from paygrade.store.journal import RunJournal
from paygrade.store.live import Live
from store.making import answer, gate_record, header, row, scored, write_run

if TYPE_CHECKING:
    from pathlib import Path

RUN = header().run_id
COUNT = "SELECT count(*) FROM attempts"
HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE TABLE IF NOT EXISTS held (x INTEGER)").fetchall()
connection.execute("INSERT INTO held VALUES (1)").fetchall()
print("held", flush=True)
sys.stdin.read()
"""


def _attempts(live: Live) -> int:
    return int(database.rows(live.connection, COUNT)[1][0][0])


def _write(store: Path, run_id: str = RUN) -> Path:
    samples = [row(f"s{each}") for each in range(4)]
    outcomes = [scored(f"s{each}", failed=each == 0) for each in range(4)]
    return write_run(store, header(run_id), samples, outcomes)


def _settle(store: Path) -> None:
    """Make the database older than the time that a writer might be at it again."""
    file = store / database.DATABASE_FILE
    os.utime(file, (time.time() - 60, time.time() - 60))


def _files(store: Path) -> dict[str, tuple[bytes, int]]:
    files = [each for each in sorted(store.rglob("*")) if each.is_file()]
    return {str(each): (each.read_bytes(), each.stat().st_mtime_ns) for each in files}


def test_without_a_store_there_is_nothing_and_nothing_is_made(tmp_path: Path) -> None:
    """The folder is not there before and not after."""
    with Live(tmp_path / "store") as live:
        live.refresh()
        assert _attempts(live) == 0
    assert not (tmp_path / "store").exists()


def test_what_the_database_holds_is_not_read_from_journals_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is copied whole."""
    _write(tmp_path)
    fill.sync(tmp_path)
    _settle(tmp_path)
    monkeypatch.setattr(fill, "_fill", None)
    with Live(tmp_path) as live:
        live.refresh()
        assert _attempts(live) == 4


def test_without_a_database_journals_are_read(tmp_path: Path) -> None:
    """They hold everything."""
    _write(tmp_path)
    with Live(tmp_path) as live:
        live.refresh()
        assert _attempts(live) == 4


@pytest.mark.parametrize("content", [b"", b"no database", b"\0" * 20000])
def test_a_database_that_is_none_is_passed_over(tmp_path: Path, content: bytes) -> None:
    """And left as it is."""
    _write(tmp_path)
    file = tmp_path / database.DATABASE_FILE
    file.write_bytes(content)
    _settle(tmp_path)
    with Live(tmp_path) as live:
        live.refresh()
        assert _attempts(live) == 4
    assert file.read_bytes() == content


def test_a_database_of_a_newer_version_is_passed_over(tmp_path: Path) -> None:
    """Its journals may be readable all the same."""
    _write(tmp_path)
    fill.sync(tmp_path)
    with database.writing(tmp_path) as connection:
        connection.execute("INSERT INTO schema_version VALUES (9999)").fetchall()
    _settle(tmp_path)
    with Live(tmp_path) as live:
        live.refresh()
        assert _attempts(live) == 4


def test_a_run_under_way_grows(tmp_path: Path) -> None:
    """Each refresh has what its journal has, and says whether that is more."""
    journal = RunJournal.create(tmp_path / "runs" / RUN, header())
    with Live(tmp_path) as live:
        assert live.refresh()
        assert live.under_way == (RUN,)
        for done in range(1, 4):
            journal.sample(row(f"s{done}"))
            journal.answer(answer(f"s{done}"))
            journal.outcome(scored(f"s{done}"))
            assert live.refresh()
            assert _attempts(live) == done
            assert not live.refresh()
    journal.close()


def test_a_run_that_somebody_writes_is_under_way_however_long_it_is_silent(tmp_path: Path) -> None:
    """An agent may think for minutes; a run that was stopped is told apart by its free lock."""
    if not os.path.exists("/proc/locks"):  # noqa: PTH110 - as plain as can be
        pytest.skip("this kernel lists no locks")
    journal = RunJournal.create(tmp_path / "runs" / RUN, header())
    os.utime(journal.path, (1, 1))
    with Live(tmp_path) as live:
        live.refresh()
        assert live.under_way == (RUN,)
        journal.close()
        assert live.refresh()
        assert not live.under_way


def test_looking_takes_no_lock_of_a_run(tmp_path: Path) -> None:
    """One that was stopped can be gone on with at any moment."""
    RunJournal.create(tmp_path / "runs" / RUN, header()).close()
    with Live(tmp_path) as live:
        live.refresh()
        RunJournal.reopen(tmp_path / "runs" / RUN).close()


def test_a_journal_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    """As by every command that fills the store."""
    _write(tmp_path)
    broken = tmp_path / "runs" / "20261123-120001-broken" / "journal.jsonl"
    broken.parent.mkdir()
    broken.write_text("no line\n")
    with Live(tmp_path) as live:
        live.refresh()
        assert _attempts(live) == 4
        assert len(live.problems) == 1
        assert str(broken) in live.problems[0]


def test_a_record_of_the_gate_is_news(tmp_path: Path) -> None:
    """A verdict is shown as soon as it is there."""
    from paygrade.store import gates  # noqa: PLC0415 - the fixture's name is needed elsewhere

    with Live(tmp_path) as live:
        live.refresh()
        gates.write(tmp_path, gate_record())
        assert live.refresh()
        assert not live.refresh()


def test_a_store_that_is_deleted_meanwhile_is_empty(tmp_path: Path) -> None:
    """What has no journal is in no store."""
    store = tmp_path / "store"
    _write(store)
    with Live(store) as live:
        live.refresh()
        shutil.rmtree(store)
        assert live.refresh()
        assert _attempts(live) == 0
        _write(store)
        assert live.refresh()
        assert _attempts(live) == 4
    assert not (store / database.DATABASE_FILE).exists()


def test_nothing_in_the_store_is_touched(tmp_path: Path) -> None:
    """Every file is as it was, to the time of its last change."""
    _write(tmp_path)
    fill.sync(tmp_path)
    _settle(tmp_path)
    before = _files(tmp_path)
    with Live(tmp_path) as live:
        live.refresh()
        _write(tmp_path, "20261123-120002-refunds-echo-000002")
        live.refresh()
        assert _attempts(live) == 8
    after = _files(tmp_path)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 1


def test_the_copy_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays in the folder for temporary files."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    _write(tmp_path / "store")
    with Live(tmp_path / "store") as live:
        live.refresh()
        assert list(temporary.iterdir())
    assert not list(temporary.iterdir())


def test_a_writer_is_neither_waited_for_nor_stopped(tmp_path: Path) -> None:
    """While a process holds the database, everything is read; and it goes on writing."""
    _write(tmp_path)
    fill.sync(tmp_path)
    file = str(tmp_path / database.DATABASE_FILE)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "held\n"
        begun = time.monotonic()
        with Live(tmp_path) as live:
            live.refresh()
            assert _attempts(live) == 4
        took = time.monotonic() - begun
        holder.stdin.close()
        assert holder.wait(timeout=30) == 0
    assert took < database.LOCK_WAIT_S / 2


def test_the_store_can_be_written_while_a_copy_is_open(tmp_path: Path) -> None:
    """Its lock is nobody's: a process that waits for nothing gets it at once."""
    _write(tmp_path)
    fill.sync(tmp_path)
    _settle(tmp_path)
    with Live(tmp_path) as live:
        live.refresh()
        ended = subprocess.run(
            [sys.executable, "-c", HOLDER, str(tmp_path / database.DATABASE_FILE)],
            input="",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (0, "held\n"), ended.stderr

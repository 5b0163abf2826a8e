"""The database: rebuilt from journals, waited for, read and never written by a question."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paygrade.analysis.summarize import summarize
from paygrade.errors import StoreError
from paygrade.records.outcome import Scored
from paygrade.store import database, journal
from paygrade.store.database import DATABASE_FILE
from paygrade.store.fill import sync
from paygrade.store.journal import JOURNAL_FILE, RunJournal
from store.making import PAN, answer, check, errored, header, row, scored, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.outcome import Outcome

TABLES = ("runs", "samples", "sample_slices", "attempts", "checks", "findings")
FIRST, SECOND = "20261123-120000-refunds-echo-000001", "20261123-130000-refunds-echo-000002"


def ask(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    with database.reading(store) as connection:
        return database.rows(connection, statement)[1]


def dump(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order of its own."""
    with database.reading(store) as connection:
        found = {name: database.rows(connection, f"FROM {name}")[1] for name in TABLES}
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of two runs, filled."""
    rows = [row(f"s{n}", slices={"kind": ("a", "b")}) for n in range(4)]
    outcomes: list[Outcome] = [scored("s0", failed=True), scored("s1"), errored("s2")]
    write_run(tmp_path, header(FIRST), rows, outcomes)
    later = header(SECOND, started_at="2026-11-23T13:00:00Z")
    write_run(tmp_path, later, rows, [scored("s0"), scored("s1", failed=True), scored("s3")])
    assert sync(tmp_path).filled == (FIRST, SECOND)
    return tmp_path


def test_filling_twice_changes_nothing(store: Path) -> None:
    """The second time there is nothing to do."""
    before = dump(store)
    assert sync(store).filled == ()
    assert dump(store) == before


def test_a_database_that_was_deleted_is_built_again(store: Path) -> None:
    """Row by row the same: the journals hold everything."""
    before = dump(store)
    (store / DATABASE_FILE).unlink()
    sync(store)
    assert dump(store) == before


def test_a_run_that_went_on_is_filled_again(store: Path) -> None:
    """In place of what was there, equal to a fresh fill, and complete."""
    folder = store / "runs" / FIRST
    with (folder / JOURNAL_FILE).open("ab") as stream:
        stream.write(b'{"t":"answer","sample_id":"s3","ep')  # torn by a kill
    assert sync(store).filled == ()
    went_on = RunJournal.reopen(folder)
    went_on.answer(answer("s3"))
    went_on.outcome(scored("s3"))
    went_on.close()
    assert sync(store).filled == (FIRST,)
    assert ask(store, "SELECT state FROM runs ORDER BY run_id") == [("complete",), ("incomplete",)]
    filled = dump(store)
    (store / DATABASE_FILE).unlink()
    sync(store)
    assert dump(store) == filled


def test_a_run_without_a_journal_is_forgotten(store: Path) -> None:
    """The database says what the journals say, not more."""
    (store / "runs" / FIRST / JOURNAL_FILE).unlink()
    sync(store)
    assert {line[0] for line in dump(store)["attempts"]} == {SECOND}
    (store / "runs" / SECOND / JOURNAL_FILE).unlink()
    sync(store)
    assert dump(store) == {name: [] for name in TABLES}


@pytest.mark.parametrize(
    "damage",
    [
        b"garbage\n",
        b'{"t":"sample","sample_id":"s9"}\n',
        b'{"t":"outcome","sample_id":"s0","epoch":1,"kind":"scored","checks":7}\n',
    ],
)
def test_a_corrupt_journal_is_left_out_and_named(store: Path, damage: bytes) -> None:
    """The others are filled."""
    (store / DATABASE_FILE).unlink()
    file = store / "runs" / FIRST / JOURNAL_FILE
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:3], damage, *lines[3:]]))
    synced = sync(store)
    assert synced.filled == (SECOND,)
    assert len(synced.problems) == 1
    assert synced.problems[0].startswith(f"{file}:4: is not a journal line (")
    assert {line[0] for name in TABLES for line in dump(store)[name]} == {SECOND}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"at":"2026', b'"at":"yesterday'),
        (b'"latency_s":0.5', b'"latency_s":"long"'),
        (b'"input_tokens":10', b'"input_tokens":' + b"9" * 40),
        (b'"model":"echo"', b'"model":"\\ud800"'),
        (b'"case":"s0"', b'"case":null'),
        (b'"purpose":"run"', b'"purpose":null'),
    ],
)
def test_a_value_that_fits_no_column_is_named(store: Path, old: bytes, new: bytes) -> None:
    """A line of the right fields and the wrong types; nothing of its run is filled."""
    (store / DATABASE_FILE).unlink()
    file = store / "runs" / FIRST / JOURNAL_FILE
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new, 1))
    synced = sync(store)
    assert synced.filled == (SECOND,)
    assert synced.problems[0].startswith(f"{file}: holds a value that cannot be stored: ")
    assert {line[0] for name in TABLES for line in dump(store)[name]} == {SECOND}


def test_a_copied_run_is_not_counted_twice(store: Path) -> None:
    """A journal in another run's folder is named, and neither replaces nor doubles the first."""
    before = dump(store)
    copy = store / "runs" / "20261124-a-copy"
    copy.mkdir()
    (copy / JOURNAL_FILE).write_bytes((store / "runs" / FIRST / JOURNAL_FILE).read_bytes())
    problem = f"{copy / JOURNAL_FILE}: is the journal of run {FIRST}"
    assert sync(store).problems == (problem,)
    assert dump(store) == before


def test_hostile_text_comes_back_as_it_was(tmp_path: Path) -> None:
    """NUL, emoji, quotes, SQL and a megabyte, in an answer and in an input."""
    texts = ["\x00", "😀 ñ \u202e", "'; DROP TABLE runs; --", '"\\"', "$1 {} %s", "x" * 1_000_000]
    folder = write_run(tmp_path, header(), [], [])
    went_on = RunJournal.reopen(folder)
    for number, text in enumerate(texts):
        went_on.sample(row(f"s{number}", input={"message": text}))
        went_on.answer(answer(f"s{number}", text=text))
        went_on.outcome(scored(f"s{number}"))
    went_on.close()
    assert sync(tmp_path).problems == ()
    answers = ask(tmp_path, "SELECT answer FROM attempts ORDER BY sample_id")
    assert [text for (text,) in answers] == texts
    inputs = ask(tmp_path, "SELECT input FROM samples ORDER BY sample_id")
    assert [json.loads(text)["message"] for (text,) in inputs] == texts


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one run, for tests that only read."""
    store = tmp_path_factory.mktemp("store")
    write_run(store, header(), [row()], [scored()])
    sync(store)
    return store


HOLDER = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(store: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that has the database open."""
    arguments = [sys.executable, "-c", HOLDER, str(store / DATABASE_FILE), str(seconds)]
    holder = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_lock_is_waited_for_as_long_as_said(store: Path) -> None:
    """Then a sentence tells who holds it, and that nothing is lost."""
    with hold(store, 600) as holder:
        started = time.monotonic()
        try:
            with pytest.raises(StoreError) as caught, database.reading(store, wait_s=0.4):
                pytest.fail("it is locked")
        finally:
            holder.send_signal(signal.SIGKILL)
    assert 0.4 <= time.monotonic() - started < 10
    file = store / DATABASE_FILE
    assert caught.value.problem == (
        f"{file}: is locked by another process (process {holder.pid}); waited 0.4 s"
    )
    assert "runs are safe in their journals" in caught.value.hint


def test_a_lock_that_is_released_in_time_stops_nobody(store: Path) -> None:
    """A short-lived holder costs a short wait."""
    with hold(store, 0.3):
        assert ask(store, "SELECT count(*) FROM runs") == [(2,)]


def test_two_that_fill_at_once_both_end_well(store: Path) -> None:
    """Real processes; the tables are those of one."""
    before = dump(store)
    (store / DATABASE_FILE).unlink()
    code = "import sys; from pathlib import Path; from paygrade.store.fill import sync; "
    code += "print(len(sync(Path(sys.argv[1])).problems))"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(store)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [each.communicate(timeout=30)[0] for each in both] == ["0\n", "0\n"]
    assert dump(store) == before


def test_what_is_no_database_is_said_at_once(tmp_path: Path) -> None:
    """Also where the path has the word lock in it: that is not a lock to wait for."""
    folder = tmp_path / "block"
    folder.mkdir()
    (folder / DATABASE_FILE).write_bytes(b"not a database" * 1000)
    started = time.monotonic()
    with pytest.raises(StoreError, match="not a valid DuckDB database") as caught:
        ask(folder, "SELECT 1")
    assert time.monotonic() - started < 2
    assert caught.value.hint == (
        "the journals hold everything: move the file away and it is built again"
    )


def test_a_newer_database_is_refused(store: Path) -> None:
    """With what to do."""
    with duckdb.connect(str(store / DATABASE_FILE)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999)").fetchall()
    with pytest.raises(StoreError, match=r"newer version of paygrade \(schema 999") as caught:
        sync(store)
    assert caught.value.hint.startswith("upgrade paygrade")


def test_a_file_where_the_store_should_be_has_its_sentence(tmp_path: Path) -> None:
    """No folder can be made there."""
    (tmp_path / "store").touch()
    with (
        pytest.raises(StoreError, match="cannot be made: File exists"),
        database.writing(tmp_path / "store"),
    ):
        pytest.fail("there is no store")


def test_no_store_yet_is_said(tmp_path: Path) -> None:
    """Reading does not make one, and neither does filling from nothing."""
    assert sync(tmp_path).filled == ()
    with pytest.raises(StoreError, match="there is no store yet"):
        ask(tmp_path, "SELECT 1")


def test_migrations_are_numbered_and_applied_once(tmp_path: Path) -> None:
    """From nothing to the newest, without a gap; every table is there."""
    numbers = [number for number, _ in database.migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    for _ in range(2):
        with database.writing(tmp_path) as connection:
            done = database.rows(connection, "SELECT version FROM schema_version ORDER BY 1")[1]
        assert done == [(number,) for number in numbers]
    assert dump(tmp_path) == {name: [] for name in TABLES}


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("INSERT INTO runs SELECT * FROM runs", "runs write it"),
        ("DELETE FROM attempts", "runs write it"),
        ("UPDATE attempts SET failed = false", "runs write it"),
        ("DROP TABLE runs", "runs write it"),
        ("CREATE TABLE x (i INTEGER)", "runs write it"),
        ("SELECT 1; DELETE FROM runs", "runs write it"),
        ("COPY runs TO '{file}'", "shut off from files"),
        ("EXPORT DATABASE '{file}'", "shut off from files"),
        ("ATTACH '{file}' AS other", "shut off from files"),
        ("ATTACH ':memory:' AS other", "read-only mode"),
        ("SELECT * FROM read_text('/etc/hostname')", "shut off from files"),
        ("SELECT * FROM read_csv('/etc/passwd')", "shut off from files"),
        ("SELECT * FROM '/etc/passwd'", "does not exist"),
        ("SELECT * FROM glob('/*')", "shut off from files"),
        ("INSTALL httpfs", "shut off from files"),
        ("LOAD httpfs", "shut off from files"),
        ("SET enable_external_access = true", "settings cannot be changed"),
        ("PRAGMA threads = 1", "settings cannot be changed"),
        ("SELECT getenv('HOME')", "does not exist"),
        ("SELEC 1", "syntax error"),
        ("", "there is no statement in it"),
        (" ; ", "there is no statement in it"),
        ("SELECT $1", "parameters"),
    ],
)
def test_a_question_changes_and_opens_nothing(
    small_store: Path, statement: str, sentence: str
) -> None:
    """Writes, files, network and settings are refused, each with a sentence."""
    file = small_store / "out"
    with database.reading(small_store) as connection:
        with pytest.raises(StoreError) as caught:
            database.rows(connection, statement.format(file=file))
        assert sentence in str(caught.value)
        assert not file.exists()
        assert database.rows(connection, "SELECT count(*) FROM attempts")[1] == [(1,)]


def test_a_time_with_a_zone_is_answered_with_its_offset(small_store: Path) -> None:
    """`now()` needs no cast and no other package."""
    ((answer,),) = ask(small_store, "SELECT now()")
    assert answer.tzinfo is not None


def test_a_question_may_have_strange_answers(small_store: Path) -> None:
    """Dates beyond Python's, infinities, nested values."""
    statement = "SELECT DATE '20000-01-01', 'infinity'::TIMESTAMP, [1, NULL], {'a': 1.5::DECIMAL}"
    assert len(ask(small_store, statement)) == 1


CASE = st.sampled_from(["c1", "c2", "c3", "c4"])
CLASS = st.sampled_from(["statistical", "statistical", "must_pass", "quarantined"])
ENDS = st.lists(st.sampled_from(["pass", "fail", "error"]), min_size=1, max_size=4)
SAMPLES = st.lists(st.tuples(CASE, CLASS, ENDS), max_size=10)


@given(SAMPLES)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_the_view_says_what_the_summary_says(
    tmp_path_factory: pytest.TempPathFactory, samples: list[tuple[str, str, list[str]]]
) -> None:
    """Rate, interval and counts, with clusters, epochs, errors and quarantine."""
    store = tmp_path_factory.mktemp("store")
    rows = [row(f"s{n}", case=case, case_class=kind) for n, (case, kind, _) in enumerate(samples)]
    outcomes = [
        errored(f"s{n}", epoch) if end == "error" else scored(f"s{n}", epoch, failed=end == "fail")
        for n, (_, _, ends) in enumerate(samples)
        for epoch, end in enumerate(ends, 1)
    ]
    made = header(attempts=len(outcomes), epochs=4)
    write_run(store, made, rows, outcomes)
    sync(store)
    overall = summarize(made, rows, outcomes).overall
    [seen] = ask(store, "SELECT scored, failed, errored, failure_rate, low, high FROM failure_rate")
    assert seen[:3] == (overall.scored, overall.failed, overall.errored)
    assert seen[3] == pytest.approx(overall.rate)
    assert seen[4:] == pytest.approx((overall.low, overall.high), abs=1e-12)


def test_flips_are_what_changed_since_the_run_before(store: Path) -> None:
    """Samples that were scored in both, with the direction."""
    flips = ask(
        store,
        "SELECT run_id, previous_run_id, sample_id, failed_share_before, failed_share, direction "
        "FROM flips ORDER BY sample_id",
    )
    assert flips == [
        (SECOND, FIRST, "s0", 1.0, 0.0, "better"),
        (SECOND, FIRST, "s1", 0.0, 1.0, "worse"),
    ]


@pytest.mark.parametrize("purpose", ["confirm", "repeat", "calibrate"])
def test_runs_on_chosen_samples_are_no_run_before(tmp_path: Path, purpose: str) -> None:
    """Flips compare whole runs, and pass over what was asked to look closer."""
    made = [("run", False), (purpose, True), ("baseline", False), ("gate", True), (purpose, False)]
    ids = [f"20261123-1{number}0000-refunds-echo-00000{number}" for number in range(len(made))]
    for number, (why, failed) in enumerate(made):
        when = f"2026-11-23T1{number}:00:00Z"
        whole = header(ids[number], purpose=why, started_at=when)
        write_run(tmp_path, whole, [row()], [scored(failed=failed)])
    sync(tmp_path)
    flips = ask(tmp_path, "SELECT run_id, previous_run_id, direction, purpose FROM flips")
    assert flips == [(ids[3], ids[2], "worse", "gate")]


def test_the_list_says_why_a_run_was_made(store: Path) -> None:
    """Whatever it was made for, it has its rate, its cost and its time."""
    third = header("20261123-140000-refunds-echo-000003", purpose="confirm")
    write_run(store, third, [row()], [scored(failed=True)])
    sync(store)
    with database.reading(store) as connection:
        columns, listed = database.rows(connection, database.queries()["runs"], {"most": 9})
    assert columns == [
        "run_id", "suite", "runner", "prompt", "state", "scored", "failed", "errored",
        "failure_rate", "low", "high", "purpose",
    ]  # fmt: skip
    purposes = {line[0]: line[-1] for line in listed}
    assert purposes == {FIRST: "run", SECOND: "run", third.run_id: "confirm"}
    assert ask(store, "SELECT count(*) FROM cost JOIN latency USING (run_id)") == [(3,)]


def test_cost_and_latency_are_those_of_the_answers(tmp_path: Path) -> None:
    """Tokens and dollars are summed; errors have none; unknown stays unknown."""
    folder = write_run(tmp_path, header(FIRST), [row("s1")], [])
    went_on = RunJournal.reopen(folder)
    for epoch, seconds in enumerate((1.0, 2.0, 9.0), 1):
        went_on.answer(answer("s1", epoch, latency_s=seconds))
        went_on.outcome(scored("s1", epoch))
    went_on.outcome(errored("s1", 4))
    went_on.close()
    write_run(tmp_path, header(SECOND), [row("s1")], [errored("s1")])
    sync(tmp_path)
    assert ask(tmp_path, "SELECT * EXCLUDE (run_id, suite, runner) FROM cost ORDER BY usd") == [
        (3, 30, 15, 6, 0.75),
        (0, None, None, None, None),
    ]
    seen = ask(tmp_path, "SELECT * EXCLUDE (run_id, suite, runner) FROM latency ORDER BY max_s")
    assert seen == [(3, 2.0, pytest.approx(8.3), 9.0), (0, None, None, None)]


def test_what_the_checks_found_is_in_the_tables(tmp_path: Path) -> None:
    """Each check with its figures, each finding with its place and never its digits."""
    folder = write_run(tmp_path, header(), [row()], [])
    went_on = RunJournal.reopen(folder)
    went_on.answer(answer(text=f"see {PAN}"))
    judged = check("recall", value=0.5, reason="too little", partial={"recall": 0.5})
    went_on.outcome(Scored(sample_id="s1", epoch=1, failed=False, checks=(judged,)))
    went_on.close()
    sync(tmp_path)
    [seen] = ask(tmp_path, "SELECT check_id, value, reason, partial->>'recall' FROM checks")
    assert seen == ("recall", 0.5, "too little", "0.5")
    assert ask(tmp_path, "SELECT answer FROM attempts") == [("see 411111******1111",)]


def test_a_parquet_file_holds_what_the_table_holds(store: Path, tmp_path: Path) -> None:
    """Read back by DuckDB, row by row."""
    file = tmp_path / "it's.parquet"
    statement = database.queries()["export"]
    parameters = {"run_ids": [FIRST, SECOND]}
    database.write_parquet(store, statement, parameters, file)
    with database.reading(store) as connection:
        columns, rows = database.rows(connection, statement, parameters)
    with duckdb.connect() as reader:
        result = reader.execute("SELECT * FROM read_parquet($file)", {"file": str(file)})
        assert [each[0] for each in result.description] == columns
        assert result.fetchall() == rows


def test_a_store_that_cannot_be_written_has_its_sentence(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Through the command: no traceback, exit 2, and nothing was asked or paid for before."""
    workspace.write(".paygrade/paygrade.duckdb/folder", "")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 2
    assert "cannot be opened" in ended.err
    assert "Traceback" not in ended.err
    assert not (workspace.root / ".paygrade" / "runs").exists()
    shutil.rmtree(workspace.root / ".paygrade" / "paygrade.duckdb")
    workspace.write(".paygrade/runs", "")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 2
    assert "cannot be written: Not a directory" in ended.err


def test_a_journal_is_the_same_whoever_reads_it(store: Path) -> None:
    """Tables and records count the same attempts, also with lines missing."""
    file = store / "runs" / FIRST / JOURNAL_FILE
    lines = file.read_bytes().splitlines(keepends=True)
    picked = random.Random(7)
    for _ in range(5):
        file.write_bytes(lines[0] + b"".join(line for line in lines[1:] if picked.random() < 0.8))
        sync(store)
        found = {line[1:3] for line in dump(store)["attempts"] if line[0] == FIRST}
        assert found == journal.read_progress(file.parent).done


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SELECT 1; SELECT 2", "this is 2 SQL statements (ask one question at a time)"),
        ("  ", "there is no statement in it (such as: FROM failure_rate)"),
        ("SELEC", "syntax error"),
    ],
)
def test_a_question_is_one_statement(text: str, sentence: str) -> None:
    """Of several only the last would answer."""
    with pytest.raises(StoreError) as caught:
        database.one_statement(text)
    assert sentence in str(caught.value)
    database.one_statement("SELECT 1;")

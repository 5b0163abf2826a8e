"""Verdicts in the database: they follow the records of the gate, whatever becomes of those."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.store import database, gates
from paygrade.store.database import DATABASE_FILE
from paygrade.store.fill import sync
from store.making import (
    HASH,
    PAN,
    gate_record,
    header,
    hypothesis,
    row,
    scored,
    suite_record,
    verdict,
    write_run,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

FIRST, SECOND = "20261123-120000.000-a1b2", "20261123-130000.000-c3d4"
pytestmark = pytest.mark.real  # each a database of its own

TABLES = ("gates", "verdicts", "hypotheses")


def ask(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    with database.reading(store) as connection:
        return database.rows(connection, statement)[1]


def dump(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that is made from the records."""
    return {table: ask(store, f"FROM {table} ORDER BY ALL") for table in TABLES}


def file_of(store: Path, gate_id: str = FIRST) -> Path:
    """Where a record is."""
    return store / "gates" / f"{gate_id}.json"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of a run and of two invocations of the gate, filled."""
    write_run(tmp_path, header(), [row()], [scored()])
    green = verdict(verdict="pass", headline="Nothing changed.", hypotheses=(hypothesis(),))
    gates.write(tmp_path, gate_record(FIRST, suite_record(verdict())))
    second = gate_record(
        SECOND,
        suite_record(green, look=2, level=0.025),
        suite_record(dataclasses.replace(green, suite="disputes"), suite="disputes"),
        started_at="2026-11-23T13:00:00.000000Z",
        exit_code=0,
    )
    gates.write(tmp_path, second)
    assert sync(tmp_path).gates == (FIRST, SECOND)
    return tmp_path


def test_a_verdict_is_a_row(store: Path) -> None:
    """With what it rests on: the change on fresh runs, where there were any."""
    with database.reading(store) as connection:
        columns, [found, *_] = database.rows(connection, "FROM verdicts ORDER BY gate_id")
    seen = dict(zip(columns, found, strict=True))
    assert str(seen.pop("started_at")) == "2026-11-23 12:00:00"
    assert seen == {
        "gate_id": FIRST, "suite": "refunds", "runner": "echo", "verdict": "regressed",
        "headline": "Failures rose from 10 % to 50 %.", "codes": "[]", "baseline_digest": HASH,
        "candidate": HASH, "candidate_run_id": "r2", "prompt": "refunds@v2",
        "git_commit": "ab" * 20, "look": 1, "level": 0.05, "mode": "stored", "usable": 4,
        "rise": 0.3, "rise_low": 0.1, "rise_high": 0.5, "p_more": 0.01, "p_adjusted": 0.006,
        "detects": 0.15, "exit_code": 100,
    }  # fmt: skip


def test_what_was_tested_is_in_the_table(store: Path) -> None:
    """One row each; without fresh runs the change of the screen is the one that was judged."""
    where = f"WHERE gate_id = '{FIRST}' ORDER BY name"
    with database.reading(store) as connection:
        columns, rows = database.rows(connection, f"FROM hypotheses {where}")
    by_slice, whole = (dict(zip(columns, found, strict=True)) for found in rows)
    assert whole == {
        "gate_id": FIRST, "suite": "refunds", "runner": "echo", "name": "suite", "samples": 4,
        "before": 0.1, "after": 0.5, "rise": 0.3, "low": 0.1, "high": 0.5, "p_more": 0.01,
        "p_fewer": 0.99, "p_cases": 0.02, "p_fresh": 0.003, "p_adjusted": 0.006, "flagged": True,
        "verdict": "regressed",
    }  # fmt: skip
    changed = {"name": "kind=lost", "rise": 0.4, "low": 0.2, "high": 0.6, "flagged": False}
    assert by_slice == {**whole, **changed}


def test_filling_twice_changes_nothing(store: Path) -> None:
    """The second time there is nothing to do."""
    before = dump(store)
    assert len(before["verdicts"]) == 3
    again = sync(store)
    assert (again.gates, again.problems) == ((), ())
    assert dump(store) == before


def test_a_database_that_was_deleted_is_built_again(store: Path) -> None:
    """Row by row the same: the records hold everything."""
    before = dump(store)
    (store / DATABASE_FILE).unlink()
    sync(store)
    assert dump(store) == before


def test_a_store_of_records_alone_is_filled(store: Path) -> None:
    """Somebody cleaned up the runs, and then the database."""
    before = dump(store)
    (store / DATABASE_FILE).unlink()
    [journal] = store.glob("runs/*/journal.jsonl")
    journal.unlink()
    assert sync(store).gates == (FIRST, SECOND)
    assert dump(store) == before


def test_a_record_that_went_on_is_filled_again(store: Path) -> None:
    """In place of what was there."""
    states = "SELECT state FROM gates ORDER BY gate_id DESC LIMIT 1"
    said = "SELECT gate_id, verdict, exit_code FROM verdicts ORDER BY gate_id DESC LIMIT 1"
    third = "20261123-140000.000-e5f6"
    running = gate_record(third, suite_record(), state="running", exit_code=None)
    gates.write(store, running)
    assert sync(store).gates == (third,)
    assert ask(store, states) == [("running",)]
    assert ask(store, said) == [(SECOND, "pass", 0)]
    decided = dataclasses.replace(running, suites=(suite_record(verdict()),))
    gates.write(store, decided)
    sync(store)
    assert ask(store, said) == [(third, "regressed", None)]
    gates.write(store, dataclasses.replace(decided, state="done", exit_code=100))
    sync(store)
    assert ask(store, said) == [(third, "regressed", 100)]
    assert ask(store, states) == [("done",)]
    assert ask(store, "SELECT count(*) FROM verdicts") == [(4,)]


def test_a_verdict_whose_record_is_gone_is_forgotten(store: Path) -> None:
    """The database says what the records say, not more."""
    file_of(store).unlink()
    sync(store)
    assert {found[0] for rows in dump(store).values() for found in rows} == {SECOND}
    file_of(store, SECOND).unlink()
    sync(store)
    assert dump(store) == {table: [] for table in TABLES}


def test_a_record_that_cannot_be_read_is_named(store: Path) -> None:
    """What was filled from it before stays, and the others are filled."""
    before = dump(store)
    file_of(store).write_bytes(b"{")
    third = gate_record("20261123-140000.000-e5f6", suite_record(verdict()))
    gates.write(store, third)
    synced = sync(store)
    assert synced.gates == (third.gate_id,)
    [problem] = synced.problems
    assert problem.startswith(f"{file_of(store)}: is not a record of the gate (")
    after = dump(store)
    assert [found for found in after["verdicts"] if found[0] != third.gate_id] == before["verdicts"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"started_at": "2026', '"started_at": "yesterday'),
        ('"look": 1', '"look": ' + "9" * 40),
        ('"headline": "Failures', '"headline": "\\ud800'),
        ('"headline": "Failures rose from 10 % to 50 %."', '"headline": null'),
        ('"usable": 4', '"usable": "many"'),
        ('"candidate": {', '"candidate": "me", "other": {'),
        ('"hypotheses": [', '"hypotheses": [7, '),
        ('"hypotheses": [', '"hypotheses": 7, "other": ['),
        ('"rate": 0.1', '"no": 0.1'),
        ('"flagged": true', '"flagged": null'),
    ],
)
def test_a_value_that_fits_no_column_is_named(store: Path, old: str, new: str) -> None:
    """A record of the right fields and the wrong values; nothing of it is filled, all else is."""
    before = dump(store)
    (store / DATABASE_FILE).unlink()
    text = json.dumps(json.loads(file_of(store).read_bytes()))
    assert old in text
    file_of(store).write_text(text.replace(old, new, 1), "utf-8")
    synced = sync(store)
    assert (synced.gates, len(synced.filled)) == ((SECOND,), 1)
    [problem] = synced.problems
    assert problem.startswith(f"{file_of(store)}: holds a value that cannot be stored: ")
    left = {table: [each for each in rows if each[0] != FIRST] for table, rows in before.items()}
    assert dump(store)["verdicts"] == left["verdicts"]


def test_an_invalid_suite_is_a_row_of_what_is_known(tmp_path: Path) -> None:
    """Nothing was compared: empty texts, no figures, and the reason."""
    said = verdict(
        verdict="invalid", headline="There is no baseline.", codes=("no_baseline",), baseline=None,
        candidate=None, hypotheses=(), confirmation=None, usable=0, detects=None,
    )  # fmt: skip
    gates.write(tmp_path, gate_record(FIRST, suite_record(said, run_id=""), exit_code=102))
    assert sync(tmp_path).problems == ()
    question = "SELECT codes->>0, candidate_run_id, prompt, git_commit, mode, usable, rise, p_more"
    assert ask(tmp_path, f"{question}, detects, exit_code FROM verdicts") == [
        ("no_baseline", "", "", "", "", 0, None, None, None, 102)
    ]
    assert ask(tmp_path, "FROM hypotheses") == []


def test_what_is_no_number_is_unknown(tmp_path: Path) -> None:
    """A bound at infinity and a p that is none are NULL, not a broken record."""
    tested = hypothesis(p_more=float("nan"), change=dataclasses.replace(
        hypothesis().change, high=float("inf")), fresh=None)  # fmt: skip
    gates.write(tmp_path, gate_record(FIRST, suite_record(verdict(hypotheses=(tested,)))))
    assert sync(tmp_path).problems == ()
    assert ask(tmp_path, "SELECT rise, low, high, p_more FROM hypotheses") == [
        (0.4, 0.2, None, None)
    ]


def test_a_card_number_in_a_headline_does_not_reach_the_database(tmp_path: Path) -> None:
    """Nor one in a slice's value or a code; not even in the bytes of the file."""
    said = verdict(
        headline=f"Sample {PAN} broke", codes=(PAN,), hypotheses=(hypothesis(f"card={PAN}"),)
    )
    gates.write(tmp_path, gate_record(FIRST, suite_record(said, suite=PAN)))
    assert sync(tmp_path).problems == ()
    assert ask(tmp_path, "SELECT headline FROM verdicts") == [("Sample 411111******1111 broke",)]
    assert PAN not in repr(dump(tmp_path))
    assert PAN.encode() not in (tmp_path / DATABASE_FILE).read_bytes()


def test_verdicts_can_be_asked_for(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """`paygrade sql` fills the tables, answers, and says what it could not read."""
    store = workspace.root / ".paygrade"
    gates.write(store, gate_record(FIRST, suite_record(verdict())))
    file_of(store, SECOND).write_bytes(b"{")
    question = "SELECT name FROM verdicts JOIN hypotheses USING (gate_id, suite, runner)"
    answered = paygrade("sql", "--json", f"{question} ORDER BY name", "-w", workspace.root)
    assert [each["name"] for each in answered.json] == ["kind=lost", "suite"]
    assert f"{file_of(store, SECOND)}: is not a record of the gate" in answered.err.replace(
        "\n", ""
    )
    refused = paygrade("sql", "DELETE FROM verdicts", "-w", workspace.root)
    assert refused.code == 2
    assert "runs write it" in refused.err

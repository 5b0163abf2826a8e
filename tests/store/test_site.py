"""What pages ask of the store: questions that anybody can ask again, and attempts as columns."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
import pytest

from paygrade.errors import StoreError
from paygrade.pipeline import show
from paygrade.store import database, fill, site
from store.making import check, errored, header, row, scored, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.site import Asked, Columns

TYPES = {1: "<B", 2: "<H", 4: "<I"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two runners on six samples in three cases, twice each, not in order."""
    for runner in ("echo", "again"):
        made = header(
            f"20261123-120000-refunds-{runner}-000001", runner=runner, epochs=2, samples=6,
            attempts=12,
        )  # fmt: skip
        samples = [
            row(f"s{name}", case=f"c{name % 3}", slices={"kind": ("lost", "late")[: name % 3]})
            for name in (4, 0, 5, 2, 1, 3)
        ]
        outcomes = [
            errored(each.sample_id, epoch)
            if each.sample_id == "s5"
            else scored(each.sample_id, epoch, failed=each.case == "c1" and epoch == 1)
            for epoch in (2, 1)
            for each in samples
        ]
        write_run(tmp_path, made, samples, outcomes)
    assert fill.sync(tmp_path).problems == ()
    return tmp_path


def _values(found: Columns, name: str) -> list[int]:
    packed = found.columns[name]
    return [code for (code,) in struct.iter_unpack(TYPES[found.widths[name]], packed)]


def test_every_question_is_answered_by_the_command(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """`paygrade sql` takes each as it stands, and gives the same rows."""
    assert paygrade("run", "-q", "--epochs", "2", "-w", workspace.root).code == 0
    with database.reading(workspace.root / ".paygrade", frugal=True) as connection:
        asked: list[Asked] = [
            *site.overview(connection, ("refunds",)).values(),
            *site.suite_tables(connection, "refunds", samples=True).values(),
            *site.gate(connection, ("refunds",)).values(),
            *site.agents(connection, ("refunds",)).values(),
        ]
    assert len(asked) > 15
    for each in asked:
        table = show.sql(workspace.root, each.sql)
        assert (tuple(table.columns), tuple(table.rows)) == (each.columns, each.rows)


def test_a_name_with_a_quote_is_only_a_name(store: Path) -> None:
    """It finds nothing, and ends no statement."""
    name = "x'; DROP TABLE runs; --"
    with database.reading(store) as connection:
        found = site.overview(connection, (name,))
        assert found["runs"].rows == ()
        assert site.suite_tables(connection, name, samples=True)["runs"].rows == ()


def test_columns_hold_every_attempt_in_order(store: Path) -> None:
    """By runner, case, sample and epoch."""
    with database.reading(store) as connection:
        found = site.columns(connection, "refunds")
        assert site.attempts_of(connection, "refunds") == found.rows == 24
    assert found.dictionaries["runner"] == ("again", "echo")
    order = list(zip(_values(found, "runner"), _values(found, "case"), strict=True))
    assert all(before <= after for before, after in pairwise(order))
    # c0: s0, s3; c1: s1, s4; c2: s2, s5; the first epoch of c1 failed, s5 gave no answer
    assert _values(found, "outcome") == [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 2, 2] * 2
    slices = found.dictionaries["slice:kind"]
    told = [slices[code] for code in _values(found, "slice:kind")]
    assert told == [*[""] * 4, *["lost"] * 4, *["late\x1flost"] * 4] * 2
    assert found.dictionaries["check"] == ("equals",)
    assert _values(found, "judged:0") == [1] * 10 + [0] * 2 + [1] * 10 + [0] * 2


def test_more_than_eight_checks_have_more_columns(tmp_path: Path) -> None:
    """The ninth is the lowest bit of the second."""
    names = [f"check-{number:02}" for number in range(9)]
    checks = tuple(check(name, result="fail" if name == "check-08" else "pass") for name in names)
    made = header(samples=1, attempts=1)
    outcome = scored()
    write_run(tmp_path, made, [row()], [type(outcome)(
        sample_id="s1", epoch=1, failed=True, checks=checks)])  # fmt: skip
    fill.sync(tmp_path)
    with database.reading(tmp_path) as connection:
        found = site.columns(connection, "refunds")
    assert found.dictionaries["check"] == tuple(names)
    columns = ("failed:0", "judged:0", "failed:1", "judged:1")
    assert [_values(found, name) for name in columns] == [[0], [255], [1], [1]]


def test_a_file_of_columns_says_the_same(store: Path, tmp_path: Path) -> None:
    """Code by code, in the same order, with the same dictionaries."""
    file = tmp_path / "columns.parquet"
    dictionaries = site.write_columns(store, "refunds", file)
    with database.reading(store) as connection:
        found = site.columns(connection, "refunds")
    assert dictionaries == found.dictionaries
    rows = duckdb.execute("FROM read_parquet($file)", {"file": str(file)}).fetchall()
    written = dict(zip(found.widths, zip(*rows, strict=True), strict=True))
    assert {name: list(codes) for name, codes in written.items()} == {
        name: _values(found, name) for name in found.widths
    }


def test_words_are_told_of_what_failed_or_errored(store: Path) -> None:
    """By sample and epoch, with slices and checks, and no more than asked for."""
    with database.reading(store, frugal=True) as connection:
        found = list(site.told(connection, "refunds", "echo", most=9))
        assert len(list(site.told(connection, "refunds", "echo", most=3))) == 3
    assert [(each.sample_id, each.epoch, each.kind) for each in found] == [
        ("s1", 1, "scored"), ("s4", 1, "scored"), ("s5", 1, "errored"), ("s5", 2, "errored"),
    ]  # fmt: skip
    assert found[0].slices == {"kind": ("lost",)}
    assert [(each.check, each.result) for each in found[0].checks] == [("equals", "fail")]
    assert (found[0].answer, found[2].answer) == ('{"action": "refund"}', None)


def test_a_run_says_of_how_many_its_cost_and_its_time_are(store: Path) -> None:
    """Of twelve attempts that were asked for two got no answer, and so no time."""
    with database.reading(store) as connection:
        sql = "SELECT DISTINCT asked, priced, timed FROM run_figures"
        assert site.ask(connection, sql).rows == ((12, 10, 10),)


def test_a_frugal_connection_is_as_shut_as_any(store: Path) -> None:
    """No file is read or written through it, and its settings stay."""
    with database.reading(store, frugal=True) as connection:
        assert database.rows(connection, "SELECT current_setting('threads')")[1] == [(2,)]
        for statement in ("FROM read_text('/etc/hostname')", "SET threads = 4"):
            with pytest.raises(StoreError):
                database.rows(connection, statement)

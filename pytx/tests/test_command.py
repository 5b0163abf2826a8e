"""`python -m pytx`: what whoever is on call types."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

import pytx
from pytx.__main__ import main


class Postgres(Protocol):
    """The server of the tests: see `conftest.py`."""

    conninfo: str


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store as it is named on the command line."""
    if request.param == "sqlite":
        return str(tmp_path / "pytx.db")
    conninfo: str = request.getfixturevalue("postgres").conninfo
    with psycopg.connect(conninfo) as connection:
        connection.execute("drop table if exists pytx_op, pytx_cap")
    return conninfo


def lose(where: str) -> pytx.Guard:
    """Leave one intent of unknown outcome behind."""
    store = pytx.PgStore(where) if "=" in where else pytx.SqliteStore(where)
    guard = pytx.Guard(store, scope="acme/live")
    money = pytx.Money(amount_minor=1000, currency="EUR")
    lost = guard.once("refund.create", key=("p1", "c7"), money=money, recover=pytx.manual())
    with pytest.raises(TimeoutError), lost:
        raise TimeoutError
    return guard


def test_an_unknown_intent_is_listed_and_settled(
    where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the empty database to the reason that is kept."""
    assert main(["schema", where]) == 0
    assert main(["open", where, "--scope", "acme/live"]) == 0
    assert "every intent's outcome is known" in capsys.readouterr().out
    guard = lose(where)
    main(["open", where, "--scope", "acme/live", "--json"])
    [told] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["key"], told["amount_minor"], told["error"]) == (
        ["p1", "c7"],
        1000,
        "TimeoutError",
    )
    main(["open", where, "--scope", "acme/live"])
    assert f"{told['provider_key']}  refund.create" in capsys.readouterr().out
    key = told["provider_key"]
    command = ["resolve", where, key, "succeeded", "--scope", "acme/live", "--why", "statement"]
    assert main([*command, "--result", '{"id": 7}']) == 0
    assert capsys.readouterr().out == f"{key} is succeeded\n"
    assert main(command) == 2
    assert "pytx: the intent is succeeded" in capsys.readouterr().err
    assert main([*command, "--result", "{bad"]) == 2
    assert "pytx: --result is not JSON: " in capsys.readouterr().err
    assert guard.open() == []
    guard.store.close()


def test_a_pass_of_look_ups_takes_the_guard_of_ones_own_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows how to look up; what it could not is counted."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "payments_of_mine.py").write_text(
        "import pytx\n"
        "store = pytx.SqliteStore('pytx.db')\n"
        "store.create_schema()\n"
        "guard = pytx.Guard(store, scope='acme/live')\n"
        "found = pytx.by_lookup(lambda _: pytx.Found(), first_after=0, absent_is_final=True)\n"
        "for operation, recover in (('a', found), ('b', pytx.manual())):\n"
        "    try:\n"
        "        with guard.once(operation, key=('k',), recover=recover):\n"
        "            raise TimeoutError\n"
        "    except TimeoutError:\n"
        "        pass\n"
    )
    assert main(["recover", "payments_of_mine:guard"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(" is succeeded")
    assert said[1] == "1 settled, 1 left of unknown outcome"
    assert main(["recover", "payments_of_mine:found"]) == 2
    assert main(["recover", "no_such_module:guard"]) == 2
    assert main(["recover", "./payments_of_mine.py:guard"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "is no guard" in said[0]
    assert "No module named 'no_such_module'" in said[1]
    assert "such as app.payments:guard" in said[2]


def test_a_statement_settles_what_it_can_and_lists_the_rest(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 while something is left for a person."""
    assert main(["schema", where]) == 0
    guard = lose(where)
    [row] = guard.open()
    statement = tmp_path / "statement.csv"
    command = ["reconcile", where, str(statement), "--scope", "acme/live", "--operation"]
    command += ["refund.create", "--since", "2020-01-01T00:00:00Z", "--cutoff"]
    command += ["2020-01-01T00:00:00Z", "--apply"]
    statement.write_text("ref,minor,currency\n")
    assert main(command) == 2
    statement.write_text(
        "ref,minor,currency,provider_id\n"
        "a,ten,EUR,p1\nb,10,EURO,p2\nc,10,EUR\n,10,EUR,p4\ne,10,EUR,p5,more\n"
    )
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "statement.csv:1: no column provider_id" in said
    assert "statement.csv:2: invalid literal" in said
    assert "statement.csv:3: " in said
    assert said.count("fewer or more values than columns") == 3
    statement.write_text(
        f"ref,minor,currency,provider_id\n{row.provider_key},1000,EUR,p1\nx,5,EUR,p2\n"
    )
    capsys.readouterr()
    assert main(command) == 1
    said = capsys.readouterr().out
    assert "orphan: the statement has 5 EUR as p2 for x" in said
    assert f"{row.provider_key} is succeeded" in said
    assert "EUR: the statement comes to 1005 minor units" in said
    statement.write_text(f"ref,minor,currency,provider_id\n{row.provider_key},1000,EUR,p1\n")
    assert main(command) == 0
    assert guard.open() == []
    guard.store.close()


def test_an_async_guard_makes_a_pass_too(
    postgres: Postgres,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In an event loop of its own."""
    monkeypatch.chdir(tmp_path)
    with closing(pytx.PgStore(postgres.conninfo)) as store:
        store.create_schema()
        lost = pytx.Guard(store, scope="acme/async").once("a", key=("k",), recover=pytx.manual())
        with pytest.raises(TimeoutError), lost:
            raise TimeoutError
    (tmp_path / "async_payments.py").write_text(
        "import pytx\n"
        f"guard = pytx.AsyncGuard(pytx.AsyncPgStore({postgres.conninfo!r}), scope='acme/async')\n"
        "found = pytx.by_lookup(lambda _: pytx.Found(), first_after=0, absent_is_final=True)\n"
        "@guard.effect('a', key=('k',), recover=found)\n"
        "async def pay(k, *, op):\n"
        "    return None\n"
    )
    assert main(["recover", "async_payments:guard"]) == 0
    assert "1 settled, 0 left of unknown outcome" in capsys.readouterr().out


@pytest.mark.parametrize("since", ["soon", "2026-03-01"])
def test_a_time_is_told_with_its_zone(since: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And how it is written."""
    with pytest.raises(SystemExit):
        main(["reconcile", "p.db", "s.csv", "--scope", "s", "--operation", "o", "--since", since])
    assert "write 2026-03-01T00:00:00Z" in capsys.readouterr().err


def test_what_is_wrong_has_its_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line, nothing made up."""
    assert main(["open", str(tmp_path / "none" / "p.db"), "--scope", "s"]) == 2
    assert main(["open", str(tmp_path / "p.db"), "--scope", "s"]) == 2
    assert not (tmp_path / "p.db").exists()
    assert main(["open", "host=127.0.0.1 port=1 dbname=x", "--scope", "s"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "there is no folder" in said[0]
    assert "there is no file" in said[1]
    assert "python -m pytx schema" in said[1]
    assert "the store cannot be used" in said[2]


def test_it_is_a_command() -> None:
    """As it is typed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytx", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"pytx {pytx.__version__}\n"

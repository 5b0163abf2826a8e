"""`python -m pytx`: what whoever is on call types."""

import json
import subprocess
import sys
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


def test_what_is_wrong_has_its_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line, nothing made up."""
    assert main(["open", str(tmp_path / "none" / "p.db"), "--scope", "s"]) == 2
    assert main(["open", str(tmp_path / "p.db"), "--scope", "s"]) == 2
    assert main(["open", "host=127.0.0.1 port=1 dbname=x", "--scope", "s"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "there is no folder" in said[0]
    assert "make it with store.create_schema()" in said[1]
    assert "the store cannot be used" in said[2]


def test_it_is_a_command() -> None:
    """As it is typed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytx", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"pytx {pytx.__version__}\n"

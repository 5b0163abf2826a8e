"""Lets the tests import the installed `pytx`, although its project folder has the same name.

And starts a PostgreSQL of the tests' own, for those that ask for one.
"""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "kit"))

import pg_server

# In the import mode `importlib`, pytest names a test by its folders, `pytx.tests.test_money`, and
# enters the folder `pytx` as a package of that name. The real package has to take the name back.
if getattr(sys.modules.get("pytx"), "__file__", None) is None:
    sys.modules.pop("pytx", None)
    importlib.import_module("pytx")


def _need_postgres() -> None:
    """Skip with the reason where there is none; in CI there is no skip."""
    if pg_server.binary("initdb") is None:
        reason = "PostgreSQL is not installed: apt-get install postgresql"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[pg_server.Postgres]:
    """A running PostgreSQL."""
    _need_postgres()
    with pg_server.running() as server:
        yield server


@pytest.fixture
def another_postgres() -> Iterator[pg_server.Postgres]:
    """A cluster for one test, which makes and starts it."""
    _need_postgres()
    with pg_server.cluster() as server:
        yield server


@pytest.fixture
def conninfo(postgres: pg_server.Postgres) -> str:
    """What connects to a server whose tables are there and empty."""
    pytx = importlib.import_module("pytx")
    with contextlib.closing(pytx.PgStore(postgres.conninfo)) as store:
        store.create_schema()
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("truncate pytx_op, pytx_cap, pytx_outbox, pytx_inbox")
    return postgres.conninfo

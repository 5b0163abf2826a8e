"""Where scenarios take place, and the line that says what all of them found."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from chaos_place import Place
from chaos_run import TALLY, TIMES
from chaos_scene import Scene


class Postgres(Protocol):
    """The server of the tests: see `conftest.py` of the folder above."""

    conninfo: str


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place with a store of either kind."""
    if request.param == "sqlite":
        return Place(folder=tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return Place(folder=tmp_path, server=server.conninfo)


@pytest.fixture
def scene(place: Place) -> Iterator[Scene]:
    """A scenario with a store of either kind."""
    with closing(Scene(place)) as made:
        yield made


@pytest.fixture
def on_server(postgres: Postgres, tmp_path: Path) -> Iterator[Scene]:
    """A scenario with a store on a server."""
    with closing(Scene(Place(folder=tmp_path, server=postgres.conninfo))) as made:
        yield made


@pytest.fixture
def in_file(tmp_path: Path) -> Iterator[Scene]:
    """A scenario with a store in a file."""
    with closing(Scene(Place(folder=tmp_path))) as made:
        yield made


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What counts all scenarios comes after all of them."""
    items.sort(key=lambda item: item.name == "test_all_of_them_were_enough")


@pytest.fixture(autouse=True)
def _counted(request: pytest.FixtureRequest) -> None:
    """Count the points of the matrix that were tried."""
    TALLY.points.add(request.node.name.split("_")[1])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was found, on one line."""
    if TALLY.intents or TALLY.messages:
        terminalreporter.write_line(f"{TALLY.line()} ({TIMES} x the size of CI)")

"""Fixtures of all tests."""

from __future__ import annotations

import functools
import gc
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main
from hypothesis import HealthCheck, settings

from kit import REPOSITORY, Ended, Paygrade, WorkspaceFolder
from paygrade.cli.app import main
from paygrade.store import database

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

# A wall clock is no pass mark on a machine that others use too. In CI the examples are always the
# same, so that a red run is about the change; by hand they differ each time, and find more.
settings.register_profile(
    "house",
    max_examples=50,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

# What imports and collection left behind stays to the end: looking through it again and again for
# garbage takes a tenth of the time.
_YOUNG = 50_000


def pytest_collection_finish() -> None:
    """Leave alone what is there before the first test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _one_command() -> Iterator[None]:
    """Build the command tree once, not for every call in this process: a fifth of a test's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.main.get_command", functools.cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """An empty database with all migrations, made when it is first asked for."""

    @functools.cache
    def made() -> Path:
        folder = tmp_path_factory.mktemp("migrated")
        with database.writing(folder):
            return folder / database.DATABASE_FILE

    return made


@pytest.fixture(autouse=True)
def _migrated_once(migrated_database: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each new database as a copy: migrating takes longer than all else in a small one.

    Not in `tests/store`, which tries the migrations.
    """
    opened = database.writing

    def writing(folder: Path) -> contextlib.AbstractContextManager[DuckDBPyConnection]:
        file = folder / database.DATABASE_FILE
        if folder.is_dir() and not os.path.lexists(file):
            shutil.copyfile(migrated_database(), file)
        return opened(folder)

    monkeypatch.setattr("paygrade.store.fill.writing", writing)


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceFolder:
    """A small workspace: three samples, one runner that fails one of them."""
    return WorkspaceFolder(tmp_path / "ws")


@pytest.fixture
def paygrade(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Paygrade:
    """Run `paygrade ARGUMENTS…` in this process, as the console script does."""
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object, cwd: Path | None = None) -> Ended:
        monkeypatch.setattr("sys.argv", ["paygrade", *map(str, arguments)])
        if cwd is not None:
            monkeypatch.chdir(cwd)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 1, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of shared reference data beside the checkout; skips where it is absent."""
    folder = Path(os.environ.get("PAYGRADE_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the shared reference data (shared/data beside the checkout) is not here")
    return folder

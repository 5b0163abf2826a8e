"""Fixtures of all tests."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main
from hypothesis import HealthCheck, settings

from kit import REPOSITORY, Ended, Paygrade, WorkspaceFolder
from paygrade.cli.app import main

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@pytest.fixture(autouse=True, scope="session")
def _one_command() -> Iterator[None]:
    """Build the command tree once, not for every call in this process: a fifth of a test's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.main.get_command", functools.cache(typer.main.get_command))
        yield


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

"""`paygrade init`: a starter that runs as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade


def content(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    return {str(each): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_the_starter_passes_its_check_and_runs(tmp_path: Path, paygrade: Paygrade) -> None:
    """No mistake, exit 0, a rate: nothing has to be edited first."""
    folder = tmp_path / "evals here"
    assert paygrade("init", folder).code == 0
    assert paygrade("check", cwd=folder).code == 0
    ran = paygrade("run", cwd=folder)
    assert ran.code == 0
    assert "failure rate" in ran.out


def test_the_starter_joins_a_project_that_has_other_files(
    tmp_path: Path, paygrade: Paygrade
) -> None:
    """A README or a .git folder is no obstacle."""
    (tmp_path / "README.md").write_text("mine\n")
    assert paygrade("init", tmp_path).code == 0
    assert (tmp_path / "README.md").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("taken", "named"),
    [
        ("paygrade.yaml", "paygrade.yaml"),
        ("runners/first_rules.py", "runners/first_rules.py"),
        ("evals", "evals"),
        ("prompts/refund_decision", "prompts/refund_decision"),
    ],
)
def test_what_is_there_is_never_written_over(
    tmp_path: Path, paygrade: Paygrade, taken: str, named: str
) -> None:
    """One file of the starter, or a file in a folder's place: refused, and nothing is written."""
    file = tmp_path / taken
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine\n")
    before = content(tmp_path)
    ended = paygrade("init", tmp_path)
    assert ended.code == 2
    assert f"{tmp_path} has {named} already (choose an empty folder)\n" in ended.err
    assert content(tmp_path) == before


def test_a_second_start_is_refused(tmp_path: Path, paygrade: Paygrade) -> None:
    """The first one's files stay as they are."""
    paygrade("init", tmp_path)
    before = content(tmp_path)
    assert paygrade("init", tmp_path).code == 2
    assert content(tmp_path) == before


def test_a_link_to_nowhere_is_not_followed(tmp_path: Path, paygrade: Paygrade) -> None:
    """Nothing is written outside the folder."""
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "paygrade.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert paygrade("init", folder).code == 2
    assert not (tmp_path / "elsewhere.yaml").exists()


@pytest.mark.parametrize("name", ["file", "file/below", "x" * 300, "a\0b"])
def test_a_folder_that_cannot_be_made_is_a_sentence(
    tmp_path: Path, paygrade: Paygrade, name: str
) -> None:
    """Exit 2, no traceback."""
    (tmp_path / "file").write_text("mine\n")
    ended = paygrade("init", tmp_path / name)
    assert ended.code == 2
    assert "Traceback" not in ended.err

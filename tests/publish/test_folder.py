"""The folder that a site is written into: the old one or the new one, and nobody else's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.errors import UsageError
from paygrade.workspace import site_folder
from paygrade.workspace.site_folder import foreign_file, new_folder

if TYPE_CHECKING:
    from pathlib import Path


def _write(folder: Path, *names: str, text: str = "one", ignoring: bool = True) -> None:
    with new_folder(folder, ignoring=ignoring) as draft:
        for name in names:
            draft.write(name, text)


def _names(folder: Path) -> set[str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix() for each in files}


@pytest.fixture(params=["exchange", "two names"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a site is written, on a system that can swap two folders and on one that cannot."""
    if request.param == "two names":
        monkeypatch.setattr(site_folder, "_exchanged", lambda *_: False)
    return tmp_path / "reports" / "published"


def test_a_page_that_is_no_longer_made_is_gone(folder: Path) -> None:
    """Also one in a folder below; nothing is left beside it."""
    _write(folder, "index.html", "suite-old.html", "data/suite-old.csv")
    _write(folder, "index.html", text="two")
    assert _names(folder) == {"index.html", ".gitignore", ".made-by-paygrade"}
    assert (folder / "index.html").read_text() == "two"
    assert [each.name for each in folder.parent.iterdir()] == ["published"]


def test_somebody_elses_file_is_refused_and_named(folder: Path) -> None:
    """And left as it was, with all that stood beside it."""
    _write(folder, "index.html")
    (folder / "data").mkdir()
    (folder / "data" / "mine.csv").write_text("a")
    with pytest.raises(UsageError, match=r"data/mine\.csv was not made by publishing") as refused:
        _write(folder, "index.html", text="two")
    assert "--out DIR" in refused.value.hint
    assert (folder / "index.html").read_text() == "one"
    assert [each.name for each in folder.parent.iterdir()] == ["published"]


def test_a_page_of_a_user_is_not_taken_for_one_of_ours(tmp_path: Path) -> None:
    """Whatever it is called."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.html").write_text("mine")
    assert foreign_file(tmp_path / "docs") == "index.html"


def test_what_a_clone_holds_is_known(folder: Path) -> None:
    """The list of what was made is not in git; README, badges and figures are."""
    folder.mkdir(parents=True)
    (folder / "published.json").write_text('{\n "published": 1}')
    for name in ("README.md", "badge.svg", "badge.json", ".gitignore"):
        (folder / name).write_text("x")
    assert foreign_file(folder) == ""
    (folder / "index.html").write_text("x")
    assert foreign_file(folder) == "index.html"


def test_a_gitignore_stays_as_a_person_wrote_it(folder: Path) -> None:
    """Without one there is one that keeps pages out of git, unless the site goes elsewhere."""
    _write(folder, "README.md", "index.html")
    assert "!README.md\n" in (folder / ".gitignore").read_text()
    (folder / ".gitignore").write_text("# mine\n")
    _write(folder, "index.html")
    assert (folder / ".gitignore").read_text() == "# mine\n"
    elsewhere = folder.parent / "public"
    _write(elsewhere, "index.html", ignoring=False)
    assert ".gitignore" not in _names(elsewhere)


class _Killed(BaseException):
    """The process ends here."""


def test_what_stops_half_way_leaves_the_old_folder(folder: Path) -> None:
    """Nobody sees a page of one site beside a page of another."""
    _write(folder, "index.html", "about.html")
    with pytest.raises(_Killed), new_folder(folder, ignoring=True) as draft:  # noqa: PT012 - as a caller does it
        draft.write("index.html", "two")
        raise _Killed
    assert (folder / "index.html").read_text() == "one"
    assert (folder / "about.html").exists()


def test_a_kill_between_two_names_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two folders cannot be swapped in one step, the next time finds the old one again."""
    folder = tmp_path / "published"
    _write(folder, "index.html")
    monkeypatch.setattr(site_folder, "_exchanged", lambda *_: False)
    folder.rename(tmp_path / ".published.old")
    with new_folder(folder, ignoring=True) as draft:
        assert (folder / "index.html").read_text() == "one"
        draft.write("index.html", "two")
    assert (folder / "index.html").read_text() == "two"
    assert [each.name for each in tmp_path.iterdir()] == ["published"]


def test_what_a_kill_left_is_cleared_away(folder: Path) -> None:
    """The next time."""
    left = folder.with_name(".published.new")
    left.mkdir(parents=True)
    (left / "index.html").write_text("half")
    _write(folder, "about.html")
    assert "index.html" not in _names(folder)
    assert not left.exists()


def test_a_file_in_its_place_is_a_mistake(tmp_path: Path) -> None:
    """And stays."""
    (tmp_path / "published").write_text("x")
    with pytest.raises(UsageError, match="is a file, not a folder"):
        _write(tmp_path / "published", "index.html")
    assert (tmp_path / "published").read_text() == "x"


def test_a_disk_that_refuses_is_a_sentence(folder: Path) -> None:
    """With the folder that was to be written, and what was there before."""
    _write(folder, "index.html")
    with (
        pytest.raises(UsageError, match="published: cannot be written: "),
        new_folder(folder, ignoring=True) as draft,
    ):
        draft.write("x" * 300, "two")
    assert (folder / "index.html").read_text() == "one"


def test_two_at_once_do_not_mix(folder: Path) -> None:
    """The second one is refused, and the first one's folder is whole."""
    with new_folder(folder, ignoring=True) as first:
        first.write("index.html", "first")
        refused = pytest.raises(UsageError, match="is being published by another process")
        with refused, new_folder(folder, ignoring=True):
            pass
    assert (folder / "index.html").read_text() == "first"


def test_a_link_stays_one(folder: Path) -> None:
    """What it points to is what is written, again and again."""
    folder.parent.mkdir(parents=True)
    target = folder.parent.parent / "elsewhere"
    folder.symlink_to(target)
    for text in ("one", "two"):
        _write(folder, "index.html", text=text)
        assert folder.is_symlink()
        assert (target / "index.html").read_text() == text

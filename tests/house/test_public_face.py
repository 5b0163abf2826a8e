"""The public names, and the versions that must agree."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

import paygrade

if TYPE_CHECKING:
    from pathlib import Path


def test_every_public_name_loads() -> None:
    """Each name of `__all__` is there when it is asked for, and documented."""
    assert paygrade.__all__ == sorted(paygrade.__all__)
    for name in paygrade.__all__:
        assert getattr(paygrade, name).__doc__
    assert dir(paygrade) == paygrade.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A typo is told as Python tells it."""
    with pytest.raises(AttributeError, match="no attribute 'run_suit'"):
        _ = paygrade.run_suit


@pytest.mark.parametrize(("folder", "name"), [(".", "paygrade"), ("pytx", "paygrade-pytx")])
def test_the_changelog_names_the_version(repository: Path, folder: str, name: str) -> None:
    """The version of the project, its metadata and its changelog's newest entry agree."""
    project = tomllib.loads((repository / folder / "pyproject.toml").read_text("utf-8"))
    version = project["project"]["version"]
    assert metadata.version(name) == version
    changelog = (repository / folder / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[?([0-9.]+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == version


def test_content_folders_are_not_packages(repository: Path) -> None:
    """Prompts, datasets, runners and evals hold content: no `__init__.py`."""
    for folder in ("prompts", "datasets", "runners", "evals"):
        assert not list((repository / folder).rglob("__init__.py"))


def test_every_dependency_has_its_reason(repository: Path) -> None:
    """Each runtime dependency is argued for in docs/decisions."""
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    names = [re.split(r"[<>=\[ ]", each)[0] for each in project["project"]["dependencies"]]
    decisions = "\n".join(
        page.read_text("utf-8") for page in (repository / "docs" / "decisions").glob("*.md")
    )
    assert [name for name in names if f"`{name}`" not in decisions] == []

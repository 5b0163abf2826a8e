"""Every page: its links lead somewhere, its data parses, its claims about the project hold."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from docs.pages import DOCS, anchors, blocks_of, pages, prose

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {page.as_posix().rpartition("/docs/")[2]: page for page in pages()}
GITHUB = DOCS.parent / ".github"
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_inside_the_project_resolves(name: str) -> None:
    """The file is there, and the heading in it."""
    page = PAGES[name]
    for link in _LINK.findall(prose(page.read_text("utf-8"))):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_data_parses(name: str) -> None:
    """YAML, JSON, TOML and Python in fences are what their fences say."""
    for block in blocks_of(PAGES[name].read_text("utf-8"), name):
        if block.language == "yaml":
            assert yaml.safe_load(block.text) is not None, block.place
        elif block.language == "json":
            assert [json.loads(line) for line in block.text.splitlines()], block.place
        elif block.language == "toml":
            assert tomllib.loads(block.text), block.place
        elif block.language == "python":
            compile(block.text, block.place, "exec")


@pytest.mark.parametrize("name", PAGES)
def test_every_fence_says_what_it_holds_or_is_a_drawing(name: str) -> None:
    """A language that no test knows is a typo."""
    known = {"", "console", "csv", "diff", "json", "python", "sh", "sql", "toml", "yaml"}
    languages = {block.language for block in blocks_of(PAGES[name].read_text("utf-8"), name)}
    assert languages <= known


def test_every_page_is_on_the_map() -> None:
    """From the index each page is two links away at most."""
    reached = {DOCS / "index.md"}
    for _ in range(2):
        for page in list(reached):
            links = _LINK.findall(page.read_text("utf-8"))
            near = {(page.parent / link.partition("#")[0]).resolve() for link in links}
            reached |= {each for each in near if each.is_relative_to(DOCS) and each.is_file()}
    assert set(DOCS.rglob("*.md")) == reached


@pytest.mark.parametrize(
    "page", sorted((DOCS / "decisions").glob("[!i]*.md")), ids=lambda p: p.stem
)
def test_a_decision_says_what_why_and_what_else(page: Path) -> None:
    """In this order, and in less than a page."""
    text = page.read_text("utf-8")
    places = [text.find(f"**{word}.**") for word in ("What", "Why", "What else was weighed")]
    assert -1 not in places
    assert places == sorted(places)
    assert len(text.split()) < 300


def _yaml(path: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    return yaml.safe_load((GITHUB / path).read_text("utf-8"))


def test_ci_checks_every_python_that_the_project_names() -> None:
    """The matrix and the classifiers agree."""
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]
    named = [each.rpartition(":: ")[2] for each in project["classifiers"] if ":: 3." in each]
    assert _yaml("workflows/ci.yml")["jobs"]["check"]["strategy"]["matrix"]["python"] == named


def test_ci_may_read_and_nothing_else() -> None:
    """No job may do more, no checkout keeps its token, no step puts an expression into a shell."""
    workflow = _yaml("workflows/ci.yml")
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    matrix = "${{ matrix.python }}"
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"] == {"persist-credentials": False}
            if step.get("uses", "").startswith("actions/setup-python@"):
                assert step["with"]["python-version"] in (matrix, "3.12")


def test_ci_runs_targets_that_the_makefile_has() -> None:
    """`make real` is not a word that only the workflow knows."""
    makefile = (DOCS.parent / "Makefile").read_text("utf-8")
    runs = [
        step["run"]
        for job in _yaml("workflows/ci.yml")["jobs"].values()
        for step in job["steps"]
        if step.get("run", "").startswith("make ")
    ]
    assert len(runs) == 4
    for run in runs:
        for target in run.removeprefix("make ").removesuffix(" PYTHON=python").split():
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("name", ["bug.yml", "feature.yml"])
def test_an_issue_form_is_one(name: str) -> None:
    """It has the parts that GitHub asks for, and ids that are unique."""
    form = _yaml(f"ISSUE_TEMPLATE/{name}")
    assert {"name", "description", "body"} <= set(form)
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for part in form["body"]:
        assert part["type"] in {"markdown", "textarea", "input"}
        assert part["attributes"].get("label") or part["type"] == "markdown"


def test_vulnerabilities_are_kept_out_of_issues() -> None:
    """The form for bugs sends them to SECURITY.md, which names private advisories."""
    bug = (GITHUB / "ISSUE_TEMPLATE" / "bug.yml").read_text("utf-8")
    assert "SECURITY.md" in bug
    assert "security advisory" in (DOCS.parent / "SECURITY.md").read_text("utf-8")

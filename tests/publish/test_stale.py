"""`paygrade publish --check`: what is no longer so is named; all else may differ."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kit import Ended, Paygrade, WorkspaceFolder

LABEL = "refunds · always_refund"


@pytest.fixture
def published(workspace: WorkspaceFolder, paygrade: Paygrade) -> WorkspaceFolder:
    """A workspace that was run and published."""
    assert paygrade("run", "-q", cwd=workspace.root).code == 0
    assert paygrade("publish", "--now", "2020-01-01T00:00:00Z").code == 0
    return workspace


def _stale(paygrade: Paygrade) -> list[str]:
    """Each difference, of a check that must end with 2."""
    ended: Ended = paygrade("publish", "--check")
    assert ended.code == 2
    assert "what was published is stale" in ended.err
    assert "paygrade publish" in ended.err
    return ended.out.splitlines()


def test_what_was_just_published_is_current(published: WorkspaceFolder, paygrade: Paygrade) -> None:
    """And nothing is written by looking."""
    before = sorted(each.stat().st_mtime_ns for each in published.root.rglob("reports/**/*"))
    ended = paygrade("publish", "--check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "what was published is still so: 1 run\n"
    assert before == sorted(
        each.stat().st_mtime_ns for each in published.root.rglob("reports/**/*")
    )
    assert paygrade("publish", "--check", "--json").json == {"stale": [], "checked": 1}


@pytest.mark.usefixtures("published")
def test_another_run_of_the_same_is_no_difference(paygrade: Paygrade) -> None:
    """Its date, its latencies and its id are others."""
    assert paygrade("run", "-q", "--no-cache").code == 0
    assert paygrade("publish", "--check").code == 0


def test_a_changed_count_is_named(published: WorkspaceFolder, paygrade: Paygrade) -> None:
    """In the figures; the table beside them then says something else too."""
    published.replace("reports/published/published.json", '"failed": 1', '"failed": 0')
    lines = _stale(paygrade)
    assert f"{LABEL}: failed was 0, is 1" in lines
    assert "reports/published/README.md: does not say what published.json says" in lines


def test_an_edited_table_is_named(published: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Nobody makes a rate look better by hand."""
    published.replace("reports/published/README.md", "1 of 3", "0 of 3")
    assert _stale(paygrade) == [
        "reports/published/README.md: does not say what published.json says"
    ]


def test_an_edited_prompt_is_named_before_and_after_it_was_run(
    published: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The rate on the page is of the prompt that was."""
    published.replace("prompts/refunds/v1.yaml", "Answer with JSON.", "Answer in JSON.")
    assert _stale(paygrade) == [f"{LABEL}: its prompt has changed since it was published"]
    paygrade("run", "-q")
    (line,) = _stale(paygrade)
    assert line.startswith(f"{LABEL}: the hash of its prompt was ")
    paygrade("publish")
    assert paygrade("publish", "--check").code == 0


def test_a_row_without_a_run_is_to_be_run_first(
    published: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """As in a fresh clone."""
    (published.root / ".paygrade").rename(published.root / "elsewhere")
    wanted = f"{LABEL}: no complete whole run of it is in the store: run it first"
    assert _stale(paygrade) == [wanted]


def test_a_suite_that_was_run_and_not_published_is_named(
    published: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The table is not whole."""
    published.write("runners/other.yaml", "runner: other\nprovider: echo\n")
    paygrade("run", "-q", "-r", "other")
    assert _stale(paygrade) == ["refunds · other: was run and is not published"]


@pytest.mark.parametrize("name", ["README.md", "badge.svg", "badge.json", "published.json"])
def test_a_missing_file_is_named(published: WorkspaceFolder, paygrade: Paygrade, name: str) -> None:
    """Each of those that are kept in git."""
    (published.root / "reports" / "published" / name).unlink()
    (line,) = _stale(paygrade)
    assert line.startswith(f"reports/published/{name}: cannot be read: No such file")


@pytest.mark.parametrize("text", ["", "{}", "<<<<<<< ours\n"])
def test_figures_that_cannot_be_read_are_stale(
    published: WorkspaceFolder, paygrade: Paygrade, text: str
) -> None:
    """Such as after a merge that was not finished."""
    published.write("reports/published/published.json", text)
    (line,) = _stale(paygrade)
    assert line.startswith("reports/published/published.json: cannot be read: ")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"low": 0.0', '"low": 0.2', "low was 0.2"),
        ('"high": 0.7', '"high": 0.5', "high was 0.5"),
    ],
)
def test_an_interval_that_is_none_of_the_counts_is_named(
    published: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, sentence: str
) -> None:
    """Nobody makes it narrower by hand, and no other formula goes unnoticed."""
    published.replace("reports/published/published.json", old, new)
    assert any(f"{LABEL}: {sentence}" in line for line in _stale(paygrade))


def test_figures_of_nothing_are_never_current(
    published: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """An empty list and an empty store agree, and say nothing."""
    file = published.root / "reports" / "published" / "published.json"
    figures = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**figures, "runs": []}, indent=1), "utf-8")
    shutil.rmtree(published.root / ".paygrade")
    lines = _stale(paygrade)
    assert "no figure is published" in lines
    assert "refunds: is not published, and was not run" in lines


def test_what_cannot_be_known_is_not_current(
    published: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A suite that no longer binds may be another one by now."""
    published.replace("evals/refunds/suite.yaml", "refunds@v1\ndataset", "refunds@v9\ndataset")
    assert any(line.startswith("not known: refunds") for line in _stale(paygrade))

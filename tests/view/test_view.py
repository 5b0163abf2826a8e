"""The pages of `paygrade view`, made from the store and from journals that still grow."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from kit import SUITE
from paygrade.pipeline.site import parquet_name
from paygrade.pipeline.view import View
from paygrade.reports.site.shell import samples_file, suite_file
from paygrade.store.journal import RunJournal
from store.making import answer, header, row, scored

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

RUN = "20301231-120000-refunds-always_refund-000001"


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for news at each request: no test should wait for a clock."""
    monkeypatch.setattr("paygrade.pipeline.view._PAUSE_S", 0.0)
    monkeypatch.setattr("paygrade.pipeline.view._SHARE", 0)


def _text(view: View, name: str) -> str:
    page = view.page(name)
    assert page, name
    assert page.media_type == "text/html; charset=utf-8"
    return html.unescape(re.sub(r"<[^>]+>", "", page.content.decode()))


def _silent(said: str) -> None:
    raise AssertionError(said)


def _begin(workspace: WorkspaceFolder, **changes: object) -> RunJournal:
    values = {"runner": "always_refund", "started_at": "2030-12-31T12:00:00.000000Z", **changes}
    return RunJournal.create(workspace.root / ".paygrade/runs" / RUN, header(RUN, **values))


def _attempt(journal: RunJournal, sample: str, *, failed: bool = False) -> None:
    journal.sample(row(sample))
    journal.answer(answer(sample))
    journal.outcome(scored(sample, failed=failed))


def test_before_the_first_run_the_pages_say_so(workspace: WorkspaceFolder) -> None:
    """And nothing is made on disk to say it."""
    with View(workspace.root, _silent) as view:
        assert "Nothing was run to its end yet" in _text(view, "index.html")
        assert view.page("gate.html")
        assert view.page("about.html")
    assert not (workspace.root / ".paygrade").exists()


def test_the_first_run_appears(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Every page is another one then, and the word that pages ask for too."""
    with View(workspace.root, _silent) as view:
        before, _ = view.state(), view.page("index.html")
        assert paygrade("run", cwd=workspace.root).code == 0
        after = view.state()
        assert all(before[name] != after[name] for name in before)
        assert "33.3 %" in _text(view, "index.html")
        assert "33.3 %" in _text(view, "suite-refunds.html")


def test_as_long_as_nothing_happens_pages_stay(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """They are made once."""
    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        first = view.page("suite-refunds.html")
        version = view.state()
        assert view.page("suite-refunds.html") is first
        assert view.state() == version


def test_a_page_says_which_version_it_is(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Its script compares the time in its foot with what the server says."""
    paygrade("run", cwd=workspace.root)
    journal = _begin(workspace)
    with View(workspace.root, _silent) as view:
        _attempt(journal, "s1")
        state = view.state()
        for name, version in (("index.html", "index.html"), ("gate.html", "version")):
            page = view.page(name)
            assert page
            assert f'<time datetime="{state[version]}">' in page.content.decode()
    journal.close()


def test_a_run_under_way_is_on_the_first_page_and_grows(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Other pages show what is complete: they stay as they are."""
    paygrade("run", cwd=workspace.root)
    journal = _begin(workspace)
    with View(workspace.root, _silent) as view:
        suite = view.page("suite-refunds.html")
        _attempt(journal, "s1")
        assert "1 scored of 4 attempts" in _text(view, "index.html")
        before = view.state()
        _attempt(journal, "s2", failed=True)
        after = view.state()
        assert "2 scored of 4 attempts" in _text(view, "index.html")
        assert "50.0 %" in _text(view, "index.html")
        assert before["version"] == after["version"]
        assert before["index.html"] != after["index.html"]
        assert view.page("suite-refunds.html") is suite
    journal.close()


def test_a_run_that_ends_moves_to_the_others(workspace: WorkspaceFolder) -> None:
    """It is under way no more."""
    journal = _begin(workspace)
    with View(workspace.root, _silent) as view:
        for each in ("s1", "s2", "s3"):
            _attempt(journal, each)
        assert "Under way" in _text(view, "index.html")
        _attempt(journal, "s4")
        journal.close()
        assert "Under way" not in _text(view, "index.html")
        assert "of 4" in _text(view, "suite-refunds.html")


def test_samples_are_told_whatever_is_published(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """They stand in the store of this machine anyway."""
    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        assert "a year late" in _text(view, "samples-refunds~always_refund~001.html")
        assert view.page("samples-refunds~always_refund~999.html") is None


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_answers_can_be_downloaded(
    workspace: WorkspaceFolder, paygrade: Paygrade, kind: str
) -> None:
    """Every file that a page links to is there."""
    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        page = view.page("suite-refunds.html")
        assert page
        names = re.findall(rf'href="(data/[^"]+\.{kind})"', page.content.decode())
        assert names
        for name in names:
            found = view.page(name)
            assert found, name
            assert found.content
            assert "html" not in found.media_type


def test_columns_that_are_too_many_for_a_page_lie_beside_it(
    workspace: WorkspaceFolder, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The filter of the page reads them over HTTP."""
    for module in ("view", "site"):
        monkeypatch.setattr(f"paygrade.pipeline.{module}.MOST_EMBEDDED", 2)
    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        assert "data/suite-refunds~attempts.parquet" in _text(view, "suite-refunds.html")
        found = view.page("data/suite-refunds~attempts.parquet")
        assert found
        assert found.content.startswith(b"PAR1")


def test_a_page_has_its_policy_for_the_header(workspace: WorkspaceFolder) -> None:
    """It may ask this server, run what is hashed, and be in no frame."""
    with View(workspace.root, _silent) as view:
        page = view.page("index.html")
        assert page
        assert "default-src 'none'" in page.policy
        assert "connect-src 'self'" in page.policy
        assert "frame-ancestors 'none'" in page.policy
        assert "unsafe" not in page.policy


@pytest.mark.parametrize(
    "name",
    ["nothing.html", "../paygrade.yaml", "paygrade.yaml", "data/index.runs.json", "data/", ""],
)
def test_there_is_nothing_else(workspace: WorkspaceFolder, name: str) -> None:
    """A name is looked up, never opened."""
    with View(workspace.root, _silent) as view:
        assert view.page(name) is None


def test_a_journal_that_cannot_be_read_is_named_once_and_on_the_page(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The others are shown."""
    paygrade("run", cwd=workspace.root)
    workspace.write(".paygrade/runs/20261123-000000-broken/journal.jsonl", "no line\n")
    said: list[str] = []
    with View(workspace.root, said.append) as view:
        assert "33.3 %" in _text(view, "index.html")
        assert "20261123-000000-broken" in _text(view, "about.html")
        view.state()
    assert len(said) == 1
    assert "20261123-000000-broken" in said[0]


def test_what_was_accepted_is_news(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A baseline is a file beside the store."""
    paygrade("run", "--epochs", "5", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        before = view.state()
        workspace.write("reports/baselines/refunds.jsonl", "")
        assert before["version"] != view.state()["version"]


def test_a_problem_is_a_page_that_tries_again(
    workspace: WorkspaceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what leaks."""
    from paygrade.errors import StoreError  # noqa: PLC0415 - one test alone needs it

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("no room for 4111 1111 1111 1111 <b>")

    monkeypatch.setattr("paygrade.pipeline.view.gather", refuse)
    said: list[str] = []
    with View(workspace.root, said.append) as view:
        page = view.page("index.html")
        assert page
        text = page.content.decode()
        assert 'http-equiv="refresh"' in text
        assert "&lt;b&gt;" in text
        assert "4111 1111" not in text
    assert len(said) == 1


@pytest.mark.parametrize(
    "name", [suite_file("refunds"), samples_file("refunds", "always_refund", 1)]
)
def test_a_problem_that_passes_is_forgotten(
    workspace: WorkspaceFolder, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The page is made when it can be."""

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError

    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        for maker in ("pages", "sample_pages"):
            monkeypatch.setattr(f"paygrade.pipeline.view.{maker}", refuse)
        with pytest.raises(RuntimeError):
            view.page(name)
        monkeypatch.undo()
        assert view.page(name)


def test_samples_of_one_suite_and_runner_are_kept(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """All of them might be more than there is memory for."""
    workspace.write("evals/others/suite.yaml", SUITE.replace("suite: refunds", "suite: others"))
    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        names = [samples_file(each, "always_refund", 1) for each in ("refunds", "others")]
        first, _ = (view.page(each) for each in names)
        assert first
        again = view.page(names[0])
        assert again
        assert again is not first
        assert again is view.page(names[0])


def test_a_suite_may_be_called_answer(
    workspace: WorkspaceFolder, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its columns are not overwritten by what somebody downloads."""
    for module in ("view", "site"):
        monkeypatch.setattr(f"paygrade.pipeline.{module}.MOST_EMBEDDED", 2)
    workspace.write("evals/answer/suite.yaml", SUITE.replace("suite: refunds", "suite: answer"))
    paygrade("run", cwd=workspace.root)
    with View(workspace.root, _silent) as view:
        name = parquet_name("answer")
        columns = view.page(name)
        assert columns
        assert view.page("data/index.runs.parquet") != columns
        assert view.page(name) == columns

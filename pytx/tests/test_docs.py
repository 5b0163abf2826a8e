"""The pages in `docs/`: their examples run, their links lead somewhere, their names exist."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

import pytx
import pytx.errors

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("agents.md", "index.md", "outbox.md", "recovery.md", "running.md", "states.md")
WITH_EXAMPLES = [name for name in PAGES if name != "index.md"]
RUN = ("pycon", "console", "sql")  # and nothing else may look like code


_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


class Postgres(Protocol):
    """What the fixture gives: see `conftest.py`."""

    conninfo: str


def text_of(name: str) -> str:
    """A page as it stands."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page, in order: language and text."""
    return _FENCE.findall(text_of(name))


def first_column(name: str, heading: str) -> list[str]:
    """The words in backticks that begin the rows of the table under a heading."""
    section = text_of(name).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)


def anchors(name: str) -> set[str]:
    """What a link may point at in a page, as GitHub names headings."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", text_of(name)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def run_commands(text: str, folder: Path) -> None:
    """Run each `$ python -m pytx …` of a console block; compare what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, wanted = part.partition("\n")
        program, *rest = shlex.split(command)
        assert program == "python", f"this cannot be tried here: {command}"
        done = subprocess.run(
            [sys.executable, *rest], capture_output=True, text=True, check=False, cwd=folder
        )
        got = done.stdout + done.stderr
        same = doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS)
        assert same, f"{command}\nprints\n{got}\nnot\n{wanted}"


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_run(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A page's examples, from top to bottom in one folder, do what the page shows."""
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    names: dict[str, object] = {}
    for language, text in blocks(name):
        if language == "pycon":
            test = doctest.DocTestParser().get_doctest(text, names, name, None, None)
            runner.run(test, clear_globs=False)
            names |= test.globs
        elif language == "console":
            run_commands(text, tmp_path)
    assert runner.summarize(verbose=False).attempted >= 5
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", PAGES)
def test_nothing_looks_like_code_and_is_not_run(name: str) -> None:
    """Every block is one that a test here runs, or is marked as plain text."""
    assert {language for language, _ in blocks(name)} <= {*RUN, "text"}


@pytest.mark.parametrize("name", PAGES)
def test_links_between_the_pages_lead_somewhere(name: str) -> None:
    """A relative link names a file that is there and, behind #, one of its headings."""
    for link in _LINK.findall(text_of(name)):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        assert (DOCS / file).exists(), link
        assert not anchor or anchor in anchors(file or name), link


def test_the_index_lists_every_page() -> None:
    """No page is left out, and the README leads to the index."""
    listed = set(_LINK.findall(text_of("index.md")))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= listed
    assert "(docs/index.md)" in (DOCS.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_names_that_the_pages_use_exist(name: str) -> None:
    """What a page calls `pytx.Something` can be imported."""
    for used in re.findall(r"`pytx\.(\w+)", text_of(name)):
        assert hasattr(pytx, used) or used in {"testing", "errors"}, used


def test_every_source_is_cited_and_every_citation_has_its_source() -> None:
    """The numbers in brackets on the page of the providers are those of its list."""
    page, _, sources = text_of("recovery.md").partition("\n## Sources\n")
    cited = {int(each) for each in re.findall(r"\[(\d+)\]", _FENCE.sub("", page))}
    listed = [int(each) for each in re.findall(r"^(\d+)\. <https://", sources, flags=re.MULTILINE)]
    assert listed == sorted(cited)


def test_every_error_is_explained() -> None:
    """The table has each class of `pytx.errors` but the base, once."""
    kinds = [
        name
        for name, kind in vars(pytx.errors).items()
        if isinstance(kind, type) and issubclass(kind, pytx.PytxError)
    ]
    assert sorted(first_column("states.md", "Errors")) == sorted({*kinds} - {"PytxError"})


def test_every_event_is_explained() -> None:
    """The table has each event that the guard's docstring promises."""
    told = (pytx.Guard.__init__.__doc__ or "").partition("on_event:")[2].partition("What it")[0]
    promised = set(re.findall(r"\b[a-z]+(?:_[a-z]+)?\b", told.partition("row:")[2]))
    assert set(first_column("states.md", "Events")) == promised - {"and", "without", "one"}


@pytest.mark.real
def test_the_statements_of_the_page_on_running_work(postgres: Postgres) -> None:
    """A role with the grants of the page guards, looks and sends; the queries answer for it."""
    grants, *queries = [text for language, text in blocks("running.md") if language == "sql"]
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        connection.execute("create role payments login")
        connection.execute("create database documented")
    conninfo = postgres.conninfo.replace("dbname=postgres", "dbname=documented")
    admin = pytx.PgStore(conninfo)
    admin.create_schema()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(grants.encode())
    conninfo = conninfo.replace("user=tester", "user=payments")
    store = pytx.PgStore(conninfo)
    try:
        guard = pytx.Guard(store, scope="acme/live")
        guard.set_cap("pay_1", "EUR", 1000)
        with pytest.raises(TimeoutError):
            lose_a_reply(guard)
        with psycopg.connect(conninfo) as mine:
            pytx.Outbox(store).enqueue(mine, "refund.done", {"id": 1}, key="acct_1")
            with pytx.inbox(mine, consumer="ledger", message_id="m1") as first:
                assert first
            answers = [mine.execute(query.encode()).fetchall() for query in queries]
        assert [len(each) for each in answers] == [1, 1, 1]
        assert answers[0][0][:2] == ("acme/live", 1)
        assert answers[1][0][0] == 1
        assert answers[2][0][:2] == ("acme/live", "pay_1")
        assert pytx.Relay(store, {"refund.done": print}).run_once() == 1
        assert guard.purge(older_than=0) == 0
    finally:
        store.close()
        admin.close()


def lose_a_reply(guard: pytx.Guard) -> None:
    """One refund of which nobody knows the outcome."""
    with guard.once(
        "refund.create",
        key=("pay_1",),
        money=pytx.parse("10.00 EUR"),
        cap="pay_1",
        recover=pytx.manual(),
    ):
        raise TimeoutError

"""`paygrade publish`: what is written, what never is, and when nothing is."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

IN_GIT = {"README.md", "published.json", "badge.json", "badge.svg", ".gitignore"}
TIME = "2026-11-28T12:00:00Z"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def ran(workspace: WorkspaceFolder, paygrade: Paygrade) -> WorkspaceFolder:
    """A workspace whose suite was run."""
    assert paygrade("run", "-q", cwd=workspace.root).code == 0
    return workspace


def _folder(workspace: WorkspaceFolder) -> Path:
    return workspace.root / "reports" / "published"


def _content(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


def test_pages_figures_and_downloads_are_written(ran: WorkspaceFolder, paygrade: Paygrade) -> None:
    """It says what it wrote, what was masked, what is not known, and what to open."""
    ended = paygrade("publish")
    assert (ended.code, ended.err) == (0, "")
    content = _content(_folder(ran))
    assert content.keys() >= {"index.html", "suite-refunds.html", "about.html", *IN_GIT}
    assert {name.rpartition(".")[2] for name in content if name.startswith("data/")} == {
        "csv", "parquet",
    }  # fmt: skip
    shown = [name for name in content if not name.startswith(".")]
    assert f"wrote {_folder(ran)}: {len(shown)} files" in ended.out
    assert "masked on the way out: nothing" in ended.out
    assert "not known: refunds · always_refund: whether it got worse" in ended.out
    assert ended.out.splitlines()[-1] == f"open {(_folder(ran) / 'index.html').as_uri()}"


def test_the_table_says_what_the_run_said(ran: WorkspaceFolder, paygrade: Paygrade) -> None:
    """One of three fails; the money of that sample is at risk."""
    paygrade("publish")
    text = (_folder(ran) / "README.md").read_text("utf-8")
    row = "| `refunds` | `always_refund` | 33.3 % (6.1 to 79.2 %) | 1 of 3 | 0 | "
    assert f"{row}5.00 EUR of 57.00 EUR | `refunds@v1` | `refunds@v1` | not gated |" in text


def test_the_same_is_published_as_the_same_bytes(ran: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Another time stands on it, and nothing else differs."""
    paygrade("publish", "--now", TIME)
    first = _content(_folder(ran))
    paygrade("publish", "--now", TIME)
    assert _content(_folder(ran)) == first
    paygrade("publish", "--now", "2026-11-29T13:01:02Z")
    second = _content(_folder(ran))
    assert second != first
    assert second.keys() == first.keys()
    for name in (each for each in first if each.startswith(("data/", "badge"))):
        assert second[name] == first[name], name
    before = json.loads(first["published.json"])
    after = json.loads(second["published.json"])
    assert {**before, "made_at": ""} == {**after, "made_at": ""}


def test_downloads_hold_what_the_tables_hold(ran: WorkspaceFolder, paygrade: Paygrade) -> None:
    """As CSV without formulas, and as Parquet with the types of the store."""
    ran.replace("datasets/refunds/v1.jsonl", '"kind": "lost"', '"kind": "=1+1"')
    paygrade("run", "-q")
    paygrade("publish")
    data = _folder(ran) / "data"
    rows = list(csv.DictReader(io.StringIO((data / "suite-refunds.slices.csv").read_text("utf-8"))))
    assert {"'=1+1", "defect", "regret"} == {row["value"] for row in rows}
    found = duckdb.read_parquet(str(data / "suite-refunds.slices.parquet"))
    assert {row[0] for row in found.select("value").fetchall()} == {"=1+1", "defect", "regret"}
    assert dict(zip(found.columns, map(str, found.types), strict=True))["rate"] == "DOUBLE"


def test_another_folder_is_written_whole_and_without_a_gitignore(
    ran: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """What goes to a server is all of it."""
    public = ran.root / "public"
    assert paygrade("publish", "--out", public).code == 0
    assert _content(public).keys() >= {"index.html", "README.md"}
    assert ".gitignore" not in _content(public)
    assert not _folder(ran).exists()


def test_a_folder_with_somebody_elses_file_is_refused(
    ran: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """It is named, and left as it was."""
    ran.write("public/notes.txt", "mine")
    ended = paygrade("publish", "--out", ran.root / "public")
    assert ended.code == 2
    assert "public/notes.txt was not made by publishing" in ended.err
    assert _content(ran.root / "public") == {"notes.txt": b"mine"}


@pytest.mark.parametrize("arguments", [(), ("--limit", 2), ("--filter-id", "s1")])
def test_nothing_to_publish_is_never_an_empty_page(
    workspace: WorkspaceFolder, paygrade: Paygrade, arguments: tuple[object, ...]
) -> None:
    """No run at all, or none of the whole suite."""
    if arguments:
        assert paygrade("run", "-q", *arguments, cwd=workspace.root).code == 0
    ended = paygrade("publish", cwd=workspace.root)
    assert ended.code == 102
    assert "there is nothing to publish: no run of a whole suite is complete" in ended.err
    assert not _folder(workspace).exists()


def _all_text(folder: Path) -> str:
    """All that anybody can read there, unpacked: text, embedded columns, Parquet."""
    pieces = []
    for file in (each for each in folder.rglob("*") if each.is_file()):
        if file.suffix == ".parquet":
            pieces.append(str(duckdb.read_parquet(str(file)).fetchall()))
            continue
        text = file.read_text("utf-8")
        pieces.append(text)
        for found in re.findall(r"[A-Za-z0-9+/]{200,}={0,2}", text):
            packed = base64.b64decode(found, validate=False)
            if packed[:2] == b"\x1f\x8b":
                pieces.append(gzip.decompress(packed).decode("utf-8", "replace"))
    return "\n".join(pieces)


TALKING = '''\
"""Answers with a word of its own."""


def answer(request):
    """Say it."""
    return {"action": "refuse", "why": "zanzibar"}
'''


@pytest.mark.parametrize("samples", [False, True])
def test_no_word_of_an_answer_or_a_prompt_is_published_unless_it_is_wanted(
    workspace: WorkspaceFolder, paygrade: Paygrade, *, samples: bool
) -> None:
    """Whatever it stands in: page, table, download, column."""
    workspace.write("runners/always_refund.py", TALKING)
    workspace.replace("datasets/refunds/v1.jsonl", "It broke.", "It broke in ouagadougou.")
    workspace.write("paygrade.yaml", f"publish: {{samples: {str(samples).lower()}}}\n")
    paygrade("run", "-q", cwd=workspace.root)
    assert paygrade("publish", cwd=workspace.root).code == 0
    text = _all_text(_folder(workspace))
    assert [word in text for word in ("zanzibar", "ouagadougou")] == [samples, samples]
    pages = [name for name in _content(_folder(workspace)) if name.startswith("samples-")]
    assert bool(pages) is samples


def test_what_leaks_is_masked_and_told(ran: WorkspaceFolder, paygrade: Paygrade) -> None:
    """In every file alike."""
    ran.write("paygrade.yaml", f"publish: {{title: 'Evals {CARD}'}}\n")
    ended = paygrade("publish")
    assert ended.code == 0
    assert "masked on the way out: 1 pan in the title" in ended.out
    assert CARD not in _all_text(_folder(ran))
    assert "<h1" in (_folder(ran) / "index.html").read_text("utf-8")


def test_what_is_only_counted_is_not_called_masked(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A telephone number may have to be said: it is on the page that counts, and in no claim."""
    said = '"EUR", "call": "+49 30 1234567", "at": "GB82 WEST 1234 5698 7654 32"'
    workspace.replace("runners/always_refund.py", '"EUR"', said)
    assert paygrade("run", "-q", cwd=workspace.root).code == 0
    ended = paygrade("publish")
    assert "masked before it was stored: 3 iban in refunds" in ended.out
    assert "phone" not in ended.out
    assert "phone" in (_folder(workspace) / "about.html").read_text("utf-8")


def test_where_leaks_are_refused_nothing_is_published(
    ran: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """What was there stays, byte for byte."""
    paygrade("publish")
    before = _content(_folder(ran))
    ran.write("paygrade.yaml", f"publish: {{title: 'Evals {CARD}', on_leak: refuse}}\n")
    ended = paygrade("publish")
    assert ended.code == 2
    assert "the title: holds what must not be published: 1 x pan" in ended.err
    assert CARD not in ended.err
    assert _content(_folder(ran)) == before


def test_a_name_that_leaks_refuses_the_publishing(ran: WorkspaceFolder, paygrade: Paygrade) -> None:
    """It names files and stands in questions: masked, its pages would be nobody's."""
    ran.write("paygrade.yaml", "leaks: {patterns: [{name: internal, regex: 'always_[a-z]{6}'}]}\n")
    ended = paygrade("publish")
    assert ended.code == 2
    assert "the name of a suite or runner holds what must not be published" in ended.err
    assert not _folder(ran).exists()


def test_json_holds_figures_files_and_what_is_not_known(
    ran: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """For programs."""
    told = paygrade("publish", "--json", "--now", TIME).json
    assert told["folder"] == str(_folder(ran))
    sizes = {name: len(raw) for name, raw in _content(_folder(ran)).items() if name[0] != "."}
    assert told["files"] == sizes
    assert told["made_at"] == "2026-11-28T12:00:00.000000Z"
    [run] = told["runs"]
    assert (run["failed"], run["scored"], run["money"][0]["at_risk_minor"]) == (1, 3, 500)
    assert told["masked_on_the_way_out"] == []
    assert any("no git repository" in each for each in told["unknown"])


@pytest.mark.parametrize("text", ["yesterday", "2026-11-28", "2026-11-28T12:00:00"])
def test_a_time_needs_its_offset(ran: WorkspaceFolder, paygrade: Paygrade, text: str) -> None:
    """Or nobody knows when it was."""
    ended = paygrade("publish", "--now", text)
    assert (ended.code, "is not a time" in ended.err) == (2, True)
    assert not _folder(ran).exists()

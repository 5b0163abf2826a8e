"""Every way out of a workspace: how words leave by it, and what holds them there.

A way that is added is one `Way` in `WAYS`: all words are tried on it.
"""

from __future__ import annotations

import threading
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from leaks_out import guards, reading
from leaks_out.stage import remembered
from paygrade.cli.serving import Server
from paygrade.pipeline.view import View
from paygrade.store import database

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kit import Ended
    from leaks_out.stage import Stage


@dataclass(frozen=True, slots=True)
class Way:
    """How words leave: everything that a reader can get, as text.

    `problems` says what in it would do something, `guard` takes away what keeps it from that;
    there is none where a value stands in a typed column, which nothing reads but programs.
    """

    name: str
    leave: Callable[[Stage], str]
    problems: Callable[[str], list[str]]
    guard: Callable[[], AbstractContextManager[object]] | None


def _anew(stage: Stage) -> tuple[Stage, Ended]:
    """A run into a store of its own."""

    def made() -> tuple[Stage, Ended]:
        fresh = stage.copy(store=False)
        return fresh, fresh.ask("run")

    return stage.once("run", made)


def _run(stage: Stage) -> str:
    return _anew(stage)[1].out


def _journal(stage: Stage) -> str:
    return _anew(stage)[0].newest()


def _database(stage: Stage) -> str:
    file = _anew(stage)[0].root / ".paygrade" / database.DATABASE_FILE
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()
        rows = [row for (each,) in tables for row in connection.table(each).fetchall()]
    return "\n".join(str(value) for row in rows for value in row)


def _cache(stage: Stage) -> str:
    """What a second run knows of the first: it asks nobody."""
    known = stage.copy(store=True)
    with remembered():
        known.ask("run", "-q")
    text = known.newest()
    assert text.count('"t":"answer"') == text.count('"calls":0') > 0
    return text


def _export(ending: str) -> Callable[[Stage], str]:
    def leave(stage: Stage) -> str:
        file = stage.root / f"out{ending}"
        ended = stage.ask("export", "latest", "-o", file.name)
        assert ended.code == 0, ended.err
        if ending == ".parquet":
            return str(duckdb.read_parquet(str(file)).fetchall())
        return file.read_bytes().decode()

    return leave


def _printed(*arguments: str) -> Callable[[Stage], str]:
    def leave(stage: Stage) -> str:
        ended = stage.ask(*arguments)
        assert ended.code == 0, ended.err
        return ended.out

    return leave


def _samples(*options: str) -> Callable[[Stage], str]:
    """Every sample, as `show RUN SAMPLE` prints it."""

    def leave(stage: Stage) -> str:
        names = [f"s{place}" for place in range(len(stage.words))]
        return "".join(stage.ask("show", "latest", each, *options).out for each in names)

    return leave


def _gated(stage: Stage) -> dict[str, str]:
    """All that one gate tells, by the ending of the file, and by where else it stands."""

    def made() -> dict[str, str]:
        endings = (".md", ".junit.xml", ".json")
        summary = stage.root / "summary"
        files = [argument for each in endings for argument in ("-o", f"gate{each}")]
        ended = stage.ask(
            "gate", "--run", "latest", "--confirm", "off", *files,
            GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary),
        )  # fmt: skip
        return {
            **{each: (stage.root / f"gate{each}").read_text("utf-8") for each in endings},
            "summary": summary.read_text("utf-8"),
            "annotations": ended.err,
            "printed": ended.out,
        }

    return stage.once("gate", made)


def _gate(where: str) -> Callable[[Stage], str]:
    return lambda stage: _gated(stage)[where]


def _compared(stage: Stage) -> str:
    file = stage.root / "compared.md"
    runs = sorted(each.name for each in (stage.root / ".paygrade" / "runs").iterdir())
    ended = stage.ask("compare", runs[0], runs[-1], "-o", file.name)
    assert ended.code == 0, ended.err
    return file.read_text("utf-8")


def _published(stage: Stage) -> Path:
    def made() -> Path:
        ended = stage.ask("publish", "--out", "public")
        assert ended.code == 0, ended.err
        return stage.root / "public"

    return stage.once("publish", made)


def _page(stage: Stage) -> str:
    pages = sorted(_published(stage).glob("*.html"))
    return reading.PAGE_END.join(each.read_text("utf-8") for each in pages)


def _download(stage: Stage) -> str:
    return (_published(stage) / "data" / "suite-refunds.slices.csv").read_bytes().decode()


def _columns(stage: Stage) -> str:
    file = _published(stage) / "data" / "suite-refunds.slices.parquet"
    return str(duckdb.read_parquet(str(file)).fetchall())


def _viewed(stage: Stage) -> str:
    names = ("", "suite-refunds.html", "samples-refunds~always_refund~001.html")
    noted: list[str] = []
    with View(stage.root, noted.append) as shown, Server(shown, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            texts = [
                urllib.request.urlopen(server.url + each, timeout=60).read()  # noqa: S310 - ours
                for each in names
            ]
        finally:
            server.shutdown()
            thread.join()
    assert not noted
    return reading.PAGE_END.join(each.decode() for each in texts)


WAYS = (
    Way("journal", _journal, reading.of_lines, guards.no_json),
    Way("database", _database, reading.of_values, None),
    Way("cache", _cache, reading.of_lines, guards.no_json),
    Way("run", _run, reading.of_terminal, guards.no_plain),
    Way("jsonl", _export(".jsonl"), reading.of_lines, guards.no_json),
    Way("csv", _export(".csv"), reading.of_cells, guards.no_formula_guard),
    Way("parquet", _export(".parquet"), reading.of_values, None),
    Way("junit", _export(".junit.xml"), reading.of_xml, guards.no_xml),
    Way("markdown", _export(".md"), reading.of_markdown, guards.no_markdown),
    Way("show", _printed("show"), reading.of_terminal, guards.no_plain),
    Way("show sample", _samples(), reading.of_terminal, guards.no_plain),
    Way("show sample --json", _samples("--json"), reading.of_printed_json, guards.no_escapes),
    Way("show --json", _printed("show", "--json"), reading.of_printed_json, guards.no_escapes),
    Way("sql", _printed("sql", "FROM attempts"), reading.of_terminal, guards.no_plain),
    Way("sql --csv", _printed("sql", "--csv", "FROM attempts"), reading.of_cells,
        guards.no_formula_guard),
    Way("sql --json", _printed("sql", "--json", "FROM attempts"), reading.of_printed_json,
        guards.no_escapes),
    Way("report", _printed("report"), reading.of_terminal, guards.no_plain),
    Way("report --markdown", _printed("report", "--markdown"), reading.of_markdown,
        guards.no_markdown),
    Way("compare", _compared, reading.of_markdown, guards.no_markdown),
    Way("gate", _gate("printed"), reading.of_terminal, guards.no_plain),
    Way("gate Markdown", _gate(".md"), reading.of_markdown, guards.no_markdown),
    Way("gate JUnit", _gate(".junit.xml"), reading.of_xml, guards.no_xml),
    Way("gate JSON", _gate(".json"), reading.of_json, guards.no_json),
    Way("step summary", _gate("summary"), reading.of_markdown, guards.no_markdown),
    Way("annotations", _gate("annotations"), reading.of_commands, guards.no_annotation_guard),
    Way("page", _page, reading.of_pages, guards.no_autoescape),
    Way("download csv", _download, reading.of_cells, guards.no_formula_guard),
    Way("download parquet", _columns, reading.of_values, None),
    Way("view", _viewed, reading.of_pages, guards.no_autoescape),
)  # fmt: skip

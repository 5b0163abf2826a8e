"""`paygrade view`: the pages of `publish`, made anew in memory when the store or a run has news."""

from __future__ import annotations

import contextlib
import html
import re
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from paygrade.errors import PaygradeError
from paygrade.pipeline.acceptances import Acceptances, acceptances
from paygrade.pipeline.cleaning import cleaned, cleaned_samples, cleaned_tables
from paygrade.pipeline.outlet import Outlet
from paygrade.pipeline.site import MOST_EMBEDDED, MOST_TOLD, all_tables, gather
from paygrade.pipeline.wiring import layout_at, now
from paygrade.records.served import Served
from paygrade.reports.plain import spelled
from paygrade.reports.rows import csv_text
from paygrade.reports.site import pages, sample_pages
from paygrade.reports.site.shell import samples_file
from paygrade.store import accepted, downloads
from paygrade.store import site as store
from paygrade.store.live import Live
from paygrade.store.under_way import under_way
from paygrade.workspace.suites import names as suite_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from paygrade.records.site import Site

FIRST = "index.html"
_PAUSE_S = 1.0
_SHARE = 4
"""After looking for news it rests this many times as long as that took: runs need the machine."""


class View:
    """The pages of the workspace at `folder`, as of now.

    Any thread may ask. What they are made of is looked at by one at a time, so that each page is of
    one moment. `note` is told of every journal that cannot be read, once.
    """

    def __init__(self, folder: Path | None, note: Callable[[str], None]) -> None:
        """Begin with what the store holds.

        Raises:
            UsageError, WorkspaceError: there is no workspace there.
            OSError: there is no room for temporary files.
        """
        # on this machine alone: what a reader can see here stands in the store already
        self._layout = replace(layout_at(folder), publish_samples=True)
        self._outlet = Outlet(self._layout.barrier)
        self._note = note
        self._noted: set[str] = set()
        self._live = Live(self._layout.store)
        self._lock = threading.Lock()
        self._due = 0.0
        self._stored: object = None
        self._versions = {"version": now(), FIRST: now()}
        self._baselines: list[tuple[str, int, int]] = []
        self._acceptances = Acceptances(accepted=(), unknown=())
        self._site: Site | None = None
        self._pages: dict[str, Served] = {}
        self._whole = False
        self._told: tuple[str, dict[str, Served]] = ("", {})

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        with self._lock:
            self._live.close()

    def state(self) -> Mapping[str, str]:
        """A word that is another one as soon as a page is: of the first page, and of all others."""
        if self._lock.acquire(blocking=False):  # else somebody is looking already
            try:
                self._look()
            except PaygradeError as error:
                self._say(str(error))
            finally:
                self._lock.release()
        return self._versions

    def page(self, name: str) -> Served | None:
        """The page or file `name`, `None` where there is none."""
        with self._lock:
            try:
                self._look()
                return self._page(name)
            except PaygradeError as error:
                self._say(str(error))
                return self._problem(str(error)) if name.endswith(".html") else None

    def _look(self) -> None:
        """See what is new, unless that was done a moment ago."""
        begun = time.monotonic()
        if begun < self._due:
            return
        try:
            grown = self._live.refresh()
            for problem in self._live.problems:
                self._say(f"left out: {problem}")
            baselines = _stamps(self._layout.reports / "baselines")
            if baselines != self._baselines:
                self._baselines, self._acceptances = baselines, acceptances(self._layout)
            stored = (self._live.stored, baselines)
            if stored != self._stored:
                self._stored, self._site = stored, None
                self._pages.clear()
                self._whole, self._told = False, ("", {})
                self._versions = {"version": now(), FIRST: now()}
            elif grown:
                self._pages.pop(FIRST, None)
                self._versions = {**self._versions, FIRST: now()}
        finally:
            self._rest(begun)

    def _rest(self, begun: float) -> None:
        ended = time.monotonic()
        self._due = ended + max(_PAUSE_S, _SHARE * (ended - begun))

    def _page(self, name: str) -> Served | None:
        site = self._gathered()
        if not name.endswith(".html"):
            return self._data(site, name)
        if name.startswith("samples-"):
            return self._samples(site, name)
        if name not in self._pages and not (self._whole and name != FIRST):
            begun = time.monotonic()
            self._make(site, name)
            self._rest(begun)
        return self._pages.get(name)

    def _make(self, site: Site, name: str) -> None:
        """Make the first page; or all others, each once."""
        if name == FIRST:
            first = next(each for each in pages(self._first(site)) if each[0] == FIRST)
            self._pages[FIRST] = _html(first[1])
        else:
            made = {each: _html(text) for each, text in pages(site) if each != FIRST}
            self._pages |= made
            self._whole = True

    def _samples(self, site: Site, name: str) -> Served | None:
        """A page of samples; those of one suite and runner are kept, which may be many."""
        for suite in site.suites:
            for runner in suite.told:
                key = samples_file(suite.suite, runner, 0)
                start = re.escape(key.removesuffix("000.html"))
                if not re.fullmatch(rf"{start}\d+\.html", name):
                    continue
                if self._told[0] != key:
                    begun = time.monotonic()
                    self._told = ("", {})
                    told = store.told(self._live.connection, suite.suite, runner, most=MOST_TOLD)
                    clean = cleaned_samples(self._outlet, told)
                    made = sample_pages(site, suite, runner, clean, most=MOST_TOLD)
                    self._told = (key, {each: _html(text) for each, text in made})
                    self._rest(begun)
                return self._told[1].get(name)
        return None

    def _gathered(self) -> Site:
        if self._site is None:
            found = self._acceptances
            accepted.fill(self._live.connection, found.accepted)
            site = gather(
                self._live.connection,
                self._layout,
                made_at=self._versions["version"],
                live=True,
                unknown=(*found.unknown, *self._live.problems),
                dictionaries=self._columns_beside(),
            )
            self._site = cleaned(self._outlet, site)
        return self._site

    def _columns_beside(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """Write the columns of suites that are too large for their pages."""
        connection = self._live.connection
        return {
            suite: store.write_columns_into(connection, suite, self._beside(suite))
            for suite in suite_names(self._layout)
            if store.attempts_of(connection, suite) > MOST_EMBEDDED
        }

    def _beside(self, suite: str) -> Path:
        return self._live.folder / f"{suite}.parquet"

    def _first(self, site: Site) -> Site:
        """The site with the runs that are under way."""
        going = under_way(self._live.connection, self._live.under_way)
        clean = cleaned_tables(self._outlet, "index", {"under_way": going})
        return replace(
            site,
            provenance=replace(site.provenance, made_at=self._versions[FIRST]),
            overview={**site.overview, **clean},
        )

    def _data(self, site: Site, name: str) -> Served | None:
        """The answer to a question of a page, or a suite's columns, as a file."""
        for suite in site.suites:
            if suite.parquet and name == suite.parquet:
                return _parquet(self._beside(suite.suite))
        for page, table, asked in all_tables(self._first(site)):
            if name == f"data/{page}.{table}.csv":
                text = csv_text(asked.columns, asked.records())
                return Served(content=text.encode(), media_type="text/csv; charset=utf-8")
            if name == f"data/{page}.{table}.parquet":
                file = self._beside("~answer")  # no name of a suite
                downloads.write_asked(self._live.connection, asked, file)
                return _parquet(file)
        return None

    def _problem(self, text: str) -> Served:
        """A page that says what is wrong, and tries again."""
        said = html.escape(spelled(self._outlet.text("a problem", text)))
        return _html(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>paygrade view</title>'
            '<meta http-equiv="refresh" content="3">'
            f"<main><h1>Not now</h1><p>{said}</p></main></html>"
        )

    def _say(self, problem: str) -> None:
        if problem not in self._noted:
            self._noted.add(problem)
            self._note(problem)


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    """What changes when a file in the folder does."""
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        with contextlib.suppress(OSError):  # it is just being replaced
            stamp = file.stat()
            found.append((file.name, stamp.st_size, stamp.st_mtime_ns))
    return found


_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def _html(text: str) -> Served:
    found = _POLICY.search(text)
    policy = f"{html.unescape(found[1])}; frame-ancestors 'none'" if found else ""
    return Served(content=text.encode(), media_type="text/html; charset=utf-8", policy=policy)


def _parquet(file: Path) -> Served:
    return Served(content=file.read_bytes(), media_type="application/vnd.apache.parquet")

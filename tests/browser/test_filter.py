"""The filter of a suite's page, in a real browser."""

from __future__ import annotations

import functools
import http.server
import random
import threading
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

from browser.attempts import CHECKS, CLASSES, OUTCOMES, RUNNERS, Chosen, columns_of, drawn
from browser.chromium import visited
from browser.filtering import PAGE, choose, counted, many, written
from paygrade.reports.figures import interval, percent
from paygrade.stats.interval import wilson
from publish.shipped import command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser.attempts import Figures
    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.site import Columns

pytestmark = pytest.mark.real

ATTEMPTS = drawn(seed=8, cases=120)
COLUMNS = columns_of(ATTEMPTS)
HOSTILE = "</script><img src=x onerror=alert(1)>"
CHOICES: dict[str, tuple[str, ...]] = {
    "runner": RUNNERS,
    "class": CLASSES,
    "outcome": OUTCOMES,
    "slice:kind": ("damaged", "late", "lost"),
    "slice:country": ("DE", HOSTILE, "FR [U+202E]gnp.exe"),
    **{f"check:{check}": ("failed", "passed") for check in CHECKS},
}


def shown(page: Page, selector: str) -> list[list[float]]:
    """The raw figures of elements."""
    found: list[list[float]] = page.eval_on_selector_all(
        selector,
        """all => all.map(each => ["failed", "judged", "errors", "cases", "low", "high"]
            .map(name => Number(each.dataset[name])))""",
    )
    return found


def told(figures: Figures) -> str:
    """A rate as it is written everywhere."""
    if not figures.judged:
        return "nothing scored"
    share = percent(figures.failed / figures.judged)
    between = interval(figures.low, figures.high)
    return f"{share} ({between}), {figures.failed:,} of {figures.judged:,}"


def test_figures_equal_those_of_python(browser: Browser, tmp_path: Path) -> None:
    """Whatever is chosen: the same counts, the same bounds to the last bit, the same words."""
    rng = random.Random(3)
    with visited(browser, written(tmp_path, columns=COLUMNS)) as visit:
        page = visit.page
        counted(page)
        for number in range(60):
            names = rng.sample(sorted(CHOICES), number % 4)
            wanted = {name: rng.choice(CHOICES[name]) for name in names}
            choose(page, wanted)
            chosen = Chosen(ATTEMPTS, wanted)
            assert shown(page, "#filter [role=status]") == [list(astuple(chosen.all()))], wanted
            by_check = [chosen.check(check) for check in CHECKS]
            rows = shown(page, "#filter table[data-of=check] tbody tr")
            assert rows == [list(astuple(each)) for each in by_check], wanted
            assert page.locator("table[data-of=check] td.rate").all_inner_texts() == [
                told(each) for each in by_check
            ]
            for name in ("slice:kind", "slice:country"):
                rows = shown(page, f"#filter table[data-of='{name}'] tbody tr")
                values = sorted(CHOICES[name])
                assert rows == [list(astuple(chosen.value(name, each))) for each in values], wanted


def test_rates_are_written_as_python_writes_them(browser: Browser, tmp_path: Path) -> None:
    """Every share of up to 130 attempts, ties among them."""
    pairs = [(x, n) for n in range(131) for x in range(n + 1)] + [(1, 10_000), (9_999, 10_000)]
    with visited(browser, written(tmp_path, columns=COLUMNS)) as visit:
        found = visit.page.evaluate(
            """pairs => pairs.map(([x, n]) =>
                rates.told({ failed: x, judged: n, cases: n, xx: x, xn: x, nn: n }))""",
            pairs,
        )
    assert [each.split(",")[0] for each in found[1:]] == [
        f"{percent(x / n)} ({interval(*wilson(x, n))})" for x, n in pairs[1:]
    ]


def test_a_page_from_a_file_asks_for_nothing(browser: Browser, tmp_path: Path) -> None:
    """It is the only request, nothing is complained of, and a hostile name is only text."""
    address = written(tmp_path, columns=COLUMNS)
    with visited(browser, address) as visit:
        counted(visit.page)
        assert visit.requests == [address]
        assert visit.complaints == []
        assert visit.page.locator("img").count() == 0
        assert HOSTILE in visit.page.locator("table[data-of='slice:country']").inner_text()


def test_what_is_chosen_can_be_linked(browser: Browser, tmp_path: Path) -> None:
    """A link chooses; what it asks for and is not there is told; reset chooses everything."""
    address = written(tmp_path, columns=COLUMNS)
    wanted = {"runner": "rules", "slice:country": HOSTILE, "check:check 3": "failed"}
    with visited(browser, address) as visit:
        counted(visit.page)
        choose(visit.page, wanted)
        link = visit.page.url
    with visited(browser, f"{link}&runner=unheard&of=x") as visit:
        page = visit.page
        counted(page)
        assert shown(page, "[role=status]") == [list(astuple(Chosen(ATTEMPTS, wanted).all()))]
        assert "what is not here: of x" in page.inner_text("[role=status]")
        page.get_by_role("button", name="Reset").click()
        page.wait_for_url(lambda address: "?" not in address)
        assert shown(page, "[role=status]") == [list(astuple(Chosen(ATTEMPTS, {}).all()))]
        assert visit.complaints == []


def test_a_rate_of_what_was_chosen_by_its_result_is_said_to_be_none_of_the_suite(
    browser: Browser, tmp_path: Path
) -> None:
    """Of those that failed all fail; a runner or a slice leaves a rate what it is."""
    with visited(browser, written(tmp_path, columns=COLUMNS)) as visit:
        counted(visit.page)
        for wanted, artefact in (
            ({"outcome": "failed"}, True),
            ({f"check:{CHECKS[0]}": "failed"}, True),
            ({"runner": "rules"}, False),
        ):
            choose(visit.page, wanted)
            said = visit.page.inner_text("#filter [role=status]")
            assert said.startswith("Chosen by their result: no rate of the suite. ") is artefact


def test_a_keyboard_is_enough(browser: Browser, tmp_path: Path) -> None:
    """Every control has a name, is reached by Tab, and a letter chooses in a list."""
    with visited(browser, written(tmp_path, columns=COLUMNS)) as visit:
        page = visit.page
        counted(page)
        names = [label for label, _ in _labels(page)]
        assert names[:3] == ["Runner", "Case class", "Outcome"]
        assert len(set(names)) == len(names) == len(CHOICES)
        page.get_by_role("combobox", name="Runner", exact=True).focus()
        page.keyboard.press("r")
        assert shown(page, "[role=status]") == [
            list(astuple(Chosen(ATTEMPTS, {"runner": "rules"}).all()))
        ]
        reached = []
        for _ in names:
            reached.append(page.evaluate("document.activeElement.name"))
            page.keyboard.press("Tab")
        assert reached == [name for _, name in _labels(page)]
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "?" not in address)
        assert page.get_by_role("combobox", name="Runner", exact=True).input_value() == ""


def _labels(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.eval_on_selector_all(
        "#filter select",
        "all => all.map(each => [each.labels[0].innerText.split('\\n')[0], each.name])",
    )
    return found


def test_without_scripts_the_page_says_that_none_is_needed(
    browser: Browser, tmp_path: Path
) -> None:
    """No control that does nothing, and one sentence."""
    with visited(browser, written(tmp_path, columns=COLUMNS), java_script_enabled=False) as visit:
        assert "All figures above need no script" in visit.page.inner_text("#filter")
        assert not visit.page.locator("#filter form").is_visible()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The folder over HTTP, on this machine alone."""
    handler = functools.partial(_Quiet, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def parquet(folder: Path, columns: Columns) -> dict[str, Any]:
    """The attempts as a Parquet file; the fields of a suite that has one."""
    types = {1: "UTINYINT", 2: "USMALLINT", 4: "UINTEGER"}
    fields = ", ".join(
        f'unnest(?::{types[width]}[]) AS "{name}"' for name, width in columns.widths.items()
    )
    values = [
        np.frombuffer(columns.columns[name], f"<u{width}").tolist()
        for name, width in columns.widths.items()
    ]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE attempts AS SELECT {fields}", values)
        (folder / "data").mkdir()
        connection.execute(f"COPY attempts TO '{folder}/data/attempts.parquet' (CODEC snappy)")
    return {
        "columns": None,
        "parquet": "data/attempts.parquet",
        "dictionaries": columns.dictionaries,
    }


def test_parquet_is_read_when_it_is_needed(browser: Browser, tmp_path: Path, served: str) -> None:
    """Not before something is chosen; then the figures are those of embedded attempts."""
    attempts = drawn(seed=9, cases=60)
    written(tmp_path, **parquet(tmp_path, columns_of(attempts)))
    with visited(browser, f"{served}/{PAGE}") as visit:
        page = visit.page
        page.wait_for_selector("#filter form:not([hidden])")
        assert visit.requests == [f"{served}/{PAGE}"]
        for wanted in ({"runner": "gpt"}, {"check:check 9": "failed", "slice:kind": "lost"}):
            choose(page, wanted)
            counted(page)
            assert shown(page, "[role=status]") == [list(astuple(Chosen(attempts, wanted).all()))]
        assert visit.requests == [f"{served}/{PAGE}", f"{served}/data/attempts.parquet"]
        assert visit.complaints == []


def test_a_large_suite_is_filtered_from_what_the_store_wrote(
    browser: Browser,
    served: str,
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its attempts lie beside the page as the store's own Parquet; one of three samples fails."""
    command(workspace.root, "run")  # a process: no loop may run beside the browser's
    monkeypatch.setattr("paygrade.pipeline.site.MOST_EMBEDDED", 2)
    monkeypatch.setattr("paygrade.pipeline.publish.MOST_EMBEDDED", 2)
    assert paygrade("publish", cwd=workspace.root).code == 0
    address = f"{served}/{workspace.root.name}/reports/published/suite-refunds.html"
    with visited(browser, address) as visit:
        visit.page.wait_for_selector("#filter form:not([hidden])")
        choose(visit.page, {"runner": "always_refund"})
        counted(visit.page)
        assert shown(visit.page, "[role=status]")[0][:2] == [1, 3]
        choose(visit.page, {"slice:kind": "regret"})
        counted(visit.page)
        assert shown(visit.page, "[role=status]")[0][:2] == [1, 1]
        assert visit.requests[-1].endswith("data/suite-refunds~attempts.parquet")
        assert visit.complaints == []


def test_parquet_beside_a_file_is_not_read(browser: Browser, tmp_path: Path) -> None:
    """A page that nobody serves says so, and that its rates need no filter."""
    address = written(tmp_path, **parquet(tmp_path, columns_of(ATTEMPTS[:50])))
    with visited(browser, address) as visit:
        assert "only for a page that is served" in visit.page.inner_text("#filter")
        assert not visit.page.locator("#filter form").is_visible()
        assert (visit.requests, visit.complaints) == ([address], [])


def test_time_grows_no_faster_than_the_attempts(browser: Browser, tmp_path: Path) -> None:
    """Five times as many attempts take at most ten times as long, however fast the machine is."""
    best = []
    for rows in (200_000, 1_000_000):
        with visited(browser, written(tmp_path, columns=many(rows))) as visit:
            counted(visit.page)
            times = []
            for runner in (*RUNNERS, "") * 3:
                choose(visit.page, {"runner": runner})
                times.append(float(visit.page.get_attribute("#filter", "data-milliseconds") or ""))
            best.append(sorted(times)[len(times) // 2])
    assert best[1] <= 10 * best[0], best

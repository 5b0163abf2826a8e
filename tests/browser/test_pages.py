"""The published pages in a real browser: nothing is fetched, clipped or out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from browser.chromium import visited
from kit import REPOSITORY
from paygrade.reports.site import pages
from publish.shipped import shipped
from reports.site.sites import a_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.real  # a browser; and all shipped suites are run and published first

AXE = REPOSITORY / "tests" / "ci" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (400, 1280, 1920)
TOLD = "samples-leak_probes~rules~001.html"
A4_WIDTH = 794
HEIGHT = 900

_VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html).join(' | ')}`)"""
_UNFOLD = "() => document.querySelectorAll('details').forEach(each => each.open = true)"
_OVERFLOW = "() => document.scrollingElement.scrollWidth - window.innerWidth"
_CLIPPED = """() => [...document.querySelectorAll('svg text')].filter(label => {
    let frame = label.closest('svg');  // a chart may reserve room for its labels around itself
    const seen = getComputedStyle(frame).overflowX === 'visible';
    if (seen) frame = frame.closest('figure, td, th, main');
    const box = label.getBoundingClientRect(), room = frame.getBoundingClientRect();
    return box.width && (box.left < room.left - 1 || box.right > room.right + 1
        || box.top < room.top - 1 || box.bottom > room.bottom + 1);
}).map(label => label.outerHTML)"""
_REACHABLE = """() => [...document.querySelectorAll(
    'a[href], summary, button, select, input, [tabindex="0"]')]
    .filter(each => each.checkVisibility()).length"""
_FOCUSED = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    window.seen = window.seen || new Set();
    const style = getComputedStyle(at), first = !window.seen.has(at);
    window.seen.add(at);
    return {first, count: window.seen.size, name: at.tagName,
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0};
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the shipped workspace, with those of samples."""
    workspace = shipped(tmp_path_factory.mktemp("site") / "ws", samples=True)
    return workspace / "reports" / "published"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small pages of every kind, with everything that a page can hold and hostile names."""
    folder = tmp_path_factory.mktemp("drawn")
    for name, text in pages(a_site()):
        (folder / name).write_text(text, "utf-8")
    return folder


def _pages(site: Path) -> Iterator[Path]:
    """Every page, and of the many that tell samples, which are alike, one."""
    for each in sorted(site.glob("*.html")):
        if not each.name.startswith("samples-") or each.name == TOLD:
            yield each


def _options(width: int, scheme: str) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": HEIGHT}, "color_scheme": scheme}


def test_every_page_opens_from_a_file_and_asks_nobody(browser: Browser, site: Path) -> None:
    """No request but for the page itself, and nothing on the console."""
    names = {each.name for each in _pages(site)}
    assert names >= {"index.html", "agents.html", "gate.html", "about.html"}
    assert TOLD in names
    for page in _pages(site):
        with visited(browser, page.as_uri()) as visit:
            visit.page.wait_for_timeout(50)
            if visit.page.query_selector("#filter form"):
                visit.page.wait_for_selector("#filter[aria-busy=false]")
            assert visit.requests == [page.as_uri()], page.name
            assert visit.complaints == [], page.name


def _violations(browser: Browser, page: Path, **options: Any) -> list[str]:  # noqa: ANN401
    """What axe says of a page with everything that is folded laid open."""
    if not AXE.exists():
        pytest.skip("axe-core is not here: make peers")
    with visited(browser, page.as_uri(), bypass_csp=True, **options) as visit:  # for axe itself
        visit.page.evaluate(_UNFOLD)
        visit.page.add_script_tag(path=str(AXE))
        found: list[str] = visit.page.evaluate(_VIOLATIONS)
        return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation(browser: Browser, drawn: Path, width: int, scheme: str) -> None:
    """In pages of every kind, at every width, light and dark."""
    for page in _pages(drawn):
        assert _violations(browser, page, **_options(width, scheme)) == [], page.name


def test_axe_finds_no_violation_in_the_shipped_pages(browser: Browser, site: Path) -> None:
    """With all their figures."""
    for page in _pages(site):
        assert _violations(browser, page, **_options(1280, "light")) == [], page.name


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_clipped_or_runs_off_the_page(browser: Browser, site: Path, width: int) -> None:
    """Wide tables scroll in a frame of their own; labels of charts stay inside their charts."""
    for page in _pages(site):
        with visited(browser, page.as_uri(), **_options(width, "light")) as visit:
            assert visit.page.evaluate(_OVERFLOW) <= 0, page.name
            visit.page.evaluate(_UNFOLD)
            assert visit.page.evaluate(_OVERFLOW) <= 0, page.name
            assert visit.page.evaluate(_CLIPPED) == [], page.name


def test_a_printed_page_has_its_width(browser: Browser, site: Path) -> None:
    """On A4 nothing stands outside the paper."""
    for page in _pages(site):
        with visited(browser, page.as_uri(), **_options(A4_WIDTH, "light")) as visit:
            visit.page.emulate_media(media="print")
            assert visit.page.evaluate(_OVERFLOW) <= 0, page.name
            assert visit.page.pdf(format="A4").startswith(b"%PDF"), page.name


def test_the_keyboard_reaches_everything(browser: Browser, site: Path) -> None:
    """Tab visits each link, fold, control and scrolling table, and one sees where one is."""
    for page in _pages(site):
        with visited(browser, page.as_uri(), **_options(1280, "light")) as visit:
            wanted = visit.page.evaluate(_REACHABLE)
            count = 0
            for _ in range(wanted + 5):
                visit.page.keyboard.press("Tab")
                focus = visit.page.evaluate(_FOCUSED)
                if focus is None or not focus["first"]:
                    break
                assert focus["outlined"], f"{page.name}: {focus['name']}"
                count = focus["count"]
            assert count == wanted, page.name

"""Nothing leaks and nothing runs on any way out, and each barrier is seen to be what holds it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from browser.chromium import launched, visited
from leaks_out import guards, reading
from leaks_out.stage import Stage, no_barrier
from leaks_out.ways import WAYS, Way
from leaks_out.words import HOSTILE, POLICY, SECRETS
from paygrade.errors import LeakRefusedError
from paygrade.leaks import Barrier
from paygrade.pipeline.outlet import Outlet

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Dialog

EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
GUARDED = pytest.mark.parametrize(
    "way", [each for each in WAYS if each.guard], ids=lambda way: way.name
)


class Left:
    """What left by each way, asked for once.

    Out of a store that no barrier stood before: that is what the last one is there for. A store
    may be older than a policy, or edited by hand.
    """

    def __init__(self, folder: Path) -> None:
        """Run it."""
        with no_barrier():
            self.stage = Stage(folder / "ws", {**SECRETS, **HOSTILE})
        self._stages: dict[object, Stage] = {}

    def by(
        self, way: Way, without: Callable[[], AbstractContextManager[object]] | None = None
    ) -> str:
        """With everything that holds it, or `without` something."""
        if without not in self._stages:
            self._stages[without] = self.stage.copy(store=True)
        own = self._stages[without]
        with without() if without else contextlib.nullcontext():
            return own.once(f"by {way.name}", lambda: way.leave(own))


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """One for all tests of this file."""
    return Left(tmp_path_factory.mktemp("left"))


@EVERY_WAY
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_nothing_leaks_on_any_way_out(way: Way, secret: str, left: Left) -> None:
    """It is masked there, whatever the store holds."""
    assert not reading.holds(left.by(way), secret)


@EVERY_WAY
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_without_the_barrier_it_would_leak(way: Way, secret: str, left: Left) -> None:
    """So the test above looks at what can be seen there."""
    assert reading.holds(left.by(way, no_barrier), secret)


@EVERY_WAY
def test_nothing_runs_on_any_way_out(way: Way, left: Left) -> None:
    """Markup, formulas and what a terminal obeys are text there."""
    text = left.by(way)
    assert "alert(1)" in reading.unescaped(text)
    assert way.problems(text) == []


@GUARDED
def test_without_its_guard_something_would(way: Way, left: Left) -> None:
    """So the test above looks at what can be seen there."""
    assert way.guard
    assert way.problems(left.by(way, way.guard)) != []


@pytest.mark.real
@pytest.mark.parametrize("bare", [False, True], ids=["held", "without its guard"])
def test_a_browser_runs_nothing_of_it(left: Left, *, bare: bool) -> None:
    """No dialog, no request, no complaint, on any page; without escapes there would be."""
    with guards.no_autoescape() if bare else contextlib.nullcontext():
        left.stage.ask("publish", "--out", "seen")
    happened: list[str] = []

    def asked(dialog: Dialog) -> None:
        happened.append(dialog.message)
        dialog.dismiss()

    with launched() as browser:
        for page in sorted((left.stage.root / "seen").glob("*.html")):
            with visited(browser, page.as_uri()) as visit:
                visit.page.on("dialog", asked)
                visit.page.wait_for_timeout(50)
                happened += [each for each in visit.requests if each != page.as_uri()]
                happened += visit.complaints
    assert bool(happened) is bare, happened


@pytest.mark.real
def test_a_line_of_a_megabyte_is_masked_to_its_end(tmp_path: Path) -> None:
    """However long the line before it is, and whichever way it leaves."""
    with no_barrier():
        stage = Stage(tmp_path / "ws", {"long": "word " * 200_000 + SECRETS["e-mail"]}, mix="x")
    for way in WAYS:
        assert not reading.holds(way.leave(stage), SECRETS["e-mail"]), way.name


def test_an_outlet_says_what_it_masked_where() -> None:
    """In one line, by place and kind."""
    outlet = Outlet(Barrier(POLICY))
    outlet.text("run.csv", f"{SECRETS['IBAN']} and {SECRETS['IBAN']}")
    outlet.value("run.md", {"answer": SECRETS["own pattern"]})
    assert outlet.note == "masked on the way out: 2 x iban in run.csv, 1 x customer-id in run.md"
    assert not Outlet(Barrier(POLICY)).note


def test_an_outlet_that_refuses_raises_with_the_place() -> None:
    """Nothing is masked then: the workspace wants to know."""
    with pytest.raises(LeakRefusedError, match=r"index.html: .*1 x email"):
        Outlet(Barrier(POLICY), refuse=True).text("index.html", SECRETS["e-mail"])

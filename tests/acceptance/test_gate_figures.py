"""The published figures of the gate are those that its benchmarks print."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

import pytest

from docs.pages import read, section
from kit import REPOSITORY

if TYPE_CHECKING:
    from types import ModuleType

PAGE = read("explanation/gate-figures.md")
INVOCATIONS = 400


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark that prints the large table."""
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    return importlib.import_module("gate.rates")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its rule."""
    lines = [line for line in section(PAGE, heading).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if set("".join(row)) - set("-:")]


def test_the_large_table_has_every_rule_and_every_design(rates: ModuleType) -> None:
    """As many rows as there are sizes, failure rates and epochs, and a figure for each rise."""
    header, *body = rows("## Beside other rules")
    assert header[3:-1] == list(rates.RULES)
    assert len(body) == len(rates.SAMPLES) * 3 * len(rates.EPOCHS)
    for row in body:
        assert {len(cell.split(" / ")) for cell in row[3:-1]} == {len(rates.RISES)}


@pytest.mark.real
def test_a_row_of_the_large_table_comes_out_again(rates: ModuleType) -> None:
    """Played again with its seed. Another NumPy may draw otherwise: chance alone is allowed for."""
    [row] = [each for each in rows("## Beside other rules")[1:] if each[:3] == ["50", "10 %", "3"]]
    for rise in (0.0, 0.05):
        again = rates.cell(samples=50, rate=0.10, epochs=3, rise=rise, invocations=INVOCATIONS)
        for shown, share in zip(row[3:-1], again.red.values(), strict=True):
            published = float(shown.split(" / ")[rates.RISES.index(rise)])
            assert published == pytest.approx(100 * share, abs=10)


def test_the_published_false_alarms_are_as_rare_as_the_page_says() -> None:
    """The largest first figure of our column is the one in the text."""
    alarms = [float(row[3].split(" / ")[0]) for row in rows("## Beside other rules")[1:]]
    stated = re.search(r"false alarms are ([\d.]+) % at most", PAGE)
    assert stated
    assert float(stated[1]) == max(alarms) <= 3


def test_the_published_predictions_held() -> None:
    """Found and predicted lie within 9 points of each other on every line."""
    body = rows("## Rises planted in recorded answers")[1:]
    assert len(body) == 10
    for row in body:
        found, predicted = (float(cell.removesuffix(" %")) for cell in row[3:5])
        apart = float(row[5].removesuffix(" points"))
        assert apart == pytest.approx(found - predicted, abs=0.11)  # of rounded figures
        assert abs(apart) <= 9


@pytest.mark.real
@pytest.mark.parametrize("name", ["rates", "speed"])
def test_the_benchmark_ends_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Its counters and ratios are within their bounds."""
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    assert importlib.import_module(f"gate.{name}").main() == 0, capsys.readouterr().out

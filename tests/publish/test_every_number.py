"""Every number on a page of the shipped workspace is a value that `paygrade sql` answers."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from paygrade.pipeline.show import sql
from publish.shipped import command, shipped
from pytx import exponent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml.html import HtmlElement

pytestmark = pytest.mark.real  # all shipped suites are run and published first

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?")
_SCALES = (1, 100, 1000)
_UNSIGNED = ("rise", "promised", "detects")
"""Of these the words around a number may say which way it goes."""
_CONSTANT = re.compile("95 %|SHA-256")
_NO_FIGURES = (
    "ancestor-or-self::*[@data-c or self::pre or self::code or self::script or self::time"
    " or self::title or self::desc or self::option or contains(concat(' ', @class, ' '), ' about ')"
    " or contains(concat(' ', @class, ' '), ' constant ')]"
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped content, run, gated and published."""
    return shipped(tmp_path_factory.mktemp("site") / "ws")


@dataclass(frozen=True)
class Page:
    """One page: its questions by name, and the elements that show a value of an answer."""

    name: str
    body: HtmlElement

    def questions(self) -> dict[str, str]:
        """The SQL that stands on the page."""
        return {each.get("data-name"): each.text_content() for each in self.body.iter("pre")}

    def shown(self) -> Iterator[tuple[str, int, HtmlElement]]:
        """Each marked element, with the question and the row that it belongs to."""
        for each in self.body.xpath("//*[@data-c]"):
            [name] = each.xpath("ancestor-or-self::*[@data-sql][1]/@data-sql")
            [row] = each.xpath("ancestor-or-self::*[@data-row][1]/@data-row")
            yield name, int(row), each


def _pages(workspace: Path) -> list[Page]:
    files = sorted((workspace / "reports" / "published").glob("*.html"))
    return [Page(each.name, html.fromstring(each.read_text("utf-8"))) for each in files]


def _plain(value: object) -> Any:  # noqa: ANN401 - a value of the database, as JSON says it
    return json.loads(json.dumps(value, default=lambda each: each.isoformat()))


def _same(raw: object, value: object) -> bool:
    if isinstance(raw, float) and isinstance(value, int | float):
        return math.isclose(raw, value, rel_tol=1e-12, abs_tol=1e-12)
    return raw == value


def _says(text: str, value: float, row: dict[str, Any], *, unsigned: bool) -> bool:
    """Whether a number in the text is the value, in percent, points, whole or as an amount."""
    if text.startswith(("<", ">")) or "n/a" in text:
        return True
    scales = [float(each) for each in _SCALES]
    if row.get("currency"):
        scales = [10.0 ** -exponent(row["currency"])]
    for found in _NUMBER.findall(text.replace("\N{MINUS SIGN}", "-")):
        figure = found.replace(",", "")
        half = 0.5 * 10.0 ** -len(figure.partition(".")[2]) * (1 + 1e-9)
        if any(abs(float(figure) - value * scale) <= half for scale in scales):
            return True
        if unsigned and any(
            abs(abs(float(figure)) - abs(value * scale)) <= half for scale in scales
        ):
            return True
    return False


def test_every_value_on_a_page_is_what_sql_answers(workspace: Path) -> None:
    """Each marked value is the one in that row and column, and its text says that number."""
    seen = 0
    for page in _pages(workspace):
        answers: dict[str, list[dict[str, Any]]] = {}
        for name, question in page.questions().items():
            table = sql(workspace, question)
            answers[name] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        for name, row, element in page.shown():
            column = element.get("data-c")
            raw = json.loads(element.get("data-v"))
            value = _plain(answers[name][row][column])
            where = f"{page.name}: {name}[{row}].{column}"
            assert _same(raw, value), f"{where}: {raw} on the page, {value} in the store"
            if isinstance(value, int | float) and not isinstance(value, bool):
                said = element.text_content()
                says = _says(said, value, answers[name][row], unsigned=column in _UNSIGNED)
                assert says, f"{where}: {said!r} for {value}"
                seen += 1
    assert seen > 1000


def test_no_number_of_a_page_stands_outside_an_answer(workspace: Path) -> None:
    """What is not marked is a text of an answer, a dataset's own words, or a constant."""
    for page in _pages(workspace):
        texts = {
            str(value)
            for question in page.questions().values()
            for row in sql(workspace, question).rows
            for value in row
            if isinstance(value, str)
        }
        for element in page.body.xpath(f"//main//*[text()][not({_NO_FIGURES})]"):
            for text in element.xpath("text()"):
                said = _CONSTANT.sub("", text.strip())
                assert said in texts or not _NUMBER.search(said), f"{page.name}: {said!r}"


def test_the_command_line_answers_what_a_page_asks(workspace: Path) -> None:
    """`paygrade sql` in a process of its own gives the failure rates of the overview."""
    [page] = [each for each in _pages(workspace) if each.name == "index.html"]
    answer = json.loads(command(workspace, "sql", page.questions()["runs"], "--json"))
    rates = {
        (row, json.loads(element.get("data-v")))
        for name, row, element in page.shown()
        if name == "runs" and element.get("data-c") == "failure_rate"
    }
    assert rates
    assert rates == {(index, row["failure_rate"]) for index, row in enumerate(answer)}

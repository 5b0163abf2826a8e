"""Each number says which value of which row it is, and is that value."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.reports.site import pages
from reports.site.read import shown, text, tree
from reports.site.sites import a_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from paygrade.records.site import Asked

SITE = a_site()
PAGES = dict(pages(SITE))
EVERY = pytest.mark.parametrize("name", PAGES)


def tables_of(name: str) -> Mapping[str, Asked]:
    """The answers that a page shows."""
    suites = {f"suite-{each.suite}.html": each.tables for each in SITE.suites}
    own = {"agents.html": SITE.agents, "gate.html": SITE.gate}
    return suites.get(name) or own.get(name) or SITE.overview


def nearest(around: list[Element], attribute: str) -> str:
    """The value of the innermost element that has the attribute."""
    return next(each.attrib[attribute] for each in reversed(around) if attribute in each.attrib)


def marked(name: str) -> Iterator[tuple[Element, str, int]]:
    """Each marked element with its question and row."""
    for element, around in shown(tree(PAGES[name])):
        if "data-c" in element.attrib:
            chain = [*around, element]
            yield element, nearest(chain, "data-sql"), int(nearest(chain, "data-row"))


def as_told(value: Any) -> Any:  # noqa: ANN401 -- whatever the database gave
    """A value as JSON gives it back."""
    return value.isoformat() if isinstance(value, datetime) else value


@EVERY
def test_a_marked_number_is_the_value_of_its_row(name: str) -> None:
    """Read back exactly: floats to the last digit."""
    tables = tables_of(name)
    for element, asked, row in marked(name):
        value = tables[asked].records()[row][element.attrib["data-c"]]
        assert json.loads(element.attrib["data-v"]) == as_told(value)


@EVERY
def test_no_number_stands_without_its_mark(name: str) -> None:
    """What is no value of the store is said to be constant: a scale, a confidence, a version.

    Names, of which many hold digits, are text.
    """
    names = re.compile(
        r"[a-z_]+@v\d+|gpt-5-mini|[0-9a-f]{10,}|s-\d|[a-z_-]+-\d|pass[\^@]k|SHA-256|of 1,000"
    )
    found = []
    for element, around in shown(tree(PAGES[name])):
        chain = [*around, element]
        skipped = any(
            each.tag in {"pre", "desc", "title", "code"}
            or "data-c" in each.attrib
            or "constant" in each.get("class", "").split()
            for each in chain
        )
        if not skipped:
            own = " ".join([element.text or "", *((child.tail or "") for child in element)])
            if re.search(r"\d", names.sub("", own)):
                found.append(own.strip())
    assert found == []


@EVERY
def test_the_question_stands_under_its_table_with_its_answer_as_a_file(name: str) -> None:
    """Each table names its question; the question is on the page as it was asked."""
    page, tables = tree(PAGES[name]), tables_of(name)
    asked = {each.attrib["data-name"]: "".join(each.itertext()) for each in page.iter("pre")}
    assert {
        each.attrib["data-sql"] for each in page.iter("table") if "data-sql" in each.attrib
    } == (set(asked))
    assert asked == {each: tables[each].sql for each in asked}
    stem = name.removesuffix(".html")
    files = {each.get("href") for each in page.findall(".//details[@class='sql']//a")}
    assert files == {f"data/{stem}.{each}.{kind}" for each in asked for kind in ("csv", "parquet")}


@EVERY
def test_a_row_of_a_table_says_which_one_it_is(name: str) -> None:
    """The row's number is its place in the answer."""
    tables = tables_of(name)
    for table in tree(PAGES[name]).iter("table"):
        if "data-sql" in table.attrib:
            rows = [row.get("data-row") for row in table.iter("tr")][1:]
            whole = range(len(tables[table.attrib["data-sql"]].rows))
            assert {int(row or -1) for row in rows} <= set(whole)
            assert len(rows) == len(set(rows))


def test_a_rate_stands_with_its_interval_and_n() -> None:
    """As a dot with whiskers in a chart, and in words beside it."""
    said = text(tree(PAGES["suite-dispute_triage.html"]))
    assert "26.8 % (22.2 to 31.9 %), 86 of 321" in said


def test_none_found_is_said_as_what_it_leaves_possible() -> None:
    """Of agents: none of 250 is not never."""
    assert "at most 1.2 %, 0 of 250 (250 cases)" in text(tree(PAGES["agents.html"]))


def test_money_stays_in_its_currency() -> None:
    """Nothing is converted or summed."""
    said = text(tree(PAGES["index.html"]))
    assert "12345.67 EUR of 98765.43 EUR 120000 JPY of 480000 JPY" in said

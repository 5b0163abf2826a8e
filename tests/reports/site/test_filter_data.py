"""The attempts that the page of a suite carries for its filter."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np

from paygrade.records.site import Columns, SuiteSite
from paygrade.reports.site import pages
from paygrade.reports.site.filter import filter_of
from reports.site.read import tree
from reports.site.sites import a_site

COLUMNS = Columns(
    rows=4,
    dictionaries={
        "runner": ("gpt", "</script><img src=x>"),
        "class": ("quarantined", "statistical"),
        "check": ("equals", "no-pan"),
        "slice:kind": ("late\x1flost", "\u202elost", ""),
    },
    widths={
        "runner": 1, "class": 1, "outcome": 1, "case": 2, "slice:kind": 1, "judged:0": 1,
        "failed:0": 1,
    },
    columns={
        "runner": bytes((0, 0, 0, 1)),
        "class": bytes((1, 1, 0, 1)),
        "outcome": bytes((0, 1, 2, 1)),
        "case": np.array((0, 0, 700, 3), "<u2").tobytes(),
        "slice:kind": bytes((0, 1, 2, 0)),
        "judged:0": bytes((3, 3, 0, 3)),
        "failed:0": bytes((0, 1, 0, 3)),
    },
)  # fmt: skip
SUITE = SuiteSite(suite="s", description="", tables={}, columns=COLUMNS)


def data_of(suite: SuiteSite) -> dict[str, Any]:
    """What the page's script reads."""
    found = filter_of(suite)
    assert found is not None
    data: dict[str, Any] = json.loads(found.data)
    return data


def test_columns_come_back_as_they_were() -> None:
    """One gzip holds them, the widest first; cases are differences."""
    data = data_of(SUITE)
    raw = gzip.decompress(base64.b64decode(data["packed"]))
    found, start = {}, 0
    for name, width in data["columns"]:
        assert start % width == 0
        found[name] = raw[start : start + width * data["rows"]]
        start += width * data["rows"]
    assert start == len(raw)
    cases = np.cumsum(np.frombuffer(found["case"], "<u2"), dtype="<u2")
    assert {**found, "case": cases.tobytes()} == dict(COLUMNS.columns)


def test_the_same_attempts_are_the_same_bytes() -> None:
    """No time and no system's name is in them."""
    data = data_of(SUITE)
    assert data == data_of(SUITE)
    head = base64.b64decode(data["packed"])[:10]
    assert (head[4:8], head[9]) == (bytes(4), 255)


def test_names_that_are_markup_stay_words() -> None:
    """They end no script, and make no element of a list."""
    site = a_site()
    suite = replace(site.suites[0], columns=COLUMNS)
    text = dict(pages(replace(site, suites=(suite,))))[f"suite-{suite.suite}.html"]
    page = tree(text)
    assert page.find(".//img") is None
    data = page.findtext(".//script[@id='columns']")
    assert json.loads(data or "")["dictionaries"]["runner"] == list(COLUMNS.dictionaries["runner"])
    assert "</script><img src=x>" in {
        each.get("value") for each in page.iterfind(".//select[@name='runner']/option")
    }


def test_names_that_nobody_sees_are_spelled_alike_in_lists_and_in_data() -> None:
    """A mark of direction is its number, so that what is chosen is what is counted."""
    found = filter_of(SUITE)
    assert found is not None
    assert found.slices[0].options == ("[U+202E]lost", "late", "lost")
    assert data_of(SUITE)["dictionaries"]["slice:kind"] == ["late\x1flost", "[U+202E]lost", ""]


def test_quarantined_attempts_are_left_out_until_they_are_asked_for() -> None:
    """The list says so."""
    found = filter_of(SUITE)
    assert found is not None
    classes = next(each for each in found.attempts if each.name == "class")
    assert classes.anything == "any but quarantined"


def test_a_file_beside_the_page_is_named_with_what_it_must_hold() -> None:
    """Names of columns and the bytes of a value come from the dictionaries."""
    beside = replace(
        SUITE, columns=None, parquet="data/s.parquet", dictionaries=COLUMNS.dictionaries
    )
    data = data_of(beside)
    assert data["parquet"] == "data/s.parquet"
    assert dict(data["columns"]) == {
        "case": 4, "runner": 2, "class": 2, "slice:kind": 2, "outcome": 1, "judged:0": 1,
        "failed:0": 1,
    }  # fmt: skip
    assert "packed" not in data


def test_a_suite_without_attempts_has_no_filter() -> None:
    """There is nothing to choose from."""
    assert filter_of(replace(SUITE, columns=None)) is None


def test_the_vendored_reader_is_the_one_that_its_note_tells_of() -> None:
    """Its digest stands beside it, its licence in it and beside it."""
    folder = resources.files("paygrade.reports.site") / "vendor"
    script = (folder / "hyparquet.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() in (folder / "README.md").read_text("utf-8")
    licence = (folder / "LICENSE-hyparquet").read_text("utf-8")
    assert licence in script.decode()

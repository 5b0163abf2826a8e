"""What every page of a site has, and what no page has."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from paygrade.records.site import SuiteSite
from paygrade.reports.site import pages
from reports.site.read import shown, text, tree
from reports.site.sites import a_site, suite_tables

PAGES = dict(pages(a_site()))
EVERY = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())


def test_there_is_a_page_for_all_one_a_suite_and_three_more() -> None:
    """A suite that never ran has its page as well."""
    assert list(PAGES) == [
        "index.html",
        "suite-dispute_triage.html",
        "suite-leak_probes.html",
        "suite-refund_agent.html",
        "suite-never_tried.html",
        "agents.html",
        "gate.html",
        "about.html",
    ]


def test_a_workspace_without_agents_has_no_page_on_them() -> None:
    """Nor a link to it."""
    found = dict(pages(a_site(agents={})))
    assert "agents.html" not in found
    assert not [page for page in found.values() if 'href="agents.html"' in page]


@EVERY
def test_a_page_has_its_landmarks_and_a_way_past_the_navigation(page: str) -> None:
    """One header, one navigation, one main part and one footer."""
    found = tree(page)
    tags = [element.tag for element, _ in shown(found)]
    assert [tags.count(tag) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    body = found.find("body")
    assert body is not None
    assert body[0].attrib == {"class": "skip", "href": "#main"}
    assert found.find(".//main[@id='main']") is not None


@EVERY
def test_headings_go_down_one_step_at_a_time(page: str) -> None:
    """There is one h1, and it comes first."""
    levels = [int(each) for each in re.findall(r"<h([1-6])\b", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_the_navigation_says_where_one_is(name: str) -> None:
    """The link to the page itself is the current one."""
    links = tree(PAGES[name]).findall(".//nav//a")
    assert [each.get("href") for each in links if each.get("aria-current") == "page"] == [name]
    assert {each.get("href") for each in links} == set(PAGES)


@EVERY
def test_only_the_styles_and_scripts_of_the_page_may_run(page: str) -> None:
    """The policy names the hash of each, and nothing else is allowed."""
    found = tree(page)
    policy = found.find(".//meta[@http-equiv='Content-Security-Policy']")
    style = found.find(".//style")
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    rules = (policy.get("content") or "").split("; ")
    assert rules[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert rules[3:] == ["img-src data:", "base-uri 'none'", "form-action 'none'"]


@EVERY
def test_no_element_has_a_style_or_a_handler_of_its_own(page: str) -> None:
    """The policy would refuse both."""
    names = {name for element, _ in shown(tree(page)) for name in element.attrib}
    assert not [name for name in names if name == "style" or name.startswith("on")]


@EVERY
def test_a_page_asks_nobody_for_anything(page: str) -> None:
    """Links lead to pages and files beside it."""
    found = tree(page)
    links = [each.get(name, "") for each in found.iter() for name in ("href", "src")]
    assert not [link for link in links if ":" in link and link != "data:,"]
    assert "@import" not in page
    assert "url(" not in page


@EVERY
def test_names_of_elements_are_given_once(page: str) -> None:
    """What refers to one finds it."""
    found = [element for element, _ in shown(tree(page))]
    ids = [element.attrib["id"] for element in found if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    named = " ".join(element.get("aria-labelledby", "") for element in found).split()
    assert set(named) <= set(ids)


@EVERY
def test_a_wide_table_is_reached_by_keyboard(page: str) -> None:
    """What scrolls has a name and can be focused; no two have the same name."""
    regions = [element for element, _ in shown(tree(page)) if element.get("class") == "scroll"]
    assert {element.get("tabindex") for element in regions} <= {"0"}
    assert {element.get("role") for element in regions} <= {"region"}
    names = [element.get("aria-label") for element in regions]
    assert all(names)
    assert len(names) == len(set(names))


@EVERY
def test_each_picture_is_named_or_hidden(page: str) -> None:
    """A chart of its own has a title and is told; one beside its figures is not read twice."""
    for element, around in shown(tree(page)):
        if element.tag != "svg" or any(each.tag == "svg" for each in around):
            continue
        if element.get("aria-hidden") != "true":
            assert element.get("role") == "img"
            assert element[0].tag == "title"
            assert text(element[0])


@EVERY
def test_a_chart_has_its_table(page: str) -> None:
    """The figure names the question whose table stands on the same page."""
    found = tree(page)
    twins = {each.get("data-twin") for each in found.iter("figure")}
    tables = {each.get("data-sql") for each in found.iter("table")}
    assert twins <= tables


def test_what_others_wrote_is_text_everywhere() -> None:
    """Suites, runners, reasons and values may hold markup: none of it becomes an element."""
    evil = '</script><img src=x onerror="alert(1)">\u202e'
    site = a_site()
    spoiled = {
        name: replace(
            asked,
            rows=tuple(
                tuple(evil if value in _WORDS else value for value in row) for row in asked.rows
            ),
        )
        for name, asked in suite_tables("dispute_triage", site.overview["runs"].records()).items()
    }
    site = a_site(
        title=evil,
        suites=(SuiteSite(suite="dispute_triage", description=evil, tables=spoiled),),
    )
    plainly = _tags(dict(pages(a_site()))["suite-dispute_triage.html"])
    page = dict(pages(site))["suite-dispute_triage.html"]
    assert "img" not in _tags(page)
    assert "script" not in _tags(page)
    assert _tags(page) <= plainly
    assert "\u202e" not in page
    assert "onerror=&#34;alert(1)&#34;" in page


_WORDS = {"rules", "visa", "prompt v2 reads the reason code", "equals:action", "timeout"}


def _tags(page: str) -> set[str]:
    return {element.tag for element, _ in shown(tree(page))}

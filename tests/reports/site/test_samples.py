"""Pages of attempts in their own words."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from paygrade.records.site import CheckTold, SampleTold
from paygrade.reports.site import pages, sample_pages
from paygrade.reports.site.shell import samples_file
from reports.site.attempts import HOSTILE, TOLD
from reports.site.read import text, tree
from reports.site.sites import a_site

if TYPE_CHECKING:
    from collections.abc import Iterable

TRAJECTORY: dict[str, Any] = {
    "guard": "none",
    "steps": [
        {
            "role": "agent",
            "text": "I refund.",
            "calls": [
                {"id": "c1", "tool": "refund", "arguments": {"amount": 1}, "status": "ok",
                 "result": {"done": True}},
            ],
        }
    ],
    "deliveries": [], "effects": [], "claims": [], "violations": [],
    "snapshot": None, "snapshot_hash": "", "turns": 1,
}  # fmt: skip


def written(told: Iterable[SampleTold]) -> list[tuple[str, str]]:
    """The pages of these attempts."""
    site = a_site()
    return list(sample_pages(site, site.suites[0], "rules", told, most=1_000))


def read(page: str) -> str:
    """What somebody reads of a page, without its frame."""
    main = tree(page).find(".//main")
    assert main is not None
    return text(main)


def test_an_attempt_is_told_whole() -> None:
    """Answer, checks with reasons, what was expected, prompt, and the difference."""
    [(name, page)] = written([TOLD])
    assert name == "samples-dispute_triage~rules~001.html"
    told = read(page)
    for each in (
        '{ "action": "refuse" }', "equals:action fail refuse is not refund critical gating",
        "no-pan pass", '{ "action": "refund" }', "system Be brief.", "user Where is it?",
        '- "action": "refund" + "action": "refuse" }', "42.00 EUR", "late, lost",
        "Against the baseline's first answer",
    ):  # fmt: skip
        assert each in told


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_an_attempt_is_markup(hostile: str) -> None:
    """Wherever such words stand, the page has the elements that it has with harmless ones."""

    def filled(word: str) -> SampleTold:
        return replace(
            TOLD, sample_id=word, case=word, case_class=word, slices={word: (word,)},
            messages=((word, word),), expected={word: word}, answer=f"{word}\n1", finish=word,
            kind="errored", error_kind=word, error=word, currency=word, run_id=word,
            trajectory={"steps": word},
            checks=(
                CheckTold(check=word, severity=word, role=word, result=word, reason=word),
            ),
            baseline_answer=f"{word}\n2",
        )  # fmt: skip

    [(_, page)] = written([filled(hostile)])
    [(_, harmless)] = written([filled("word")])
    assert _elements(page) == _elements(harmless)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\u200b\U000e0041\ud800]", page)
    page.encode()


def _elements(page: str) -> list[tuple[str, list[str]]]:
    return [(each.tag, sorted(each.attrib)) for each in tree(page).iter()]


def test_what_nobody_sees_is_spelled() -> None:
    """A mark that turns the direction of a name stands there as its number."""
    [(_, page)] = written([replace(TOLD, answer=HOSTILE[-1])])
    assert "invoice [U+202E]gpj.exe [U+2066][U+001B][2J[U+200B][U+E0041] [U+D800]" in page


def test_a_giant_answer_is_cut() -> None:
    """A megabyte becomes 20,000 characters, with the command that shows all of it."""
    giant = replace(TOLD, sample_id="s-2", answer="&" * 1_000_000, baseline_answer="&" * 999_999)
    pages = written([TOLD, giant, replace(TOLD, sample_id="s-3")])
    page = pages[0][1] if "s-2" in pages[0][1] else pages[1][1]
    assert all(len(page.encode()) < 400_000 for _, page in pages)
    assert "20,000 of 1,000,000 characters are shown" in page
    assert "paygrade show r-1 s-2" in page


def test_the_command_that_shows_all_can_be_typed() -> None:
    """Whatever an id holds."""
    told = replace(TOLD, sample_id="it's; $HOME", answer="x" * 50_000)
    [(_, page)] = written([told])
    assert shlex.join(["paygrade", "show", "r-1", "it's; $HOME"]) in read(page)


def test_a_page_says_of_how_many_it_tells() -> None:
    """Also where not all are told."""
    site = a_site()
    for count, said in (
        (2, "in their own words: 2, page 1."),
        (5_312, "in their own words: the first 1,000 by id of 5,312, page 1."),
    ):
        suite = replace(site.suites[0], told={"rules": count})
        [(_, page)] = sample_pages(site, suite, "rules", [TOLD], most=1_000)
        assert said in read(page)


def test_no_two_suites_and_runners_have_the_same_page() -> None:
    """Wherever a name is cut."""
    assert samples_file("refund", "agent-x", 1) != samples_file("refund-agent", "x", 1)


@pytest.mark.parametrize("heavy", ["\U0001f4b6", "&", '"', "\x1b", "\U000e0041"])
def test_an_attempt_of_many_giants_stays_small(heavy: str) -> None:
    """However many texts an attempt has, they have room for 40,000 characters of any weight."""
    many = replace(
        TOLD, answer=heavy * 20_000, baseline_answer=f"{heavy}x" * 9_999,
        messages=tuple(("user", heavy * 30_000) for _ in range(50)),
    )  # fmt: skip
    [(_, page)] = written([many])
    assert len(page.encode()) < 400_000


def test_pages_are_linked_one_after_the_other() -> None:
    """Each holds what it may weigh; the ids at its top lead to its attempts."""
    told = [replace(TOLD, sample_id=f"s/{n} é", answer="x" * 9_000) for n in range(100)]
    pages = written(told)
    names = [name for name, _ in pages]
    assert len(pages) > 2
    assert names == [f"samples-dispute_triage~rules~{n:03}.html" for n in range(1, len(pages) + 1)]
    for number, (_, page) in enumerate(pages):
        assert len(page.encode()) < 400_000
        links = {each.get("rel"): each.get("href") for each in tree(page).iter("a")}
        assert links.get("prev") == (names[number - 1] if number else None)
        assert links.get("next") == (names[number + 1] if number + 1 < len(names) else None)
        ids = [each.attrib["id"] for each in tree(page).iter("article")]
        entries = tree(page).findall(".//ol[@class='index']//a")
        # an id is percent-encoded once, its link once more
        assert [each.get("href") for each in entries] == [f"#{quote(each)}" for each in ids]
    assert sum(page.count("<article") for _, page in pages) == 100


def test_an_attempt_without_an_answer_says_why() -> None:
    """The error stands there, and nothing is compared with an answer that nobody has."""
    errored = replace(
        TOLD, kind="errored", failed=None, error_kind="timeout", error="no answer in 60 s",
        answer=None, checks=(), baseline_answer=None,
    )  # fmt: skip
    [(_, page)] = written([errored])
    told = read(page)
    assert "errored" in told
    assert "timeout: no answer in 60 s" in told
    assert "No answer came." in told
    assert "The baseline's own answer is not in this store." in told


def test_the_same_answer_is_said_to_be_the_same() -> None:
    """There is no empty difference."""
    [(_, page)] = written([replace(TOLD, baseline_answer=TOLD.answer)])
    assert "The baseline's first answer is the same." in read(page)


def test_what_an_agent_did_is_told_step_by_step() -> None:
    """Calls with what came back; where the store holds another form, as it is."""
    [(_, page)] = written([replace(TOLD, trajectory=TRAJECTORY)])
    assert '1 agent I refund. refund {"amount": 1} → ok {"done": true}' in read(page)
    [(_, page)] = written([replace(TOLD, trajectory={"of": "another time"})])
    assert '{ "of": "another time" }' in read(page)


def test_no_attempt_is_no_page() -> None:
    """Nothing is written where nothing is told."""
    assert written([]) == []


def test_a_difference_of_many_lines_takes_no_time() -> None:
    """Only so many lines are compared, whatever they repeat."""
    before, after = ("\n".join(f"{i * step % 97}" for i in range(9_000)) for step in (31, 57))
    [(_, page)] = written([replace(TOLD, answer=before, baseline_answer=after)])
    assert "Compared as far as either is shown." in read(page)
    assert page.count('class="removed"') <= 400


def test_the_page_of_a_suite_leads_to_its_attempts() -> None:
    """One link for each runner of which some are told."""
    site = a_site()
    suite = replace(site.suites[0], told={"rules": 12, "gpt-5-mini": 3})
    page = dict(pages(replace(site, suites=(suite,))))[f"suite-{suite.suite}.html"]
    links = {each.text: each.get("href") for each in tree(page).iter("a")}
    assert links["rules"] == "samples-dispute_triage~rules~001.html"
    assert links["gpt-5-mini"] == "samples-dispute_triage~gpt-5-mini~001.html"

"""What of a site is kept in git: the table that GitHub shows, the badge, the figures."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from paygrade.analysis.staleness import differences
from paygrade.records.plan import Identity
from paygrade.records.published import Publication, PublishedRun
from paygrade.records.run import MoneyAtRisk
from paygrade.reports.published import (
    badge_json,
    badge_message,
    badge_svg,
    figures_json,
    read_figures,
    readme,
    table,
)

IDENTITY = Identity(prompt="a" * 64, dataset="b" * 64, runner="c" * 64, scorers="d" * 64)
RUN = PublishedRun(
    suite="dispute_triage",
    runner="rules",
    run_id="20261128-120000-dispute_triage-rules-ab12",
    started_at="2026-11-28T12:00:00Z",
    commit="e" * 40,
    dirty=False,
    prompt="dispute_triage@v1",
    dataset="disputes@v2",
    epochs=1,
    samples=400,
    scored=400,
    failed=107,
    errored=2,
    cases=200,
    rate=0.2675,
    low=0.216,
    high=0.326,
    invariant_failures=0,
    money=(MoneyAtRisk(currency="EUR", at_risk_minor=1200, exposed_minor=34000),),
    verdict="pass",
    identity=IDENTITY,
)
SITE = Publication(
    title="Payments evals",
    made_at="2026-11-28T12:34:56.000000Z",
    commit="f" * 40,
    dirty=False,
    runs=(RUN,),
)


def test_a_row_says_how_often_it_fails_of_how_many() -> None:
    """With its interval, errors, money, versions and the verdict."""
    assert table([RUN]).splitlines()[-1] == (
        "| `dispute_triage` | `rules` | 26.8 % (21.6 to 32.6 %) | 107 of 400 | 2 | "
        "12.00 EUR of 340.00 EUR | `dispute_triage@v1` | `disputes@v2` | pass |"
    )


def test_nothing_scored_is_not_zero() -> None:
    """No rate, no interval, no verdict that nobody gave."""
    none = replace(RUN, scored=0, failed=0, rate=None, low=0.0, high=1.0, money=(), verdict="")
    assert "| n/a | 0 of 0 | 2 | - |" in table([none])
    assert table([none]).rstrip().endswith("| not gated |")
    assert badge_message(replace(SITE, runs=(none,))) == "nothing scored"


def test_the_page_says_when_of_what_and_how_to_make_it_anew() -> None:
    """And what is not known."""
    text = readme(replace(SITE, unknown=("refunds: how often it fails",), dirty=True))
    assert "from commit `ffffffffffff` with changes that are not committed" in text
    assert "2026-11-28 12:34 UTC" in text
    assert (
        "paygrade run dispute_triage --runner rules --prompt dispute_triage@v1 --epochs 1\n"
        "paygrade publish\n"
    ) in text
    assert "- refunds: how often it fails" in text
    assert "The pages (`index.html`) show" in text
    assert "](index.html)" not in text  # it is not in git: GitHub would find nothing there


def test_a_title_is_no_markup() -> None:
    """A name from a file stays a name."""
    assert "<script>" not in readme(replace(SITE, title="<script>x</script> [a](b)"))
    assert "[a](b)" not in readme(replace(SITE, title="[a](b)"))


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ((RUN,), "26.8 % of 400 fail"),
        ((RUN, replace(RUN, runner="b", rate=0.548)), "2 runners, worst 54.8 % of 400"),
        ((RUN, replace(RUN, suite="b", rate=0.548)), "2 suites, worst 54.8 % of 400"),
    ],
)
def test_a_badge_says_the_rate_or_the_worst_of_several(
    runs: tuple[PublishedRun, ...], message: str
) -> None:
    """For shields.io, and drawn with the same words."""
    site = replace(SITE, runs=runs)
    badge = json.loads(badge_json(site))
    assert (badge["schemaVersion"], badge["message"]) == (1, message)
    title = ET.fromstring(badge_svg(site)).findtext("{http://www.w3.org/2000/svg}title")  # noqa: S314 - our own
    assert title == f"failure rate: {message}"


def test_figures_are_read_as_they_were_written() -> None:
    """Every field of every run."""
    assert read_figures(figures_json(SITE)) == SITE


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"published": 2}', '{"published": 1, "runs": [5]}', "[" * 100_000]
)
def test_what_is_no_figures_is_said_to_be_none(text: str) -> None:
    """Whatever else stands in the file."""
    with pytest.raises(ValueError, match=r".+"):
        read_figures(text)


def _stale(now: PublishedRun, today: Identity = IDENTITY) -> tuple[str, ...]:
    return differences([RUN], [now], {("dispute_triage", "rules"): today})


def test_times_and_commits_are_no_difference() -> None:
    """Nor is another run of the same, a verdict that nobody knows now, or a last digit."""
    again = replace(
        RUN, run_id="x", started_at="2027-01-01T00:00:00Z", commit="", dirty=True, verdict="",
        rate=0.26750000001,
    )  # fmt: skip
    assert _stale(again) == ()


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (replace(RUN, failed=106), "failed was 107, is 106"),
        (replace(RUN, errored=0), "errored was 2, is 0"),
        (replace(RUN, samples=401), "samples was 400, is 401"),
        (replace(RUN, invariant_failures=1), "invariant failures was 0, is 1"),
        (replace(RUN, prompt="dispute_triage@v2"),
         "prompt was dispute_triage@v1, is dispute_triage@v2"),
        (replace(RUN, money=()), "other money is at risk than was published"),
    ],
)  # fmt: skip
def test_a_count_that_differs_is_named(now: PublishedRun, sentence: str) -> None:
    """Before and now."""
    assert _stale(now) == (f"dispute_triage · rules: {sentence}",)


def test_another_identity_is_named() -> None:
    """Each part of it."""
    other = replace(IDENTITY, prompt="9" * 64)
    assert _stale(replace(RUN, identity=other), other) == (
        "dispute_triage · rules: the hash of its prompt was aaaaaaaaaaaa, is 999999999999",
    )


def test_a_workspace_that_was_edited_and_not_run_again_is_stale() -> None:
    """Although the store says what was published."""
    assert _stale(RUN, replace(IDENTITY, prompt="9" * 64, scorers="8" * 64)) == (
        "dispute_triage · rules: its prompt and scorers have changed since it was published",
    )


def test_a_row_without_a_run_and_a_run_without_a_row_are_named() -> None:
    """Nobody can say whether the one is still so; the other is missing."""
    other = replace(RUN, runner="model")
    assert differences([RUN], [other], {}) == (
        "dispute_triage · rules: no complete whole run of it is in the store: run it first",
        "dispute_triage · model: was run and is not published",
    )

"""What is not known is said, never shown as a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from paygrade.records.site import Asked, Site, SuiteSite
from paygrade.reports.site import pages
from reports.site.read import text, tree
from reports.site.sites import PUBLISHED, TREND, VERDICTS, a_site, asked, run, suite_tables

if TYPE_CHECKING:
    from collections.abc import Mapping


def page(site: Site, name: str) -> str:
    """What a reader sees of a page."""
    main = tree(dict(pages(site))[name]).find(".//main")
    assert main is not None
    return text(main)


def alone(*runs: dict[str, Any], **others: Any) -> Site:  # noqa: ANN401 -- any field of it
    """A site of one suite with these runs."""
    tables = {name: _none(each) for name, each in suite_tables("triage", []).items()}
    tables["runs"] = asked(PUBLISHED, runs)
    overview = {name: _none(each) for name, each in a_site().overview.items()}
    overview["runs"] = tables["runs"]
    suites = (SuiteSite(suite="triage", description="", tables=tables),)
    return a_site(overview=overview, suites=suites, agents={}, **others)


def _none(each: Asked) -> Asked:
    return Asked(sql=each.sql, columns=each.columns, rows=())


def test_a_suite_without_a_whole_run_says_so() -> None:
    """On the overview and on its own page, with what to do; there is no rate of 0 %."""
    site = alone()
    for name in ("index.html", "suite-triage.html"):
        assert "no whole run has come to its end" in page(site, name)
        assert "0.0 %" not in page(site, name)
    assert "Nothing was run to its end yet" in page(site, "index.html")


def test_a_workspace_without_a_suite_says_so() -> None:
    """Nothing is left blank."""
    assert "no suite" in page(a_site(suites=(), overview={}, agents={}, gate={}), "index.html")


def test_where_nothing_was_scored_there_is_no_rate() -> None:
    """All attempts ended in errors: the errors are counted, the rate is not known."""
    site = alone(run("triage", "rules", 0, 0, errored=12))
    said = page(site, "index.html")
    assert "nothing scored 12 errors" in said
    assert " 0.0 %" not in said
    assert "Runs came to their end, but nothing was scored: nothing is known." in said


def test_a_runner_without_any_rate_is_named_beside_those_that_have_one() -> None:
    """It does not vanish from the charts."""
    runs = [run("triage", "rules", 3, 40), run("triage", "broken", 0, 0, errored=12)]
    [suite] = alone(*runs).suites
    tables = {**suite.tables, "trend": asked(TREND, runs)}
    site = replace(alone(*runs), suites=(replace(suite, tables=tables),))
    said = page(site, "suite-triage.html")
    assert "broken: no whole run has a rate." in said
    assert "rules: no whole run has a rate." not in said


def test_a_run_that_was_never_gated_has_no_verdict_yet() -> None:
    """It is neither a pass nor a failure."""
    site = alone(run("triage", "rules", 3, 40))
    assert "no verdict yet" in page(site, "index.html")
    assert "The gate has not judged it yet." in page(site, "index.html")


def test_a_cost_that_nobody_knows_is_not_known() -> None:
    """It is not 0 USD."""
    site = alone(
        run("triage", "rules", 3, 40, usd=None, usd_per_1000=None, p95_s=None, priced=0, timed=0)
    )
    said = page(site, "index.html")
    assert "Cost of 1,000 samples not known" in said
    assert "Latency (p95) not known" in said
    assert "no exposure stated" in said


def test_a_cost_and_a_time_say_of_how_many() -> None:
    """A mean of some is none of all."""
    said = page(alone(run("triage", "rules", 3, 40)), "index.html")
    assert "1.24 USD mean of 40 of 42 asked" in said
    assert "2.44 s of 40 answers" in said


def test_what_was_not_measured_says_how_to_measure_it() -> None:
    """The gate's own figures come from calibrate."""
    gate = {name: _none(each) for name, each in a_site().gate.items()}
    said = page(alone(gate=gate), "gate.html")
    assert "No verdict yet." in said
    assert "Not measured yet: paygrade calibrate does." in said
    assert "Not known yet." in said


def test_a_verdict_on_nothing_has_no_change() -> None:
    """An invalid one compared nothing."""
    verdict = {
        "gate_id": "g", "suite": "triage", "runner": "rules", "verdict": "invalid", "usable": 0,
        "headline": "no baseline",
    }  # fmt: skip
    gate = {**a_site().gate, "verdicts": asked(VERDICTS, [verdict])}
    assert "not compared no baseline" in page(alone(gate=gate), "gate.html")


def test_what_the_provenance_does_not_know_is_listed() -> None:
    """With a link from every page to the list."""
    said = page(a_site(), "about.html")
    assert "What is not known The git history of the baselines is not complete." in said
    assert all('href="about.html#unknown"' in each for each in dict(pages(a_site())).values())


def test_a_run_with_one_epoch_has_no_repeated_tries() -> None:
    """There is no curve of one point."""
    tries = {**a_site().agents, "tries": _none(a_site().agents["tries"])}
    assert "Each sample was asked once." in page(a_site(agents=tries), "agents.html")


def _unjudged(agents: Mapping[str, Asked], fault: str | None = None) -> dict[str, Asked]:
    """The same agents, of which no attempt was judged: under one fault, or at all."""
    nothing = {"judged": 0, "found": 0, "rate": None, "low": 0.0, "high": 1.0, "bound": None}
    rows = [
        {**each, **nothing} if fault is None or each["fault"] == fault else each
        for each in agents["effects"].records()
    ]
    return {**agents, "effects": asked(agents["effects"].columns, rows)}


def test_where_no_attempt_of_an_agent_was_judged_nothing_is_clear() -> None:
    """Neither by fault, nor of money, nor of repeated tries."""
    whole = a_site().agents
    empty = {name: _none(whole[name]) for name in ("money", "tries")}
    said = page(a_site(agents={**_unjudged(whole), **empty}), "agents.html")
    assert said.count("No attempt was judged: nothing is known.") == 3
    assert "none found" not in said
    assert "Nothing of it was found" not in said


def test_a_fault_under_which_nothing_was_judged_is_no_all_clear() -> None:
    """The sentence on all other faults leaves it out."""
    agents = a_site().agents
    assert "Under every other fault: none found." in page(a_site(), "agents.html")
    said = page(a_site(agents=_unjudged(agents, "none")), "agents.html")
    assert "Under the other faults no attempt was judged: nothing is known." in said


def test_tries_that_all_lack_an_epoch_were_not_asked_once() -> None:
    """Why there is no curve is said as it is."""
    agents = a_site().agents
    site = a_site(agents={**agents, "tries": _none(agents["tries"])})
    runs = [run("refund_agent", "clumsy", 3, 40, run_id="clumsy-1", epochs=5)]
    site = replace(site, overview={**site.overview, "runs": asked(PUBLISHED, runs)})
    assert "No sample was judged in all its epochs" in page(site, "agents.html")


def test_a_calibration_without_chance_or_promise_says_so() -> None:
    """What must be found is a rise, not a rate of false alarms."""
    said = page(a_site(), "gate.html")
    assert "Must find rises from Finds them" in said
    assert "61 of 2,000 10.0 points yes" in said
    assert "143 of 2,000 5.0 points no" in said
    assert "nothing is left to chance not stated not stated" in said

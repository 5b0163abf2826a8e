"""What is not known is said, never shown as a figure."""

from __future__ import annotations

from typing import Any

from paygrade.records.site import Asked, Site, SuiteSite
from paygrade.reports.site import pages
from reports.site.read import text, tree
from reports.site.sites import PUBLISHED, VERDICTS, a_site, asked, run, suite_tables


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


def test_a_suite_without_a_run_was_never_run() -> None:
    """On the overview and on its own page, with what to do; there is no rate of 0 %."""
    site = alone()
    for name in ("index.html", "suite-triage.html"):
        assert "never run" in page(site, name)
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


def test_a_run_that_was_never_gated_has_no_verdict_yet() -> None:
    """It is neither a pass nor a failure."""
    site = alone(run("triage", "rules", 3, 40))
    assert "no verdict yet" in page(site, "index.html")
    assert "The gate has not judged it yet." in page(site, "index.html")


def test_a_cost_that_nobody_knows_is_not_known() -> None:
    """It is not 0 USD."""
    site = alone(run("triage", "rules", 3, 40, usd=None, usd_per_1000=None, p95_s=None))
    said = page(site, "index.html")
    assert "Cost of 1,000 samples not known" in said
    assert "Latency (p95) not known" in said
    assert "no exposure stated" in said


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

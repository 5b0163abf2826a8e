"""The gate as JUnit XML: red where the gate is red, and nowhere else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.errors import ExitCode
from paygrade.records.verdict import Change, Flip
from paygrade.reports.gate_junit import gate_junit
from reports.seen import parsed
from reports.spoil import hostile
from reports.verdicts import MADE, hypothesis, inconclusive, regressed, report, suite

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from paygrade.records.verdict import GateReport, Verdict

RUN = "20261123-120000-refund-cc01"


def attempts(sample_id: str, marks: str, **changes: object) -> list[dict[str, Any]]:
    """Exported rows of one sample, an epoch each: P passed, F failed, E errored."""
    reason = {"check": "equals", "severity": "major", "role": "gating", "reason": "got 'no'"}
    rows: list[dict[str, Any]] = [
        {
            "run_id": RUN,
            "suite": "refund_decision",
            "runner": "gpt-small",
            "sample_id": sample_id,
            "case_class": "statistical",
            "epoch": epoch,
            "kind": "errored" if mark == "E" else "scored",
            "failed": None if mark == "E" else mark == "F",
            "error_kind": "timeout" if mark == "E" else "",
            "error": "no answer within 1 s" if mark == "E" else "",
            "latency_s": 0.5,
            "checks": [{**reason, "result": "fail"}] if mark == "F" else [],
        }
        for epoch, mark in enumerate(marks, 1)
    ]
    return [{**row, **changes} for row in rows]


def cases(made: GateReport, *rows: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """What each testcase says: its name with what stands in it and its message."""
    root = parsed(gate_junit(made, [row for each in rows for row in each]))
    return {
        str(case.get("name")): (case[0].tag, str(case[0].get("message"))) if len(case) else ("", "")
        for case in root.iter("testcase")
    }


def suites(made: GateReport, *rows: list[dict[str, Any]]) -> list[Element]:
    """The testsuites of a document."""
    return parsed(gate_junit(made, [row for each in rows for row in each])).findall("testsuite")


def test_a_sample_that_got_worse_is_a_failure_of_a_regressed_suite() -> None:
    """One that failed before too is skipped, with the reason."""
    flips = (
        Flip(sample_id="worse", before=(0, 10), after=(2, 3)),
        Flip(sample_id="better", before=(5, 5), after=(1, 3)),
    )
    made = report(dataclasses.replace(regressed(), flips=flips, added=("new",)))
    seen = cases(
        made,
        attempts("worse", "FPF"),
        attempts("better", "PPF"),
        attempts("known", "FFF"),
        attempts("new", "FFF"),
        attempts("fine", "PPE"),
    )
    assert seen["worse"] == ("failure", "failed 2 of 3, before 0 of 10")
    assert seen["better"] == ("skipped", "failed before too (5 of 5)")
    assert seen["known"] == ("skipped", "failed before too (3 of 3)")
    new = "failed 3 of 3; new or edited since the baseline, so not compared"
    assert seen["new"] == ("skipped", new)
    assert seen["fine"] == ("", "")


def test_a_failure_says_what_was_missed_in_which_epoch() -> None:
    """A line for each check."""
    flips = (Flip(sample_id="s1", before=(0, 10), after=(2, 3)),)
    made = report(dataclasses.replace(regressed(), flips=flips))
    [case] = suites(made, attempts("s1", "FPF"))[0].findall("testcase")
    assert case[0].text == "[1] equals (major): got 'no'\n[3] equals (major): got 'no'"
    assert (case.get("classname"), case.get("time")) == ("refund_decision.gpt-small", "1.500000")


@pytest.mark.parametrize("verdict", ["pass", "improved", "inconclusive"])
def test_a_suite_that_is_let_through_has_nothing_red(verdict: Verdict) -> None:
    """A sample that failed by chance is what the gate tells apart."""
    flips = (Flip(sample_id="s1", before=(0, 10), after=(1, 3)),)
    made = report(dataclasses.replace(MADE[verdict], flips=flips))
    seen = cases(made, attempts("s1", "FPP"))
    said = f"failed 1 of 3, before 0 of 10; no regression of the suite: {verdict}"
    assert seen["s1"] == ("skipped", said)
    assert not [tag for tag, _ in seen.values() if tag in ("failure", "error")]


def test_an_inconclusive_suite_is_skipped_unless_that_fails() -> None:
    """As the exit code is."""
    warned = cases(report(inconclusive()))["suite"]
    said = "inconclusive, not a pass: no confirmed rise, but one above 5.0 points"
    assert warned[0] == "skipped"
    assert warned[1].startswith(said)
    strict = report(inconclusive(), on_inconclusive="fail", code=ExitCode.INCONCLUSIVE)
    seen = cases(strict, attempts("rr-0011", "FFF"))
    assert (seen["suite"][0], seen["rr-0011"][0]) == ("failure", "failure")


def test_what_was_decided_has_a_testsuite_of_its_own() -> None:
    """A testcase for each hypothesis; the slice that passes is green."""
    first, second = suites(report(regressed()), attempts("rr-0017", "FFF"))
    counts = ("name", "tests", "failures", "errors", "skipped")
    assert [first.get(name) for name in counts] == ["refund_decision.gpt-small", "1", "1", "0", "0"]
    gate = ["refund_decision.gpt-small gate", "2", "1", "0", "0"]
    assert [second.get(name) for name in counts] == gate
    whole, part = second.findall("testcase")
    assert (whole[0].tag, whole[0].get("type")) == ("failure", "regressed")
    assert whole[0].get("message") == "it fails 2.0 points more often than the accepted baseline"
    assert (part.get("name"), len(part)) == ("kind=lost", 0)
    named = {each.get("name"): each.get("value") for each in second.iter("property")}
    assert named == {
        "gate_id": "20261123-120000-gate-000001",
        "verdict": "regressed",
        "baseline": "accepted on 2026-11-01",
        "candidate": "this change",
    }


def test_a_regressed_slice_is_red_in_its_own_testcase_alone() -> None:
    """The suite as a whole passed."""
    change = Change(rise=0.1, low=0.05, high=0.15)
    part = hypothesis("kind=lost", verdict="regressed", reason="the rise is confirmed",
                      change=change)  # fmt: skip
    seen = cases(report(suite("regressed", hypotheses=(hypothesis(), part))))
    assert seen["suite"] == ("", "")
    assert seen["kind=lost"] == ("failure", "+10.0 points: the rise is confirmed")


def test_a_broken_invariant_is_a_failure_and_a_waived_one_is_skipped() -> None:
    """In the gate's testsuite, and on the sample itself."""
    seen = cases(
        report(MADE["violated"]),
        attempts("rr-0007", "FFP"),
        attempts("rr-0008", "FFF"),
        attempts("rr-0050", "FPP"),
    )
    assert seen["no-pan on rr-0007"] == ("failure", "failed 2 of 3, new")
    assert seen["no-pan on rr-0008"] == ("failure", "failed 3 of 3, pre-existing")
    assert seen["once on rr-0050"][0] == "skipped"
    assert seen["rr-0007"] == ("failure", "failed 2 of 3; an invariant is broken: no-pan")
    assert seen["rr-0008"][0] == "failure"
    assert seen["suite"] == ("", "")


def test_what_could_not_be_compared_is_an_error() -> None:
    """And a sample that failed is not called known."""
    seen = cases(report(MADE["invalid"]), attempts("s1", "F"))
    assert seen["suite"] == ("error", "there is no accepted baseline for this runner")
    said = "failed 1 of 1; nothing was compared: there is no accepted baseline for this runner"
    assert seen["s1"] == ("skipped", said)


def test_no_outcome_is_an_error_and_quarantine_is_skipped() -> None:
    """An error is neither a failure nor a pass."""
    seen = cases(
        report(suite()),
        attempts("down", "EE"),
        attempts("parked", "F", case_class="quarantined"),
    )
    assert seen["down"] == ("error", "no answer within 1 s")
    assert seen["parked"] == ("skipped", "quarantined")


def test_a_sample_without_an_outcome_before_is_not_called_known() -> None:
    """Where some had none it may be one of them."""
    seen = cases(report(suite(comparable=200, usable=199)), attempts("s1", "FFF"))
    assert seen["s1"] == ("skipped", "failed 3 of 3; not known to be worse")


def test_only_the_candidate_has_testcases() -> None:
    """Fresh attempts and other suites are not its samples."""
    seen = cases(
        report(suite()),
        attempts("fresh", "F", run_id="20261123-121500-refund-ff01"),
        attempts("other", "F", suite="another"),
        attempts("mine", "P"),
    )
    assert set(seen) == {"mine", "suite"}


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_the_document_is_well_formed_whatever_the_text(text: str) -> None:
    """Control characters, half surrogates and markup included."""
    names = {"suite": text, "runner": text, "run_id": text}
    rows = [*attempts(text, "FE", **names), *attempts(f"{text}x", "E", **names)]
    rows = [{**row, "error": text, "error_kind": text} for row in rows]
    root = parsed(gate_junit(hostile(text), rows))
    assert len(root.findall("testsuite")) == 2 * len(hostile(text).suites)

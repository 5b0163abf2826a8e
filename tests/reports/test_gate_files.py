"""The gate for other tools: annotations, badges, outputs of a step, JSON."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paygrade.errors import ExitCode
from paygrade.records.verdict import InvariantFailure
from paygrade.reports.annotations import workflow_commands
from paygrade.reports.as_json import calibration_json, compared_json, gate_json
from paygrade.reports.badge import badge_json, badge_svg
from paygrade.reports.outputs import github_outputs
from reports.acceptances import calibration, compared
from reports.seen import parsed
from reports.spoil import hostile
from reports.verdicts import MADE, hypothesis, regressed, report, suite

TEXT = st.text(alphabet=st.characters(exclude_categories=[]), max_size=40)
PLACES = {"refund_decision": ("evals/refund_decision/suite.yaml", 2)}


def test_a_regression_marks_its_suite() -> None:
    """What, how much, what to do, at the line of the suite's file."""
    [made] = workflow_commands(report(regressed()), PLACES)
    assert made == (
        "::error file=evals/refund_decision/suite.yaml,line=2,"
        "title=REGRESSED · refund_decision · gpt-small::"
        "it fails 2.0 points more often than the accepted baseline; "
        "rise +2.0 points (1.2 to 2.7), 90 %25 interval, fresh attempts · n = 200 · "
        "3 epochs against 5 + 5; "
        "next: mend rr-0017, rr-0044, rr-0121 and rr-0188, or paygrade accept --reason WHY"
    )


def test_the_worst_stands_first_and_a_pass_is_not_marked() -> None:
    """Each invariant that is not waived, then the verdicts; a doubt is a warning."""
    made = workflow_commands(report(*MADE.values(), verdict="violated"), {})
    assert [line.split(" · ")[0] for line in made] == [
        "::error title=VIOLATED",
        "::error title=VIOLATED",
        "::error title=REGRESSED",
        "::error title=INVALID",
        "::warning title=INCONCLUSIVE",
    ]
    assert made[0].endswith("::no-pan failed on rr-0007 in 2 of 3 attempts (new)")


def test_a_doubt_that_fails_is_an_error() -> None:
    """As the exit code is."""
    made = report(MADE["inconclusive"], on_inconclusive="fail", code=ExitCode.INCONCLUSIVE)
    assert workflow_commands(made, {})[0].startswith("::error title=INCONCLUSIVE")


def test_every_regressed_slice_is_marked() -> None:
    """Also beside a violated invariant."""
    parts = [hypothesis(f"kind={name}", verdict="regressed") for name in ("lost", "late")]
    made = workflow_commands(report(suite("regressed", hypotheses=(hypothesis(), *parts))), {})
    assert [line.partition("::it")[0].count("kind=late") for line in made] == [0, 1]
    violated = dataclasses.replace(MADE["violated"], hypotheses=tuple(parts))
    words = [line.split(" · ")[0] for line in workflow_commands(report(violated), {})]
    assert words == ["::error title=VIOLATED"] * 2 + ["::error title=REGRESSED"] * 2


def test_an_invalid_gate_without_a_suite_is_marked() -> None:
    """It belongs to no file."""
    [made] = workflow_commands(report(), PLACES)
    assert made == (
        "::error title=INVALID::no suite was selected; no suite was judged; "
        "next: mend what the first line names, then run the gate again"
    )


def test_of_more_than_ten_the_tenth_counts_the_others() -> None:
    """GitHub shows ten."""
    failures = tuple(
        InvariantFailure(sample_id=f"s{n}", check="once", failed=1, attempts=3, known=False)
        for n in range(12)
    )
    made = workflow_commands(report(suite("violated", invariants=failures)), PLACES)
    assert len(made) == 10
    assert made[8].endswith("::once failed on s8 in 1 of 3 attempts (new)")
    assert made[9] == "::error title=and 3 findings more::the report has them all"
    ten = suite("violated", invariants=failures[:10])
    assert workflow_commands(report(ten), {})[9].endswith(
        "once failed on s9 in 1 of 3 attempts (new)"
    )


@given(TEXT, TEXT, st.integers())
@example("::error::x\r\n::error::y", "a,line=3::b\n%", 1)
def test_an_annotation_is_one_command(text: str, path: str, line: int) -> None:
    """No text ends it, begins another one, or adds a property."""
    made = workflow_commands(hostile(text), {text: (path, line)})
    assert 0 < len(made) <= 10
    for command in made:
        assert len(command.splitlines()) == 1
        found = re.fullmatch(r"::(error|warning) ((?:\w+=[^:,]*,?)+)::(.*)", command)
        assert found
        names = [part.partition("=")[0] for part in found[2].split(",")]
        assert names in (["title"], ["file", "line", "title"])
        assert not re.search(r"%(?!25|0D|0A|3A|2C)", command)


@pytest.mark.parametrize(
    ("verdict", "message", "color"),
    [
        ("pass", "pass (1 suite)", "brightgreen"),
        ("improved", "improved -2.5 points", "brightgreen"),
        ("inconclusive", "inconclusive (1 suite)", "yellow"),
        ("regressed", "regressed +2.0 points", "red"),
        ("violated", "violated (1 suite)", "red"),
        ("invalid", "invalid (1 suite)", "red"),
    ],
)
def test_a_badge_says_the_verdict(verdict: str, message: str, color: str) -> None:
    """To shields.io as to those who look at the picture, or hear it read."""
    one = report(next(each for name, each in MADE.items() if name == verdict))
    assert json.loads(badge_json(one)) == {
        "schemaVersion": 1,
        "label": "paygrade gate",
        "message": message,
        "color": color,
    }
    picture = parsed(badge_svg(one))
    space = "{http://www.w3.org/2000/svg}"
    assert (picture.tag, picture.get("role")) == (f"{space}svg", "img")
    assert picture.findtext(f"{space}title") == f"paygrade gate: {message}"
    assert [each.text for each in picture.iter(f"{space}text")] == ["paygrade gate", message]


def test_a_badge_needs_nothing_from_elsewhere() -> None:
    """No font, no link, no script; the one address is the name of the format."""
    text = badge_svg(report(regressed()))
    assert text.count("://") == 1
    assert not re.search(r"href|url\(|@import|<script|<style", text)


def test_an_unfinished_gate_has_no_green_badge() -> None:
    """Whatever passed until then."""
    made = report(suite(), code=ExitCode.INCOMPLETE, reason="stopped")
    assert json.loads(badge_json(made))["message"] == "incomplete (1 suite)"
    assert json.loads(badge_json(made))["color"] == "red"


def outputs(text: str) -> dict[str, str]:
    """The outputs as the runner of GitHub Actions reads them, line by line."""
    found: dict[str, str] = {}
    lines = iter(re.split(r"\r\n|\n|\r", text))
    for line in lines:
        if not line:
            continue
        name, separator, mark = line.partition("<<")
        assert separator
        value = []
        for inner in lines:
            if inner == mark:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found


def test_a_step_gets_the_figures_as_outputs() -> None:
    """Those of the worst suite, and where the files are."""
    made = report(suite(), regressed(), verdict="regressed", code=ExitCode.REGRESSED)
    assert outputs(github_outputs(made, {"report": "out/gate.json"})) == {
        "verdict": "regressed",
        "exit_code": "100",
        "rise_points": "2",
        "p_value": "8.6e-10",
        "headline": "it fails 2.0 points more often than the accepted baseline",
        "report": "out/gate.json",
    }


def test_an_unknown_figure_is_empty() -> None:
    """Not zero."""
    made = outputs(github_outputs(report(MADE["invalid"]), {}))
    assert (made["rise_points"], made["p_value"]) == ("", "")
    assert outputs(github_outputs(report(suite()), {}))["p_value"] == "0.4127"


@given(
    TEXT
    | st.lists(st.sampled_from(["END", "END_1", "\n", "\r", "<<", "verdict=pass"])).map("".join)
)
def test_no_headline_forges_an_output(text: str) -> None:
    """It ends where it ends, however it is written."""
    made = outputs(github_outputs(report(suite("regressed", headline=text)), {"report": "r.json"}))
    assert list(made) == ["verdict", "exit_code", "rise_points", "p_value", "headline", "report"]
    assert (made["verdict"], made["report"]) == ("regressed", "r.json")


def test_json_has_every_figure_of_a_report() -> None:
    """Under the names of the records, with the exit code and its reason."""
    data = json.loads(json.dumps(gate_json(report(regressed())), allow_nan=False))
    assert (data["verdict"], data["exit_code"]) == ("regressed", 100)
    assert data["reason"] == "it fails 2.0 points more often than the accepted baseline"
    assert "code" not in data
    [one] = data["suites"]
    assert set(one) == {field.name for field in dataclasses.fields(regressed())}
    assert one["hypotheses"][0]["fresh"] == {"rise": 0.02, "low": 0.0123, "high": 0.0271}
    assert one["detects_with"] == {"3": 0.02, "5": 0.015}
    assert one["flips"][0]["before"] == [4, 10]


def test_json_of_a_comparison_and_a_calibration() -> None:
    """Every field of the records."""
    first = json.loads(json.dumps(compared_json(compared())))
    assert set(first) == {field.name for field in dataclasses.fields(compared())}
    assert first["hypotheses"][0]["p_more"] == 2.1e-7
    second = json.loads(json.dumps(calibration_json(calibration())))
    assert second["sensitivity"][0]["money_per_1000"] == {"EUR": 25_610.0}
    assert (second["alarms"], second["kept"]) == (3, True)

"""Verdicts and what the process ends with, of one suite and of several."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from gate.playing import SUITE, names, sample, scripts

if TYPE_CHECKING:
    from gate.conftest import Gate, Staged
    from gate.playing import Stage


def test_fewer_failures_are_an_improvement(staged: Staged, gate: Gate) -> None:
    """Not flagged, and significantly less: 0, and said as such."""
    stage = staged(baseline=scripts("F", *names(0, 9)))
    stage.candidate()
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "improved")
    assert "IMPROVED refunds · bot: the failure rate fell: 25.0 % to 0.0 %" in ended.text


def test_inconclusive_warns_and_ends_with_0(staged: Staged, gate: Gate) -> None:
    """The default: green for the machine, a box for the person."""
    stage = staged(samples=8)
    stage.candidate()
    ended = gate(stage)
    assert ended.code == 0
    assert "INCONCLUSIVE: not a pass: refunds · bot: a rise of" in ended.text
    assert "╭" in ended.out


@pytest.mark.parametrize("where", ["command line", "suite", "workspace"])
def test_inconclusive_fails_where_that_is_asked(staged: Staged, gate: Gate, where: str) -> None:
    """101 by `--on-inconclusive fail`, by the suite's gate, or by the workspace's default."""
    stage = staged(samples=8)
    stage.candidate()
    if where == "suite":
        stage.gate("{on_inconclusive: fail}")
    if where == "workspace":
        stage.write("paygrade.yaml", "defaults: {on_inconclusive: fail}\n")
    ended = gate(stage, *(["--on-inconclusive", "fail"] if where == "command line" else []))
    assert ended.code == 101
    assert "paygrade: exit 101 (too little data to tell): refunds · bot: a rise of" in ended.text


@pytest.mark.real
def test_the_command_line_may_also_soften_it(staged: Staged, gate: Gate) -> None:
    """`--on-inconclusive warn` over a suite that says `fail`."""
    stage = staged(samples=8)
    stage.candidate()
    stage.gate("{on_inconclusive: fail}")
    assert gate(stage, "--on-inconclusive", "warn").code == 0


def more_suites(stage: Stage) -> None:
    """Five more suites on the same samples, all accepted."""
    for each in ("broken", "lost", "risky", "short"):
        stage.write(f"evals/{each}/suite.yaml", SUITE.replace("suite: refunds", f"suite: {each}"))
    stage.write(
        "evals/short/suite.yaml",
        SUITE.replace("suite: refunds", "suite: short").replace("refunds@v1\nrun", "few@v1\nrun"),
    )
    lines = (stage.root / "datasets/refunds/v1.jsonl").read_text().splitlines()[:8]
    stage.write("datasets/few/v1.jsonl", "\n".join(lines) + "\n")
    card = (stage.root / "datasets/refunds/card.yaml").read_text()
    card = card.replace("dataset: refunds", "dataset: few").replace("samples: 40", "samples: 8")
    stage.write("datasets/few/card.yaml", card)


def versioned(stage: Stage, suite: str, version: int) -> None:
    """Let a suite run another prompt version."""
    stage.prompt(version)
    stage.replace(f"evals/{suite}/suite.yaml", "prompt: refunds@v1", f"prompt: refunds@v{version}")


def test_of_several_suites_the_worst_decides(staged: Staged, gate: Gate) -> None:
    """One regressed, one invalid, one inconclusive, one passes: 100; without them 102, 101."""
    stage = staged(prepare=more_suites)
    versioned(stage, "broken", 3)
    versioned(stage, "lost", 4)
    stage.plays({"v3-m1": scripts("F", "s001"), "v4-m1": {"*": "C"}})
    ended = gate(stage, "--on-inconclusive", "fail")
    verdicts = {each["suite"]: each["verdict"] for each in ended.report["suites"]}
    assert verdicts == {
        "broken": "regressed", "lost": "invalid", "short": "inconclusive", "refunds": "pass",
        "risky": "pass",
    }  # fmt: skip
    assert ended.code == 100
    assert ended.out.startswith("REGRESSED  broken · bot: the failure rate rose")
    order = [ended.out.index(f"{word}  {suite} · bot") for word, suite in (
        ("REGRESSED", "broken"), ("INVALID", "lost"), ("INCONCLUSIVE", "short"),
    )]  # fmt: skip
    assert order == sorted(order)
    assert gate(stage, "lost", "short", "--on-inconclusive", "fail").code == 102
    assert gate(stage, "short", "refunds", "--on-inconclusive", "fail").code == 101


def test_holm_runs_over_all_suites_of_an_invocation(staged: Staged, gate: Gate) -> None:
    """A suspicion in a second suite doubles the first one's p-value."""
    stage = staged(prepare=more_suites)
    versioned(stage, "broken", 3)
    versioned(stage, "risky", 4)
    stage.plays({"v3-m1": scripts("F", "s001"), "v4-m1": scripts("FFFP", "s001")})
    ended = gate(stage, "broken", "risky")
    found = {each["suite"]: each["hypotheses"][0] for each in ended.report["suites"]}
    assert found["broken"]["p_fresh"] == pytest.approx(1 / 504)
    assert found["broken"]["p_adjusted"] == pytest.approx(2 / 504)
    assert found["risky"]["p_adjusted"] == 1.0


def test_a_few_errors_are_beside_the_rate(stage: Stage, gate: Gate) -> None:
    """Up to 5 % of the attempts, and no more than chance explains: still a pass."""
    stage.candidate(**scripts("CP", "s001", "s002"))
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert "candidate 2 of 120 attempts (1.7 %)" in ended.text


def test_more_than_five_percent_errors_are_invalid(stage: Stage, gate: Gate) -> None:
    """Seven of 120 attempts, of seven samples that have other outcomes."""
    stage.candidate(**scripts("CP", *names(0, 6)))
    ended = gate(stage)
    assert ended.code == 102
    assert ended.suite["codes"] == ["errors"]
    assert (
        "7 of 120 attempts errored and 0 of 40 samples have no outcome (at most 5% may)"
        in ended.text
    )


def test_more_errors_than_the_baseline_are_no_pass(stage: Stage, gate: Gate) -> None:
    """Six of 120 against none of 160 is no chance (Fisher, p < 0.01), though below 5 %."""
    stage.candidate(**scripts("CP", *names(0, 5)))
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "inconclusive")
    assert ended.suite["codes"] == ["more_errors_than_baseline"]
    assert (
        "INCONCLUSIVE: not a pass: refunds · bot: more errors than the baseline had "
        "(6 of 120 attempts): not a pass"
    ) in ended.text


def test_edited_samples_keep_it_from_a_pass(stage: Stage, gate: Gate) -> None:
    """They never enter the test; at best the suite is inconclusive."""
    stage.candidate()
    edited = [sample(i, **({"expected": {"action": "refund", "x": 1}} if i < 2 else {}))
              for i in range(40)]  # fmt: skip
    stage.samples(edited)
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "inconclusive")
    assert ended.suite["codes"] == ["samples_changed"]
    assert (ended.suite["edited"], ended.suite["comparable"]) == (["s000", "s001"], 38)
    assert "2 of the baseline's samples were edited or removed: not a pass" in ended.text
    assert "accept a new baseline: paygrade accept refunds --reason" in ended.suite["next_step"]


def test_removed_samples_keep_it_from_a_pass(stage: Stage, gate: Gate) -> None:
    """Taking out what fails is no way to green."""
    stage.candidate()
    stage.samples([sample(i) for i in range(1, 40)])
    ended = gate(stage)
    assert (ended.suite["verdict"], ended.suite["removed"]) == ("inconclusive", ["s000"])
    assert ended.suite["codes"] == ["samples_changed"]


def test_a_regression_beside_edited_samples_is_one(stage: Stage, gate: Gate) -> None:
    """An edit does not excuse the others."""
    stage.candidate(s007="F")
    stage.samples([sample(i) for i in range(1, 40)])
    assert gate(stage).code == 100


def test_an_added_sample_may_fail(stage: Stage, gate: Gate) -> None:
    """It has no baseline: it is listed, and its failures move no rate."""
    stage.candidate(s040="F")
    stage.samples([sample(i) for i in range(41)])
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"], ended.suite["added"]) == (0, "pass", ["s040"])
    assert ended.whole["samples"] == 40
    assert "only their invariants count" in ended.text


def test_below_the_overlap_it_is_invalid_before_anything_is_asked(stage: Stage, gate: Gate) -> None:
    """32 of 40 samples are 80 %: enough; 31 are not."""
    stage.candidate()
    stage.samples([sample(i + 8) for i in range(40)])
    assert gate(stage).suite["verdict"] == "inconclusive"
    stage.forget_calls()
    stage.samples([sample(i + 9) for i in range(40)])
    ended = gate(stage)
    assert ended.code == 102
    assert "only 31 of 40 samples are the same as in the baseline" in ended.text
    assert "(at least 80% are needed)" in ended.text
    assert stage.calls() == []


@pytest.mark.real
def test_an_old_baseline_is_said(stage: Stage, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older than `max_age_days`: judged as ever, with a note."""
    later = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=91)
    monkeypatch.setattr("paygrade.pipeline.hearing.today", lambda: later)
    stage.candidate()
    ended = gate(stage)
    assert ended.code == 0
    assert "the baseline is 91 days old" in ended.text


def test_json_is_alone_on_standard_output(stage: Stage, gate: Gate) -> None:
    """A script parses it; the sentence stays on standard error."""
    stage.candidate(s007="F")
    ended = gate(stage, "--json")
    assert ended.json["exit_code"] == ended.code == 100
    assert ended.json["suites"][0]["verdict"] == "regressed"
    assert "paygrade: exit 100" in ended.err


@pytest.mark.real
def test_quiet_says_nothing_when_it_passes(stage: Stage, gate: Gate) -> None:
    """Quiet is quiet beside the verdict itself."""
    stage.candidate()
    ended = gate(stage, "--quiet")
    assert ended.code == 0
    assert "asking" not in ended.err
    assert "exit" not in ended.err

"""What an item asks, and what it ends with, when no gate judges."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugin.conftest import Evals, Session

pytestmark = pytest.mark.real  # each a session of its own

pytest_plugins = ["pytester"]

ITEM = "evals/refunds/suite.yaml::player::"


def test_a_passing_suite_passes(session: Session, evals: Evals) -> None:
    """All samples are asked in one stored run; the section tells its figures."""
    result = session("evals")
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    assert evals.asked == ["s1/1", "s2/1", "s3/1"]
    [run_id] = evals.runs
    result.stdout.fnmatch_lines(
        [
            "*= paygrade =*",
            "COMPLETE  refunds · player: failure rate 0.0 %, 0 of 3 failed",
            "  95 % interval 0.0 to 56.1 % · n = 3 · 1 epoch",
            "  next: no baseline is accepted, so every failing sample is red: paygrade accept *",
            f"  run {run_id}",
        ],
        consecutive=True,
    )


def test_a_failing_sample_tells_which_checks_and_why(session: Session, evals: Evals) -> None:
    """The check, its reason, the answer and the places to look; no traceback."""
    evals.plays(s3="refund")
    result = session("evals")
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 1
    [run_id] = evals.runs
    result.stdout.fnmatch_lines(
        [
            "*_ refunds · player · s3 _*",
            "equals(action) (critical): action: got 'refund', wanted 'refuse'",
            '  answer: {"action": "refund"}',
            "  sample: datasets/refunds/v1.jsonl:3",
            f"  more: paygrade show {run_id} s3",
        ],
        consecutive=True,
    )
    result.stdout.fnmatch_lines([f"FAILED {ITEM}s3 - Failed: equals(action)*"])


def test_only_what_is_selected_is_asked(session: Session, evals: Evals) -> None:
    """And the section says that a part is never gated."""
    evals.accept()
    result = session("evals", "-k", "not s2")
    result.assert_outcomes(passed=2, deselected=1)
    assert evals.asked == ["s1/1", "s3/1"]
    result.stdout.fnmatch_lines(["  next: no gate, as 2 of 3 samples were selected"])


def test_each_runner_has_a_run_of_its_own(session: Session, evals: Evals) -> None:
    """A suite with two runners has twice the items."""
    evals.replace("evals/refunds/suite.yaml", "[player]", "[player, always_refund]")
    result = session("evals", "-q")
    result.assert_outcomes(passed=5, failed=1)
    assert len(evals.runs) == 2
    result.stdout.fnmatch_lines(
        ["COMPLETE  refunds · player:*", "COMPLETE  refunds · always_refund:*"]
    )


def test_failing_epochs_are_listed(session: Session, evals: Evals) -> None:
    """An item fails when any epoch failed, and tells which."""
    evals.profile()
    evals.suite("epochs: 3")
    evals.plays(s1=["refund", "refuse", "refuse"], s3="refuse")
    result = session("evals")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["equals(action) (critical) in 2 of 3 epochs (2, 3): action: got 'refuse', wanted 'refund'"]
    )


def test_an_error_is_an_error_and_never_a_failure(session: Session, evals: Evals) -> None:
    """Nobody knows how the sample does: an error at setup, as pytest shows infrastructure."""
    evals.plays(s1="error", s3="refuse")
    result = session("evals")
    result.assert_outcomes(passed=2, errors=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at setup of refunds · player · s1 _*",
            "errored: unavailable: the gateway is down",
        ],
        consecutive=True,
    )


def test_an_error_in_one_epoch_is_no_pass(session: Session, evals: Evals) -> None:
    """Two epochs that passed do not vouch for the third."""
    evals.profile()
    evals.suite("epochs: 3")
    evals.plays(s1=["refund", "error", "refund"], s3="refuse")
    result = session("evals")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["errored in 1 of 3 epochs: unavailable: the gateway is down"])


def test_nothing_scored_ends_with_102(session: Session, evals: Evals) -> None:
    """As the run itself would."""
    evals.plays(s1="error", s2="error", s3="error")
    result = session("evals")
    result.assert_outcomes(errors=3)
    assert result.ret == 102
    result.stdout.fnmatch_lines(
        ["INVALID  refunds · player: no attempt could be scored*", "paygrade: exit 102 (invalid*"]
    )


@pytest.mark.parametrize(
    ("plays", "outcome"), [("refund", "xpassed"), ("refuse", "xfailed"), ("error", "xfailed")]
)
def test_a_quarantined_sample_decides_nothing(
    session: Session, evals: Evals, plays: str, outcome: str
) -> None:
    """It runs, and is shown as expected to fail, with the date and the reason."""
    evals.sample("s1", **{"class": "quarantined", "until": "2999-12-31", "why": "label disputed"})
    evals.plays(s1=plays, s3="refuse")
    result = session("evals", "-rxX", "-o", "xfail_strict=true")
    result.assert_outcomes(**{"passed": 2, outcome: 1})
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"*{ITEM}s1*quarantined until 2999-12-31: label disputed*"])


def test_an_invariant_that_fails_ends_with_100(session: Session, evals: Evals) -> None:
    """A gating check of a `must_pass` sample is one. The other red items are covered by that."""
    evals.sample("s1", **{"class": "must_pass"})
    evals.plays(s1="refuse", s3="refund")
    result = session("evals")
    result.assert_outcomes(passed=1, failed=2)
    assert result.ret == 100
    result.stdout.fnmatch_lines(
        [
            "equals(action) (critical, invariant): action: got 'refuse', wanted 'refund'",
            "FAILED  refunds · player: an invariant failed 1 time",
            "  failure rate 66.7 %, 2 of 3 failed · *",
            "paygrade: exit 100 (regressed, a stated limit is exceeded, or an invariant failed)",
        ]
    )


def test_a_stated_limit_that_is_exceeded_ends_with_100(session: Session, evals: Evals) -> None:
    """`max_failure_rate` holds here as for `paygrade run`."""
    evals.suite("max_failure_rate: 0.1")
    evals.plays(s1="refuse", s2="refuse", s3="refund")
    assert session("evals").ret == 100


def test_what_is_left_by_a_budget_is_an_error_and_103(session: Session, evals: Evals) -> None:
    """Attempts that were not done are no pass."""
    evals.write(
        "runners/paid.py",
        "import json, sys\njson.load(sys.stdin)\n"
        'usage = {"input_tokens": 100, "output_tokens": 5}\n'
        'print(json.dumps({"text": json.dumps({"action": "refund"}), "usage": usage}))\n',
    )
    evals.write(
        "runners/player.yaml",
        "runner: player\nprovider: command\ncommand: [python3, paid.py]\nconcurrency: 1\n"
        "parameters: {max_output_tokens: 10}\nprice: {input_per_mtok: 100, output_per_mtok: 100}\n"
        "budget: {usd: 0.135}\n",
    )
    result = session("evals")
    outcomes = result.parseoutcomes()
    assert outcomes["errors"] >= 1
    assert "failed" not in outcomes
    assert result.ret == 103
    result.stdout.fnmatch_lines(
        [
            "*not done: *budget*",
            "INCOMPLETE  refunds · player: *",
            "  next: go on with: paygrade resume *",
        ]
    )


def test_a_runner_that_cannot_start_is_a_mistake(session: Session, evals: Evals) -> None:
    """Every item says why, once for all of them; the status is the command line's."""
    evals.write("runners/player.py", "raise RuntimeError('no such model')\n")
    result = session("evals")
    result.assert_outcomes(errors=3)
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        ["not asked: *cannot be run: RuntimeError: no such model", "ERROR  refunds · player: *"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_text_from_a_model_commands_no_terminal(session: Session, evals: Evals) -> None:
    """It is shortened, on one line, and without control characters."""
    evals.plays(s3=f"refund\x1b[2J\n{'x' * 1000}END")
    result = session("evals")
    text = result.stdout.str()
    assert "\x1b[2J" not in text
    assert "END" not in text
    result.stdout.fnmatch_lines(["equals(action)*", '  answer: {"action": "refund*…'])


def test_a_card_number_in_an_answer_is_masked(session: Session, evals: Evals) -> None:
    """As everywhere; and the invariant `no-pan` is red about it."""
    evals.plays(s1="4111111111111111", s3="refuse")
    result = session("evals", "--junit-xml=junit.xml")
    assert result.ret == 100
    assert "4111111111111111" not in result.stdout.str()
    assert "4111111111111111" not in (evals.root / "junit.xml").read_text("utf-8")


def test_junit_has_one_testcase_a_sample(session: Session, evals: Evals) -> None:
    """Failures, errors and skips are counted once; properties name the run and the share."""
    evals.profile()
    evals.suite("epochs: 3")
    evals.sample("s2", **{"class": "quarantined", "until": "2999-12-31", "why": "disputed"})
    evals.plays(s1=["refund", "refuse", "refund"], s2="refuse", s3="error")
    session("evals", "--junit-xml=junit.xml")
    suite = ET.parse(evals.root / "junit.xml").getroot()[0]  # noqa: S314 - our own file
    counts = {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "3", "failures": "1", "errors": "1", "skipped": "1"}
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert cases["s1"].get("classname") == "evals.refunds.suite.yaml.player"
    properties = {each.get("name"): each.get("value") for each in cases["s1"].iter("property")}
    assert properties == {
        "paygrade_suite": "refunds",
        "paygrade_runner": "player",
        "paygrade_run": evals.runs[0],
        "paygrade_failure_share": "1/3",
    }


def test_stopping_early_does_not_change_the_run(session: Session, evals: Evals) -> None:
    """`-x` stops pytest's items; the suite was asked as one by then."""
    evals.plays(s1="refuse", s3="refuse")
    result = session("evals", "-x")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["COMPLETE  refunds · player: failure rate 33.3 %, 1 of 3 failed"])


def test_the_last_failed_sample_can_be_asked_again(pytester: pytest.Pytester, evals: Evals) -> None:
    """`--lf` works as with any test."""
    evals.plays(s3="refund")
    pytester.runpytest_inprocess("evals")
    evals.forget_asked()
    pytester.runpytest_inprocess("evals", "--lf")
    assert evals.asked == ["s3/1"]


def test_ctrl_c_says_how_to_go_on(session: Session, evals: Evals) -> None:
    """What was answered is stored, and the status is pytest's own."""
    evals.write(
        "runners/player.py",
        "import os, signal, time\n\n\ndef answer(request):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(1)\n    return 'late'\n",
    )
    result = session("evals", process=True)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["  next: go on with: paygrade resume *"])
    assert "never retrieved" not in result.stderr.str()

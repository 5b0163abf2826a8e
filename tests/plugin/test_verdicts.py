"""With an accepted baseline the gate judges: what the items and the session end with then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kit import Paygrade
    from plugin.conftest import Evals, Session

pytestmark = pytest.mark.real  # each a session of its own

pytest_plugins = ["pytester"]

ITEM = "evals/refunds/suite.yaml::player::"
BROKEN = "def test_ordinary():\n    assert False\n"


@pytest.fixture
def accepted(evals: Evals) -> Evals:
    """A baseline that fails s3 alone."""
    evals.plays(s3="refund")
    evals.accept()
    return evals


def test_a_known_failure_is_expected(session: Session, accepted: Evals) -> None:
    """What failed yesterday makes no session red; the verdict has counted it."""
    result = session("evals", "-rx")
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*= paygrade =*",
            "PASS  refunds · player: no rise of the failure rate: *",
            "  rise 0.0 points, exact: the runner is deterministic · n = 3 · 1 epoch against 1",
            "  next: nothing to do",
            f"  run {accepted.runs[-2]}",
            "*= short test summary info =*",
            f"XFAIL {ITEM}s3 - equals(action)*got 'refund'*: counted by the gate (pass)",
        ]
    )


def test_the_gates_own_run_is_the_one_that_is_shown(session: Session, accepted: Evals) -> None:
    """Nobody is asked twice: all samples once, and some again as the gate does."""
    session("evals")
    assert sorted(set(accepted.asked)) == ["s1/1", "s2/1", "s3/1"]
    [record] = (accepted.root / ".paygrade/gates").glob("*.json")
    assert json.loads(record.read_text("utf-8"))["suites"][0]["verdict"] == "pass"


def test_a_regression_is_red_where_it_got_worse(session: Session, accepted: Evals) -> None:
    """The status is 100; what failed before stays expected."""
    accepted.plays(s1="refuse", s3="refund")
    result = session("evals")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    assert result.ret == 100
    result.stdout.fnmatch_lines(
        [
            "*_ refunds · player · s1 _*",
            "fails more often than the baseline: 1 of 1 attempts, before 0 of 1",
            "equals(action) (critical): action: got 'refuse', wanted 'refund'",
            "*= paygrade =*",
            "REGRESSED  refunds · player: *",
            "paygrade: exit 100 (regressed, a stated limit is exceeded, or an invariant failed)",
            f"FAILED {ITEM}s1 - *",
        ]
    )


def test_a_suspicion_is_confirmed_before_anything_is_red(session: Session, evals: Evals) -> None:
    """The gate asks again, and its answer is the items' too."""
    evals.profile()
    evals.accept()
    evals.replace("runners/player.py", "Play, and", "Play as another version, and")
    evals.plays(s1="refuse", s3="refuse")
    result = session("evals")
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 100
    assert evals.asked.count("s1/1") == 2
    assert evals.asked.count("s2/1") == 1
    result.stdout.fnmatch_lines(
        [
            "fails more often than the baseline: 3 of 3 attempts, before 0 of 5",
            "equals(action) (critical) in 3 of 3 epochs (1, 2, 3): *",
            "  rise * fresh attempts * n = 3 · 3 epochs against 5 + 5",
        ]
    )


def test_an_improvement_passes(session: Session, accepted: Evals) -> None:
    """And says so."""
    accepted.plays(s3="refuse")
    result = session("evals")
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["IMPROVED  refunds · player: *"])


def test_a_sample_that_must_pass_is_red_even_if_it_failed_before(
    session: Session, evals: Evals
) -> None:
    """An invariant is outside the statistics."""
    evals.sample("s3", **{"class": "must_pass"})
    evals.plays(s1="refuse", s3="refund")
    evals.accept()
    result = session("evals")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    assert result.ret == 100
    result.stdout.fnmatch_lines(
        ["an invariant failed: equals(action) in 1 of 1 attempts", "VIOLATED  refunds · player: *"]
    )


def test_a_waived_invariant_is_expected(session: Session, evals: Evals) -> None:
    """Until its date."""
    evals.sample("s3", **{"class": "must_pass"})
    evals.suite(
        "gate:\n  waivers:\n"
        "    - {check: equals(action), sample: s3, until: 2999-12-31, why: known to the team}"
    )
    evals.plays(s3="refund")
    evals.accept()
    result = session("evals")
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0


def test_where_nothing_can_be_compared_nobody_is_asked(session: Session, accepted: Evals) -> None:
    """Invalid, 102, and every item says why."""
    accepted.replace("evals/refunds/suite.yaml", "field: action", "field: reason")
    result = session("evals")
    result.assert_outcomes(errors=3)
    assert result.ret == 102
    assert accepted.asked == []
    result.stdout.fnmatch_lines(
        ["not asked: *what counts as a failure has changed*", "INVALID  refunds · player: *"]
    )


def test_where_the_gate_cannot_judge_nothing_is_forgiven(session: Session, accepted: Evals) -> None:
    """Too many errors: what failed before is red again."""
    accepted.plays(s1="error", s3="refund")
    result = session("evals")
    result.assert_outcomes(passed=1, failed=1, errors=1)
    assert result.ret == 102


def test_an_error_that_the_gate_allows_is_expected(session: Session, evals: Evals) -> None:
    """It is neither a pass nor a failure, and the verdict has counted it."""
    evals.suite("gate: {max_error_rate: 0.5}")
    evals.plays(s3="refuse", s2="error")
    evals.accept()
    result = session("evals", "-rx")
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"XFAIL {ITEM}s2 - errored: unavailable: *counted by the gate*"])


@pytest.mark.parametrize(("rule", "status"), [("warn", 0), ("fail", 101)])
def test_inconclusive_is_as_the_suite_says(
    session: Session, evals: Evals, rule: str, status: int
) -> None:
    """Three samples cannot exclude a rise: a warning, or 101."""
    evals.profile()
    evals.suite(f"gate: {{on_inconclusive: {rule}}}")
    evals.plays(s3="refund")
    evals.accept()
    result = session("evals")
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == status
    result.stdout.fnmatch_lines(
        [
            "INCONCLUSIVE  refunds · player: *",
            "  not a pass: a regression was neither found nor ruled out",
        ]
    )


def test_the_same_candidate_again_asks_nobody(session: Session, evals: Evals) -> None:
    """A look at what was judged before replaces nothing, and the section says so."""
    evals.profile()
    for command in ("init -q", "add -A", "-c user.name=n -c user.email=e@e commit -qm first"):
        evals.git(*command.split())
    evals.accept()
    evals.write(".git/info/exclude", "runners/asked.txt\n")
    session("evals")
    evals.forget_asked()
    result = session("evals")
    assert evals.asked == []
    result.stdout.fnmatch_lines(["  run *: judged before, so nobody was asked"])


def test_suites_are_judged_in_one_invocation(session: Session, accepted: Evals) -> None:
    """So that several suites do not raise false alarms by their number."""
    accepted.other_suite("returns")
    accepted.accept("returns")
    result = session("evals")
    result.assert_outcomes(passed=4, xfailed=2)
    [record] = (accepted.root / ".paygrade/gates").glob("*.json")
    suites = [each["suite"] for each in json.loads(record.read_text("utf-8"))["suites"]]
    assert suites == ["refunds", "returns"]


def test_a_suite_without_a_baseline_is_beside_it(session: Session, accepted: Evals) -> None:
    """Each ends by its own rule: red samples of the one, the verdict of the other."""
    accepted.other_suite("returns")
    result = session("evals")
    result.assert_outcomes(passed=4, xfailed=1, failed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["PASS  refunds · player: *", "COMPLETE  returns · player: *"])


def test_the_gate_can_be_left_out(session: Session, accepted: Evals) -> None:
    """Then every failing sample is red."""
    result = session("evals", "-o", "paygrade_gate=false")
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 1
    assert accepted.asked == ["s1/1", "s2/1", "s3/1"]
    result.stdout.fnmatch_lines(["  next: no gate, as paygrade_gate is false*"])


def test_runxfail_shows_every_failure(session: Session, accepted: Evals) -> None:
    """As it does for any expected failure."""
    del accepted
    session("evals", "--runxfail").assert_outcomes(passed=2, failed=1)


@pytest.mark.parametrize("plays", ["refund", "refuse"])
def test_an_ordinary_failure_stays_1(session: Session, accepted: Evals, plays: str) -> None:
    """Whatever the suites say: a CI that forgives 103 must not forgive a broken test."""
    accepted.plays(s1=plays, s3="refund")
    accepted.write("tests/test_ordinary.py", BROKEN)
    assert session("evals", "tests").ret == 1


def test_an_ordinary_success_changes_nothing(session: Session, accepted: Evals) -> None:
    """The verdict's status is the session's."""
    accepted.plays(s1="refuse", s3="refund")
    accepted.write("tests/test_ordinary.py", BROKEN.replace("False", "True"))
    assert session("evals", "tests").ret == 100


def test_the_process_ends_as_the_gate_does(
    session: Session, accepted: Evals, paygrade: Paygrade
) -> None:
    """`pytest evals/` and `paygrade gate` have one exit status."""
    accepted.plays(s1="refuse", s3="refund")
    assert session("evals", process=True).ret == 100
    assert paygrade("gate", "-w", accepted.root).code == 100

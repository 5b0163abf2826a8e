"""The same candidate judged again adds evidence, and never replaces what was seen."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from gate.playing import committed, names, scripts

if TYPE_CHECKING:
    from gate.conftest import Gate, Staged
    from gate.playing import Stage
    from kit import Paygrade


pytestmark = pytest.mark.real  # several gates each


@pytest.fixture
def stage(staged: Staged) -> Stage:
    """In git: only there can anyone say that a candidate is the same."""
    return staged(prepare=committed)


def test_what_was_never_suspected_costs_no_new_call(stage: Stage, gate: Gate) -> None:
    """The same verdict again, from the same run, at the same look."""
    stage.candidate()
    first = gate(stage)
    called = len(stage.calls())
    second = gate(stage)
    assert (first.code, second.code) == (0, 0)
    assert len(stage.calls()) == called
    assert second.suite["candidate"]["run_ids"] == first.suite["candidate"]["run_ids"]
    assert "the same candidate was judged before: its run counts" in second.text
    assert "look 1 at this candidate: level 0.05" in second.text


def test_red_stays_red_when_it_is_judged_again(stage: Stage, gate: Gate) -> None:
    """It is asked again, the fresh attempts are pooled, and the level is halved."""
    stage.candidate(s007="F")
    first = gate(stage)
    stage.forget_calls()
    second = gate(stage)
    assert (first.code, second.code) == (100, 100)
    assert Counter(stage.versions_called()) == {"v1-m1": 5, "v2-m1": 5}
    [flip] = second.suite["flips"]
    assert (flip["fresh_before"], flip["fresh_after"]) == ([0, 10], [10, 10])
    assert "look 2 at this candidate: level 0.025" in second.text
    third = gate(stage)
    assert "look 3 at this candidate: level 0.0125" in third.text


def test_red_turns_green_by_pooled_fresh_evidence_alone(stage: Stage, gate: Gate) -> None:
    """5 of 5 against 0 of 5 was red; with 1 of 10 more against 5 of 10 it is no longer."""
    stage.candidate(s007="FFF" + "FFFFF" + "P")
    assert gate(stage).code == 100
    stage.plays({"v1-m1": {"s007": "PPPPP" + "FFFFF"}, "v2-m1": {"s007": "FFF" + "FFFFF" + "P"}})
    ended = gate(stage)
    assert ended.code == 0
    [flip] = ended.suite["flips"]
    assert (flip["fresh_before"], flip["fresh_after"]) == ([5, 10], [5, 10])
    assert "fresh attempts do not confirm it" in ended.text


@pytest.mark.real
def test_half_the_level_is_what_counts(stage: Stage, gate: Gate) -> None:
    """At the second look a p-value between 0.025 and 0.05 is not enough."""
    stage.candidate(s007="FFF" + "FFFFF" + "FFPPP")
    stage.plays({"v1-m1": {"s007": "PPPPP" + "FFPPP"}, "v2-m1": {"s007": "FFFFFFFFFFPPP"}})
    assert gate(stage).code == 100
    ended = gate(stage)
    [flip] = ended.suite["flips"]
    assert (flip["fresh_before"], flip["fresh_after"]) == ([2, 10], [7, 10])
    assert 0.0125 < ended.whole["p_adjusted"] < 0.05
    assert (ended.whole["p_adjusted"] <= 0.025) is (ended.code == 100)


@pytest.mark.real
def test_an_unconfirmed_suspicion_is_asked_again_too(stage: Stage, gate: Gate) -> None:
    """Green once is no more final than red: new fresh attempts are pooled with the old."""
    stage.candidate(s007="FFFP")
    assert gate(stage).code == 0
    stage.forget_calls()
    stage.plays({"v2-m1": {"s007": "F"}})
    ended = gate(stage)
    [flip] = ended.suite["flips"]
    assert (flip["fresh_before"], flip["fresh_after"]) == ([0, 10], [5, 10])
    assert "look 2 at this candidate: level 0.025" in ended.text
    assert len(stage.calls()) == 10


def test_another_run_does_not_replace_a_red_one(
    stage: Stage, gate: Gate, paygrade: Paygrade
) -> None:
    """`--run` with a luckier run of the same candidate: the first run counts."""
    stage.candidate(s007="F")
    assert gate(stage).code == 100
    stage.forget_calls()
    stage.plays({"v2-m1": {"s007": "PPPF"}})
    assert paygrade("run", "--epochs", 3, "-q", "-w", stage.root).code == 0
    ended = gate(stage, "--run", "latest")
    assert ended.code == 100
    assert "the same candidate was judged before: its run counts" in ended.text


@pytest.mark.parametrize(
    "options",
    [
        ("--on-inconclusive", "fail"),
        ("--confirm", "off"),
        pytest.param(("--confirm", "stored"), marks=pytest.mark.real),
        pytest.param(("-j", 2), marks=pytest.mark.real),
    ],
)
def test_no_option_makes_a_red_candidate_a_new_one(
    stage: Stage, gate: Gate, options: tuple[object, ...]
) -> None:
    """Asking for the same in other words is a second look, not a first."""
    stage.candidate(s007="F")
    assert gate(stage).code == 100
    stage.plays({})
    stage.forget_calls()
    ended = gate(stage, *options)
    assert "look 2 at this candidate: level 0.025" in ended.text
    assert len(stage.calls()) <= 10
    assert ended.whole["after"]["failed"] == 3
    if options[0] == "--confirm":
        assert "it is confirmed as it was then (`both`)" in ended.text


def test_what_was_judged_without_a_confirmation_can_be_confirmed(stage: Stage, gate: Gate) -> None:
    """Red in one stage, then asked again: a second look at the same run."""
    stage.candidate(s007="FFFP")
    assert gate(stage, "--confirm", "off").code == 100
    assert gate(stage, "--confirm", "off").code == 100  # nothing new was seen
    stage.forget_calls()
    stage.plays({})
    ended = gate(stage)
    assert (ended.code, len(stage.calls())) == (0, 10)
    assert "look 2 at this candidate: level 0.025" in ended.text
    assert ended.whole["after"]["failed"] == 3


def test_a_run_that_is_gone_is_no_way_to_green(stage: Stage, gate: Gate) -> None:
    """The store of a red look was deleted in part: nobody can add to that evidence."""
    stage.candidate(s007="F")
    first = gate(stage)
    assert first.code == 100
    [run_id] = first.suite["candidate"]["run_ids"]
    shutil.rmtree(stage.root / ".paygrade/runs" / run_id)
    stage.forget_calls()
    stage.plays({})
    ended = gate(stage)
    assert ended.code == 102
    assert ended.suite["codes"] == ["look_lost"]
    assert "this candidate was red before, and the runs of that look are gone" in ended.text
    assert (
        "restore the store (.paygrade) of the earlier look, or change the candidate" in ended.text
    )
    assert stage.calls() == []


def test_another_candidate_is_a_first_look(stage: Stage, gate: Gate) -> None:
    """A mended prompt starts anew."""
    stage.candidate(s007="F")
    assert gate(stage).code == 100
    stage.prompt(3)
    stage.replace("evals/refunds/suite.yaml", "refunds@v2", "refunds@v3")
    ended = gate(stage)
    assert ended.code == 0
    assert "look 1 at this candidate: level 0.05" in ended.text


@pytest.mark.real
def test_another_baseline_is_a_first_look(stage: Stage, gate: Gate, paygrade: Paygrade) -> None:
    """Accepted, so it is compared with itself now."""
    stage.candidate(s007="F")
    assert gate(stage).code == 100
    accepted = paygrade("accept", "-yq", "--now", "--reason", "meant", "-w", stage.root)
    assert accepted.code == 0, accepted.err
    ended = gate(stage)
    assert ended.code == 0
    assert "look 1 at this candidate" in ended.text


def test_more_epochs_are_a_new_look(staged: Staged, gate: Gate) -> None:
    """As the report advises where it is inconclusive; what was green before is not replaced."""
    stage = staged(prepare=committed, samples=8)
    stage.candidate()
    assert gate(stage).suite["verdict"] == "inconclusive"
    more = gate(stage, "--epochs", 6)
    assert "look 2 at this candidate: level 0.025" in more.text
    assert more.whole["after"]["scored"] == 48
    called = len(stage.calls())
    again = gate(stage, "--epochs", 6)
    assert len(stage.calls()) == called
    assert again.suite["candidate"]["run_ids"] == more.suite["candidate"]["run_ids"]


@pytest.mark.real
def test_more_epochs_do_not_replace_a_red_look(stage: Stage, gate: Gate) -> None:
    """Asking more often is no second chance for the screen."""
    stage.candidate(s007="F")
    assert gate(stage).code == 100
    stage.forget_calls()
    stage.plays({})
    ended = gate(stage, "--epochs", 9)
    assert ended.whole["after"]["failed"] == 3
    assert len(stage.calls()) == 10


def test_an_invalid_look_is_none(stage: Stage, gate: Gate) -> None:
    """Too many errors said nothing about the candidate: mended, it is asked anew, as look 1."""
    stage.candidate(**{"*": "C"})
    assert gate(stage).code == 102
    stage.forget_calls()
    stage.plays({})
    ended = gate(stage)
    assert (ended.code, len(stage.calls())) == (0, 120)
    assert "look 1 at this candidate: level 0.05" in ended.text


@pytest.mark.real
def test_the_gate_remembers_what_it_said(stage: Stage, gate: Gate) -> None:
    """One record an invocation, with the level and the verdict."""
    stage.candidate(**scripts("F", *names(0, 2)))
    gate(stage)
    gate(stage)
    first, second = stage.records()
    assert [each["exit_code"] for each in (first, second)] == [100, 100]
    [was], [now] = first["suites"], second["suites"]
    assert (was["look"], now["look"]) == (1, 2)
    assert now["chosen"] == was["chosen"] == names(0, 2)
    assert now["run_id"] == was["run_id"]
    assert len(now["fresh_after"]) == 2

"""`paygrade accept` from the outside: two sessions, a check, a proposal, a reviewed file."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from gate.playing import name, names, sample, scripts
from gate_commands.helping import pass_hours, said

if TYPE_CHECKING:
    from gate.playing import Stage
    from gate_commands.conftest import Made
    from kit import Paygrade

pytestmark = pytest.mark.usefixtures("without_database")

FILE = "reports/baselines/refunds.jsonl"


def accepted(stage: Stage) -> dict[str, Any]:
    """The line of the only runner in the baseline file."""
    lines = [json.loads(line) for line in (stage.root / FILE).read_text().splitlines()]
    [line] = [each for each in lines if "runner" in each]
    return dict(line)


def sessions(stage: Stage) -> list[str]:
    """The runs that the baseline was made of."""
    return [each["run_id"] for each in accepted(stage)["sessions"]]


class Typed(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_the_first_session_leaves_the_second_to_be_recorded(
    stage: Stage, paygrade: Paygrade
) -> None:
    """One session is recorded, nothing is proposed, and it says when to come again."""
    ended = paygrade("accept", "-w", stage.root)
    assert ended.code == 103
    assert "refunds · bot: session 1 of 2 is recorded; accept again after 20" in ended.err
    assert ended.err.endswith(
        "paygrade: exit 103 (incomplete: the run did not finish): a second session is missing\n"
    )
    assert ended.out == ""
    assert len(stage.calls()) == 8 * 5
    assert not (stage.root / FILE).exists()


def test_before_the_hour_nobody_is_asked(stage: Stage, paygrade: Paygrade) -> None:
    """Drift within an hour shows only when an hour passes."""
    paygrade("accept", "-q", "-w", stage.root)
    pass_hours(stage, 0.9)
    ended = paygrade("accept", "-w", stage.root)
    assert ended.code == 103
    assert len(stage.calls()) == 8 * 5


def test_after_the_hour_the_baseline_is_proposed(stage: Stage, paygrade: Paygrade) -> None:
    """What is accepted, whether its sessions agree, what a gate will find; then it is written."""
    stage.plays({"v1-m1": scripts("F", name(0))})
    paygrade("accept", "-q", "-w", stage.root)
    pass_hours(stage, 1.1)
    ended = paygrade("accept", "--yes", "-w", stage.root)
    assert ended.code == 0
    text = said(ended)
    assert "refunds · bot: the first baseline failure rate 12.5 % (10 of 80 failed)" in text
    assert "A/A check: do its sessions agree? z = 0.00 between its sessions" in text
    assert "what a gate will find epochs smallest rise found" in text
    assert f"wrote {FILE}: commit it, so that a person reviews it" in text
    assert "minutes apart" not in text
    assert len(stage.calls()) == 8 * 10
    assert [each["epochs"] for each in accepted(stage)["sessions"]] == [5, 5]
    assert accepted(stage)["reason"] == "first baseline"


def test_the_hour_begins_when_the_session_ended(stage: Stage, paygrade: Paygrade) -> None:
    """A session that took long, or was stopped for a while, is waited for all the same."""
    paygrade("accept", "-q", "-w", stage.root)
    [journal] = stage.root.glob(".paygrade/runs/*/journal.jsonl")
    first, rest = journal.read_text().split("\n", 1)
    pass_hours(stage, 2)
    begun = journal.read_text().split("\n", 1)[0]
    assert begun != first
    journal.write_text(f"{begun}\n{rest}")
    assert paygrade("accept", "-w", stage.root).code == 103
    assert len(stage.calls()) == 8 * 5


def test_without_a_terminal_nothing_is_written_unconfirmed(
    stage: Stage, paygrade: Paygrade
) -> None:
    """In CI it ends with 2; what was recorded is kept, and `--yes` writes it without a call."""
    ended = paygrade("accept", "--now", "-w", stage.root)
    assert ended.code == 2
    assert f"nothing was written: confirm {FILE} with --yes; what is recorded is kept" in ended.err
    assert not (stage.root / FILE).exists()
    assert paygrade("accept", "--now", "--yes", "-w", stage.root).code == 0
    assert (stage.root / FILE).exists()
    assert len(stage.calls()) == 8 * 10


@pytest.mark.parametrize(("typed", "code"), [("n\n", 2), ("", 2), ("y\n", 0)])
def test_a_person_at_a_terminal_is_asked(
    stage: Stage, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    """No, and an end of the input, write nothing; yes does."""
    monkeypatch.setattr("sys.stdin", Typed(typed))
    ended = paygrade("accept", "--now", "-w", stage.root)
    assert ended.code == code
    assert (stage.root / FILE).exists() is (code == 0)
    assert ("nothing was written; what is recorded is kept" in ended.err) is (code == 2)
    assert "Traceback" not in ended.err


def test_sessions_without_an_hour_between_them_are_told(stage: Stage, paygrade: Paygrade) -> None:
    """`--now` records both, and says what that cannot show."""
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert (
        "note: the sessions lie 0 minutes apart: what drifts within an hour was not seen"
        in ended.err
    )


def test_a_dry_run_asks_nobody(stage: Stage, paygrade: Paygrade) -> None:
    """The plan of what would be recorded, and no more."""
    ended = paygrade("accept", "--now", "--dry-run", "-w", stage.root)
    assert ended.code == 0
    rows = [line.split() for line in ended.err.splitlines()]
    planned = ["refunds", "bot", "refunds@v1", "refunds@v1", "8", "5", "40"]
    assert rows.count(planned) == 2  # one session each
    assert stage.calls() == []
    assert not (stage.root / ".paygrade" / "runs").exists()


def test_the_same_version_is_not_accepted_twice(stage: Stage, paygrade: Paygrade) -> None:
    """Recording it until it looks good is no baseline: nobody is asked."""
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    before = (stage.root / FILE).read_bytes()
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 2
    assert "refunds · bot has a baseline of this very version, accepted 20" in ended.err
    assert "recording it until it looks good is no baseline" in ended.err
    assert "there is nothing new to accept" in ended.err
    assert (stage.root / FILE).read_bytes() == before
    assert len(stage.calls()) == 8 * 10


def test_with_a_reason_it_is_recorded_anew(stage: Stage, paygrade: Paygrade) -> None:
    """The reason stands in the file, and no session of an earlier baseline is taken again."""
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    first = sessions(stage)
    ended = paygrade("accept", "--now", "--yes", "--reason", "half a year old", "-w", stage.root)
    assert ended.code == 0
    assert "refunds · bot: another baseline" in ended.out
    assert "differs in: nothing; prompt, dataset, runner and scorers are the same" in ended.out
    assert accepted(stage)["reason"] == "half a year old"
    second = sessions(stage)
    assert not {*first} & {*second}
    paygrade("accept", "--now", "--yes", "-q", "--reason", "again", "-w", stage.root)
    assert not {*first, *second} & {*sessions(stage)}
    assert len(stage.calls()) == 8 * 10 * 3


def test_a_reason_is_given_with_both_sessions(stage: Stage, paygrade: Paygrade) -> None:
    """It says so: without it the second call would be about the baseline that stands."""
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    ended = paygrade("accept", "--reason", "renewed", "-w", stage.root)
    assert ended.code == 103
    assert "accept again with the same --reason after 20" in ended.err


def test_what_was_declined_is_proposed_again_and_not_recorded_again(
    stage: Stage, paygrade: Paygrade
) -> None:
    """A baseline is one fixed recording: saying no does not throw the dice again."""
    paygrade("accept", "--now", "-q", "-w", stage.root)
    recorded = sorted(each.name for each in stage.root.glob(".paygrade/runs/*"))
    stage.plays({"v1-m1": {"*": "F"}})
    assert paygrade("accept", "--yes", "-q", "-w", stage.root).code == 0
    assert sessions(stage) == recorded


def test_another_number_of_epochs_is_another_recording(stage: Stage, paygrade: Paygrade) -> None:
    """So it takes a reason too, once something is recorded."""
    paygrade("accept", "-q", "-w", stage.root)
    ended = paygrade("accept", "--now", "--epochs", 6, "-w", stage.root)
    assert ended.code == 2
    assert (
        "refunds · bot: a session of 5 epochs of this very version is recorded and not accepted: "
        "recording it until it looks good is no baseline (accept it (--epochs 5), or say why not"
    ) in ended.err
    ended = paygrade("accept", "--now", "--yes", "--epochs", 6, "--reason", "more power",
                     "-w", stage.root)  # fmt: skip
    assert ended.code == 0
    assert [each["epochs"] for each in accepted(stage)["sessions"]] == [6, 6]


def test_a_second_session_is_not_dropped(stage: Stage, paygrade: Paygrade) -> None:
    """Once both are recorded, `--sessions 1` does not choose the nicer one."""
    paygrade("accept", "--now", "-q", "-w", stage.root)
    paygrade("accept", "--sessions", 1, "--yes", "-q", "-w", stage.root)
    assert len(sessions(stage)) == 2


def test_one_session_is_enough_for_who_wants_it(stage: Stage, paygrade: Paygrade) -> None:
    """Without an A/A check, which is said."""
    ended = paygrade("accept", "--sessions", 1, "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "A/A check: do its sessions agree? not possible with one session" in said(ended)
    assert (accepted(stage)["shift"], accepted(stage)["inference"]) == (None, "runs")


def test_a_change_needs_a_commit_or_a_reason(stage: Stage, paygrade: Paygrade) -> None:
    """A dirty worktree is named; after the commit the new version is accepted as what it is."""
    stage.commit()
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    assert accepted(stage)["commit"] == stage.git("rev-parse", "HEAD")
    stage.use(2)
    stage.plays({"v2-m1": scripts("F", name(3))})
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 2
    assert "refunds · bot has a baseline, accepted 20" in ended.err
    assert "and the worktree is dirty (evals/refunds/suite.yaml) (commit what changed" in ended.err
    assert len(stage.calls()) == 8 * 10
    commit = stage.commit()
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "failure rate 0.0 % (0 of 80 failed) -> 12.5 % (10 of 80 failed)" in ended.out
    assert "differs in: prompt (refunds@v1 -> refunds@v2)" in ended.out
    assert "outcomes: 1 sample changed" in ended.out
    assert (accepted(stage)["commit"], accepted(stage)["reason"]) == (commit, "a new version")


def test_another_version_at_the_same_commit_needs_a_reason(
    stage: Stage, paygrade: Paygrade
) -> None:
    """Choosing among versions by an option is no change that anybody reviews."""
    stage.commit()
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    stage.commit()
    paygrade("accept", "--now", "--yes", "-q", "--reason", "renewed", "-w", stage.root)
    ended = paygrade("accept", "--now", "--yes", "--prompt", "refunds@v2", "-w", stage.root)
    assert ended.code == 2
    assert "at this very commit (commit what changed, or say why a new one is needed" in ended.err


def test_a_version_is_found_again_by_any_option(stage: Stage, paygrade: Paygrade) -> None:
    """The suite's prompt, named on the command line, is the same version."""
    paygrade("accept", "-q", "-w", stage.root)
    pass_hours(stage, 1.1)
    ended = paygrade("accept", "--yes", "-q", "--prompt", "refunds@v1", "-w", stage.root)
    assert ended.code == 0
    assert len(stage.calls()) == 8 * 10


def test_a_dirty_worktree_is_named(stage: Stage, paygrade: Paygrade) -> None:
    """Its baseline has no commit: it is confirmed only while the workspace holds the version."""
    stage.commit()
    stage.write("notes.txt", "mine")
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "note: the worktree is dirty (notes.txt): it can be confirmed only while" in ended.err
    assert accepted(stage)["commit"] == ""


def test_a_suite_that_is_accepted_does_not_stop_the_others(
    stage: Stage, paygrade: Paygrade
) -> None:
    """All suites at once, an hour later: what is done is said, what is missing is recorded."""
    suite = (stage.root / "evals/refunds/suite.yaml").read_text()
    stage.write("evals/other/suite.yaml", suite.replace("suite: refunds", "suite: other"))
    paygrade("accept", "refunds", "--now", "--yes", "-q", "-w", stage.root)
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "refunds · bot has a baseline of this very version" in ended.err
    assert "wrote reports/baselines/other.jsonl" in ended.err


def test_an_invariant_that_fails_is_said(stage: Stage, paygrade: Paygrade) -> None:
    """Accepting it does not make the gate green: it stays violated."""
    stage.plays({"v1-m1": scripts("X", name(2))})
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert (
        "an invariant fails on 1 sample of what is accepted: a gate is violated each time one "
        "fails, until that is mended or waived"
    ) in said(ended)
    assert "s002 no-pan" in said(ended)


def test_sessions_that_disagree_are_found(made: Made, paygrade: Paygrade) -> None:
    """What repeats itself inside a session and not across them is no independent evidence."""
    stage = made(24)
    stage.plays({"v1-m1": scripts("PPPPPFFFFF", *names(0, 5)) | scripts("FFFFFP", *names(6, 11))})
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "epochs will not be counted as independent evidence" in said(ended)
    assert accepted(stage)["inference"] == "cases"


def test_what_the_check_found_is_kept_whatever_the_suite_states(
    made: Made, paygrade: Paygrade
) -> None:
    """`gate.inference` decides when a gate runs; the baseline holds what was measured."""
    stage = made(24)
    stage.gate("{inference: cases}")
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    assert accepted(stage)["inference"] == "runs"


def test_too_many_errors_are_no_baseline(stage: Stage, paygrade: Paygrade) -> None:
    """It ends with 102, and goes on ending so: what errored does not become a session."""
    stage.plays({"v1-m1": scripts("C", name(1))})
    for _ in range(2):
        ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
        assert ended.code == 102
        assert "refunds · bot: 5 of 40 attempts errored (at most 5% may)" in ended.err
        assert "mend it, then paygrade accept refunds again: it asks what errored" in ended.err
        assert not (stage.root / FILE).exists()


def test_once_it_is_mended_only_what_errored_is_asked_again(
    stage: Stage, paygrade: Paygrade
) -> None:
    """What was answered is not paid for twice."""
    stage.plays({"v1-m1": scripts("CCCCCP", name(1))})
    assert paygrade("accept", "--now", "-q", "-w", stage.root).code == 102
    stage.forget_calls()
    stage.plays({})
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "refunds · bot: going on with session 1 of 2" in ended.err
    assert stage.calls()[:5] == [name(1)] * 5
    assert len(stage.calls()) == 5 + 8 * 5
    assert "(0 of 80 failed)" in ended.out


def test_nothing_scored_is_no_baseline_whatever_is_allowed(
    stage: Stage, paygrade: Paygrade
) -> None:
    """Errors may be forgiven; silence is not a baseline."""
    stage.gate("{max_error_rate: 1.0}")
    stage.plays({"v1-m1": {"*": "C"}})
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 102
    assert "refunds · bot: 40 of 40 attempts errored" in ended.err


def test_errors_of_quarantined_samples_do_not_count(stage: Stage, paygrade: Paygrade) -> None:
    """They are in no rate, as in the gate."""
    put_aside = {"class": "quarantined", "until": "2999-01-01", "why": "its label is disputed"}
    stage.samples([sample(0, **put_aside), *(sample(number) for number in range(1, 8))])
    stage.plays({"v1-m1": scripts("C", name(0))})
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 0
    assert "(0 of 70 failed)" in ended.out


def test_a_suite_of_quarantined_samples_has_no_baseline(stage: Stage, paygrade: Paygrade) -> None:
    """There would be nothing to compare with."""
    put_aside = {"class": "quarantined", "until": "2999-01-01", "why": "its label is disputed"}
    stage.samples([sample(number, **put_aside) for number in range(2)])
    ended = paygrade("accept", "--now", "--yes", "-w", stage.root)
    assert ended.code == 102
    assert "every sample is quarantined: nothing counts" in ended.err


def test_a_reason_that_must_not_be_stored_is_refused_at_once(
    stage: Stage, paygrade: Paygrade
) -> None:
    """Before anybody is asked: it would be kept in git for ever."""
    ended = paygrade(
        "accept", "--now", "--yes", "--reason", "card 4111 1111 1111 1111", "-w", stage.root
    )
    assert ended.code == 2
    assert "the reason holds what must not be stored" in ended.err
    assert "4111" not in ended.err
    assert stage.calls() == []


def test_answers_scored_again_are_no_session(stage: Stage, paygrade: Paygrade) -> None:
    """They are the same answers: a baseline is of attempts of its own."""
    paygrade("accept", "-q", "-w", stage.root)
    assert paygrade("score", "latest", "-q", "-w", stage.root).code == 0
    pass_hours(stage, 1.1)
    assert paygrade("accept", "--yes", "-q", "-w", stage.root).code == 0
    assert len(stage.calls()) == 8 * 10


class TestDeterministic:
    """Runners that are declared to answer always alike."""

    @pytest.fixture
    def stage(self, stage: Stage) -> Stage:
        """A workspace whose runner is declared so."""
        profile = (stage.root / "runners/bot.yaml").read_text()
        stage.write("runners/bot.yaml", f"{profile}deterministic: true\n")
        return stage

    def test_one_session_of_one_epoch_is_enough(self, stage: Stage, paygrade: Paygrade) -> None:
        """Some samples are asked twice, to see that it is."""
        ended = paygrade("accept", "--yes", "-w", stage.root)
        assert ended.code == 0
        assert "declared deterministic: asking 5 samples twice" in ended.err
        assert "not needed: the runner is deterministic" in ended.out
        assert [each["epochs"] for each in accepted(stage)["sessions"]] == [1]
        assert accepted(stage)["power"] == {}
        assert len(stage.calls()) == 8 + 5

    def test_it_is_asked_twice_once(self, stage: Stage, paygrade: Paygrade) -> None:
        """Confirming it later asks nobody."""
        assert paygrade("accept", "-q", "-w", stage.root).code == 2
        assert paygrade("accept", "-q", "--yes", "-w", stage.root).code == 0
        assert len(stage.calls()) == 8 + 5

    def test_a_runner_that_lies_is_refused_each_time(
        self, stage: Stage, paygrade: Paygrade
    ) -> None:
        """Its recording does not become a session because it is there."""
        stage.plays({"v1-m1": scripts("W", name(0))})
        for _ in range(2):
            ended = paygrade("accept", "--yes", "-w", stage.root)
            assert ended.code == 102
            assert (
                "the runner is declared deterministic and answered s000 in two ways (take "
                "`deterministic: true` out of runners/bot.yaml)"
            ) in ended.err
            assert not (stage.root / FILE).exists()

    def test_one_that_answers_no_second_time_is_not_believed(
        self, stage: Stage, paygrade: Paygrade
    ) -> None:
        """Silence is no proof that it answers alike."""
        stage.plays({"v1-m1": {"*": "PC"}})
        ended = paygrade("accept", "--yes", "-w", stage.root)
        assert ended.code == 102
        assert "5 of 5 attempts errored" in ended.err

    def test_without_the_claim_it_is_recorded_like_any_other(
        self, stage: Stage, paygrade: Paygrade
    ) -> None:
        """What was recorded under the claim is no session."""
        stage.plays({"v1-m1": scripts("W", name(0))})
        assert paygrade("accept", "--yes", "-q", "-w", stage.root).code == 102
        stage.replace("runners/bot.yaml", "deterministic: true\n", "")
        assert paygrade("accept", "--yes", "--now", "-q", "-w", stage.root).code == 0
        assert [each["epochs"] for each in accepted(stage)["sessions"]] == [5, 5]

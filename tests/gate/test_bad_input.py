"""What cannot be compared is said, with the next step, and never passes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gate.playing import PROMPT, SUITE, Stage, committed, sample

if TYPE_CHECKING:
    from pathlib import Path

    from gate.conftest import Gate, Staged
    from kit import Paygrade

BASELINE = "reports/baselines/refunds.jsonl"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A workspace without a baseline."""
    stage = Stage(tmp_path / "ws")
    monkeypatch.setenv("PAYGRADE_PLAY", str(stage.play))
    return stage


def test_without_a_baseline_nothing_is_asked(bare: Stage, gate: Gate) -> None:
    """Invalid, and how to get one; not a call is paid for."""
    ended = gate(bare)
    assert ended.code == 102
    assert "INVALID refunds · bot: refunds has no baseline for the runner bot" in ended.text
    assert "next: accept one: paygrade accept refunds" in ended.text
    assert bare.calls() == []


def test_a_baseline_of_another_runner_is_none(stage: Stage, gate: Gate) -> None:
    """The sentence says for whom there is one."""
    stage.write("runners/other.yaml", "runner: other\nprovider: python\ncallable: bot.py:answer\n")
    ended = gate(stage, "-r", "other")
    assert ended.code == 102
    assert "refunds has no baseline for the runner other (only for bot)" in ended.text


def test_every_suite_is_reported_and_only_sound_ones_are_asked(stage: Stage, gate: Gate) -> None:
    """Three suites: one passes, one has no baseline, one was edited by hand."""
    for other in ("one", "two"):
        suite = SUITE.replace("suite: refunds", f"suite: {other}")
        stage.write(f"evals/{other}/suite.yaml", suite)
    text = (stage.root / BASELINE).read_text()
    stage.write("reports/baselines/two.jsonl", text)
    stage.candidate()
    ended = gate(stage)
    assert ended.code == 102
    verdicts = {each["suite"]: each["verdict"] for each in ended.report["suites"]}
    assert verdicts == {"refunds": "pass", "one": "invalid", "two": "invalid"}
    assert "one has no baseline for the runner bot" in ended.text
    assert "is the baseline of the suite 'refunds', not of 'two'" in ended.text
    assert (len(stage.calls("v2-m1")), len(stage.calls())) == (120, 120)
    assert "paygrade: exit 102" in ended.err
    assert "invalid: one · bot, two · bot" in ended.err


def test_a_run_of_another_suite_is_no_baseline(
    stage: Stage, gate: Gate, paygrade: Paygrade
) -> None:
    """Equal names of samples do not make suites comparable."""
    stage.write("evals/other/suite.yaml", SUITE.replace("suite: refunds", "suite: other"))
    assert paygrade("run", "other", "-q", "-w", stage.root).code == 0
    [run] = stage.root.glob(".paygrade/runs/*-other-*")
    stage.forget_calls()
    ended = gate(stage, "refunds", "--baseline", run.name)
    assert ended.code == 102
    assert "the baseline is of the suite other, not of refunds" in ended.text
    assert "next: name a run or a baseline of refunds" in ended.text
    assert stage.calls() == []


def test_a_file_of_another_suite_is_no_baseline(stage: Stage, gate: Gate) -> None:
    """Copied under another name, and named on the command line."""
    (stage.root / BASELINE).rename(stage.root / "reports/old.jsonl")
    stage.write("evals/other/suite.yaml", SUITE.replace("suite: refunds", "suite: other"))
    ended = gate(stage, "other", "--baseline", "reports/old.jsonl")
    assert ended.code == 102
    assert "a baseline is accepted, not copied or renamed" in ended.text


def test_a_baseline_of_a_newer_format_asks_for_an_upgrade(stage: Stage, gate: Gate) -> None:
    """It was written by a newer paygrade, and is not guessed at."""
    first, _, rest = (stage.root / BASELINE).read_text().partition("\n")
    stage.write(BASELINE, json.dumps({**json.loads(first), "baseline": 99}) + "\n" + rest)
    ended = gate(stage)
    assert ended.code == 102
    assert "baseline format 99 is newer than this paygrade reads (upgrade paygrade)" in ended.text
    assert stage.calls() == []


def test_a_baseline_that_was_edited_by_hand_is_refused(stage: Stage, gate: Gate) -> None:
    """One outcome turned around: its digest differs."""
    text = (stage.root / BASELINE).read_text()
    stage.write(BASELINE, text.replace("PP PP", "FP PP", 1))
    ended = gate(stage)
    assert ended.code == 102
    assert f"{BASELINE}:1: was edited by hand: its digest differs" in ended.text
    assert "restore the file from git, or delete it and accept again" in ended.suite["next_step"]
    assert stage.calls() == []


def test_a_baseline_that_is_nowhere_is_a_mistake(stage: Stage, gate: Gate) -> None:
    """No file, no folder, no run, no commit: exit 2, before anything is asked."""
    ended = gate(stage, "--baseline", "nowhere")
    assert ended.code == 2
    assert (
        "--baseline 'nowhere' is no file, no folder, no stored run and no git commit" in ended.err
    )
    assert stage.calls() == []


def test_without_a_comparable_sample_nothing_is_asked(stage: Stage, gate: Gate) -> None:
    """Every sample was edited: it is known before the first call that nothing can be compared."""
    stage.samples([sample(i, expected={"action": "refuse"}) for i in range(40)])
    ended = gate(stage)
    assert ended.code == 102
    assert "only 0 of 40 samples are the same as in the baseline" in ended.text
    assert "accept a new baseline: paygrade accept refunds --reason" in ended.text
    assert stage.calls() == []


def test_when_all_attempts_errored_there_is_no_verdict(stage: Stage, gate: Gate) -> None:
    """Errors are no failures, and no passes either."""
    stage.candidate(**{"*": "C"})
    ended = gate(stage)
    assert ended.code == 102
    assert ended.suite["codes"] == ["errors", "empty"]
    assert "120 of 120 attempts errored and 40 of 40 samples have no outcome" in ended.text
    assert "no sample has an outcome on both sides" in ended.text


@pytest.mark.real
def test_a_baseline_of_a_dirty_worktree_is_confirmed_while_it_is_there(
    staged: Staged, gate: Gate
) -> None:
    """Its commit is not clean; its prompt still stands in the workspace."""

    def dirty(stage: Stage) -> None:
        stage.commit()
        stage.write("notes.md", "not committed\n")

    stage = staged(prepare=dirty)
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert ended.suite["confirmation"]["mode"] == "both"
    assert len(stage.calls("v1-m1")) == 5


def test_a_dirty_baseline_that_is_gone_confirms_as_stored(stage: Stage, gate: Gate) -> None:
    """Neither the workspace nor a clean commit holds it: the second session has to do."""
    stage.candidate(s007="F")
    (stage.root / "prompts/refunds/v1.yaml").unlink()
    ended = gate(stage)
    assert ended.code == 100
    why = "the workspace no longer holds its version, and no clean commit is recorded"
    assert f"asked for was `both`, done was `stored`: {why}" in ended.text
    assert "is not excluded" in ended.text
    assert set(stage.versions_called()) == {"v2-m1"}


def test_without_a_second_session_a_gone_baseline_confirms_nothing(
    staged: Staged, gate: Gate
) -> None:
    """Neither mode is possible: a suspicion is invalid, and no suspicion is a pass."""
    stage = staged(accept=("--sessions", 1))
    stage.candidate(s007="F")
    (stage.root / "prompts/refunds/v1.yaml").unlink()
    ended = gate(stage)
    assert ended.code == 102
    assert "a rise is suspected and cannot be confirmed: the workspace no longer" in ended.text
    stage.plays({})
    stage.prompt(3)
    stage.replace("evals/refunds/suite.yaml", "refunds@v2", "refunds@v3")
    assert gate(stage).code == 0


def ignored(stage: Stage) -> None:
    """Git does not know the first prompt version: the commit cannot be run."""
    stage.write(".gitignore", ".paygrade\nprompts/refunds/v1.yaml\n")
    stage.commit()


def test_a_commit_that_does_not_hold_the_prompt_is_named(staged: Staged, gate: Gate) -> None:
    """The recorded commit lacks what was accepted; so it confirms as `stored`, and says why."""
    stage = staged(prepare=ignored)
    commit = stage.git("rev-parse", "HEAD~1")
    stage.candidate(s007="F")
    (stage.root / "prompts/refunds/v1.yaml").unlink()
    ended = gate(stage)
    assert ended.code == 100
    why = f"commit {commit[:12]} cannot be run: there is no prompt 'refunds@v1'"
    assert f"asked for was `both`, done was `stored`: {why}" in ended.text
    assert worktrees(stage) == 1


def test_a_shallow_clone_says_how_to_fetch_the_commit(
    staged: Staged, gate: Gate, tmp_path: Path
) -> None:
    """CI that checks out one commit alone is told what to change."""
    stage = staged(prepare=committed)
    stage.git("rm", "--quiet", "prompts/refunds/v1.yaml")
    stage.candidate()
    stage.commit()
    clone = tmp_path / "shallow"
    stage.git("clone", "--quiet", "--depth", "1", f"file://{stage.root}", str(clone))
    ended = gate(Stage(clone))
    assert ended.code == 0
    assert "is not in this clone (fetch the whole history: git fetch --unshallow, or" in ended.text
    assert ended.suite["confirmation"]["mode"] == "stored"


def test_a_baseline_whose_runner_crashes_now_confirms_nothing(stage: Stage, gate: Gate) -> None:
    """The old version gives no answer any more: that is no proof that the new one is fine."""
    stage.candidate(s007="F")
    stage.plays({"v1-m1": {"*": "C"}, "v2-m1": {"s007": "F"}})
    ended = gate(stage)
    assert ended.code == 102
    assert "5 of 5 fresh attempts of the baseline's version errored" in ended.text
    assert "or confirm against its second session: --confirm stored" in ended.text


@pytest.mark.real
def test_a_commit_that_holds_another_version_is_named(staged: Staged, gate: Gate) -> None:
    """The commit holds another version under the same name than the one that was accepted."""

    def other(stage: Stage) -> None:
        stage.commit()
        stage.git("update-index", "--assume-unchanged", "prompts/refunds/v1.yaml")
        stage.write("prompts/refunds/v1.yaml", PROMPT.replace("Version", "Other") % (1, 1, 1))

    stage = staged(prepare=other)
    stage.candidate(s007="F")
    (stage.root / "prompts/refunds/v1.yaml").unlink()
    ended = gate(stage)
    assert "does not hold what the baseline was recorded with" in ended.text
    assert ended.suite["confirmation"]["mode"] == "stored"


def test_a_mistake_in_the_workspace_stops_before_the_first_call(stage: Stage, gate: Gate) -> None:
    """Exit 2, every mistake of every suite, nothing asked."""
    stage.candidate()
    stage.gate("{tolerence: 0.01, margin: 2}")
    stage.write("evals/other/suite.yaml", SUITE.replace("suite: refunds", "suite: another"))
    ended = gate(stage)
    assert ended.code == 2
    assert "unknown key 'gate.tolerence' (did you mean 'tolerance'?)" in ended.err
    assert "'gate.margin' should be less than 1, not 2" in ended.err
    assert "paygrade: exit 2" in ended.err
    assert "evals/other/suite.yaml" in ended.err
    assert stage.calls() == []


def test_an_unknown_run_is_a_mistake(stage: Stage, gate: Gate) -> None:
    """`--run` names what there is."""
    ended = gate(stage, "--run", "nothing")
    assert ended.code == 2
    assert "there is no run 'nothing'" in ended.err


def test_a_run_of_another_version_is_no_candidate(
    stage: Stage, gate: Gate, paygrade: Paygrade
) -> None:
    """The workspace changed since: the run says nothing about what would be shipped."""
    paygrade("run", "-q", "--epochs", 3, "-w", stage.root)
    stage.write("prompts/refunds/v1.yaml", PROMPT.replace("Version", "Edited") % (1, 1, 1))
    ended = gate(stage, "--run", "latest")
    assert ended.code == 2
    assert "was made with another version: the prompt changed since" in ended.err


def test_a_run_on_another_dataset_or_other_scorers_is_no_candidate(
    stage: Stage, gate: Gate, paygrade: Paygrade
) -> None:
    """What was judged otherwise, or on other samples, is not compared in silence."""
    paygrade("run", "-q", "--epochs", 3, "-w", stage.root)
    stage.samples(
        [sample(i, **({"expected": {"action": "x"}} if i == 3 else {})) for i in range(40)]
    )
    ended = gate(stage, "--run", "latest")
    assert ended.code == 2, ended.text
    assert "the dataset" in ended.err
    stage.samples([sample(i) for i in range(40)])
    stage.replace("evals/refunds/suite.yaml", "equals: {field: action", "icontains: {value: refund")
    paygrade("accept", "-yq", "--now", "--reason", "other scorers", "-w", stage.root)
    run = sorted(stage.root.glob(".paygrade/runs/*"))[2].name
    ended = gate(stage, "--run", run)
    assert ended.code == 2, ended.text
    assert "the scorers" in ended.err


@pytest.mark.real
def test_a_run_of_some_samples_is_invalid(stage: Stage, gate: Gate, paygrade: Paygrade) -> None:
    """A filtered run is no candidate of the suite."""
    paygrade("run", "-q", "--epochs", 3, "--limit", 10, "-w", stage.root)
    ended = gate(stage, "--run", "latest")
    assert ended.code == 102
    assert "30 of 40 samples have no outcome" in ended.text


def worktrees(stage: Stage) -> int:
    """How many checkouts git knows, the workspace's own included."""
    return len(stage.git("worktree", "list").splitlines())

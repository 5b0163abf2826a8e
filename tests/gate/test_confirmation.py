"""What is suspected is asked again: of both versions, at the same time, on what differs alone."""

from __future__ import annotations

import re
import signal
import tempfile
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from gate.playing import PLAYER, PROFILE, committed, names, scripts

if TYPE_CHECKING:
    from pathlib import Path

    from gate.conftest import Gate, Staged
    from gate.playing import Stage
    from kit import Paygrade

pytestmark = pytest.mark.real  # each an accepted baseline and several runs

CANDIDATE = 120
"""Attempts of the candidate's own run."""


def asked_again(stage: Stage) -> list[str]:
    """The versions that the confirmation called, in order."""
    return stage.versions_called()[CANDIDATE:]


def test_both_versions_are_asked_again_on_what_differs(stage: Stage, gate: Gate) -> None:
    """Worse or better: three samples differ, and each is asked five times of each version."""
    stage.candidate(s003="F", s005="PFP", s009="FFP")
    ended = gate(stage)
    again = {"s003": 5, "s005": 5, "s009": 5}
    assert Counter(stage.calls("v1-m1")) == again
    assert Counter(stage.calls("v2-m1")[CANDIDATE:]) == again
    confirmation = ended.suite["confirmation"]
    assert (confirmation["samples"], confirmation["calls"]) == (["s003", "s005", "s009"], 30)
    assert "asking both versions again, 3 samples x 5 epochs" in ended.err
    assert "30 calls of at most 400" in ended.text


@pytest.mark.real
def test_a_sample_that_got_better_is_asked_again_too(staged: Staged, gate: Gate) -> None:
    """Choosing the new failures alone would bias the answer."""
    stage = staged(baseline={"s001": "F", "s002": "FP"})
    stage.candidate(**scripts("F", "s010", "s011", "s012"))
    ended = gate(stage)
    assert ended.suite["confirmation"]["samples"] == ["s001", "s002", "s010", "s011", "s012"]


def test_both_versions_are_asked_at_the_same_time(stage: Stage, gate: Gate) -> None:
    """Epoch by epoch, side by side: what drifts within minutes drifts for both."""
    stage.candidate(**scripts("F", *names(0, 19)))
    gate(stage)
    order = asked_again(stage)
    assert Counter(order) == {"v1-m1": 100, "v2-m1": 100}
    ahead = 0
    for version in order:
        ahead += 1 if version == "v2-m1" else -1
        assert abs(ahead) <= 8  # so many calls may be in flight


def test_drift_since_the_baseline_is_no_regression(stage: Stage, gate: Gate) -> None:
    """Both versions got worse alike: the change is not to blame."""
    worse = scripts("F", *names(0, 3))
    stage.candidate()
    stage.plays({"v1-m1": worse, "v2-m1": worse})
    ended = gate(stage)
    assert ended.code == 0
    assert ended.suite["verdict"] == "pass"
    assert (ended.whole["p_more"] < 0.001, ended.whole["p_fresh"]) == (True, 1.0)
    assert "a rise was suspected, and fresh attempts do not confirm it" in ended.text


def test_the_old_prompt_comes_from_the_workspace(stage: Stage, gate: Gate) -> None:
    """It still stands there unchanged: no git is needed."""
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert stage.calls("v1-m1") == ["s007"] * 5


@pytest.fixture
def checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where worktrees are made."""
    folder = tmp_path / "checkouts"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def changed_runner(stage: Stage) -> None:
    """The runner's code is what changed; nothing of the old one is left in the workspace."""
    stage.write("runners/bot.py", PLAYER.replace('MODEL = "m1"', 'MODEL = "m2"'))
    stage.commit()


def test_changed_code_is_asked_again_from_its_commit(
    staged: Staged, gate: Gate, checkouts: Path
) -> None:
    """The baseline's commit is checked out beside the workspace, and taken away at the end."""
    stage = staged(prepare=committed)
    changed_runner(stage)
    stage.plays({"v1-m2": {"s007": "F"}})
    ended = gate(stage)
    assert ended.code == 100
    assert Counter(asked_again(stage)) == {"v1-m1": 5, "v1-m2": 5}
    assert "the runner bot changed (its model, its parameters or its code)" in ended.text
    assert list(checkouts.iterdir()) == []
    assert len(stage.git("worktree", "list").splitlines()) == 1


def inside(stage: Stage) -> None:
    """The workspace is a folder of a repository that holds more."""
    top = stage.root.parent
    stage.write(".gitignore", ".paygrade\n")
    for command in (
        ("-C", str(top), "init", "--quiet", "--template="),
        ("-C", str(top), "add", "ws"),
        ("-C", str(top), "commit", "--quiet", "--message", "x"),
    ):
        stage.git(*command)


@pytest.mark.real
def test_a_workspace_may_be_a_folder_of_its_repository(
    staged: Staged, gate: Gate, checkouts: Path
) -> None:
    """The checkout's folder of the same name is asked."""
    stage = staged(prepare=inside)
    assert not (stage.root / ".git").exists()
    stage.write("runners/bot.py", PLAYER.replace('MODEL = "m1"', 'MODEL = "m2"'))
    stage.plays({"v1-m2": {"s007": "F"}})
    ended = gate(stage)
    assert ended.code == 100
    assert Counter(asked_again(stage)) == {"v1-m1": 5, "v1-m2": 5}
    assert list(checkouts.iterdir()) == []


def test_the_command_line_names_the_candidate(
    stage: Stage, paygrade: Paygrade, tmp_path: Path
) -> None:
    """`--prompt` instead of the suite's, from a folder inside of the workspace."""
    stage.plays({"v2-m1": {"s007": "F"}})
    inner = stage.root / "evals/refunds"
    ended = paygrade("gate", "refunds", "--prompt", "refunds@v2", "-o", "v.json", cwd=inner)
    assert ended.code == 100
    assert "prompt refunds@v1 → refunds@v2" in ended.out
    assert (inner / "v.json").exists()
    assert not (tmp_path / "v.json").exists()


def test_the_checkout_goes_away_after_a_failure_too(
    staged: Staged, gate: Gate, checkouts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a bug of ours leaves no worktree behind."""
    stage = staged(prepare=committed)
    changed_runner(stage)
    seen: list[Path] = []

    def broken(*_: object) -> None:
        seen.extend(checkouts.iterdir())
        raise ZeroDivisionError

    monkeypatch.setattr("paygrade.pipeline.hearing.Hearing.report", broken)
    assert gate(stage).code == 1
    assert len(seen) == 1
    assert list(checkouts.iterdir()) == []
    assert len(stage.git("worktree", "list").splitlines()) == 1


def test_a_bound_on_the_calls_is_kept(stage: Stage, gate: Gate) -> None:
    """Ten samples differ, and 39 calls are enough for three of them, five times in both arms."""
    stage.gate("{max_confirm_calls: 39}")
    stage.candidate(**scripts("F", *names(0, 9)))
    ended = gate(stage)
    assert ended.code == 100
    assert "a confirmation may ask up to 39 attempts more" in ended.err
    assert ended.suite["confirmation"]["calls"] == len(asked_again(stage)) == 30
    drawn = ended.suite["confirmation"]["samples"]
    assert len(drawn) == 3
    assert set(drawn) <= set(names(0, 9))


def test_a_bound_that_confirms_nothing_is_refused(stage: Stage, gate: Gate) -> None:
    """Nine calls do not ask one sample five times in both arms: a mistake in the suite."""
    stage.gate("{max_confirm_calls: 9}")
    ended = gate(stage)
    assert ended.code == 2
    assert "9 calls are too few to ask even one sample again" in ended.err


def test_without_a_confirmation_the_screen_decides(stage: Stage, gate: Gate) -> None:
    """`--confirm off`: one stage at the level of the second, and it says so."""
    stage.candidate(s007="F")
    ended = gate(stage, "--confirm", "off")
    assert ended.code == 100
    assert len(stage.calls()) == CANDIDATE
    assert ended.whole["p_adjusted"] == ended.whole["p_more"] == pytest.approx(1 / 35 / 2)
    assert ended.whole["fresh"] is None
    assert "nothing was asked again: the stored outcomes alone were judged" in ended.text


@pytest.mark.real
def test_without_a_confirmation_holm_runs_over_all_that_was_tested(
    staged: Staged, gate: Gate
) -> None:
    """Also over the slices that nobody suspects."""

    def slices(stage: Stage) -> None:
        stage.replace("evals/refunds/suite.yaml", "scorers:", "slices: [kind]\nscorers:")

    stage = staged(prepare=slices)
    stage.candidate(s007="F")
    stage.gate("{confirm: off}")
    ended = gate(stage)
    p = 1 / 35 / 2
    assert [each["p_adjusted"] for each in ended.suite["hypotheses"]] == [
        pytest.approx(3 * p), 1.0, pytest.approx(3 * p),
    ]  # fmt: skip


def test_a_stored_session_can_confirm(stage: Stage, gate: Gate) -> None:
    """`--confirm stored`: screened against session 1, and the candidate alone is asked again."""
    stage.candidate(s007="F")
    ended = gate(stage, "--confirm", "stored")
    assert ended.code == 100
    assert asked_again(stage) == ["v2-m1"] * 5
    assert ended.whole["before"]["scored"] == 80
    assert "provider drift since" in ended.text
    assert "is not excluded" in ended.text
    assert "asking the candidate again" in ended.err


def test_screening_data_do_not_confirm(staged: Staged, gate: Gate) -> None:
    """The second session failed as the candidate does: no regression in `stored` mode."""
    stage = staged(baseline={"s007": "PPF"})
    stage.gate("{inference: runs}")
    stage.candidate(s007="F")
    ended = gate(stage, "--confirm", "stored")
    assert ended.code == 0
    assert (ended.whole["flagged"], ended.whole["p_fresh"]) == (True, 1.0)


def test_a_dry_run_asks_nothing(stage: Stage, gate: Gate) -> None:
    """The plan, the bound of a confirmation, exit 0; no run and no look is remembered."""
    stage.candidate(s007="F")
    before = sorted((stage.root / ".paygrade/runs").iterdir())
    ended = gate(stage, "--dry-run")
    assert ended.code == 0
    assert "refunds bot refunds@v2 refunds@v1 40 3 120" in ended.text
    assert "a confirmation may ask up to 400 attempts more" in ended.err
    assert (stage.calls(), stage.records(), ended.out) == ([], [], "")
    assert sorted((stage.root / ".paygrade/runs").iterdir()) == before


def test_a_stored_run_is_judged_instead_of_asking(
    stage: Stage, gate: Gate, paygrade: Paygrade
) -> None:
    """`--run`: nothing is asked but the confirmation."""
    stage.candidate(s007="F")
    assert paygrade("run", "--epochs", 4, "-q", "-w", stage.root).code == 0
    stage.forget_calls()
    ended = gate(stage, "--run", "latest")
    assert ended.code == 100
    assert Counter(stage.versions_called()) == {"v1-m1": 5, "v2-m1": 5}
    assert ended.whole["after"]["scored"] == 160
    assert "4 epochs against 2 + 2" in ended.text


def test_a_stopped_run_is_incomplete(
    stage: Stage, gate: Gate, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--run` on a run that was not finished: 103, as for a gate that was stopped itself."""
    stage.candidate()
    landed = iter(range(100))

    def stopped(*_: object) -> None:
        if next(landed) == 50:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr("paygrade.cli.progress.Plainly.landed", stopped)
        assert paygrade("run", "--epochs", 3, "-w", stage.root).code == 103
    as_baseline = gate(stage, "--baseline", "latest")
    assert as_baseline.code == 102
    assert "is not finished: " in as_baseline.text
    ended = gate(stage, "--run", "latest")
    assert ended.code == 103
    said = (
        r"INVALID refunds · bot: \d\d of 120 attempts not done: finish it first, paygrade resume 20"
    )
    assert re.search(said, ended.text)


FLYING = (
    PLAYER.replace(
        "async def answer(request):\n",
        """\
async def answer(request):
    AIR[0] += 1
    os.write(AIRLOG, f"{AIR[0]}\\n".encode())
    await asyncio.sleep(0.001)
    AIR[0] -= 1
    return await answered(request)


async def answered(request):
""",
    )
    .replace(
        'MODEL = "m1"',
        """\
MODEL = "m1"
AIR = builtins.__dict__.setdefault("_calls_in_the_air", [0])
AIRLOG = os.open(
    os.environ["PAYGRADE_PLAY"] + "/flying.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT
)""",
    )
    .replace("import json\n", "import asyncio\nimport builtins\nimport json\n")
)
"""Counts how many calls are under way, of all versions together."""


def test_concurrency_holds_for_both_versions_together(staged: Staged, gate: Gate) -> None:
    """A runner that takes two calls at a time gets two at a time, one of each version."""

    def slow(stage: Stage) -> None:
        stage.write("runners/bot.py", FLYING)
        stage.write("runners/bot.yaml", f"{PROFILE}concurrency: 2\n")

    stage = staged(prepare=slow, samples=10)
    stage.candidate(**scripts("F", *names(0, 9)))
    assert gate(stage).code == 100
    flown = [int(line) for line in (stage.play / "flying.log").read_text().split()]
    assert max(flown) == 2


@pytest.mark.real
def test_a_minutes_worth_is_for_both_versions_together(stage: Stage, gate: Gate) -> None:
    """3,000 calls a minute: 50 at once, and the other 50 fresh ones take a second or more."""
    stage.candidate(**scripts("F", *names(0, 9)))
    stage.write("runners/bot.yaml", f"{PROFILE}requests_per_minute: 3000\nconcurrency: 50\n")
    gate(stage, "--confirm", "off")
    began = time.monotonic()
    assert gate(stage, "--run", "latest").suite["confirmation"]["calls"] == 100
    assert time.monotonic() - began >= 1

"""`paygrade run` and `paygrade resume` from the outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder


def test_a_run_shows_its_failure_rate_with_an_interval(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """One of three samples fails; the rate, the interval and the counts stand in the output."""
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 0
    assert "failure rate 33.3 %   95 % interval 6.1 to 79.2 %   1 of 3 failed" in ended.out
    assert "money at risk 5.00 EUR of 57.00 EUR" in ended.out
    assert "paygrade: exit 0 (complete)" in ended.err


def test_the_plan_is_printed_before_the_first_call(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """`--dry-run` prints what would run and stores nothing."""
    ended = paygrade("run", "--dry-run", "--epochs", 4, "-w", workspace.root)
    assert ended.code == 0
    assert ended.err.splitlines()[2].split() == [
        "refunds", "always_refund", "refunds@v1", "refunds@v1", "3", "4", "12",
    ]  # fmt: skip
    assert not (workspace.root / ".paygrade" / "runs").exists()


def test_quiet_prints_nothing_when_all_is_well(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A script sees the exit code alone."""
    ended = paygrade("run", "--quiet", "-w", workspace.root)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_json_holds_every_figure(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """One array, one object a run, on standard output alone."""
    [run] = paygrade("run", "--json", "-w", workspace.root).json
    assert (run["suite"], run["runner"], run["state"], run["exit_code"]) == (
        "refunds",
        "always_refund",
        "complete",
        0,
    )
    assert (run["overall"]["scored"], run["overall"]["failed"], run["overall"]["errored"]) == (
        3,
        1,
        0,
    )
    assert run["money"] == [{"currency": "EUR", "at_risk_minor": 500, "exposed_minor": 5700}]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--limit", 2], ["s1", "s2"]),
        (["--filter-id", "s[13]"], ["s1", "s3"]),
        (["--filter-slice", "kind=regret"], ["s3"]),
        (["--filter-class", "statistical", "--filter-id", "s2"], ["s2"]),
    ],
)
def test_filters_choose_samples(
    workspace: WorkspaceFolder, paygrade: Paygrade, options: list[object], expected: list[str]
) -> None:
    """Filters narrow the dataset; all of them must fit; the order stays."""
    assert paygrade("run", "-q", *options, "-w", workspace.root).code == 0
    stored = paygrade("sql", "SELECT sample_id FROM attempts ORDER BY ALL", "--json",
                      "-w", workspace.root)  # fmt: skip
    assert [row["sample_id"] for row in stored.json] == expected


def test_failing_samples_can_be_run_again(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """`--filter-failing latest` takes the one sample that failed."""
    paygrade("run", "-q", "-w", workspace.root)
    [run] = paygrade("run", "--filter-failing", "latest", "--json", "-w", workspace.root).json
    assert (run["planned"], run["overall"]["failed"]) == (1, 1)


def test_filters_that_leave_nothing_end_with_102(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Nothing ran is invalid, never green."""
    ended = paygrade("run", "--filter-id", "nobody", "-w", workspace.root)
    assert ended.code == 102
    assert ended.err == (
        "no sample of refunds@v1 is left to run (loosen --filter-… or --limit)\n"
        "paygrade: exit 102 (invalid: nothing ran, or nothing can be compared): nothing ran\n"
    )


def test_a_runner_that_always_crashes_ends_with_102(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """All errors: there is no rate, and the sentence says so."""
    workspace.write("runners/always_refund.py", "def answer(request):\n    raise OSError('down')\n")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 102
    assert "failure rate n/a   95 % interval 0.0 to 100.0 %   0 of 0 failed, 3 errors" in ended.out
    assert "no attempt could be scored (3 runner_crashed): there is no rate" in ended.err


def test_an_error_is_counted_apart(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """One crash of three: the rate is of the two that were scored."""
    workspace.replace(
        "runners/always_refund.py",
        '    """Say yes."""\n',
        '    """Say yes."""\n    if request.sample_id == "s1":\n        raise OSError("down")\n',
    )
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 0
    assert "1 of 2 failed, 1 error" in ended.out


def test_a_failed_invariant_ends_with_100(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """One card number in one answer ends it, whatever the rate."""
    workspace.replace(
        "runners/always_refund.py", '"currency": "EUR"}', '"currency": "4111 1111 1111 1111"}'
    )
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 100
    assert "FAILED: an invariant failed 3 times" in ended.out


def test_a_gating_miss_of_a_must_pass_sample_ends_with_100(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Every gating check of a must_pass sample is an invariant."""
    workspace.samples([*SAMPLES[:2], {**SAMPLES[2], "class": "must_pass"}])
    assert paygrade("run", "-w", workspace.root).code == 100


def test_a_limit_is_exceeded_only_by_the_whole_interval(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """1 of 3 is 6.1 to 79.2 %: above a limit of 5 %, not above one of 10 %."""
    suite = (workspace.root / "evals/refunds/suite.yaml").read_text()
    workspace.write("evals/refunds/suite.yaml", suite + "max_failure_rate: 0.10\n")
    assert paygrade("run", "-w", workspace.root).code == 0
    workspace.write("evals/refunds/suite.yaml", suite + "max_failure_rate: 0.05\n")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 100
    assert "max_failure_rate is 5.0% and the whole interval 6.1% to 79.2% lies above" in ended.out


def test_an_unknown_output_format_is_refused_before_anything_runs(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """A run is not paid for and then lost to a typo."""
    ended = paygrade("run", "-o", tmp_path / "r.xlsx", "-w", workspace.root)
    assert ended.code == 2
    assert "no format is known by '.xlsx'" in ended.err
    assert not (workspace.root / ".paygrade" / "runs").exists()


def test_a_finished_run_is_not_run_again(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """`resume` of a complete run shows it and asks nobody."""
    paygrade("run", "-q", "-w", workspace.root)
    workspace.replace("paygrade.yaml", "# a workspace", "# still a workspace")
    ended = paygrade("resume", "-w", workspace.root)
    assert ended.code == 0
    assert "3 of 3 attempts were done before" in ended.err


def test_a_run_does_not_go_on_with_another_prompt(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """What was answered by one prompt is not mixed with another."""
    paygrade("run", "-q", "-w", workspace.root)
    workspace.replace("prompts/refunds/v1.yaml", "Answer with JSON.", "Answer with care.")
    ended = paygrade("resume", "latest", "-w", workspace.root)
    assert ended.code == 2
    assert "cannot go on: the prompt changed since it began" in ended.err


def test_an_unknown_run_is_named_with_the_newest(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A typo in a run's id shows what there is."""
    paygrade("run", "-q", "-w", workspace.root)
    ended = paygrade("show", "20200101", "-w", workspace.root)
    assert ended.code == 2
    assert "there is no run '20200101' (the newest are 20" in ended.err


def test_ctrl_c_ends_with_103_and_what_it_has(workspace: WorkspaceFolder) -> None:
    """A real SIGINT: a partial report, the way to go on, and `resume` finishes it."""
    workspace.write(
        "runners/always_refund.py",
        "import asyncio\n\n\nasync def answer(request):\n"
        "    await asyncio.sleep(0 if request.sample_id == 's1' else 600)\n    return {}\n",
    )
    command = [sys.executable, "-m", "paygrade", "run", "-w", str(workspace.root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        journals = list(workspace.root.glob(".paygrade/runs/*/journal.jsonl"))
        if journals and '"t":"outcome"' in journals[0].read_text():
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 103, err
    assert "not done: 2 of 3 attempts" in out
    assert "Go on with: paygrade resume 20" in err
    assert "Traceback" not in err
    finish = [sys.executable, "-m", "paygrade", "show", "--json", "-w", str(workspace.root)]
    shown = subprocess.run(finish, capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout)["done"] == 1


def test_an_internal_error_is_masked_and_ends_with_1(
    workspace: WorkspaceFolder, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug of ours is said as such; even its traceback shows no card number."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("while holding 4111111111111111")

    monkeypatch.setattr("paygrade.pipeline.run.run", broken)
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 1
    assert "4111111111111111" not in ended.err
    assert "internal error: this is a bug in paygrade" in ended.err

"""`paygrade report` from the outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kit import CALLABLE, SAMPLES
from store.making import header, row, scored, write_run

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

NOW_FAILS = CALLABLE.replace('"refund"', '"refuse"')


def latest(workspace: WorkspaceFolder) -> str:
    """The id of the newest run."""
    return max(folder.name for folder in (workspace.root / ".paygrade" / "runs").iterdir())


def report(paygrade: Paygrade, workspace: WorkspaceFolder, *arguments: object) -> str:
    """What `paygrade report` prints."""
    ended = paygrade("report", *arguments, "-w", workspace.root)
    assert ended.code == 0, ended.err
    return ended.out


def ran(paygrade: Paygrade, workspace: WorkspaceFolder, *arguments: object) -> None:
    """One more run."""
    assert paygrade("run", "-q", *arguments, "-w", workspace.root).code == 0


def test_the_first_run_has_no_past_and_is_told_all_the_same(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Its rate with interval and n, where it fails, and that there is nothing to compare with."""
    ran(paygrade, workspace)
    text = report(paygrade, workspace)
    assert text.startswith("refunds · always_refund\nrefunds@v1 on dataset refunds@v1\nrun ")
    assert "failure rate 33.3 % (95 % interval 6.1 to 79.2 %; 1 of 3 failed)" in text
    assert "there is no whole run of this suite and runner before this one" in text
    assert "no baseline is accepted for this suite and runner" in text
    assert "5.00 EUR of 57.00 EUR" in text
    assert f"    paygrade show {latest(workspace)} s3\n" in text
    assert "    paygrade accept refunds --runner always_refund\n" in text


def test_the_worst_checks_and_slices_stand_first(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Each with its bar, its interval and its n; thin ones say so."""
    ran(paygrade, workspace)
    text = report(paygrade, workspace)
    checks = text[text.index("checks, worst first") : text.index("slices, worst first")]
    names = re.findall(r"^  (equals\S*|answered|no-pan) ", checks, re.MULTILINE)
    assert names == ["equals(action)", "answered", "no-pan"]
    assert re.search(r"kind=regret +1 +1 +1 +100\.0 % +20\.7 to 100\.0 % +·+├─+●  thin", text)
    slices = re.findall(r"^  (kind=\w+) ", text, re.MULTILINE)
    assert slices == ["kind=regret", "kind=defect", "kind=lost"]


def test_what_changed_and_what_flipped_since_the_run_before_is_told(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """With another prompt version and another runner, two samples got worse and one better."""
    ran(paygrade, workspace)
    first = latest(workspace)
    prompt = (workspace.root / "prompts/refunds/v1.yaml").read_text()
    workspace.write("prompts/refunds/v2.yaml", prompt.replace("version: 1", "version: 2"))
    workspace.write("runners/always_refund.py", NOW_FAILS)
    ran(paygrade, workspace, "--prompt", "refunds@v2")
    text = report(paygrade, workspace)
    assert "▅█ 2 whole runs, oldest first; the highest is 66.7 %" in text
    assert "prompt refunds@v1 to refunds@v2; runner changed" in " ".join(text.split())
    assert "since the run before: 2 worse, 1 better" in text
    assert f"  run {first}\n" in text
    assert re.search(r"s1 +0 of 1 +1 of 1 +worse", text)
    assert re.search(r"s3 +1 of 1 +0 of 1 +better", text)
    assert f"    paygrade compare {first} {latest(workspace)}\n" in text


def test_an_older_run_is_told_as_of_then(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """What ran later is not in its trend."""
    ran(paygrade, workspace)
    first = latest(workspace)
    ran(paygrade, workspace, "--no-cache")
    assert "there is no whole run of this suite and runner before" in report(
        paygrade, workspace, first
    )
    assert "2 whole runs" in report(paygrade, workspace)


def test_a_handful_of_samples_is_compared_and_is_no_point(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The trend is of whole runs; what was not asked is counted."""
    ran(paygrade, workspace)
    ran(paygrade, workspace, "--limit", 2)
    text = report(paygrade, workspace)
    assert "1 whole run, oldest first; the highest is 33.3 %" in text
    assert "this run is no point of it: it is not of all samples" in text
    assert "of 2 samples that can be compared, 0 fail more often" in text
    assert "not compared: 1 in the other alone" in text


def test_another_suite_or_runner_is_not_in_the_trend(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A trend is of one thing."""
    ran(paygrade, workspace)
    profile = "runner: second\nprovider: python\ncallable: s.py:answer\n"
    workspace.write("runners/second.yaml", profile)
    workspace.write("runners/s.py", CALLABLE)
    ran(paygrade, workspace, "--runner", "second")
    text = report(paygrade, workspace)
    assert text.startswith("refunds · second")
    assert "there is no whole run of this suite and runner before this one" in text


def test_an_incomplete_run_says_so_and_how_to_go_on(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """It ends with 0 all the same: it was told."""
    made = header(samples=3, attempts=3)
    write_run(
        workspace.root / ".paygrade", made, [row("s1"), row("s2")], [scored("s1"), scored("s2")]
    )
    text = report(paygrade, workspace)
    assert "INCOMPLETE: 1 of 3 attempts were not done" in text
    assert "this run is no point of it: it is not complete" in text
    assert f"    paygrade resume {made.run_id}\n" in text
    assert "paygrade accept" not in text


def test_where_nothing_was_scored_the_rate_is_not_zero(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """It is not known, and the errors are named."""
    workspace.write("runners/always_refund.py", "def answer(request):\n    raise OSError\n")
    assert paygrade("run", "-q", "-w", workspace.root).code == 102
    text = report(paygrade, workspace)
    assert "failure rate n/a (95 % interval 0.0 to 100.0 %; 0 of 0 failed, 3 errors)" in text
    assert "INVALID: no attempt could be scored" in text
    assert "errors: 3 " in text
    assert " 0.0 %" not in text
    assert "    paygrade doctor\n" in text


def test_the_baseline_and_the_gates_verdict_are_told(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """What was accepted, what fails more often than it, and what the gate said of this run.

    One sample has a check of its own: it is compared like the others.
    """
    own = [SAMPLES[0], {**SAMPLES[1], "checks": [{"icontains": {"value": "refund"}}]}, SAMPLES[2]]
    workspace.samples(own)
    profile = (workspace.root / "runners/always_refund.yaml").read_text()
    workspace.write("runners/always_refund.yaml", f"{profile}deterministic: true\n")
    assert paygrade("accept", "-y", "-q", "--reason", "first", "-w", workspace.root).code == 0
    assert "this run is one of the sessions that it was recorded in" in report(paygrade, workspace)
    workspace.write("runners/always_refund.py", NOW_FAILS)
    ran(paygrade, workspace)
    text = report(paygrade, workspace)
    assert "against the accepted baseline: 2 worse, 1 better" in text
    assert (
        "failure rate of the baseline 33.3 % (95 % interval 6.1 to 79.2 %; 1 of 3 failed)" in text
    )
    assert "what changed: runner changed" in text
    assert "the gate has judged no run of this version" in text
    judging = f"paygrade gate refunds --runner always_refund --run {latest(workspace)}"
    assert f"    {judging}\n" in text
    run_id = latest(workspace)
    paygrade(*judging.split()[1:], "-q", "-w", workspace.root)
    text = report(paygrade, workspace, run_id)
    assert re.search(r"the gate judged it [A-Z]+: .*\(gate \S+, \d{4}-\d\d-\d\d\)", text)
    assert judging not in text


def test_a_broken_baseline_is_named_and_the_run_is_told(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """What can be told is told."""
    ran(paygrade, workspace)
    workspace.write("reports/baselines/refunds.jsonl", "{}\n")
    text = report(paygrade, workspace)
    assert "the baseline cannot be read: reports/baselines/refunds.jsonl" in text
    assert "failure rate 33.3 %" in text


def test_markdown_is_printed_or_written(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The same text; into a file the terminal's form is printed too."""
    ran(paygrade, workspace)
    printed = report(paygrade, workspace, "latest", "--markdown")
    assert printed.startswith("### `refunds` · `always_refund`\n")
    assert "| `kind=regret` | 1 | 1 | 1 | 100.0 % | 20.7 to 100.0 % | `" in printed
    file = workspace.root / "told.md"
    assert report(paygrade, workspace, "latest", "-o", file).startswith("refunds · ")
    assert file.read_text(encoding="utf-8") == printed


def test_a_file_that_cannot_be_written_is_a_mistake(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """One sentence, exit 2."""
    ran(paygrade, workspace)
    ended = paygrade("report", "-o", workspace.root / "no" / "x.md", "-w", workspace.root)
    assert ended.code == 2
    assert "cannot be written: No such file or directory" in ended.err


def test_without_a_run_there_is_nothing_to_tell(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """It says what to do first."""
    ended = paygrade("report", "-w", workspace.root)
    assert ended.code == 2
    assert "there is no run in this workspace yet" in ended.err


def test_masked_card_numbers_are_counted_and_not_shown(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """By kind, with the attempts that they were in."""
    leaking = CALLABLE.replace('"currency": "EUR"', '"currency": "EUR", "x": "4111111111111111"')
    workspace.write("runners/always_refund.py", leaking)
    paygrade("run", "-q", "-w", workspace.root)
    text = report(paygrade, workspace)
    assert "FAILED: an invariant failed 3 times" in text
    assert re.search(r"pan +answer +3 +3 *\n", text)
    assert "4111111111111111" not in text


HOSTILE = "s|1 ](http://e.vil) <b> @octo :bug: [red]x[/red]\u202e"


def test_a_hostile_sample_id_is_shown_and_does_nothing(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Neither in Markdown nor on a terminal, where every control character is replaced."""
    workspace.samples([{**SAMPLES[2], "id": HOSTILE, "slices": {"kind": "\x1b[31m"}}])
    ran(paygrade, workspace)
    text = report(paygrade, workspace)
    assert ":bug: [red]x[/red]\ufffd" in text
    assert not set(text) & set("\x1b\u202e")
    marked = report(paygrade, workspace, "--markdown")
    assert "<b>" not in marked
    assert "](http" not in marked


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_no_line_is_wider_than_the_terminal(
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
) -> None:
    """Apart from the commands at the end, which are there to be copied."""
    ran(paygrade, workspace)
    ran(paygrade, workspace, "--no-cache")
    monkeypatch.setenv("COLUMNS", str(columns))
    text = report(paygrade, workspace)
    above, _, _ = text.partition("\nnext\n")
    assert max(map(len, above.splitlines())) <= columns
    assert "6.1 to 79.2 %" in " ".join(above.split())


def test_a_pipe_in_ascii_gets_ascii(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """No sign is lost, and nothing in it but text."""
    ran(paygrade, workspace)
    ended = subprocess.run(
        [sys.executable, "-m", "paygrade", "report", "-w", str(workspace.root)],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "FORCE_COLOR": ""},
        capture_output=True,
        check=True,
    )
    text = ended.stdout.decode("ascii")
    assert re.search(r"0 % \.*\[-+o-+\]\.* 80 %", text)
    assert "?" not in text
    assert "\x1b" not in text


def test_repeated_tries_are_told_as_show_tells_them(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Where each sample was asked several times."""
    ran(paygrade, workspace, "--epochs", 2)
    text = report(paygrade, workspace)
    assert "repeated tries: 3 samples with all 2 epochs" in text
    assert "2 of 6 failed" in text

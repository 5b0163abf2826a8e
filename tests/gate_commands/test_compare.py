"""`paygrade compare` from the outside: any two stored runs, without a verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gate.playing import name, names, sample, scripts
from gate_commands.helping import said

if TYPE_CHECKING:
    from gate.playing import Stage
    from gate_commands.conftest import Made
    from kit import Paygrade

pytestmark = pytest.mark.usefixtures("without_database")

PUT_ASIDE = {"class": "quarantined", "until": "2999-01-01", "why": "its label is disputed"}


def runs(stage: Stage) -> list[str]:
    """The ids of all runs, oldest first."""
    return sorted(each.name for each in stage.root.glob(".paygrade/runs/*"))


def test_two_prompt_versions_are_compared_by_name(made: Made, paygrade: Paygrade) -> None:
    """What changed, both rates, the paired difference with its interval, flips, checks."""
    stage = made(20)
    stage.plays({"v2-m1": scripts("F", *names(0, 2))})
    paygrade("run", "-q", "--epochs", 5, "-w", stage.root)
    paygrade("run", "-q", "--epochs", 5, "--prompt", "refunds@v2", "-w", stage.root)
    ended = paygrade("compare", "refunds@v1", "refunds@v2", "-w", stage.root)
    assert ended.code == 0
    text = said(ended)
    assert "prompt refunds@v1 → refunds@v2" in text
    assert "failure rate 0.0 % -> 15.0 %: +15.0 points (" in text
    assert "n = 20 of 20 comparable samples · 5 epochs against 5 epochs" in text
    assert "a comparison is no verdict" in text
    assert "samples: 3 worse, 0 better" in text
    assert "equals(action) critical gating 0 of 100 15 of 100 +15.0" in text


def test_a_sample_that_clearly_broke_is_called_likely_broken(
    made: Made, paygrade: Paygrade
) -> None:
    """From 0 of 5 to 5 of 5 is a hint; from 0 of 5 to 1 of 5 is none."""
    stage = made(20)
    stage.plays({"v2-m1": scripts("F", name(0)) | scripts("FP", name(1))})
    paygrade("run", "-q", "--epochs", 5, "-w", stage.root)
    paygrade("run", "-q", "--epochs", 5, "--prompt", "refunds@v2", "-w", stage.root)
    ended = paygrade("compare", "refunds@v1", "refunds@v2", "-w", stage.root)
    assert "s000 0 of 5 5 of 5 likely broken" in said(ended)
    assert "s001 0 of 5 1 of 5 worse" in said(ended)
    found = paygrade("compare", "refunds@v1", "refunds@v2", "--json", "-w", stage.root).json
    hints = {each["sample_id"]: each["likely_broken"] for each in found["flips"]}
    assert hints == {"s000": True, "s001": False}
    assert found["flips"][0]["p_broken"] == pytest.approx(1 / 252)
    assert found["flips"][1]["p_broken"] is None  # one failure of ten can never be a hint


def test_one_epoch_gives_no_hint(stage: Stage, paygrade: Paygrade) -> None:
    """A sample that failed once may be flaky: that it flipped is all that is known."""
    stage.plays({"v2-m1": {"*": "F"}})
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    text = said(paygrade("compare", "refunds@v1", "refunds@v2", "-w", stage.root))
    assert "samples: 8 worse, 0 better" in text
    assert "likely broken" not in text


def test_different_numbers_of_epochs_can_be_compared(stage: Stage, paygrade: Paygrade) -> None:
    """Every attempt of both counts."""
    stage.plays({"v1-m1": scripts("FFP", name(0))})
    paygrade("run", "-q", "--epochs", 2, "-w", stage.root)
    paygrade("run", "-q", "--epochs", 6, "-w", stage.root)
    text = said(paygrade("compare", *runs(stage), "-w", stage.root))
    assert "2 epochs against 6 epochs" in text
    assert "failure rate 12.5 % -> 0.0 %: -12.5 points" in text
    assert "errors (in no rate): before 0 of 16 attempts (0.0 %), after 0 of 48 attempts" in text


def test_a_runner_named_twice_is_its_last_two_runs(stage: Stage, paygrade: Paygrade) -> None:
    """And it is said that nothing but chance can differ."""
    for _ in range(3):
        paygrade("run", "-q", "-w", stage.root)
    ended = paygrade("compare", "bot", "bot", "--json", "-w", stage.root).json
    assert [*ended["before"]["run_ids"], *ended["after"]["run_ids"]] == runs(stage)[1:]
    assert ended["notes"] == [
        "both runs are of the same version: what differs is chance, or drift of the provider"
    ]


def test_a_run_is_not_compared_with_itself(stage: Stage, paygrade: Paygrade) -> None:
    """Nothing can differ: it is a slip of the person who typed it."""
    paygrade("run", "-q", "-w", stage.root)
    ended = paygrade("compare", "latest", "bot", "-w", stage.root)
    assert ended.code == 2
    assert f"latest and bot are both run {runs(stage)[0]} (name two runs" in ended.err


def test_the_sessions_of_a_baseline_can_be_compared(stage: Stage, paygrade: Paygrade) -> None:
    """They are runs like others; with the baseline itself the gate compares, which is said."""
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    assert paygrade("compare", *runs(stage), "-w", stage.root).code == 0
    ended = paygrade("compare", "baseline", "latest", "-w", stage.root)
    assert ended.code == 2
    assert "the accepted baseline is what the gate compares with: paygrade gate --run" in ended.err


def test_an_unknown_name_is_told_how_to_come_by_it(stage: Stage, paygrade: Paygrade) -> None:
    """A version that never ran is run first."""
    paygrade("run", "-q", "-w", stage.root)
    ended = paygrade("compare", "refunds@v1", "refunds@v2", "-w", stage.root)
    assert ended.code == 2
    assert "nothing stored fits 'refunds@v2'" in ended.err
    assert "run it first: paygrade run --prompt refunds@v2" in ended.err


def test_a_name_stands_for_the_newest_whole_run(stage: Stage, paygrade: Paygrade) -> None:
    """Not for one on a few samples or one that is not finished; by its id it is compared."""
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "--limit", 2, "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    first, whole, narrow, torn = runs(stage)
    journal = stage.root / ".paygrade/runs" / torn / "journal.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:-1]))
    found = paygrade("compare", "refunds@v1", "refunds@v2", "--json", "-w", stage.root).json
    assert (found["before"]["run_ids"], found["after"]["run_ids"]) == ([first], [whole])
    by_id = paygrade("compare", first, torn, "--json", "-w", stage.root).json
    assert by_id["notes"] == [
        f"run {torn} is not finished: 7 of 8 attempts are done (paygrade resume {torn})"
    ]
    few = paygrade("compare", first, narrow, "--json", "-w", stage.root).json
    assert (few["usable"], few["removed"]) == (2, [])
    assert few["notes"] == ["6 samples were asked in one of the two runs alone: they are left out"]


def test_names_agree_in_what_they_leave_open(stage: Stage, paygrade: Paygrade) -> None:
    """Two prompt versions are compared with one runner, though another ran later."""
    profile = (stage.root / "runners/bot.yaml").read_text()
    stage.write("runners/other.yaml", profile.replace("runner: bot", "runner: other"))
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    paygrade("run", "-q", "-r", "other", "--prompt", "refunds@v2", "-w", stage.root)
    found = paygrade("compare", "refunds@v1", "refunds@v2", "--json", "-w", stage.root).json
    assert (found["before"]["runner"], found["after"]["runner"]) == ("bot", "bot")
    found = paygrade("compare", "bot", "other", "--json", "-w", stage.root).json
    assert (found["before"]["prompt"], found["after"]["prompt"]) == ("refunds@v2", "refunds@v2")
    assert found["differs"] == ["runner bot → other"]


def test_two_suites_are_not_compared(stage: Stage, paygrade: Paygrade) -> None:
    """Each is named."""
    suite = (stage.root / "evals/refunds/suite.yaml").read_text()
    stage.write("evals/other/suite.yaml", suite.replace("suite: refunds", "suite: other"))
    paygrade("run", "-q", "-w", stage.root)
    one, two = runs(stage)
    ended = paygrade("compare", one, two, "-w", stage.root)
    assert ended.code == 2
    assert f"{one} is of the suite other, {two} of refunds" in ended.err


def test_what_was_edited_is_said_and_left_out(stage: Stage, paygrade: Paygrade) -> None:
    """A changed dataset and changed scorers, in sentences; the changed sample is not compared."""
    paygrade("run", "-q", "-w", stage.root)
    lines = [sample(number) for number in range(7)]
    lines[0]["input"] = {"message": "Another message."}
    stage.samples([*lines, sample(90)])
    suite = (stage.root / "evals/refunds/suite.yaml").read_text()
    suite = suite.replace("field: action, severity: critical", "field: action, severity: major")
    stage.write("evals/refunds/suite.yaml", f"{suite}  - icontains: {{value: refund}}\n")
    paygrade("run", "-q", "-w", stage.root)
    ended = paygrade("compare", *runs(stage), "-w", stage.root)
    assert ended.code == 0
    text = said(ended)
    assert "dataset refunds@v1 was edited" in text
    assert "the check 'equals(action)' was critical, gating and is major, gating" in text
    assert "the check 'icontains" in text
    assert "as the scorers differ, so may what a failure is: mind the rates" in text
    assert "samples added (not compared): 1: s090" in text
    assert "samples removed: 1: s007" in text
    assert "samples edited (not compared): 1: s000" in text
    assert "n = 6 of 6 comparable samples" in text


def test_a_new_check_did_not_pass_before(stage: Stage, paygrade: Paygrade) -> None:
    """Where it was not judged there is nothing to compare it with."""
    paygrade("run", "-q", "-w", stage.root)
    suite = (stage.root / "evals/refunds/suite.yaml").read_text()
    stage.write("evals/refunds/suite.yaml", f"{suite}  - icontains: {{value: nowhere}}\n")
    paygrade("run", "-q", "-w", stage.root)
    found = paygrade("compare", *runs(stage), "--json", "-w", stage.root).json
    assert [each["check"] for each in found["checks"]] == ["answered", "equals(action)", "no-pan"]
    assert [each for each in found["differs"] if "icontains" in each and "is new" in each]


def test_checks_that_samples_bring_are_compared(stage: Stage, paygrade: Paygrade) -> None:
    """Each on the samples that have it."""
    own = {"checks": [{"icontains": {"value": "refund"}}]}
    stage.samples([sample(0, **own), *(sample(number) for number in range(1, 4))])
    stage.plays({"v2-m1": {"*": "F"}})
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    found = paygrade("compare", *runs(stage), "--json", "-w", stage.root).json
    [brought] = [each for each in found["checks"] if each["check"].startswith("icontains")]
    assert (brought["before"], brought["after"]) == ([0, 1], [1, 1])


def test_errors_are_counted_beside_the_rates(stage: Stage, paygrade: Paygrade) -> None:
    """More of them than chance explains is said: they are in no rate."""
    stage.plays({"v2-m1": scripts("C", *names(1, 7))})
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    text = said(paygrade("compare", *runs(stage), "-w", stage.root))
    assert "before 0 of 8 attempts (0.0 %), after 7 of 8 attempts (87.5 %)" in text
    assert "n = 1 of 8 comparable samples" in text
    assert "the second run has more errors than chance explains" in text


def test_without_a_common_sample_it_ends_with_102(stage: Stage, paygrade: Paygrade) -> None:
    """There is nothing to say, and it does not say zero."""
    paygrade("run", "-q", "-w", stage.root)
    stage.plays({"v1-m1": {"*": "C"}})
    paygrade("run", "-q", "-w", stage.root)
    ended = paygrade("compare", *runs(stage), "-w", stage.root)
    assert ended.code == 102
    assert "they share no sample with the same content that was scored in both" in ended.err


def test_quarantined_samples_are_named_and_in_no_figure(stage: Stage, paygrade: Paygrade) -> None:
    """As in the gate."""
    stage.samples([sample(0, **PUT_ASIDE), *(sample(number) for number in range(1, 8))])
    stage.plays({"v2-m1": scripts("F", name(0))})
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    text = said(paygrade("compare", *runs(stage), "-w", stage.root))
    assert "quarantined, in no figure: s000" in text
    assert "failure rate 0.0 % -> 0.0 %" in text


def test_deterministic_runners_differ_exactly(stage: Stage, paygrade: Paygrade) -> None:
    """No interval around what always comes out alike."""
    profile = (stage.root / "runners/bot.yaml").read_text()
    stage.write("runners/bot.yaml", f"{profile}deterministic: true\n")
    stage.plays({"v2-m1": scripts("F", name(0))})
    paygrade("run", "-q", "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    found = paygrade("compare", *runs(stage), "--json", "-w", stage.root).json
    assert found["hypotheses"][0]["change"] == {"rise": 0.125, "low": 0.125, "high": 0.125}


def test_answers_that_were_scored_again_are_said_to_be_the_same(
    stage: Stage, paygrade: Paygrade
) -> None:
    """Rescoring shows what other scorers say of the same answers."""
    paygrade("run", "-q", "-w", stage.root)
    stage.replace(
        "evals/refunds/suite.yaml", "equals: {field: action,", "icontains: {value: refuse,"
    )
    paygrade("score", "latest", "-q", "-w", stage.root)
    ended = paygrade("compare", *runs(stage), "-w", stage.root)
    assert ended.code == 0
    assert "8 of 8 answers of run 20" in said(ended)
    assert "they are no new evidence" in said(ended)


def test_a_damaged_run_stops_no_comparison_of_others(stage: Stage, paygrade: Paygrade) -> None:
    """Only naming it does."""
    for _ in range(3):
        paygrade("run", "-q", "-w", stage.root)
    one, two, damaged = runs(stage)
    journal = stage.root / ".paygrade/runs" / damaged / "journal.jsonl"
    journal.write_text("nonsense\n" + journal.read_text())
    assert paygrade("compare", "bot", "bot", "-w", stage.root).code == 0
    assert paygrade("compare", one, two, "-w", stage.root).code == 0
    assert paygrade("compare", one, damaged, "-w", stage.root).code == 2


def test_it_is_written_as_markdown_too(stage: Stage, paygrade: Paygrade) -> None:
    """For a pull request."""
    for _ in range(2):
        paygrade("run", "-q", "-w", stage.root)
    file = stage.root / "compared.md"
    ended = paygrade("compare", *runs(stage), "-o", file, "--json", "-w", stage.root)
    assert ended.code == 0
    assert json.loads(ended.out)["suite"] == "refunds"
    assert "a comparison is no verdict" in file.read_text()

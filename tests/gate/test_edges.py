"""The edges of the procedure, each as the specification has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.playing import name, names, sample, scripts

if TYPE_CHECKING:
    from gate.conftest import Gate, Staged
    from gate.playing import Stage


FIVE = ("--now", "--epochs", 5)


def test_without_a_discordant_sample_it_passes(stage: Stage, gate: Gate) -> None:
    """Nothing differs: every p-value is 1, the rise is 0, and nothing is asked again."""
    stage.candidate()
    ended = gate(stage)
    assert ended.code == 0
    assert "PASS refunds · bot: no sign of a rise, and one above 5 points is excluded" in ended.text
    assert (ended.whole["p_more"], ended.whole["p_fewer"], ended.whole["change"]["rise"]) == (
        1.0, 1.0, 0.0,
    )  # fmt: skip
    assert (len(stage.calls("v2-m1")), len(stage.calls("v1-m1"))) == (120, 0)


def with_figures(stage: Stage) -> None:
    """A check that always passes, with a figure that falls to nothing for other words."""
    stage.write(
        "evals/refunds/figures.py",
        "from paygrade import Score\n\n\ndef judge(subject):\n"
        "    share = 0.0 if subject.output['note'] else 1.0\n"
        "    return Score(passed=True, partial={'explained': share})\n",
    )
    suite = (stage.root / "evals/refunds/suite.yaml").read_text()
    check = "scorers:\n  - python: {callable: figures.py:judge, severity: critical}\n"
    stage.write("evals/refunds/suite.yaml", suite.replace("scorers:\n", check))


def test_partial_credit_never_moves_a_verdict(staged: Staged, gate: Gate) -> None:
    """Every figure beside a check falls from 1 to 0, and every check passes as before."""
    stage = staged(prepare=with_figures)
    stage.candidate(**{"*": "W"})
    ended = gate(stage)
    assert ended.code == 0
    assert "PASS refunds · bot: no sign of a rise" in ended.text
    assert (ended.whole["p_more"], ended.whole["change"]["rise"]) == (1.0, 0.0)
    journals = "".join(each.read_text() for each in stage.root.glob(".paygrade/runs/*/*.jsonl"))
    assert '"explained":0.0' in journals
    assert '"explained":1.0' in journals


def test_when_both_fail_everything_it_is_saturated(staged: Staged, gate: Gate) -> None:
    """Nothing could get worse, so an unchanged rate says nothing: no pass."""
    stage = staged(baseline={"*": "F"})
    stage.candidate(**{"*": "F"})
    ended = gate(stage)
    assert ended.code == 0
    assert ended.suite["codes"] == ["saturated"]
    assert (
        "INCONCLUSIVE: not a pass: refunds · bot: saturated: the baseline fails nearly everything, "
        "so nothing could get worse"
    ) in ended.text
    assert "mend the suite or the baseline first: nearly everything fails already" in ended.text
    assert ended.whole["informative"] == 0


def test_few_samples_are_inconclusive(staged: Staged, gate: Gate) -> None:
    """Below ten samples the tests stay exact, and a rise above the margin cannot be excluded."""
    stage = staged(samples=8)
    stage.candidate()
    ended = gate(stage)
    assert ended.code == 0
    assert "a rise of 6.8 points cannot be excluded (the margin is 5)" in ended.text
    assert ended.suite["verdict"] == "inconclusive"


@pytest.mark.real
def test_few_samples_can_still_regress(staged: Staged, gate: Gate) -> None:
    """One case that went from always passing to always failing is enough."""
    stage = staged(samples=8)
    stage.candidate(s003="F")
    ended = gate(stage)
    assert ended.code == 100
    assert "the failure rate rose: 0.0 % to 12.5 %" in ended.text
    assert "rise +12.5 points" in ended.text


def test_one_broken_case_of_a_large_suite_regresses_it(stage: Stage, gate: Gate) -> None:
    """At tolerance 0: 5 of 5 against 0 of 5 in one case has p = 1/252, halved as a mid-p."""
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert "REGRESSED refunds · bot: the failure rate rose: 0.0 % to 2.5 %" in ended.text
    assert "rise +2.5 points (0.7 to 4.1), 90 % interval, fresh attempts" in ended.text
    assert "one case of 40 is enough on purpose" in ended.text
    assert ended.whole["p_fresh"] == pytest.approx(1 / 252 / 2)
    assert "s007" in ended.suite["next_step"]


def test_a_tolerance_forgives_one_broken_case(stage: Stage, gate: Gate) -> None:
    """With one point allowed, one of forty is worse and no regression."""
    stage.gate("{tolerance: 0.01}")
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 0
    assert ended.suite["verdict"] == "pass"
    assert ended.whole["reason"] == "worse, but a rise within the tolerance cannot be excluded"
    assert ended.whole["p_adjusted"] < 0.05


def test_twenty_broken_and_twenty_fixed_pass_and_are_listed(staged: Staged, gate: Gate) -> None:
    """Net zero is no rise; nobody has to find the forty by hand."""
    fixed, broken = names(0, 19), names(20, 39)
    stage = staged(samples=60, baseline=scripts("F", *fixed), accept=FIVE)
    stage.candidate(**scripts("F", *broken))
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert ended.whole["p_more"] == pytest.approx(0.5)
    worse = [each["sample_id"] for each in ended.suite["flips"] if each["after"][0]]
    assert (len(ended.suite["flips"]), worse) == (40, broken)
    assert "samples: 20 worse, 20 better" in ended.text


def test_a_sample_without_an_outcome_is_left_out(stage: Stage, gate: Gate) -> None:
    """All its repeats errored: it is not usable, no failure, and counts as errors."""
    stage.candidate(s003="C")
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert (ended.suite["comparable"], ended.suite["usable"]) == (40, 39)
    assert "1 of 40 comparable samples gave no outcome" in ended.text
    assert "candidate 3 of 120 attempts (2.5 %)" in ended.text
    assert ended.whole["after"]["failed"] == 0


def test_three_samples_without_an_outcome_are_too_many(stage: Stage, gate: Gate) -> None:
    """More than 5 % of the samples: nothing is compared."""
    stage.candidate(**scripts("C", *names(0, 2)))
    ended = gate(stage)
    assert ended.code == 102
    assert (
        "9 of 120 attempts errored and 3 of 40 samples have no outcome (at most 5% may)"
        in ended.text
    )
    assert "see what errored (paygrade show" in ended.suite["next_step"]


def test_unequal_repeats_are_compared_as_they_are(staged: Staged, gate: Gate) -> None:
    """An errored repeat on either side leaves the others; nothing is cut to the shorter side."""
    stage = staged(baseline={"s001": "CCP", "s002": "CFP"}, accept=FIVE)
    stage.candidate(s001="FCF", s004="CP")
    ended = gate(stage, "--confirm", "off")
    whole = ended.whole
    assert (whole["before"]["scored"], whole["before"]["errored"]) == (397, 3)
    assert (whole["after"]["scored"], whole["after"]["errored"]) == (118, 2)
    flips = {each["sample_id"]: (each["before"], each["after"]) for each in ended.suite["flips"]}
    assert flips == {"s001": ([0, 8], [2, 2]), "s002": ([1, 9], [0, 3])}
    assert whole["change"]["rise"] == pytest.approx((1 - 1 / 9) / 40)
    # by hand: s001 takes both failures of 10 (1/45), s002 none of one failure in 12 (9/12)
    at_least = {2: 1 / 45, 1: 16 / 45, 0: 28 / 45}
    both = {s: at_least.get(s, 0) * 9 / 12 + at_least.get(s - 1, 0) * 3 / 12 for s in range(4)}
    assert whole["p_more"] == pytest.approx(both[3] + both[2] / 2)


def test_a_sample_whose_fresh_attempts_all_errored_is_dropped(stage: Stage, gate: Gate) -> None:
    """Out of the confirmation, while the others confirm."""
    stage.candidate(**{**scripts("F", *names(0, 24)), "s024": "FFFC"})
    ended = gate(stage)
    assert ended.code == 100
    assert (len(ended.suite["confirmation"]["samples"]), ended.whole["fresh_samples"]) == (25, 24)
    dropped = next(each for each in ended.suite["flips"] if each["sample_id"] == "s024")
    assert dropped["fresh_after"] is None


def test_too_many_fresh_errors_confirm_nothing(stage: Stage, gate: Gate) -> None:
    """Half of the candidate's fresh attempts errored: invalid, and no silent pass."""
    stage.candidate(s000="FFFP", s001="FFFC")
    ended = gate(stage)
    assert ended.code == 102
    assert "5 of 10 fresh attempts of the candidate errored" in ended.text


def test_what_no_fresh_attempt_shows_is_not_confirmed(stage: Stage, gate: Gate) -> None:
    """Flagged, and not one informative case among the fresh ones: p is 1."""
    stage.candidate(s007="FFFP")
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert (ended.whole["flagged"], ended.whole["p_fresh"]) == (True, 1.0)
    assert "a rise was suspected, and fresh attempts do not confirm it" in ended.text
    assert "0.0 points (" in ended.text


ONE_REPEAT = ("--sessions", 1, "--epochs", 1)


@pytest.mark.real
def test_a_baseline_of_one_repeat_is_valid(staged: Staged, gate: Gate) -> None:
    """It can be confirmed on fresh attempts of both versions; the report says what is not known."""
    stage = staged(accept=ONE_REPEAT)
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert "3 epochs against 1" in ended.text
    assert "the baseline has one session: whether it repeats itself was not checked" in ended.text


def test_a_baseline_of_one_repeat_cannot_confirm_as_stored(staged: Staged, gate: Gate) -> None:
    """There is no second session: a suspicion stays one, and that is invalid."""
    stage = staged(accept=ONE_REPEAT)
    stage.candidate(s007="F")
    ended = gate(stage, "--confirm", "stored")
    assert ended.code == 102
    assert (
        "a rise is suspected and cannot be confirmed: "
        "the baseline has one session, and the second would confirm"
    ) in ended.text
    assert "accept a baseline with two sessions" in ended.suite["next_step"]
    assert len(stage.calls()) == 120


def test_a_thin_slice_is_listed_and_not_tested(staged: Staged, gate: Gate) -> None:
    """Four samples are too few to test, five are enough."""

    def slices(stage: Stage) -> None:
        kinds = ["rare"] * 4 + ["few"] * 5 + ["many"] * 31
        stage.samples([sample(i, slices={"kind": kind}) for i, kind in enumerate(kinds)])
        stage.replace("evals/refunds/suite.yaml", "scorers:", "slices: [kind]\nscorers:")

    stage = staged(prepare=slices)
    stage.candidate(**{name(0): "F"})
    ended = gate(stage)
    assert [each["name"] for each in ended.suite["hypotheses"]] == [
        "suite", "kind=few", "kind=many",
    ]  # fmt: skip
    assert "too few samples to test: kind=rare" in ended.text
    assert ended.code == 100


def test_a_broken_slice_is_named(staged: Staged, gate: Gate) -> None:
    """Holm runs over what was flagged: the suite and the slice, not the slice that is fine."""

    def slices(stage: Stage) -> None:
        stage.replace("evals/refunds/suite.yaml", "scorers:", "slices: [kind]\nscorers:")

    stage = staged(prepare=slices)
    stage.candidate(s007="F", s009="F")
    ended = gate(stage)
    assert ended.code == 100
    assert "worse too: kind=odd" in ended.text
    found = {each["name"]: each for each in ended.suite["hypotheses"]}
    assert found["kind=even"]["p_fresh"] is None
    fresh = found["suite"]["p_fresh"]
    assert found["suite"]["p_adjusted"] == pytest.approx(2 * fresh)


def test_samples_of_one_case_count_as_one(staged: Staged, gate: Gate) -> None:
    """Five variants of one case that break together are one piece of evidence, not five."""

    def cases(stage: Stage) -> None:
        stage.samples([sample(i, case=f"c{i // 5}") for i in range(40)])

    stage = staged(prepare=cases)
    stage.candidate(**scripts("FPP", *names(5, 9)))
    ended = gate(stage, "--confirm", "off")
    # the case's totals: 0 four times in the baseline; 5, 0, 0 in the candidate
    assert ended.whole["informative"] == 1
    assert ended.whole["p_more"] == pytest.approx(3 / 7 / 2)

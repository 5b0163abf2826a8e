"""Money at risk, and versions that always answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.playing import PROFILE, names, sample, scripts

if TYPE_CHECKING:
    from gate.conftest import Gate, Staged
    from gate.playing import Stage


def exposed(stage: Stage) -> None:
    """One sample stands for 5,000.00 EUR, ten for 1.00 EUR, two for yen; others for nothing."""
    stakes = {0: (500_000, "EUR"), **dict.fromkeys(range(1, 11), (100, "EUR")), 20: (9_000, "JPY")}
    stage.samples(
        [
            sample(i, exposure={"amount_minor": stakes[i][0], "currency": stakes[i][1]})
            if i in stakes
            else sample(i)
            for i in range(40)
        ]
    )


LIMIT = "{tolerance: 0.03, money_limits: {EUR: 100000}}"


def test_an_exceeded_limit_regresses_though_the_rate_is_fine(staged: Staged, gate: Gate) -> None:
    """One sample of forty is within the tolerance; what it stands for is not within the limit."""
    stage = staged(prepare=exposed)
    stage.gate(LIMIT)
    stage.candidate(s000="F")
    ended = gate(stage)
    assert ended.code == 100
    assert ended.suite["codes"] == ["money:EUR"]
    assert "the expected loss rose by more than the limit (EUR)" in ended.text
    assert ended.whole["verdict"] == "pass"
    eur = ended.suite["money"][0]
    assert (eur["currency"], eur["before"], eur["after"]) == ("EUR", 0.0, 12_500_000.0)
    assert eur["gated"]["low"] > 100_000


@pytest.mark.real
def test_below_the_limit_it_passes(staged: Staged, gate: Gate) -> None:
    """One euro of it is broken."""
    stage = staged(prepare=exposed)
    stage.gate(LIMIT)
    stage.candidate(s001="F")
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert ended.suite["money"][0]["exceeded"] is False


def test_a_limit_is_exceeded_on_fresh_attempts_alone(staged: Staged, gate: Gate) -> None:
    """The candidate's own run lost the money; asked again it does not."""
    stage = staged(prepare=exposed)
    stage.gate(LIMIT)
    stage.candidate(s000="FFFP")
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert ended.suite["money"][0]["exceeded"] is False


@pytest.mark.real
def test_currencies_are_never_added_up(staged: Staged, gate: Gate) -> None:
    """Yen have no limit here, and their loss is their own."""
    stage = staged(prepare=exposed)
    stage.gate(LIMIT)
    stage.candidate(s020="F")
    ended = gate(stage)
    assert ended.code == 0
    losses = {each["currency"]: each["after"] for each in ended.suite["money"]}
    assert losses == {"EUR": 0.0, "JPY": 225_000.0}


def test_a_bound_on_calls_does_not_hide_a_loss(staged: Staged, gate: Gate) -> None:
    """Ten equal losses, three of them asked again: the other seven are not taken for unchanged."""

    def equal(stage: Stage) -> None:
        stage.samples(
            [sample(i, exposure={"amount_minor": 1000, "currency": "EUR"}) for i in range(40)]
        )

    stage = staged(prepare=equal)
    stage.gate("{tolerance: 0.9, margin: 0.9, max_confirm_calls: 30, money_limits: {EUR: 100000}}")
    stage.candidate(**scripts("F", *names(0, 9)))
    ended = gate(stage)
    # 10 of 40 samples of 10.00 EUR each: 2,500.00 EUR in 1,000 samples, and 1,000.00 are allowed
    assert len(ended.suite["confirmation"]["samples"]) == 3
    assert ended.code == 100
    assert ended.suite["codes"] == ["money:EUR"]
    assert ended.suite["money"][0]["gated"]["rise"] == pytest.approx(250_000, rel=0.1)


def deterministic(stage: Stage) -> None:
    """Always answers alike, as its profile says."""
    stage.write("runners/bot.yaml", f"{PROFILE}deterministic: true\n")


def test_a_deterministic_runner_is_judged_exactly(staged: Staged, gate: Gate) -> None:
    """One repeat, no confirmation, one broken sample: regressed at tolerance 0."""
    stage = staged(prepare=deterministic)
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert "the failure rate rose: 0.0 % to 2.5 %" in ended.text
    assert "rise +2.5 points, exact: the runner is deterministic" in ended.text
    assert "declared deterministic: asking 5 samples twice" in ended.err
    assert set(stage.versions_called()) == {"v2-m1"}
    assert len(stage.calls()) == 45


@pytest.mark.parametrize(("tolerance", "code"), [("0.025", 0), ("0.0249", 100)])
def test_the_tolerance_is_the_whole_rule(
    staged: Staged, gate: Gate, tolerance: str, code: int
) -> None:
    """One of forty is 2.5 points to the last digit."""
    stage = staged(prepare=deterministic)
    stage.gate(f"{{tolerance: {tolerance}}}")
    stage.candidate(s007="F")
    assert gate(stage).code == code


@pytest.mark.real
def test_a_deterministic_improvement_is_one(staged: Staged, gate: Gate) -> None:
    """Exactly less is less."""
    stage = staged(prepare=deterministic, baseline={"s003": "F"})
    stage.candidate()
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "improved")


def test_a_runner_that_lies_about_it_is_found_out(staged: Staged, gate: Gate) -> None:
    """Some samples are asked twice; other words the second time are invalid."""
    stage = staged(prepare=deterministic)
    stage.candidate(**{"*": "W"})
    ended = gate(stage)
    assert ended.code == 102
    assert "the runner is declared deterministic and answered s000 in two ways" in ended.text
    assert "take `deterministic: true` out of the runner's profile" in ended.text


def test_a_runner_that_does_not_answer_twice_is_not_believed(staged: Staged, gate: Gate) -> None:
    """All second calls crash: nobody has seen that it answers alike."""
    stage = staged(prepare=deterministic)
    stage.candidate(**{"*": "PC"})
    ended = gate(stage)
    assert ended.code == 102
    assert "5 of 5 samples gave no second answer" in ended.text


@pytest.mark.real
def test_a_baseline_that_was_no_exact_one_is_tested(staged: Staged, gate: Gate) -> None:
    """The flag came later: outcomes of the old version vary, so the statistics decide."""
    stage = staged()
    deterministic(stage)
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert ended.suite["deterministic"] is False
    assert "1 epoch against 2 + 2" in ended.text


def test_an_exact_money_limit(staged: Staged, gate: Gate) -> None:
    """No interval: the loss is what it is."""

    def both(stage: Stage) -> None:
        deterministic(stage)
        exposed(stage)

    stage = staged(prepare=both)
    stage.gate("{tolerance: 0.03, money_limits: {EUR: 12500000}}")
    stage.candidate(s000="F")
    assert gate(stage).code == 0
    stage.gate("{tolerance: 0.03, money_limits: {EUR: 12499999}}")
    ended = gate(stage)
    assert ended.code == 100
    assert ended.suite["codes"] == ["money:EUR"]

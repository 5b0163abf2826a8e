"""`paygrade calibrate` from the outside: how often the gate is wrong here, and what it sees."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from gate.playing import name, names, sample, scripts
from gate_commands.helping import said

if TYPE_CHECKING:
    from pathlib import Path

    from gate.playing import Stage
    from gate_commands.conftest import Made
    from kit import Paygrade

pytestmark = pytest.mark.usefixtures("without_database")

QUICK = ("--invocations", 40)


def flaky(count: int, rate: float = 0.3) -> dict[str, str]:
    """Scripts of samples that fail now and then, each attempt by itself."""
    draw = random.Random(7)
    return {
        name(number): "".join(draw.choices("FP", (rate, 1 - rate), k=60)) for number in range(count)
    }


def calibrated(stage: Stage, paygrade: Paygrade, *arguments: object) -> Any:  # noqa: ANN401 - JSON
    """The only calibration, as JSON."""
    ended = paygrade("calibrate", *QUICK, *arguments, "--json", "-w", stage.root)
    [found] = ended.json
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a workspace with a baseline is kept, to be copied."""
    return tmp_path_factory.mktemp("recorded") / "kept"


@pytest.fixture
def stage(made: Made, paygrade: Paygrade, recorded: Path, tmp_path: Path) -> Stage:
    """Twelve flaky samples with an accepted baseline of 5 + 5 epochs."""
    if recorded.exists():
        shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)
    stage = made(12)
    if not recorded.exists():
        stage.plays({"v1-m1": flaky(12)})
        assert paygrade("accept", "--now", "--yes", "-q", "-w", stage.root).code == 0
        shutil.copytree(tmp_path, recorded)
    return stage


def test_it_needs_repeats_and_says_how_to_come_by_them(made: Made, paygrade: Paygrade) -> None:
    """Too little is stored: 102, and nobody is asked."""
    stage = made()
    ended = paygrade("calibrate", "-w", stage.root)
    assert ended.code == 102
    assert (
        "refunds · bot: 0 stored epochs of this version are too few to split into a baseline, a "
        "candidate and a confirmation (at least 4) (accept a baseline, or record some: paygrade "
        "calibrate refunds --fresh 10)"
    ) in ended.err
    assert stage.calls() == []


def test_it_measures_on_a_baseline_without_a_call(stage: Stage, paygrade: Paygrade) -> None:
    """False alarms with their interval, what is found, how the epochs were dealt."""
    stage.forget_calls()
    ended = paygrade("calibrate", *QUICK, "-w", stage.root)
    assert ended.code == 0
    text = said(ended)
    assert "refunds · bot: false alarms " in text
    assert " of 40 gates without a change)" in text
    assert "next: state must_detect in the suite, and this promise is checked from then on" in text
    assert (
        "every gate deals the 10 epochs of 2 recordings anew: 4 as baseline, 2 as candidate, 2 of "
        "each version asked to confirm; the interval is of these epochs, not of other days"
    ) in text
    assert (
        "the gate itself has 10 as baseline, 3 as candidate, 5 to confirm: --fresh 13 records what "
        "is missing"
    ) in text
    assert stage.calls() == []


def test_it_says_the_same_each_time(stage: Stage, paygrade: Paygrade) -> None:
    """The dice are seeded with the dataset: two people get the same figures."""
    assert calibrated(stage, paygrade) == calibrated(stage, paygrade)


def test_it_agrees_with_the_power_statement_of_the_baseline(
    stage: Stage, paygrade: Paygrade
) -> None:
    """What `accept` promised for so many epochs is what `calibrate` finds, also with more data."""
    lines = (stage.root / "reports/baselines/refunds.jsonl").read_text().splitlines()
    promised = json.loads(lines[1])["power"]
    for more in ((), ("--fresh", 2)):
        table = calibrated(stage, paygrade, *more)["sensitivity"]
        own = {str(each["epochs"]): each["rise"] for each in table if each["samples"] == 12}
        assert own == promised
    assert sorted(promised, key=int) == ["1", "3", "5", "10"]


def test_more_samples_see_smaller_rises(stage: Stage, paygrade: Paygrade) -> None:
    """Twice and four times as many, at the suite's own epochs."""
    table = calibrated(stage, paygrade)["sensitivity"]
    rises = {each["samples"]: each["rise"] for each in table if each["epochs"] == 3}
    assert list(rises) == [12, 24, 48]
    assert rises[48] < rises[12]


def test_fresh_epochs_are_added(stage: Stage, paygrade: Paygrade) -> None:
    """With 13 more the gate is played as it is."""
    found = calibrated(stage, paygrade, "--fresh", 13)
    assert found["stored_epochs"] == 23
    [note] = found["notes"]
    assert "23 epochs of 3 recordings anew: 10 as baseline, 3 as candidate, 5 of each" in note


def test_without_a_baseline_fresh_epochs_will_do(made: Made, paygrade: Paygrade) -> None:
    """A plan is printed before they are asked."""
    stage = made()
    dry = paygrade("calibrate", "--fresh", 4, "--dry-run", "-w", stage.root)
    assert dry.code == 0
    assert ["refunds", "bot", "refunds@v1", "refunds@v1", "8", "4", "32"] in [
        line.split() for line in dry.err.splitlines()
    ]
    assert stage.calls() == []
    assert calibrated(stage, paygrade, "--fresh", 4)["stored_epochs"] == 4
    assert len(stage.calls()) == 32


def test_runs_of_the_same_version_are_repeats_too(stage: Stage, paygrade: Paygrade) -> None:
    """Those on some samples, of another version and scored again are not."""
    paygrade("run", "-q", "--epochs", 2, "-w", stage.root)
    paygrade("run", "-q", "--limit", 3, "-w", stage.root)
    paygrade("run", "-q", "--prompt", "refunds@v2", "-w", stage.root)
    paygrade("score", "latest", "-q", "-w", stage.root)
    assert calibrated(stage, paygrade)["stored_epochs"] == 12


def test_a_baseline_of_another_version_is_no_repeat(stage: Stage, paygrade: Paygrade) -> None:
    """And it is said why there is nothing."""
    stage.use(2)
    ended = paygrade("calibrate", "-w", stage.root)
    assert ended.code == 102
    assert "(at least 4): the accepted baseline is of another version" in ended.err


@pytest.mark.parametrize(("promise", "code"), [(0.4, 0), (0.001, 101)])
def test_a_promise_is_checked(stage: Stage, paygrade: Paygrade, promise: float, code: int) -> None:
    """CI refuses a suite that cannot see what it promises to see."""
    stage.gate(f"{{must_detect: {promise}}}")
    ended = paygrade("calibrate", *QUICK, "-w", stage.root)
    assert ended.code == code
    kept = "kept" if code == 0 else "NOT KEPT"
    assert f"points is {kept}" in said(ended)
    broken = "refunds · bot cannot see the rise that gate.must_detect promises"
    assert (broken in ended.err) is (code == 101)


def test_a_promise_between_two_rises_of_the_table_is_looked_at_itself(
    stage: Stage, paygrade: Paygrade
) -> None:
    """The table goes from 20 to 30 and 40 points: a promise just below the next is kept."""
    table = calibrated(stage, paygrade)["sensitivity"]
    rise = next(each["rise"] for each in table if (each["epochs"], each["samples"]) == (3, 12))
    stage.gate(f"{{must_detect: {rise - 0.001}}}")
    assert calibrated(stage, paygrade)["kept"] is True


def test_a_suite_of_passes_sees_something_too(made: Made, paygrade: Paygrade) -> None:
    """No failure was ever seen: no false alarm, with an interval that does not end at zero."""
    stage = made()
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    found = calibrated(stage, paygrade)
    assert (found["alarms"], found["low"]) == (0, 0.0)
    assert 0.05 < found["high"] < 0.1
    assert found["sensitivity"][0]["rise"]


def test_a_rise_has_its_worth_in_money(made: Made, paygrade: Paygrade) -> None:
    """As expected loss per 1,000 samples, and nothing where no rise is found."""
    stage = made()
    worth = {"exposure": {"amount_minor": 1000, "currency": "EUR"}}
    stage.samples([sample(number, **worth) for number in range(8)])
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    for each in calibrated(stage, paygrade)["sensitivity"]:
        assert each["money_per_1000"] == {"EUR": pytest.approx(each["rise"] * 1000 * 1000)}
    stage.plays({"v2-m1": {"*": "F"}})
    stage.use(2)
    paygrade("accept", "--now", "--yes", "-q", "--reason", "bad", "-w", stage.root)
    hopeless = calibrated(stage, paygrade)["sensitivity"][0]
    assert (hopeless["rise"], hopeless["money_per_1000"]) == (None, {})


def test_an_invariant_that_fails_outweighs_every_figure(made: Made, paygrade: Paygrade) -> None:
    """Such a gate is always red, and that is no false alarm."""
    stage = made()
    stage.plays({"v1-m1": scripts("X", name(2))})
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    notes = calibrated(stage, paygrade)["notes"]
    assert (
        "invariants fail on stored samples (1): a gate is violated each time one fails, whatever "
        "these figures say"
    ) in notes


def test_drift_between_sessions_shows_where_nothing_is_confirmed(
    made: Made, paygrade: Paygrade
) -> None:
    """A baseline is of other sessions than the candidate: without a confirmation that is red."""
    stage = made(12)
    stage.plays({"v1-m1": scripts("PPPPPF", *names(0, 3))})
    stage.gate("{inference: runs}")
    paygrade("accept", "--now", "--yes", "-q", "-w", stage.root)
    assert calibrated(stage, paygrade)["alarms"] <= 4
    stage.gate("{inference: runs, confirm: off}")
    assert calibrated(stage, paygrade)["alarms"] >= 12


def test_fresh_epochs_with_too_many_errors_are_no_repeats(made: Made, paygrade: Paygrade) -> None:
    """They end with 102; once that is mended, what errored is asked again and nothing else."""
    stage = made()
    stage.plays({"v1-m1": scripts("C", name(1))})
    ended = paygrade("calibrate", "--fresh", 4, "-w", stage.root)
    assert ended.code == 102
    assert "refunds · bot: 4 of 32 attempts errored (at most 5% may)" in ended.err
    stage.forget_calls()
    stage.plays({})
    assert calibrated(stage, paygrade, "--fresh", 4)["stored_epochs"] == 4
    assert stage.calls() == [name(1)] * 4


def test_where_only_cases_count_it_is_said(stage: Stage, paygrade: Paygrade) -> None:
    """The smallest rises are then those of the test that decides."""
    runs = calibrated(stage, paygrade)
    stage.gate("{inference: cases}")
    cases = calibrated(stage, paygrade)
    assert "epochs are not counted as independent evidence (inference: cases)" in cases["notes"]
    assert (cases["sensitivity"][0]["rise"] or 1) >= (runs["sensitivity"][0]["rise"] or 1)


def test_a_suite_of_quarantined_samples_is_not_measured(made: Made, paygrade: Paygrade) -> None:
    """Nothing counts, so there is nothing to see."""
    stage = made()
    aside = {"class": "quarantined", "until": "2999-01-01", "why": "its label is disputed"}
    stage.samples([sample(number, **aside) for number in range(2)])
    ended = paygrade("calibrate", "-w", stage.root)
    assert ended.code == 102
    assert "every sample is quarantined: nothing counts" in ended.err


def test_a_suite_that_cannot_be_measured_does_not_hide_the_others(
    stage: Stage, paygrade: Paygrade
) -> None:
    """The others are shown, and it ends with 102."""
    suite = (stage.root / "evals/refunds/suite.yaml").read_text()
    stage.write("evals/other/suite.yaml", suite.replace("suite: refunds", "suite: other"))
    ended = paygrade("calibrate", *QUICK, "-w", stage.root)
    assert ended.code == 102
    assert "refunds · bot: false alarms" in ended.out
    assert "other · bot: 0 stored epochs of this version are too few" in ended.err


def test_it_is_written_as_markdown_too(stage: Stage, paygrade: Paygrade) -> None:
    """For a wiki, or a pull request that changes a suite."""
    file = stage.root / "calibrated.md"
    assert paygrade("calibrate", *QUICK, "-o", file, "-w", stage.root).code == 0
    assert "false alarms" in file.read_text()


class TestDeterministic:
    """Runners that always answer alike have no noise."""

    @pytest.mark.parametrize(
        ("policy", "rise", "code"),
        [
            ("{must_detect: 0.125}", 1 / 8, 0),
            ("{must_detect: 0.1}", 1 / 8, 101),
            ("{tolerance: 0.2}", 2 / 8, 0),
            ("{tolerance: 0.25}", 3 / 8, 0),
        ],
    )
    def test_one_sample_more_than_tolerated_is_seen(
        self, made: Made, paygrade: Paygrade, policy: str, rise: float, code: int
    ) -> None:
        """Exactly, and nothing is played."""
        stage = made()
        profile = (stage.root / "runners/bot.yaml").read_text()
        stage.write("runners/bot.yaml", f"{profile}deterministic: true\n")
        stage.gate(policy)
        ended = paygrade("calibrate", "--json", "-w", stage.root)
        assert ended.code == code
        [found] = ended.json
        assert [each["rise"] for each in found["sensitivity"]] == [rise]
        assert (found["invocations"], found["low"], found["high"]) == (0, 0.0, 1.0)
        assert found["notes"][0].startswith("the runner is deterministic: outcomes are exact")

    def test_nothing_is_recorded_for_it(self, made: Made, paygrade: Paygrade) -> None:
        """Fresh epochs would say the same again."""
        stage = made()
        profile = (stage.root / "runners/bot.yaml").read_text()
        stage.write("runners/bot.yaml", f"{profile}deterministic: true\n")
        ended = paygrade("calibrate", "--fresh", 5, "-w", stage.root)
        assert ended.code == 0
        assert "refunds · bot: deterministic, nothing is recorded" in ended.err
        assert stage.calls() == []

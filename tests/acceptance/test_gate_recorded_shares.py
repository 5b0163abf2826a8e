"""Rises planted in recorded failure shares are found as often as the power statement says."""

from __future__ import annotations

import json
import shutil
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

from analysis.recorded_shares import RUNNER, detection, shares_in
from kit import REPOSITORY, WorkspaceFolder
from paygrade import scripts
from paygrade.records.answer import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kit import Paygrade

pytestmark = pytest.mark.real  # many draws

POINTS_OFF = 0.09
"""So far, at most, may the observed rate lie from the predicted one."""


@pytest.fixture(autouse=True)
def _same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYGRADE_DRAW", "1")


def request(share: float, number: int = 0, **parameters: float) -> Request:
    """One attempt on a sample of its own."""
    return Request(
        sample_id=f"s{number}",
        epoch=1,
        prompt="refunds@v1",
        messages=(),
        input={"failure_share": share},
        parameters=parameters,
    )


def run_of(share: float, count: int) -> list[str]:
    """What one run of the runner answers to `count` samples."""
    answer = scripts.load(RUNNER).module.answer
    return [answer(request(share, number)) for number in range(count)]


def test_the_runner_fails_as_often_as_the_share_says() -> None:
    """Never at 0, always at 1, and in between in about that share of the samples."""
    assert set(run_of(0.0, 100)) == {"right"}
    assert set(run_of(1.0, 100)) == {"wrong"}
    assert run_of(0.3, 2_000).count("wrong") / 2_000 == pytest.approx(0.3, abs=0.04)


def test_each_run_draws_anew_and_a_number_draws_the_same_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With PAYGRADE_DRAW the runs of a process are as reproducible as they are different."""
    first, second = run_of(0.5, 200), run_of(0.5, 200)
    assert first != second
    monkeypatch.setenv("PAYGRADE_DRAW", "1")
    assert [run_of(0.5, 200), run_of(0.5, 200)] == [first, second]
    monkeypatch.delenv("PAYGRADE_DRAW")
    assert run_of(0.5, 200) != run_of(0.5, 200)


def test_a_planted_rise_is_as_large_on_average_as_asked() -> None:
    """Those that are hit lose four of five passes; the others are left alone."""
    failure_rate = scripts.load(RUNNER).module.failure_rate
    asked = {"rise": 0.05, "mean_share": 0.25, "seed": 3}
    rates = [failure_rate(request(0.25, number, **asked)) for number in range(4_000)]
    assert set(rates) == {0.25, 0.25 + 0.8 * 0.75}
    assert fmean(rates) - 0.25 == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("rise", [0.05, 0.10])
def test_a_rise_on_some_of_the_complaints_is_found_as_often_as_predicted(
    shared_data: Path, rise: float
) -> None:
    """With so few invocations chance alone moves the rate by some 7 points."""
    shares = shares_in(shared_data)[:80]
    seen = detection(shares, rise, suites=5, invocations=10, simulations=200)
    assert seen.found == pytest.approx(seen.predicted, abs=POINTS_OFF + 0.07)


@pytest.mark.real
@pytest.mark.parametrize("samples", [700, 100])
@pytest.mark.parametrize("rise", [0.01, 0.02, 0.05, 0.10])
def test_a_rise_is_found_as_often_as_predicted(
    shared_data: Path, rise: float, samples: int
) -> None:
    """200 invocations each: the observed rate lies within 9 points of the predicted one."""
    shares = shares_in(shared_data)[:samples]
    seen = detection(shares, rise, suites=20, invocations=10)
    assert seen.found == pytest.approx(seen.predicted, abs=POINTS_OFF)


def write_suite(folder: WorkspaceFolder, shares: Sequence[float], rise: float) -> None:
    """A suite of the shipped runner; version 2 of its prompt is worse by `rise`."""
    folder.samples(
        [
            {
                "id": f"c{number}",
                "input": {"failure_share": share, "message": f"complaint {number}"},
                "expected": "right",
                "slices": {"kind": "recorded"},
            }
            for number, share in enumerate(shares)
        ]
    )
    first = (folder.root / "prompts/refunds/v1.yaml").read_text("utf-8")
    parameters = json.dumps({"rise": rise, "mean_share": fmean(shares), "seed": 1})
    second = first.replace("version: 1", "version: 2") + f"parameters: {parameters}\n"
    folder.write("prompts/refunds/v2.yaml", second)
    folder.write(
        "evals/refunds/suite.yaml",
        "suite: refunds\nprompt: refunds@v1\ndataset: refunds@v1\n"
        "runners: [recorded_share]\nscorers: [equals]\n",
    )
    for suffix in ("py", "yaml"):
        shutil.copy(REPOSITORY / "runners" / f"recorded_share.{suffix}", folder.root / "runners")


@pytest.mark.parametrize(
    ("draw", "rise", "found"),
    [
        (100, 0.20, True),
        (200, 0.0, False),
        pytest.param(300, 0.20, True, marks=pytest.mark.real),
        pytest.param(400, 0.0, False, marks=pytest.mark.real),
    ],
)
def test_the_command_line_finds_a_planted_rise_and_no_other(  # noqa: PLR0913, PLR0917 - three fixtures, three columns
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
    draw: int,
    rise: float,
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Accept version 1 of a prompt, judge version 2: red with the rise, green without it."""
    monkeypatch.setenv("PAYGRADE_DRAW", str(draw))
    write_suite(workspace, [0.0] * 20 + [0.1, 0.3, 0.5, 0.9, 1.0], rise)
    assert paygrade("accept", "--now", "--yes", "-q", "-w", workspace.root).code == 0
    ended = paygrade("gate", "--prompt", "refunds@v2", "--json", "-w", workspace.root)
    [said] = ended.json["suites"]
    assert (said["verdict"] == "regressed") is found
    assert ended.code == (100 if found else 0), ended.err
    assert said["confirmation"]["mode"] == "both"


@pytest.mark.real
def test_the_command_line_finds_a_rise_in_the_recorded_complaints(
    shared_data: Path,
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All 700: accepted, then ten points worse, and the calibration says that it had to be seen."""
    monkeypatch.setenv("PAYGRADE_DRAW", "500")
    write_suite(workspace, shares_in(shared_data), 0.10)
    assert paygrade("accept", "--now", "--yes", "-q", "-w", workspace.root).code == 0
    ended = paygrade("gate", "--prompt", "refunds@v2", "--json", "-w", workspace.root)
    assert ended.code == 100
    [calibrated] = paygrade("calibrate", "--json", "-q", "-w", workspace.root).json
    own = next(
        each
        for each in calibrated["sensitivity"]
        if (each["epochs"], each["samples"]) == (calibrated["epochs"], 700)
    )
    assert own["rise"] <= 0.02
    assert calibrated["alarms"] <= 0.05 * calibrated["invocations"]

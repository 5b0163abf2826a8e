"""The gate on stored answers of 14 real models, against verdicts that are derived here anew.

One answer a sample and no confirmation, so the test is McNemar's with its mid-p, and everything
else follows from how many samples only one of the two models got wrong.
(`llm_complaint_predictions`: Roumeliotis, Tselikas, Nasiopoulos; Electronics 2025; MIT.)
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import pytest
from scipy import stats  # type: ignore[import-untyped]  # it ships no types

from paygrade.analysis.decide import Inquiry, decide
from paygrade.analysis.screen import Terms, screen
from paygrade.records.baseline import ArmSample
from paygrade.records.policy import GatePolicy
from paygrade.records.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.verdict import Hypothesis

pytestmark = pytest.mark.real  # twenty pairs of models

PAIRS = 20
MARGIN = 0.05


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, Any]]:
    """The complaints with their labels and the models' answers."""
    file = shared_data / "llm_complaint_predictions" / "llm_complaint_predictions.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What must come out."""

    verdict: str
    p_more: float
    p_fewer: float
    rise: float
    low: float
    high: float


def derived(
    rows: Sequence[dict[str, Any]], before: str, after: str, adjusted: float | None = None
) -> Derived:
    """The verdict by the rules alone; `adjusted` is its p-value among others that were tested."""
    wrong = [tuple(row["predictions"][name] != row["label"] for name in (before, after))
             for row in rows]  # fmt: skip
    broken, mended = wrong.count((False, True)), wrong.count((True, False))
    differ, size = broken + mended, len(rows)
    null = stats.binom(differ, 0.5)
    p_more = float(null.sf(broken) + null.pmf(broken) / 2) if differ else 1.0
    p_fewer = float(null.cdf(broken) - null.pmf(broken) / 2) if differ else 1.0
    centre = (broken - mended) / (size + 2)
    reach = NormalDist().inv_cdf(0.95) * math.sqrt(differ + 2) / (size + 2)
    if (p_more if adjusted is None else adjusted) <= 0.05:
        verdict = "regressed"
    elif p_more > 0.20 and p_fewer <= 0.05:
        verdict = "improved"
    else:
        verdict = "pass" if centre + reach <= MARGIN else "inconclusive"
    return Derived(
        verdict=verdict,
        p_more=p_more,
        p_fewer=p_fewer,
        rise=(broken - mended) / size,
        low=centre - reach,
        high=centre + reach,
    )


def judged(
    rows: Sequence[dict[str, Any]], before: str, after: str, slices: tuple[str, ...] = ()
) -> tuple[Hypothesis, ...]:
    """The shipped decision on two models' stored answers."""
    samples = tuple(
        Sample(
            id=row["id"],
            input="",
            expected=row["label"],
            case=row["id"],
            slices={"kind": (row["label"],)},
        )
        for row in rows
    )
    arms = {
        model: {
            row["id"]: ArmSample(
                sample_id=row["id"],
                content_hash="",
                case=row["id"],
                case_class="statistical",
                sessions=("P" if row["predictions"][model] == row["label"] else "F",),
            )
            for row in rows
        }
        for model in (before, after)
    }
    policy = GatePolicy(confirm="off", margin=MARGIN)
    screened = screen(
        arms[before], arms[after], Terms(samples=samples, slices=slices, policy=policy)
    )
    inquiry = Inquiry(screened=screened, mode="off", level=policy.alpha_confirm)
    [found] = decide([inquiry])
    return found


def pairs_of(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Twenty of the models' pairs, spread evenly, every other one turned round."""
    pairs = list(combinations(sorted(rows[0]["predictions"]), 2))
    chosen = [pairs[number * len(pairs) // PAIRS] for number in range(PAIRS)]
    return [pair if number % 2 else pair[::-1] for number, pair in enumerate(chosen)]


def test_twenty_pairs_of_models_get_the_verdict_that_the_rules_give(
    rows: list[dict[str, Any]],
) -> None:
    """The verdict, both p-values and the interval."""
    verdicts = set()
    for before, after in pairs_of(rows):
        expected = derived(rows, before, after)
        [found] = judged(rows, before, after)
        assert found.verdict == expected.verdict, (before, after)
        assert [found.p_more, found.p_fewer] == pytest.approx(
            [expected.p_more, expected.p_fewer], rel=1e-9
        )
        change = found.change
        assert [change.rise, change.low, change.high] == pytest.approx(
            [expected.rise, expected.low, expected.high], abs=1e-12
        )
        assert found.p_adjusted == found.p_more  # one hypothesis: nothing to correct
        verdicts.add(found.verdict)
    assert verdicts == {"pass", "improved", "regressed"}  # 700 samples leave none in doubt


def test_with_slices_each_verdict_is_corrected_for_all_of_them(rows: list[dict[str, Any]]) -> None:
    """Holm over the suite and the five classes of complaints, as scipy-free arithmetic has it."""
    kinds = sorted({row["label"] for row in rows})
    parts = [rows, *([row for row in rows if row["label"] == kind] for kind in kinds)]
    corrected = 0
    verdicts = set()
    for before, after in pairs_of(rows):
        alone = [derived(part, before, after) for part in parts]
        adjusted = holm([each.p_more for each in alone])
        found = judged(rows, before, after, slices=("kind",))
        assert [each.name for each in found] == ["suite", *(f"kind={kind}" for kind in kinds)]
        assert [each.p_adjusted for each in found] == pytest.approx(adjusted, rel=1e-9)
        expected = [
            derived(part, before, after, p).verdict for part, p in zip(parts, adjusted, strict=True)
        ]
        assert [each.verdict for each in found] == expected, (before, after)
        corrected += expected != [each.verdict for each in alone]
        verdicts.update(expected)
    assert corrected  # somewhere the correction decides
    assert verdicts == {"pass", "improved", "inconclusive", "regressed"}


def holm(p: Sequence[float]) -> list[float]:
    """Step by step: the smallest counts for all, the next for one less, and none is below it."""
    result: dict[int, float] = {}
    for left, place in zip(
        range(len(p), 0, -1), sorted(range(len(p)), key=lambda each: p[each]), strict=True
    ):
        result[place] = max([min(1.0, left * p[place]), *result.values()])
    return [result[place] for place in range(len(p))]


def test_no_model_regressed_against_itself(rows: list[dict[str, Any]]) -> None:
    """All 14: nothing differs, and five points are excluded."""
    models = sorted(rows[0]["predictions"])
    assert len(models) == 14
    for model in models:
        found = judged(rows, model, model, slices=("kind",))
        assert {each.p_more for each in found} == {1.0}
        assert "regressed" not in {each.verdict for each in found}
        assert found[0].verdict == "pass"


def stored_runs(
    rows: list[dict[str, Any]], models: Sequence[str], folder: WorkspaceFolder, paygrade: Paygrade
) -> Mapping[str, str]:
    """One stored run of each model in the workspace: their ids."""
    folder.samples(
        [
            {
                "id": row["id"],
                "input": {"message": row["narrative_preprocessed"]},
                "expected": row["label"],
                "slices": {"kind": row["label"]},
            }
            for row in rows
        ]
    )
    folder.write(
        "evals/refunds/suite.yaml",
        "suite: refunds\nprompt: refunds@v1\ndataset: refunds@v1\n"
        f"runners: [{', '.join(models)}]\nscorers: [equals]\n",
    )
    for model in models:
        folder.write(
            f"runners/{model}.yaml", f"runner: {model}\nprovider: replay\nanswers: {model}.jsonl\n"
        )
        answers = [{"id": row["id"], "text": row["predictions"][model]} for row in rows]
        folder.write(f"runners/{model}.jsonl", "".join(json.dumps(a) + "\n" for a in answers))
    ended = paygrade("run", "--json", "-w", folder.root)
    assert ended.code == 0
    return {run["runner"]: run["run_id"] for run in ended.json}


@pytest.mark.parametrize(
    "places", [(0,), pytest.param(range(PAIRS), marks=pytest.mark.real)], ids=["one", "all"]
)
def test_the_command_line_gives_the_same_verdicts(
    rows: list[dict[str, Any]],
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    places: Sequence[int],
) -> None:
    """Stored runs, judged against each other and one against itself: red means regressed."""
    pairs = [pairs_of(rows)[place] for place in places]
    models = sorted({model for pair in pairs for model in pair})
    runs = stored_runs(rows, models, workspace, paygrade)
    for before, after in [*pairs, (models[0], models[0])]:
        ended = paygrade(
            "gate", "--run", runs[after], "--baseline", runs[before], "--confirm", "off",
            "--json", "-w", workspace.root,
        )  # fmt: skip
        expected = derived(rows, before, after)
        [said] = ended.json["suites"]
        assert said["verdict"] == expected.verdict, (before, after)
        assert ended.code == (100 if expected.verdict == "regressed" else 0)
        [whole] = said["hypotheses"]
        assert [whole["p_more"], whole["p_fewer"]] == pytest.approx(
            [expected.p_more, expected.p_fewer], rel=1e-9
        )
        change = whole["change"]
        assert [change["rise"], change["low"], change["high"]] == pytest.approx(
            [expected.rise, expected.low, expected.high], abs=1e-9
        )

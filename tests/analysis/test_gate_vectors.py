"""The published invocations of the gate, figure by figure, through the screen and the decision."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.invariants import invariant_failures
from paygrade.analysis.screen import Screened, Terms, screen
from paygrade.analysis.verdict import Evidence, suite_verdict
from paygrade.records.baseline import ArmSample, Baseline, RecordedSession
from paygrade.records.plan import Identity
from paygrade.records.policy import Confirm, GatePolicy
from paygrade.records.sample import Sample
from paygrade.records.verdict import Side

if TYPE_CHECKING:
    from paygrade.analysis.trial import Unit
    from paygrade.records.verdict import Hypothesis, SuiteVerdict

Json = dict[str, Any]

VECTORS: list[Json] = json.loads(
    (Path(__file__).parents[1] / "stats" / "vectors.json").read_text(encoding="utf-8")
)["groups"]["gate_end_to_end"]["cases"]
RELATIVE, ABSOLUTE = 1e-7, 1e-12
SLICE = "tag"
TODAY = dt.date(2026, 11, 23)
STRICTER = {"e2e6": "inconclusive"}
"""Where the house is stricter than what was published: with samples edited or removed since the
baseline there is no pass."""

every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda each: str(each["id"]))


class Invocation:
    """One published invocation, screened and decided by our code."""

    def __init__(self, vector: Json) -> None:
        """Play the whole of it."""
        given = vector["input"]
        config = given["config"]
        self.policy = GatePolicy(tolerance=config.get("tolerance", 0.0))
        self.mode = cast("Confirm", config.get("confirm", "both"))
        self.after = arm(given["candidate"])
        self.before = arm(given["baseline"])
        terms = Terms(
            samples=tuple(sample(name, each) for name, each in given["candidate"].items()),
            slices=(SLICE,) if given["slices"] else (),
            policy=self.policy,
            unit=cast("Unit", config.get("inference", "runs")),
        )
        self.screened: Screened = screen(self.before, self.after, terms)
        fresh = None
        if self.mode != "off" and self.screened.suspicious:
            asked = set(self.screened.discordant)
            old, new = (
                arm({name: {"runs": runs} for name, runs in side.items() if name in asked})
                for side in (given["fresh"]["baseline"], given["fresh"]["candidate"])
            )
            fresh = fresh_pairs(self.screened, old, new)
        inquiry = Inquiry(
            screened=self.screened, mode=self.mode, level=self.policy.alpha_confirm, fresh=fresh
        )
        [found] = decide([inquiry])
        self.hypotheses = {each.name.replace(f"{SLICE}=", "slice:"): each for each in found}
        self.said = self._said(inquiry, found)

    def _said(self, inquiry: Inquiry, found: tuple[Hypothesis, ...]) -> SuiteVerdict:
        return suite_verdict(
            Evidence(
                suite="published",
                runner="published",
                baseline=BASELINE,
                sides=(SIDE, SIDE),
                before=self.before,
                known=self.before,
                after=self.after,
                fresh_after={},
                inquiry=inquiry,
                hypotheses=found,
                money=(),
                checks=(),
                confirmation=None,
                detects=None,
                detects_with=None,
                differs=(),
                problems=(),
                age_days=0,
                today=TODAY,
            )
        )


SIDE = Side(
    label="published",
    prompt="p@v1",
    dataset="d@v1",
    runner="published",
    models=(),
    commit="",
    when="2026-11-23T12:00:00Z",
    run_ids=("r",),
    epochs=(3,),
    errors=0,
    attempts=0,
)
BASELINE = Baseline(
    suite="published",
    runner="published",
    provider="python",
    deterministic=False,
    prompt="p@v1",
    dataset="d@v1",
    identity=Identity(prompt="", dataset="", runner="", scorers=""),
    checks=(),
    models=(),
    parameters={},
    commit="",
    accepted_at="2026-11-23T12:00:00Z",
    reason="published",
    versions={},
    sessions=(RecordedSession(run_id="r", started_at="2026-11-23T12:00:00Z", epochs=5),),
    shift=None,
    inference="runs",
    power={},
    samples=(),
)


def arm(published: Json) -> dict[str, ArmSample]:
    """One side, as the gate takes it: X failed an invariant, which is a failure too."""
    return {
        name: ArmSample(
            sample_id=name,
            content_hash=each.get("hash", ""),
            case=each.get("cluster") or name,
            case_class="statistical",
            sessions=(each["runs"].replace("X", "F"),),
            checks={"must_hold": (each["runs"].replace("F", "P").replace("X", "F"),)},
            invariants=("must_hold",) if "X" in each["runs"] else (),
        )
        for name, each in published.items()
    }


def sample(name: str, each: Json) -> Sample:
    """One line of today's dataset."""
    return Sample(
        id=name,
        input={},
        expected={},
        case=each["cluster"] or name,
        slices={SLICE: tuple(each["tags"])} if each["tags"] else {},
        content_hash=each["hash"],
    )


def figures(found: Hypothesis) -> dict[str, float | None]:
    """Our figures under the published names."""
    second = {"p2": found.p_fresh, "p2_adj": found.p_adjusted}
    return {
        "p_reg": found.p_more,
        "p_imp": found.p_fewer,
        "p_cases": found.p_cases,
        "informative": found.informative,
        "n": found.samples,
        "delta": found.change.rise,
        "lo": found.change.low,
        "hi": found.change.high,
        **(second if found.p_fresh is not None else {"p1_adj": found.p_adjusted}),
    }


@every_vector
def test_every_published_figure_is_ours(vector: Json) -> None:
    """Both stages, the suite and its slices: p-values, corrected ones, rises and intervals."""
    ours = Invocation(vector).hypotheses
    published = vector["expected"]["hypotheses"]
    assert ours.keys() == published.keys()
    for name, expected in published.items():
        found = figures(ours[name])
        assert {key for key, value in found.items() if value is not None} == (
            expected.keys() - {"verdict", "p_reg_exact"}
        ), name
        for key in expected.keys() - {"verdict", "p_reg_exact"}:
            assert found[key] == pytest.approx(expected[key], rel=RELATIVE, abs=ABSOLUTE), key


@every_vector
def test_every_published_hypothesis_has_its_verdict(vector: Json) -> None:
    """Hypothesis by hypothesis; the exact tail belongs to the test that decides."""
    invocation = Invocation(vector)
    tried = {each.name.replace(f"{SLICE}=", "slice:"): each for each in invocation.screened.tried}
    for name, expected in vector["expected"]["hypotheses"].items():
        assert invocation.hypotheses[name].verdict == expected["verdict"], name
        exact = tried[name].trial.tails.at_least
        assert exact == pytest.approx(expected["p_reg_exact"], rel=RELATIVE, abs=ABSOLUTE), name


@every_vector
def test_every_published_suite_has_its_verdict(vector: Json) -> None:
    """Whole suites too: violated, then invalid, then regressed, then the suite's own."""
    said = Invocation(vector).said
    assert said.verdict == STRICTER.get(vector["id"], vector["expected"]["verdict"])
    if vector["id"] in STRICTER:
        assert said.codes == ("samples_changed",)
        assert said.headline == "2 of the baseline's samples were edited or removed: not a pass"


@every_vector
def test_what_is_compared_and_asked_again_is_as_published(vector: Json) -> None:
    """Comparable, usable, new, edited and removed samples; how many are asked again; invariants."""
    invocation, expected = Invocation(vector), vector["expected"]
    pairing = invocation.screened.pairing
    assert (len(pairing.comparable), len(pairing.usable)) == (
        expected["comparable"],
        expected["usable"],
    )
    assert [list(each) for each in (pairing.added, pairing.edited, pairing.removed)] == [
        expected[name] for name in ("new", "edited", "removed")
    ]
    assert [each.code for each in pairing.problems] == expected["invalid"]
    asked = invocation.screened.discordant if invocation.mode != "off" else ()
    assert len(asked) == expected["reran"]
    broken = invariant_failures(invocation.after, invocation.before, (), TODAY)
    assert [each.sample_id for each in broken] == expected["violated"]

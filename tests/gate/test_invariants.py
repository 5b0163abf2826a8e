"""What must never fail: one failure ends it, whatever the rate."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from gate.playing import SAMPLES, names, sample, scripts

if TYPE_CHECKING:
    from gate.conftest import Gate, Staged
    from gate.playing import Stage

pytestmark = pytest.mark.real  # each an accepted baseline and a gate

OWN_SCORER = '''\
"""Must hold; breaks where a sample says so."""


def holds(subject):
    """Break on the samples that are told to."""
    if subject.input.get("breaks"):
        raise ValueError("cannot say")
    return True
'''


def test_a_new_violation_ends_it(stage: Stage, gate: Gate) -> None:
    """One card number in one of 120 attempts: 100, and the sample is named."""
    stage.candidate(s007="PXP")
    ended = gate(stage)
    assert ended.code == 100
    assert (
        "VIOLATED refunds · bot: an invariant failed: no-pan on s007 (1 of 3 attempts, new)"
        in ended.text
    )
    assert ended.suite["codes"] == ["invariant"]
    assert "gate.waivers in the suite" in ended.suite["next_step"]


@pytest.mark.real
def test_an_improvement_elsewhere_does_not_make_up_for_it(staged: Staged, gate: Gate) -> None:
    """Ten samples mended, one violation: violated."""
    stage = staged(baseline=scripts("F", *names(0, 9)))
    stage.candidate(s039="X")
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (100, "violated")
    assert ended.whole["p_fewer"] < 0.05


def test_a_violation_that_the_baseline_has_fails_too(staged: Staged, gate: Gate) -> None:
    """Labelled as known, and no less a violation."""
    stage = staged(baseline={"s007": "XP"})
    stage.candidate(s007="X")
    ended = gate(stage)
    assert ended.code == 100
    assert "no-pan on s007 (8 of 8 attempts, as in the baseline)" in ended.text
    assert "pre-existing" in ended.text


def test_an_added_sample_counts_for_invariants(stage: Stage, gate: Gate) -> None:
    """It enters no rate, and it must not leak."""
    stage.candidate(s040="X")
    stage.samples([sample(i) for i in range(SAMPLES + 1)])
    ended = gate(stage)
    assert ended.code == 100
    assert "no-pan on s040 (3 of 3 attempts, new)" in ended.text
    assert ended.whole["samples"] == SAMPLES


@pytest.mark.real
def test_an_edited_sample_counts_for_invariants(stage: Stage, gate: Gate) -> None:
    """So does one whose content changed."""
    stage.candidate(s001="X")
    edited = {"input": {"message": "Other words."}}
    stage.samples([sample(i, **(edited if i == 1 else {})) for i in range(SAMPLES)])
    ended = gate(stage)
    assert ended.code == 100
    assert "no-pan on s001 (3 of 3 attempts, new)" in ended.text


def test_a_violation_in_a_fresh_attempt_alone_counts(stage: Stage, gate: Gate) -> None:
    """The candidate's own run was clean; asked again, it leaked once."""
    stage.candidate(s007="FFFPXP")
    ended = gate(stage)
    assert ended.code == 100
    assert "no-pan on s007 (1 of 5 attempts, new)" in ended.text


def test_a_violation_of_the_old_version_alone_is_none(stage: Stage, gate: Gate) -> None:
    """What the baseline's version does when asked again is not the candidate's fault."""
    stage.candidate(s007="FFFP")
    stage.plays({"v1-m1": {"s007": "X"}, "v2-m1": {"s007": "FFFP"}})
    assert gate(stage).suite["verdict"] == "pass"


def waived(stage: Stage, until: dt.date) -> None:
    """Forgive no-pan on s007 until a date; one sample more that fails is within the tolerance."""
    waiver = f"{{check: no-pan, sample: s007, until: {until}, why: being mended}}"
    stage.gate(f"{{tolerance: 0.025, waivers: [{waiver}]}}")


def today() -> dt.date:
    """As the gate has it: in UTC."""
    return dt.datetime.now(dt.UTC).date()


def test_a_waiver_holds_on_its_last_day(stage: Stage, gate: Gate) -> None:
    """Up to and including its date; it is shown, with its reason."""
    stage.candidate(s007="X")
    waived(stage, today())
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert f"new, waived until {today()}: being mended" in ended.text


@pytest.mark.real
def test_a_known_violation_can_be_waived(staged: Staged, gate: Gate) -> None:
    """The accepted version leaked there too: no rise, and forgiven for a while."""
    stage = staged(baseline={"s007": "X"})
    stage.candidate(s007="X")
    waived(stage, today())
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert f"pre-existing, waived until {today()}: being mended" in ended.text


def test_a_waiver_has_ended_the_day_after(stage: Stage, gate: Gate) -> None:
    """It does not go on for ever."""
    stage.candidate(s007="X")
    waived(stage, today() - dt.timedelta(days=1))
    ended = gate(stage)
    assert ended.code == 100
    assert "an invariant failed: no-pan on s007" in ended.text


def test_a_waiver_is_for_one_sample(stage: Stage, gate: Gate) -> None:
    """Another sample's leak is not forgiven."""
    stage.candidate(s007="X", s008="X")
    waived(stage, today())
    ended = gate(stage)
    assert ended.code == 100
    assert "no-pan on s008" in ended.suite["headline"]


def must_pass(stage: Stage) -> None:
    """One sample must pass, one is quarantined."""
    later = {"until": str(today() + dt.timedelta(days=9)), "why": "label is disputed"}
    stage.samples(
        [
            sample(0, **{"class": "must_pass"}),
            sample(1, **{"class": "quarantined"}, **later),
            *(sample(i) for i in range(2, SAMPLES)),
        ]
    )


def test_a_gating_miss_of_a_must_pass_sample_is_a_violation(staged: Staged, gate: Gate) -> None:
    """No statistics: one failed attempt of three."""
    stage = staged(prepare=must_pass)
    stage.candidate(s000="PPFP")
    ended = gate(stage)
    assert ended.code == 100
    assert "an invariant failed: equals(action) on s000 (1 of 3 attempts, new)" in ended.text


def test_a_quarantined_sample_never_counts(staged: Staged, gate: Gate) -> None:
    """Neither its failures nor its leaks; it is listed."""
    stage = staged(prepare=must_pass)
    stage.candidate(s001="X")
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass")
    assert ended.whole["samples"] == SAMPLES - 1
    assert "samples in quarantine (in no rate): 1: s001" in ended.text
    assert ended.suite["judged_attempts"] == 3 * (SAMPLES - 1)


def judged_by_own(stage: Stage, breaks: int | None = None, **more: object) -> None:
    """An invariant of the suite's own; on sample `breaks` the scorer raises."""
    stage.write("evals/refunds/scorers.py", OWN_SCORER)
    stage.replace(
        "evals/refunds/suite.yaml",
        "  - no-pan: {severity: critical, role: invariant}\n",
        "  - python: {callable: 'scorers.py:holds', id: holds, role: invariant}\n",
    )
    stage.samples(
        [
            sample(
                i,
                input={"message": f"Message {i}.", "breaks": i == breaks},
                **(more if i == breaks else {}),
            )
            for i in range(SAMPLES)
        ]
    )


def own(stage: Stage) -> None:
    """Never breaks."""
    judged_by_own(stage)


def own_in_quarantine(stage: Stage) -> None:
    """Breaks on a sample in quarantine."""
    later = {"until": str(today() + dt.timedelta(days=9)), "why": "label is disputed"}
    judged_by_own(stage, 1, **{"class": "quarantined"}, **later)


def test_an_invariant_that_could_not_be_judged_is_invalid(staged: Staged, gate: Gate) -> None:
    """Nobody knows whether it holds: an error of a scorer is neither a pass nor a violation."""
    stage = staged(prepare=own)
    stage.candidate()
    judged_later(stage)
    ended = gate(stage)
    assert ended.code == 102
    assert "an invariant could not be judged: holds on s001, and 2 more" in ended.text
    assert "mend the scorer: nobody knows whether the invariant holds" in ended.text


def judged_later(stage: Stage) -> None:
    """Sample 1, added or edited, breaks the scorer."""
    broken = {"message": "Message 1.", "breaks": True}
    stage.samples(
        [
            sample(i, input=broken if i == 1 else {"message": f"Message {i}.", "breaks": False})
            for i in range(SAMPLES)
        ]
    )


def test_an_invariant_that_breaks_in_quarantine_is_of_no_interest(
    staged: Staged, gate: Gate
) -> None:
    """A quarantined sample never counts, its broken scorers neither."""
    stage = staged(prepare=own_in_quarantine)
    stage.candidate()
    ended = gate(stage)
    assert (ended.code, ended.suite["verdict"]) == (0, "pass"), ended.text


SOMETIMES = '''\
"""Breaks from the fourth answer of s007 on."""

seen = []


def holds(subject):
    """Count what s007 answers with the second prompt."""
    if subject.sample_id == "s007" and subject.output["action"] == "refuse":
        seen.append(1)
        if len(seen) == 4:
            raise ValueError("cannot say")
    return True
'''


def sometimes(stage: Stage) -> None:
    """An invariant that breaks on one fresh attempt."""
    judged_by_own(stage)
    stage.write("evals/refunds/scorers.py", SOMETIMES)


def test_an_invariant_that_breaks_on_a_fresh_attempt_is_invalid(staged: Staged, gate: Gate) -> None:
    """It is the same unknown there; a few errors among many do not hide it."""
    stage = staged(prepare=sometimes)
    stage.candidate(**scripts("FFFP", *names(8, 30)), s007="F")
    ended = gate(stage)
    assert ended.code == 102, ended.text
    assert "an invariant could not be judged: holds on s007" in ended.text


def test_what_was_not_seen_is_bounded(stage: Stage, gate: Gate) -> None:
    """No failure in 120 attempts is no proof: the true rate is below 2.5 %."""
    stage.candidate()
    ended = gate(stage)
    assert "0 failures in 120 attempts: the true rate is below 2.5 %" in ended.text
    assert ended.suite["zero_bound"] == pytest.approx(1 - 0.05 ** (1 / 120))

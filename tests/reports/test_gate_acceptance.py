"""Comparisons, calibrations and acceptances: what they say on a terminal."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygrade.records.baseline import CheckIdentity
from paygrade.records.plan import Identity
from paygrade.reports.gate_text import baseline_view, calibration_view, compare_view
from reports.acceptances import HASH, arm, baseline, calibration, compared
from reports.seen import shown
from reports.spoil import spoiled

if TYPE_CHECKING:
    from paygrade.records.baseline import Baseline

COMPARED = """\
refund_decision: accepted on 2026-11-01 -> this change
  failure rate 4.0 % -> 6.0 %: +1.9 points (1.1 to 2.6), 90 % interval
  n = 200 of 200 comparable samples · 5 + 5 epochs against 3 epochs · a comparison is no verdict

what changed
  the prompt: refund_decision@v2 -> refund_decision@v3
  samples added (not compared): 1: rr-0900

rates
  failure rate before 4.0 % (95 % interval 3.2 to 5.0 %; 80 of 2,000 failed)
  failure rate after 6.0 % (95 % interval 4.4 to 8.2 %; 36 of 597 failed, 3 errors)
  errors (in no rate): before 0 of 2,000 attempts (0.0 %), after 3 of 600 attempts (0.5 %)
           n  before  after      points (90 %)        p  p cases
  ──────────────────────────────────────────────────────────────
  suite  200   4.0 %  6.0 %  +1.9 (1.1 to 2.6)  2.1e-07   0.0625

samples: 1 worse, 1 better
  sample   failed before   after
  ──────────────────────────────────────
  rr-0017        0 of 10  3 of 3  worse
  rr-0009        4 of 10  0 of 3  better

money at risk: expected loss per 1,000 samples
  currency     before      after     change          90 % interval  limit
  ───────────────────────────────────────────────────────────────────────
  JPY       51210 JPY  48340 JPY  -2870 JPY  -9120 JPY to 4050 JPY      -

checks
  no change in 1 of 2 checks
  check   severity  role    failed before      after  points
  ──────────────────────────────────────────────────────────
  equals  major     gating    80 of 2,000  36 of 597    +2.0

before and after
  before accepted on 2026-11-01: 2026-11-01T09:00:00Z at commit 4f2c91d
  before ran refund_decision@v2 on refund_requests@v1 with gpt-small (model gpt-small-2026-09); runs
  20261101-090000-refund-aa01, 20261101-103000-refund-aa02
  after this change: 2026-11-23T12:00:00Z at commit 9be0144
  after ran refund_decision@v3 on refund_requests@v1 with gpt-small (model gpt-small-2026-09); runs
  20261123-120000-refund-cc01

notes
  the models are the same"""

CALIBRATED = """\
refund_decision · gpt-small: false alarms 0.8 % (0.3 to 2.2 %; 3 of 400 gates without a change)
  it finds a rise of 2.0 points with 80 % probability · n = 200 samples · 3 epochs against 10
  next: nothing to do; the promise to find 5.0 points is kept

what is found with 80 % probability
  false alarms: 3 of 400 gates without a change, 95 % interval 0.3 to 2.2 %
  inconclusive: 12 of 400 gates without a change
  epochs  samples   smallest rise found  as expected loss per 1,000 samples
  ─────────────────────────────────────────────────────────────────────────
       3      200            2.0 points  256.10 EUR
       5      200            1.5 points  192.08 EUR
       1      200  none up to 40 points  -

notes
  played on the accepted baseline's own outcomes"""

FIRST = """\
refund_decision · gpt-small: the first baseline
  failure rate 5.3 % (1 of 19 failed, 1 error)
  made of refund_decision@v2 on refund_requests@v1 with 1 check

outcomes
  failure rate 5.3 % (95 % interval 0.8 to 26.8 %; 1 of 19 failed, 1 error)
  samples that fail at least once: 1 of 2
  rr-0002

A/A check: do its sessions agree?
  z = 0.41 between its sessions: epochs count as independent evidence

what a gate will find
  epochs   smallest rise found
  ────────────────────────────
       1  none up to 40 points
       3            2.0 points
       5            1.5 points

sessions
  reason: the first one
  models: gpt-small-2026-09
  commit 4f2c91d
  run                          recorded              epochs
  ─────────────────────────────────────────────────────────
  20261101-090000-refund-aa01  2026-11-01T09:00:00Z       5
  20261101-103000-refund-aa02  2026-11-01T10:30:00Z       5"""

CHANGED = """\
refund_decision · gpt-small: another baseline
  failure rate 5.3 % (1 of 19 failed, 1 error) -> 34.5 % (10 of 29 failed, 1 error)
  differs in: prompt (refund_decision@v2 -> refund_decision@v3), scorers

invariants
  an invariant fails on 1 sample of what is accepted: a gate is violated each time one fails, until
  that is mended or waived
  sample   invariants
  ───────────────────
  rr-0004  no-pan

outcomes: 2 samples changed
  failure rate before 5.3 % (95 % interval 0.8 to 26.8 %; 1 of 19 failed, 1 error)
  failure rate after 34.5 % (95 % interval 5.6 to 82.5 %; 10 of 29 failed, 1 error)
  samples added: 2: rr-0004, rr-0005
  sample   failed before    after
  ───────────────────────────────────────────────
  rr-0001        0 of 10   9 of 9  worse
  rr-0002         1 of 9  0 of 10  better, edited

A/A check: do its sessions agree?
  z = 3.12 between its sessions: epochs inside one session agree more than epochs across sessions
  (cache, drift or sticky provider noise); epochs will not be counted as independent evidence

what a gate will find
  epochs   smallest rise found
  ────────────────────────────
       1  none up to 40 points
       3            2.0 points
       5            1.5 points

checks
  checks added: no-pan
  checks judging otherwise: equals

sessions
  in no clean commit: a gate can ask it again only while the workspace holds it
  reason: the new prompt is meant
  models: gpt-small-2026-09
  run                          recorded              epochs
  ─────────────────────────────────────────────────────────
  20261101-090000-refund-aa01  2026-11-01T09:00:00Z       5
  20261101-103000-refund-aa02  2026-11-01T10:30:00Z       5"""


def changed() -> Baseline:
    """A baseline of another prompt, with all that a person should notice."""
    return baseline(
        arm("rr-0001", "FFFFF", "FFFFE"),
        arm("rr-0002", "PPPPP", "PPPPP", content_hash="edited"),
        arm("rr-0004", "PPPPP", "PFPPP", invariants=("no-pan",)),
        arm("rr-0005", "FFFFF", "FFFFF", case_class="quarantined"),
        prompt="refund_decision@v3",
        identity=Identity(prompt="other", dataset=HASH, runner=HASH, scorers="other"),
        checks=(
            CheckIdentity(id="equals", severity="major", role="gating", digest="other"),
            CheckIdentity(id="no-pan", severity="critical", role="invariant", digest=HASH),
        ),
        commit="",
        reason="the new prompt is meant",
        shift=3.12,
        inference="cases",
    )


def test_a_comparison_shows_both_sides_and_no_verdict() -> None:
    """Rates, rise, samples, money: the reader judges."""
    assert shown(compare_view(compared())) == COMPARED


def test_nothing_to_compare_is_said() -> None:
    """No zero where nothing is known."""
    made = dataclasses.replace(compared(), hypotheses=(), flips=(), checks=(), money=(), usable=0)
    lines = shown(compare_view(made)).splitlines()
    assert lines[1] == "  difference not known: nothing can be compared"


def test_a_calibration_says_how_often_the_gate_is_wrong_and_what_it_sees() -> None:
    """False alarms with their interval, sensitivity by epochs, the promise."""
    assert shown(calibration_view(calibration())) == CALIBRATED


@pytest.mark.parametrize(
    ("changes", "third"),
    [
        ({"kept": False}, "the promise to find 5.0 points is NOT KEPT"),
        ({"promised": None, "kept": None}, "next: state must_detect in the suite"),
    ],
)
def test_a_calibration_says_whether_the_promise_is_kept(
    changes: dict[str, Any], third: str
) -> None:
    """In the third line: it is what to act on."""
    assert third in shown(calibration_view(calibration(**changes))).splitlines()[2]


def test_a_calibration_without_a_gate_claims_nothing() -> None:
    """Not zero false alarms."""
    made = calibration(invocations=0, alarms=0, low=0.0, high=1.0, sensitivity=())
    lines = shown(calibration_view(made)).splitlines()
    assert "false alarms n/a (0.0 to 100.0 %; 0 of 0 gates without a change)" in lines[0]
    assert "what it can see was not looked at" in lines[1]


def test_a_first_baseline_is_shown_with_what_fails_in_it() -> None:
    """Its rate, whether its sessions agree, what a gate will find with it."""
    assert shown(baseline_view(None, baseline())) == FIRST


def test_another_baseline_is_shown_as_what_it_changes() -> None:
    """Identity, rates, samples, checks; warnings where a person should think again."""
    assert shown(baseline_view(baseline(), changed())) == CHANGED


def test_the_same_content_is_said_to_be_the_same() -> None:
    """A new recording of the same version."""
    lines = shown(baseline_view(baseline(), baseline())).splitlines()
    assert lines[2] == "  differs in: nothing; prompt, dataset, runner and scorers are the same"
    assert "outcomes: 0 samples changed" in lines


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"deterministic": True, "shift": None}, "not needed: the runner is deterministic"),
        ({"shift": None, "sessions": ()}, "not possible with one session"),
    ],
)
def test_an_a_a_check_that_was_not_made_is_said(changes: dict[str, Any], said: str) -> None:
    """Silence would look like agreement."""
    assert said in shown(baseline_view(None, baseline(**changes)))


def test_an_edited_prompt_of_the_same_name_is_told() -> None:
    """The name alone would say that nothing changed."""
    edited = Identity(prompt="other", dataset="other", runner="other", scorers=HASH)
    lines = shown(baseline_view(baseline(), baseline(identity=edited))).splitlines()
    assert lines[2] == (
        "  differs in: prompt (refund_decision@v2, edited), dataset (refund_requests@v1, edited), "
        "runner"
    )


def test_a_sample_that_lost_its_outcome_is_told() -> None:
    """Errors are no passes."""
    lost = baseline(arm("rr-0001", "EEEEE", "EEEEE"), arm("rr-0002", "PPFPP", "PPPEP"))
    text = shown(baseline_view(baseline(), lost))
    assert "rr-0001        0 of 10  0 of 0  no outcome any more" in text
    back = shown(baseline_view(lost, baseline()))
    assert "rr-0001         0 of 0  0 of 10  no outcome before" in back


@settings(max_examples=25)  # a whole page each
@given(st.text(alphabet=st.characters(exclude_categories=[]), min_size=1, max_size=40))
def test_no_name_commands_the_terminal(text: str) -> None:
    """In none of the views; the first line is one line."""
    views = (
        compare_view(spoiled(compared(), text)),
        calibration_view(spoiled(calibration(), text)),
        baseline_view(spoiled(baseline(), text), spoiled(changed(), text)),
    )
    for view in views:
        made = shown(view)
        assert not set(made) & set("\x00\x07\x08\x1b\x9b\r\u202e\u2066\ud800")
        assert [line[:2] for line in made.splitlines()[1:3]] == ["  ", "  "]

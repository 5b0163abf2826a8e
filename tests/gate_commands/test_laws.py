"""Laws of what `accept`, `compare` and `calibrate` reckon: on made-up outcomes, without a file."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygrade.analysis.accepting import inferred, shift_of
from paygrade.analysis.calibrate import (
    Split,
    deal_of,
    false_alarms,
    first_epochs,
    split_of,
)
from paygrade.analysis.changes import flips
from paygrade.analysis.comparing import hinted
from paygrade.analysis.decide import Inquiry, decide, fresh_pairs
from paygrade.analysis.exposure import judged_money
from paygrade.analysis.pairing import pair
from paygrade.analysis.replay import Board, Deal
from paygrade.analysis.screen import Terms, chosen, screen
from paygrade.analysis.sensitivity import design_of
from paygrade.records.baseline import ArmSample
from paygrade.records.policy import GatePolicy
from paygrade.records.sample import Exposure, Sample
from paygrade.stats.case_test import case_test
from paygrade.stats.match import Arm as Drawn
from paygrade.stats.power import power, smallest_rise
from paygrade.stats.worlds import case_p_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.trial import Unit
    from paygrade.records.policy import Confirm

GATES_OWN = Split(baseline=10, candidate=3, fresh=5)


def arm_of(marks: Sequence[Sequence[str]], *, a_case: int = 1) -> Arm:
    """An arm of samples with these sessions; so many of them make a case."""
    return {
        f"s{place}": ArmSample(
            sample_id=f"s{place}",
            content_hash="",
            case=f"c{place // a_case}",
            case_class="statistical",
            sessions=tuple(sessions),
        )
        for place, sessions in enumerate(marks)
    }


def terms_of(
    arm: Arm, policy: GatePolicy | None = None, *, unit: Unit = "runs", slices: bool = True
) -> Terms:
    """Terms for an arm; every sample is in one of three values of a slice, and carries money."""
    samples = tuple(
        Sample(
            id=name,
            input=None,
            expected=None,
            case=each.case,
            slices={"x": (str(place % 3),)},
            exposure=Exposure(amount_minor=100 * place, currency="EUR"),
            content_hash="",
        )
        for place, (name, each) in enumerate(arm.items())
    )
    names = ("x",) if slices else ()
    return Terms(samples=samples, slices=names, policy=policy or GatePolicy(), unit=unit)


def honest(samples: int, sessions: Sequence[int], seed: int, *, sticky: float = 0.0) -> Arm:
    """Samples of which most never fail and some now and then; each attempt by itself.

    With a share of `sticky` an attempt does what its sample does in this session.
    """
    draw = random.Random(seed)
    rows = []
    for _ in range(samples):
        rate = draw.choice((0.0, 0.0, 0.0, 0.02, 0.2, 0.5))
        row = []
        for epochs in sessions:
            own = draw.random() < rate
            row.append(
                "".join(
                    "PF"[own if draw.random() < sticky else draw.random() < rate]
                    for _ in range(epochs)
                )
            )
        rows.append(row)
    return arm_of(rows)


@given(
    st.integers(4, 60),
    st.builds(
        Split, baseline=st.integers(2, 20), candidate=st.integers(1, 12), fresh=st.integers(1, 12)
    ),
    st.sampled_from(["both", "stored", "off"]),
)
def test_every_part_of_a_split_has_its_epochs(stored: int, wanted: Split, mode: Confirm) -> None:
    """Nothing is dealt twice, nobody gets nothing, and enough is what the gate itself has."""
    split = split_of(stored, wanted, mode)
    assert split.size(mode) <= stored
    assert 1 <= split.candidate <= wanted.candidate
    assert 1 <= split.fresh <= wanted.fresh
    assert (2 if mode == "stored" else 1) <= split.baseline <= wanted.baseline
    assert (split == wanted) is (wanted.size(mode) <= stored)


@pytest.mark.parametrize("stored", [0, 3])
def test_three_epochs_cannot_be_split(stored: int) -> None:
    """There would be no part left to confirm with."""
    with pytest.raises(ValueError, match="cannot be split"):
        split_of(stored, GATES_OWN, "both")


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=5).filter(lambda each: sum(each) >= 4),
    st.sampled_from(["both", "stored", "off"]),
    st.integers(0, 10**6),
)
def test_each_epoch_is_dealt_once(sessions: list[int], mode: Confirm, seed: int) -> None:
    """To one part alone; the baseline comes first, the confirmation last."""
    split = split_of(sum(sessions), GATES_OWN, mode)
    deal = deal_of(sessions, split, mode, random.Random(seed))
    parts = [*deal.before, *deal.after, *deal.again[0], *deal.again[1]]
    assert len(parts) == len(set(parts)) == split.size(mode)
    assert set(parts) <= set(range(sum(sessions)))
    assert len(deal.after) == split.candidate
    confirming = {"both": split.fresh, "stored": split.fresh, "off": 0}[mode]
    assert len(deal.again[1]) == confirming
    assert all(map(len, (deal.before, deal.after)))


def test_a_baseline_is_of_another_session_where_there_is_one() -> None:
    """As in life: what differs between sessions stands between baseline and candidate."""
    draw = random.Random(1)
    for _ in range(50):
        deal = deal_of((10, 13), GATES_OWN, "both", draw)
        groups = [{epoch >= 10 for epoch in part} for part in (deal.before, *deal.again)]
        assert groups[0].isdisjoint(groups[1])
        assert groups[1] == groups[2]


POLICIES = st.builds(
    GatePolicy,
    confirm=st.sampled_from(["both", "both", "stored", "off"]),
    tolerance=st.sampled_from([0.0, 0.0, 0.1]),
    margin=st.sampled_from([0.05, 0.3]),
    max_confirm_calls=st.sampled_from([None, None, 20]),
    money_limits=st.sampled_from([{}, {}, {"EUR": 20_000}, {"USD": 1}]),
    max_error_rate=st.sampled_from([0.05, 0.3]),
    min_slice=st.sampled_from([2, 5]),
)


@pytest.mark.real
@settings(max_examples=30)
@given(POLICIES, st.sampled_from(["runs", "runs", "cases"]), st.sampled_from([1, 1, 3]), st.data())
def test_a_replayed_verdict_is_the_gates_own(
    policy: GatePolicy, unit: Unit, a_case: int, data: st.DataObject
) -> None:
    """Played fast or as `screen` and `decide` do it for a report: one verdict."""
    seed = data.draw(st.integers(0, 10**6))
    draw = random.Random(seed)
    letters = draw.choice(("PF", "PPPF", "PPPPPPPPF", "PPPPFFE"))
    arm = arm_of(
        [["".join(draw.choices(letters, k=8)) for _ in range(2)] for _ in range(18)], a_case=a_case
    )
    terms = terms_of(arm, policy, unit=unit)
    split = split_of(16, Split(baseline=6, candidate=4, fresh=3), policy.confirm)
    for _ in range(4):
        deal = deal_of((8, 8), split, policy.confirm, draw)
        assert Board(arm, terms).verdict(deal, random.Random(5)) == _by_the_gate(arm, terms, deal)


def _by_the_gate(arm: Arm, terms: Terms, deal: Deal) -> str:
    """The same with the functions that a report is made with."""
    policy = terms.policy

    def dealt(epochs: Sequence[int]) -> Arm:
        rows = ["".join(each.sessions) for each in arm.values()]
        a_case = 1 if len({each.case for each in arm.values()}) == len(arm) else 3
        return arm_of([["".join(row[epoch] for epoch in epochs)] for row in rows], a_case=a_case)

    screened = screen(dealt(deal.before), dealt(deal.after), terms)
    if screened.pairing.problems:
        return "invalid"
    fresh = None
    if screened.suspicious and policy.confirm != "off":
        arms = 2 if policy.confirm == "both" else 1
        names = chosen(screened, arms, str(random.Random(5).random()))
        again = [{name: dealt(part)[name] for name in names} for part in deal.again]
        for each in again[2 - arms :]:
            marks = "".join(mark for one in each.values() for mark in one.sessions)
            if marks.count("E") > policy.max_error_rate * len(marks):
                return "invalid"
        fresh = fresh_pairs(screened, *again)
    inquiry = Inquiry(
        screened=screened, mode=policy.confirm, level=policy.alpha_confirm, fresh=fresh
    )
    [found] = decide([inquiry])
    if any(each.verdict == "regressed" for each in found):
        return "regressed"
    if any(each.exceeded for each in judged_money(screened, fresh)):
        return "regressed"
    if found[0].verdict in ("pass", "improved") and screened.pairing.more_errors:
        return "inconclusive"
    return found[0].verdict


@pytest.mark.real
@pytest.mark.parametrize("sessions", [(5, 5), (10, 13)])
def test_an_honest_arm_alarms_in_at_most_one_of_twenty(sessions: tuple[int, int]) -> None:
    """Thirty suites on which nothing changed, ten gates each."""
    split = split_of(sum(sessions), GATES_OWN, "both")
    alarms = sum(
        false_alarms(arm, terms_of(arm), split, 10, seed).regressed
        for seed in range(30)
        for arm in [honest(30, sessions, seed)]
    )
    assert alarms <= 15


def test_a_session_that_drifted_alarms_where_nothing_is_confirmed() -> None:
    """Dealt across sessions the drift would be averaged away, and the gate look better than it is.

    Asking both versions again, in one session, is what it takes.
    """
    rows = [["P" * 5, "F" * 5] if place < 6 else ["P" * 5, "P" * 5] for place in range(30)]
    arm = arm_of(rows)
    rates = {}
    modes: tuple[Confirm, ...] = ("both", "off")
    for mode in modes:
        terms = terms_of(arm, GatePolicy(confirm=mode), slices=False)
        split = split_of(10, GATES_OWN, mode)
        rates[mode] = false_alarms(arm, terms, split, 60, 3).regressed / 60
    assert rates["both"] <= 0.05
    assert rates["off"] >= 0.4


def test_sticky_epochs_are_seen() -> None:
    """What repeats itself inside a session is found in most suites, and hardly in honest ones."""
    sticky = [shift_of(honest(80, (5, 5), seed, sticky=0.8)) for seed in range(30)]
    independent = [shift_of(honest(80, (5, 5), seed)) for seed in range(30)]
    assert sum(inferred(each) == "cases" for each in sticky) >= 24
    assert sum(inferred(each) == "cases" for each in independent) <= 2


def test_quarantined_samples_are_not_asked_whether_sessions_agree() -> None:
    """They take no part in the gate."""
    arm = arm_of([["PPPPP", "FFFFF"]] * 8 + [["PPPPP", "PPPPF"]])
    assert inferred(shift_of(arm)) == "cases"
    aside = {name: replace(each, case_class="quarantined") for name, each in arm.items()}
    aside["s8"] = arm["s8"]
    assert inferred(shift_of(aside)) == "runs"


def test_one_session_cannot_be_compared_with_itself() -> None:
    """`None` is not zero: nothing was checked."""
    assert shift_of(arm_of([["PPPFF"]] * 4)) is None
    assert shift_of({}) is None
    assert inferred(None) == "runs"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(0, 40))
def test_the_first_epochs_are_the_first(sizes: list[int], count: int) -> None:
    """Session by session, as many as there are."""
    text = "".join("PF"[place % 2] for place in range(sum(sizes)))
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    row = [text[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    [kept] = first_epochs(arm_of([row]), count).values()
    assert "".join(kept.sessions) == text[:count]
    assert len(kept.sessions) == len(sizes)


def test_more_samples_and_more_epochs_see_no_less() -> None:
    """The smallest rise that is found does not grow with what is asked."""
    arm = honest(60, (5, 5), 4)
    policy = GatePolicy()

    def sees(epochs: int, times: int) -> float:
        design = design_of(arm.values(), policy, epochs, times=times)
        assert design
        return smallest_rise(design, seed=1, simulations=100) or 1.0

    by_samples = [sees(3, times) for times in (1, 2, 4)]
    by_epochs = [sees(epochs, 1) for epochs in (1, 3, 10)]
    for rises in (by_samples, by_epochs):
        assert all(more <= fewer for fewer, more in pairwise(rises))
    assert by_samples[-1] < by_samples[0]


def test_where_only_cases_count_a_suite_sees_less() -> None:
    """A power statement on epochs would promise what such a gate does not keep."""
    arm = honest(40, (5, 5), 4)

    def sees(unit: Unit) -> float:
        design = design_of(arm.values(), GatePolicy(), 3, unit=unit)
        assert design
        return power(design, 0.06, seed=1, simulations=150)

    assert sees("cases") < sees("runs") - 0.1


def test_simulated_cases_are_judged_by_the_case_test() -> None:
    """The array form says of every world what `case_test` says."""
    draw = np.random.default_rng(2)
    base = Drawn(failed=draw.integers(0, 4, (20, 6)), runs=np.array([3, 3, 6, 6, 3, 3]))
    cand = Drawn(failed=draw.integers(0, 3, (20, 6)), runs=np.full(6, 2))
    taking = draw.random((20, 6)) < 0.8
    case = np.array([0, 0, 1, 2, 3, 3])
    found = case_p_values(base, cand, taking, case)
    for world in range(20):
        moved = [0, 0, 0, 0]
        for place in range(6):
            if taking[world, place]:
                one = int(cand.failed[world, place]) * 3
                other = int(base.failed[world, place]) * (6 // int(base.runs[place]))
                moved[int(case[place])] += one - other
        assert found[world] == case_test(moved).more


def test_hints_are_rare_where_nothing_broke() -> None:
    """Two runs of one version: in at most one of ten comparisons anything is called broken."""
    wrong = 0
    for seed in range(100):
        arm = honest(60, (5, 5), seed)
        one, other = (
            {name: replace(each, sessions=(each.sessions[place],)) for name, each in arm.items()}
            for place in (0, 1)
        )
        pairing = pair(one, other, terms_of(arm).samples, GatePolicy())
        wrong += any(each.likely_broken for each in hinted(flips(pairing, None), pairing))
    assert wrong <= 10
